"""Lines under suspicion: generated ones that a bug fix deletes, or beside which it only adds."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.attribution.commit_words import commit_words
from tokencoach.attribution.facts import DiedBlock
from tokencoach.attribution.lines import is_significant, line_key
from tokencoach.attribution.path_kinds import PathKind, is_comment, path_kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tokencoach.attribution.facts import AuthoredEdit, BlockEvent
    from tokencoach.attribution.mainline import Mainline
    from tokencoach.git.history import Commit
    from tokencoach.git.patch import FileChange

SUSPECT_DAYS: Final = 90
BESIDE_CONFIDENCE: Final = 0.4
DELETED_CONFIDENCE: Final = 1.0
_NEAR: Final = 3
_MAYBE: Final = re.compile("fix|bug|regress|crash|revert", re.IGNORECASE)


class Suspect(NamedTuple):
    """A generated line that a fix points at: by deleting it, or by adding within three lines of it."""

    sha: str
    edit_id: int
    position: int
    confidence: float


def suspects(
    commit: Commit, events: Sequence[BlockEvent], line: Mainline, edits: Mapping[int, AuthoredEdit]
) -> list[Suspect]:
    """Lines that a commit just fed to ``line`` puts under suspicion; none where it is no bug fix.

    Tests and documents are left out, and so are lines that hold only a comment.
    """
    # Most commits say none of it, and there may be a hundred thousand.
    if not _MAYBE.search(commit.message):
        return []
    if not commit_words(commit.message, is_merge=commit.is_merge).is_bug_fix:
        return []
    code = [change for change in commit.changes if path_kind(_name(change)) is PathKind.CODE]
    dead = [line for event in events if isinstance(event, DiedBlock) for line in event.lines]
    dying = [(edit_id, position) for edit_id, is_removal, position in dead if not is_removal]
    if not dying and not any(len(line.provenance(change.path)) for change in code):
        return []
    remarks = {
        line_key(text)
        for change in code
        for hunk in change.hunks
        for text in hunk.removed
        if is_comment(text, _name(change))
    }
    found = [
        Suspect(commit.sha, edit_id, position, DELETED_CONFIDENCE * edit.trust)
        for edit_id, position in dying
        for edit in (edits.get(edit_id),)
        if edit is not None and _is_code(edit.added_key(position), remarks) and _is_in_code(edit)
    ]
    return found or list(_beside(commit, code, remarks, line, edits))


def _beside(
    commit: Commit,
    code: list[FileChange],
    remarks: set[int],
    line: Mainline,
    edits: Mapping[int, AuthoredEdit],
) -> Iterator[Suspect]:
    """Neighbours of what a fix adds, where it takes nothing away."""
    removed = (text for change in code for hunk in change.hunks for text in hunk.removed)
    if any(_is_code(line_key(text), remarks) for text in removed):
        return
    found: set[tuple[int, int]] = set()
    for change in code:
        values = line.provenance(change.path)
        for hunk in change.hunks if len(values) else ():
            if not any(
                is_significant(line_key(text)) and not is_comment(text, _name(change)) for text in hunk.added
            ):
                continue
            first, last = hunk.new_start - 1, hunk.new_start - 1 + len(hunk.raw_added)
            for value in (*values[max(first - _NEAR, 0) : first], *values[last : last + _NEAR]):
                found.update(line.ledger.line(row) for row in line.ledger.rows(value))
    for edit_id, position in sorted(found):
        edit = edits.get(edit_id)
        if edit is not None and is_significant(edit.added_key(position)):
            yield Suspect(commit.sha, edit_id, position, BESIDE_CONFIDENCE * edit.trust)


def _is_code(key: int, remarks: set[int]) -> bool:
    return is_significant(key) and key not in remarks


def _is_in_code(edit: AuthoredEdit) -> bool:
    return path_kind(edit.path.decode("utf-8", "replace")) is PathKind.CODE


def _name(change: FileChange) -> str:
    return change.path.decode("utf-8", "replace")
