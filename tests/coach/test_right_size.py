"""Right-sizing by outcome, on acted months and on made tasks."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokencoach.audit.numbers import percent
from tokencoach.coach.interval import Interval
from tokencoach.coach.right_sizing.as_json import right_size_json
from tokencoach.coach.right_sizing.as_text import right_size_lines
from tokencoach.coach.right_sizing.claim import MARGIN, Verdict, _judged
from tokencoach.coach.right_sizing.tables import RightSize, right_size
from tokencoach.coach.tasks import TaskKind
from tokencoach.power.account import Energy
from tokencoach.power.reading import Quality
from tokencoach.power.served import Served, ServerId, Taken
from tokencoach.power.servers.seen import ServerKind
from tokencoach.store.connect import connect_writer
from tokencoach.store.power.writer import put_power
from tokencoach.usage.prices import cost_nano, look_up

if TYPE_CHECKING:
    from coach.made import MODELS, Month
    from tokencoach.demo.truth import RequestTruth

LATER = datetime(2026, 3, 25, tzinfo=UTC)
DEAR: MODELS = "claude-opus-4-5-20251101"
CHEAP: MODELS = "claude-haiku-4-5-20251001"


def build(month: Month, model: MODELS, count: int, name: str, *, keep: bool = True) -> list[RequestTruth]:
    """Small edits, each in a file of its own with four lines that count; kept or thrown away."""
    spent = []
    for number in range(count):
        session = month.session(model)
        session.prompt(f"Write helper number {number} of the {name} family for me, in a file of its own")
        path = f"{name}_{number}.py"
        text = "".join(f"def {name}_{number}_{part}():\n    return {part} + 1000\n" for part in range(2))
        spent.append(session.write(path, text).request)
        spent.append(session.say("It is there.").request)
        if keep:
            month.repo.commit(f"Add {path}")
        else:
            (month.repo.folder / path).unlink()
    return spent


def asked(month: Month, as_of: datetime = LATER) -> RightSize:
    with month.read() as reader:
        return right_size(month.material(reader, as_of))


def test_smaller_models_that_do_as_well_support_the_claim(month: Month) -> None:
    build(month, DEAR, 28, "dear")
    build(month, CHEAP, 28, "cheap")
    said = asked(month)
    claim = said.claims[0]
    (test,) = (one for one in claim.kinds if one.kind is TaskKind.SMALL_EDIT)
    assert (test.small.tasks, test.large.tasks) == (28, 28)
    assert test.difference is not None
    assert test.difference.value == 0
    assert test.difference.low >= -MARGIN
    assert claim.verdict is Verdict.SUPPORTED


def test_smaller_models_whose_lines_are_thrown_away_contradict_it(month: Month) -> None:
    build(month, DEAR, 12, "dear")
    build(month, CHEAP, 12, "cheap", keep=False)
    said = asked(month)
    assert said.claims[0].verdict is Verdict.CONTRADICTED
    (table,) = said.kinds
    survived = {cell.name: cell.survival.survived and cell.survival.survived.value for cell in table.by_model}
    assert (survived[CHEAP], survived[DEAR]) == (0, 1)


def test_nine_tasks_of_a_size_are_not_enough(month: Month) -> None:
    build(month, DEAR, 12, "dear")
    build(month, CHEAP, 9, "cheap")
    said = asked(month)
    assert said.claims[0].verdict is Verdict.NOT_ENOUGH
    cell = next(one for one in said.kinds[0].by_model if one.name == CHEAP)
    assert cell.survival.survived is None
    assert "9 of 10" in cell.survival.words


def test_ten_tasks_that_agree_leave_too_wide_an_interval_to_support_anything(month: Month) -> None:
    build(month, DEAR, 10, "dear")
    build(month, CHEAP, 10, "cheap")
    test = asked(month).claims[0].kinds[0]
    assert test.verdict is Verdict.NOT_ENOUGH
    assert "anything from -21 % to +21 %" in test.why


def test_useful_output_is_surviving_lines_for_what_they_cost(month: Month) -> None:
    spent = build(month, DEAR, 10, "dear")
    (row,) = asked(month).outputs
    (rate,) = look_up(DEAR, "claude-code", {}).rates
    dollars = sum(cost_nano(rate, one.counts) for one in spent) / 1e9
    tokens = sum(one.counts.total for one in spent)
    assert row.lines == 40
    assert row.per_dollar == pytest.approx(40 / dollars)
    assert row.per_million_tokens == pytest.approx(40 / tokens * 1e6)
    assert row.per_wh is None


def test_of_nine_tasks_no_rate_is_told(month: Month) -> None:
    build(month, DEAR, 9, "dear")
    said = asked(month)
    (row,) = said.outputs
    assert (row.lines, row.per_dollar, row.per_million_tokens) == (36, None, None)
    assert "9 not enough data (of 10 tasks)" in "\n".join(right_size_lines(said))


def test_where_every_request_was_metered_there_are_lines_per_watt_hour(month: Month) -> None:
    build(month, CHEAP, 10, "cheap")
    month.read().close()
    with contextlib.closing(connect_writer(month.database)) as connection:
        rows = connection.execute("SELECT key, at_ms FROM request ORDER BY id").fetchall()
        energy = Energy(1_800_000_000, 0, 0, Quality.SENSOR, ("gpu",), None, 1)
        served = tuple(
            Served(ServerId(ServerKind.OLLAMA, 7, 1), 0, task, "m", at_ms, at_ms + 1, None, 1, 0, 1, energy)
            for task, (_, at_ms) in enumerate(rows)
        )
        put_power(connection, Taken((), served))
        for task, (key, _) in enumerate(rows):
            connection.execute("UPDATE served_request SET request_key = ? WHERE task = ?", (key, task))
        connection.commit()
    (row,) = asked(month).outputs
    assert row.wh is not None
    assert row.wh == pytest.approx(0.5 * len(rows))
    assert row.per_wh == pytest.approx(40 / row.wh)


def test_a_model_without_a_price_has_tokens_only(month: Month) -> None:
    build(month, "made-model-7", 10, "made")
    said = asked(month)
    (row,) = said.outputs
    assert (row.cost_nano, row.per_dollar) == (None, None)
    assert row.per_million_tokens is not None
    assert said.kinds[0].by_model[0].cost_nano is None


def test_young_tasks_and_experiments_are_left_out_and_counted(month: Month) -> None:
    build(month, DEAR, 2, "dear")
    assert asked(month, datetime(2026, 2, 5, tzinfo=UTC)).left_out == {"younger than 14 days": 2}
    month.repo.branch("spike/idea")
    build(month, DEAR, 1, "spike")
    assert asked(month).left_out == {"exploration or prototype": 1}


def test_follow_ups_belong_to_the_task_before(month: Month) -> None:
    session = month.session(DEAR)
    session.prompt("Write a parser for the configuration that the service reads when it begins")
    session.write("parser.py", "def parse_configuration(text):\n    return text.split()\n")
    session.prompt("continue")
    session.edit("parser.py", "text.split()", "text.splitlines()")
    session.prompt("How many callers does the parser have by now, and which are they?")
    session.say("One.")
    month.repo.commit("Add a parser")
    said = asked(month)
    assert said.tasks == 2
    by_kind = {table.kind: table for table in said.kinds}
    assert by_kind[TaskKind.SMALL_EDIT].by_model[0].resumed == 1
    assert by_kind[TaskKind.QUESTION].tasks == 1


def test_json_and_text_say_the_same(month: Month) -> None:
    build(month, DEAR, 10, "dear")
    with month.read() as reader:
        material = month.material(reader, LATER)
        said = right_size(material)
        body = right_size_json(said, material.period)
    assert json.loads(json.dumps(body)) == body
    cell = body["kinds"][0]["by_model"][0]
    assert (cell["model"], cell["tasks"], cell["survived"]["value"]) == (DEAR, 10, 1.0)
    text = "\n".join(right_size_lines(said))
    assert "100 % (79 % to 100 %)" in text
    assert percent(cell["survived"]["low"]) == "79 %"
    assert "not enough data" in text


@given(st.floats(-1, 1), st.floats(-1, 1), st.floats(-1, 1))
def test_no_difference_is_both_supported_and_contradicted(one: float, two: float, three: float) -> None:
    low, value, high = sorted((one, two, three))
    verdict, why = _judged(Interval(value, low, high))
    assert why
    if verdict is Verdict.SUPPORTED:
        assert low >= -MARGIN
    if verdict is Verdict.CONTRADICTED:
        assert high < 0
        assert value <= -MARGIN
