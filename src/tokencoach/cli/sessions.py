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
from tokencoach.cli.calls import Calls
from tokencoach.cli.context import Context, VerbGroup, verb
from tokencoach.cli.empty_month import nothing_in
from tokencoach.cli.output import emit_json, narrate, one_line, say, width
from tokencoach.cli.prompt import Prompts, prompt_json, prompt_lines
from tokencoach.cli.repository import repository_path
from tokencoach.cli.sessions_overrule import mark, overrule, overrules
from tokencoach.cli.update import bring_up_to_date
from tokencoach.errors import UsageError
from tokencoach.store.reader import open_reader

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from zoneinfo import ZoneInfo

    from tokencoach.audit.report import Said, SessionDetail, SessionRow


_TOOL, _MOST_PROJECT, _LEAST_ABOUT = 11, 15, 8
"""Cells of a tool's name, of a project's at most, and of what a session was about at least."""


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
        for line in session_lines(rows, context.tz, width()):
            say(line)
    if not rows:
        narrate(nothing_in(context, "no session in that span", "sessions"))
        return 3
    return 0


def session_lines(rows: Sequence[SessionRow], tz: ZoneInfo, columns: int) -> Iterator[str]:
    """A heading, a line a session, the zone; nothing without a session.

    What a session was about has the cells that are left of ``columns``; a tool that all of them have in common
    takes none.
    """
    if not rows:
        return
    places = [_place(row) for row in rows]
    project = min(max(len("project"), *map(len, places)), _MOST_PROJECT)
    tool = 0 if len({row.source for row in rows}) == 1 else _TOOL
    lead = f"{'started':<16} {'session':<8} " + (f"{'tool':<{tool}} " if tool else "")
    heading = f"{lead}{'project':<{project}} {'spend':>7} {'lines':>5}  {'verdict':<12}"
    room = columns - len(heading) - 2
    has_about = room >= _LEAST_ABOUT
    yield f"{heading}  about" if has_about else heading.rstrip()
    for row, place in zip(rows, places, strict=True):
        glyph, word = WORDS[row.verdict]
        began = datetime.fromtimestamp(row.started_at_ms / 1000, tz).strftime("%Y-%m-%d %H:%M")
        start = f"{began} {one_line(row.session_id)[:8]:<8} " + (
            f"{row.source[:tool]:<{tool}} " if tool else ""
        )
        line = (
            f"{start}{place[:project]:<{project}} {money(row.cost_nano):>7} {count(row.lines.generated):>5}  "
            f"{f'{glyph} {word}':<12}"
        )
        said = one_line_beside(row.said)
        about = one_line(row.title or "") if has_about else ""
        about = about if len(about) <= room or not about else f"{about[: room - 1]}…"
        yield (line + (said or f"  {about}")).rstrip()
    yield f"Times in {tz.key}."


def _place(row: SessionRow) -> str:
    return one_line(row.repo or row.folder or "").rstrip("/\\").replace("\\", "/").rsplit("/", 1)[-1]


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
@click.option(
    "--turn", type=int, metavar="N", help="Only that turn, with its prompt and calls out of the log."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
@verb
def show(context: Context, session_id: str, as_of: str | None, turn: int | None, *, as_json: bool) -> int:
    """One session: its turns, edits and lines, with the reason of each verdict.

    A turn's prompt and what its calls were asked to do are read from the assistant's own log; where
    that is gone, it says so and shows what was kept.
    """
    instant_ms = as_of_ms(context, as_of)
    bring_up_to_date(context)
    with open_reader(context.database) as reader:
        row = resolve_session(reader, session_id)
        detail = session_detail(reader, row, context.tz, as_of_ms=instant_ms)
        if turn is not None:
            detail = _only(detail, turn)
        if turn is not None:
            opened = detail.turns[0].turn_id
            prompt, calls = Prompts(reader).of(opened), Calls(reader, row, opened)
    if as_json:
        said = detail_json(detail)
        emit_json(said if turn is None else said | {"prompt": prompt_json(prompt), "calls": calls.as_json()})
        return 0
    _tell(detail)
    for line in (*prompt_lines(prompt), *calls.lines(context.tz)) if turn is not None else ():
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
    if row.title:
        say(one_line(row.title))
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
