"""What works, what does not, and the command that mends it."""
