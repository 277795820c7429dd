"""Gemini CLI, and what its kin share with it."""
