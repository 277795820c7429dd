"""The flow of control in one function, told alike for every language.

A function is a block; a block is a row of nodes. What a language has beyond these nodes is ``Plain``
where control only passes through, ``Opaque`` where nobody may say how it goes on.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator


class How(StrEnum):
    """How control leaves a block; ``UNSURE`` is a jump that is not followed."""

    RETURN = "return"
    RAISE = "raise"
    END = "end"
    BREAK = "break"
    CONTINUE = "continue"
    UNSURE = "unsure"


class Atom(msgspec.Struct, frozen=True):
    """A condition without ``and``, ``or``, ``not``. ``text`` is what a person reads.

    ``subjects`` are the dotted names that it looks at; ``python`` is an expression of Python that
    means the same, empty where there is none. ``is_fresh`` says that what it looks at was assigned
    right above, so that the same text elsewhere is another condition. Of atoms with one ``case_of``
    one alone is true.
    """

    text: str
    line: int
    subjects: frozenset[str]
    python: str = ""
    is_fresh: bool = False
    case_of: str = ""

    @property
    def name(self) -> str:
        """The condition as it is told from every other one of the function."""
        return f"{self.text} @{self.line}" if self.is_fresh else self.text

    @property
    def may_change(self) -> bool:
        """Whether it may be another value when it is met again: it looks behind a name, or calls."""
        return any("." in subject for subject in self.subjects) or "(" in self.text


class Not(msgspec.Struct, frozen=True):
    """The opposite of a condition."""

    part: Condition


class Both(msgspec.Struct, frozen=True):
    """All parts hold; looked at from left to right up to the first that does not."""

    parts: tuple[Condition, ...]


class Either(msgspec.Struct, frozen=True):
    """One part holds; looked at from left to right up to the first that does."""

    parts: tuple[Condition, ...]


class Fixed(msgspec.Struct, frozen=True):
    """A condition that is written down as true or false."""

    value: bool


Condition = Atom | Not | Both | Either | Fixed


class Plain(msgspec.Struct, frozen=True):
    """A statement that control passes through. Lines are 1-based, both included.

    ``binds`` are the plain names that it gives a value, ``uses`` those it reads first.
    """

    line: int
    last: int
    binds: tuple[str, ...] = ()
    uses: frozenset[str] = frozenset()


class Opaque(msgspec.Struct, frozen=True):
    """A statement whose ways out are not followed; ``leaves`` says whether it may leave the function."""

    line: int
    last: int
    leaves: bool


class Leave(msgspec.Struct, frozen=True):
    """A statement that leaves. ``value`` is the text of what is returned or raised, ``name`` the exception's type."""

    how: How
    line: int
    last: int
    value: str = ""
    name: str = ""
    uses: frozenset[str] = frozenset()


class If(msgspec.Struct, frozen=True):
    """A branch; ``elif`` is an ``If`` alone in ``otherwise``."""

    line: int
    condition: Condition
    then: Block
    otherwise: Block


class Choice(msgspec.Struct, frozen=True):
    """A branch with several ways, of which one is taken: ``switch``, ``match``, ``case``."""

    line: int
    cases: tuple[tuple[Atom, Block], ...]


class Loop(msgspec.Struct, frozen=True):
    """A loop; ``over`` is what a ``for`` goes through, empty for others; ``otherwise`` is Python's ``else``."""

    line: int
    over: Atom | None
    condition: Condition | None
    body: Block
    otherwise: Block = ()


class Handler(msgspec.Struct, frozen=True):
    """What catches exceptions of some types; without ``names`` it catches everything."""

    line: int
    names: tuple[str, ...]
    alias: str
    body: Block


class Try(msgspec.Struct, frozen=True):
    """A block whose exceptions are looked at."""

    line: int
    body: Block
    handlers: tuple[Handler, ...]
    otherwise: Block
    final: Block


class Scope(msgspec.Struct, frozen=True):
    """A block that something is entered and left for: Python's ``with``, a lock, ``unsafe``."""

    line: int
    header: str
    body: Block
    may_swallow: bool = False


Node = Plain | Opaque | Leave | If | Choice | Loop | Try | Scope
Block = tuple[Node, ...]


class Flow(msgspec.Struct, frozen=True):
    """A function's flow. ``first`` and ``last`` are its lines, ``body_line`` where its body begins.

    ``optional`` are parameters whose default is nothing. ``unstable`` are names whose value a reader
    cannot tell: bound more than once, or in a loop, or to a constant.
    ``behind`` leads from a name that holds a truth value to the names it comes from.
    ``is_lazy`` says that a call only makes a generator, ``has_falsy_values`` that other values than
    nothing count as false. ``tail`` is the last line's number where a
    language returns its last expression, else 0. ``loose`` are names that something else than a
    ``Plain`` binds. ``turns`` are its loops, each as the flow of one
    turn: ``turn_of`` is the loop's line then, else 0. ``start`` is the line from which on only a part
    is looked at, else 0.
    """

    first: int
    body_line: int
    last: int
    body: Block
    parameters: tuple[str, ...] = ()
    optional: frozenset[str] = frozenset()
    unstable: frozenset[str] = frozenset()
    behind: dict[str, frozenset[str]] = {}
    is_lazy: bool = False
    has_falsy_values: bool = False
    tail: int = 0
    loose: frozenset[str] = frozenset()
    turns: tuple[Flow, ...] = ()
    turn_of: int = 0
    start: int = 0


def atoms(condition: Condition) -> Iterator[Atom]:
    """Every atom of a condition, from left to right."""
    if isinstance(condition, Atom):
        yield condition
    elif isinstance(condition, Not):
        yield from atoms(condition.part)
    elif isinstance(condition, Both | Either):
        for part in condition.parts:
            yield from atoms(part)


def blocks(node: Node) -> tuple[Block, ...]:
    """The blocks inside a node, in the order in which they stand."""
    if isinstance(node, If):
        return (node.then, node.otherwise)
    if isinstance(node, Choice):
        return tuple(body for _, body in node.cases)
    if isinstance(node, Loop):
        return (node.body, node.otherwise)
    if isinstance(node, Try):
        return (node.body, *(handler.body for handler in node.handlers), node.otherwise, node.final)
    if isinstance(node, Scope):
        return (node.body,)
    return ()


def every(block: Block) -> Iterator[Node]:
    """Every node of a block and of the blocks in it, in the order in which they stand."""
    for node in block:
        yield node
        for inner in blocks(node):
            yield from every(inner)


def leaves(block: Block) -> bool:
    """Whether control may leave the function, or a loop around, out of a block."""
    return any(isinstance(node, Leave) or (isinstance(node, Opaque) and node.leaves) for node in every(block))


def first_line(block: Block) -> int | None:
    """The line at which a block begins; None for an empty one."""
    return block[0].line if block else None
