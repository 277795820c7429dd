"""Local models that stay in memory while nobody asks them anything."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tokencoach.audit.energy import UJ_A_WH
from tokencoach.audit.numbers import percent
from tokencoach.coach.finding import Basis, Detector, Evidence, Finding, Quiet, Rate, Threshold
from tokencoach.store.power.rows import loaded_days

if TYPE_CHECKING:
    from tokencoach.coach.material import Material
    from tokencoach.store.power.rows import LoadedDay

ID: Final = "idle-model"
SHARE: Final = Threshold(
    "idle-model.share",
    0.20,
    "share",
    "a model is loaded in seconds: waiting for most of its time it only heats",
)
HOURS: Final = Threshold("idle-model.hours", 1, "hours", "of less than an hour in memory nothing can be said")
_HOUR_MS: Final = 3_600_000


def find(material: Material) -> Finding | Quiet:
    """Hours in which a loaded model waited, of all hours in which one was loaded; energy where it was measured.

    Source of the limit: the checklist's C18. Asleep (unloaded by the server itself) is not loaded; time in
    which the server did not answer is left out.
    """
    until = min(material.period.until_ms, material.as_of_ms + 1)
    days = loaded_days(material.reader.connection, material.period.since_ms, until)
    loaded = sum(day.processing_ms + day.idle_ms for day in days)
    least = material.limit(HOURS)
    if loaded < least * _HOUR_MS:
        return Quiet(
            ID,
            f"{loaded / _HOUR_MS:.1f} hours of a local model in memory were watched; it takes {least:.0f} "
            "(tokencoach power --watch  while one is loaded)",
            is_looked=False,
        )
    idle = sum(day.idle_ms for day in days)
    rate = Rate(round(idle / _HOUR_MS, 2), round(loaded / _HOUR_MS, 2), "hours loaded")
    limit = material.limit(SHARE)
    if idle <= limit * loaded:
        return Quiet(
            ID,
            f"loaded models waited {percent(idle / loaded)} of the time, at most {percent(limit)}",
            rate=rate,
        )
    known = [day for day in days if day.resident_known_ms]
    energy = f", {sum(day.resident_uj for day in known) / UJ_A_WH:.1f} Wh measured" if known else ""
    return Finding(
        id=ID,
        title=f"Local models idled {idle / _HOUR_MS:.1f} of {loaded / _HOUR_MS:.1f} hours{energy}",
        cost_nano=0,
        tokens=0,
        basis=Basis.MEASURED,
        evidence=tuple(
            _told(day) for day in sorted(days, key=lambda day: (-day.idle_ms, day.start_ms)) if day.idle_ms
        ),
        why=f"Time loaded and idle, of time loaded, above {percent(limit)}; energy is what the waiting model drew above the "
        f"empty device, where a meter tells. It costs no tokens. Limit: {SHARE.because}.",
        next="Let the server unload it: OLLAMA_KEEP_ALIVE=5m, llama-server --sleep-idle-seconds 300, "
        "or the idle time-out of LM Studio.",
        condition="I start a server for a local model",
        action="set it to unload the model after five idle minutes",
        rate=rate,
    )


def _told(day: LoadedDay) -> Evidence:
    energy = f", {day.resident_uj / UJ_A_WH:.1f} Wh" if day.resident_known_ms else ", energy not measured"
    loaded = day.processing_ms + day.idle_ms
    return Evidence(
        words=f"{day.kind} {day.model}: idle {day.idle_ms / _HOUR_MS:.1f} of {loaded / _HOUR_MS:.1f} hours{energy}",
        at_ms=day.start_ms,
    )


DETECTOR: Final = Detector(ID, find, (SHARE, HOURS))
