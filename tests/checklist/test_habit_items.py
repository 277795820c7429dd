"""Items that measure habits: checks answered, local first, model sizes, abandoned sessions, cache, energy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tokencoach.checklist.item import State

if TYPE_CHECKING:
    from checklist.made import ListedMonth
    from tokencoach.store.connect import Connection

LOCAL = "ollama/qwen3-coder:30b"


def check(
    base: Connection, place: str, sha: str, at_ms: int, outcome: str = "asked", answers: int = 1
) -> None:
    """A check of a commit whose every question was answered rightly, line keys apart."""
    base.execute(
        "INSERT INTO cc_check VALUES(?,?,?,'pre-commit',?,'','',?,12,10,20)",
        (sha, place, at_ms, outcome, sha),
    )
    for number in range(answers):
        base.execute(
            "INSERT INTO cc_question VALUES(?,?,?,'G4','path','one.py','f',1,12,12,'','','{}',NULL)",
            (sha, f"{sha}{number}", number),
        )
        base.execute(
            "INSERT INTO cc_answer VALUES(?,?,'x',1,0,NULL,1,5,?)", (sha, f"{sha}{number}", at_ms + number)
        )


def landed(month: ListedMonth, count: int) -> tuple[str, list[str]]:
    """So many commits; the repository's common git directory and their names."""
    shas = [month.landed(f"part{number}.py") for number in range(count)]
    return str(month.repo.folder / ".git"), shas


def checked(
    month: ListedMonth, place: str, shas: list[str], outcomes: tuple[str, ...] = ("asked",) * 9
) -> None:
    """A check of each commit, with an answer where it was asked."""

    def write(base: Connection) -> None:
        for sha, outcome in zip(shas, outcomes, strict=False):
            check(base, place, sha, month.clock.now_ms, outcome, answers=int(outcome == "asked"))

    month.write(write)


def test_commits_that_were_asked_about_and_answered_hold_but_for_the_debt(month: ListedMonth) -> None:
    place, shas = landed(month, 5)
    checked(month, place, shas)
    said = month.judge("C8")
    assert (said.state, said.value, said.evidence) == (State.PARTLY, 1.0, ())
    assert "asked about 5 of 5 commits" in said.why
    assert "5 of 5 answers right or learned" in said.why
    assert said.why.startswith("unread AI lines grew")


def test_skipped_checks_are_counted(month: ListedMonth) -> None:
    place, shas = landed(month, 5)
    outcomes = ("asked", "asked", "skipped", "skipped", "not_asked")
    checked(month, place, shas, outcomes)
    said = month.judge("C8")
    assert said.value == 0.4
    assert "2 of 4 checks skipped" in said.why
    assert {one.commit for one in said.evidence} == set(shas[2:])


def test_where_checks_are_noted_a_commit_without_one_had_nothing_to_ask(month: ListedMonth) -> None:
    place, shas = landed(month, 6)
    checked(month, place, shas[:5])
    assert month.judge("C8").value == 1.0


def test_production_commits_that_were_checked_pass_the_gate(month: ListedMonth) -> None:
    place, shas = landed(month, 2)
    checked(month, place, shas)
    assert "2 of 2 production commits checked" in month.judge("C17").why


def questions(month: ListedMonth, *, local: int, cloud: int) -> None:
    """Sessions with one question each."""
    for number in range(local + cloud):
        month.clock.advance(hours=1)
        session = month.stage.claude(
            month.repo, model=LOCAL if number < local else "claude-sonnet-4-5-20250929"
        )
        session.prompt(f"What does part {number} return?")
        session.say("A product.")


def test_small_tasks_that_mostly_ran_here_are_met_with_the_exact_share(month: ListedMonth) -> None:
    questions(month, local=6, cloud=4)
    said = month.judge("C11")
    assert (said.state, said.value, len(said.evidence)) == (State.MET, 0.6, 4)


def test_small_tasks_that_mostly_ran_elsewhere_are_not_met(month: ListedMonth) -> None:
    questions(month, local=1, cloud=9)
    said = month.judge("C11")
    assert (said.state, said.value) == (State.NOT_MET, 0.1)


def test_nine_small_tasks_show_no_habit(month: ListedMonth) -> None:
    questions(month, local=5, cloud=4)
    assert month.judge("C11").state is State.NOT_ENOUGH_DATA


def small_tasks(month: ListedMonth, model: str, count: int) -> None:
    for number in range(count):
        month.clock.advance(hours=1)
        session = month.stage.claude(month.repo, model=model)
        session.prompt(f"What does part {number} of the service return?")
        session.say("A product.")


def test_questions_to_the_dearest_model_alone_are_not_met(month: ListedMonth) -> None:
    small_tasks(month, "claude-opus-4-5-20251101", 11)
    said = month.judge("C12")
    assert (said.state, said.value) == (State.NOT_MET, 1.0)
    assert said.evidence


def test_questions_to_the_cheapest_model_are_met(month: ListedMonth) -> None:
    small_tasks(month, "claude-haiku-4-5-20251001", 11)
    assert month.judge("C12").state is State.MET


