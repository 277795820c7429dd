"""Which class of the project derives from which, and in which class a member is found."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.comprehension.generators.spoken import is_like
from tokencoach.comprehension.languages.python_classes import classes_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tokencoach.comprehension.generators.base import Repository, Source
    from tokencoach.comprehension.languages.python_classes import ClassFacts, FileFacts

_MOST_BYTES: Final = 400_000
_MOST_CLASSES: Final = 60
_MOST_HOPS: Final = 4
_HEAD: Final = "^class +[A-Za-z_0-9]+ *[(]"
_WORD: Final = re.compile(r"\w+")
_ROOTS: Final = frozenset({"object", "ABC", "Generic", "Protocol", "Exception", "ValueError", "RuntimeError"})
"""Bases that have none of the members that a project asks its own classes for."""


class Placed(NamedTuple):
    """A class of the project, by the file that it stands in."""

    path: str
    name: str


class Lineage:
    """The classes of a repository, read as they are asked for. The changed file is read as it changes."""

    def __init__(self, source: Source, repository: Repository) -> None:
        self._source = source
        self._repository = repository
        self._orders: dict[Placed, list[Placed | str] | None] = {}

    def facts(self, placed: Placed) -> ClassFacts | None:
        """What a class's own body says."""
        return self._file(placed.path).classes.get(placed.name)

    def order(self, placed: Placed) -> list[Placed | str] | None:
        """The class and those above in the order in which Python looks into them; texts are strangers.

        None where there is no such order, or no such class.
        """
        if placed not in self._orders:
            self._orders[placed] = None
            self._orders[placed] = self._linear(placed)
        return self._orders[placed]

    def owner(self, placed: Placed, member: str, *, is_above: bool = False) -> Placed | None:
        """The first class in the order that has a member; None where a stranger may have it before.

        ``is_above`` leaves the class itself out, as ``super()`` does.
        """
        for one in (self.order(placed) or [])[int(is_above) :]:
            if isinstance(one, str):
                if one.rpartition(".")[2] not in _ROOTS:
                    return None
                continue
            facts = self.facts(one)
            if facts is None or member in facts.members:
                return one if facts is not None else None
        return None

    def below(self, placed: Placed) -> list[Placed]:
        """Every class that derives from a class, directly or by others; none where there are too many to tell."""
        found: list[Placed] = []
        waiting = [placed]
        while waiting:
            above = waiting.pop(0)
            near = self._named.get(above.name, [])
            if len(near) + len(found) > _MOST_CLASSES:
                return []
            self._repository.read_ahead([one.path for one in near])
            for one in near:
                facts = self.facts(one)
                if facts is None or one in found:
                    continue
                bases = [base for base in facts.bases if base.rpartition(".")[2] == above.name]
                if any(self._resolved(one.path, base) == above for base in bases):
                    found.append(one)
                    waiting.append(one)
        return found

    @cached_property
    def _named(self) -> dict[str, list[Placed]]:
        """Classes by the last names of what they derive from, as far as the line says that they begin with."""
        found: dict[str, list[Placed]] = {}
        for path, line in self._repository.lines_like(_HEAD, ".py"):
            if is_like(path, "python"):
                words = _WORD.findall(line.partition("#")[0])
                for base in dict.fromkeys(words[2:]):
                    found.setdefault(base, []).append(Placed(path, words[1]))
        return found

    def _content(self, path: str) -> bytes:
        content = self._source.file.new if path == self._source.path else self._repository.text(path)
        return content if content is not None and len(content) <= _MOST_BYTES else b""

    def _file(self, path: str) -> FileFacts:
        return classes_in(self._content(path))

    def _linear(self, placed: Placed) -> list[Placed | str] | None:
        facts = self.facts(placed)
        if facts is None or "" in facts.bases:
            return None
        bases: list[Placed | str] = [self._resolved(placed.path, base) or base for base in facts.bases]
        rows: list[list[Placed | str]] = []
        for base in bases:
            above = [base] if isinstance(base, str) else self.order(base)
            if above is None:
                return None
            rows.append(list(above))
        return _merged([*rows, list(bases)], placed)

    def _resolved(self, path: str, name: str, hops: int = 0) -> Placed | None:
        """The class that a name means in a file, by way of the imports; None where it is a stranger's."""
        file = self._file(path)
        if name in file.classes:
            return Placed(path, name)
        first, _, rest = name.partition(".")
        if first not in file.imports or hops > _MOST_HOPS:
            return None
        level, module, there = file.imports[first]
        for other in self._paths(path, level, module, there):
            if rest:
                found = self._resolved(other, rest, hops + 1)
            else:
                found = self._resolved(other, there, hops + 1) if there else None
            if found is not None:
                return found
        return None

    def _paths(self, path: str, level: int, module: str, there: str) -> Iterator[str]:
        """Files that an import may mean: the module itself, or one of its name in the package."""
        words = module.replace(".", "/")
        folder = "/".join(path.split("/")[:-level]) if level else ""
        starts = [f"{folder}/{words}".strip("/")] if level else list(self._roots(words))
        known = self._repository.paths()
        for start in starts:
            for one in (f"{start}.py", f"{start}/__init__.py", f"{start}/{there}.py"):
                if one in known:
                    yield one

    def _roots(self, words: str) -> Iterator[str]:
        """Where a module may stand: at the top, or below the one folder that holds its package."""
        top = words.partition("/")[0]
        ends = (f"{top}/__init__.py", f"{top}.py")
        tops = [
            one
            for one in self._repository.paths()
            if one.endswith(ends) and one.removesuffix(ends[0]).removesuffix(ends[1])[-1:] in {"", "/"}
        ]
        outer = [one.removesuffix(ends[0]).removesuffix(ends[1]) for one in tops]
        shortest = sorted(set(outer), key=lambda one: (one.count("/"), one))
        if len(shortest) == 1 or (shortest and shortest[0] in {"", "src/"}):
            yield f"{shortest[0]}{words}"


def _merged(rows: list[list[Placed | str]], placed: Placed) -> list[Placed | str] | None:
    """Python's own way of ordering bases; None where they contradict each other."""
    found: list[Placed | str] = [placed]
    rows = [row for row in rows if row]
    while rows:
        head = next((row[0] for row in rows if not any(row[0] in other[1:] for other in rows)), None)
        if head is None:
            return None
        found.append(head)
        rows = [rest for row in rows if (rest := [one for one in row if one != head])]
    return found
