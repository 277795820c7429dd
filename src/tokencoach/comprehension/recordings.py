"""What the recorder saw: read from its files, merged, kept per repository and file, found again.

``TOKENCOACH_HOME/recordings/<repository>/<file>.jsonl`` holds one function a line, the newest first.
"""

from __future__ import annotations

import os
import re
import time
from itertools import islice
from typing import TYPE_CHECKING, Final

import msgspec
import xxhash

from tokencoach import paths
from tokencoach.clock import DAY_MS, now_ms
from tokencoach.comprehension.reach import Reach
from tokencoach.usage.redact import redacted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from tokencoach.comprehension.generators.base import Source

_MOST_CALLS: Final = 24
_MOST_STEPS: Final = 48
_MOST_VERSIONS: Final = 3
_MOST_FILE_BYTES: Final = 4 << 20
_DAYS: Final = 60
_RECORD: Final = re.compile(r"<\w+: ")


class Shown(msgspec.Struct, frozen=True, array_like=True):
    """A value by name: a literal where ``is_exact``, else ``Colour.RED``, ``<its type>``, ``<class X>`` or ``<function x>``.

    ``<Item: count = 2>`` is an object of a plain class with all that it holds.
    """

    name: str
    text: str
    is_exact: bool

    @property
    def is_told(self) -> bool:
        """Whether a reader knows what it is: a literal, or a function or class by its name."""
        named = self.text.startswith(("<class ", "<function ")) and "<lambda>" not in self.text
        is_record = _RECORD.match(self.text) is not None
        return self.is_exact or named or self.is_missing or is_record or self.text[:1] not in {"<", ""}

    @property
    def is_missing(self) -> bool:
        """Whether an attribute was not there yet."""
        return self.text == "<not set>"


class RecordedCall(msgspec.Struct, frozen=True):
    """One call in one test.

    ``lines`` are those that ran, counted from the function's first line, ``counts`` says of some how
    often, ``exit`` is the last; ``after`` are arguments as the call left them. ``outcome`` is ``returned``
    or ``raised`` and ``result`` the value as a literal or the exception's name. ``state`` are
    attributes of the method's object at entry, ``left`` those that it sets as they were at the end,
    ``free`` variables of the function around, ``parts`` all that is used of arguments that cannot be
    shown whole (``order.lines[0]``), ``fields`` what a returned object holds, ``handled``
    exceptions that did not leave the function, ``around`` plain values that the test had names for,
    where what it gave cannot be read. ``is_steady`` is False where the same input was seen
    to take another way too, so that the way rests on what is not shown.
    """

    test: str
    args: tuple[Shown, ...]
    lines: tuple[int, ...]
    outcome: str
    result: str
    exact: bool
    at: tuple[str, int] | None = None
    exit: int = 0
    counts: tuple[tuple[int, int], ...] = ()
    after: tuple[Shown, ...] = ()
    state: tuple[Shown, ...] = ()
    left: tuple[Shown, ...] = ()
    free: tuple[Shown, ...] = ()
    parts: tuple[Shown, ...] = ()
    fields: tuple[Shown, ...] = ()
    handled: tuple[str, ...] = ()
    around: tuple[Shown, ...] = ()
    is_steady: bool = msgspec.field(name="steady", default=True)

    @property
    def given(self) -> tuple[Shown, ...]:
        """All that it was given."""
        return (*self.args, *self.state, *self.free, *self.parts)

    @property
    def raises(self) -> bool:
        """Whether an exception left the function."""
        return self.outcome == "raised"

    @property
    def is_plain(self) -> bool:
        """Whether all it was given can be read."""
        return all(item.is_exact for item in self.given)


class RecordedStep(msgspec.Struct, frozen=True):
    """One statement that ran: its first line counted from the function's, what it read, the value that came out."""

    test: str
    line: int
    given: tuple[Shown, ...]
    result: str


class RecordedFunction(msgspec.Struct, frozen=True):
    """What was seen of one version of a function; ``digest`` is ``reach.Reach.digest``.

    ``is_partial`` says that some of its calls were not looked at, so that a line that is not in
    ``covered`` (counted from the function's first line) may have run all the same.
    """

    path: str
    qualname: str
    digest: str
    covered: frozenset[int]
    calls: tuple[RecordedCall, ...]
    steps: tuple[RecordedStep, ...] = ()
    seen: int = 0
    tests: int = 0
    is_partial: bool = msgspec.field(name="partial", default=False)
    python: str = ""
    executable: str = ""
    recorded_ms: int = 0


