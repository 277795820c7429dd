"""Files read again although nothing in them had changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tokencoach.coach.answers import answers, carrying
from tokencoach.coach.detectors.duplicate_reads import DETECTOR

if TYPE_CHECKING:
    from coach.made import Month
    from tokencoach.demo.claude import ClaudeSession
    from tokencoach.demo.truth import Act

LONG = "".join(f"def part_{n}(value):\n    return value * {n} + {n}\n\n" for n in range(300))
SONNET = {"read": 0.3, "write_5m": 3.75, "write_1h": 6.0}
"""Dollars for a million tokens."""


def opened(month: Month, reads: int = 24) -> ClaudeSession:
    """A session after enough reads of other files; the next one may be of ``long.py``."""
    month.repo.human_write("long.py", LONG)
    for number in range(reads):
        month.repo.human_write(f"small_{number}.py", f"VALUE = {number}\n")
    session = month.session(context=20_000)
    session.prompt("What do the parts return?")
    for number in range(reads):
        session.read(f"small_{number}.py")
    return session


def grown(before: Act, after: Act) -> int:
    """What the prompt grew by from one request to the next, but for what the model said."""
    old, new = before.request.counts, after.request.counts
    return (new.total - new.output) - (old.total - old.output) - (old.output - old.reasoning)


def test_a_second_read_costs_its_answer_once_written_and_then_read_to_the_end(month: Month) -> None:
    session = opened(month)
    session.read("long.py")
    again = session.read("long.py")
    # The answer of the second read is what the next prompt has more.
    first = session.bash("cat notes.txt | wc", "word " * 4000)
    last = session.say("They return products.")
    said = month.found(DETECTOR)
    tokens = grown(again, first)
    written = (
        SONNET["write_1h"]
        if first.request.counts.cache_write_1h > first.request.counts.cache_write_5m
        else SONNET["write_5m"]
    )
    assert last.request.counts.cache_read
    assert said.cost_nano == pytest.approx(tokens * (written + SONNET["read"]) * 1000, rel=1e-6)
    assert said.low_nano == pytest.approx(tokens * written * 1000, rel=1e-6)
    assert (said.low_nano or 0) <= said.cost_nano <= (said.high_nano or 0)
    assert [one.path for one in said.evidence] == [str(month.repo.folder / "long.py")]
    assert "2 times" in said.evidence[0].words
    assert (said.rate.share or 0) > 0.15


def test_reads_with_an_edit_between_are_no_finding(month: Month) -> None:
    session = opened(month)
    session.read("long.py")
    session.edit("long.py", "return value * 7 + 7", "return value * 8")
    session.edit("long.py", "return value * 8", "return value * 7 + 7")
    session.read("long.py")
    session.bash("wc long.py", "word " * 4000)
    said = month.quiet(DETECTOR)
    assert said.is_looked
    assert said.rate is not None
    assert said.rate.times == 0


def test_a_read_after_a_compaction_is_no_finding(month: Month) -> None:
    session = opened(month)
    session.read("long.py")
    session.compact()
    session.read("long.py")
    session.bash("wc long.py", "word " * 4000)
    assert month.quiet(DETECTOR).is_looked


def test_a_sub_agent_reads_for_itself(month: Month) -> None:
    session = opened(month)
    session.read("long.py")
    with session.subagent("Look at the parts") as agent:
        agent.read("long.py")
        agent.bash("wc long.py", "word " * 4000)
    assert month.quiet(DETECTOR).is_looked


def test_a_little_looking_twice_is_care(month: Month) -> None:
    session = opened(month)
    session.read("long.py")
    session.bash("wc long.py", "word " * 9000)
    session.read("small_1.py")
    session.say("Done.")
    said = month.quiet(DETECTOR)
    assert said.rate is not None
    assert 0 < (said.rate.share or 0) < 0.15


def test_fewer_than_twenty_reads_show_no_habit(month: Month) -> None:
    session = opened(month, reads=4)
    session.read("long.py")
    session.read("long.py")
    session.say("Done.")
    assert not month.quiet(DETECTOR).is_looked


def test_an_answer_weighs_no_more_than_the_prompt_grew_and_is_carried_to_the_end(month: Month) -> None:
    session = opened(month, reads=3)
    session.say("Done.")
    with month.read() as reader:
        (trace,) = month.material(reader).traces
        found = answers(trace)
        assert [len(answer.carriers) for answer in found] == [3, 2, 1]
        for answer in found:
            assert 0 <= answer.tokens <= answer.most
            parts = carrying([(answer, answer.tokens)])
            assert set(parts) == {spent.step.request_id for spent in answer.carriers}
            assert all(0 <= part <= 1 for part in parts.values())
