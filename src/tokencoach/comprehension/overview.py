"""What the Check screen and ``check --stats`` show: what waits, what was held, what is still owed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tokencoach.clock import DAY_MS
from tokencoach.comprehension.debt import debts
from tokencoach.comprehension.saved import advised, prepared_of
from tokencoach.comprehension.verified import answered_lines
from tokencoach.store.checks.inbox_rows import inbox
from tokencoach.store.checks.records import Outcome
from tokencoach.store.checks.stats_rows import counts_by_kind, history, questions_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tokencoach.comprehension.debt import Debt
    from tokencoach.comprehension.saved import Advised
    from tokencoach.comprehension.verified import AnsweredLine
    from tokencoach.store.checks.records import Answer, AskedQuestion, Check
    from tokencoach.store.checks.stats_rows import KindCount
    from tokencoach.store.connect import Connection

_HISTORY = 60
_RECENT_MS = 30 * DAY_MS
_SECONDS = 20
STAGED = "staged:"
"""What the key of a change begins with that stands staged, and is no check yet."""


class Waiting(NamedTuple):
    """A check in the inbox. ``paths`` are ``path::function``, ``why`` is why it waits, ``seconds`` what it takes.

    ``folder`` is set where it is no check yet: the worktree in which the change stands staged.
    """

    key: str
    place: str
    since_ms: int
    questions: int
    ai_lines: int
    paths: tuple[str, ...]
    why: str
    folder: str = ""
    seconds: int = 0


class Past(NamedTuple):
    """A check that was held, or was not: what came of it."""

    key: str
    place: str
    at_ms: int
    mode: str
    outcome: Outcome
    why: str
    asked: int
    right: int
    shown: int
    sha: str


class Recent(NamedTuple):
    """The last thirty days in figures; ``right`` includes what was right at the second try."""

    checks: int
    answered: int
    right: int
    shown: int


class CheckOverview(NamedTuple):
    """Everything at once."""

    waiting: tuple[Waiting, ...]
    past: tuple[Past, ...]
    recent: Recent
    kinds: tuple[KindCount, ...]
    debts: tuple[Debt, ...] = ()
    answered: tuple[AnsweredLine, ...] = ()
    advice: tuple[Advised, ...] = ()

    @property
    def owed(self) -> int:
        """Surviving lines of assistants that nobody understood or reviewed."""
        return sum(debt.owed for debt in self.debts)

    @property
    def questions(self) -> int:
        """How many questions wait."""
        return sum(one.questions for one in self.waiting)

    @property
    def seconds(self) -> int:
        """What answering all of them takes, about."""
        return sum(one.seconds or one.questions * _SECONDS for one in self.waiting)


def nothing_yet() -> CheckOverview:
    """Where there is no database."""
    return CheckOverview((), (), Recent(0, 0, 0, 0), ())


def read_overview(
    connection: Connection,
    now_ms: int,
    *,
    with_staged: bool = False,
    home: Path | None = None,
) -> CheckOverview:
    """What waits and what was held, of all repositories.

    ``with_staged`` also asks git what stands staged now, which may take a second. ``home`` holds what
    was recorded: with it, lines for which a call was typed are told with what became of them.
    """
    staged = _staged(connection, now_ms) if with_staged else ()
    waiting = (*staged, *(_waiting(check, rows) for check, rows in inbox(connection) if rows))
    held = [(check, questions_of(connection, check.key)) for check in history(connection, most=_HISTORY)]
    past = tuple(_past(check, rows) for check, rows in held)
    recent = [one for one in past if one.at_ms > now_ms - _RECENT_MS and one.asked]
    return CheckOverview(
        waiting,
        tuple(one for one in past if one.outcome is not Outcome.WAITING),
        Recent(
            len(recent),
            sum(one.asked for one in recent),
            sum(one.right for one in recent),
            sum(one.shown for one in recent),
        ),
        tuple(counts_by_kind(connection)),
        tuple(debts(connection, now_ms)),
        tuple(answered_lines(connection, home, now_ms)) if home is not None else (),
        tuple(said for _, rows in held for row, _ in rows if (said := advised(row)) is not None),
    )


def _staged(connection: Connection, now_ms: int) -> Iterator[Waiting]:
    from tokencoach.comprehension.opening import staged_now  # noqa: PLC0415 - it starts git

    for folder, subject in staged_now(connection, now_ms):
        questions = [one.question for one in subject.prepared.questions]
        names = dict.fromkeys(
            f"{one.path}::{one.qualname}" if one.qualname else one.path for one in questions
        )
        yield Waiting(
            f"{STAGED}{folder}",
            str(subject.place),
            now_ms,
            len(questions),
            subject.prepared.ai_lines,
            tuple(names),
            "staged now",
            str(folder),
            sum(one.seconds for one in questions),
        )


def _waiting(check: Check, rows: Sequence[AskedQuestion]) -> Waiting:
    names = dict.fromkeys(f"{row.path}::{row.qualname}" if row.qualname else row.path for row in rows)
    lines = {(row.path, row.qualname): row.ai_lines for row in rows}
    known = [found.question.seconds if (found := prepared_of(row)) else _SECONDS for row in rows]
    return Waiting(
        check.key,
        check.place,
        check.started_ms,
        len(rows),
        sum(lines.values()),
        tuple(names),
        check.why,
        seconds=sum(known),
    )


def _past(check: Check, rows: Sequence[tuple[AskedQuestion, Answer | None]]) -> Past:
    answers = [answer for _, answer in rows if answer is not None]
    return Past(
        check.key,
        check.place,
        check.started_ms,
        check.mode,
        check.outcome,
        check.why,
        len(answers),
        sum(answer.is_understood for answer in answers),
        sum(answer.is_shown for answer in answers),
        check.sha,
    )
