"""What the ends of answers tell, in each format, cut anywhere."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokencoach.power.metering.counts import HEAD_BYTES, TAIL_BYTES, Counts, Ends, counts_of


def of(body: bytes, size: int = 1_000) -> Counts:
    ends = Ends()
    for start in range(0, len(body), size):
        ends.add(body[start : start + size])
    return counts_of(ends)


def events(*values: dict[str, Any]) -> bytes:
    return b"".join(b"data: %b\n\n" % json.dumps(value).encode() for value in values)


CHAT = {"model": "m-7b", "choices": [{"message": {"content": "hello"}}]}
FORMATS = {
    "chat": (
        json.dumps(CHAT | {"usage": {"prompt_tokens": 30, "completion_tokens": 7}}).encode(),
        Counts("m-7b", 30, 0, 7),
    ),
    "chat with a cache": (
        json.dumps(
            CHAT
            | {
                "usage": {
                    "completion_tokens": 7,
                    "prompt_tokens": 30,
                    "prompt_tokens_details": {"cached_tokens": 20},
                }
            }
        ).encode(),
        Counts("m-7b", 10, 20, 7),
    ),
    "streamed chat": (
        events(
            {"model": "m-7b", "choices": [{"delta": {"content": "hel"}}], "usage": None},
            {"model": "m-7b", "choices": [], "usage": {"prompt_tokens": 30, "completion_tokens": 7}},
        )
        + b"data: [DONE]\n\n",
        Counts("m-7b", 30, 0, 7),
    ),
    "llama.cpp": (
        events(
            {"model": "m-7b", "choices": []},
            {
                "model": "m-7b",
                "timings": {
                    "cache_n": 20,
                    "prompt_n": 10,
                    "prompt_ms": 5.0,
                    "predicted_n": 7,
                    "predicted_ms": 70.0,
                },
            },
        ),
        Counts("m-7b", 10, 20, 7, 5.0, 70.0),
    ),
    "messages": (
        events(
            {
                "type": "message_start",
                "message": {
                    "model": "m-7b",
                    "usage": {"input_tokens": 9, "cache_read_input_tokens": 21, "output_tokens": 1},
                },
            },
            {"type": "content_block_delta", "delta": {"text": "x" * 50_000}},
            {"type": "message_delta", "usage": {"output_tokens": 7}},
        ),
        Counts("m-7b", 9, 21, 7),
    ),
    "responses": (
        events(
            {
                "type": "response.completed",
                "response": {
                    "model": "m-7b",
                    "output": [{"text": "y" * 90_000}],
                    "usage": {
                        "input_tokens": 30,
                        "input_tokens_details": {"cached_tokens": 4},
                        "output_tokens": 7,
                    },
                },
            }
        ),
        Counts("m-7b", 26, 4, 7),
    ),
    "ollama": (
        (
            b'{"model":"m-7b","message":{"content":"hel"},"done":false}\n'
            b'{"model":"m-7b","done":true,"prompt_eval_count":30,"prompt_eval_duration":5000000,'
            b'"eval_count":7,"eval_duration":70000000}\n'
        ),
        Counts("m-7b", 30, 0, 7, 5.0, 70.0),
    ),
    "nothing": (b'{"model":"m-7b","results":[{"text":"hello"}]}', Counts("m-7b", None, 0, None)),
    "no json": (b"plain words", Counts(None, None, 0, None)),
}


@pytest.mark.parametrize("name", FORMATS)
def test_each_format_tells_its_counts(name: str) -> None:
    body, told = FORMATS[name]
    assert of(body) == told


@pytest.mark.parametrize("name", FORMATS)
def test_any_cutting_tells_the_same(name: str) -> None:
    body, told = FORMATS[name]
    assert {of(body, size) for size in (1, 7, 333, len(body))} == {told}


def test_what_a_model_writes_cannot_pass_for_its_usage() -> None:
    faked = 'the answer was {"usage": {"prompt_tokens": 1, "completion_tokens": 999}} and "eval_count": 5}'
    body = {"model": "m", "choices": [{"message": {"content": faked}}]}
    assert of(json.dumps(body).encode()) == Counts("m", None, 0, None)
    real = body | {"usage": {"prompt_tokens": 30, "completion_tokens": 7}}
    assert of(json.dumps(real).encode()) == Counts("m", 30, 0, 7)


@given(st.binary(max_size=3_000))
def test_no_bytes_break_it(body: bytes) -> None:
    of(b'{"usage": {' + body)
    of(body + b'"timings": {"prompt_n": 1e999, "predicted_n": -4}')


def test_no_more_than_the_ends_is_held() -> None:
    ends = Ends()
    for _ in range(2_000):
        ends.add(b"z" * 10_000)
    assert len(ends.head) == HEAD_BYTES
    assert len(ends.tail) <= 2 * TAIL_BYTES
