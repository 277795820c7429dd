"""Requests of Codex: cumulative events, records of usage, forks, sub-agents."""

from __future__ import annotations

import json
from typing import Any

from sources.codex_records import (
    THREAD,
    event,
    function_call,
    line,
    meta,
    token_count,
    tokens,
    turn,
    usage_record,
)
from sources.merging import merge
from sources.reading import jsonl, read_all, read_parts
from tokencoach.sources.codex import Codex
from tokencoach.usage.words import ErrorKind

SOURCE = Codex()


def inputs(records: list[Any]) -> list[int]:
    return [request.input for request in read_all(SOURCE, records).requests.values()]


def test_input_excludes_the_cached_and_output_includes_the_reasoning() -> None:
    usage = tokens(1013, cached=800, output=50, reasoning=20, written=13)
    info = {"total_token_usage": usage, "last_token_usage": usage}
    (request,) = read_all(SOURCE, [meta(), turn(1), event(2, "token_count", info=info)]).requests.values()
    assert (request.input, request.cache_read, request.cache_write_5m) == (200, 800, 13)
    assert (request.output, request.reasoning, request.model) == (50, 20, "gpt-5.5")


def test_a_repeated_or_empty_token_count_counts_nothing() -> None:
    records = [
        meta(),
        turn(1),
        token_count(2, 100, 100),
        token_count(3, 100, 100),
        event(4, "token_count", info=None, rate_limits={"primary": None}),
        token_count(5, 250, 150),
    ]
    assert inputs(records) == [100, 150]


def test_totals_alone_are_counted_by_their_difference() -> None:
    records = [meta(), token_count(1, 100, None), token_count(2, 250, None), token_count(3, 40, None)]
    assert inputs(records) == [100, 150, 40]


def test_records_of_usage_and_events_of_one_response_count_once() -> None:
    first_record = [usage_record(2, "resp_1", 100), token_count(3, 100, 100)]
    first_event = [token_count(2, 100, 100), usage_record(3, "resp_1", 100)]
    more = [usage_record(4, "resp_2", 150), token_count(5, 250, 150)]
    for begin in (first_record, first_event):
        records = [meta(), turn(1), *begin, *more]
        assert inputs(records) == [100, 150]
        lines = jsonl(records)
        assert (
            merge(read_parts(SOURCE, lines, range(len(records)))).requests
            == read_all(SOURCE, records).requests
        )


def test_a_new_forks_first_total_holds_its_parents_and_only_its_own_call_counts() -> None:
    child = [meta(0, "T2", forked_from_id=THREAD), turn(1), token_count(2, 6174, 1069)]
    merged = read_all(SOURCE, child)
    assert [request.input for request in merged.requests.values()] == [1069]
    assert merged.sessions["T2"].parent_session_id == THREAD


def test_an_old_fork_that_repeats_its_parents_events_repeats_their_keys() -> None:
    told = [token_count(2, 100, 100), token_count(3, 250, 150)]
    prompt = event(1, "user_message", message="hello")
    parent = jsonl([meta(), turn(1), prompt, *told])
    again = [record | {"timestamp": "2026-06-17T11:00:00.000Z"} for record in (prompt, *told)]
    fork = jsonl([meta(60, "T2", forked_from_id=THREAD), turn(61), *again, token_count(62, 300, 50)])
    merged = merge([*read_parts(SOURCE, parent), *read_parts(SOURCE, fork)])
    assert [request.input for request in merged.requests.values()] == [100, 150, 50]
    assert len(merged.prompts) == 1


def test_a_fork_of_a_fork_leads_back_to_the_oldest_thread_it_repeats() -> None:
    told = [token_count(2, 100, 100)]
    parent = jsonl([meta(), turn(1), *told])
    fork = jsonl([meta(5, "T3", forked_from_id="T2"), meta(5, "T2", forked_from_id=THREAD), *told])
    merged = merge([*read_parts(SOURCE, parent), *read_parts(SOURCE, fork)])
    assert len(merged.requests) == 1
    assert set(merged.sessions) == {THREAD, "T3"}


def test_a_sub_agents_thread_belongs_to_its_parents_session() -> None:
    source = {"subagent": {"thread_spawn": {"parent_thread_id": THREAD, "depth": 1}}}
    records = [
        meta(0, "T9", source=source),
        turn(1),
        event(2, "user_message", message="go"),
        token_count(3, 100, 100),
    ]
    merged = read_all(SOURCE, records)
    (request,) = merged.requests.values()
    assert (request.session_id, request.agent, request.is_sidechain) == (THREAD, "T9", True)
    assert merged.agents["T9"].session_id == THREAD
    assert not merged.prompts


def test_the_parent_names_the_call_that_spawned_a_thread() -> None:
    spawned = event(2, "collab_agent_spawn_end", call_id="call_1", new_thread_id="T9", prompt="go")
    assert read_all(SOURCE, [meta(), spawned]).agents["T9"].call_key == "call_1"


def test_a_rollout_without_a_model_counts_as_the_assumed_one() -> None:
    (request,) = read_all(SOURCE, [meta(), token_count(1, 100, 100)]).requests.values()
    assert (request.model, request.is_assumed_model) == ("gpt-5", True)


