"""What a check leaves at its commit: one line of JSON in a git note, never pushed unless asked."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from tokencoach.git.hooks import notes_follow, write_notes
from tokencoach.store.checks.inbox_rows import check_by_key, checks_of_commit
from tokencoach.store.checks.records import Outcome
from tokencoach.store.checks.stats_rows import questions_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tokencoach.store.checks.records import Answer, AskedQuestion, Check
    from tokencoach.store.connect import Connection

_FORMAT = 1
_TOLD = (Outcome.ASKED, Outcome.SKIPPED)


def note_text(check: Check, questions: Sequence[tuple[AskedQuestion, Answer | None]]) -> str:
    """The line: how much was asked and right, or why it was skipped, and what of the lines is understood."""
    answers = [answer for _, answer in questions if answer is not None]
    understood = {
        (question.path, question.qualname): question.ai_lines
        for question, answer in questions
        if answer is not None and answer.is_understood
    }
    said = {
        "v": _FORMAT,
        "asked": len(answers),
        "right": sum(bool(answer.is_right) for answer in answers),
        "skipped": (check.why or None) if check.outcome is Outcome.SKIPPED else None,
        "ai_lines": check.ai_lines,
        "covered": min(check.ai_lines, sum(understood.values())),
    }
    return json.dumps(said, separators=(",", ":")) + "\n"


def leave_note(connection: Connection, git_dir: Path, sha: str, held: Sequence[Check]) -> None:
    """Write what is known of the checks of a commit to it, a line for each.

    Raises:
        GitError: git could not write it, or the commit is gone.
    """
    lines = [note_text(check, questions_of(connection, check.key)) for check in held]
    if lines:
        write_notes(git_dir, {sha: "".join(lines)})


def renew_note(connection: Connection, key: str) -> None:
    """Write the note of a check's commit anew, where the hook is installed: what ended later belongs to it too.

    Raises:
        GitError: git could not write it, or the commit is gone.
    """
    check = check_by_key(connection, key)
    if check is None or not check.sha:
        return
    git_dir = Path(check.place)
    if any(notes_follow(git_dir, is_global=scope) for scope in (False, True)):
        held = [one for one in checks_of_commit(connection, check.sha) if one.outcome in _TOLD]
        leave_note(connection, git_dir, check.sha, held)
