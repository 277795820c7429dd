"""Which names the functions of a file call, and which they so much as speak of."""

from __future__ import annotations

import ast
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from tokencoach.comprehension.generators.base import python_functions
from tokencoach.comprehension.languages.parsing import parsed, text_of
from tokencoach.comprehension.languages.python_names import own_nodes

if TYPE_CHECKING:
    from tokencoach.comprehension.languages.python_names import PythonFunction


class Spoken(NamedTuple):
    """A function, the last names of what it calls, and every name and word of a text in it."""

    qualname: str
    calls: frozenset[str]
    words: frozenset[str]


@lru_cache(maxsize=64)
def spoken_in(content: bytes, language: str) -> tuple[Spoken, ...]:
    """Each function of a file, in the order of their names; none where the file is not understood."""
    text = text_of(content)
    if text is not None and language != "python":
        from tokencoach.comprehension.languages.syntax import spoken  # noqa: PLC0415 - a grammar is loaded late

        return tuple(Spoken(*one) for one in sorted(spoken(text, language)))
    tree = parsed(text) if text is not None else None
    if tree is None:
        return ()
    return tuple(
        Spoken(qualname, *_spoken(node)) for qualname, node in sorted(python_functions(tree).items())
    )


def _spoken(node: PythonFunction) -> tuple[frozenset[str], frozenset[str]]:
    called: set[str] = set()
    for part in own_nodes(node):
        if isinstance(part, ast.Call):
            if isinstance(part.func, ast.Name):
                called.add(part.func.id)
            elif isinstance(part.func, ast.Attribute):
                called.add(part.func.attr)
                if isinstance(part.func.value, ast.Name) and part.func.value.id == "self":
                    called.add(f"self.{part.func.attr}")
    words: set[str] = set()
    for part in ast.walk(node):
        if isinstance(part, ast.Name):
            words.add(part.id)
        elif isinstance(part, ast.Attribute):
            words.add(part.attr)
        elif isinstance(part, ast.Constant) and isinstance(part.value, str):
            words.update(part.value.replace(".", " ").split())
    return frozenset(called), frozenset(words | called)
