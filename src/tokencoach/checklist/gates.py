"""What each phase asks of a repository before it counts as done, and the evidence there is of it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.checklist.item import Subject
from tokencoach.git.tree import tracked_paths
from tokencoach.usage.words import Phase

if TYPE_CHECKING:
    from collections.abc import Callable

    from tokencoach.checklist.grounds import Grounds
    from tokencoach.store.repo_rows import KnownRepo

_NOTE: Final = re.compile(r"(?:docs?/)?(?:readme|about|notes?)(?:\.\w+)?", re.IGNORECASE)
_ARCHITECTURE: Final = re.compile(
    r"(?:.*/)?(?:(?:architecture|design)(?:\.\w+|/.+)|(?:adrs?|decisions?|rfcs?)/.+\.\w+)", re.IGNORECASE
)
_OPERATION: Final = re.compile(
    r"(?:.*/)?(?:(?:monitoring|observability|grafana|prometheus|alertmanager|dashboards|runbooks?|slos?)(?:/.+|\.\w+)"
    r"|(?:prometheus|alerts?|alertmanager|otel[\w-]*|opentelemetry[\w-]*|datadog|newrelic)(?:[\w.-]*)?\.(?:ya?ml|json|toml|ini)"
    r"|\.sentryclirc|sentry\.properties|healthcheck\.\w+)",
    re.IGNORECASE,
)


class Gate(NamedTuple):
    """One thing that a phase asks for. ``find`` gives the evidence in words, empty where there is none."""

    name: str
    asks: str
    find: Callable[[Grounds, KnownRepo], str]


class Passed(NamedTuple):
    """How a repository stands at one gate: the evidence, or the person's word, or neither."""

    repo: KnownRepo
    gate: Gate
    evidence: str
    word: str

    @property
    def is_open(self) -> bool:
        """Whether nothing shows that it was passed."""
        return not (self.evidence or self.word)


def _file(pattern: re.Pattern[str]) -> Callable[[Grounds, KnownRepo], str]:
    def find(grounds: Grounds, repo: KnownRepo) -> str:
        del grounds
        return next(
            (path for path in sorted(tracked_paths(Path(repo.common_dir))) if pattern.fullmatch(path)), ""
        )

    return find


def _read_by_another(grounds: Grounds, repo: KnownRepo) -> str:
    """A commit of the month that somebody else reviewed or merged."""
    shas = [
        commit.sha
        for commit in grounds.commits
        if commit.repo == repo and commit.commit_id in grounds.seen_by_others
    ]
    return f"commit {shas[-1][:12]} was read by another" if shas else ""


def _architecture(grounds: Grounds, repo: KnownRepo) -> str:
    return _file(_ARCHITECTURE)(grounds, repo) or _read_by_another(grounds, repo)


GATES: Final = {
    Phase.EXPLORATION: (),
    Phase.PROTOTYPE: (
        Gate("note", "a note of what it is", _file(_NOTE)),
        Gate("reader", "a second reader", _read_by_another),
    ),
    Phase.PRODUCTION: (
        Gate("architecture", "an architecture note or a review", _architecture),
        Gate("operation", "what watches it in operation", _file(_OPERATION)),
    ),
}
SUBJECTS: Final = (
    Subject("note", "there is a note of what it is, elsewhere", is_of_repository=True),
    Subject("reader", "a second person read it", is_of_repository=True),
    Subject(
        "architecture", "its architecture was written down or reviewed, elsewhere", is_of_repository=True
    ),
    Subject("operation", "something watches it in operation, or it has none", is_of_repository=True),
)


def subject_key(item: str, name: str, repo: KnownRepo | None) -> str:
    """Under what the person's word on something in an item is kept; a repository by its root commits."""
    parts = [item, *([name] if name else []), *(["+".join(sorted(repo.roots))] if repo is not None else [])]
    return "/".join(parts)


def passed(grounds: Grounds) -> list[Passed]:
    """Every gate of every repository that the month's sessions worked in."""
    found = []
    for repo in grounds.active_repos:
        for gate in GATES[grounds.phase(repo.repo_id)]:
            word = grounds.word(subject_key("C17", gate.name, repo))
            found.append(Passed(repo, gate, gate.find(grounds, repo), "" if word is None else word.because))
    return found
