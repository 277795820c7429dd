"""``tokencoach check``: questions about AI-written lines before they are committed, or after."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tokencoach.cli.context import Context, has_terminal, verb
from tokencoach.cli.output import emit_json, narrate, one_line, say
from tokencoach.errors import NothingToReadError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tokencoach.comprehension.heard import Heard
    from tokencoach.comprehension.prepare import Options, PreparedCheck
    from tokencoach.comprehension.question import Prepared
    from tokencoach.comprehension.subject import Subject

NOTHING = NothingToReadError.exit_code
_MOST_BYTES = 4 << 20


@click.command(
    epilog="Example: tokencoach check --commit HEAD   or: tokencoach check --range main..HEAD --full"
)
@click.option("--staged", is_flag=True, help="What is staged now; so without any of these three.")
@click.option("--commit", metavar="REV", help="What a commit did.")
@click.option("--range", "range_", metavar="A..B", help="What the commits of a range did.")
@click.option("--full", is_flag=True, help="All four kinds of question at once; otherwise they rotate.")
@click.option("--all-lines", is_flag=True, help="Ask about every added line, not only an assistant's.")
@click.option("--answers", metavar="FILE", help='Grade {"id": "answer"} of a JSON file; prints JSON.')
@click.option("--stats", is_flag=True, help="What checks have shown so far: kinds, rates, debt.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout; asks nobody.")
@click.option("--from-hook", is_flag=True, hidden=True)
@verb
def check(
    context: Context,
    commit: str | None,
    range_: str | None,
    answers: str | None,
    *,
    staged: bool,
    full: bool,
    all_lines: bool,
    stats: bool,
    as_json: bool,
    from_hook: bool,
) -> int:
    """Answer one to four questions about the code an assistant wrote, before it is yours.

    Each takes about twenty seconds: what a recorded call returned, which input breaks it, where a
    path ends, why it is so. The answer is checked against your own test run or the code itself,
    offline. "I don't know" (F2) shows it and is no failure; every question can be skipped. Nothing
    here blocks a commit but your own word, and nothing leaves this computer.

    Answers count as review in the audit. To be asked before each commit: tokencoach hook install
    """
    from tokencoach.comprehension.looking import Which  # noqa: PLC0415 - reads git

    if sum((staged, commit is not None, range_ is not None)) > 1:
        raise UsageError("name one of --staged, --commit and --range", "tokencoach check --help")
    which = Which(commit, range_)
    if from_hook:
        from tokencoach.cli.check_hook import ask_from_hook  # noqa: PLC0415 - a way of its own

        return ask_from_hook(context, which)
    if stats:
        from tokencoach.cli.check_stats import print_stats  # noqa: PLC0415 - reads much

        return print_stats(context, as_json=as_json)
    from tokencoach.cli.check_subject import subject_of  # noqa: PLC0415 - reads git and the database

    said = None if answers is None else _answers(answers)
    subject = subject_of(context, which, _options(full=full, all_lines=all_lines))
    if said is not None:
        return _grade(context, subject, said)
    return _hold(context, subject) if not as_json else _emit(subject)


def _emit(subject: Subject) -> int:
    emit_json(_as_json(subject.prepared))
    return 0 if subject.prepared.questions else NOTHING


def _hold(context: Context, subject: Subject) -> int:
    if not subject.prepared.questions:
        say(f"Nothing to ask: {one_line(subject.prepared.nothing_because or '')}.")
        if not subject.sha and not subject.prepared.functions and not subject.prepared.skipped:
            say("Stage a change with git add first, or name one: tokencoach check --commit HEAD")
        return NOTHING
    if not has_terminal():
        return _print(subject)
    from tokencoach.cli.check_flow import hold_check  # noqa: PLC0415 - only where someone is asked

    return hold_check(context, subject, mode="verb")


def _options(*, full: bool, all_lines: bool) -> Options:
    from tokencoach.comprehension.prepare import Options  # noqa: PLC0415 - msgspec is slow to import

    return Options(ask="all" if all_lines else "ai", is_full=full)


def _as_json(prepared: PreparedCheck) -> dict[str, Any]:
    return {
        "questions": [_question_json(one) for one in prepared.questions],
        "asked_because": prepared.asked_because,
        "nothing_because": prepared.nothing_because,
        "ai_lines": prepared.ai_lines,
        "skipped": {path: str(skip) for path, skip in sorted(prepared.skipped.items())},
    }


def _question_json(one: Prepared) -> dict[str, Any]:
    asked = one.question
    return {
        "id": asked.id,
        "kind": str(asked.kind),
        "part": str(asked.part),
        "path": asked.path,
        "qualname": asked.qualname,
        "line": asked.line,
        "prompt": asked.prompt,
        "form": str(asked.form),
        "options": list(asked.options),
        "seconds": asked.seconds,
    }


def _answers(named: str) -> dict[str, Any]:
    """The answers of a file.

    Raises:
        UsageError: it cannot be read, or holds no object of answers.
    """
    mend = 'write {"question id": "answer"} as JSON; the ids come from tokencoach check --json'
    path = Path(named).expanduser()
    try:
        with path.open("rb") as file:
            raw = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise UsageError(f"{named}: cannot be read: {error.strerror}", mend) from error
    try:
        said = json.loads(raw.decode("utf-8-sig")) if len(raw) <= _MOST_BYTES else None
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{named}: not valid JSON: {error}", mend) from error
    if not isinstance(said, dict):
        raise UsageError(f"{named}: holds no object of answers", mend)
    return said


def _grade(context: Context, subject: Subject, said: dict[str, Any]) -> int:
    from tokencoach.comprehension.grading import grade  # noqa: PLC0415 - only with answers

    known: dict[str, Prepared] = {}
    for one in (*subject.prepared.questions, *subject.prepared.others):
        asked: Prepared | None = one
        while asked is not None:
            known.setdefault(asked.question.id, asked)
            asked = asked.retry
    grades = []
    heard = _heard(context, subject, [known[name] for name in said if name in known])
    for name, given in said.items():
        if name not in known:
            narrate(f"tokencoach: no question {one_line(name)[:80]} about this change")
            continue
        result = grade(known[name], _given(given), heard)
        grades.append(
            {
                "id": name,
                "right": result.right,
                "expected": result.expected,
                "evidence": result.evidence,
                "score": result.score,
                "lines": list(result.lines),
            }
        )
    emit_json({"grades": grades})
    return 0 if grades else NOTHING


def _heard(context: Context, subject: Subject, questions: Sequence[Prepared]) -> Heard:
    """What assistants said where they wrote what is explained; nothing where nothing was read yet."""
    from tokencoach.comprehension.heard import heard_of  # noqa: PLC0415 - only with answers
    from tokencoach.store.reader import open_reader  # noqa: PLC0415 - the same

    try:
        with open_reader(context.database) as reader:
            return heard_of(reader.connection, str(subject.place), questions)
    except NothingToReadError:
        return heard_of(None, "", questions)


def _given(value: Any) -> str:
    """An answer as it would be typed; several options of a list stand on lines of their own."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "\n".join(_given(item) for item in value)
    return repr(value) if isinstance(value, bool | None) else json.dumps(value)


def _print(subject: Subject) -> int:
    """The questions as text, where nobody sits at a terminal."""
    for number, one in enumerate(subject.prepared.questions, 1):
        asked = one.question
        say(f"{number}. {one_line(asked.path)}:{asked.line} {one_line(asked.qualname)}  ({asked.part})")
        for line in asked.prompt.splitlines():
            say(f"   {one_line(line)}")
        for at, option in enumerate(asked.options, 1):
            say(f"     {at}  {one_line(option)}")
        say(f"   id {asked.id}")
    narrate("answer them on a terminal: tokencoach check; or grade answers with --json and --answers FILE")
    return 0
