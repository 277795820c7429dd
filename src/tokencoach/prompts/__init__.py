"""Prompts as code: what the person keeps typing, and what they saved of it."""
