"""Restatements add up to the difference of two statements, whatever changed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tokencoach.audit.closing_words import deltas
from tokencoach.audit.frozen import named, revived
from tokencoach.audit.parts import Part, Parts, TurnKey, bucket_sums, packed, unpacked
from tokencoach.audit.report import PeriodAudit
from tokencoach.audit.restatement import Cause, Then, changes, restatements
from tokencoach.usage.words import Bucket
from tui.made_values import MONTHS, audit

SAME = Then(is_same_algorithm=True, is_same_prices=True)
REASONS = ("alive", "young", "your_word", "phase", "repo_gone", "rewritten", "uncommitted")
amounts = st.integers(0, 10**12)
part = st.builds(
    Part, st.sampled_from(list(map(str, Bucket))), st.sampled_from(REASONS), amounts, amounts, amounts
)
turn = st.lists(part, max_size=4, unique_by=lambda item: (item.bucket, item.reason)).map(tuple)
keys = st.builds(TurnKey, st.just("codex"), st.sampled_from(["a", "b"]), st.integers(0, 3))
statements = st.dictionaries(keys, turn, max_size=5)


@given(statements, statements, st.builds(Then, st.booleans(), st.booleans()))
def test_the_old_statement_and_all_deltas_are_the_new_one(before: Parts, now: Parts, then: Then) -> None:
    found = restatements(changes(before, now, then), {}, 0)
    moved = deltas(found)
    old = {item.bucket: (item.tokens, item.cost_nano) for item in bucket_sums(before, "cost")}
    new = {item.bucket: (item.tokens, item.cost_nano) for item in bucket_sums(now, "cost")}
    for bucket in Bucket:
        assert old[bucket][0] + moved[bucket][0] == new[bucket][0]
        assert old[bucket][1] + moved[bucket][1] == new[bucket][1]


@given(statements)
def test_nothing_changed_says_nothing(before: Parts) -> None:
    assert changes(before, dict(before), Then(is_same_algorithm=False, is_same_prices=False)) == []


@given(statements)
def test_parts_come_back_from_their_bytes(before: Parts) -> None:
    filled = {key: parts for key, parts in before.items() if parts}
    assert unpacked(packed(before)) == filled


def one(bucket: str, reason: str, tokens: int = 10, cost: int = 10) -> Parts:
    return {TurnKey("codex", "a", 1): (Part(bucket, reason, tokens, cost, tokens),)}


def causes(before: Parts, now: Parts, then: Then = SAME) -> set[Cause]:
    return {change.cause for change in changes(before, now, then)}


def test_each_change_is_named_by_its_cause() -> None:
    alive, pending = one("shipped", "alive"), one("pending", "young")
    assert causes(alive, one("reworked", "rewritten")) == {Cause.LINE_DIED}
    assert causes(one("reworked", "rewritten"), alive) == {Cause.LINE_BACK}
    assert causes(pending, alive) == {Cause.LANDED_LATE}
    assert causes(pending, one("not_landed", "uncommitted")) == {Cause.NEVER_LANDED}
    assert causes(one("unknown", "repo_gone"), alive) == {Cause.REPOSITORY_FOUND}
    assert causes(alive, one("unknown", "repo_gone")) == {Cause.REPOSITORY_LOST}
    assert causes(alive, one("neutral", "phase")) == {Cause.PHASE}
    assert causes(one("neutral", "your_word"), alive) == {Cause.YOUR_WORD}
    assert causes({}, alive) == {Cause.LOG_FOUND}
    assert causes(alive, {}) == {Cause.LOG_LOST}
    assert causes(alive, one("shipped", "alive", cost=12), Then(True, False)) == {Cause.PRICES}
    assert causes(alive, one("neutral", "no_edit"), Then(False, True)) == {Cause.ALGORITHM}
    assert causes(alive, one("neutral", "no_edit")) == {Cause.EVIDENCE}


def test_other_prices_and_a_died_line_in_one_turn_are_two_causes() -> None:
    before, now = one("shipped", "alive"), one("reworked", "rewritten", cost=12)
    found = restatements(changes(before, now, Then(True, False)), {}, 0)
    assert {item.cause for item in found} == {Cause.PRICES, Cause.LINE_DIED}


def test_a_frozen_audit_comes_back_equal_and_outlives_fields_of_other_versions() -> None:
    for month in MONTHS:
        value = audit(month)
        said = named(value)
        assert revived(PeriodAudit, said) == value
        del said["provisional_share"]
        said["a_field_of_tomorrow"] = 1
        assert revived(PeriodAudit, said).provisional_share == 0.0
