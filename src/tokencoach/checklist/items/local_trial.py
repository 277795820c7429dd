"""C2: the next side project made entirely with models on this computer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.audit.numbers import counted, percent
from tokencoach.checklist.item import Item, Judgement, State, too_little
from tokencoach.clock import DAY_MS
from tokencoach.coach.finding import Evidence, Threshold
from tokencoach.git.errors import GitError
from tokencoach.git.graph import graph
from tokencoach.store.mark_rows import TRIAL, marked_with
from tokencoach.store.trial_rows import requests_in

if TYPE_CHECKING:
    from tokencoach.checklist.grounds import Grounds
    from tokencoach.store.repo_rows import KnownRepo
    from tokencoach.store.trial_rows import TrialRequest

WHOLLY: Final = Threshold(
    "C2.local", 1.0, "share", "entirely means entirely: one cloud call tells the project"
)
MOSTLY: Final = Threshold("C2.partly", 0.80, "share", "four fifths show that it can be done")
SESSIONS: Final = Threshold("C2.sessions", 5, "sessions", "fewer are a try, no project")
COMMITS: Final = Threshold("C2.commits", 3, "commits", "fewer are a try, no project")
YOUNG: Final = Threshold("C2.young", 90, "days", "the next side project is one that began lately")
_STEP: Final = "mark your next side project: tokencoach repos trial PATH"


class Trial(NamedTuple):
    """A project on trial: what it took, and where from."""

    repo: KnownRepo
    requests: tuple[TrialRequest, ...]
    cloud: tuple[TrialRequest, ...]
    first_commit_ms: int | None
    commits: int

    @property
    def sessions(self) -> int:
        """Sessions that worked in it."""
        return len({request.session for request in self.requests})

    @property
    def local_share(self) -> float | None:
        """The part of its tokens that models on this computer read and wrote."""
        every = sum(request.tokens for request in self.requests)
        return 1 - sum(request.tokens for request in self.cloud) / every if every else None


def trials(grounds: Grounds) -> list[Trial]:
    """Every repository that is marked as a trial, the busiest first."""
    found = []
    for repo in grounds.repos.values():
        if marked_with(grounds.marks, repo.roots, TRIAL) is None:
            continue
        requests = requests_in(grounds.reader.connection, repo.repo_id, grounds.as_of_ms)
        cloud = tuple(request for request in requests if request.model_id not in grounds.local_models)
        times = _commit_times(repo, grounds.as_of_ms)
        found.append(Trial(repo, tuple(requests), cloud, min(times, default=None), len(times)))
    return sorted(found, key=lambda trial: -len(trial.requests))


def _commit_times(repo: KnownRepo, as_of_ms: int) -> list[int]:
    """When its commits were made; empty where git cannot say."""
    try:
        nodes = graph(Path(repo.common_dir), [repo.default_branch or "HEAD"])
    except GitError:
        return []
    return [node.commit_ms for node in nodes if node.commit_ms <= as_of_ms]


def judge(grounds: Grounds) -> Judgement:
    """The trial that stands best: all of its tokens local, over enough sessions and commits."""
    known = trials(grounds)
    if not known:
        return too_little("no project is marked as the one for local inference only", _STEP)
    young_ms = grounds.as_of_ms - round(grounds.limit(YOUNG)) * DAY_MS
    young = [trial for trial in known if trial.first_commit_ms is None or trial.first_commit_ms >= young_ms]
    if not young:
        return too_little(
            f"{_name(known[0].repo)} began more than {grounds.limit(YOUNG):.0f} days ago: it is not the next one",
            _STEP,
        )
    return max((_judged(grounds, trial) for trial in young), key=lambda said: _RANK[said.state])


_RANK: Final = {State.MET: 3, State.PARTLY: 2, State.NOT_MET: 1, State.NOT_ENOUGH_DATA: 0}


def _judged(grounds: Grounds, trial: Trial) -> Judgement:
    share, name = trial.local_share, _name(trial.repo)
    so_much = f"{name}: {counted(trial.sessions, 'session')}, {counted(trial.commits, 'commit')}"
    evidence = _evidence(trial)
    if share is None or trial.sessions < grounds.limit(SESSIONS) or trial.commits < grounds.limit(COMMITS):
        needed = f"{grounds.limit(SESSIONS):.0f} sessions and {grounds.limit(COMMITS):.0f} commits are needed"
        so_far = f"; so far {len(trial.cloud)} cloud calls" if trial.cloud else ""
        return too_little(
            f"{so_much}; {needed}{so_far}", f"go on in {name} with a local model only", evidence
        )
    state = State.NOT_MET
    if share >= grounds.limit(MOSTLY):
        state = State.MET if share >= grounds.limit(WHOLLY) else State.PARTLY
    return Judgement(
        state,
        f"{so_much}, {percent(share)} of tokens local, {len(trial.cloud)} cloud calls",
        "start the next one the same way"
        if state is State.MET
        else f"use a local model in {name} from now on",
        value=share,
        target=grounds.limit(WHOLLY),
        evidence=evidence,
    )


def _evidence(trial: Trial) -> tuple[Evidence, ...]:
    """Each cloud call: when, by which tool, to which model."""
    return tuple(
        Evidence(
            f"{request.source} asked {request.model}",
            request.at_ms,
            0,
            request.tokens,
            request.session,
            request.session_id,
            path=trial.repo.path,
        )
        for request in trial.cloud
    )


def _name(repo: KnownRepo) -> str:
    return repo.path.rstrip("/\\").replace("\\", "/").rsplit("/", 1)[-1]


ITEM: Final = Item(
    "C2",
    "A side project on local inference only",
    "In a repository that is marked as the trial and began in the last 90 days, all tokens of all sessions are "
    "those of models on this computer, over at least 5 sessions and 3 commits; partly from 80 %.",
    judge,
    (WHOLLY, MOSTLY, SESSIONS, COMMITS, YOUNG),
)
