"""The git hook: when it asks, when it stays silent, and how it is put in place and taken away."""
