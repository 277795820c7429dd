"""Pieces of Python code worked out on supposed values: nothing of a project is run."""
