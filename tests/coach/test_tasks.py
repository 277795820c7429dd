"""Tasks: what belongs to one, how large it is, what became of its lines."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from tokencoach.coach.tasks import Task, TaskKind

if TYPE_CHECKING:
    from coach.made import Month

LATER = datetime(2026, 3, 25, tzinfo=UTC)


def tasks(month: Month) -> tuple[Task, ...]:
    with month.read() as reader:
        return month.material(reader, LATER).tasks


def functions(count: int) -> str:
    return "".join(f"VALUE_{number} = {number} + 1000\n" for number in range(count))


@pytest.mark.parametrize(("lines", "kind"), [(30, TaskKind.SMALL_EDIT), (31, TaskKind.LARGER_EDIT)])
def test_thirty_lines_of_one_file_are_a_small_edit(month: Month, lines: int, kind: TaskKind) -> None:
    session = month.session()
    session.prompt("Write the values down")
    session.write("values.py", functions(lines))
    (task,) = tasks(month)
    assert (task.kind, task.changed, task.files) == (kind, lines, 1)


def test_two_files_are_a_multi_file_task(month: Month) -> None:
    session = month.session()
    session.prompt("Write the values down, twice")
    session.write("one.py", functions(2))
    session.write("two.py", functions(2))
    assert [task.kind for task in tasks(month)] == [TaskKind.MULTI_FILE]


def test_a_change_that_came_to_nothing_is_no_question(month: Month) -> None:
    session = month.session()
    session.prompt("Change the first part")
    session.failing_edit("app.py", "no such text", "another")
    session.say("I could not.")
    assert [task.kind for task in tasks(month)] == [None]


def test_requests_of_sub_agents_belong_to_their_task_and_do_not_name_its_model(month: Month) -> None:
    session = month.session("claude-opus-4-5-20251101")
    session.prompt("Look through the service and tell me what it does")
    with session.subagent("Look through it") as agent:
        agent.model = "claude-haiku-4-5-20251001"
        agent.read("app.py")
        agent.say("It multiplies.")
    session.say("It multiplies.")
    (task,) = tasks(month)
    assert len(task.requests) == 4
    assert task.model == "claude-opus-4-5-20251101"
    assert task.cost_nano == sum(spent.cost_nano or 0 for spent in task.requests) > 0


def test_a_task_that_two_models_shared_has_no_model(month: Month) -> None:
    session = month.session("claude-opus-4-5-20251101")
    session.prompt("Look through the service and tell me what it does")
    session.read("app.py")
    session.model = "claude-haiku-4-5-20251001"
    session.say("It multiplies.")
    (task,) = tasks(month)
    assert task.model is None


def test_lines_that_landed_were_thrown_away_and_are_too_young_are_told_apart(month: Month) -> None:
    session = month.session()
    session.prompt("Write the values down")
    session.write("values.py", functions(4))
    month.repo.commit("Add values")
    session.prompt("Write some more values into another file, and never mind the first one")
    session.write("more.py", functions(3))
    (month.repo.folder / "more.py").unlink()
    month.clock.go_to(datetime(2026, 2, 27, tzinfo=UTC))
    young = month.session()
    young.prompt("Write yet another file with values for the end of the month")
    young.write("last.py", functions(2))
    as_of_ms = int(datetime(2026, 3, 5, tzinfo=UTC).timestamp() * 1000)
    with month.read() as reader:
        fates = [
            task.fate(as_of_ms) for task in month.material(reader, datetime(2026, 3, 5, tzinfo=UTC)).tasks
        ]
    assert [(fate.survived, fate.lost, fate.open) for fate in fates] == [(4, 0, 0), (0, 3, 0), (0, 0, 2)]


def test_lines_rewritten_within_two_weeks_are_reworked(month: Month) -> None:
    session = month.session()
    session.prompt("Write the values down")
    session.write("values.py", functions(4))
    month.repo.commit("Add values")
    month.clock.advance(hours=48)
    month.repo.human_edit("values.py", "VALUE_2 = 2 + 1000\n", "VALUE_2 = 77_000_000\n")
    month.repo.commit("Mend a value")
    (task,) = tasks(month)
    as_of_ms = int(LATER.timestamp() * 1000)
    assert task.fate(as_of_ms)[:3] == (3, 1, 0)
