"""OpenCode: its databases, its older files and its exports."""
