"""Staged change -> questions about its AI-written lines -> answers -> record."""
