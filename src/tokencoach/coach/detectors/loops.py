"""Assistants that go in circles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tokencoach.audit.numbers import counted
from tokencoach.coach.evidence import add_parts, dearest_first, end_of_path, in_session, quoted
from tokencoach.coach.finding import Basis, Detector, Finding, Quiet, Rate, Threshold
from tokencoach.coach.repeats import RepeatKind, repeats

if TYPE_CHECKING:
    from tokencoach.coach.material import Material
    from tokencoach.coach.repeats import Repeat

ID: Final = "loops"
TIMES: Final = Threshold(
    "loops.times",
    3,
    "times",
    "the second equal answer may be a check, the third tells nothing that the first did not",
)
SESSIONS: Final = Threshold("loops.sessions", 5, "sessions", "fewer than five sessions show no habit")


def find(material: Material) -> Finding | Quiet:
    """Equal calls with equal answers while nothing changed, and edits that were undone and made again."""
    known = [trace for trace in material.traces if any(call.output_digest for call in trace.calls)]
    if len(known) < material.limit(SESSIONS):
        why = f"{counted(len(known), 'session')} whose log shows what tools said; it takes {material.limit(SESSIONS):.0f}"
        return Quiet(ID, why, is_looked=False)
    least = material.limit(TIMES)
    parts: dict[int, float] = {}
    evidence = []
    sessions = calls = 0
    for trace in known:
        circles = [one for one in repeats(trace) if one.kind is RepeatKind.EDIT or one.times >= least]
        sessions += bool(circles)
        for circle in circles:
            calls += len(circle.calls) - 1
            add_parts(parts, circle.parts)
            evidence.append(
                in_session(material, trace, _words(circle), circle.first_ms, circle.parts, turn=circle.turn)
            )
    rate = Rate(sessions, len(known), "sessions")
    if not evidence:
        return Quiet(ID, f"nothing went in circles in {len(known)} sessions", rate=rate)
    nano, tokens = material.cost(parts)
    return Finding(
        id=ID,
        title=f"{sessions} of {len(known)} sessions went in circles, {counted(calls, 'call')} in vain",
        cost_nano=nano,
        tokens=tokens,
        basis=Basis.MEASURED,
        evidence=dearest_first(evidence),
        why=f"The same tool with the same input and the same answer at least {least:.0f} times in a turn, no file "
        "changed between; or the same edit made, undone and made again in a turn. The price of the requests "
        f"behind all but the first, by their share of the request's calls. Number: {TIMES.because}.",
        next="Stop it at the second equal answer, and say what is different from what it believes.",
        condition="an assistant gets the same answer for the second time",
        action="stop it and tell it what it does not know, or start fresh with what was found out",
        rate=rate,
        parts=parts,
    )


def _words(circle: Repeat) -> str:
    seconds = (circle.last_ms - circle.first_ms) // 1000
    if circle.kind is RepeatKind.EDIT:
        return f"the same edit of {end_of_path(circle.what)} made {circle.times} times, undone between, in {seconds} s"
    return f"{quoted(circle.what)}: {circle.times} equal calls with equal answers in {seconds} s"


DETECTOR: Final = Detector(ID, find, (TIMES, SESSIONS))
