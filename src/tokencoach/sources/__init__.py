"""One file per assistant: where its logs are, and bytes into facts."""
