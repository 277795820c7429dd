"""One file a detector: a function from what happened to what it cost, or to why nothing can be said."""
