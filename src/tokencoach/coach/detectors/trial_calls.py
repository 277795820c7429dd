"""Requests to models elsewhere in a side project that is to be made with models on this computer only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tokencoach.audit.numbers import counted
from tokencoach.coach.finding import Basis, Detector, Evidence, Finding, Quiet, Rate
from tokencoach.store.mark_rows import TRIAL, marked_with, marks
from tokencoach.store.power.local_models import local_models
from tokencoach.store.repo_rows import known_repos

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tokencoach.coach.material import Material, Spent, Trace

ID: Final = "trial-cloud-calls"


def find(material: Material) -> Finding | Quiet:
    """Each request of a project on trial that a model on another computer answered: one tells the project."""
    connection = material.reader.connection
    found = marks(connection)
    on_trial = {
        repo.repo_id: _name(repo.path)
        for repo in known_repos(connection)
        if marked_with(found, repo.roots, TRIAL) is not None
    }
    if not on_trial:
        why = "no project is marked as the one for local inference only (tokencoach repos trial PATH)"
        return Quiet(ID, why, is_looked=False)
    own = local_models(connection)
    traces = [trace for trace in material.traces if trace.facts.repo_id in on_trial]
    whole = sum(len(trace.requests) for trace in traces)
    if not whole:
        return Quiet(ID, f"nothing was asked in {', '.join(sorted(on_trial.values()))}", is_looked=False)
    calls = [(trace, spent) for trace, spent in _requests(traces) if spent.step.model_id not in own]
    rate = Rate(len(calls), whole, "requests of the trial")
    if not calls:
        return Quiet(ID, f"all {counted(whole, 'request')} of the trial stayed on this computer", rate=rate)
    names = sorted({on_trial[trace.facts.repo_id] for trace, _ in calls if trace.facts.repo_id is not None})
    return Finding(
        id=ID,
        title=f"{counted(len(calls), 'cloud call')} of {whole} in {', '.join(names)}, which is to be made locally",
        cost_nano=sum(spent.cost_nano or 0 for _, spent in calls),
        tokens=sum(spent.counts.total for _, spent in calls),
        basis=Basis.MEASURED,
        evidence=tuple(
            _told(trace, spent)
            for trace, spent in sorted(calls, key=lambda one: (-(one[1].cost_nano or 0), one[1].step.at_ms))
        ),
        why="Requests in repositories marked by tokencoach repos trial that no model on this computer answered, at "
        "their logged tokens. Entirely local means entirely: checklist C2.",
        next=f"Set the assistant in {names[0]} to your local model: its own settings file in that folder.",
        condition=f"I open a session in {names[0]}",
        action="see first that it asks my local model",
        rate=rate,
        parts={spent.step.request_id: 1.0 for _, spent in calls},
    )


def _requests(traces: list[Trace]) -> Iterator[tuple[Trace, Spent]]:
    for trace in traces:
        for spent in trace.requests:
            yield trace, spent


def _told(trace: Trace, spent: Spent) -> Evidence:
    return Evidence(
        words=f"{trace.facts.source} asked {spent.step.model}",
        at_ms=spent.step.at_ms,
        cost_nano=spent.cost_nano or 0,
        tokens=spent.counts.total,
        session=trace.facts.session,
        session_id=trace.facts.session_id,
        turn=spent.step.turn,
        path=trace.project,
    )


def _name(path: str) -> str:
    return path.rstrip("/\\").replace("\\", "/").rsplit("/", 1)[-1]


DETECTOR: Final = Detector(ID, find)
