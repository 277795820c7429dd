"""G16: a line says what it said, but what must hold for it to run changed; in which situations is that seen?"""

from __future__ import annotations

import re
from collections import Counter
from itertools import product
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.comprehension.flow import Flow, How, If, Leave, Plain, atoms, every, first_line
from tokencoach.comprehension.generators.base import Option, pick_all, shuffled
from tokencoach.comprehension.generators.flows import flow_of, old_flow_of, short
from tokencoach.comprehension.question import Kind, Part, Prepared
from tokencoach.comprehension.walk import MOST_ATOM, Walker, Way, is_told, is_unstable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tokencoach.comprehension.change import ChangedFunction
    from tokencoach.comprehension.flow import Atom
    from tokencoach.comprehension.generators.base import Context, Source

_LEAST_ATOMS: Final = 2
_MOST_ATOMS: Final = 4
_LEAST_OPTIONS: Final = 4
_MOST_OPTIONS: Final = 5
_MOST_TRIED: Final = 6
_LEAST_CODE: Final = 12
_WORD: Final = re.compile(r"\w+")


class _Kept(NamedTuple):
    """A statement that stands in the old and in the new function, alone of its text in both."""

    line: int
    old_line: int
    code: str


def questions(function: ChangedFunction, source: Source, context: Context) -> Iterator[Prepared]:
    """At most one question, about the statement nearest to a branch that came or went."""
    del context
    new, old = flow_of(function, source), old_flow_of(function, source)
    if new is None or old is None or _branches(new) == _branches(old):
        return
    for kept in _kept(new, old, function, source)[:_MOST_TRIED]:
        asked = _asked(function, source, (new, old), kept)
        if asked is not None:
            yield asked
            return


def _branches(flow: Flow) -> Counter[str]:
    return Counter(
        atom.text for node in every(flow.body) if isinstance(node, If) for atom in atoms(node.condition)
    )


def _kept(new: Flow, old: Flow, function: ChangedFunction, source: Source) -> list[_Kept]:
    """Statements whose text did not change, those right behind a changed line first."""
    old_lines = (source.old or "").split("\n")
    before = _alone(old, old_lines)
    now = _alone(new, list(source.lines))
    # Of a branch whose own condition changed it is asked when the condition comes out otherwise.
    direct = {first_line(node.then) for node in every(new.body) if isinstance(node, If)}
    held = {first_line(node.then) for node in every(old.body) if isinstance(node, If)}
    found = [
        _Kept(line, before[code], code)
        for code, line in now.items()
        if code in before and not (line in direct and before[code] in held)
    ]
    # What only moved to the right or left shows as changed, though its text is the same.
    return sorted(
        found,
        key=lambda kept: (kept.line in function.changed, _distance(kept.line, function.changed), kept.line),
    )


def _alone(flow: Flow, lines: list[str]) -> dict[str, int]:
    texts = [
        (lines[node.line - 1].strip(), node.line)
        for node in every(flow.body)
        if isinstance(node, Plain | Leave)
        and not (isinstance(node, Leave) and node.how in {How.BREAK, How.CONTINUE})
    ]
    times = Counter(text for text, _ in texts)
    return {text: line for text, line in texts if times[text] == 1 and len(text) >= _LEAST_CODE}


def _distance(line: int, changed: frozenset[int]) -> int:
    above = [line - one for one in changed if one < line]
    return min(above, default=1_000)


def _asked(
    function: ChangedFunction, source: Source, flows: tuple[Flow, Flow], kept: _Kept
) -> Prepared | None:
    new, old = flows
    ways, were = Walker(new, kept.line).ways(), Walker(old, kept.old_line).ways()
    met, had = _met(ways), _met(were)
    known = {atom.name: atom for atom in (*had.values(), *met.values())}
    # Of one condition in another's place nobody can say whether both are about the same thing.
    if not _LEAST_ATOMS <= len(known) <= _MOST_ATOMS or not (
        met.keys() > had.keys() or had.keys() > met.keys()
    ):
        return None
    if not _is_seen(function, source, flows, met, had):
        return None
    differ, same = _situations(new, known, ways, were)
    if not differ or not same or len(differ) + len(same) < _LEAST_OPTIONS:
        return None
    return _prepared(function, kept, differ, same)


