"""What became of lines that no test reached, and for which a person typed a call: told by the next recorded run."""

from __future__ import annotations

import os
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.clock import DAY_MS
from tokencoach.comprehension.languages.parsing import parsed, text_of
from tokencoach.comprehension.question import Kind
from tokencoach.comprehension.reach import Reach, first_line
from tokencoach.comprehension.recordings import Recordings
from tokencoach.comprehension.saved import prepared_of
from tokencoach.git.worktree import content_of
from tokencoach.store.checks.answered_rows import answered_of_kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tokencoach.comprehension.recordings import RecordedFunction
    from tokencoach.store.checks.answered_rows import AnsweredRow
    from tokencoach.store.connect import Connection

_DAYS: Final = 60
_MOST_BYTES: Final = 1 << 20


class Reached(StrEnum):
    """What the recorded runs since the answer say of its line."""

    REACHED = "reached"
    MISSED = "not reached"
    CHANGED = "function changed since"
    UNSURE = "not sure"
    WAITING = "no run since"


class AnsweredLine(NamedTuple):
    """A line, the call that a person typed for it, and what came of it.

    ``line`` is 1-based in the file as it was asked about, ``offset`` counts from the function's first
    line, ``test`` is one that reached it, ``recorded_ms`` is when that was seen, 0 where nothing was.
    """

    place: str
    path: str
    qualname: str
    line: int
    offset: int
    digest: str
    answer: str
    said_ms: int
    state: Reached
    test: str = ""
    recorded_ms: int = 0


def answered_lines(
    connection: Connection, home: Path, now_ms: int, place: str | None = None
) -> list[AnsweredLine]:
    """Lines for which a call was typed in the last sixty days, the newest first; recordings are kept no longer."""

    @cache
    def recordings(where: str) -> Recordings:
        return Recordings.of_repository(Path(where), home)

    rows = answered_of_kind(connection, Kind.UNCOVERED_LINE, now_ms - _DAYS * DAY_MS, place)
    found = (_line(row) for row in rows)
    return [_judged(line, recordings(line.place)) for line in found if line is not None]


def _line(row: AnsweredRow) -> AnsweredLine | None:
    """The line of an answer; None of a question that another version made without what this needs."""
    prepared = prepared_of(row)
    facts = prepared.key.facts if prepared is not None else {}
    offset, digest = facts.get("offset", ""), facts.get("digest", "")
    if prepared is None or not offset.isdecimal() or not digest:
        return None
    return AnsweredLine(
        row.place,
        row.path,
        row.qualname,
        prepared.question.line,
        int(offset),
        digest,
        row.answer,
        row.said_ms,
        Reached.WAITING,
    )


def _judged(line: AnsweredLine, recordings: Recordings) -> AnsweredLine:
    since = [row for row in recordings.versions(line.path, line.qualname) if row.recorded_ms > line.said_ms]
    same = next((row for row in since if row.digest == line.digest), None)
    if same is None:
        return line._replace(state=Reached.CHANGED, recorded_ms=since[0].recorded_ms) if since else line
    line = line._replace(recorded_ms=same.recorded_ms)
    if line.offset in same.covered:
        return line._replace(state=Reached.REACHED, test=_test_of(same, line.offset))
    return line._replace(state=Reached.UNSURE if same.is_partial else Reached.MISSED)


def _test_of(row: RecordedFunction, offset: int) -> str:
    """A test that reached the line; empty where its call was not kept."""
    return next((call.test for call in row.calls if offset in call.lines), "")


def to_watch(lines: Iterable[AnsweredLine], root: Path) -> Iterator[tuple[str, bytes, frozenset[int]]]:
    """Files whose functions are to be watched once more, unchanged as they are: path, content, their lines."""
    for path, names in _by_path(lines).items():
        content = content_of(root, os.fsencode(path), _MOST_BYTES)
        text = text_of(content) if content is not None else None
        tree = parsed(text) if text is not None else None
        if content is None or text is None or tree is None:
            continue
        functions = Reach(tree, text.split("\n")).functions
        spans = [
            range(first_line(node), (node.end_lineno or node.lineno) + 1)
            for name in names
            if (node := functions.get(name)) is not None
        ]
        if spans:
            yield path, content, frozenset(number for span in spans for number in span)


def _by_path(lines: Iterable[AnsweredLine]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for line in lines:
        if line.state is not Reached.REACHED:
            found.setdefault(line.path, set()).add(line.qualname)
    return found


def said_of(line: AnsweredLine) -> str:
    """What became of a line, in words for the person who runs the tests."""
    where = f"{line.path}:{line.line} in {line.qualname}"
    match line.state:
        case Reached.REACHED:
            return f"{where} is reached now{f' by {line.test}' if line.test else ''}; you had named {line.answer}"
        case Reached.MISSED:
            return f"{where} is still reached by no test; you had named {line.answer}"
        case Reached.UNSURE:
            return f"{where}: some calls were not looked at, so nobody can say whether a test reaches it"
        case Reached.CHANGED:
            return f"{where}: the function was changed since you named {line.answer}"
    return f"{where}: not run since you named {line.answer}"
