"""Comprehension checks: what was asked, what was answered, what is remembered and what is owed."""
