"""``tokencoach coach --live``: what the watcher says while work goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tokencoach.audit.freshness import read_freshness
from tokencoach.audit.numbers import count, money
from tokencoach.cli.output import emit_json, narrate, one_line, say
from tokencoach.cli.update import bring_up_to_date
from tokencoach.clock import iso_utc
from tokencoach.store.nudge_rows import nudges_since
from tokencoach.store.reader import open_reader

if TYPE_CHECKING:
    from tokencoach.cli.context import Context
    from tokencoach.store.nudge_rows import NudgeRow

_DAY_MS: Final = 86_400_000


def show_live(context: Context, *, as_json: bool) -> int:
    """What was said in the last day, and what still holds, the newest first."""
    bring_up_to_date(context)
    with open_reader(context.database) as reader:
        said = nudges_since(reader.connection, context.now_ms - _DAY_MS)
        is_watching = read_freshness(reader, context.now_ms).is_watching
    if as_json:
        emit_json({"watching": is_watching, "nudges": [_json(one) for one in said]})
    for one in said if not as_json else ():
        _say(one, is_watching=is_watching)
    if not is_watching:
        narrate("nothing is looked at live: nobody watches. tokencoach watch  does, and so does the app")
    elif not said:
        narrate("nothing was said in the last day")
    return 0


def _say(one: NudgeRow, *, is_watching: bool) -> None:
    spent = money(one.cost_nano) if one.cost_nano else f"{count(one.tokens)} tokens"
    state = "over" if one.ended_ms is not None else "now" if is_watching else "last"
    say(
        f"{iso_utc(one.at_ms)[:16]}  {state:<5} {(one.session_id or '')[:8]:<8} {spent:>12}  {one_line(one.title)}"
    )
    if one.ended_ms is None:
        say(f"      next: {one.next}")


def _json(one: NudgeRow) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "title": one.title,
        "next": one.next,
        "session_id": one.session_id,
        "at": iso_utc(one.at_ms),
        "ended_at": None if one.ended_ms is None else iso_utc(one.ended_ms),
        "cost_usd": one.cost_nano / 1e9,
        "tokens": one.tokens,
    }
