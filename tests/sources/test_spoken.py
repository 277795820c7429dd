"""What an assistant said last, out of logs of several shapes, damaged ones too."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from tokencoach.sources.spoken import SPOKEN, last_said

if TYPE_CHECKING:
    from pathlib import Path

SHAPES: dict[str, dict[str, Any]] = {
    "claude-code": {
        "type": "assistant",
        "message": {
            "role": "assistant",
            "content": [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "It adds fees."}],
        },
    },
    "codex": {
        "type": "response_item",
        "payload": {
            "type": "message",
            "role": "assistant",
            "content": [{"type": "output_text", "text": "It adds fees."}],
        },
    },
    "copilot-cli": {"type": "assistant.message", "data": {"content": "It adds fees."}},
    "droid": {
        "type": "message",
        "message": {"role": "assistant", "content": [{"type": "text", "text": "It adds fees."}]},
    },
    "pi": {
        "type": "message",
        "message": {"role": "assistant", "content": [{"type": "text", "text": "It adds fees."}]},
    },
    "qwen-code": {
        "type": "assistant",
        "message": {"role": "model", "parts": [{"text": "hm", "thought": True}, {"text": "It adds fees."}]},
    },
}
USER = {"type": "user", "message": {"role": "user", "content": "Add the fees, please"}}


def log(folder: Path, *lines: dict[str, Any] | bytes) -> Path:
    """A log with a line for each record; bytes stand in it as they are."""
    file = folder / "log.jsonl"
    file.write_bytes(
        b"".join(line if isinstance(line, bytes) else json.dumps(line).encode() + b"\n" for line in lines)
    )
    return file


def test_every_source_that_is_said_to_speak_is_tried_here() -> None:
    assert set(SHAPES) == SPOKEN


@pytest.mark.parametrize("source", sorted(SHAPES))
def test_only_what_the_assistant_said_as_text_is_heard(source: str, tmp_path: Path) -> None:
    assert last_said(source, log(tmp_path, USER, SHAPES[source])) == "It adds fees."


@pytest.mark.parametrize(
    "damage",
    [b"\xff\xfe\n", b"{", b"[" * 100_000 + b"\n", b"null\n", b'{"role":1,"message":[]}\n', b"\0" * 50],
)
def test_damaged_lines_say_nothing_and_hide_nothing(damage: bytes, tmp_path: Path) -> None:
    spoken = SHAPES["claude-code"]
    assert last_said("claude-code", log(tmp_path, spoken, b"\n", damage)) == "It adds fees."


def test_of_a_huge_log_only_the_end_is_read(tmp_path: Path) -> None:
    file = log(tmp_path, SHAPES["claude-code"])
    with file.open("r+b") as handle:
        handle.truncate(1 << 30)
        handle.seek(0, 2)
        handle.write(b"\n" + json.dumps(SHAPES["claude-code"] | {"at": 2}).encode() + b"\n")
    assert last_said("claude-code", file) == "It adds fees."


def test_what_is_heard_has_an_upper_bound(tmp_path: Path) -> None:
    long = {"message": {"role": "assistant", "content": "word " * 3_000}}
    heard = last_said("pi", log(tmp_path, *[long] * 10))
    assert heard is not None
    assert 0 < len(heard) <= 20_100


def test_a_source_whose_logs_do_not_tell_is_unknown(tmp_path: Path) -> None:
    assert last_said("cursor", log(tmp_path, SHAPES["pi"])) is None


def test_a_pipe_in_the_place_of_a_log_is_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "log.jsonl"
    os.mkfifo(pipe)
    with pytest.raises(OSError, match="no regular file"):
        last_said("pi", pipe)
