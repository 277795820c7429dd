"""Instants, line differences, tolerant decoding, and the registry of sources."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime
from importlib.metadata import EntryPoint, EntryPoints
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokencoach.sources import registry
from tokencoach.sources.blocks import TOOLS
from tokencoach.sources.claude_code import ClaudeCode
from tokencoach.sources.decoding import Count, TolerantDecoder, UnreadableLineError
from tokencoach.sources.diffs import hunk_change, repeated, text_change
from tokencoach.sources.file_tools import CallAt, tell_call, tell_result
from tokencoach.sources.gathering import Gathering
from tokencoach.sources.instants import instant_ms
from tokencoach.usage.words import CallStatus

AGES = st.datetimes(min_value=datetime(1971, 1, 1), max_value=datetime(2109, 5, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(AGES)
def test_an_instant_is_read_to_the_millisecond_each_time(moment: datetime) -> None:
    text = moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
    if len(text) == 24:
        expected = int(moment.replace(microsecond=0).timestamp()) * 1000 + moment.microsecond // 1000
        assert [instant_ms(text), instant_ms(text)] == [expected, expected]


@given(st.text(max_size=30) | st.from_regex(r"\A20\d\d-\d\d-\d\dT\d\d:\d\d:..\....Z\Z"))
def test_no_text_breaks_the_reading_of_instants(text: str) -> None:
    assert instant_ms("2026-02-10T12:00:00.000Z") == 1770724800000
    found = instant_ms(text)
    assert found is None or found > 0


def test_zones_and_missing_parts_of_an_instant_are_understood() -> None:
    noon = instant_ms("2026-02-10T12:00:00.000Z")
    assert instant_ms("2026-02-10T13:00:00+01:00") == noon
    assert instant_ms("2026-02-10T12:00:00Z") == noon
    assert instant_ms("2026-02-10T12:00:00") == noon
    assert instant_ms("2026-02-10T12:00:61.000Z") is None
    assert instant_ms(None) is None


LINES = st.lists(st.sampled_from(["a", "b", "c", ""]), max_size=6).map("\n".join)


@given(LINES, LINES)
def test_the_difference_of_texts_balances(old: str, new: str) -> None:
    change = text_change(old + "\n", new + "\n")
    before, after = Counter((old + "\n").split("\n")[:-1]), Counter((new + "\n").split("\n")[:-1])
    added = Counter(change.added.split("\n")) if change.added else Counter()
    removed = Counter(change.removed.split("\n")) if change.removed else Counter()
    blank = Counter({"": 9})
    assert (before - removed) + added - blank == after - blank
    assert not (added & removed)


@given(LINES, LINES)
def test_of_lines_that_are_alike_the_last_count_as_changed(old: str, new: str) -> None:
    def unmatched(lines: list[str], others: list[str]) -> list[str]:
        kept: list[str] = []
        left = list(others)
        for line in lines:
            (left.remove if line in left else kept.append)(line)
        return kept

    before, after = [*old.split("\n"), "end"], [*new.split("\n"), "end"]
    change = text_change("\n".join(before), "\n".join(after))
    assert change.added == "\n".join(unmatched(after, before))
    assert change.removed == "\n".join(unmatched(before, after))


def test_a_text_from_nothing_is_all_added() -> None:
    assert text_change("", "a\nb\n") == ("a\nb", "")
    assert text_change("a\n", "") == ("", "a")


def test_hunks_give_marked_lines_only() -> None:
    assert hunk_change([" a", "-b", "+c", "\\ No newline at end of file", ""]) == ("c", "b")


def test_a_repeated_change_is_there_as_often() -> None:
    assert repeated(text_change("a", "b"), 3) == ("b\nb\nb", "a\na\na")
    assert repeated(text_change("a", "b"), 0) == ("b", "a")


class Inner(msgspec.Struct):
    """A nested record."""

    count: Count | None = None
    names: list[str] = []


class Outer(msgspec.Struct):
    """A record with all kinds of fields."""

    inner: Inner | None = None
    told: Inner | str | None = None
    raw: msgspec.Raw = msgspec.Raw()
    by_name: dict[str, Inner] | None = None


def decoded(line: bytes) -> tuple[Outer, dict[str, int]]:
    odd: Counter[str] = Counter()
    decoder: TolerantDecoder[Outer] = TolerantDecoder(Outer)
    return decoder.decode(line, odd), dict(odd)


def test_right_fields_survive_wrong_neighbours() -> None:
    record, odd = decoded(b'{"inner":{"count":-1,"names":["a",5,"b"]},"told":"x","raw":[1]}')
    assert record.inner == Inner(None, ["a", "b"])
    assert record.told == "x"
    assert bytes(record.raw) == b"[1]"
    assert odd == {"odd-field:inner.count": 1, "odd-field:inner.names[]": 1}


def test_maps_and_choices_are_repaired_item_by_item() -> None:
    record, odd = decoded(b'{"told":{"count":2.0},"by_name":{"x":{"count":true},"y":3}}')
    assert record.told == Inner(2)
    assert record.by_name == {"x": Inner()}
    assert odd == {"odd-field:by_name.*.count": 1, "odd-field:by_name.*": 1}


@pytest.mark.parametrize("line", [b"", b"nul", b"[1]", b'"text"', b'{"inner":', b"{}x"])
def test_what_is_no_object_cannot_be_read(line: bytes) -> None:
    with pytest.raises(UnreadableLineError):
        decoded(line)


class Lamp(ClaudeCode):
    """A plugged-in source."""

    name = "lamp"


class Broken:
    """A plugged-in source that fails at once."""

    def __init__(self) -> None:
        raise RuntimeError("no licence")


class Poor:
    """A plugged-in source that lacks its methods."""

    name = "poor"


def points(*names: str) -> EntryPoints:
    found = [EntryPoint(name.lower(), f"{__name__}:{name}", registry.ENTRY_POINT_GROUP) for name in names]
    return EntryPoints(found)


def test_the_built_in_sources_are_there() -> None:
    assert [source.name for source in registry.all_sources()][:2] == ["claude-code", "codex"]


def test_a_source_is_found_by_its_own_name_and_no_other_is_loaded_for_it() -> None:
    sources = registry.Sources()
    assert all(sources[source.name].name == source.name for source in registry.built_in())
    assert list(sources) == [source.name for source in registry.all_sources()]
    loading = "import sys; from tokencoach.sources.registry import Sources; Sources()['codex']"
    told = subprocess.run(
        [sys.executable, "-c", f"{loading}; print(*sys.modules)"], check=True, capture_output=True, text=True
    ).stdout
    assert "tokencoach.sources.codex" in told
    assert "tokencoach.sources.claude_code" not in told


def test_failing_plugins_are_named_and_the_others_work(monkeypatch: pytest.MonkeyPatch) -> None:
    def load(point: EntryPoint) -> Any:
        return globals()[point.value.rsplit(":", maxsplit=1)[-1]]

    found = points("Lamp", "Broken", "Poor", "ClaudeCode")
    monkeypatch.setattr("importlib.metadata.entry_points", lambda **_: found)
    monkeypatch.setattr(registry, "may_offer", lambda _: True)
    monkeypatch.setattr(EntryPoint, "load", load)
    sources, failures = registry.load_sources()
    built_in = [*registry.built_in()]
    assert [source.name for source in sources] == [*(source.name for source in built_in), "lamp"]
    assert {failure.name: failure.reason for failure in failures} == {
        "broken": "RuntimeError: no licence",
        "claudecode": "a source named 'claude-code' is there already",
        "poor": "it has no method 'roots'",
    }


def test_the_branch_of_the_latest_line_counts_however_often_it_is_told() -> None:
    into = Gathering(with_edits=True)
    for at_ms, branch in ((10, "main"), (5, "fix"), (7, "fix"), (20, "fix"), (20, "fix"), (15, "main")):
        span = into.session("S", at_ms, branch=branch)
    assert (span.first_ms, span.last_ms, span.branch) == (5, 20, "fix")


def test_usage_alone_keeps_no_call_and_no_result() -> None:
    found = [Gathering(with_edits=True), Gathering(with_edits=False)]
    for into in found:
        tell_call(into, CallAt("k", "S", 1), "write_file", {"path": "a", "content": "b"}, TOOLS)
        tell_result(into, CallAt("k", "S", 2), CallStatus.OK, "done")
    told = [
        (len(facts.calls), len(facts.results), len(facts.edits)) for facts in (one.finish() for one in found)
    ]
    assert told == [(1, 1, 1), (0, 0, 0)]
