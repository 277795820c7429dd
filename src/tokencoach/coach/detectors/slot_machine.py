"""Debugging by pulling the lever again: "fix it", an error pasted, "still broken"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tokencoach.audit.numbers import counted
from tokencoach.coach.blind_runs import LENGTH, BlindRun, blind_runs, has_prompts
from tokencoach.coach.evidence import add_parts, dearest_first, in_session, quoted
from tokencoach.coach.finding import Basis, Detector, Finding, Quiet, Rate, Threshold

if TYPE_CHECKING:
    from tokencoach.coach.material import Material

ID: Final = "slot-machine"
PROMPTS: Final = Threshold(
    "slot-machine.prompts",
    LENGTH,
    "times",
    "two are a fair try and its report; from the third on nobody looks for the cause",
)
SESSIONS: Final = Threshold("slot-machine.sessions", 5, "sessions", "fewer than five sessions show no habit")


def find(material: Material) -> Finding | Quiet:
    """Sessions with a run of prompts that say nothing but that it failed (the checklist's C16)."""
    known = [trace for trace in material.traces if has_prompts(trace)]
    if len(known) < material.limit(SESSIONS):
        why = f"{counted(len(known), 'session')} whose prompts are kept; it takes {material.limit(SESSIONS):.0f}"
        return Quiet(ID, why, is_looked=False)
    least = round(material.limit(PROMPTS))
    parts: dict[int, float] = {}
    evidence = []
    sessions = prompts = 0
    for trace in known:
        runs = blind_runs(trace, least)
        sessions += bool(runs)
        for run in runs:
            prompts += len(run.prompts)
            add_parts(parts, run.parts)
            first = run.prompts[0]
            evidence.append(in_session(material, trace, _words(run), first.at_ms, run.parts, turn=first.turn))
    rate = Rate(sessions, len(known), "sessions")
    if not evidence:
        return Quiet(ID, f"no run of {least} prompts without a direction in {len(known)} sessions", rate=rate)
    nano, tokens = material.cost(parts)
    return Finding(
        id=ID,
        title=f'{prompts} prompts, {least} or more in a row, only said "it fails"',
        cost_nano=nano,
        tokens=tokens,
        basis=Basis.MEASURED,
        evidence=dearest_first(evidence),
        why=f'At least {least} prompts in a row that only paste an error or say "fix it", "still broken", "try again". '
        f"The price of all their turns but the first of each run. Number: {PROMPTS.because}.",
        next="Before the third attempt, read the code at the error and name one cause to check.",
        condition="a fix fails for the second time",
        action="read the place it fails at and write the next prompt with a suspected cause",
        rate=rate,
        parts=parts,
    )


def _words(run: BlindRun) -> str:
    said = ", ".join(f"“{quoted(prompt.text or '')}”" for prompt in run.prompts[:2])
    return f"{len(run.prompts)} in a row: {said}"[:120]


DETECTOR: Final = Detector(ID, find, (PROMPTS, SESSIONS))
