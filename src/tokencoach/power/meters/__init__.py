"""One file a kind of meter."""
