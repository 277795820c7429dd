"""What the doctor says of formats that drift, and of the work of servers on this computer."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final

from tokencoach.audit.uncounted import estimate, promptless
from tokencoach.clock import iso_utc
from tokencoach.doctor.report import DoctorItem
from tokencoach.store.drift_rows import mute_sources, unknown_parts
from tokencoach.store.power.served_rows import served_totals
from tokencoach.store.uncounted_rows import promptless_sessions, uncounted_answers

if TYPE_CHECKING:
    from tokencoach.store.reader import Reader

_MOST_NAMED: Final = 12


def drift_items(reader: Reader) -> list[DoctorItem]:
    """Kinds of records and fields that are not known, by source and version; sources that fell silent."""
    items = []
    unknown = unknown_parts(reader.connection)
    for (source, version, is_field), group in groupby(
        sorted(unknown, key=lambda one: (one.source, one.version, one.is_field)),
        key=lambda one: (one.source, one.version, one.is_field),
    ):
        told = list(group)
        named = ", ".join(f"{one.name} ({one.records})" for one in told[:_MOST_NAMED])
        more = f" and {len(told) - _MOST_NAMED} more" if len(told) > _MOST_NAMED else ""
        what = "fields" if is_field else "record kinds"
        where = f"{source} {version}".rstrip()
        items.append(DoctorItem(f"{where}: {what} not known", named + more))
    for mute in mute_sources(reader.connection):
        of = f" (its newest known version: {mute.version})" if mute.version else ""
        items.append(
            DoctorItem(
                f"{mute.source} fell silent",
                f"since {iso_utc(mute.since_ms)} its logs grew by {mute.bytes:,} bytes in {mute.files} files, "
                f"and no request was found in them{of}",
                "its format has probably changed: update tokencoach; what was read before is kept, "
                "and the rest is read again then",
                ok=False,
            )
        )
    return items


def uncounted_items(reader: Reader) -> list[DoctorItem]:
    """Answers whose logs tell no tokens, with what their text would be; and sessions that count no prompt."""
    answers = [
        DoctorItem(f"{one.source} answers without counts", estimate(one))
        for one in uncounted_answers(reader.connection)
    ]
    prompts = [
        DoctorItem(f"{one.source} prompts without counts", promptless(one))
        for one in promptless_sessions(reader.connection)
    ]
    return answers + prompts


def served_items(reader: Reader) -> list[DoctorItem]:
    """How many of the servers' requests an assistant asked for, and what their logs do not tell."""
    items = []
    for row in served_totals(reader.connection):
        said = f"{row.joined:,} of {row.requests:,} requests are in an assistant's log too, and counted once"
        if row.uncounted:
            said += f"; {row.uncounted:,} without any count of tokens"
        if row.estimated:
            said += f"; tokens of {row.estimated:,} estimated from logged rates"
        if row.untimed:
            said += f"; {row.untimed:,} without a clock, dated when the log was last written"
        items.append(DoctorItem(f"{row.source} requests", said))
    return items
