"""The nouns of what is about to be committed: files, and the functions in them that change."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Author(StrEnum):
    """Who wrote the informative changed lines of a function: 60 % is AI, from 20 % mixed."""

    AI = "ai"
    MIXED = "mixed"
    HUMAN = "human"


class Skip(StrEnum):
    """Why nothing is asked about a file or function."""

    TEST = "test"
    DOCS = "docs"
    CONFIG = "config"
    GENERATED = "generated"
    VENDORED = "vendored"
    LOCK_FILE = "lock file"
    MIGRATION = "migration"
    RENAMED = "renamed only"
    FORMATTING = "formatting only"
    BINARY = "binary"
    LINK = "symbolic link"
    SUBMODULE = "submodule"
    TOO_LARGE = "too large"
    UNREADABLE = "syntax not understood"
    LANGUAGE = "no questions for this language"
    HUMAN = "no line of an assistant"
    FEW_LINES = "fewer than three informative lines of an assistant"


class ChangedFile(msgspec.Struct, frozen=True):
    """A file of a change, read from git's objects and never from the work tree.

    ``blob`` and ``old_blob`` are object ids in hex; ``added`` holds the 1-based lines of ``new``
    that the change adds, ``ai`` those of them that an assistant wrote.
    """

    path: str
    blob: str
    new: bytes
    added: frozenset[int]
    old_path: str | None = None
    old_blob: str | None = None
    old: bytes | None = None
    ai: frozenset[int] = frozenset()
    skip: Skip | None = None


class ChangedFunction(msgspec.Struct, frozen=True):
    """A function or method that a change touches.

    ``first`` and ``last`` are 1-based and include decorators; ``changed`` and ``ai`` are lines in
    that span. ``body_hash`` (hex) ignores formatting and comments, so that a card of the same body
    stays valid. ``score`` is the rank by which functions are chosen.
    """

    path: str
    blob: str
    qualname: str
    language: str
    first: int
    last: int
    changed: frozenset[int]
    ai: frozenset[int]
    author: Author
    body_hash: str
    complexity: int = 1
    risks: frozenset[str] = frozenset()
    score: float = 0.0
    skip: Skip | None = None
