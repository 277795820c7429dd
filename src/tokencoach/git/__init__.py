"""The only place that runs git: history, identity, refs."""
