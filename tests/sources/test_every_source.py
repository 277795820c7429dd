"""What must hold of every source: any chunking, any bytes, any types, and facts that fit together."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sources.merging import Merged, merge
from sources.reading import read_parts
from sources.sample_logs import BY_NAME, SAMPLES
from tokencoach.sources.base import LogsHome, Scattered
from tokencoach.store.keyed import signed

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sources.samples import Sample

EXAMPLES = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)
OTHERS = {"claude-code", "codex"}
PROSE = {"aider", "llama-server", "lm-studio", "ollama", "vllm"}
"""Sources whose logs are no JSON."""


def name_of(sample: Sample) -> str:
    return f"{sample.source}-{sample.file.shape}"


every = pytest.mark.parametrize("sample", SAMPLES, ids=name_of)


def read(
    sample: Sample, content: bytes | None = None, cuts: Sequence[int] = (), *, with_edits: bool = True
) -> Merged:
    """Facts of a sample, or of other content in its place."""
    source, told = BY_NAME[sample.source], sample.content if content is None else content
    if sample.is_document:
        return merge([source.read(told, b"", sample.file, 0, with_edits=with_edits)[0]])
    return merge(read_parts(source, told, cuts, sample.file, with_edits=with_edits))


def test_there_is_a_sample_of_every_built_in_source() -> None:
    assert {sample.source for sample in SAMPLES} | OTHERS == set(BY_NAME)


@every
def test_a_sample_holds_no_record_that_is_not_known(sample: Sample) -> None:
    merged = read(sample)
    assert merged.sessions
    assert not merged.quarantined
    assert not merged.unseen
    assert merged.requests or merged.edits


@every
def test_facts_belong_to_sessions_that_are_told_and_lie_within_them(sample: Sample) -> None:
    merged = read(sample)
    told = [(one.session_id, one.at_ms) for one in merged.prompts.values()]
    told += [(one.session_id, one.at_ms) for one in merged.requests.values()]
    told += [(one.session_id, one.at_ms) for one in merged.calls.values()]
    told += [(one.session_id, one.at_ms) for one in merged.edits.values()]
    for session_id, at_ms in told:
        assert at_ms >= merged.sessions[session_id].first_ms
    for edit in merged.edits.values():
        assert edit.call_key in merged.calls


@pytest.mark.parametrize("sample", [one for one in SAMPLES if not one.is_document], ids=name_of)
@EXAMPLES
@given(cuts=st.lists(st.integers(0, 20), max_size=5))
def test_any_chunking_gives_the_same_facts(sample: Sample, cuts: list[int]) -> None:
    assert read(sample, cuts=cuts) == read(sample)


@every
def test_usage_alone_gives_the_same_requests_and_no_edits(sample: Sample) -> None:
    lean, full = read(sample, with_edits=False), read(sample)
    assert lean.requests == full.requests
    assert lean.prompts == full.prompts
    assert not lean.edits


@every
def test_reading_twice_adds_nothing(sample: Sample) -> None:
    source = BY_NAME[sample.source]
    first, _ = source.read(sample.content, b"", sample.file, 0)
    again, _ = source.read(sample.content, b"", sample.file, 0)
    assert merge([first, again]).requests == merge([first]).requests
    assert set(merge([first, again]).edits) == set(merge([first]).edits)


@every
@EXAMPLES
@given(data=st.data())
def test_no_bytes_raise(sample: Sample, data: st.DataObject) -> None:
    content = bytearray(sample.content)
    for _ in range(data.draw(st.integers(1, 5))):
        place = data.draw(st.integers(0, len(content) - 1))
        if content[place] != ord("\n"):
            content[place] = data.draw(st.integers(0, 255).filter(lambda byte: byte != ord("\n")))
    read(sample, bytes(content))


@every
@EXAMPLES
@given(data=st.data())
def test_any_type_in_any_field_is_survived(sample: Sample, data: st.DataObject) -> None:
    if sample.source in PROSE:
        return
    pieces = [sample.content] if sample.is_document else sample.content.splitlines()
    records = [json.loads(piece) for piece in pieces]
    for _ in range(data.draw(st.integers(1, 3))):
        _spoil(data.draw(st.sampled_from(records)), data)
    merged = read(sample, b"".join(json.dumps(record).encode() + b"\n" for record in records))
    for request in merged.requests.values():
        assert (
            min(request.input, request.cache_read, request.output, request.cache_write_5m, request.reasoning)
            >= 0
        )
        assert request.reasoning <= request.output
    for call in merged.calls.values():
        assert signed(call.input_digest) == call.input_digest


def _spoil(value: Any, data: st.DataObject) -> None:
    """Put something odd at a place chosen by chance, at any depth, in JSON inside of texts too."""
    while isinstance(value, dict | list) and value:
        key = data.draw(st.sampled_from(sorted(value) if isinstance(value, dict) else range(len(value))))
        inner = value[key]
        if isinstance(inner, dict | list) and inner and data.draw(st.booleans()):
            value = inner
            continue
        if isinstance(inner, str) and inner.startswith(("{", "[{")) and data.draw(st.booleans()):
            told = json.loads(inner)
            _spoil(told, data)
            value[key] = json.dumps(told)
            return
        value[key] = data.draw(JSON)
        return


@every
@pytest.mark.parametrize("state", [b"\xff", b"\x90", b"\x95\x01\xa1x\x02", b"x" * 40])
def test_a_damaged_state_is_survived(sample: Sample, state: bytes) -> None:
    BY_NAME[sample.source].read(sample.content, state, sample.file, 0)


@every
def test_nesting_without_end_is_survived(sample: Sample) -> None:
    deep = b'{"type":' + b"[" * 100_000 + b"]" * 100_000 + b"}\n"
    assert sample.source in PROSE or read(sample, deep).quarantined


@pytest.mark.parametrize("name", sorted(BY_NAME))
def test_nothing_is_found_in_an_empty_home(name: str, tmp_path: Path) -> None:
    source = BY_NAME[name]
    home = LogsHome(tmp_path, {})
    assert not list(source.files(home))
    assert all(root.is_relative_to(tmp_path) for root in source.roots(home))
    if isinstance(source, Scattered):
        assert set(source.watched(home)) <= set(source.roots(home))
