"""Seeded identifiers in the shapes that the assistants use."""

from __future__ import annotations

import random
import uuid

_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789"


class Identifiers:
    """A seeded stream of identifiers: the same seed gives the same ones."""

    def __init__(self, seed: str) -> None:
        self.random = random.Random(seed)  # noqa: S311 - repeatable on purpose, no secret

    def uuid4(self) -> str:
        """A random UUID, as Claude Code names sessions and records."""
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    def uuid7(self, at_ms: int) -> str:
        """A UUID that begins with a time in UTC milliseconds, as Codex names sessions."""
        tail = self.random.getrandbits(80)
        # 48 bits of time first, then version and variant where RFC 9562 puts them.
        number = (at_ms << 80 | tail) & ~(0xF << 76) & ~(0x3 << 62)
        return str(uuid.UUID(int=number | 0x7 << 76 | 0x2 << 62))

    def short(self, prefix: str, length: int = 22) -> str:
        """A prefix and random letters: ``msg_01…``, ``toolu_01…``, ``call_…``."""
        return prefix + "".join(self.random.choices(_LETTERS, k=length))

    def hexadecimal(self, length: int) -> str:
        """Lower-case hexadecimal digits, as sub-agents are named."""
        return "".join(self.random.choices("0123456789abcdef", k=length))
