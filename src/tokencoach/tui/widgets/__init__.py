"""Widgets of our own, one a file."""
