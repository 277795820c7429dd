"""C20: the data stays whole, kept, redacted, and the person's own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from tokencoach import paths
from tokencoach.audit.numbers import size
from tokencoach.checklist.gates import subject_key
from tokencoach.checklist.item import (
    NOT_SEEN_AFTERWARDS,
    Basis,
    Item,
    Judgement,
    State,
    Subject,
    too_little,
)
from tokencoach.checklist.parts import Part, sentence, state_of
from tokencoach.clock import DAY_MS, day_of
from tokencoach.coach.finding import Evidence, Threshold
from tokencoach.doctor.retention import retention_items
from tokencoach.sources.discovery import modified_ms
from tokencoach.store.backup import last_backup
from tokencoach.store.health import database_health
from tokencoach.store.keepsake import keepsake_of

if TYPE_CHECKING:
    from tokencoach.checklist.grounds import Grounds, Place
    from tokencoach.doctor.report import DoctorItem

BACKUP: Final = Subject("backup", "tokencoach's folder is in a backup that you have seen work")
DAYS: Final = Threshold("C20.days", 30, "days", "a month of words and closings is what one can say again")
_LARGEST_CHECKED: Final = 256 << 20


def judge(grounds: Grounds) -> Judgement:
    """Integrity, a backup, retention of the logs, redaction of secrets."""
    place = grounds.place
    if place is None:
        return too_little(NOT_SEEN_AFTERWARDS, "nothing to do: the current month is looked at now")
    kept = retention_items(place.home, grounds.period.tz, grounds.reader)
    lost = [item for item in kept if item.mend is not None]
    parts = (
        _integrity(grounds, place),
        _backup(grounds, place),
        Part(
            not lost,
            f"logs are deleted by {', '.join(item.name.split()[0] for item in lost)}"
            if lost
            else "logs are kept",
        ),
        Part(True, "secrets are redacted" if grounds.settings.keep_prompts else "prompts are not kept"),
    )
    word = grounds.word(subject_key("C20", BACKUP.name, None))
    is_word = word is not None and "by your word" in parts[1].words
    return Judgement(
        state_of(parts),
        sentence(parts),
        _step(parts, lost, place),
        evidence=tuple(Evidence(f"{item.name}: {item.value}", grounds.as_of_ms) for item in lost),
        basis=Basis.WORD if is_word else Basis.EVIDENCE,
        until_ms=word.until_ms if word is not None and is_word else None,
    )


def _integrity(grounds: Grounds, place: Place) -> Part:
    stored = place.database.stat().st_size
    if stored > _LARGEST_CHECKED:
        return Part(None, f"integrity ({size(stored)} takes long: tokencoach doctor checks it)")
    found = database_health(grounds.reader.connection).integrity
    return Part(
        found == "ok", "the database is sound" if found == "ok" else f"the database is damaged: {found}"
    )


def _backup(grounds: Grounds, place: Place) -> Part:
    """The program's own backup, else the person's word: of a copy that another program made only they can know."""
    word = grounds.word(subject_key("C20", BACKUP.name, None))
    days = round(grounds.limit(DAYS))
    made = last_backup(grounds.reader.connection)
    if made is not None and 0 <= grounds.as_of_ms - made.at_ms <= days * DAY_MS:
        on = day_of(made.at_ms, grounds.period.tz).isoformat()
        where = f"{on} to {paths.shown(Path(made.path))}"
        if made.is_in_place:
            return Part(True, f"backed up on {where}")
        # Its disk may lie in a drawer, or somebody deleted it.
        return Part(None, f"whether the backup of {where} is still there")
    if word is not None and grounds.as_of_ms - word.said_ms <= days * DAY_MS:
        return Part(True, f"backed up, by your word of {day_of(word.said_ms, grounds.period.tz).isoformat()}")
    if modified_ms(keepsake_of(place.database)):
        return Part(False, f"no backup of the last {days} days (your words lie twice on this disk)")
    return Part(False, f"no backup of the last {days} days")


def _step(parts: tuple[Part, ...], lost: list[DoctorItem], place: Place) -> str:
    if parts[0].holds is False:
        return f"move {paths.shown(place.database)} away and run: tokencoach ingest"
    if lost and lost[0].mend:
        return lost[0].mend
    if not parts[1].holds:
        return (
            "tokencoach backup FILE, best on another disk; where another program copies it: "
            'tokencoach checklist tick C20 --gate backup --because "..."'
        )
    return "nothing to do" if state_of(parts) is State.MET else "tokencoach doctor"


ITEM: Final = Item(
    "C20",
    "Own the data",
    "The database is sound, it was backed up in the last 30 days (tokencoach backup; your word where another program "
    "does it), the assistants keep their logs, and secrets in prompts are redacted.",
    judge,
    (DAYS,),
    (BACKUP,),
    unit="",
)
