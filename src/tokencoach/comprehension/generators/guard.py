"""G6: which situations make a line run, out of four or more, each of them followed through the function."""

from __future__ import annotations

import re
from itertools import product
from typing import TYPE_CHECKING, Final

from tokencoach.comprehension.flow import Atom, Both, Condition, Either, How, If, Leave, Not, Plain, every
from tokencoach.comprehension.generators.base import Option, pick_all, shuffled
from tokencoach.comprehension.generators.flows import setting, steps, units
from tokencoach.comprehension.question import Kind, Part, Prepared
from tokencoach.comprehension.walk import MOST_ATOM, Walker, Way, is_told, is_unstable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tokencoach.comprehension.change import ChangedFunction
    from tokencoach.comprehension.flow import Flow
    from tokencoach.comprehension.generators.base import Context, Source

_LEAST: Final = 4
_MOST_OPTIONS: Final = 5
_MOST_ATOMS: Final = 4
_MOST: Final = 2
_FAR: Final = 9
_KIND: Final = re.compile(r"isinstance\((.+), .+\)$|(.+?) (?:===?|is|instanceof) .+$")
_FIRST: Final = {How.RAISE: 0, How.RETURN: 1, How.BREAK: 2, How.CONTINUE: 3}


def questions(function: ChangedFunction, source: Source, context: Context) -> Iterator[Prepared]:
    """At most two questions: lines that raise come first, then those that return, then others."""
    del context
    found: list[Prepared] = []
    met: set[frozenset[str]] = set()
    everywhere = [(flow, target) for flow in units(function, source) for target in _targets(flow, function)]
    for flow, target in sorted(everywhere, key=lambda pair: _rank(pair[1])):
        asked = _asked(function, flow, target, source)
        if asked is None or (names := frozenset(asked.question.options)) in met:
            continue
        met.add(names)
        found.append(asked)
        if len(found) == _MOST * 2:
            break
    for number, asked in enumerate(found[:_MOST]):
        retry = found[_MOST + number] if len(found) > _MOST + number else None
        yield Prepared(asked.question, asked.key, retry)


def _targets(flow: Flow, function: ChangedFunction) -> list[Leave | Plain]:
    """Changed lines that run under a condition, the most telling first."""
    return [
        node
        for node in every(flow.body)
        if isinstance(node, Leave | Plain)
        and node not in flow.body
        and node.line in function.changed
        and not (isinstance(node, Leave) and node.how not in _FIRST)
    ]


def _rank(node: Leave | Plain) -> tuple[int, int]:
    return (_FIRST[node.how] if isinstance(node, Leave) else len(_FIRST), node.line)


def _asked(function: ChangedFunction, flow: Flow, target: Leave | Plain, source: Source) -> Prepared | None:
    ways = Walker(flow, target.line).ways()
    there = [way for way in ways if way.seen is not None and not way.empty]
    for way in sorted(there, key=lambda way: -(way.seen or 0)):
        atoms = tuple(atom for atom, _ in way.facts[: way.seen])
        if not 2 <= len(atoms) <= _MOST_ATOMS or _is_plain_to_see(flow, atoms, target):
            continue
        # What is assigned anew right above is only there where the line above is reached.
        if any(atom.is_fresh or is_unstable(flow, atom) or len(atom.text) > MOST_ATOM for atom in atoms):
            continue
        options = _situations(flow, ways, atoms)
        rights = [option for option, is_right in options if is_right]
        if rights and len(options) - len(rights) >= 1 and len(options) >= _LEAST:
            return _prepared(function, flow, target, source, options, way)
    return None


