"""Questions made before anybody asks for them: of a staged tree, and of each file that an assistant edited."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from tokencoach import __version__
from tokencoach.clock import DAY_MS
from tokencoach.comprehension.choose import Limits, chosen, ranked
from tokencoach.comprehension.generators.tested import TEST, test_of
from tokencoach.comprehension.prepare import PreparedCheck
from tokencoach.store.checks.inbox_rows import prepared
from tokencoach.store.checks.writer import forget_prepared, put_prepared

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from tokencoach.comprehension.change import ChangedFile, ChangedFunction
    from tokencoach.comprehension.prepare import Known, Options
    from tokencoach.comprehension.question import Prepared
    from tokencoach.git.staged import Entry
    from tokencoach.store.connect import Connection

KEPT_MS: Final = 14 * DAY_MS
_ENCODER: Final = msgspec.msgpack.Encoder()
_DECODER: Final = msgspec.msgpack.Decoder(PreparedCheck)
_OF_A_TREE: Final = ""


def stored_check(connection: Connection, place: str, tree: str) -> PreparedCheck | None:
    """What was made ahead for a staged tree; None where nothing was, or another version made it."""
    body = prepared(connection, place, _OF_A_TREE, tree, __version__)
    if body is None:
        return None
    try:
        return _DECODER.decode(body)
    except msgspec.MsgspecError:
        return None


def store_check(connection: Connection, place: str, tree: str, check: PreparedCheck, made_ms: int) -> None:
    """Keep the questions of a staged tree; what is two weeks old is dropped."""
    put_prepared(connection, place, _OF_A_TREE, tree, __version__, made_ms, _ENCODER.encode(check))
    forget_prepared(connection, made_ms - KEPT_MS)


def step_of(old_blob: str | None, blob: str) -> str:
    """A file's change by its blobs: the questions about it depend on both."""
    return f"{old_blob or ''}:{blob}"


def has_file(connection: Connection, place: str, file: ChangedFile) -> bool:
    """Whether the questions about a file's change are made already."""
    return prepared(connection, place, file.path, step_of(file.old_blob, file.blob), __version__) is not None


def store_file(
    connection: Connection, place: str, file: ChangedFile, check: PreparedCheck, made_ms: int
) -> None:
    """Keep the questions about one file's change."""
    of = step_of(file.old_blob, file.blob)
    put_prepared(connection, place, file.path, of, __version__, made_ms, _ENCODER.encode(check))


def assembled(
    connection: Connection,
    place: str,
    entries: Sequence[Entry],
    edited: Collection[str],
    *,
    known: Known,
    options: Options,
) -> PreparedCheck | None:
    """The check of a staged change out of what was made of its files; None where one of them is missing.

    ``edited`` are the paths that an assistant wrote to: the others have no line to ask about.
    """
    found, staged = [], set()
    for entry in entries:
        path = entry.path.decode("utf-8", "replace")
        staged.add(test_of(path, entry.blob))
        names = {path, entry.old_path.decode("utf-8", "replace") if entry.old_path else path}
        if names.isdisjoint(edited) or entry.is_moved_only or entry.is_link or entry.is_submodule:
            continue
        body = prepared(connection, place, path, step_of(entry.old_blob, entry.blob), __version__)
        if body is None:
            return None
        try:
            found.append(_DECODER.decode(body))
        except msgspec.MsgspecError:
            return None
    return _joined(found, known, options, staged) if found else None


def _joined(
    found: Sequence[PreparedCheck], known: Known, options: Options, staged: Collection[str]
) -> PreparedCheck | None:
    functions = ranked(
        [function for check in found for function in check.functions], known.weak, known.uncovered
    )
    every = [
        one
        for check in found
        for one in (*check.questions, *check.others)
        # What a test expects is asked only where that very test is committed too.
        if _is_new(one, known) and one.key.facts.get(TEST, None) in {None, *staged}
    ]
    limits = Limits(
        options.functions, options.questions, options.seconds, options.is_full, options.last_parts
    )
    able = [function for function in functions if function.skip is None]
    now = chosen([(function, _about(function, every)) for function in able], limits)
    if not now:
        return None
    picked = {one.question.id for one in now}
    ai_lines = sum(check.ai_lines for check in found)
    places = sorted({one.question.path for one in now})
    return PreparedCheck(
        questions=tuple(now),
        others=tuple(one for one in every if one.question.id not in picked),
        functions=tuple(functions),
        skipped={path: skip for check in found for path, skip in check.skipped.items()},
        ai_lines=ai_lines,
        asked_because=f"{ai_lines} added lines are an assistant's, in {', '.join(places[:3])}",
    )


def _about(function: ChangedFunction, every: Sequence[Prepared]) -> list[Prepared]:
    key = function.path, function.qualname
    return [one for one in every if (one.question.path, one.question.qualname) == key]


def _is_new(one: Prepared, known: Known) -> bool:
    asked = one.question
    return asked.id not in known.asked and (asked.kind.value, asked.path, asked.qualname) not in known.bad
