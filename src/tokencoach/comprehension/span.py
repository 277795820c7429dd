"""Where a function stands in a file."""

from __future__ import annotations

import msgspec


class Span(msgspec.Struct, frozen=True):
    """A function as a language's parser finds it.

    ``own`` are its lines without those of functions in it, ``words`` those of its comments or
    docstring; ``shape`` is equal for code that only looks different.
    """

    qualname: str
    first: int
    last: int
    own: frozenset[int]
    words: frozenset[int]
    complexity: int
    shape: str
