"""Fields of unknown names: found wherever formats put them, and never what people and models say."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.sample_logs import SAMPLES
from tokencoach.sources.drift import known_names, unknown_fields
from tokencoach.sources.registry import built_in

PROSE = {"aider", "llama-server", "lm-studio", "ollama", "vllm"}


def odd(*records: Any, source: str = "claude-code") -> dict[str, int]:
    return dict(unknown_fields(source, b"".join(json.dumps(record).encode() + b"\n" for record in records)))


def test_names_of_every_source_that_writes_json_are_known() -> None:
    for source in built_in():
        assert (known_names(source.name) is None) == (source.name in PROSE)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: f"{sample.source}-{sample.file.shape}")
def test_a_sample_has_no_field_that_is_not_known(sample: Any) -> None:
    assert not unknown_fields(sample.source, sample.content, is_document=sample.is_document)


def test_a_new_field_is_counted_once_a_record() -> None:
    record = {"type": "user", "shiny": 1, "message": {"usage": {"shinier": 2, "input_tokens": 3}}}
    assert odd(record, record) == {"shiny": 2, "message.usage.shinier": 2}


def test_new_fields_in_lists_and_in_texts_of_databases_are_found() -> None:
    row = {"table": "message", "row": {"data": json.dumps({"role": "user", "shiny": 1})}}
    assert odd(row, source="opencode") == {"row.data.shiny": 1}
    assert odd({"message": [{"shiny": 1}, {"shiny": 1}]}) == {"message.shiny": 1}


def test_what_tools_were_given_is_not_looked_at() -> None:
    assert not odd(
        {"toolUseResult": {"myOwnSecretName": 1}, "message": {"content": [{"input": {"mine": 1}}]}}
    )


def test_tables_of_files_and_models_are_not_looked_at() -> None:
    assert not odd({"modelUsage": {"claude-x-1": {"a": 1}}, "files": {"src/a.py": {"b": 1}}})


def test_of_a_long_chunk_a_part_is_looked_at() -> None:
    record = {"type": "user", "shiny": "x" * 1000}
    (count,) = odd(*[record] * 640).values()
    assert 0 < count < 640


@given(st.binary(max_size=200))
def test_no_bytes_raise(content: bytes) -> None:
    unknown_fields("codex", content)
    unknown_fields("cline", content, is_document=True)
