"""Functions and flows of languages other than Python, read by tree-sitter where its grammar is installed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tokencoach.comprehension.flow import Flow
    from tokencoach.comprehension.functions import Span


def spans(text: str, language: str) -> Iterator[Span]:
    """Functions of a text."""
    raise NotImplementedError


def syntax_flow(text: str, language: str, qualname: str) -> Flow | None:
    """The flow of one function."""
    raise NotImplementedError
