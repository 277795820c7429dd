"""What a recorded test's own text says of a call: its statements before, the functions it hands over."""

from __future__ import annotations

import ast
import textwrap
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.comprehension.languages.parsing import parsed, text_of
from tokencoach.comprehension.reach import first_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tokencoach.comprehension.generators.base import Context, PythonFunction
    from tokencoach.comprehension.recordings import RecordedCall

_MOST_LINES: Final = 9
_MOST_OF_ONE: Final = 5
_FUNCTIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef)
_SCOPES: Final = (*_FUNCTIONS, ast.ClassDef)
_WITHS: Final = (ast.With, ast.AsyncWith)
_LOOPS: Final = (ast.For, ast.AsyncFor, ast.While)
_EXPECTING: Final = frozenset({"expect", "raises", "warns", "subTest", "deprecated_call", "does_not_raise"})


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
    everywhere = [node for node in ast.walk(scene.tree) if isinstance(node, _SCOPES) and node.name == name]
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


def setting(call: RecordedCall, scene: Scene | None) -> tuple[str, ...] | None:
    """The statements of the test before the call and the call itself, without what the test expects.

    None where the call is not written in the test itself, rests on names whose values are not shown, or
    there is more to read than is fair.
    """
    if call.at is None or scene is None or scene.test is None or not call.test.startswith(call.at[0]):
        return None
    line = call.at[1]
    statements = [node for node in _before(scene.test, line) if not _is_expectation(node, line)]
    plain = _innermost(statements[-1], line) if statements else None
    own = _call(plain.node, line) if plain is not None else None
    if plain is None or own is None:
        return None
    # What ran in earlier turns of a loop is not seen: there all values must be.
    before = [] if plain.is_repeated else statements[:-1]
    if any(isinstance(node, (*_WITHS, *_LOOPS, ast.Try)) for node in before):
        return None
    names = _named(scene.test, [*before, *plain.heads], own, {item.name: item.text for item in call.around})
    if names is None:
        return None
    heads = [f"with {', '.join(ast.unparse(item) for item in head.items)}:" for head in plain.heads]
    called = textwrap.indent(ast.get_source_segment(scene.text, own) or "", "    " * len(heads))
    shown = [*names, *(part for node in before for part in _text(scene.lines, node))]
    shown += [*(("    " * depth) + head for depth, head in enumerate(heads)), *called.split("\n")]
    return tuple(f"  {part}" for part in shown) if len(shown) <= _MOST_LINES else None


def _before(test: PythonFunction, line: int) -> Iterator[ast.stmt]:
    """Statements of the test up to that which holds the line."""
    for node in test.body:
        if node.lineno > line:
            return
        yield node


def _is_expectation(node: ast.stmt, line: int) -> bool:
    """Whether a statement that does not hold the line only says what the test wants, or is a text."""
    if node.lineno <= line <= (node.end_lineno or node.lineno):
        return False
    is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return is_text or isinstance(node, ast.Assert) or (isinstance(node, ast.Expr) and _asserts(node.value))


def _asserts(node: ast.expr) -> bool:
    """Whether it is a call by which a test says what it wants: ``self.assertEqual(…)``."""
    if not isinstance(node, ast.Call):
        return False
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    return name.startswith("assert") or name in _EXPECTING


class _Plain(NamedTuple):
    """A statement without statements in it, the ``with`` around it that do more than expect, whether in a loop."""

    heads: list[ast.With | ast.AsyncWith]
    node: ast.stmt
    is_repeated: bool


def _innermost(node: ast.stmt, line: int) -> _Plain | None:
    """The plain statement that holds the line; None in a branch, and where something runs before it in a block."""
    heads: list[ast.With | ast.AsyncWith] = []
    is_repeated = False
    while isinstance(node, (*_WITHS, *_LOOPS)):
        inner = [item for item in node.body if item.lineno <= line and not _is_expectation(item, line)]
        if len(inner) != 1 or line > (inner[0].end_lineno or 0):
            return None
        if isinstance(node, _LOOPS):
            is_repeated = True
        elif not all(_asserts(item.context_expr) for item in node.items):
            heads.append(node)
        node = inner[0]
    is_plain = not isinstance(node, (*_SCOPES, ast.If, ast.Try, ast.Match))
    return _Plain(heads, node, is_repeated) if is_plain and not (heads and is_repeated) else None


def _call(node: ast.stmt, line: int) -> ast.Call | None:
    """The one outermost call on the line: all of its statement that tells nothing of the result."""
    calls = [
        item
        for item in ast.walk(node)
        if isinstance(item, ast.Call)
        and item.lineno <= line <= (item.end_lineno or item.lineno)
        and not _asserts(item)
    ]
    inner = {other for item in calls for other in ast.walk(item) if other is not item}
    outer = [item for item in calls if item not in inner]
    return outer[0] if len(outer) == 1 else None


def _named(
    test: PythonFunction, before: list[ast.AST], own: ast.Call, values: Mapping[str, str]
) -> list[str] | None:
    """Lines for names of the test that what is shown reads and does not set; None where their values are not known.

    What a fixture gives goes by its name: nothing of it is hidden.
    """
    parts = [
        part
        for node in before
        for piece in (node.items if isinstance(node, _WITHS) else [node])
        for part in ast.walk(piece)
    ]
    inside = list(ast.walk(own))
    bound = _set_names([*parts, *inside])
    bound |= {part.name for part in parts if isinstance(part, _SCOPES)}
    bound |= {part.arg for part in [*parts, *inside] if isinstance(part, ast.arg)}
    read = dict.fromkeys(part.id for part in [*inside, *parts] if isinstance(part, ast.Name))
    of_test = _set_names(ast.walk(test)) | _parameters(test)
    fixtures = {item.arg for item in ast.walk(test.args) if isinstance(item, ast.arg)} - of_test
    found = []
    for name in read:
        if name in bound or name not in of_test | fixtures:
            continue
        text = values.get(name)
        earlier = any(isinstance(part, ast.Name) and part.id == name for part in parts)
        # What was changed in place since is not what it was before these statements.
        if text is None or (earlier and text[0] in "[{"):
            if name in fixtures and text is None:
                continue
            return None
        found.append(f"{name} = {text}")
    return found


def _set_names(parts: Iterable[ast.AST]) -> set[str]:
    return {part.id for part in parts if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)}


def _parameters(test: PythonFunction) -> set[str]:
    """Names that a decorator of a test gives values to."""
    texts = (
        str(part.value)
        for call in test.decorator_list
        if isinstance(call, ast.Call) and call.args
        for part in ast.walk(call.args[0])
        if isinstance(part, ast.Constant)
    )
    return {name.strip() for text in texts for name in text.split(",")}


def _text(lines: list[str], node: ast.stmt) -> list[str]:
    first = first_line(node) if isinstance(node, (ast.FunctionDef, ast.ClassDef)) else node.lineno
    return textwrap.dedent("\n".join(lines[first - 1 : node.end_lineno])).split("\n")
