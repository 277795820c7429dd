"""What the doctor says of evidence beside the logs: notes, trace records, trailers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from tokencoach import paths
from tokencoach.attribution.evidence.facts import Dialect
from tokencoach.doctor.report import DoctorItem, DoctorSection
from tokencoach.git.notes import tip_of
from tokencoach.store.evidence_rows import evidence_counts
from tokencoach.store.repo_rows import known_repos

if TYPE_CHECKING:
    from tokencoach.settings import Settings
    from tokencoach.store.reader import Reader

_WORDS: Final = {
    Dialect.NOTE: "commits with a git-ai note",
    Dialect.TRACE: "commits with an Agent Trace record",
    Dialect.TRAILER: "commits that name an assistant, a session or a checkpoint",
}
_NOTES: Final = "refs/notes/ai"
_FETCH: Final = "if your team keeps git-ai notes: git fetch origin refs/notes/ai:refs/notes/ai  in it"


def examine_evidence(reader: Reader, settings: Settings) -> DoctorSection:
    """Per repository: what was understood, what was not, and how notes of a remote would come here.

    A note that cannot be understood needs nobody: nothing is lost but a hint.
    """
    if not settings.outside_evidence:
        off = DoctorItem("state", "switched off: outside_evidence = false in the settings")
        return DoctorSection("outside evidence", (off,))
    items = []
    for row in evidence_counts(reader.connection):
        said = f"{row.understood:,} {_WORDS[Dialect(row.dialect)]}"
        if row.problems:
            said += f"; {row.problems:,} not understood in whole, first {row.first_problem}"
        items.append(DoctorItem(paths.shown(row.path), said))
    for repo in known_repos(reader.connection):
        git_dir = Path(repo.common_dir)
        if repo.remotes and git_dir.is_dir() and tip_of(git_dir, _NOTES) is None:
            items.append(DoctorItem(paths.shown(repo.path), "no git-ai notes here", _FETCH))
    if not items:
        items.append(DoctorItem("found", "none: no repository here has notes, trace records or trailers"))
    return DoctorSection("outside evidence", tuple(items))
