"""The demonstration: repeatable, true to what it says of itself, and showing every kind of end."""

from __future__ import annotations

import hashlib
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from histories.program import BUCKETS, Program, tokens_by_bucket, waste_by_kind
from tokencoach.demo.repository import HUMAN, run_git
from tokencoach.demo.scenario import SPAN_DAYS, DemoHome, costly_spans, make_demo
from tokencoach.usage.words import CallStatus

if TYPE_CHECKING:
    from pathlib import Path

NOW_MS = 1_795_305_600_000
NOW = "2026-11-22T00:00:00Z"
WASTE_KINDS = {
    *("rejected", "failed", "overwritten", "looped", "uncommitted", "stranded"),
    *("reverted", "reworked"),
}


def fingerprint(folder: Path, demo: DemoHome) -> dict[str, str]:
    """Each log's digest with the folder's own name taken out, and each repository's branch tips."""
    own = str(folder).encode()
    found = {}
    for log in sorted(demo.home.rglob("*.jsonl")):
        text = log.read_bytes().replace(own, b"FOLDER")
        found[log.name] = hashlib.sha256(text).hexdigest()
    for repository in demo.repositories:
        found[repository.name] = run_git(repository, "for-each-ref").decode()
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def demo(folder: Path) -> DemoHome:
    return make_demo(folder / "one", 7, NOW_MS)


@pytest.fixture(scope="module")
def program(folder: Path, demo: DemoHome) -> Program:
    return Program(demo.home, folder / "state", now=NOW)


def test_the_same_seed_gives_the_same_bytes(folder: Path, demo: DemoHome) -> None:
    # Both folders' names have the same length: Codex and Claude Code log absolute paths.
    twin = make_demo(folder / "two", 7, NOW_MS)
    assert fingerprint(folder / "two", twin) == fingerprint(folder / "one", demo)
    assert twin.truth.requests == demo.truth.requests


def test_another_seed_gives_another_history(folder: Path, demo: DemoHome) -> None:
    other = make_demo(folder / "other", 8, NOW_MS)
    assert other.truth.tokens != demo.truth.tokens


def test_it_covers_three_months_of_both_assistants(demo: DemoHome) -> None:
    sessions = demo.truth.by_session()
    assert 90 <= len(sessions) <= 130
    assert len(demo.repositories) == 4
    assert Counter(request.source for request in demo.truth.requests).keys() == {"claude-code", "codex"}
    moments = [request.at_ms for request in demo.truth.requests]
    assert max(moments) < NOW_MS
    assert (max(moments) - min(moments)) / 86_400_000 > 80


def test_its_last_session_is_still_warm(demo: DemoHome) -> None:
    assert NOW_MS - max(request.at_ms for request in demo.truth.requests) < 900_000


@pytest.mark.parametrize("seed", range(20, 22))
def test_any_seed_can_be_acted(tmp_path: Path, seed: int) -> None:
    made = make_demo(tmp_path, seed, NOW_MS + seed * 12_345_678_901)
    assert made.truth.tokens > 1_000_000


def test_usage_says_what_was_billed(program: Program, demo: DemoHome) -> None:
    rows = {(row["day"], row["model"]): row for row in program.usage("day", "model")}
    truth = demo.truth.by_day_and_model()
    assert rows.keys() == truth.keys()
    for key, row in rows.items():
        counts = truth[key].counts
        assert (row["requests"], row["unpriced_requests"]) == (truth[key].requests, 0)
        assert (row["input_tokens"], row["cache_read_tokens"]) == (counts.input, counts.cache_read)
        assert row["cache_write_5m_tokens"] == counts.cache_write_5m
        assert row["cache_write_1h_tokens"] == counts.cache_write_1h
        assert (row["output_tokens"], row["reasoning_tokens"]) == (counts.output, counts.reasoning)


def test_every_bucket_and_every_kind_of_waste_occurs(program: Program, demo: DemoHome) -> None:
    audit = program.audit()
    assert tokens_by_bucket(audit).keys() == set(BUCKETS)
    assert waste_by_kind(audit).keys() == WASTE_KINDS
    assert sum(tokens_by_bucket(audit).values()) == demo.truth.tokens


def test_most_of_its_spend_is_known_and_shipped(program: Program) -> None:
    audit = program.audit()
    assert audit["known_share"] > 0.85
    shares = {row["bucket"]: row["share"] for row in audit["buckets"]}
    assert shares["shipped"] == max(shares.values())
    assert all(0 < share < 0.8 for share in shares.values())


def test_one_of_its_projects_is_an_exploration(program: Program) -> None:
    audit = program.audit()
    lab = next(project for project in audit["projects"] if project["repo"].endswith("ranking-lab"))
    assert tokens_by_bucket(lab).keys() == {"neutral"}


def test_refused_and_failed_spend_is_what_was_acted(program: Program, demo: DemoHome) -> None:
    waste = waste_by_kind(program.audit())
    for kind, status in (("rejected", CallStatus.REJECTED), ("failed", CallStatus.FAILED)):
        assert waste[kind] == sum(one.tokens for one in demo.truth.requests if one.status is status)


def test_generated_lines_are_what_assistants_wrote(program: Program, demo: DemoHome) -> None:
    for repository in demo.repositories:
        written = [line for line in demo.truth.lines if line.repository == repository.name]
        lines = program.audit("--repo", str(repository))["lines"]
        assert lines["generated"] == sum(line.writer != HUMAN for line in written)


@pytest.mark.parametrize("month", ["2026-10", "2026-11"])
def test_the_coach_has_eight_habits_and_more_to_speak_of_in_each_of_two_months(
    program: Program, month: str
) -> None:
    found = program.run("coach", "--month", month)["findings"]
    assert len(found) >= 8
    assert sum(finding["cost_usd"] > 0.05 for finding in found) >= 6
    assert all(len(finding["title"]) <= 56 for finding in found), "a row of the audit holds no more"


@pytest.mark.parametrize(
    ("now", "months"),
    [
        (datetime(2026, 11, 22, 0, 30, tzinfo=UTC), ["2026-11", "2026-10"]),
        (datetime(2026, 11, 12, 23, 30, tzinfo=UTC), ["2026-11", "2026-10"]),
        (datetime(2026, 11, 3, 0, 5, tzinfo=UTC), ["2026-10", "2026-09"]),
        (datetime(2026, 3, 31, 12, tzinfo=UTC), ["2026-03", "2026-02"]),
        (datetime(2026, 1, 1, tzinfo=UTC), ["2025-12", "2025-11"]),
    ],
)
def test_costly_habits_lie_in_two_months_that_have_had_their_days(now: datetime, months: list[str]) -> None:
    spans = costly_spans(round(now.timestamp() * 1000))
    ends = [[f"{now - timedelta(days=days):%Y-%m}" for days in span] for span in spans]
    assert ends == [[month, month] for month in months]
    assert all(least + 7 < most < SPAN_DAYS for least, most in spans)
