"""G15: what goes into the values of a line, followed back through the assignments that made them?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.comprehension.flow import How, If, Leave, Loop, Opaque, Plain, Scope, Try, every, first_line
from tokencoach.comprehension.generators.base import Option, pick_all, shuffled
from tokencoach.comprehension.generators.flows import flow_of, short
from tokencoach.comprehension.question import Kind, Part, Prepared

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tokencoach.comprehension.change import ChangedFunction
    from tokencoach.comprehension.flow import Flow
    from tokencoach.comprehension.generators.base import Context, Source

_WORD: Final = re.compile(r"[\w$]+")
_STORE: Final = re.compile(r"(?<![=!<>])=(?!=)|\+\+|--")
_BINDS: Final = re.compile(_STORE.pattern + r"|\blet\b|:=")
_KEYWORDS: Final = frozenset(
    {"and", "as", "async", "auto", "await", "case", "catch", "const", "elif", "else", "except", "false", "final",
     "finally", "for", "foreach", "from", "if", "in", "int", "is", "let", "mut", "new", "nil", "not", "null", "None",
     "of", "or", "range", "rescue", "ref", "size_t", "then", "true", "until", "var", "void", "while", "with"}
)  # fmt: skip
_OWN: Final = frozenset({"self", "cls", "this", "_"})
_LEAST_RIGHT: Final = 2
_LEAST_WRONG: Final = 2
_LEAST_OPTIONS: Final = 4
_MOST_RIGHT: Final = 3
_MOST_OPTIONS: Final = 6
_FAR: Final = 4
_MOST: Final = 2
_MOST_CODE: Final = 78


class _Chain(NamedTuple):
    """A line, the names that surely go into its values, each with the assignment that reads it, and others."""

    target: Plain | Leave
    read_by: dict[str, int]
    others: tuple[str, ...]


def questions(function: ChangedFunction, source: Source, context: Context) -> Iterator[Prepared]:
    """At most two questions whose answers share no name."""
    del context
    flow = flow_of(function, source)
    if flow is None:
        return
    values = Values(flow, source)
    found = [
        chain for target in targets_of(flow) if (chain := values.chain(target, function.changed)) is not None
    ]
    found.sort(key=lambda chain: (-len(set(chain.read_by.values())), -chain.target.line))
    asked: list[_Chain] = []
    for chain in found:
        if not any(chain.read_by.keys() & other.read_by.keys() for other in asked):
            asked.append(chain)
    for chain in asked[:_MOST]:
        yield _asked(function, source, chain)


def targets_of(flow: Flow) -> list[Plain | Leave]:
    """Statements that use values and do not only jump."""
    return [
        node
        for node in every(flow.body)
        if (isinstance(node, Leave) and node.how in {How.RETURN, How.RAISE}) or isinstance(node, Plain)
    ]


class Values:
    """The assignments of a function: which names each reads, for sure and at most."""

    def __init__(self, flow: Flow, source: Source) -> None:
        self._flow = flow
        self._source = source
        self._known: dict[tuple[int, int], frozenset[str]] = {}
        self._nodes = [node for node in every(flow.body) if isinstance(node, Plain)]
        self._bindings: dict[str, list[Plain]] = {}
        for node in self._nodes:
            for name in node.binds:
                self._bindings.setdefault(name, []).append(node)
        self._names = frozenset(self._bindings) | frozenset(flow.parameters) | flow.loose
        opaque = self._of_opaque_nodes()
        self._groups = [*self._of_headers(), *opaque]
        self._groups += [self._words(node.line, node.last) for node in self._nodes if self._may_store(node)]
        self._opaque = frozenset(word for words in opaque for word in words)
        self._unfollowed = self._opaque | flow.loose | frozenset(flow.parameters)

    def chain(self, target: Plain | Leave, changed: frozenset[int]) -> _Chain | None:
        """What is read on the way to the values of a line; None where there is too little to ask."""
        here = self._words(target.line, target.last)
        # The object that a line stores into is not what the line stores.
        if isinstance(target, Plain) and self._may_store(target):
            return None
        read_by = {name: line for name, line in self.surely(target).items() if name not in here}
        right = [name for name in read_by if self._is_own(name)]
        if not {target.line, *(read_by[name] for name in right)} & changed:
            return None
        if not right or target.line - min(read_by[name] for name in right) < _FAR:
            return None
        # What the only assignment right above reads is seen without following anything.
        if len(right) < _LEAST_RIGHT:
            return None
        possible = self._possibly(target) | here
        others = tuple(
            sorted(
                name for name in self._names - possible if self._is_own(name) and self._is_known(name, target)
            )
        )
        if len(others) < _LEAST_WRONG or len(right) + len(others) < _LEAST_OPTIONS:
            return None
        return _Chain(target, {name: read_by[name] for name in right}, others)

    def _is_own(self, name: str) -> bool:
        return name in self._names and name not in _OWN and name not in self._flow.loose

    def _is_known(self, name: str, target: Plain | Leave) -> bool:
        """Whether a name has a value where the line runs."""
        return name in self._flow.parameters or any(one.line < target.line for one in self._bindings[name])

    def surely(self, target: Plain | Leave) -> dict[str, int]:
        """Names that the only assignment of a name on the way reads, and the lines of these assignments."""
        found: dict[str, int] = {}
        waiting = sorted(target.uses)
        seen = set(waiting)
        while waiting:
            name = waiting.pop(0)
            made = self._bindings.get(name, [])
            if len(made) != 1 or name in self._unfollowed:
                continue
            only = made[0]
            # Of several names that one statement binds, each may come from another part of it.
            if set(only.binds) - self._flow.loose != {name} or only.line >= target.line:
                continue
            for read in sorted(only.uses - {name}):
                found.setdefault(read, only.line)
                if read not in seen:
                    seen.add(read)
                    waiting.append(read)
        return found

    def may_reach(self, target: Plain | Leave) -> set[str]:
        """Names whose values may come into the line's in any way, that of a call that changes what it is given included."""
        groups = [*self._groups, *(self._words(node.line, node.last) for node in self._nodes)]
        # What stands in the head of a block may be bound there.
        names = self._names.union(*self._groups)
        found = set(self._words(target.line, target.last) & names)
        waiting = sorted(found)
        while waiting:
            name = waiting.pop()
            near = {word for words in groups if name in words for word in words & names}
            waiting += sorted(near - found)
            found |= near
        return found

    def only_value(self, node: Plain) -> str | None:
        """The one name that a statement binds, where no other statement does; None elsewhere."""
        names = [
            name for name in node.binds if len(self._bindings[name]) == 1 and name not in self._unfollowed
        ]
        return names[0] if len(names) == 1 == len(node.binds) and names[0] not in _OWN else None

    def is_about_values(self, node: Plain | Leave) -> bool:
        """Whether a statement speaks of a variable at all, and not of one that it only stores into."""
        return not (isinstance(node, Plain) and self._may_store(node)) and bool(
            self._words(node.line, node.last) & (self._names - _OWN)
        )

    def words(self, node: Plain | Leave) -> frozenset[str]:
        """Words that stand in a statement."""
        return self._words(node.line, node.last)

    def _possibly(self, target: Plain | Leave) -> set[str]:
        """Every word that assignments may bring into the line's values, whichever of them run."""
        text = self._text(target.line, target.last)
        found = self._words(target.line, target.last) - {
            name
            for name in getattr(target, "binds", ())
            if len(re.findall(rf"\b{re.escape(name)}\b", text)) == 1
        }
        waiting = sorted(found)
        while waiting:
            name = waiting.pop()
            near = {word for words in self._groups if name in words for word in words}
            for node in self._bindings.get(name, ()):
                near |= self._words(node.line, node.last)
            waiting += sorted(near - found)
            found = found | near
        return set(found)

    def _may_store(self, node: Plain) -> bool:
        """Whether a statement binds no plain name, but may assign to an element or a member."""
        return not node.binds and bool(_STORE.search(self._text(node.line, node.last)))

    def _of_headers(self) -> list[frozenset[str]]:
        """Words of each line that opens a block and may give names a value: a loop, a context, a handler."""
        found = []
        for node in every(self._flow.body):
            if isinstance(node, Loop | Scope):
                found.append(self._words(node.line, max(node.line, (first_line(node.body) or 0) - 1)))
            elif isinstance(node, Try):
                found += [self._words(handler.line, handler.line) for handler in node.handlers]
            elif isinstance(node, If):
                last = max(node.line, (first_line(node.then) or 0) - 1)
                if _BINDS.search(self._text(node.line, last)):
                    found.append(self._words(node.line, last))
        return found

    def _of_opaque_nodes(self) -> list[frozenset[str]]:
        """Words of each statement that is not followed."""
        return [
            self._words(node.line, node.last) for node in every(self._flow.body) if isinstance(node, Opaque)
        ]

    def _text(self, first: int, last: int) -> str:
        return "\n".join(self._source.line(number) for number in range(first, last + 1))

    def _words(self, first: int, last: int) -> frozenset[str]:
        """Words that stand in some lines, in whatever way."""
        if (first, last) not in self._known:
            self._known[first, last] = frozenset(_WORD.findall(self._text(first, last))) - _KEYWORDS
        return self._known[first, last]


