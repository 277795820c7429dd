"""Cache that was written for nothing, or lost and written again."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.counted import SONNET, cached, counted
from coach.steps import spending
from tokencoach.coach.cache_losses import Cause, cache_losses
from tokencoach.coach.detectors.cache_writes import DETECTOR
from tokencoach.usage.tokens import TokenCounts

if TYPE_CHECKING:
    from coach.made import Month
    from tokencoach.coach.cache_losses import CacheLoss
    from tokencoach.demo.claude import ClaudeSession


@pytest.fixture
def session(month: Month) -> ClaudeSession:
    """A session after four in which nothing is wrong."""
    month.quiet_sessions(4)
    opened = month.session()
    opened.prompt("Explain the service")
    return opened


def losses(month: Month) -> list[CacheLoss]:
    """Every loss of the month from 10,000 tokens on."""
    with month.read() as reader:
        return [loss for trace in month.material(reader).traces for loss in cache_losses(trace, 10_000)]


def test_a_break_longer_than_the_cache_lives_is_paid_at_the_price_of_writing(
    month: Month, session: ClaudeSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted(monkeypatch, session, [cached(90_000, 2_000), cached(0, 93_000)])
    session.say("It multiplies.")
    month.clock.advance(minutes=6)
    session.say("By seven.")
    said = month.found(DETECTOR)
    assert said.cost_nano == pytest.approx(92_000 * (SONNET["5m"] - SONNET["read"]), rel=1e-6)
    assert said.rate == (1, 5, "sessions")
    assert said.title.endswith("long break")
    assert [loss.cause for loss in losses(month)] == [Cause.EXPIRED]


def test_a_fork_that_finds_the_cache_of_its_parent_makes_it_no_loss(
    month: Month, session: ClaudeSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted(monkeypatch, session, [cached(0, 90_000)])
    session.say("It multiplies.")
    fork = session.fork()
    counted(monkeypatch, fork, [cached(90_000, 2_000), cached(92_000, 1_000)])
    fork.prompt("And by what?")
    fork.say("By seven.")
    fork.say("Always.")
    assert losses(month) == []


def test_a_fork_after_its_parents_cache_is_gone_pays_for_the_whole_conversation(
    month: Month, session: ClaudeSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted(monkeypatch, session, [cached(0, 90_000)])
    session.say("It multiplies.")
    month.clock.advance(minutes=30)
    fork = session.fork()
    counted(monkeypatch, fork, [cached(0, 93_000), cached(93_000, 1_000)])
    fork.prompt("And by what?")
    fork.say("By seven.")
    fork.say("Always.")
    known = {(loss.cause, loss.tokens) for loss in losses(month)}
    assert known == {(Cause.ENDED, 90_000), (Cause.EXPIRED, 90_000)}
    rewritten = 90_000 * (SONNET["5m"] - SONNET["read"])
    unread = 90_000 * (SONNET["5m"] - SONNET["input"])
    assert month.found(DETECTOR).cost_nano == pytest.approx(rewritten + unread, rel=1e-6)


def test_an_hours_cache_outlives_a_break_of_ten_minutes(
    month: Month, session: ClaudeSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted(monkeypatch, session, [cached(90_000, 2_000, hour=True), cached(0, 93_000, hour=True)])
    session.say("It multiplies.")
    month.clock.advance(minutes=10)
    session.say("By seven.")
    assert [loss.cause for loss in losses(month)] == [Cause.PREFIX]


def test_a_conversation_sent_anew_behind_its_beginning_is_told_from_a_changed_beginning(
    month: Month, session: ClaudeSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted(monkeypatch, session, [cached(20_000, 5_000), cached(25_000, 60_000), cached(20_000, 66_000)])
    for _ in range(3):
        session.say("It multiplies.")
    assert [loss.cause for loss in losses(month)] == [Cause.MIDDLE, Cause.ENDED]
    said = month.found(DETECTOR)
    assert said.title.endswith("sent anew")
    assert "fresh session" in said.action


def test_a_session_that_goes_on_with_another_ones_conversation_has_a_beginning_too(
    month: Month, session: ClaudeSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted(monkeypatch, session, [cached(400_000, 2_000), cached(33_000, 370_000)])
    for _ in range(2):
        session.say("It multiplies.")
    assert [loss.cause for loss in losses(month)] == [Cause.MIDDLE]


def test_a_cold_start_does_not_make_a_changed_beginning_of_what_is_sent_anew(
    month: Month, session: ClaudeSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted(monkeypatch, session, [cached(0, 42_000), cached(42_000, 30_000), cached(16_000, 58_000)])
    for _ in range(3):
        session.say("It multiplies.")
    assert Cause.PREFIX not in [loss.cause for loss in losses(month)]


def test_what_is_read_again_is_no_loss(
    month: Month, session: ClaudeSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted(monkeypatch, session, [cached(60_000, 30_000), cached(90_000, 500), cached(90_500, 700)])
    for _ in range(3):
        session.say("It multiplies.")
    assert month.quiet(DETECTOR).rate == (0, 5, "sessions")


def test_a_compaction_is_no_loss_of_the_cache(
    month: Month, session: ClaudeSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted(monkeypatch, session, [cached(90_000, 2_000), cached(15_000, 9_000)])
    session.say("It multiplies.")
    session.compact()
    session.say("By seven.")
    assert month.quiet(DETECTOR).is_looked


def test_another_model_reads_nothing_of_what_was_written(
    month: Month, session: ClaudeSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted(monkeypatch, session, [cached(90_000, 2_000), cached(0, 92_500)])
    session.say("It multiplies.")
    session.model = "claude-opus-4-5-20251101"
    session.say("By seven.")
    assert Cause.MODEL in [loss.cause for loss in losses(month)]


def test_a_small_question_to_another_model_is_no_loss(
    month: Month, session: ClaudeSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted(monkeypatch, session, [cached(90_000, 500), cached(0, 800), cached(90_500, 600)])
    session.say("It multiplies.")
    session.model = "claude-haiku-4-5-20251001"
    session.say("A title")
    session.model = "claude-sonnet-4-5-20250929"
    session.say("By seven.")
    assert month.quiet(DETECTOR).is_looked


def test_a_large_write_that_nobody_reads_costs_its_premium(
    month: Month, session: ClaudeSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted(monkeypatch, session, [cached(0, 40_000)])
    session.say("It multiplies.")
    said = month.found(DETECTOR)
    assert said.cost_nano == pytest.approx(40_000 * (SONNET["5m"] - SONNET["input"]), rel=1e-6)


def test_a_sub_agent_has_a_cache_of_its_own(
    month: Month, session: ClaudeSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted(monkeypatch, session, [cached(90_000, 500), cached(90_500, 600)])
    with session.subagent("Look for callers") as agent:
        counted(monkeypatch, agent, [cached(0, 6_000)])
        agent.say("None.")
    session.say("Nobody calls it.")
    assert month.quiet(DETECTOR).is_looked


def test_an_assistant_that_logs_no_cache_writes_is_not_judged(month: Month) -> None:
    for _ in range(6):
        month.clock.advance(hours=1)
        session = month.stage.codex(month.repo)
        session.prompt("What does the service do?")
        session.say("It multiplies.")
    assert not month.quiet(DETECTOR).is_looked


COUNTS = st.builds(
    TokenCounts,
    st.integers(0, 50_000),
    st.integers(0, 200_000),
    st.integers(0, 100_000),
    st.integers(0, 100_000),
    st.integers(0, 5_000),
)


@given(requests=st.lists(st.tuples(COUNTS, st.integers(1, 2), st.integers(0, 7_200_000)), max_size=8))
def test_no_loss_is_dearer_than_its_request(requests: list[tuple[TokenCounts, int, int]]) -> None:
    trace = spending(requests)
    spent = Counter[int]()
    for loss in cache_losses(trace, 0):
        assert loss.tokens >= 0
        assert 0 <= loss.part <= 1
        spent[loss.spent.step.request_id] += loss.tokens
    for one in trace.requests:
        counts = one.counts
        assert spent[one.step.request_id] <= counts.input + counts.cache_write_5m + counts.cache_write_1h
