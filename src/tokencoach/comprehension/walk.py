"""Every way through a function, as the truth of the conditions met and how the way ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from tokencoach.comprehension.agree import agree
from tokencoach.comprehension.flow import (
    Atom,
    Block,
    Both,
    Choice,
    Condition,
    Either,
    Fixed,
    Flow,
    How,
    If,
    Leave,
    Loop,
    Node,
    Not,
    Opaque,
    Plain,
    Scope,
    Try,
    every,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_WAYS: Final = 300
MOST_ATOM: Final = 60
_NOTHING: Final = "the loop has nothing to go through"

Fact = tuple[Atom, bool]


class Way(msgspec.Struct, frozen=True):
    """One way through a function: facts in the order in which they are met, and the end.

    ``seen`` is the number of facts that were met when the target line was reached, None where it
    never was. ``empty`` are the lines of the loops that have nothing to go through. ``assigned`` is
    the line that last gave the variable of interest its value, ``used`` that line as the target saw it;
    0 is the value that it came with. ``is_doubtful`` ways met a condition twice that may have changed.
    """

    facts: tuple[Fact, ...] = ()
    end: Leave | None = None
    seen: int | None = None
    empty: tuple[int, ...] = ()
    assigned: int = 0
    used: int = 0
    is_doubtful: bool = False

    @property
    def truth(self) -> dict[str, bool]:
        """What each condition is, by its text."""
        return {atom.name: value for atom, value in self.facts}


class TooManyWaysError(Exception):
    """The function has more ways than anybody would be asked about."""


class Walker:
    """Ways through one function; ``target`` and ``variable`` are of interest besides the exits."""

    def __init__(self, flow: Flow, target: int | None = None, variable: str | None = None) -> None:
        self._flow = flow
        self._target = target
        self._variable = variable
        self._count = 0

    def ways(self) -> list[Way]:
        """Every way that can be told for sure; none where there are too many.

        A branch from which control cannot leave and which does not hold the target is passed over.
        """
        try:
            found = list(self._block(self._flow.body, Way()))
        except TooManyWaysError:
            return []
        end = Leave(How.END, self._flow.last, self._flow.last)
        unsure = Leave(How.UNSURE, self._flow.last, self._flow.last)
        return [
            msgspec.structs.replace(way, end=unsure if way.is_doubtful else way.end or end, seen=_sure(way))
            for way in found
        ]

    def _block(self, block: Block, way: Way) -> Iterator[Way]:
        if not block:
            yield way
            return
        for after in self._node(block[0], way):
            if after.end is None:
                yield from self._block(block[1:], after)
            else:
                yield after

    def _node(self, node: Node, way: Way) -> Iterator[Way]:  # noqa: C901 - one case each
        if node.line == self._target and way.seen is None and not isinstance(node, If | Choice | Loop):
            way = msgspec.structs.replace(way, seen=len(way.facts), used=way.assigned)
        if isinstance(node, Plain) and self._variable in node.binds:
            way = msgspec.structs.replace(way, assigned=node.line)
        if isinstance(node, Leave):
            yield self._ended(way, node)
        elif isinstance(node, If):
            yield from self._if(node, way)
        elif isinstance(node, Choice):
            yield from self._choice(node, way)
        elif isinstance(node, Loop):
            yield from self._loop(node, way)
        elif isinstance(node, Try):
            yield from self._try(node, way)
        elif isinstance(node, Scope):
            for after in self._block(node.body, way):
                swallowed = node.may_swallow and after.end is not None and after.end.how is How.RAISE
                yield self._unsure(after, node) if swallowed else after
        elif isinstance(node, Opaque) and node.leaves:
            yield self._unsure(way, node)
        else:
            yield way

    def _if(self, node: If, way: Way) -> Iterator[Way]:
        if not self._matters(node.then) and not self._matters(node.otherwise):
            yield way
            return
        for after, value in self._decided(node.condition, way):
            yield from self._block(node.then if value else node.otherwise, after)

    def _choice(self, node: Choice, way: Way) -> Iterator[Way]:
        if not any(self._matters(body) for _, body in node.cases):
            yield way
            return
        met = {atom.name: value for atom, value in way.facts if atom.case_of == node.cases[0][0].case_of}
        for atom, body in node.cases:
            if not met:
                yield from self._block(body, self._with(way, atom, value=True))
            elif met.get(atom.name):
                yield from self._block(body, msgspec.structs.replace(way, is_doubtful=True))

    def _loop(self, node: Loop, way: Way) -> Iterator[Way]:
        if not self._matters(node.body, is_loop=True):
            if isinstance(node.condition, Fixed) and not _breaks(node.body):
                yield self._unsure(way, node)
            else:
                yield from self._block(node.otherwise, way)
            return
        # What happens on a second turn depends on the first; only "not once" can be told for sure.
        if node.over is None or "(" in node.over.text.replace("()", ""):
            yield self._unsure(way, node)
            return
        atom = msgspec.structs.replace(
            node.over, text=f"{node.over.text}: {_NOTHING}", python=f"not {node.over.python}"
        )
        empty = self._with(way, atom, value=True)
        yield from self._block(
            node.otherwise, msgspec.structs.replace(empty, empty=(*empty.empty, node.line))
        )
        yield self._unsure(way, node)

    def _try(self, node: Try, way: Way) -> Iterator[Way]:
        if self._matters(node.final) and any(isinstance(part, Leave) for part in every(node.final)):
            yield self._unsure(way, node)
            return
        for after in self._block(node.body, way):
            if after.end is None:
                ends = list(self._block(node.otherwise, after))
            elif after.end.how is How.RAISE and node.handlers:
                ends = [self._unsure(after, node)]
            else:
                ends = [after]
            for end in ends:
                yield from self._finally(node.final, end)

    def _finally(self, final: Block, way: Way) -> Iterator[Way]:
        for after in self._block(final, msgspec.structs.replace(way, end=None)):
            yield msgspec.structs.replace(after, end=way.end) if after.end is None else after

    def _decided(self, condition: Condition, way: Way) -> Iterator[tuple[Way, bool]]:
        """The condition's outcomes, each with what must hold for it."""
        if isinstance(condition, Fixed):
            yield way, condition.value
        elif isinstance(condition, Not):
            for after, value in self._decided(condition.part, way):
                yield after, not value
        elif isinstance(condition, Both | Either):
            stops_at = isinstance(condition, Either)
            yield from self._row(condition.parts, way, stops_at=stops_at)
        elif condition.name in way.truth:
            # What is behind a name, or is called, may have changed since it was met.
            known = msgspec.structs.replace(way, is_doubtful=True) if condition.may_change else way
            yield known, way.truth[condition.name]
        else:
            yield self._with(way, condition, value=True), True
            yield self._with(way, condition, value=False), False

    def _row(self, parts: tuple[Condition, ...], way: Way, *, stops_at: bool) -> Iterator[tuple[Way, bool]]:
        for after, value in self._decided(parts[0], way):
            if value is stops_at or len(parts) == 1:
                yield after, value
            else:
                yield from self._row(parts[1:], after, stops_at=stops_at)

    def _with(self, way: Way, atom: Atom, *, value: bool) -> Way:
        self._count += 1
        if self._count > MOST_WAYS:
            raise TooManyWaysError
        return msgspec.structs.replace(way, facts=(*way.facts, (atom, value)))

    def _ended(self, way: Way, node: Leave) -> Way:
        return msgspec.structs.replace(way, end=node)

    def _unsure(self, way: Way, node: Node) -> Way:
        return msgspec.structs.replace(way, end=Leave(How.UNSURE, node.line, node.line))

    def _matters(self, block: Block, *, is_loop: bool = False) -> bool:
        """Whether it must be known how control goes through a block."""
        for node in every(block):
            if node.line == self._target or (isinstance(node, Plain) and self._variable in node.binds):
                return True
            if isinstance(node, Opaque) and node.leaves:
                return True
            # A loop keeps its own ``break`` to itself.
            if isinstance(node, Leave) and not (is_loop and node.how in {How.BREAK, How.CONTINUE}):
                return True
        return False


def _sure(way: Way) -> int | None:
    return None if way.is_doubtful else way.seen


def _breaks(body: Block) -> bool:
    return any(isinstance(node, Leave) and node.how is How.BREAK for node in every(body))


def is_told(flow: Flow, facts: tuple[Fact, ...]) -> bool:
    """Whether facts can be stated so that a reader knows what they mean, and can be true together."""
    for atom, _ in facts:
        if len(atom.text) > MOST_ATOM + len(_NOTHING) or is_unstable(flow, atom):
            return False
    return agree(flow, facts)


def is_unstable(flow: Flow, atom: Atom) -> bool:
    """Whether a condition looks at a name whose value changes, or is no secret."""
    return not atom.subjects or any(
        name in flow.unstable or any(_is_under(name, one) or _is_under(one, name) for one in flow.unstable)
        for name in atom.subjects
    )


def _is_under(name: str, other: str) -> bool:
    return name.startswith(f"{other}.")
