"""What a recorded call was given, in lines that a person can take in."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Final

from tokencoach.comprehension.generators.recorded_facts import is_lasting
from tokencoach.comprehension.generators.scene import definition, fixtures_of, is_staged, scene_of, setting
from tokencoach.comprehension.recordings import Shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tokencoach.comprehension.generators.base import Context, PythonFunction
    from tokencoach.comprehension.generators.scene import Scene
    from tokencoach.comprehension.recordings import RecordedCall

_MOST_DEFINED: Final = 10
_MOST_VALUES, _MOST_VALUE, _MOST_TEXT = 8, 120, 320
_NAMED: Final = re.compile(r"<(?:function|class) (\w+)>")
_CALLED: Final = re.compile(r"(?<![\w.])([A-Za-z_]\w*)\(")
_ROOT: Final = re.compile(r"[.\[]")
_OWN: Final = frozenset({"self", "cls"})
_MAKING: Final = frozenset({"__init__", "__new__", "__call__", "__post_init__"})


def given(
    call: RecordedCall, node: PythonFunction, around: PythonFunction | None, context: Context
) -> tuple[str, ...] | None:
    """The call's input in lines; None where it rests on what is not shown, or is too much to take in.

    What is as by default is left out. ``around`` is the function that the called one is defined in.
    """
    own = call.args[0].name if call.args and call.args[0].name in _OWN else None
    defaults = _defaults(node)
    values = [item for item in call.args if item.name != own and defaults.get(item.name) != item.text]
    is_short = len(values) == len(call.args) - (own is not None)
    values = [part for item in values for part in _in_parts(item, call)]
    free_now = [item for item in call.free if not item.name.startswith("__")]
    in_parts = _in_parts(Shown(own, "", is_exact=False), call) if own is not None else []
    state = [Shown(f"{own}.{item.name}", item.text, item.is_exact) for item in call.state]
    if in_parts and in_parts[0].text and not all(item.is_told for item in state):
        state = in_parts
    if not _is_readable([*values, *state, *free_now]):
        return None
    lines = [f"  {item.name} = {item.text}" for item in values if item.is_told]
    lines += [f"  {item.name} = {item.text}" for item in state if item.is_told and not item.is_missing]
    lines += [f"  {item.name} = {item.text} (of the function around it)" for item in free_now]
    if not is_short:
        lines.append("  and all else as by default")
    scene = scene_of(call, context)
    # What lies in a folder of the test is told by its statements only.
    is_told = all(item.is_told and is_lasting(item.text) for item in (*values, *state)) and not is_staged(
        scene
    )
    free = {item.name for item in call.free if item.is_told}
    if around is not None and not _borrowed(node, around) <= free:
        return None
    named = sorted(
        {name for item in (*values, *call.state, *call.free) for name in _NAMED.findall(item.text)}
    )
    itself = next((item for item in call.args if item.name == own and item.is_told), None)
    if is_told and itself is not None:
        rest = [line for line in lines if not line.startswith(f"  {own}.")]
        return _with(named, call, context, (f"  {own} = {itself.text}", *rest))
    leans = (
        own is not None and state is not in_parts and _leans_on(node, own, {item.name for item in call.state})
    )
    if is_told and not leans:
        return _with(named, call, context, tuple(lines))
    return _by_statements(call, scene, node, context, named, lines)


def _by_statements(
    call: RecordedCall,
    scene: Scene | None,
    node: PythonFunction,
    context: Context,
    named: Sequence[str],
    lines: Sequence[str],
) -> tuple[str, ...] | None:
    """The test's own statements up to the call, and of ``lines`` what adds to them."""
    before = setting(call, scene)
    if before is None or not _names_it(before, node, call):
        return None
    text = "\n".join(before)
    fixtures = {name for name in fixtures_of(scene) if re.search(rf"\b{name}\b(?! = )", text)}
    # What is made in another file is not to be seen.
    if scene is not None and not all(definition(name, scene) for name in fixtures):
        return None
    made = sorted({*named, *fixtures, *_CALLED.findall(text)} - {node.name})
    return _with(made, call, context, (*before, *filter(is_lasting, lines)))


def _in_parts(item: Shown, call: RecordedCall) -> list[Shown]:
    """An argument that cannot be shown, or is long, by the parts of it that are used; else as it is."""
    if item.is_told and len(item.text) <= _MOST_VALUE:
        return [item]
    found = [part for part in call.parts if _ROOT.split(part.name, maxsplit=1)[0] == item.name]
    return found or [item]


def _names_it(before: Sequence[str], node: PythonFunction, call: RecordedCall) -> bool:
    """Whether what the test does is seen to call the function: what was made below that, nobody can know."""
    name = node.name
    if name in _MAKING and call.args:
        name = call.args[0].text.strip("<>").rpartition(".")[2]
    return re.search(rf"\b{re.escape(name)}\s*\(", "\n".join(before)) is not None


def _with(
    named: Sequence[str], call: RecordedCall, context: Context, lines: tuple[str, ...]
) -> tuple[str, ...] | None:
    """The lines after those by which the test defines what it hands over; None where that is too much to show."""
    scene = scene_of(call, context) if named else None
    if scene is None or scene.test is None:
        return lines
    before: list[str] = []
    for part in (definition(name, scene) for name in named):
        if part is None:
            return None
        if "\n".join(part) not in "\n".join(lines):
            before += part
    return (*before, *lines) if len(before) <= _MOST_DEFINED else None


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
