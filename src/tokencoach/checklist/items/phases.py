"""C17: prototype freely, production carefully."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from tokencoach.audit.numbers import counted
from tokencoach.checklist.commits import commit_evidence
from tokencoach.checklist.gates import SUBJECTS, passed
from tokencoach.checklist.item import Basis, Item, Judgement, too_little
from tokencoach.checklist.items.tests_first import tested
from tokencoach.checklist.parts import Part, sentence, state_of
from tokencoach.clock import DAY_MS
from tokencoach.coach.finding import Evidence, Threshold
from tokencoach.git.errors import GitError
from tokencoach.git.graph import graph
from tokencoach.store.checks.records import Outcome
from tokencoach.store.landed_rows import checks_of
from tokencoach.usage.words import Phase

if TYPE_CHECKING:
    from tokencoach.checklist.gates import Passed
    from tokencoach.checklist.grounds import Grounds
    from tokencoach.store.repo_rows import KnownRepo

OLD: Final = Threshold(
    "C17.old", 60, "days", "what is still explored after two months is usually more than that"
)
COMMITS: Final = Threshold("C17.commits", 20, "commits", "so much work is rarely thrown away")


def judge(grounds: Grounds) -> Judgement:
    """Phases said, gates passed, production commits checked or skipped with a reason, old explorations."""
    repos = grounds.active_repos
    if not repos:
        return too_little("no session of this month worked in a repository", "nothing to do yet")
    unsaid = [repo for repo in repos if repo.repo_id not in grounds.said_phases]
    gates = passed(grounds)
    unchecked = _unchecked(grounds)
    old = _old_explorations(grounds)
    parts = (
        Part(
            not unsaid,
            f"{len(unsaid)} of {len(repos)} repositories without a phase" if unsaid else "phases said",
        ),
        _gates_part(gates),
        _checked_part(grounds, unchecked),
        *tested(grounds),
        *([Part(False, f"{len(old)} old explorations that look like more")] if old else []),
    )
    word = any(one.word for one in gates)
    return Judgement(
        state_of(parts),
        sentence(parts),
        _step(unsaid, gates, unchecked),
        evidence=(*_unsaid(unsaid, grounds), *_open(gates, grounds), *old, *unchecked),
        basis=Basis.WORD if word else Basis.EVIDENCE,
    )


def _gates_part(gates: list[Passed]) -> Part:
    still_open = [one for one in gates if one.is_open]
    if not gates:
        return Part(True, "exploration has no gate")
    said = f", {sum(bool(one.word) for one in gates)} by your word" if any(one.word for one in gates) else ""
    return Part(not still_open, f"{len(gates) - len(still_open)} of {len(gates)} gates passed{said}")


def _unchecked(grounds: Grounds) -> tuple[Evidence, ...]:
    checks = checks_of(
        grounds.reader.connection, [commit.sha for commit in grounds.production], grounds.as_of_ms
    )
    return tuple(
        commit_evidence(commit, f"{commit.lines} generated lines, neither checked nor skipped with a reason")
        for commit in grounds.production
        if commit.sha not in checks
        or checks[commit.sha].outcome not in (Outcome.ASKED, Outcome.SKIPPED)
        or (checks[commit.sha].outcome is Outcome.SKIPPED and not checks[commit.sha].why)
    )


def _checked_part(grounds: Grounds, unchecked: tuple[Evidence, ...]) -> Part:
    every = len(grounds.production)
    if not every:
        return Part(True, "no production commit with generated lines")
    return Part(
        not unchecked,
        f"{every - len(unchecked)} of {every} production commits checked or skipped with a reason",
    )


def _old_explorations(grounds: Grounds) -> list[Evidence]:
    old_ms = grounds.as_of_ms - round(grounds.limit(OLD)) * DAY_MS
    found = []
    for repo in grounds.active_repos:
        if grounds.phase(repo.repo_id) is not Phase.EXPLORATION:
            continue
        try:
            times = [node.commit_ms for node in graph(Path(repo.common_dir), [repo.default_branch or "HEAD"])]
        except GitError:
            continue
        times = [at_ms for at_ms in times if at_ms <= grounds.as_of_ms]
        if len(times) > grounds.limit(COMMITS) and min(times) < old_ms:
            days = (grounds.as_of_ms - min(times)) // DAY_MS
            words = f"exploration with {counted(len(times), 'commit')} since {days} days"
            found.append(Evidence(words, max(times), path=repo.path))
    return found


def _unsaid(repos: list[KnownRepo], grounds: Grounds) -> list[Evidence]:
    return [
        Evidence("no phase said: taken for production", grounds.period.since_ms, path=repo.path)
        for repo in repos
    ]


def _open(gates: list[Passed], grounds: Grounds) -> list[Evidence]:
    return [
        Evidence(
            f"{grounds.phase(one.repo.repo_id)}: {one.gate.asks} is not in sight",
            grounds.period.since_ms,
            path=one.repo.path,
        )
        for one in gates
        if one.is_open
    ]


def _step(unsaid: list[KnownRepo], gates: list[Passed], unchecked: tuple[Evidence, ...]) -> str:
    if unsaid:
        return "say each repository's phase: tokencoach repos phase PATH exploration|prototype|production"
    first = next((one for one in gates if one.is_open), None)
    if first is not None:
        return (
            f"write {first.gate.asks}; where it is kept elsewhere: "
            f'tokencoach checklist tick C17 --gate {first.gate.name} --repo PATH --because "..."'
        )
    return "tokencoach hook install  asks before each commit" if unchecked else "nothing to do"


ITEM: Final = Item(
    "C17",
    "Prototype freely, production carefully",
    "Every active repository has a phase, and passed its gates. Exploration: none. Prototype: a note of what it is, "
    "and a second reader. Production: an architecture note or a review, tests run after the last AI edit, and what "
    "watches it in operation; each with its evidence, or your word for 31 days. Production commits with 10 "
    "generated lines or more were checked or skipped with a reason. An exploration older than 60 days with more than "
    "20 commits asks for another label.",
    judge,
    (OLD, COMMITS),
    SUBJECTS,
    unit="",
)
