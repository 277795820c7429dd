"""Codex CLI: one rollout file a thread, one JSON object a line."""

from tokencoach.sources.codex.source import Codex

__all__ = ["Codex"]
