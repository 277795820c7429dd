"""The monthly self-audit: items that judge themselves from evidence, each with one next step."""