def _situations(flow: Flow, ways: list[Way], atoms: tuple[Atom, ...]) -> list[tuple[str, bool]]:
    """Every feasible truth of the conditions for which it is sure whether the line runs."""
    found = []
    for values in product((True, False), repeat=len(atoms)):
        truth = dict(zip((atom.name for atom in atoms), values, strict=True))
        if not is_told(flow, tuple(zip(atoms, values, strict=True))):
            continue
        outcomes = {way.seen is not None for way in ways if _fits(way, truth)}
        unsure = any(
            way.end is not None and way.end.how is How.UNSURE and way.seen is None
            for way in ways
            if _fits(way, truth)
        )
        if len(outcomes) == 1 and not unsure:
            found.append((_said(truth), outcomes.pop()))
    return found


def _fits(way: Way, truth: dict[str, bool]) -> bool:
    return all(truth.get(atom.name, value) is value for atom, value in way.facts)


def _said(truth: dict[str, bool]) -> str:
    return ", ".join(f"`{text}` {'true' if value else 'false'}" for text, value in truth.items())


def _is_plain_to_see(flow: Flow, atoms: tuple[Atom, ...], target: Leave | Plain) -> bool:
    """Whether all conditions stand right above the line and are simply joined."""
    lines = {atom.line for atom in atoms}
    if len(atoms) == 2 and target.line - min(lines) < _FAR and not _is_turned(flow, lines, target):
        return True
    if is_dispatch(atoms):
        return True
    if len(lines) > 1 or target.line - min(lines) > 2:
        return False
    around = [node.condition for node in every(flow.body) if isinstance(node, If) and node.line in lines]
    return not any(_is_mixed(condition) for condition in around)


def _is_turned(flow: Flow, lines: set[int], target: Leave | Plain) -> bool:
    """Whether a condition on one of the lines is said to fail for the line to run, or says ``or``."""
    around = [node for node in every(flow.body) if isinstance(node, If) and node.line in lines]
    return any(
        isinstance(node.condition, Either) or any(inner is target for inner in every(node.otherwise))
        for node in around
    )


def is_dispatch(atoms: Sequence[Atom]) -> bool:
    """Whether all conditions ask one thing what it is: a row of cases, of which one line says which."""
    found = [_KIND.match(atom.text) for atom in atoms]
    asked = {one[1] or one[2] for one in found if one is not None}
    return len(asked) == 1 and all(found)


def _is_mixed(condition: Condition) -> bool:
    kinds = set()
    waiting = [condition]
    while waiting:
        one = waiting.pop()
        kinds.add(type(one))
        waiting += list(one.parts) if isinstance(one, Both | Either) else []
        waiting += [one.part] if isinstance(one, Not) else []
    return {Both, Either} <= kinds


def _prepared(
    function: ChangedFunction,
    flow: Flow,
    target: Leave | Plain,
    source: Source,
    options: list[tuple[str, bool]],
    way: Way,
) -> Prepared:
    rights = [option for option in options if option[1]]
    wrongs = [option for option in options if not option[1]]
    most_right = min(len(rights), 2, _MOST_OPTIONS - 2)
    chosen = shuffled(rights, function, "G6r")[:most_right]
    chosen += shuffled(wrongs, function, "G6w")[: _MOST_OPTIONS - len(chosen)]
    chosen += shuffled(rights, function, "G6r")[most_right : most_right + max(0, _LEAST - len(chosen))]
    shown = shuffled(chosen, function, "G6")
    line = source.line(target.line).strip()
    prompt = (
        f"{setting(flow, function)} In which of these situations does line {target.line} run?\n"
        f"  {line[:MOST_ATOM]}\n"
        "Nothing else raises or ends the program, and loops run to their end."
    )
    return pick_all(
        function,
        Kind.GUARD,
        Part.EDGES if isinstance(target, Leave) and target.how is How.RAISE else Part.TRACE,
        prompt,
        [
            Option(option, is_right, "the line runs" if is_right else "the line is not reached")
            for option, is_right in shown
        ],
        line=target.line,
        what=f"{target.line - function.first}:{line}",
        evidence="each situation was followed through the function's conditions",
        trace=(*steps(Way(facts=way.facts[: way.seen])), f"line {target.line} runs"),
    )
