"""Bring the database up to date before a verb reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokencoach.cli.output import ProgressBar, narrate
from tokencoach.errors import UsageError
from tokencoach.watch.reading import sources_by_name
from tokencoach.watch.refresh import Upkeep, refresh

if TYPE_CHECKING:
    from collections.abc import Collection

    from tokencoach.cli.context import Context
    from tokencoach.watch.ingest import IngestResult


def upkeep_of(context: Context, *, with_edits: bool = True) -> Upkeep:
    """Which database is kept current from which logs in this run."""
    return Upkeep(context.database, context.home, context.settings, context.tz, with_edits)


def known_source(name: str | None) -> None:
    """Nothing, if there is such a source.

    Raises:
        UsageError: there is none.
    """
    known = sources_by_name()
    if name is not None and name not in known:
        raise UsageError(f"unknown source {name!r}", f"known: {', '.join(sorted(known))}")


def bring_up_to_date(
    context: Context,
    *,
    only: Collection[str] = (),
    with_git: bool = True,
    with_edits: bool = True,
    with_verdicts: bool = True,
) -> IngestResult:
    """Read new log bytes and, for verdicts, moved git refs; a bar on stderr shows long work."""
    bar = ProgressBar()
    try:
        result = refresh(
            upkeep_of(context, with_edits=with_edits),
            only=only,
            with_git=with_git,
            with_verdicts=with_verdicts,
            progress=bar,
        )
    finally:
        bar.close()
    if result.problem is not None:
        narrate(f"tokencoach: {result.problem}")
    return result
