"""Strangers' real logs: the totals of an independent reader, and any chunking of the bytes."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sources.merging import Merged, merge
from sources.reading import read_parts
from tokencoach.sources.base import LogFile, LogsHome
from tokencoach.sources.claude_code import ClaudeCode
from tokencoach.sources.codex import Codex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tokencoach.sources.base import Source

DATA = Path(__file__).parents[3] / "shared" / "data"
pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason="the folder of strangers' logs is not beside the project"
)

HOMES: list[tuple[str, Source]] = [
    ("claude-2.1", ClaudeCode()),
    ("claude-1.0", ClaudeCode()),
    ("codex-0.14x", Codex()),
    ("codex-0.34", Codex()),
]


def files_of(source: Source, name: str) -> list[LogFile]:
    return list(source.files(LogsHome(DATA / name / "home", {})))


def merged_home(source: Source, name: str) -> Merged:
    return merge(
        part
        for file in files_of(source, name)
        for part in read_parts(source, file.path.read_bytes(), file=file)
    )


def reference_rows(name: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    days = json.loads((DATA / "reference-ccusage-20.0.24.json").read_bytes())[name]["daily"]
    for day in days:
        for breakdown in day.get("modelBreakdowns", ()):
            yield day["date"], breakdown["modelName"], breakdown
        for model, counts in day.get("models", {}).items():
            yield day["date"], model, counts


@pytest.mark.parametrize(("name", "source"), HOMES)
def test_totals_per_day_and_model_equal_the_independent_readers(name: str, source: Source) -> None:
    found: Counter[tuple[str, str, str]] = Counter()
    for request in merged_home(source, name).requests.values():
        day = datetime.fromtimestamp(request.at_ms / 1000, UTC).date().isoformat()
        for kind, count in (
            ("inputTokens", request.input),
            ("outputTokens", request.output),
            ("cacheCreationTokens", request.cache_write_5m + request.cache_write_1h),
            ("cacheReadTokens", request.cache_read),
        ):
            found[day, request.model, kind] += count
    expected = {
        (day, model, kind): counts[kind]
        for day, model, counts in reference_rows(name)
        for kind in ("inputTokens", "outputTokens", "cacheCreationTokens", "cacheReadTokens")
    }
    assert found == expected


@pytest.mark.parametrize(("name", "source"), HOMES)
def test_any_chunking_of_real_files_gives_the_same_facts(name: str, source: Source) -> None:
    for file in files_of(source, name):
        lines = file.path.read_bytes()
        count = lines.count(b"\n")
        whole = merge(read_parts(source, lines, file=file))
        for step in (1, 7, 50):
            assert merge(read_parts(source, lines, range(0, count, step), file=file)) == whole


@pytest.mark.parametrize(("name", "source"), HOMES)
def test_usage_only_reading_finds_the_same_requests_and_prompts(name: str, source: Source) -> None:
    for file in files_of(source, name):
        lines = file.path.read_bytes()
        full = merge(read_parts(source, lines, file=file))
        lean = merge(read_parts(source, lines, file=file, with_edits=False))
        assert lean.requests == full.requests
        assert lean.prompts == full.prompts
        assert not lean.edits


def test_edits_of_a_real_home_hold_lines_and_a_status() -> None:
    merged = merged_home(ClaudeCode(), "claude-2.1")
    edits = [edit for edit in merged.edits.values() if not edit.kind.is_shell]
    assert len(edits) == 74
    assert all(edit.status is not None and (edit.added or edit.removed) for edit in edits)
    calls = [call for call in merged.calls.values() if call.is_edit]
    assert {edit.call_key for edit in edits} == {call.key for call in calls}


def test_prompts_of_one_session_are_told_in_the_order_of_time() -> None:
    for name, source in HOMES:
        for file in files_of(source, name):
            prompts = [
                prompt
                for part in read_parts(source, file.path.read_bytes(), file=file)
                for prompt in part.prompts
            ]
            assert all(first.at_ms <= second.at_ms for first, second in pairwise(prompts))
