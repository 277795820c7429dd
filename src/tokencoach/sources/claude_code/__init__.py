"""Claude Code: one JSON object a line, under ``projects`` of its configuration folder."""

from tokencoach.sources.claude_code.source import ClaudeCode

__all__ = ["ClaudeCode"]