def _asked(function: ChangedFunction, source: Source, chain: _Chain) -> Prepared:
    line = chain.target.line
    code = source.line(line).strip()
    right = shuffled(list(chain.read_by), function, f"sources:{line - function.first}")[:_MOST_RIGHT]
    wrong = shuffled(chain.others, function, f"others:{line - function.first}")[: _MOST_OPTIONS - len(right)]
    options = shuffled([*right, *wrong], function, "G15")
    prompt = (
        f"Follow the values that line {line} of {short(function)} uses back through the assignments that made them:\n"
        f"  {code[:_MOST_CODE]}\nWhich of these do the assignments read on the way? "
        "Conditions and other statements do not count."
    )
    marked = {line, *(chain.read_by[name] for name in right)}
    return pick_all(
        function,
        Kind.VALUE_SOURCES,
        Part.TRACE,
        prompt,
        [Option(option, option in right, _reason(option, chain)) for option in options],
        line=line,
        what=f"{line - function.first}:{code}",
        evidence="the assignments were followed back from the line",
        trace=_steps(sorted(marked, reverse=True), source),
    )


def _reason(option: str, chain: _Chain) -> str:
    line = chain.read_by.get(option)
    return "no assignment on the way reads it" if line is None else f"line {line} reads it"


def _steps(lines: Sequence[int], source: Source) -> tuple[str, ...]:
    return tuple(f"line {line}: {source.line(line).strip()[:_MOST_CODE]}" for line in lines)
