"""C20: the data stays whole, kept, redacted, and the person's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tokencoach import paths
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
    return Judgement(
        state_of(parts),
        sentence(parts),
        _step(parts, lost, place),
        evidence=tuple(Evidence(f"{item.name}: {item.value}", grounds.as_of_ms) for item in lost),
        basis=Basis.WORD if word is not None else Basis.EVIDENCE,
        until_ms=None if word is None else word.until_ms,
    )


def _integrity(grounds: Grounds, place: Place) -> Part:
    size = place.database.stat().st_size
    if size > _LARGEST_CHECKED:
        return Part(None, f"integrity ({size / 1e6:.0f} MB takes long: tokencoach doctor checks it)")
    found = database_health(grounds.reader.connection).integrity
    return Part(
        found == "ok", "the database is sound" if found == "ok" else f"the database is damaged: {found}"
    )


def _backup(grounds: Grounds, place: Place) -> Part:
    """What only the person can say lies twice on this disk; a copy elsewhere only they can know of."""
    word = grounds.word(subject_key("C20", BACKUP.name, None))
    days = round(grounds.limit(DAYS))
    if word is not None and grounds.as_of_ms - word.said_ms <= days * DAY_MS:
        return Part(True, f"backed up, by your word of {day_of(word.said_ms, grounds.period.tz).isoformat()}")
    if modified_ms(keepsake_of(place.database)):
        return Part(False, "no backup elsewhere that you told of (your words lie twice on this disk)")
    return Part(False, "no backup that you told of")


def _step(parts: tuple[Part, ...], lost: list[DoctorItem], place: Place) -> str:
    if parts[0].holds is False:
        return f"move {paths.shown(place.database)} away and run: tokencoach ingest"
    if lost and lost[0].mend:
        return lost[0].mend
    if not parts[1].holds:
        folder = paths.shown(place.database.parent)
        return f'put {folder} into your backup, then: tokencoach checklist tick C20 --gate backup --because "..."'
    return "nothing to do" if state_of(parts) is State.MET else "tokencoach doctor"


ITEM: Final = Item(
    "C20",
    "Own the data",
    "The database is sound, its folder is in a backup of at most 30 days (your word: no program can see it), the "
    "assistants keep their logs, and secrets in prompts are redacted.",
    judge,
    (DAYS,),
    (BACKUP,),
    unit="",
)
