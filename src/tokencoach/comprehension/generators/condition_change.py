"""G16: a condition was changed where it stands; in which situations does it come out otherwise than before?"""

from __future__ import annotations

from collections import Counter
from itertools import product
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.comprehension.agree import agree
from tokencoach.comprehension.flow import (
    Atom,
    Both,
    Condition,
    Fixed,
    Flow,
    If,
    Not,
    atoms,
    every,
    first_line,
)
from tokencoach.comprehension.generators.base import Option, pick_all, shuffled
from tokencoach.comprehension.generators.flows import flow_of, old_flow_of, short
from tokencoach.comprehension.question import Kind, Part, Prepared
from tokencoach.comprehension.walk import MOST_ATOM

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tokencoach.comprehension.change import ChangedFunction
    from tokencoach.comprehension.generators.base import Context, Source

_MOST: Final = 2
_LEAST_ATOMS: Final = 2
_MOST_ATOMS: Final = 4
_LEAST_OPTIONS: Final = 4
_MOST_OPTIONS: Final = 5
_MOST_CODE: Final = 90


class _Change(NamedTuple):
    """A branch as it was and as it is, each with the line of code that holds its condition."""

    old: If
    new: If
    was: str
    now: str


def questions(function: ChangedFunction, source: Source, context: Context) -> Iterator[Prepared]:
    """At most two questions about different conditions."""
    del context
    new, old = flow_of(function, source), old_flow_of(function, source)
    if new is None or old is None:
        return
    found = 0
    for change in _changes(new, old, function, source):
        situations = _situations(new, change)
        differ = [said for said, was, now in situations if was is not now]
        same = [said for said, was, now in situations if was is now]
        if differ and same and len(situations) >= _LEAST_OPTIONS and found < _MOST:
            found += 1
            yield _asked(function, change, differ, same)


def _changes(new: Flow, old: Flow, function: ChangedFunction, source: Source) -> Iterator[_Change]:
    """Branches that lead to the same line, which no other does, under another condition."""
    lines = (source.old or "").split("\n")
    before = _by_first_line(old, lines)
    kept = {_shape(node.condition) for node in every(new.body) if isinstance(node, If)}
    for then, node in sorted(_by_first_line(new, list(source.lines)).items(), key=lambda pair: pair[1].line):
        was = before.get(then)
        if was is None or node.line not in function.changed or first_line(node.then) in function.changed:
            continue
        # A condition that still stands elsewhere was moved, and not changed.
        if _shape(was.condition) == _shape(node.condition) or _shape(was.condition) in kept:
            continue
        yield _Change(was, node, lines[was.line - 1].strip(), source.line(node.line).strip())


def _by_first_line(flow: Flow, lines: list[str]) -> dict[str, If]:
    found = [
        (lines[line - 1].strip(), node)
        for node in every(flow.body)
        if isinstance(node, If) and (line := first_line(node.then)) is not None and line > node.line
    ]
    times = Counter(text for text, _ in found)
    return {text: node for text, node in found if times[text] == 1}


def _shape(condition: Condition) -> str:
    if isinstance(condition, Atom):
        return condition.text
    if isinstance(condition, Not):
        return f"not ({_shape(condition.part)})"
    if isinstance(condition, Fixed):
        return str(condition.value)
    word = " and " if isinstance(condition, Both) else " or "
    return word.join(f"({_shape(part)})" for part in condition.parts)


def _situations(flow: Flow, change: _Change) -> list[tuple[str, bool, bool]]:
    """Every truth of all conditions that can be, with what came out before and what comes out now."""
    was, now = ({atom.text for atom in atoms(node.condition)} for node in (change.old, change.new))
    # Of one name in another's place nobody can say whether both are the same thing.
    if not (was <= now or now <= was):
        return []
    known = {atom.text: atom for atom in (*atoms(change.old.condition), *atoms(change.new.condition))}
    if not _LEAST_ATOMS <= len(known) <= _MOST_ATOMS:
        return []
    if any(not atom.subjects or len(atom.text) > MOST_ATOM for atom in known.values()):
        return []
    found = []
    for values in product((True, False), repeat=len(known)):
        truth = dict(zip(known, values, strict=True))
        if agree(flow, tuple(zip(known.values(), values, strict=True))):
            said = ", ".join(f"`{text}` {'true' if value else 'false'}" for text, value in truth.items())
            found.append((said, _outcome(change.old.condition, truth), _outcome(change.new.condition, truth)))
    return found


def _outcome(condition: Condition, truth: dict[str, bool]) -> bool:
    if isinstance(condition, Atom):
        return truth[condition.text]
    if isinstance(condition, Not):
        return not _outcome(condition.part, truth)
    if isinstance(condition, Fixed):
        return condition.value
    values = [_outcome(part, truth) for part in condition.parts]
    return all(values) if isinstance(condition, Both) else any(values)


def _asked(function: ChangedFunction, change: _Change, differ: list[str], same: list[str]) -> Prepared:
    line = change.new.line
    right = shuffled(differ, function, "G16r")[: min(len(differ), _MOST_OPTIONS - 1, 3)]
    wrong = shuffled(same, function, "G16w")[: _MOST_OPTIONS - len(right)]
    right += shuffled(differ, function, "G16r")[
        len(right) : len(right) + max(0, _LEAST_OPTIONS - len(right + wrong))
    ]
    options = shuffled([*right, *wrong], function, "G16")
    prompt = (
        f"This commit changed the condition on line {line} of {short(function)}.\n"
        f"  before: {change.was[:_MOST_CODE]}\n  now:    {change.now[:_MOST_CODE]}\n"
        "In which of these situations does it come out otherwise than before?"
    )
    shown = [
        Option(option, option in right, f"before and now {'differ' if option in right else 'are the same'}")
        for option in options
    ]
    return pick_all(
        function,
        Kind.CONDITION_CHANGE,
        Part.EDGES,
        prompt,
        shown,
        line=line,
        what=f"{line - function.first}:{change.now}",
        evidence="both conditions were worked out for each situation",
    )
