"""Local inference servers: found by their process, confirmed by their answer, never asked for a prompt."""
