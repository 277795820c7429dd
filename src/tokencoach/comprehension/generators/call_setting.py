"""What a test did before a call, for calls that rest on objects which no literal shows."""

from __future__ import annotations

import ast
import textwrap
from typing import TYPE_CHECKING, Final

from tokencoach.comprehension.languages.parsing import parsed, text_of
from tokencoach.comprehension.reach import first_line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tokencoach.comprehension.generators.base import Context, PythonFunction
    from tokencoach.comprehension.recordings import RecordedCall, Shown

_MOST_LINES: Final = 9
_MOST_VALUES, _MOST_VALUE, _MOST_TEXT = 8, 120, 320
_OWN: Final = frozenset({"self", "cls"})


def given(
    call: RecordedCall, node: PythonFunction, around: PythonFunction | None, context: Context
) -> tuple[str, ...] | None:
    """The call's input in lines; None where it rests on what is not shown, or is too much to take in.

    What is as by default is left out. ``around`` is the function that the called one is defined in.
    """
    own = call.args[0].name if call.args and call.args[0].name in _OWN else None
    defaults = _defaults(node)
    values = [item for item in call.args if item.name != own and defaults.get(item.name) != item.text]
    if not _is_readable([*values, *call.state, *call.free]):
        return None
    lines = [f"  {item.name} = {item.text}" for item in values]
    lines += [f"  {own}.{item.name} = {item.text}" for item in call.state if not item.is_missing]
    lines += [f"  {item.name} = {item.text} (of the function around it)" for item in call.free]
    if len(values) < len(call.args) - (own is not None):
        lines.append("  and all else as by default")
    is_told = all(item.is_told for item in (*values, *call.state))
    free = {item.name for item in call.free if item.is_told}
    if around is not None and not _borrowed(node, around) <= free:
        return None
    itself = next((item for item in call.args if item.name == own and item.is_told), None)
    if is_told and itself is not None:
        rest = [line for line in lines if not line.startswith(f"  {own}.")]
        return (f"  {own} = {itself.text}", *rest)
    if is_told and (own is None or not _leans_on(node, own, {item.name for item in call.state})):
        return tuple(lines)
    before = setting(call, context)
    return None if before is None else (*before, *lines)


def _borrowed(node: PythonFunction, around: PythonFunction) -> set[str]:
    """Names of the function around that one defined in it reads."""
    bound = {item.arg for item in ast.walk(around) if isinstance(item, ast.arg)}
    bound |= {
        item.id for item in ast.walk(around) if isinstance(item, ast.Name) and isinstance(item.ctx, ast.Store)
    }
    own = {item.arg for item in ast.walk(node) if isinstance(item, ast.arg)}
    own |= {
        item.id for item in ast.walk(node) if isinstance(item, ast.Name) and isinstance(item.ctx, ast.Store)
    }
    return {
        item.id
        for item in ast.walk(node)
        if isinstance(item, ast.Name) and item.id in bound - own and isinstance(item.ctx, ast.Load)
    }


def _is_readable(values: list[Shown]) -> bool:
    """Whether a person can take in what the call was given."""
    return (
        len(values) <= _MOST_VALUES
        and sum(len(item.text) for item in values) <= _MOST_TEXT
        and not any(item.is_exact and (len(item.text) > _MOST_VALUE or "\\x" in item.text) for item in values)
    )


def _defaults(node: PythonFunction) -> dict[str, str]:
    """Parameters whose default is a literal, as text; packs of further arguments are empty."""
    plain = [*node.args.posonlyargs, *node.args.args]
    pairs = list(zip(reversed(plain), reversed(node.args.defaults), strict=False))
    pairs += [
        (item, value)
        for item, value in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
        if value is not None
    ]
    found = {item.arg: ast.unparse(value) for item, value in pairs}
    if node.args.vararg is not None:
        found[node.args.vararg.arg] = "()"
    if node.args.kwarg is not None:
        found[node.args.kwarg.arg] = "{}"
    return found


def _leans_on(node: PythonFunction, own: str, shown: set[str]) -> bool:
    """Whether a method uses its object for more than the attributes that are shown."""
    plain = {
        item.value
        for item in ast.walk(node)
        if isinstance(item, ast.Attribute) and (item.attr in shown or not isinstance(item.ctx, ast.Load))
    }
    return any(isinstance(item, ast.Name) and item.id == own and item not in plain for item in ast.walk(node))


def setting(call: RecordedCall, context: Context) -> tuple[str, ...] | None:
    """The statements of the test before the call and the call itself, without what the test expects.

    None where the call is not written in the test itself, or there is more to read than is fair.
    """
    if call.at is None or context.repository is None:
        return None
    path, line = call.at
    content = context.repository.text(path)
    text = text_of(content) if content is not None else None
    tree = parsed(text) if text is not None else None
    if text is None or tree is None or not call.test.startswith(path):
        return None
    test = _around(tree, line, call.test)
    if test is None:
        return None
    lines = text.split("\n")
    statements = list(_before(test, line))
    if not statements or any(isinstance(node, ast.With | ast.Try | ast.For) for node in statements[:-1]):
        return None
    shown = [part for node in statements[:-1] for part in _text(lines, node)]
    own = _call(statements[-1], line, text)
    if own is None or len(shown) + own.count("\n") + 1 > _MOST_LINES:
        return None
    return tuple(f"  {part}" for part in [*shown, *own.split("\n")])


def _around(tree: ast.Module, line: int, test: str) -> PythonFunction | None:
    name = test.rpartition("::")[2].partition("[")[0]
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            and node.name == name
            and node.lineno <= line <= (node.end_lineno or 0)
        ):
            return node
    return None


def _before(test: PythonFunction, line: int) -> Iterator[ast.stmt]:
    """Statements of the test up to that which holds the line; what was only asserted before is left out."""
    for node in test.body:
        if node.lineno > line:
            return
        is_own = node.lineno <= line <= (node.end_lineno or node.lineno)
        is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if is_own or not (isinstance(node, ast.Assert) or is_text):
            yield node


def _text(lines: list[str], node: ast.stmt) -> list[str]:
    first = first_line(node) if isinstance(node, ast.FunctionDef | ast.ClassDef) else node.lineno
    return textwrap.dedent("\n".join(lines[first - 1 : node.end_lineno])).split("\n")


def _call(node: ast.stmt, line: int, text: str) -> str | None:
    """The one outermost call on the line: all of its statement that tells nothing of the result."""
    calls = [
        item
        for item in ast.walk(node)
        if isinstance(item, ast.Call) and item.lineno <= line <= (item.end_lineno or item.lineno)
    ]
    if isinstance(node, ast.With | ast.AsyncWith):
        calls = [
            item for item in calls if not any(item in ast.walk(head.context_expr) for head in node.items)
        ]
    inner = {other for item in calls for other in ast.walk(item) if other is not item}
    outer = [item for item in calls if item not in inner]
    return ast.get_source_segment(text, outer[0]) if len(outer) == 1 else None
