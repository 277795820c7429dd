"""What became of a line, judged at an instant: one bucket, a waste kind, a reason, a confidence.

The rules are those of the interface page: a line shipped where it landed and is alive or lived
14 days, is reworked where it died sooner, pending while it may still land, else not landed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tokencoach.attribution.facts import Method
from tokencoach.clock import DAY_MS
from tokencoach.usage.words import Bucket, WasteKind

if TYPE_CHECKING:
    from collections.abc import Sequence

ALGORITHM = "attribution.v7"
SURVIVAL_MS = 14 * DAY_MS
ACTIVE_BRANCH_MS = 30 * DAY_MS
PROTOTYPE_MS = 30 * DAY_MS
ALIKE = 0.5
_ELSEWHERE = (Method.ABROAD, Method.APART, Method.RELEASED)
STANDING = frozenset({"alive", "alike", "abroad", "apart", "released"})
"""Reasons of lines that stand on a default branch, or where they count though they are never merged into it."""


class Life(NamedTuple):
    """One stretch of time in which a line stood on the default branch.

    ``began_ms`` is when the branch that brought it began; where there was none, when it landed.
    """

    landed_ms: int
    died_ms: int | None
    death: str | None
    method: str
    confidence: float
    credit: float
    commit_id: int
    path_id: int
    line: int
    death_commit_id: int | None = None
    began_ms: int = 0

    @property
    def is_shared(self) -> bool:
        """Whether two sessions wrote the line, and nothing tells which of them this one is from."""
        return self.method == Method.ORDERED and self.credit < 1.0


class Sighting(NamedTuple):
    """A line on another ref: when it was committed and when that branch last moved.

    ``active_ms`` is 0 where no branch holds the commit any more; ``ref`` names the branch.
    """

    committed_ms: int
    active_ms: int
    ref: str = ""


class Verdict(NamedTuple):
    """A judgement of one line."""

    bucket: Bucket
    kind: WasteKind | None
    reason: str
    confidence: float
    is_provisional: bool = False


REASONS = {
    "alive": "on the default branch, still there",
    "alike": "under another name on the default branch, and as it was on a branch: copied, or typed alike",
    "abroad": "left for another repository, and stands on the default branch there",
    "apart": "on a pushed branch with a history of its own, like a site's pages, and still there",
    "released": "in a released version, by its tag, beside the main line",
    "survived": "was on the default branch for at least 14 days",
    "reverted": "landed, then reverted within 14 days",
    "rewritten": "landed, then rewritten within 14 days",
    "deleted": "landed, then deleted with its file within 14 days",
    "young": "not landed, younger than 14 days",
    "in_worktree": "not committed yet, still in the working tree",
    "open_branch": "committed on a branch that moved in the last 30 days",
    "stranded": "committed only on a branch that is idle for 30 days or gone",
    "overwritten": "replaced before it was ever committed",
    "uncommitted": "never committed, or left out when its branch was merged",
    "outside_repository": "a file outside any repository",
    "ignored": "a file that the repository ignores and no commit holds: a plan, a note, a local setting",
    "phase": "exploration or prototype work is never waste",
    "ambiguous": "two sessions wrote the same line within minutes: each has half of it",
    "expired_prototype": "a prototype of over 30 days ago: promote it or bin it",
    "no_edit": "questions, reading and planning without an edit",
    "rejected": "the person or a policy refused the call",
    "failed": "the tool call failed",
    "looped": "the same call with the same input, again",
    "repo_gone": "the folder or its repository is gone",
    "no_repository": "the folder is in no git repository",
    "objects_missing": "the repository lacks objects (partial, shallow or corrupt)",
    "unreadable": "git refuses to read the repository",
    "no_commits": "the repository has no commit yet",
    "foreign_tool": "the tool logs which file it changed, not what it wrote",
    "no_session": "an inference server's log names no session, and no assistant's log tells of the request",
    "log_truncated": "edits were made, but the log does not hold what they wrote",
    "no_significant_line": "only brackets, blank or excluded lines were changed",
    "no_change": "nothing but white space, quotes or commas was changed",
    "not_read_yet": "the repository has not been read yet",
    "your_word": "your own word",
    "shell_written": "shell commands wrote files and the log does not hold their text",
}

MENDS = {
    "repo_gone": "tokencoach repos link OLD NEW  tells where that folder is now",
    "no_repository": "work inside a git repository, or tag the folder: tokencoach repos phase PATH exploration",
    "objects_missing": "git fetch --refetch (or --unshallow) in that repository",
    "unreadable": "tokencoach doctor  says what git answered, and what mends it",
    "no_commits": "commit something in that repository",
    "foreign_tool": "let that tool write notes that git keeps, or commit often: notes are read",
    "no_session": "use an assistant whose log is read: its sessions tell what the server's work was for",
    "log_truncated": "keep whole logs: tokencoach doctor  says which setting deletes or shortens them",
    "no_significant_line": "nothing to do",
    "ambiguous": "let sessions that work at once work in worktrees or files of their own",
    "not_read_yet": "tokencoach ingest  (it needs git)",
    "shell_written": "commit soon after such a command; edits by the assistant's own tools are logged line by line",
}


def judge_line(  # noqa: PLR0911 - one return a rule reads best
    edited_ms: int,
    lives: Sequence[Life],
    sightings: Sequence[Sighting],
    overwritten_ms: int | None,
    as_of_ms: int,
) -> Verdict:
    """Judge one line of a readable repository with what existed at ``as_of_ms``."""
    seen = [life for life in lives if life.landed_ms <= as_of_ms]
    if seen:
        # The line as it was written still stands on a branch: the like one was copied, or typed by a person.
        is_kept_aside = seen[-1].method == Method.MOVED and any(
            sighting.active_ms and sighting.committed_ms <= as_of_ms for sighting in sightings
        )
        return _judge_landed(seen, as_of_ms, is_kept_aside=is_kept_aside)
    if any(life.began_ms <= as_of_ms for life in lives):
        # The branch that was merged later was under way at that time.
        return Verdict(Bucket.PENDING, None, "open_branch", 0.7)
    committed = [sighting for sighting in sightings if sighting.committed_ms <= as_of_ms]
    for sighting in committed:
        active = sighting.active_ms if sighting.active_ms <= as_of_ms else sighting.committed_ms
        if sighting.active_ms and as_of_ms - active < ACTIVE_BRANCH_MS:
            return Verdict(Bucket.PENDING, None, "open_branch", 0.9)
    if as_of_ms - edited_ms < SURVIVAL_MS:
        return Verdict(Bucket.PENDING, None, "young", 0.9)
    if any(sighting.active_ms for sighting in committed):
        return Verdict(Bucket.NOT_LANDED, WasteKind.STRANDED, "stranded", 0.9)
    if overwritten_ms is not None and overwritten_ms <= as_of_ms:
        return Verdict(Bucket.NOT_LANDED, WasteKind.OVERWRITTEN, "overwritten", 0.9)
    if committed:
        return Verdict(Bucket.NOT_LANDED, WasteKind.STRANDED, "stranded", 0.9)
    return Verdict(Bucket.NOT_LANDED, WasteKind.UNCOMMITTED, "uncommitted", 0.85)


def _judge_landed(lives: Sequence[Life], as_of_ms: int, *, is_kept_aside: bool) -> Verdict:
    verdict = _judge_lives(lives, as_of_ms)
    if is_kept_aside and verdict.reason == "alive":
        return verdict._replace(reason="alike", confidence=min(verdict.confidence, ALIKE))
    return verdict._replace(reason="ambiguous") if lives[-1].is_shared else verdict


def _judge_lives(lives: Sequence[Life], as_of_ms: int) -> Verdict:
    last = lives[-1]
    if last.died_ms is None or last.died_ms > as_of_ms:
        is_young = as_of_ms - lives[0].landed_ms < SURVIVAL_MS
        reason = last.method if last.method in _ELSEWHERE else "alive"
        return Verdict(Bucket.SHIPPED, None, reason, last.confidence, is_young)
    longest = max((life.died_ms or as_of_ms) - life.landed_ms for life in lives)
    if longest >= SURVIVAL_MS:
        return Verdict(Bucket.SHIPPED, None, "survived", last.confidence)
    kind = WasteKind.REVERTED if last.death == "reverted" else WasteKind.REWORKED
    reason = last.death if last.death in REASONS else "rewritten"
    return Verdict(Bucket.REWORKED, kind, reason or "rewritten", last.confidence)
