"""Agent Trace records into the database: each is tied to the commit that its lines went into."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

import xxhash

from tokencoach.attribution.evidence.agent_trace import parse_trace
from tokencoach.attribution.evidence.facts import Attestation, Dialect, merged
from tokencoach.clock import DAY_MS
from tokencoach.errors import DamagedInputError
from tokencoach.git.errors import GitError
from tokencoach.git.paths import relative
from tokencoach.git.traces import touching, trace_files
from tokencoach.git.tree import tracked_paths
from tokencoach.store.evidence_writer import EvidenceWriter

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tokencoach.attribution.evidence.agent_trace import Traced
    from tokencoach.attribution.evidence.facts import Agent
    from tokencoach.git.locate import Repository
    from tokencoach.git.traces import Touch, TraceFile
    from tokencoach.store.repo_rows import KnownRepo
    from tokencoach.store.writer import Writer

# A record is written with the edit or right after the commit; the work is committed within a week.
_SLACK_MS: Final = 120_000
_WINDOW_MS: Final = 7 * DAY_MS
_MOST_PROBLEMS: Final = 50

Placed = dict[tuple[str, bool], dict[tuple[bytes, "Agent"], list[tuple[int, int]]]]
"""By commit and whether the line numbers are that commit's: ranges of each file and agent."""


def read_traces(writer: Writer, repo: KnownRepo, repository: Repository, tip: str, mark: str) -> str:
    """Take in trace records; the new mark, equal to ``mark`` where neither records nor history moved."""
    files = trace_files(repository, tip)
    if not files and not mark:
        return ""
    digest = xxhash.xxh3_64(tip.encode())
    for file in files:
        digest.update(file.name.encode("utf-8", "surrogateescape") + file.content)
    found = digest.hexdigest() if files else ""
    if found == mark:
        return mark
    records, problems = _parsed(files)
    try:
        placed = _placed(repo, repository, tip, records)
    except GitError as failed:
        placed, problems = {}, [("git", str(failed.args[0]))]
    with writer.transaction() as connection:
        rows = EvidenceWriter(connection, repo.repo_id)
        rows.forget(Dialect.TRACE)
        for (sha, is_exact), lines in sorted(placed.items()):
            attested = [Attestation(path, agent, merged(spans)) for (path, agent), spans in lines.items()]
            rows.trace(sha, attested, is_exact=is_exact)
        for name, problem in problems:
            rows.problem(Dialect.TRACE, name, problem)
    return found


def _parsed(files: list[TraceFile]) -> tuple[list[Traced], list[tuple[str, str]]]:
    records: list[Traced] = []
    problems: list[tuple[str, str]] = []
    for file in files:
        for number, line in enumerate(file.content.split(b"\n"), 1):
            if not line.strip():
                continue
            try:
                records += [_based(record, file.base) for record in parse_trace(line)]
            except DamagedInputError as error:
                problems.append((f"{file.name}:{number}", str(error.args[0])))
    return records, problems[:_MOST_PROBLEMS]


def _based(record: Traced, base: str) -> Traced:
    """A record whose path begins at the repository's top, where it does not begin at the disk's."""
    if not base or _is_absolute(record.path):
        return record
    return record._replace(path=f"{base}/{record.path.removeprefix('./')}")


def _is_absolute(path: str) -> bool:
    return path.startswith(("/", "\\")) or path[1:3] in {":/", ":\\"}


def _placed(repo: KnownRepo, repository: Repository, tip: str, records: list[Traced]) -> Placed:
    paths = _paths(repo, repository, tip, {record.path for record in records})
    touches = touching(Path(repo.common_dir), tip, paths.values())
    placed: Placed = defaultdict(lambda: defaultdict(list))
    for record in records:
        path = paths.get(record.path)
        target = _target(record, touches.get(path, [])) if path is not None else None
        if target is not None and path is not None:
            placed[target][path, record.agent] += record.ranges
    return placed


def _target(record: Traced, touches: list[Touch]) -> tuple[str, bool] | None:
    """The commit that a record speaks of, and whether its line numbers are that commit's."""
    for touch in touches:
        # Some writers name the commit, others the one that the edit was made upon.
        is_named = len(record.revision) >= 7 and touch.sha.startswith(record.revision)
        if is_named and record.at_ms <= touch.commit_ms + _SLACK_MS:
            return touch.sha, True
    for touch in touches:
        if record.at_ms <= touch.commit_ms <= record.at_ms + _WINDOW_MS:
            return touch.sha, False
    return None


def _paths(repo: KnownRepo, repository: Repository, tip: str, named: Iterable[str]) -> dict[str, bytes]:
    """Paths inside the repository; of an absolute one elsewhere, the longest end that is a file here."""
    found: dict[str, bytes] = {}
    roots = [str(tree) for tree in repository.worktrees]
    known: frozenset[str] | None = None
    for name in named:
        plain = name.replace("\\", "/")
        is_absolute = _is_absolute(name)
        inside = next((path for root in roots if (path := relative(root, name)) is not None), None)
        if inside is None and not is_absolute and ".." not in plain.split("/"):
            inside = plain.removeprefix("./").encode("utf-8", "surrogateescape")
        if inside is None and is_absolute:
            known = tracked_paths(Path(repo.common_dir), tip) if known is None else known
            parts = plain.split("/")
            ends = ("/".join(parts[start:]) for start in range(1, len(parts)))
            inside = next((end.encode() for end in ends if end in known), None)
        if inside is not None:
            found[name] = inside
    return found
