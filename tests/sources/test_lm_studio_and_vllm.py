"""LM Studio's prose with JSON in between, its chats, and vLLM's rates shared among requests."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sources.agents import BEGAN, counted, make
from sources.merging import Merged, merge
from sources.reading import read_parts
from sources.server_logs import ANSWERED, VLLM_START, asked, chat, prediction, rates
from tokencoach.sources.base import LogFile, LogsHome, Shape
from tokencoach.sources.instants import instant_ms
from tokencoach.sources.lm_studio import LmStudio
from tokencoach.sources.vllm import Vllm

STUDIO, VLLM = LmStudio(), Vllm()
LOG = LogFile(Path("2026-06-17.1.log"), modified_ms=BEGAN)
CHAT = LogFile(Path("1.conversation.json"), None, "1", shape=Shape.DOCUMENT)


def read(source: LmStudio | Vllm, content: str) -> Merged:
    """The log, in one piece and in every other cutting."""
    merged = merge(read_parts(source, content.encode(), file=LOG))
    for step in (1, 2, 3, 7):
        assert merge(read_parts(source, content.encode(), range(0, 80, step), LOG)) == merged
    return merged


def test_an_answer_over_many_lines_is_one_request() -> None:
    merged = read(STUDIO, asked() + prediction(100, 30) + asked("09:59:20"))
    assert counted(merged) == [(100, 0, 0, 30, 0)]
    (request,) = merged.requests.values()
    assert (request.model, request.at_ms) == ("qwen2.5-coder-7b", instant_ms("2026-06-17T09:59:10Z"))


def test_an_answer_on_one_line_is_one_request() -> None:
    told = {
        "id": "c",
        "model": "m",
        "usage": {"prompt_tokens": 7, "completion_tokens": 3, "prompt_tokens_details": {"cached_tokens": 5}},
    }
    line = f"[2026-06-17 09:59:10][INFO][m] Generated prediction: {json.dumps(told)}\n"
    assert counted(read(STUDIO, asked() + line)) == [(2, 5, 0, 3, 0)]


@pytest.mark.parametrize("tags", ["[m-1]", "[LM STUDIO SERVER] [m-1]", " [m-1]"])
def test_the_model_is_told_by_the_tag_wherever_it_stands(tags: str) -> None:
    begun = f"[2026-06-17 09:59:08][INFO]{tags} Running chat completion on conversation with 2 messages.\n"
    end = "[2026-06-17 09:59:18][INFO][LM STUDIO SERVER] Finished streaming response\n"
    (request,) = read(STUDIO, begun + end).requests.values()
    assert request.model == "m-1"


def test_a_stream_without_usage_is_a_request_without_tokens() -> None:
    end = "[2026-06-17 09:59:18][INFO][LM STUDIO SERVER] Finished streaming response\n"
    merged = read(STUDIO, asked() + end)
    assert counted(merged) == [(0, 0, 0, 0, 0)]
    facts, _ = STUDIO.read((asked() + end).encode(), b"", LOG, 0)
    assert [(one.has_counts, one.output_ms) for one in facts.served] == [(False, 10_000.0)]


def test_a_request_that_told_its_tokens_is_not_counted_again_at_its_end() -> None:
    end = "[2026-06-17 09:59:18][INFO][LM STUDIO SERVER] Finished streaming response\n"
    assert counted(read(STUDIO, asked() + prediction(100, 30) + end)) == [(100, 0, 0, 30, 0)]


def test_nothing_of_a_conversation_is_carried_on() -> None:
    cut = prediction(100, 30).encode().split(b'"usage"')[0]
    facts, state = STUDIO.read(cut.rpartition(b"\n")[0] + b"\n", b"", LOG, 0)
    assert b"it says" not in state
    assert "it says" not in repr(facts)


def test_each_version_of_an_answer_in_a_chat_was_made() -> None:
    merged = merge([STUDIO.read(json.dumps(chat()).encode(), b"", CHAT, 0)[0]])
    assert counted(merged) == [(50, 0, 0, 9, 0), (50, 0, 0, 12, 0)]
    assert [one.at_ms for one in merged.requests.values()] == [BEGAN + 1000, BEGAN + 9000]
    assert not merged.prompts


def test_a_damaged_chat_is_put_aside() -> None:
    facts, _ = STUDIO.read(b'{"createdAt": 17', b"", CHAT, 0)
    assert len(facts.quarantined) == 1


def test_logs_and_chats_are_found_at_the_old_place_and_where_the_pointer_says(tmp_path: Path) -> None:
    make(
        tmp_path,
        ".lmstudio/server-logs/2026-06/2026-06-17.1.log",
        ".lmstudio/conversations/a/1.conversation.json",
    )
    make(
        tmp_path, ".cache/lm-studio/server-logs/2025-02-13.1.log", "big/server-logs/2026-06/2026-06-18.1.log"
    )
    make(tmp_path, ".lmstudio-home-pointer", content=str(tmp_path / "big"))
    assert sorted(file.path.name for file in STUDIO.files(LogsHome(tmp_path, {}))) == [
        "1.conversation.json",
        "2025-02-13.1.log",
        "2026-06-17.1.log",
        "2026-06-18.1.log",
    ]


def test_rates_times_their_seconds_are_shared_among_the_requests_that_ended() -> None:
    merged = read(
        VLLM, VLLM_START + rates("09:50:10", 0.0, 3.0) + ANSWERED + ANSWERED + rates("09:50:20", 30.1, 4.2)
    )
    assert sorted(counted(merged)) == [(150, 0, 0, 36, 0), (151, 0, 0, 36, 0)]
    assert {one.model for one in merged.requests.values()} == {"qwen-coder"}
    assert {one.at_ms for one in merged.requests.values()} == {instant_ms("2026-06-17T09:50:20Z")}


def test_what_vllm_tells_is_marked_as_estimated() -> None:
    facts, _ = VLLM.read((VLLM_START + ANSWERED + rates("09:50:10", 10.0, 1.0)).encode(), b"", LOG, 0)
    assert [(one.is_estimated, one.has_counts) for one in facts.served] == [(True, True)]


def test_requests_that_failed_take_no_share() -> None:
    failed = ANSWERED.replace("200 OK", "500 Internal Server Error")
    assert len(read(VLLM, VLLM_START + ANSWERED + failed + rates("09:50:10", 10.0, 1.0)).requests) == 1


def test_a_line_without_a_year_is_of_the_last_year_that_is_not_after_the_writing() -> None:
    (request,) = read(
        VLLM, ANSWERED + rates("09:50:10", 1.0, 1.0).replace("06-17", "12-31")
    ).requests.values()
    assert request.at_ms == instant_ms("2025-12-31T09:50:10Z")


def test_a_rate_after_silence_holds_since_the_last_look_and_not_since_the_last_line() -> None:
    idle = rates("09:50:10", 0.0, 0.0)
    merged = read(VLLM, VLLM_START + idle + ANSWERED + rates("09:51:40", 1490.4, 0.8))
    assert counted(merged) == [(14904, 0, 0, 8, 0)]


def test_a_server_that_looks_once_a_minute_is_taken_at_its_word() -> None:
    first = ANSWERED + rates("09:50:10", 10.0, 1.0)
    merged = read(VLLM, VLLM_START + first + ANSWERED + rates("09:51:10", 10.0, 1.0))
    assert sorted(counted(merged)) == [(100, 0, 0, 10, 0), (600, 0, 0, 60, 0)]


def test_an_older_server_tells_rates_since_its_last_line() -> None:
    lines = [rates("09:50:10", 0.0, 0.0), rates("09:50:40", 10.0, 1.0)]
    older = [line.replace("Prefix cache hit rate: 0.0%", "CPU KV cache usage: 0.0%.") for line in lines]
    assert counted(read(VLLM, VLLM_START + older[0] + ANSWERED + older[1])) == [(300, 0, 0, 30, 0)]


def test_tokens_of_a_streamed_answer_belong_to_it_though_its_access_line_stood_before_them() -> None:
    lines = [
        rates("09:50:10", 0.0, 0.0, 1),
        rates("09:50:20", 100.0, 3.0, 1),
        ANSWERED,
        rates("09:50:30", 50.0, 4.0, 1),
        rates("09:50:40", 0.0, 5.0),
    ]
    merged = read(VLLM, VLLM_START + ANSWERED + "".join(lines))
    assert sorted(counted(merged)) == [(0, 0, 0, 50, 0), (1500, 0, 0, 70, 0)]
