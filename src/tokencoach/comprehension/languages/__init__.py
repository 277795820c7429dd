"""Programming languages: their functions, and the flow of control in them as ``flow`` tells it."""
