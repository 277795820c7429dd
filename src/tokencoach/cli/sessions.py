"""``tokencoach sessions``: one row a session, and one session opened."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

import click

from tokencoach.audit.as_json import detail_json, session_json
from tokencoach.audit.as_text import WORDS
from tokencoach.audit.explain import resolve_session, session_detail
from tokencoach.audit.numbers import count, money, percent
from tokencoach.audit.sessions import SORTS, period_sessions
from tokencoach.cli.as_of import as_of_ms
from tokencoach.cli.audit import named_period, period_options
from tokencoach.cli.context import Context, VerbGroup, verb
from tokencoach.cli.empty_month import nothing_in
from tokencoach.cli.output import emit_json, narrate, one_line, say
from tokencoach.cli.prompt import Prompts, prompt_json, prompt_lines
from tokencoach.cli.repository import repository_path
from tokencoach.cli.sessions_overrule import mark, overrule, overrules
from tokencoach.cli.update import bring_up_to_date
from tokencoach.errors import UsageError
from tokencoach.store.reader import open_reader

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from tokencoach.audit.report import Said, SessionDetail, SessionRow


@click.group(
    cls=VerbGroup,
    invoke_without_command=True,
    epilog="Example: tokencoach sessions --month 2026-10 --sort waste",
)
@period_options("all time")
@click.option(
    "--sort", type=click.Choice(SORTS), default="time", help="Dearest, most wasted or newest first."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
@verb
def sessions(
    context: Context,
    month: str | None,
    since: str | None,
    until: str | None,
    repo: str | None,
    as_of: str | None,
    sort: str,
    *,
    as_json: bool,
) -> int:
    """Sessions with what became of their spend; sessions show ID opens one.

    Where the machine is wrong, sessions overrule says your own word, and it stands.
    """
    if click.get_current_context().invoked_subcommand is not None:
        return 0
    if month or since or until:
        period = named_period(context, month, since, until)
    else:
        period = named_period(context, None, "1970-01-02", None)
    instant_ms = as_of_ms(context, as_of)
    bring_up_to_date(context)
    with open_reader(context.database) as reader:
        narrowed = repository_path(reader, repo)
        rows = period_sessions(reader, period, as_of_ms=instant_ms, repo=narrowed, sort=sort)
    if as_json:
        emit_json({"sessions": [session_json(row) for row in rows]})
    else:
        if rows:
            say(f"{_HEADING} verdict")
        for row in rows:
            say(_line(row, context.tz))
        if rows:
            say(f"Times in {context.tz.key}.")
    if not rows:
        narrate(nothing_in(context, "no session in that span", "sessions"))
        return 3
    return 0


_HEADING = f"{'started':<16} {'session':<8} {'tool':<11} {'project':<15} {'spend':>7} {'lines':>5} "


def _line(row: SessionRow, tz: ZoneInfo) -> str:
    glyph, word = WORDS[row.verdict]
    place = one_line(row.repo or row.folder or "").rstrip("/\\").replace("\\", "/").rsplit("/", 1)[-1]
    began = datetime.fromtimestamp(row.started_at_ms / 1000, tz).strftime("%Y-%m-%d %H:%M")
    return (
        f"{began} {one_line(row.session_id)[:8]:<8} {row.source[:11]:<11} {place[:15]:<15} "
        f"{money(row.cost_nano):>7} {count(row.lines.generated):>5}  {glyph} {word}{one_line_beside(row.said)}"
    )


def one_line_beside(said: Said | None) -> str:
    """As ``beside``, at the end of a row."""
    word = one_line(beside(said))
    return word and f"  {word}"


def beside(said: Said | None) -> str:
    """The person's reason, and the machine's verdict beside it."""
    if said is None:
        return ""
    machine = f" (machine: {WORDS[said.machine][1]})" if said.machine is not None else ""
    return f"  your word: {said.because}{machine}"


@sessions.command(epilog="Example: tokencoach sessions show 3f2a91c0 --json")
@click.argument("session_id")
@click.option(
    "--as-of", metavar="DATE", help="Judge with what git held at the end of that day; default: now."
)
@click.option("--turn", type=int, metavar="N", help="Only that turn, with its prompt out of the log.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
@verb
def show(context: Context, session_id: str, as_of: str | None, turn: int | None, *, as_json: bool) -> int:
    """One session: its turns, edits and lines, with the reason of each verdict.

    A turn's prompt is read from the assistant's own log; where that is gone, it says so and shows
    what was kept.
    """
    instant_ms = as_of_ms(context, as_of)
    bring_up_to_date(context)
    with open_reader(context.database) as reader:
        row = resolve_session(reader, session_id)
        detail = session_detail(reader, row, context.tz, as_of_ms=instant_ms)
        if turn is not None:
            detail = _only(detail, turn)
        prompt = Prompts(reader).of(detail.turns[0].turn_id) if turn is not None else None
    if as_json:
        said = detail_json(detail)
        emit_json(said if turn is None else said | {"prompt": prompt_json(prompt)})
        return 0
    _tell(detail)
    for line in prompt_lines(prompt) if turn is not None else ():
        say(line)
    return 0


def _only(detail: SessionDetail, number: int) -> SessionDetail:
    """The session with one turn alone.

    Raises:
        UsageError: it has no such turn.
    """
    kept = tuple(turn for turn in detail.turns if turn.turn == number)
    if not kept:
        last = max((turn.turn for turn in detail.turns), default=0)
        raise UsageError(
            f"{detail.row.session_id} has no turn {number}", f"name one from 1 to {last}: --turn N"
        )
    return replace(detail, turns=kept)


def _tell(detail: SessionDetail) -> None:
    row = detail.row
    where = row.repo or row.folder or "no folder"
    energy = "" if row.energy_wh is None else f"  {row.energy_wh:.3g} Wh {row.energy_quality}"
    say(one_line(f"{row.session_id} {row.source} {where} {money(row.cost_nano)}{energy}{beside(row.said)}"))
    for turn in detail.turns:
        glyph, word = WORDS[turn.verdict]
        asked = one_line(turn.prompt or "")[:60]
        say(f"{turn.turn:>3}  {glyph} {word:<10} {money(turn.cost_nano):>8}  {asked}")
        reason = beside(turn.said).strip() or turn.reason
        say(f"     {one_line(reason)}, confidence {percent(turn.confidence)}")
        for edit in turn.edits:
            ended = ", ".join(f"{number} {WORDS[bucket][1]}" for bucket, number in edit.buckets.items())
            said = ended or edit.note or "no significant line"
            shas = " ".join(sha[:9] for sha in edit.commits)
            word = one_line_beside(edit.said)
            say(f"     {one_line(edit.path)}  +{edit.added} -{edit.removed}  {said}  {shas}{word}")


sessions.add_command(overrule)
sessions.add_command(overrules)
sessions.add_command(mark)
