"""How people and models work with an assistant, counted in real logs, and texts made in that measure."""

from __future__ import annotations

import inspect
import math
import pydoc
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

BEGAN = datetime(2026, 6, 17, 10, 0, tzinfo=UTC)
LONGEST = 90_000


class Size(NamedTuple):
    """Letters of a kind of text: the middle of many, and their mean."""

    median: int
    mean: int


class Answer(NamedTuple):
    """What share of calls is of a kind, and how long tools answer it."""

    share: float
    size: Size


class Habits(NamedTuple):
    """How an assistant works; ``edited`` are letters that an edit removes and adds, ``again`` commands run before."""

    calls: int
    said: Size
    edited: Size
    again: float
    read: Answer
    search: Answer
    run: Answer
    edit: Answer


#: Two sessions of Pi, 3.3 MB: 4.0 kB a call, lines of 1.7 kB in the mean, of 0.7 kB in the middle.
PI = Habits(
    calls=6,
    said=Size(85, 250),
    edited=Size(242, 1151),
    again=0.19,
    read=Answer(0.19, Size(2207, 5721)),
    search=Answer(0.19, Size(322, 560)),
    run=Answer(0.28, Size(120, 594)),
    edit=Answer(0.34, Size(122, 133)),
)
#: Twelve sessions of Copilot, 2.3 MB: 17.8 kB a call, most of it what the program itself writes between.
COPILOT = Habits(
    calls=9,
    said=Size(150, 400),
    edited=Size(2956, 8664),
    again=0.0,
    read=Answer(0.21, Size(422, 3177)),
    search=Answer(0.29, Size(238, 833)),
    run=Answer(0.46, Size(208, 674)),
    edit=Answer(0.04, Size(175, 162)),
)
#: 332 sessions of Claude Code, 20 of Codex, 438 of OpenCode, 608 MB, each program weighed alike: 7 to 17 kB
#: a call. Of the assistants below no long log is public; they have the same tools and drive the same models.
USUAL = Habits(
    calls=15,
    said=Size(200, 600),
    edited=Size(370, 1100),
    again=0.3,
    read=Answer(0.34, Size(5900, 10_500)),
    search=Answer(0.18, Size(1270, 4300)),
    run=Answer(0.36, Size(1130, 6200)),
    edit=Answer(0.12, Size(122, 133)),
)


def drawn(rng: random.Random, size: Size) -> float:
    """One of many sizes that have this middle and this mean."""
    spread = math.sqrt(2 * math.log(max(1.0, size.mean / size.median)))
    return rng.lognormvariate(math.log(size.median), spread)


class Call(NamedTuple):
    """A call: what kind it is of, its arguments, what was answered; of an edit the file before and after."""

    name: str
    arguments: dict[str, Any]
    answer: str
    before: str = ""
    after: str = ""


class Maker:
    """Texts and instants of one log; ``call`` and ``at`` go on with each use."""

    def __init__(self, rng: random.Random, habits: Habits) -> None:
        self._rng = rng
        self.habits = habits
        self._code = inspect.getsource(pydoc)
        self._count = 0
        self._commands = ["git status"]

    def text(self, size: Size) -> str:
        """A piece of a program, as long as such texts are."""
        length = min(LONGEST, int(drawn(self._rng, size)))
        start = self._rng.randrange(max(1, len(self._code) - length))
        return self._code[start : start + length]

    def said(self) -> str:
        """What the model says, or the person."""
        return self.text(self.habits.said)

    def calls(self) -> Iterator[Call]:
        """The calls of one turn."""
        habits = self.habits
        kinds = ("read", "search", "run", "edit")
        for kind in self._rng.choices(kinds, [getattr(habits, kind).share for kind in kinds], k=habits.calls):
            answer = self.text(getattr(habits, kind).size)
            path = f"/home/dev/src/part_{self._rng.randrange(97)}.py"
            if kind == "edit":
                yield self._edit(path, answer)
            elif kind == "run":
                yield Call(kind, {"command": self._command()}, answer)
            elif kind == "read":
                yield Call(kind, {"path": path}, answer)
            else:
                yield Call(kind, {"pattern": f"part_{self._rng.randrange(10**6)}", "path": "src"}, answer)

    def _edit(self, path: str, answer: str) -> Call:
        """An edit of some lines of a file: most stay as they are."""
        told = self.habits.edited
        before = self.text(Size(max(1, told.median // 2), max(1, told.mean // 2))).splitlines() or [""]
        place = self._rng.randrange(len(before))
        added = [f"    total_{self._count} = {self._count}", "    # done"]
        old, new = "\n".join(before), "\n".join([*before[:place], *added, *before[place + 1 :]])
        head = self.text(self.habits.read.size) if self._rng.random() < 0.8 else ""
        return Call(
            "edit", {"path": path, "oldText": old, "newText": new}, answer, f"{head}\n{old}", f"{head}\n{new}"
        )

    def _command(self) -> str:
        """A command line, of those run before or a new one."""
        if self._rng.random() >= self.habits.again:
            name = f"part_{self._rng.randrange(10**6)}"
            lines = (
                f"pytest tests/{name} -q 2>&1 | tail -20",
                f"cd /home/dev/src && grep -rn {name} . | head -20",
                f"git log --oneline -5 -- {name} && git diff --stat",
                f"npm run build -- --filter={name}",
                f"sed -n '1,80p' src/{name}.py",
                f'git add -A && git commit -m "Mend {name}"',
            )
            self._commands.append(self._rng.choice(lines))
            return self._commands[-1]
        return self._rng.choice(self._commands)

    def own(self) -> str:
        """A name of its own for a record."""
        self._count += 1
        return f"{self._rng.getrandbits(64):016x}-{self._count}"

    def at(self) -> str:
        """The next instant."""
        self._count += 1
        moment = BEGAN + timedelta(milliseconds=1_371 * self._count)
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