def _is_seen(
    function: ChangedFunction,
    source: Source,
    flows: tuple[Flow, Flow],
    met: dict[str, Atom],
    had: dict[str, Atom],
) -> bool:
    """Whether every condition can be told, stands in the changed lines where it is new, and was not replaced."""
    new, old = flows
    known = {**had, **met}
    there = set(_WORD.findall("\n".join(source.lines[function.first - 1 : function.last])))
    is_lost = had.keys() > met.keys()
    if is_lost and any(isinstance(node, If) and node.line in function.changed for node in every(new.body)):
        return False
    if any(subject.partition(".")[0] not in there for atom in known.values() for subject in atom.subjects):
        return False
    if any(atom.line not in function.changed for name, atom in met.items() if name not in had):
        return False
    return not any(
        _is_vague(new, atom) or (name in had and is_unstable(old, atom)) for name, atom in known.items()
    )


def _situations(
    new: Flow, known: dict[str, Atom], ways: list[Way], were: list[Way]
) -> tuple[list[str], list[str]]:
    """Those that can be, in which it is sure whether the line ran and runs: where that differs, and where not."""
    differ: list[str] = []
    same: list[str] = []
    for values in product((True, False), repeat=len(known)):
        facts = tuple(zip(known.values(), values, strict=True))
        if not is_told(new, facts):
            continue
        truth = dict(zip(known, values, strict=True))
        now, before = _runs(ways, truth), _runs(were, truth)
        if now is not None and before is not None:
            said = ", ".join(f"`{name}` {'true' if value else 'false'}" for name, value in truth.items())
            (differ if now is not before else same).append(said)
    return differ, same


def _is_vague(flow: Flow, atom: Atom) -> bool:
    return atom.is_fresh or is_unstable(flow, atom) or len(atom.text) > MOST_ATOM


def _met(ways: list[Way]) -> dict[str, Atom]:
    """Conditions that decide whether the line runs: those met on the ways to it, and those that lead away."""
    there = [way for way in ways if way.seen is not None]
    return {atom.name: atom for way in there for atom, _ in way.facts[: way.seen]}


def _runs(ways: list[Way], truth: dict[str, bool]) -> bool | None:
    """Whether the line runs where the conditions are so; None where that is not sure."""
    here = [way for way in ways if all(truth.get(atom.name, value) is value for atom, value in way.facts)]
    outcomes = {way.seen is not None for way in here}
    unsure = any(way.end is not None and way.end.how is How.UNSURE and way.seen is None for way in here)
    return outcomes.pop() if len(outcomes) == 1 and not unsure else None


def _prepared(function: ChangedFunction, kept: _Kept, differ: list[str], same: list[str]) -> Prepared:
    right = shuffled(differ, function, f"{kept.code}r")[: min(len(differ), 2)]
    wrong = shuffled(same, function, f"{kept.code}w")[: _MOST_OPTIONS - len(right)]
    right += shuffled(differ, function, f"{kept.code}r")[len(right) : _LEAST_OPTIONS - len(wrong)]
    prompt = (
        f"This commit does not change what line {kept.line} of {short(function)} says, but when it runs:\n"
        f"  {kept.code[:MOST_ATOM]}\n"
        "In which of these situations did it run before and does not now, or the other way round?\n"
        "Nothing raises, and loops run to their end."
    )
    return pick_all(
        function,
        Kind.CONDITION_CHANGE,
        Part.EDGES,
        prompt,
        [
            Option(
                option, option in right, f"before and now {'differ' if option in right else 'are the same'}"
            )
            for option in shuffled([*right, *wrong], function, "G16s")
        ],
        line=kept.line,
        what=f"reach:{kept.line - function.first}:{kept.code}",
        evidence="each situation was followed through the function before the commit and after it",
    )
