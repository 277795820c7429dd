"""Trees of languages other than Python, by grammars that are installed one by one; an absent one is no error."""

from __future__ import annotations

import importlib
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tree_sitter import Node, Parser, Tree

_MODULES: Final = {
    "javascript": ("tree_sitter_javascript", "language"),
    "typescript": ("tree_sitter_typescript", "language_typescript"),
    "tsx": ("tree_sitter_typescript", "language_tsx"),
    "go": ("tree_sitter_go", "language"),
    "rust": ("tree_sitter_rust", "language"),
    "java": ("tree_sitter_java", "language"),
    "c": ("tree_sitter_c", "language"),
    "cpp": ("tree_sitter_cpp", "language"),
    "ruby": ("tree_sitter_ruby", "language"),
}
_CPP: Final = re.compile(
    r"^\s*(?:template\s*<|class\s+\w+|namespace\s+\w|using\s+\w|public:|private:)|std::", re.MULTILINE
)


def is_installed(language: str) -> bool:
    """Whether the language's grammar is there."""
    return _parser(language) is not None


@lru_cache(maxsize=16)
def root_of(text: str, language: str) -> Node | None:
    """The root of a text's tree; None where the grammar is not installed."""
    if language == "c" and _CPP.search(text):
        # A header's name does not say which of the two it is.
        language = "cpp"
    parser = _parser(language)
    if parser is None:
        return None
    tree: Tree = parser.parse(text.encode())
    return tree.root_node


@lru_cache(maxsize=16)
def _parser(language: str) -> Parser | None:
    if language not in _MODULES:
        return None
    module, name = _MODULES[language]
    try:
        from tree_sitter import Language, Parser  # noqa: PLC0415 - an extra, and loaded late

        return Parser(Language(getattr(importlib.import_module(module), name)()))
    except (ImportError, AttributeError, OSError, ValueError, TypeError):
        return None


def line_of(node: Node) -> int:
    """The line where a node begins, from 1."""
    return int(node.start_point[0]) + 1


def last_of(node: Node) -> int:
    """The line where a node ends, from 1."""
    return int(node.end_point[0]) + 1


def text_of_node(node: Node) -> str:
    """The node's own text on one line."""
    return " ".join((node.text or b"").decode("utf-8", "replace").split())
