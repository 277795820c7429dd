"""The calls of a turn for the verb that opens one: what each was asked to do, out of the assistant's own log."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from tokencoach import clock
from tokencoach.cli.output import one_line
from tokencoach.store.trace_rows import calls_of_turn
from tokencoach.watch.asked import asked_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zoneinfo import ZoneInfo

    from tokencoach.store.reader import Reader
    from tokencoach.store.trace_rows import CallStep
    from tokencoach.watch.asked import AskedOf

_LONGEST = 160


class Calls:
    """The calls of one turn, and their words where the log still has them."""

    def __init__(self, reader: Reader, session: int, turn: int) -> None:
        self.steps = calls_of_turn(reader.connection, session, turn, clock.now_ms() + 1)
        self.asked: dict[int, AskedOf] = asked_of(reader, session, turn, self.steps)

    def lines(self, tz: ZoneInfo) -> Iterator[str]:
        """One line a call: when, what kind, what it was asked, how it ended."""
        for call in self.steps:
            at = datetime.fromtimestamp(call.at_ms / 1000, tz).strftime("%H:%M")
            said = one_line(self._words(call))
            said = said if len(said) <= _LONGEST else f"{said[: _LONGEST - 1]}…"
            code = f"exit {call.exit_code}" if call.exit_code else ""
            ended = "" if call.status in (None, "ok") else str(call.status)
            end = ", ".join(filter(None, (ended, code)))
            by = "  by a sub-agent" if call.agent is not None else ""
            yield f"     {at} {call.kind or 'call':<7} {said}{by}{f'  ({end})' if end else ''}"

    def _words(self, call: CallStep) -> str:
        asked = self.asked.get(call.key)
        if asked is not None and asked.is_command:
            return asked.text
        told = call.path or (asked.text if asked is not None else "")
        return f"{call.tool}  {told}".rstrip()

    def as_json(self) -> list[dict[str, Any]]:
        """One object a call; ``asked`` is null where no log tells it."""
        return [
            {
                "at": clock.iso_utc(call.at_ms),
                "tool": call.tool,
                "kind": call.kind,
                "path": call.path,
                "asked": self.asked[call.key].text if call.key in self.asked else None,
                "status": call.status,
                "exit_code": call.exit_code,
                "output_bytes": call.output_bytes,
                "by_sub_agent": call.agent is not None,
            }
            for call in self.steps
        ]
