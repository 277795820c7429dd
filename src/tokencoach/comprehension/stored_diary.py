"""A check written down in the database, answer by answer: what is killed has lost nothing that was said."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from tokencoach import clock
from tokencoach.comprehension.hook.note import renew_note
from tokencoach.comprehension.memory import remember
from tokencoach.comprehension.saved import with_advice
from tokencoach.comprehension.sitting import Ending, Reason, Result
from tokencoach.git.errors import GitError
from tokencoach.store.checks.records import Answer, AskedQuestion, BadMark, Check, Outcome
from tokencoach.store.checks.writer import end_check, mark_bad, save_answer, save_body, save_check
from tokencoach.store.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from tokencoach.comprehension.advice import Advice
    from tokencoach.comprehension.question import Prepared
    from tokencoach.comprehension.sitting import Answered
    from tokencoach.store.connect import Connection

_SELF = {"right": True, "partly": False, "wrong": False}
_WAITS = frozenset({Reason.LATER, Reason.HOTFIX})


class StoredDiary:
    """Writes one check. The check waits in the inbox from its first line on, until it has ended.

    Opened at first use, in the thread that writes. ``rows`` are the questions as they are stored;
    a check that is not new stands in the database already.
    """

    def __init__(
        self,
        database: Path,
        tz: ZoneInfo,
        check: Check,
        rows: Sequence[AskedQuestion],
        *,
        is_new: bool = True,
    ) -> None:
        self._database, self._tz = database, tz
        self.check = check
        self._rows = {row.question_id: row for row in rows}
        self._is_begun = not is_new
        self._is_new = is_new
        self._began_ms = check.started_ms
        self._answers = 0
        self._skips: list[Reason] = []

    def begin(self) -> None:
        """Let the check wait in the inbox, should it be broken off.

        Raises:
            TokencoachError: the database is locked, read-only, or the disk is full.
        """
        self._began_ms = clock.now_ms()
        with Writer(self._database, self._tz) as writer, writer.transaction() as connection:
            self._save(connection)

    def _save(self, connection: Connection) -> None:
        if not self._is_begun:
            check = self.check._replace(open_ms=self._began_ms - self.check.started_ms)
            save_check(connection, check, self._rows.values())
            self._is_begun = True

    def note(self, answered: Answered) -> None:
        """Keep what became of a question.

        Raises:
            TokencoachError: the database is locked, read-only, or the disk is full.
        """
        with Writer(self._database, self._tz) as writer, writer.transaction() as connection:
            self._save(connection)
            row = self._rows[answered.prepared.question.id]
            if answered.result is Result.BAD:
                why = answered.reason or Reason.BAD
                mark = BadMark(row.question_id, row.kind, f"{row.path}::{row.qualname}", why, clock.now_ms())
                mark_bad(connection, mark)
            if answered.tries or answered.result is Result.SHOWN:
                self._answers += 1
                answer = self._answer(answered)
                save_answer(connection, answer)
                remember(connection, self.check.place, row, answer)
            elif answered.reason is not None:
                self._skips.append(answered.reason)

    def advise(self, prepared: Prepared, advice: Advice) -> None:
        """Keep with the question which model read its explanation, and what that cost.

        Raises:
            TokencoachError: the database is locked, read-only, or the disk is full.
        """
        row = with_advice(self._rows[prepared.question.id], advice, clock.now_ms())
        if row is None:
            return
        self._rows[row.question_id] = row
        with Writer(self._database, self._tz) as writer, writer.transaction() as connection:
            self._save(connection)
            save_body(connection, row)

    def _answer(self, answered: Answered) -> Answer:
        grade = answered.self_grade
        return Answer(
            self.check.key,
            answered.prepared.question.id,
            answered.given,
            answered.right,
            answered.result is Result.SHOWN,
            None if grade is None else _SELF[grade],
            max(answered.tries, 1),
            answered.took_ms,
            clock.now_ms(),
        )

    def close(self, ending: Ending, reason: Reason | None) -> None:
        """How the check ended: what was left for later goes on waiting.

        Raises:
            TokencoachError: the database is locked, read-only, or the disk is full.
        """
        outcome, why = self._outcome(ending, reason)
        total = clock.now_ms() - (self.check.started_ms if self._is_new else self._began_ms)
        with Writer(self._database, self._tz) as writer:
            with writer.transaction() as connection:
                self._save(connection)
                end_check(connection, self.check.key, outcome, why, total)
            if not self._is_new:
                # The commit may be gone, or its repository: the answer is kept all the same.
                with contextlib.suppress(GitError):
                    renew_note(writer.connection, self.check.key)

    def _outcome(self, ending: Ending, reason: Reason | None) -> tuple[Outcome, str]:
        if ending is Ending.ABORTED:
            return Outcome.ABORTED, "to fix something"
        if _WAITS & set(self._skips):
            return Outcome.WAITING, str(next(one for one in self._skips if one in _WAITS))
        if self._answers:
            return Outcome.ASKED, ""
        return Outcome.SKIPPED, str(reason or (self._skips[0] if self._skips else ""))
