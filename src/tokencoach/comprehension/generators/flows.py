"""The flow of a changed function, and how its ways are put into words."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

import msgspec

from tokencoach.comprehension.flow import Choice, How, If, Loop, atoms, blocks, every
from tokencoach.comprehension.languages.python_flow import python_flow, python_part

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tokencoach.comprehension.change import ChangedFunction
    from tokencoach.comprehension.flow import Block, Flow, Leave
    from tokencoach.comprehension.generators.base import Source
    from tokencoach.comprehension.walk import Fact, Way


_MOST_PARTS: Final = 4


def flow_of(function: ChangedFunction, source: Source) -> Flow | None:
    """The function's flow; None where it is not understood."""
    return _flow(function.qualname, source)


def old_flow_of(function: ChangedFunction, source: Source) -> Flow | None:
    """The flow of the function of the same name before the change; None where there was none."""
    if source.language == "python":
        node = source.old_node(function)
        return None if node is None else python_flow(node)
    if source.old is None or source.language is None:
        return None
    from tokencoach.comprehension.languages.syntax import syntax_flow  # noqa: PLC0415 - a grammar is loaded late

    return syntax_flow(source.old, source.language, function.qualname)


def units(function: ChangedFunction, source: Source) -> Iterator[Flow]:
    """The function as a whole, one turn of each loop that holds a changed line, and parts that begin with one."""
    flow = flow_of(function, source)
    if flow is None:
        return
    yield flow
    turns = [
        turn for turn in flow.turns if any(turn.body_line <= line <= turn.last for line in function.changed)
    ]
    yield from turns
    known = {flow.body_line, *(turn.body_line for turn in turns)}
    for line in [line for line in _starts(flow.body, function.changed) if line not in known][:_MOST_PARTS]:
        part = _part(function.qualname, source, line)
        if part is not None:
            yield msgspec.structs.replace(part, unstable=part.unstable | _asked_before(flow, line))


def _asked_before(flow: Flow, line: int) -> frozenset[str]:
    """Names that a condition above a line looks at, or made from such: only some of their values lead there."""
    found: set[str] = set()
    for node in every(flow.body):
        if node.line < line and isinstance(node, If | Loop) and node.condition is not None:
            found.update(name for atom in atoms(node.condition) if atom.line < line for name in atom.subjects)
        elif node.line < line and isinstance(node, Loop) and node.over is not None:
            found.update(node.over.subjects)
        elif node.line < line and isinstance(node, Choice):
            found.update(name for atom, _ in node.cases for name in atom.subjects)
    return frozenset(found | {name for name, behind in flow.behind.items() if behind & found})


def _starts(block: Block, changed: frozenset[int]) -> Iterator[int]:
    """Of each block the first statement that changed, where a branch follows it."""
    for place, node in enumerate(block):
        if node.line in changed and any(isinstance(one, If) for one in every(block[place:])):
            yield node.line
            break
    for node in block:
        for inner in blocks(node):
            yield from _starts(inner, changed)


def setting(flow: Flow, function: ChangedFunction) -> str:
    """What a question is about: a call of the function, or a turn of a loop in it."""
    if flow.start:
        where = f"In a turn of the loop on line {flow.turn_of}, line" if flow.turn_of else "Line"
        return f"{where} {flow.start} of {short(function)} is reached."
    if flow.turn_of:
        return f"Look at one turn of the loop on line {flow.turn_of} of {short(function)}."
    return f"{short(function)} is called."


@lru_cache(maxsize=64)
def _flow(qualname: str, source: Source) -> Flow | None:
    if source.language == "python":
        node = source.node_named(qualname)
        return None if node is None else python_flow(node)
    if source.language is None:
        return None
    from tokencoach.comprehension.languages.syntax import syntax_flow  # noqa: PLC0415 - a grammar is loaded late

    return syntax_flow(source.new, source.language, qualname)


@lru_cache(maxsize=64)
def _part(qualname: str, source: Source, line: int) -> Flow | None:
    """What runs from a line on."""
    if source.language == "python":
        node = source.node_named(qualname)
        return None if node is None else python_part(node, line)
    if source.language is None:
        return None
    from tokencoach.comprehension.languages.syntax import syntax_part  # noqa: PLC0415 - a grammar is loaded late

    return syntax_part(source.new, source.language, qualname, line)


def told(facts: tuple[Fact, ...]) -> str:
    """Facts as the lines of a question."""
    return "\n".join(f"  - {fact(one)}" for one in facts)


def fact(one: Fact) -> str:
    """A condition and its truth, with the line where it is met."""
    atom, value = one
    if ": the loop has nothing" in atom.text:
        return f"{atom.text} (line {atom.line})"
    return f"`{atom.text}` (line {atom.line}) is {'true' if value else 'false'}"


def steps(way: Way) -> tuple[str, ...]:
    """What happens on a way, condition by condition."""
    met = [
        f"line {atom.line}: {fact((atom, value)).replace(f' (line {atom.line})', '')}"
        for atom, value in way.facts
    ]
    return (*met, *([_end(way.end)] if way.end is not None else []))


def _end(end: Leave) -> str:
    if end.how is How.END:
        return "nothing leaves before the end is reached"
    return f"line {end.line}: {end.how.value}{f' {end.value}' if end.value else ''}"


def short(function: ChangedFunction) -> str:
    """The function's name as a person says it."""
    return f"`{function.qualname.replace('.<locals>', '')}`"
