"""Aider: a Markdown history beside the code, and an analytics log."""
