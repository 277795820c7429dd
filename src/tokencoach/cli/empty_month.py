"""What a verb says of a time without requests: where there are some."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokencoach.cli.output import NOTHING_READ
from tokencoach.store.reader import open_reader

if TYPE_CHECKING:
    from tokencoach.cli.context import Context


def nothing_in(context: Context, what: str, verb: str) -> str:
    """``what`` is missing; the same verb on the newest month with requests is the next step."""
    from tokencoach.audit.month import months  # noqa: PLC0415 - seldom

    with open_reader(context.database) as reader:
        known = months(reader, context.tz)
    if not known:
        return NOTHING_READ
    return f"{what}; the newest month with requests: tokencoach {verb} --month {known[-1]}"
