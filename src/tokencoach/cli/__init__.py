"""One file per verb: text, JSON, exit codes."""
