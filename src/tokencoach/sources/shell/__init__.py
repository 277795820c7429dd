"""What a shell command does: its words, its parts, and the lines it writes."""
