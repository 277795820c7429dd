"""The nouns of AI use: tokens, facts read from logs, verdict words, prices."""
