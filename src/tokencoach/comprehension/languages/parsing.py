"""From bytes to text and Python trees; which language a path is written in."""

from __future__ import annotations

import ast
import warnings
from typing import Final

_BOM: Final = "\ufeff"
_BY_SUFFIX: Final = {
    ".py": "python",
    ".pyw": "python",
    ".js": "javascript",
    ".jsx": "javascript",
    ".mjs": "javascript",
    ".cjs": "javascript",
    ".ts": "typescript",
    ".mts": "typescript",
    ".cts": "typescript",
    ".tsx": "tsx",
    ".go": "go",
    ".rs": "rust",
    ".java": "java",
    ".c": "c",
    ".h": "c",
    ".cc": "cpp",
    ".cpp": "cpp",
    ".cxx": "cpp",
    ".hh": "cpp",
    ".hpp": "cpp",
    ".hxx": "cpp",
    ".rb": "ruby",
}


def language_of(path: str) -> str | None:
    """The language of a file by its name; None where no questions are asked about it."""
    name = path.rpartition("/")[2]
    dot = name.rfind(".")
    return _BY_SUFFIX.get(name[dot:].lower()) if dot > 0 else None


def text_of(content: bytes) -> str | None:
    """Content as text with plain newlines; None where it is no text, or its lines cannot be told apart."""
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return None
    text = text.removeprefix(_BOM).replace("\r\n", "\n")
    # git ends lines at newlines only; a parser would also end them here, and the numbers would differ.
    return None if "\0" in text or "\r" in text else text


def parsed(text: str) -> ast.Module | None:
    """The Python tree of a text; None where this Python does not understand it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
