"""Whatever the bytes and however they are cut: no exception, the same facts, nothing lost."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sources import claude_records as claude
from sources.made_logs import made_logs
from sources.merging import merge
from sources.reading import MAIN, read_all, read_parts
from tokencoach.sources.claude_code import ClaudeCode
from tokencoach.sources.codex import Codex

if TYPE_CHECKING:
    from tokencoach.sources.base import Source

CLAUDE, CODEX = ClaudeCode(), Codex()
SOURCES: list[Source] = [CLAUDE, CODEX]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize("source", SOURCES)
@given(st.data())
@settings(max_examples=150, deadline=None)
def test_any_chunking_gives_the_same_facts(source: Source, data: st.DataObject) -> None:
    lines = data.draw(made_logs(source.name))
    cuts = data.draw(st.lists(st.integers(0, 25), max_size=6))
    assert merge(read_parts(source, lines, cuts)) == merge(read_parts(source, lines))


@pytest.mark.parametrize("source", SOURCES)
@given(st.data())
@settings(max_examples=150, deadline=None)
def test_no_bytes_raise_and_a_line_that_says_nothing_is_quarantined(
    source: Source, data: st.DataObject
) -> None:
    lines = bytearray(data.draw(made_logs(source.name)))
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(lines) - 1))
        if lines[place] != ord("\n"):
            lines[place] = data.draw(st.integers(0, 255).filter(lambda byte: byte != ord("\n")))
    facts, state = source.read(bytes(lines), b"", MAIN, 1000)
    source.read(bytes(lines), state, MAIN, 1000 + len(lines))
    for seen in facts.quarantined:
        start = seen.offset - 1000
        assert lines[start + seen.length : start + seen.length + 1] == b"\n"
        assert start == 0 or lines[start - 1 : start] == b"\n"


@pytest.mark.parametrize("source", SOURCES)
@given(st.data())
@settings(max_examples=150, deadline=None)
def test_any_type_in_any_field_is_survived(source: Source, data: st.DataObject) -> None:
    records = [
        json.loads(line) for line in data.draw(made_logs(source.name)).splitlines() if line.startswith(b'{"')
    ]
    for record in records:
        spot = record
        while data.draw(st.booleans()):
            inner = [value for value in spot.values() if isinstance(value, dict) and value]
            if not inner:
                break
            spot = data.draw(st.sampled_from(inner))
        spot[data.draw(st.sampled_from(sorted(spot)))] = data.draw(JSON)
    merged = read_all(source, records)
    for request in merged.requests.values():
        assert min(request.input, request.cache_read, request.output, request.cache_write_5m) >= 0


@pytest.mark.parametrize("source", SOURCES)
@given(state=st.binary(max_size=40))
@settings(deadline=None)
def test_a_damaged_state_is_as_no_state(source: Source, state: bytes) -> None:
    source.read(b'{"type":"user"}\n', state, MAIN, 0)


@pytest.mark.parametrize("source", SOURCES)
def test_nesting_without_end_is_quarantined(source: Source) -> None:
    line = b'{"type":' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    facts, _ = source.read(line + b"\n", b"", MAIN, 0)
    assert [seen.length for seen in facts.quarantined] == [len(line)]


@pytest.mark.parametrize("source", SOURCES)
def test_blank_lines_and_nul_bytes_are_passed_over(source: Source) -> None:
    facts, _ = source.read(b"\n \n\0\0\0\0\n\r\n", b"", MAIN, 0)
    assert not facts.quarantined


def test_half_an_emoji_becomes_a_replacement_and_the_record_counts() -> None:
    line = json.dumps(claude.user(1, "cut \ud83d")).encode()
    (prompt,) = read_all(CLAUDE, [line]).prompts.values()
    assert prompt.text == "cut \ufffd"


def test_a_record_behind_nul_bytes_counts() -> None:
    line = b"\0\0\0" + json.dumps(claude.user(1, "after the crash")).encode()
    assert len(read_all(CLAUDE, [line]).prompts) == 1


def test_a_line_that_is_no_utf8_still_counts_its_usage() -> None:
    line = (
        json.dumps(claude.assistant(1, content=[{"type": "text", "text": "QQ"}]))
        .encode()
        .replace(b"QQ", b"\xff\xfe")
    )
    assert len(read_all(CLAUDE, [line]).requests) == 1
