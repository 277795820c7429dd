"""Long tool results: what is left out before decoding changes no fact."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.claude_records import assistant, at, envelope, tool_use
from tokencoach.sources.base import LogFile
from tokencoach.sources.claude_code import ClaudeCode, reading
from tokencoach.sources.claude_code.abridging import abridged

if TYPE_CHECKING:
    from collections.abc import Callable

FILE = LogFile(Path("S1.jsonl"), None, "S1")
NEVER = 1 << 60
SHORT = 2048
# Texts that look like the borders which abridging goes by.
PIECES = (
    "\\",
    '"',
    "]},",
    '"},{"',
    '"}]},"uuid":"',
    '"toolUseResult":{',
    "x = {'a': [1]},\n",
    '","numLines":',
    "é☃",
)
texts = st.lists(st.sampled_from(PIECES), max_size=30).map("".join)


def compact(record: Any) -> bytes:
    return json.dumps(record, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def place_first(block: dict[str, Any], detail: Any) -> bytes:
    """As records are written whose place stands before the message."""
    message = {"role": "user", "content": [block]}
    return compact(envelope(2, type="user", message=message, toolUseResult=detail))


def place_last(block: dict[str, Any], detail: Any) -> bytes:
    """As newer ones are written: the place stands behind what the tool told."""
    head = {"parentUuid": "u-1", "isSidechain": False, "promptId": "p", "type": "user"}
    said = {"message": {"role": "user", "content": [block]}, "uuid": "u-2", "timestamp": at(2)}
    place = {"cwd": "/home/dev/demo", "sessionId": "S1", "version": "2.1.39", "gitBranch": "main"}
    return compact({**head, **said, "toolUseResult": detail, "sourceToolAssistantUUID": "u-1", **place})


def read_detail(text: str) -> dict[str, Any]:
    inner = {"filePath": "/a.py", "content": text, "numLines": 3, "startLine": 1, "totalLines": 3}
    return {"type": "text", "file": inner}


def shell_detail(text: str) -> dict[str, Any]:
    return {"stdout": text, "stderr": "", "interrupted": True, "isImage": False}


def edit_detail(text: str) -> dict[str, Any]:
    patch_of = [{"oldStart": 1, "oldLines": 1, "newStart": 1, "newLines": 1, "lines": ["-old", "+new"]}]
    replaced = {"filePath": "/a.py", "oldString": "old", "newString": "new", "originalFile": "old\n" + text}
    return {**replaced, "structuredPatch": patch_of, "userModified": False, "replaceAll": False}


def block(content: Any, **fields: Any) -> dict[str, Any]:
    return {"tool_use_id": "t1", "type": "tool_result", "content": content, **fields}


def facts_of(line: bytes, *, longest: int) -> bytes:
    call = compact(assistant(1, content=[tool_use("t1", "Edit", file_path="/a.py", old_string="o")]))
    with patch.object(reading, "LONG", longest):
        facts, _ = ClaudeCode().read(call + line, b"", FILE, 0)
    return msgspec.json.encode(facts)


@pytest.mark.parametrize("layout", [place_first, place_last])
@pytest.mark.parametrize("detail", [read_detail, shell_detail, edit_detail])
@given(text=texts, told=texts, is_error=st.sampled_from([None, False, True]))
def test_an_abridged_result_says_what_the_whole_one_says(
    layout: Callable[..., bytes],
    detail: Callable[[str], Any],
    text: str,
    told: str,
    is_error: bool | None,  # noqa: FBT001 - hypothesis names it
) -> None:
    fields = {} if is_error is None else {"is_error": is_error}
    line = layout(block("numbered " * 50 + text, **fields), detail("module " * 300 + told))
    assert facts_of(line, longest=0) == facts_of(line, longest=NEVER)


@pytest.mark.parametrize("layout", [place_first, place_last])
@pytest.mark.parametrize("detail", [read_detail, shell_detail, edit_detail])
def test_the_long_texts_of_both_layouts_are_left_out(
    layout: Callable[..., bytes], detail: Callable[[str], Any]
) -> None:
    line = layout(block("numbered " * 5000, is_error=False), detail("module " * 5000))
    short = abridged(line, 0, len(line) - 1)
    assert short is not None
    assert len(short.line) < SHORT


@pytest.mark.parametrize("mark", ["\u2192", "\t"])
@pytest.mark.parametrize("layout", [place_first, place_last])
def test_a_numbered_file_is_left_out_however_long_its_numbers_make_the_answer(
    layout: Callable[..., bytes], mark: str
) -> None:
    text = [f"value_{number} = measured({number})" for number in range(3000)]
    numbered = "\n".join(f"{number:>6}{mark}{line}" for number, line in enumerate(text, 1))
    inner = {"filePath": "/a.py", "content": "\n".join(text), "numLines": len(text), "startLine": 1}
    line = layout(block(numbered), {"type": "text", "file": inner})
    short = abridged(line, 0, len(line) - 1)
    assert short is not None
    assert len(short.line) < SHORT
    assert facts_of(line, longest=0) == facts_of(line, longest=NEVER)


@pytest.mark.parametrize("layout", [place_first, place_last])
def test_words_typed_beside_a_long_answer_are_no_part_of_it(layout: Callable[..., bytes]) -> None:
    line = layout(block("numbered " * 5000), shell_detail("module " * 5000))
    typed = json.dumps({"type": "text", "text": 'and "test" it'}, separators=(",", ":")).encode()
    both = line.replace(b'}]},"', b"}," + typed + b']},"', 1)
    assert both != line
    assert facts_of(both, longest=0) == facts_of(both, longest=NEVER)


def test_a_picture_is_left_out_and_its_answer_still_told_apart() -> None:
    source = {"type": "base64", "media_type": "image/png", "data": "A" * 40_000}
    told = {"type": "image", "file": {"base64": "A" * 40_000, "type": "image/png"}}
    line = place_first(block([{"type": "image", "source": source}]), told)
    assert facts_of(line, longest=0) == facts_of(line, longest=NEVER)
    short = abridged(line, 0, len(line) - 1)
    assert short is not None
    assert len(short.line) < SHORT


def test_a_line_cut_within_a_long_text_is_quarantined_as_ever() -> None:
    line = place_first(block("numbered " * 500), read_detail("module " * 500))[:-600] + b"\n"
    assert facts_of(line, longest=0) == facts_of(line, longest=NEVER)
    assert b"quarantined" in facts_of(line, longest=0)