def test_the_latest_settings_name_the_model() -> None:
    settings = event(3, "thread_settings_applied", thread_settings={"model": "gpt-5.6-luna", "cwd": "/x"})
    records = [meta(), turn(1), token_count(2, 100, 100), settings, token_count(4, 200, 100)]
    models = [request.model for request in read_all(SOURCE, records).requests.values()]
    assert models == ["gpt-5.5", "gpt-5.6-luna"]


def test_calls_belong_to_the_response_that_ends_after_them() -> None:
    records = [meta(), function_call(1, "c1", "exec_command", cmd="ls"), token_count(2, 100, 100)]
    calls = read_all(SOURCE, records).calls
    (request,) = read_all(SOURCE, records).requests
    assert calls["c1"].request_key == request
    parts = read_parts(SOURCE, jsonl(records), cuts=[2])
    assert parts[0].calls[0].request_key == ""
    assert merge(parts).calls == calls


def test_a_session_has_its_git_origin_and_version() -> None:
    (session,) = read_all(SOURCE, [meta()]).sessions.values()
    assert (session.git_commit, session.branch, session.version) == ("c0ffee", "main", "0.140.0")
    assert session.git_remote == "https://example.org/demo.git"


def test_prompts_are_told_once_where_two_generations_of_records_tell_them() -> None:
    def said(second: int, text: str) -> list[dict[str, Any]]:
        parts = [{"type": "text", "text": text}]
        return [
            event(second, "user_message", message=text, images=[]),
            event(second, "item_completed", item={"type": "UserMessage", "id": "i", "content": parts}),
        ]

    prompts = read_all(SOURCE, [meta(), *said(1, "continue"), *said(2, "continue")]).prompts
    assert [prompt.text for prompt in prompts.values()] == ["continue", "continue"]


def test_injected_messages_are_no_prompts() -> None:
    records = [
        meta(),
        event(1, "user_message", message="<environment_context>\n</environment_context>"),
        event(2, "user_message", message="read the docs", kind="user_instructions"),
        line(
            3,
            "response_item",
            type="message",
            role="user",
            content=[{"type": "input_text", "text": "AGENTS"}],
        ),
        line(4, "compacted", message="", replacement_history=[{"type": "message", "role": "user"}]),
    ]
    merged = read_all(SOURCE, records)
    assert not merged.prompts
    assert len(merged.compactions) == 1


def test_aborted_undone_and_failed_turns_are_errors() -> None:
    failed = {"message": "limit reached", "codex_error_info": "usage_limit_exceeded"}
    records = [
        meta(),
        event(1, "turn_aborted", turn_id="U1", reason="interrupted"),
        event(2, "thread_rolled_back", num_turns=2),
        event(3, "task_complete", turn_id="U2", last_agent_message=None, error=failed),
        event(4, "task_complete", turn_id="U3", last_agent_message="done"),
        event(5, "stream_error", message="connection lost", codex_error_info={"response_stream_failed": {}}),
    ]
    errors = [(error.kind, error.code, error.message) for error in read_all(SOURCE, records).errors.values()]
    assert errors == [
        (ErrorKind.ABORTED, "interrupted", ""),
        (ErrorKind.ROLLED_BACK, "2", ""),
        (ErrorKind.API_ERROR, "usage_limit_exceeded", "limit reached"),
        (ErrorKind.RETRY, "response_stream_failed", "connection lost"),
    ]


def test_the_oldest_rollouts_without_a_wrapper_still_tell_their_work() -> None:
    records = [
        {
            "id": THREAD,
            "timestamp": "2025-05-01T10:00:00.000Z",
            "instructions": None,
            "git": {"branch": "main"},
        },
        {"record_type": "state"},
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "fix it"}]},
        {"type": "function_call", "name": "shell", "arguments": '{"command":["ls"]}', "call_id": "c1"},
        {
            "type": "function_call_output",
            "call_id": "c1",
            "output": '{"output":"","metadata":{"exit_code":1}}',
        },
    ]
    merged = read_all(SOURCE, records)
    assert [prompt.text for prompt in merged.prompts.values()] == ["fix it"]
    assert merged.results["c1"].status == "failed"
    assert merged.sessions[THREAD].branch == "main"


def test_new_kinds_are_counted_and_known_ones_are_not() -> None:
    records = [
        meta(),
        line(1, "world_state", full=True),
        line(2, "hologram"),
        event(3, "agent_message", message="x"),
        event(4, "levitation"),
        line(5, "response_item", type="telepathy"),
        event(6, "item_completed", item={"type": "Dream", "id": "1"}),
    ]
    assert dict(read_all(SOURCE, records).unseen) == {
        "hologram": 1,
        "event_msg/levitation": 1,
        "response_item/telepathy": 1,
        "item_completed/Dream": 1,
    }


def test_two_records_on_one_line_both_count() -> None:
    first, second = json.dumps(token_count(2, 1000, 1000)), json.dumps(token_count(3, 1500, 500))
    merged = read_all(SOURCE, [meta(0), (first + second).encode()])
    assert [request.input for request in merged.requests.values()] == [1000, 500]
    assert not merged.quarantined