def test_five_small_tasks_are_too_few_for_model_sizes(month: ListedMonth) -> None:
    small_tasks(month, "claude-opus-4-5-20251101", 5)
    assert month.judge("C12").state is State.NOT_ENOUGH_DATA


def dropped(month: ListedMonth, number: int) -> None:
    """A session whose file never lands, and that nobody goes on with."""
    month.clock.advance(days=2)
    session = month.session(context=15_000)
    session.prompt(f"Write try {number}")
    month.new_file(session, f"dropped{number}.py", 20)
    session.say("Done.")
    (month.repo.folder / f"dropped{number}.py").unlink()


def test_sessions_left_with_nothing_are_not_met_and_named(month: ListedMonth) -> None:
    for number in range(5):
        dropped(month, number)
    said = month.judge("C19")
    assert (said.state, said.value, len(said.evidence)) == (State.NOT_MET, 1.0, 5)


def test_sessions_that_landed_are_not_abandoned(month: ListedMonth) -> None:
    for number in range(6):
        month.clock.advance(days=2)
        month.landed(f"part{number}.py")
    said = month.judge("C19")
    assert (said.state, said.value) == (State.MET, 0.0)


def test_two_sessions_show_no_habit_of_leaving(month: ListedMonth) -> None:
    month.landed("one.py")
    assert month.judge("C19").state is State.NOT_ENOUGH_DATA


@pytest.mark.parametrize(("before", "state"), [(-0.1, State.PARTLY), (-0.01, State.MET)])
def test_a_share_that_rose_by_more_than_noise_is_only_partly_met(
    month: ListedMonth, before: float, state: State
) -> None:
    for number in range(6):
        month.clock.advance(days=2)
        month.landed(f"part{number}.py")

    def seen(base: Connection) -> None:
        base.execute(
            "INSERT INTO item_month(month, timezone, item, state, value, judged_ms) "
            "VALUES('2026-01','UTC','C19','met',?,1)",
            (before,),
        )

    month.write(seen)
    assert month.judge("C19").state is state


def test_long_sessions_that_send_everything_again_are_not_met(month: ListedMonth) -> None:
    month.quiet_sessions(1)
    for _ in range(3):
        session = month.session(context=0)
        for turn in range(10):
            session.prompt(f"What is part {turn}?")
            session.context_tokens = 0
            session.say("A product. " * 400)
    said = month.judge("C6")
    assert said.value is not None
    assert said.state is State.NOT_MET
    assert len(said.evidence) == 3


def test_local_sessions_whose_energy_was_measured_are_met(month: ListedMonth) -> None:
    questions(month, local=2, cloud=0)

    def energy(base: Connection) -> None:
        hour = month.clock.now_ms // 3_600_000 * 3_600_000
        base.execute("INSERT INTO inference_server VALUES(1, 'ollama', 7, ?)", (hour,))
        base.execute(
            "INSERT INTO served_hour VALUES(1, 'qwen3', ?, 3600000, 0, 0, 0, 0, 0, 0, 0, 0, 0)", (hour,)
        )
        rows = base.execute("SELECT key, at_ms FROM request").fetchall()
        for number, (key, at_ms) in enumerate(rows):
            base.execute(
                "INSERT INTO served_request(server_id, slot, task, model, start_ms, end_ms, prompt, cached, generated, "
                "measured, total_uj, prefill_uj, quality, scopes, request_key) "
                "VALUES(1, 0, ?, 'qwen3', ?, ?, 1, 0, 1, 1, 3600000000, 0, 'SENSOR', 'gpu', ?)",
                (number, at_ms, at_ms + 1, key),
            )

    month.write(energy)
    said = month.judge("C18")
    assert (said.state, said.value) == (State.MET, 1.0)
    assert "by SENSOR" in said.why


def written(month: ListedMonth, number: int, *, is_tested: bool) -> str:
    """A new file of code, with or without a test run after it, committed."""
    session = month.session(context=15_000)
    session.prompt(f"Write part {number}")
    month.new_file(session, f"part{number}.py", 12)
    if is_tested:
        session.bash("python -m pytest -q", "12 passed in 0.5s")
    else:
        session.bash("git status", "clean")
    session.say("Done.")
    month.clock.advance(seconds=20)
    return month.repo.commit(f"Part {number}")


def test_commits_that_were_tested_after_the_last_edit_are_met(month: ListedMonth) -> None:
    for number in range(6):
        written(month, number, is_tested=True)
    said = month.judge("C9")
    assert (said.state, said.value) == (State.MET, 1.0)


def test_commits_that_nobody_tested_are_named(month: ListedMonth) -> None:
    shas = [written(month, number, is_tested=False) for number in range(6)]
    said = month.judge("C9")
    assert (said.state, said.value) == (State.NOT_MET, 0.0)
    assert {one.commit for one in said.evidence} == set(shas)
    assert "tests passed before 0 % of commits" in month.judge("C17").why


def test_two_commits_are_too_few_for_tests(month: ListedMonth) -> None:
    written(month, 1, is_tested=False)
    assert month.judge("C9").state is State.NOT_ENOUGH_DATA
