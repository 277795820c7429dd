"""``tokencoach sessions overrule|overrules|mark``: the person's own word on verdicts and phases."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import click

from tokencoach.audit.explain import resolve_session, session_detail
from tokencoach.audit.targets import edit_by_number, target_of, turn_by_number
from tokencoach.cli.context import Context, verb
from tokencoach.cli.output import emit_json, narrate, one_line, say
from tokencoach.cli.update import bring_up_to_date
from tokencoach.clock import iso_utc
from tokencoach.errors import NothingToReadError, UsageError
from tokencoach.store.phase_rows import MARKED, mark_phase, phase_words, unmark_phase
from tokencoach.store.reader import open_reader
from tokencoach.store.session_rows import turn_prompts
from tokencoach.store.word_rows import (
    BEFORE_ANY_PROMPT,
    phases_of,
    say_word,
    take_back,
    turn_keys,
    words,
)
from tokencoach.usage.redact import redacted
from tokencoach.usage.words import Bucket, Phase
from tokencoach.watch.word import write_word

if TYPE_CHECKING:
    from tokencoach.store.reader import Reader
    from tokencoach.store.word_rows import Target, Word

_LONGEST = 500
_SPAN = re.compile(r"^(\d{1,9})(?:-(\d{1,9}))?$")


@click.command(
    epilog='Example: tokencoach sessions overrule 3f2a91c0 --turn 2 shipped --because "lives in a fork"'
)
@click.argument("session_id")
@click.argument("bucket", required=False, type=click.Choice([str(bucket) for bucket in Bucket]))
@click.option("--turn", type=int, metavar="N", help="Only that turn, as sessions show numbers it.")
@click.option("--edit", type=int, metavar="N", help="Only that edit of the turn, counted from 1.")
@click.option("--lines", metavar="A-B", help="Only those lines of the edit, by their position in the JSON.")
@click.option("--because", metavar="TEXT", help="Why; shown wherever your word stands.")
@click.option("--undo", is_flag=True, help="Let the machine's verdict stand again.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
@verb
def overrule(
    context: Context,
    session_id: str,
    bucket: str | None,
    turn: int | None,
    edit: int | None,
    lines: str | None,
    because: str | None,
    *,
    undo: bool,
    as_json: bool,
) -> int:
    """Say what became of a session, a turn, an edit or its lines, where the machine is wrong.

    Your word is counted in every audit and outlives a rebuild; the machine's verdict stays
    beside it. A closed month shows it as a restatement.
    """
    reason = _reason(bucket, because, is_undo=undo)
    span = _span(lines)
    if edit is not None and turn is None:
        raise UsageError("--edit needs --turn", "sessions show ID  numbers turns and lists their edits")
    if span is not None and edit is None:
        raise UsageError("--lines needs --turn and --edit")
    bring_up_to_date(context)
    target = _target(context, session_id, turn, edit, span)
    if undo:
        if not write_word(context.database, context.tz, lambda base: take_back(base, target, context.now_ms)):
            raise UsageError("nothing was overruled there", "tokencoach sessions overrules  lists your words")
        narrate("your word is taken back: the machine's verdict stands again")
    else:
        said = str(bucket)
        write_word(
            context.database, context.tz, lambda base: say_word(base, target, said, reason, context.now_ms)
        )
    bring_up_to_date(context)
    _list(context, as_json=as_json)
    return 0


def _reason(bucket: str | None, because: str | None, *, is_undo: bool) -> str:
    if is_undo:
        if bucket or because:
            raise UsageError("--undo takes no bucket and no reason", "leave them out")
        return ""
    if bucket is None:
        raise UsageError("name a bucket", f"one of {', '.join(Bucket)}, or --undo")
    said = " ".join((because or "").split())[:_LONGEST]
    if not said:
        raise UsageError("say why", 'add --because "…": you will want to know next year')
    return redacted(said)


def _span(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    found = _SPAN.match(text)
    if found is None or int(found[2] or found[1]) < int(found[1]):
        raise UsageError(f"{text!r} is no span of lines", "write it as 3-10, or 3 for one line")
    return int(found[1]), int(found[2] or found[1])


def _target(
    context: Context, session_id: str, turn: int | None, edit: int | None, span: tuple[int, int] | None
) -> Target:
    with open_reader(context.database) as reader:
        session = resolve_session(reader, session_id)
        if turn is None:
            return target_of(reader, session)
        turn_id = turn_by_number(reader, session, turn)
        if edit is None:
            return target_of(reader, session, turn_id)
        detail = session_detail(reader, session, context.tz, as_of_ms=context.now_ms)
        return target_of(reader, session, None, edit_by_number(detail, turn_id, edit), span)


@click.command(epilog="Example: tokencoach sessions overrules --json")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
@verb
def overrules(context: Context, *, as_json: bool) -> int:
    """Every word of yours that stands: overruled verdicts and marked phases."""
    bring_up_to_date(context)
    return 0 if _list(context, as_json=as_json) else NothingToReadError.exit_code


def _list(context: Context, *, as_json: bool) -> bool:
    """Print every word that stands; whether there is any."""
    with open_reader(context.database) as reader:
        said = [_word(reader, word) for word in words(reader.connection)]
        phases = [
            {"kind": mark.kind, "name": mark.name, "phase": mark.phase, "said_at": iso_utc(mark.said_ms)}
            for mark in phase_words(reader.connection)
        ]
    if as_json:
        emit_json({"overrules": said, "phases": phases})
    else:
        for word in said:
            turn = "" if word["turn"] is None else f" turn {word['turn']}"
            part = f" {word['path']}" if word["path"] else ""
            say(one_line(f"{word['session_id'][:8]}{turn}{part}  {word['bucket']}  {word['because']}"))
        for row in phases:
            say(one_line(f"{row['kind']} {row['name']}  {row['phase']}"))
    if not said and not phases:
        narrate("you have overruled nothing")
    return bool(said or phases)


def _word(reader: Reader, word: Word) -> dict[str, Any]:
    target = word.target
    return {
        "session_id": target.session_id,
        "source": target.source,
        "turn": _turn_number(reader, word),
        "path": word.path,
        "lines": None if target.first_line is None else [target.first_line, target.last_line],
        "bucket": word.bucket,
        "because": word.because,
        "said_at": iso_utc(word.said_ms),
        "is_found": word.session is not None,
    }


def _turn_number(reader: Reader, word: Word) -> int | None:
    if word.session is None or word.target.turn_key is None:
        return None
    if word.target.turn_key == BEFORE_ANY_PROMPT:
        return 0
    keys = turn_keys(reader.connection, word.session)
    rows = [row.turn for row in turn_prompts(reader.connection, word.session)]
    numbers = {keys[row]: number for number, row in enumerate(rows, 1)}
    return numbers.get(word.target.turn_key)


@click.command(epilog="Example: tokencoach sessions mark 3f2a91c0 exploration --as branch")
@click.argument("session_id")
@click.argument("phase", required=False, type=click.Choice([str(item) for item in Phase]))
@click.option("--as", "kind", type=click.Choice(MARKED), default="session", show_default=True,
              help="The session, its branch, or the folder it worked in.")  # fmt: skip
@click.option("--undo", is_flag=True, help="Take the newest mark back.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
@verb
def mark(
    context: Context, session_id: str, phase: str | None, kind: str, *, undo: bool, as_json: bool
) -> int:
    """Mark a session, its branch or its folder as exploration, prototype or production.

    Exploration and prototype work is neutral: it is never waste.
    """
    if undo and phase is not None:
        raise UsageError("--undo takes no phase", "leave it out")
    if not undo and phase is None:
        raise UsageError("name a phase, or --undo", f"one of {', '.join(Phase)}")
    bring_up_to_date(context)
    name = _marked(context, session_id, kind)
    now = context.now_ms
    if phase is not None:
        said = phase
        write_word(context.database, context.tz, lambda base: mark_phase(base, kind, name, said, now))
    elif write_word(context.database, context.tz, lambda base: unmark_phase(base, kind, name, now)) is None:
        raise UsageError(f"{kind} {name} was not marked", "tokencoach sessions overrules  lists your words")
    bring_up_to_date(context)
    _list(context, as_json=as_json)
    return 0


def _marked(context: Context, session_id: str, kind: str) -> str:
    with open_reader(context.database) as reader:
        found = phases_of(reader.connection, resolve_session(reader, session_id)).get(kind)
    if found is None:
        raise UsageError(f"the log names no {'branch' if kind == 'branch' else 'folder'} of that session")
    return found[0]
