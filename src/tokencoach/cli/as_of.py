"""The instant that ``--as-of`` names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokencoach.audit.period import as_of_instant, is_ahead
from tokencoach.cli.output import narrate

if TYPE_CHECKING:
    from tokencoach.cli.context import Context


def as_of_ms(context: Context, text: str | None) -> int:
    """The end of the day named, else now; a day ahead is said to be one.

    Raises:
        UsageError: the text is no date.
    """
    if is_ahead(text, context.tz, context.now_ms):
        narrate(f"--as-of {text} lies ahead: judged as if nothing more happened until then")
    return as_of_instant(text, context.tz, context.now_ms)
