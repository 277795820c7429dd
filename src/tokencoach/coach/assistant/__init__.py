"""What an assistant's own screen shows of the coach: its status line, and nudges by its hooks."""
