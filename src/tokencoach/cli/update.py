"""Bring the database up to date before a verb reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokencoach.cli.output import ProgressBar, narrate
from tokencoach.watch.refresh import Upkeep, refresh

if TYPE_CHECKING:
    from collections.abc import Collection

    from tokencoach.cli.context import Context
    from tokencoach.watch.ingest import IngestResult


def upkeep_of(context: Context, *, with_edits: bool = True) -> Upkeep:
    """Which database is kept current from which logs in this run."""
    return Upkeep(context.database, context.home, context.settings, context.tz, with_edits)


def bring_up_to_date(
    context: Context, *, only: Collection[str] = (), with_git: bool = True, with_edits: bool = True
) -> IngestResult:
    """Read new log bytes and, for verdicts, moved git refs; a bar on stderr shows long work."""
    bar = ProgressBar()
    try:
        result = refresh(
            upkeep_of(context, with_edits=with_edits), only=only, with_git=with_git, progress=bar
        )
    finally:
        bar.close()
    if result.problem is not None:
        narrate(f"tokencoach: {result.problem}")
    return result
