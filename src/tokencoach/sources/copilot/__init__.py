"""GitHub Copilot: the command line and the chat of the editor."""
