"""``checklist tick|snooze|threshold|undo``: the person's own word on items, always with a reason."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import click

from tokencoach.checklist.gates import subject_key
from tokencoach.checklist.registry import ITEMS, item_of
from tokencoach.checklist.saying import reason_of, snooze_of, tick_of
from tokencoach.cli.context import Context, verb
from tokencoach.cli.output import narrate, one_line
from tokencoach.cli.repository import repository_path
from tokencoach.cli.update import bring_up_to_date
from tokencoach.clock import day_of
from tokencoach.coach.registry import DETECTORS
from tokencoach.errors import UsageError
from tokencoach.store.reader import open_reader
from tokencoach.store.repo_rows import known_repos
from tokencoach.store.threshold_rows import say_threshold, take_back_threshold
from tokencoach.store.tick_rows import say_tick, take_back_ticks
from tokencoach.watch.word import write_word

if TYPE_CHECKING:
    from tokencoach.checklist.item import Item, Subject
    from tokencoach.coach.finding import Threshold
    from tokencoach.store.repo_rows import KnownRepo

_because = click.option("--because", metavar="TEXT", help="Why; shown wherever your word stands.")
_gate = click.option("--gate", metavar="NAME", help="What of the item: C17 note, reader, …; C20 backup.")
_repo = click.option("--repo", metavar="PATH", help="The repository, where it is about one.")


@click.command(epilog='Example: tokencoach checklist tick C4 --because "I publish no totals"')
@click.argument("item")
@_gate
@_repo
@_because
@verb
def tick(context: Context, item: str, gate: str | None, repo: str | None, because: str | None) -> int:
    """Say that an item holds, where no evidence can exist. Your word ends after 31 days.

    It has a mark of its own. Items that can be judged from evidence take no tick.
    """
    reason_of(because)
    word = tick_of(_subject(context, item_of(item), gate, repo), because, context.now_ms)
    write_word(context.database, context.tz, lambda connection: say_tick(connection, word))
    meaning, until = _named(item_of(item), gate).meaning, day_of(word.until_ms, context.tz).isoformat()
    narrate(f"{item_of(item).id}: you say that {meaning}; your word stands until {until}")
    return 0


@click.command(
    epilog='Example: tokencoach checklist snooze C2 --until 2026-12-31 --because "no side project now"'
)
@click.argument("item")
@click.option(
    "--until", metavar="D", required=True, help="The last day on which it is left alone, YYYY-MM-DD."
)
@_because
@verb
def snooze(context: Context, item: str, until: str, because: str | None) -> int:
    """Leave an item alone until a day, for a reason; what it would say stays in sight."""
    found = item_of(item)
    word = snooze_of(found.id, until, because, context.now_ms, context.tz)
    bring_up_to_date(context)
    write_word(context.database, context.tz, lambda connection: say_tick(connection, word))
    narrate(f"{found.id} is left alone until {until}")
    return 0


@click.command(
    epilog='Example: tokencoach checklist threshold C5.peak 0.7 --because "my models hold out longer"'
)
@click.argument("name")
@click.argument("value", type=float, required=False)
@_because
@click.option("--undo", is_flag=True, help="Take your newest number back: the one before holds again.")
@verb
def threshold(context: Context, name: str, value: float | None, because: str | None, *, undo: bool) -> int:
    """Give a rule a number of your own, with the reason. What was judged with the old one stays as it was.

    Shares are from 0 to 1. checklist ITEM lists an item's numbers with the reason of each.
    """
    found = _threshold(name)
    bring_up_to_date(context)
    now = context.now_ms
    if undo:
        if value is not None or because:
            raise UsageError("--undo takes no number and no reason", "leave them out")
        if not write_word(
            context.database, context.tz, lambda base: take_back_threshold(base, found.name, now)
        ):
            raise UsageError(f"{found.name} has no number of yours", f"it starts with {found.value:g}")
        narrate(f"{found.name}: your newest number is taken back")
        return 0
    if value is None:
        raise UsageError(f"{found.name} takes a number", f"it starts with {found.value:g} {found.unit}")
    if not math.isfinite(value) or value < 0 or (found.unit == "share" and value > 1):
        raise UsageError(f"{value:g} is no {found.unit}", "shares are from 0 to 1, all else is 0 or more")
    number, reason = value, reason_of(because)
    write_word(
        context.database, context.tz, lambda base: say_threshold(base, found.name, number, reason, now)
    )
    narrate(f"{found.name}: {value:g} {found.unit} (we start with {found.value:g}: {found.because})")
    return 0


@click.command(epilog="Example: tokencoach checklist undo C4")
@click.argument("item")
@_gate
@_repo
@verb
def undo(context: Context, item: str, gate: str | None, repo: str | None) -> int:
    """Take your tick and your snooze of an item back."""
    found = item_of(item)
    key = _subject(context, found, gate, repo) if gate or repo else found.id
    now = context.now_ms
    bring_up_to_date(context)
    if not write_word(context.database, context.tz, lambda base: take_back_ticks(base, key, now)):
        raise UsageError(f"no word of yours stands on {found.id}", "tokencoach checklist  shows what does")
    narrate(f"{found.id}: your word is taken back")
    return 0


def _subject(context: Context, item: Item, gate: str | None, repo: str | None) -> str:
    """Under what a word is kept; the database is up to date after it.

    Raises:
        UsageError: the item takes no tick, or not of that.
    """
    found = _named(item, gate)
    bring_up_to_date(context)
    if found.is_of_repository != (repo is not None):
        need = "name it: --repo PATH" if found.is_of_repository else "leave --repo out"
        raise UsageError(
            f"{item.id} {found.name} is {'' if found.is_of_repository else 'not '}about a repository", need
        )
    return subject_key(item.id, found.name, _repository(context, repo) if repo is not None else None)


def _named(item: Item, gate: str | None) -> Subject:
    found = next((subject for subject in item.subjects if subject.name == (gate or "")), None)
    if found is not None:
        return found
    if not item.subjects:
        tickable = ", ".join(one.id for one in ITEMS if one.subjects)
        raise UsageError(f"{item.id} is judged from evidence and takes no tick", f"those that do: {tickable}")
    names = ", ".join(subject.name for subject in item.subjects if subject.name)
    raise UsageError(
        f"{item.id} takes a tick {'of ' + names if names else 'as a whole'}",
        "add --gate NAME" if names else "leave --gate out",
    )


def _repository(context: Context, repo: str) -> KnownRepo:
    with open_reader(context.database) as reader:
        path = repository_path(reader, repo)
        found = next(known for known in known_repos(reader.connection) if known.path == path)
    if not found.roots:
        raise UsageError(f"{one_line(found.path)} has no commit yet", "commit something first")
    return found


def _threshold(name: str) -> Threshold:
    every = [limit for item in ITEMS for limit in item.thresholds]
    every += [limit for detector in DETECTORS for limit in detector.thresholds]
    found = next((limit for limit in every if limit.name.lower() == name.strip().lower()), None)
    if found is None:
        raise UsageError(
            f"no number is called {name!r}", "tokencoach checklist ITEM  lists an item's numbers"
        )
    return found
