"""What a recorded test's own text says of a call: its statements before, the functions it hands over."""

from __future__ import annotations

import ast
import textwrap
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.comprehension.generators.scene_call import (
    LOOPS,
    SCOPES,
    WITHS,
    innermost,
    is_expectation,
    named_values,
    outermost_call,
    parameters,
)
from tokencoach.comprehension.languages.parsing import parsed, text_of
from tokencoach.comprehension.reach import first_line

if TYPE_CHECKING:
    from tokencoach.comprehension.generators.base import Context, PythonFunction
    from tokencoach.comprehension.recordings import RecordedCall

_MOST_LINES: Final = 9
_MOST_OF_ONE: Final = 8
_OF_PYTEST: Final = frozenset(
    {
        "self",
        "cls",
        "tmp_path",
        "tmpdir",
        "tmp_path_factory",
        "monkeypatch",
        "capsys",
        "caplog",
        "capfd",
        "recwarn",
    }
)
_STAGING: Final = ("patch", "mock")
_FUNCTIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef)


class Scene(NamedTuple):
    """The file of a test: its text, its tree, and the test's own function where it can be told."""

    text: str
    tree: ast.Module
    test: PythonFunction | None

    @property
    def lines(self) -> list[str]:
        """Its lines."""
        return self.text.split("\n")


def scene_of(call: RecordedCall, context: Context) -> Scene | None:
    """The file that holds the test of a call; None where it cannot be read."""
    path = call.test.partition("::")[0]
    content = context.repository.text(path) if context.repository is not None and path else None
    text = text_of(content) if content is not None else None
    tree = _tree(text) if text is not None else None
    if text is None or tree is None:
        return None
    is_here = call.at is not None and call.at[0] == path
    return Scene(text, tree, _around(tree, call.at[1] if call.at and is_here else None, call.test))


@lru_cache(maxsize=4)
def _tree(text: str) -> ast.Module | None:
    """The tree of a test's file: many calls come from one."""
    return parsed(text)


def _around(tree: ast.Module, line: int | None, test: str) -> PythonFunction | None:
    name = test.rpartition("::")[2].partition("[")[0]
    found = [node for node in ast.walk(tree) if isinstance(node, _FUNCTIONS) and node.name == name]
    if line is None:
        return found[0] if len(found) == 1 else None
    return next((node for node in found if node.lineno <= line <= (node.end_lineno or 0)), None)


def definition(name: str, scene: Scene) -> tuple[str, ...] | None:
    """The lines by which a test's file defines a function or class; empty where it comes from elsewhere.

    None where there is too much of it to show, or several go by that name.
    """
    everywhere = [node for node in ast.walk(scene.tree) if isinstance(node, SCOPES) and node.name == name]
    inside = set(ast.walk(scene.test)) if scene.test is not None else set()
    near = [node for node in everywhere if node in inside] or [
        node for node in everywhere if node in scene.tree.body
    ]
    if not everywhere:
        return ()
    if len(near) != 1:
        return None
    shown = _text(scene.lines, near[0])
    return tuple(f"  {line}" for line in shown) if len(shown) <= _MOST_OF_ONE else None


def fixtures_of(scene: Scene | None) -> set[str]:
    """What a test is given by fixtures of its project: neither by pytest's own nor by a table of parameters."""
    if scene is None or scene.test is None:
        return set()
    given = {item.arg for item in ast.walk(scene.test.args) if isinstance(item, ast.arg)}
    return given - parameters(scene.test) - _OF_PYTEST


def is_staged(scene: Scene | None) -> bool:
    """Whether a test puts something else in the place of what the code would meet, so that its values do not say all."""
    if scene is None or scene.test is None:
        return False
    parts = [part for node in (scene.test, *scene.test.decorator_list) for part in ast.walk(node)]
    names = [
        getattr(part, "id", None) or getattr(part, "attr", None) or getattr(part, "arg", None) or ""
        for part in parts
        if isinstance(part, ast.Name | ast.Attribute | ast.arg)
    ]
    return any(word in name.lower() for name in names for word in _STAGING)


def setting(call: RecordedCall, scene: Scene | None) -> tuple[str, ...] | None:
    """The statements of the test before the call and the call itself, without what the test expects.

    None where the call is not written in the test itself, rests on names whose values are not shown, or
    there is more to read than is fair.
    """
    if call.at is None or scene is None or scene.test is None or not call.test.startswith(call.at[0]):
        return None
    line = call.at[1]
    until = [node for node in scene.test.body if node.lineno <= line]
    statements = [node for node in until if not is_expectation(node, line)]
    plain = innermost(statements[-1], line) if statements else None
    own = outermost_call(plain.node, line) if plain is not None else None
    if plain is None or own is None:
        return None
    # What ran in earlier turns of a loop is not seen: there all values must be.
    before = [] if plain.is_repeated else statements[:-1]
    if any(isinstance(node, (*WITHS, *LOOPS, ast.Try)) for node in before):
        return None
    values = {item.name: item.text for item in call.around}
    names = named_values(scene.test, [*before, *plain.heads], own, values)
    if names is None:
        return None
    heads = [f"with {', '.join(ast.unparse(item) for item in head.items)}:" for head in plain.heads]
    called = textwrap.indent(ast.get_source_segment(scene.text, own) or "", "    " * len(heads))
    shown = [*names, *(part for node in before for part in _text(scene.lines, node))]
    shown += [*(("    " * depth) + head for depth, head in enumerate(heads)), *called.split("\n")]
    return tuple(f"  {part}" for part in shown) if len(shown) <= _MOST_LINES else None


def _text(lines: list[str], node: ast.stmt) -> list[str]:
    first = first_line(node) if isinstance(node, SCOPES) else node.lineno
    return textwrap.dedent("\n".join(lines[first - 1 : node.end_lineno])).split("\n")