class _Process(msgspec.Struct, frozen=True):
    """What one process of a run wrote."""

    python: str
    executable: str
    tests: int
    notes: tuple[str, ...]
    functions: tuple[RecordedFunction, ...]


class Summary(msgspec.Struct, frozen=True):
    """What a run gave: how many tests, changed functions that ran, calls kept; what the recorder noted."""

    processes: int
    tests: int
    functions: int
    calls: int
    notes: tuple[str, ...]


def folder_of(home: Path, common_dir: Path) -> Path:
    """Where the recordings of a repository lie; all of its worktrees share them."""
    return home / "recordings" / xxhash.xxh3_64_hexdigest(os.fsencode(common_dir))


class Recordings:
    """The recordings of one repository, each file read at its first question."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[str, list[RecordedFunction]] = {}
        self._digests: dict[tuple[str, str], Reach | None] = {}

    @classmethod
    def of_repository(cls, common_dir: Path, home: Path | None = None) -> Recordings:
        """The recordings of the repository with this common git directory."""
        return cls(folder_of(home or paths.home(), common_dir))

    def of(self, source: Source, qualname: str) -> RecordedFunction | None:
        """What was seen of a function as it stands in the source; None where nothing was, or it changed."""
        rows = [row for row in self._rows(source.path) if row.qualname == qualname]
        if not rows:
            return None
        key = (source.path, source.file.blob)
        if key not in self._digests:
            self._digests[key] = Reach(source.tree, source.lines) if source.tree is not None else None
        reach = self._digests[key]
        if reach is None or qualname not in reach.functions:
            return None
        digest = reach.digest(qualname)
        return next((row for row in rows if row.digest == digest), None)

    def has_file(self, path: str) -> bool:
        """Whether anything was recorded of a file."""
        return bool(self._rows(path))

    def versions(self, path: str, qualname: str) -> list[RecordedFunction]:
        """Every version of a function that was recorded, the newest first."""
        return [row for row in self._rows(path) if row.qualname == qualname]

    def _rows(self, path: str) -> list[RecordedFunction]:
        if path not in self._read:
            self._read[path] = list(_rows(_file(self._folder, path)))
        return self._read[path]


def take(run_folder: Path, folder: Path) -> Summary:
    """Merge what a run wrote into a repository's recordings; ``run_folder`` is left as it is.

    Damaged or half-written files of a run are passed over.
    """
    processes = list(_processes(run_folder))
    by_path: dict[str, list[RecordedFunction]] = {}
    tests = sum(process.tests for process in processes)
    now = now_ms()
    for process in processes:
        for function in process.functions:
            whole = msgspec.structs.replace(
                function,
                calls=tuple(_clean(function.calls)),
                steps=tuple(step for step in function.steps if _is_clean(step.given, step.result)),
                tests=tests,
                python=process.python,
                executable=process.executable,
                recorded_ms=now,
            )
            by_path.setdefault(function.path, []).append(whole)
    kept: list[RecordedFunction] = []
    for path, functions in by_path.items():
        file = _file(folder, path)
        rows = _merged([*functions, *_rows(file)])
        kept += [row for row in rows if row.recorded_ms == now]
        _write(file, rows)
    _forget_old(folder)
    return Summary(
        processes=len(processes),
        tests=tests,
        functions=len(kept),
        calls=sum(len(row.calls) for row in kept),
        notes=tuple(dict.fromkeys(note for process in processes for note in process.notes)),
    )


def _file(folder: Path, path: str) -> Path:
    return folder / f"{xxhash.xxh3_64_hexdigest(path.encode('utf-8', 'surrogateescape'))}.jsonl"


def _processes(folder: Path) -> Iterator[_Process]:
    for file in sorted(folder.glob("*.json")):
        try:
            yield msgspec.json.decode(file.read_bytes(), type=_Process)
        except (OSError, msgspec.DecodeError):
            continue


def _rows(file: Path) -> Iterator[RecordedFunction]:
    try:
        lines = file.read_bytes().split(b"\n")
    except OSError:
        return
    for line in lines:
        try:
            yield msgspec.json.decode(line, type=RecordedFunction)
        except msgspec.DecodeError:
            continue


def _merged(rows: Iterable[RecordedFunction]) -> list[RecordedFunction]:
    """One row a version, the newest first; of each function a few versions."""
    by_version: dict[tuple[str, str], RecordedFunction] = {}
    for row in rows:
        key = (row.qualname, row.digest)
        known = by_version.get(key)
        by_version[key] = row if known is None else _both(known, row)
    found: list[RecordedFunction] = []
    versions: dict[str, int] = {}
    for row in sorted(by_version.values(), key=lambda row: -row.recorded_ms):
        versions[row.qualname] = versions.get(row.qualname, 0) + 1
        if versions[row.qualname] <= _MOST_VERSIONS:
            found.append(row)
    return found


def _both(newer: RecordedFunction, older: RecordedFunction) -> RecordedFunction:
    """Two recordings of one version; calls that disagree on the same input tell nothing and go."""
    results: dict[object, set[tuple[str, str]]] = {}
    for call in (*newer.calls, *older.calls):
        results.setdefault(_input(call), set()).add((call.outcome, call.result))
    ways: dict[object, set[object]] = {}
    for call in (*newer.calls, *older.calls):
        ways.setdefault(_input(call), set()).add((call.lines, call.counts, call.exit))
    calls: dict[object, RecordedCall] = {}
    for call in (*newer.calls, *older.calls):
        key = _input(call)
        if len(results[key]) == 1:
            known = calls.setdefault(key, call)
            if len(ways[key]) > 1 or not call.is_steady:
                calls[key] = msgspec.structs.replace(known, is_steady=False)
    return msgspec.structs.replace(
        newer,
        covered=newer.covered | older.covered,
        calls=tuple(_few(calls.values())),
        steps=tuple(_steps((*newer.steps, *older.steps))),
        seen=newer.seen + older.seen,
        tests=max(newer.tests, older.tests),
        is_partial=newer.is_partial or older.is_partial,
    )


def _input(call: RecordedCall) -> object:
    """What tells inputs apart: the values, and where some cannot be read the place too."""
    where = None if call.is_plain else (call.test, call.at, call.around)
    return where, tuple((item.name, item.text) for item in call.given)


def _steps(steps: Sequence[RecordedStep]) -> Iterator[RecordedStep]:
    """Each once, without those that disagree; the first few."""
    results: dict[object, set[str]] = {}
    for step in steps:
        results.setdefault((step.line, step.given), set()).add(step.result)
    first = {(step.line, step.given): step for step in reversed(steps)}
    steady = (step for key, step in first.items() if len(results[key]) == 1)
    return islice(steady, _MOST_STEPS)


def _few(calls: Iterable[RecordedCall]) -> Iterator[RecordedCall]:
    """At most 24 calls: first one of each path, then a second of each, and so on."""
    turns: dict[tuple[tuple[int, ...], str], int] = {}
    ranked = []
    for place, call in enumerate(calls):
        way = (call.lines, call.outcome)
        turns[way] = turns.get(way, 0) + 1
        ranked.append((turns[way], not (call.exact and call.is_plain), place, call))
    ranked.sort(key=lambda item: item[:3])
    return (item[3] for item in ranked[:_MOST_CALLS])


def _clean(calls: Iterable[RecordedCall]) -> Iterator[RecordedCall]:
    """Calls without those that hold what looks like a secret."""
    for call in calls:
        if _is_clean((*call.given, *call.after, *call.left, *call.fields, *call.around), call.result):
            yield call


def _is_clean(values: Iterable[Shown], result: str) -> bool:
    texts = [*(f"{item.name}={item.text}" for item in values), result]
    return all(redacted(text) == text for text in texts)


def _write(file: Path, rows: Iterable[RecordedFunction]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    lines: list[bytes] = []
    left = _MOST_FILE_BYTES
    for row in rows:
        line = msgspec.json.encode(row)
        left -= len(line)
        if left >= 0:
            lines.append(line)
    part = file.with_suffix(f".{os.getpid()}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as opened:
        opened.write(b"\n".join(lines) + b"\n")
    part.replace(file)


def _forget_old(folder: Path) -> None:
    """Files of nothing recorded for 60 days go."""
    oldest = time.time() - _DAYS * DAY_MS / 1000
    for file in folder.glob("*.jsonl"):
        try:
            if file.stat().st_mtime < oldest:
                file.unlink()
        except OSError:
            continue
