"""The question screen: code beside a question, over a git hook's terminal or inside the app."""
