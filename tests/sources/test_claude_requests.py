"""Requests of Claude Code: one response is many lines, copies, side questions, proxies."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sources.claude_records import SESSION, assistant, envelope, progress, result, tool_use, usage, user
from sources.reading import MAIN, jsonl, read_all, read_parts
from tokencoach.sources.claude_code import ClaudeCode

SOURCE = ClaudeCode()


def test_a_response_written_as_three_lines_counts_once() -> None:
    lines = [assistant(second, content=[{"type": "text", "text": str(second)}]) for second in (1, 2, 3)]
    (request,) = read_all(SOURCE, lines).requests.values()
    assert (request.input, request.cache_read, request.output) == (10, 1000, 50)
    assert (request.cache_write_5m, request.cache_write_1h) == (60, 40)


def test_the_line_with_the_most_output_wins_and_the_earliest_instant_stays() -> None:
    lines = [
        assistant(5, tokens=usage(output=2)),
        assistant(6, tokens=usage(output=80)),
        assistant(7, tokens=usage(output=30)),
    ]
    (request,) = read_all(SOURCE, lines).requests.values()
    assert request.output == 80
    assert request.at_ms % 60_000 == 5_000


def test_usage_comes_whole_from_one_line_when_the_model_changes_in_mid_stream() -> None:
    first = assistant(1, tokens=usage(output=5, input_tokens=900), model="claude-fable-5")
    second = assistant(2, tokens=usage(output=60, input_tokens=7), model="claude-opus-4-8")
    (request,) = read_all(SOURCE, [first, second]).requests.values()
    assert (request.model, request.input, request.output) == ("claude-opus-4-8", 7, 60)


def test_a_side_question_that_repeats_a_message_under_another_request_id_counts_once() -> None:
    main = assistant(1, tokens=usage(output=40))
    side = assistant(2, tokens=usage(output=41), isSidechain=True) | {"requestId": "req_other"}
    for lines in ([main, side], [side, main]):
        (request,) = read_all(SOURCE, lines).requests.values()
        assert not request.is_sidechain
        assert request.output == 40


def test_a_forks_copy_names_the_session_that_made_the_call() -> None:
    copy = assistant(1, sessionId="S2", requestSessionId=SESSION)
    (request,) = read_all(SOURCE, [copy]).requests.values()
    assert (request.session_id, request.owner_session_id) == ("S2", SESSION)


@pytest.mark.parametrize(
    ("message_id", "request_id", "key"),
    [("msg_1", "req_1", "m:msg_1"), (None, "req_1", "r:req_1"), (None, None, "u:u-1")],
)
def test_the_key_falls_back_from_message_to_request_to_record(
    message_id: str | None, request_id: str | None, key: str
) -> None:
    line = assistant(1, message_id) | {"requestId": request_id}
    assert list(read_all(SOURCE, [line]).requests) == [key]


def test_a_synthetic_model_is_no_request_but_an_error() -> None:
    line = assistant(
        1,
        "0b5c",
        [{"type": "text", "text": "API Error: Overloaded"}],
        model="<synthetic>",
        isApiErrorMessage=True,
        apiErrorStatus=529,
        error="server_error",
    )
    merged = read_all(SOURCE, [line])
    assert not merged.requests
    (error,) = merged.errors.values()
    assert (error.kind, error.code, error.message) == ("api_error", "529", "API Error: Overloaded")


def test_a_conversation_imported_from_claude_ai_is_nothing_before_it_is_continued() -> None:
    whose: dict[str, Any] = {"version": "claude-export-import"}
    written = tool_use("toolu_1", "Write", file_path="files/a.py", content="a\n")
    told = {"type": "create", "filePath": "files/a.py", "content": "a\n", "structuredPatch": []}
    imported = [
        user(1, "make a file", **whose),
        assistant(2, "0b5c", [written], model="claude-export-import", madeBy="other", **whose),
        result(3, "toolu_1", "File created successfully at: files/a.py", detail=told, **whose),
        {"type": "custom-title", "customTitle": "Files", "sessionId": SESSION},
    ]
    alone = read_all(SOURCE, imported)
    assert not any((alone.sessions, alone.requests, alone.prompts, alone.calls, alone.edits))
    merged = read_all(SOURCE, [*imported, user(60, "go on"), assistant(61)])
    assert [prompt.text for prompt in merged.prompts.values()] == ["go on"]
    assert (list(merged.requests), merged.sessions[SESSION].title) == (["m:msg_1"], "Files")


def test_a_sub_agents_call_inside_progress_counts_once_with_its_own_file() -> None:
    inner = assistant(3, "msg_sub", [tool_use("toolu_in", "Bash", command="ls")], isSidechain=True)
    inside = progress(3, inner, agent="a1", call="toolu_task")
    alone = read_all(SOURCE, [inside])
    (request,) = alone.requests.values()
    assert (request.key, request.agent, request.session_id) == ("m:msg_sub", "a1", SESSION)
    assert alone.calls["toolu_in"].agent == "a1"
    assert alone.agents["a1"].call_key == "toolu_task"
    both = read_all(SOURCE, [inside, inner | {"agentId": "a1"}])
    assert both.requests == alone.requests


def test_nulls_and_odd_numbers_of_a_proxy_count_as_nothing_and_are_noted() -> None:
    tokens = usage(output=7, input_tokens=None, cache_read_input_tokens=-3) | {
        "cache_creation_input_tokens": "many",
        "cache_creation": None,
    }
    merged = read_all(SOURCE, [assistant(1, tokens=tokens)])
    (request,) = merged.requests.values()
    assert (request.input, request.cache_read, request.cache_write_5m, request.output) == (0, 0, 0, 7)
    assert merged.unseen["odd-field:message.usage.cache_read_input_tokens"] == 1
    assert merged.unseen["odd-field:message.usage.cache_creation_input_tokens"] == 1


def test_an_integral_float_is_a_count() -> None:
    (request,) = read_all(
        SOURCE, [assistant(1, tokens=usage(output=12) | {"input_tokens": 3.0})]
    ).requests.values()
    assert (request.input, request.output) == (3, 12)


def test_cache_writes_without_a_split_live_five_minutes() -> None:
    tokens = usage()
    del tokens["cache_creation"]
    (request,) = read_all(SOURCE, [assistant(1, tokens=tokens)]).requests.values()
    assert (request.cache_write_5m, request.cache_write_1h) == (100, 0)


def test_an_advisors_usage_is_a_request_of_its_own() -> None:
    advisor = usage(output=9) | {"type": "advisor_message", "model": "claude-haiku-4-5"}
    tokens = usage(iterations=[{"type": "message", "output_tokens": 50}, advisor])
    requests = read_all(SOURCE, [assistant(1, tokens=tokens)]).requests
    assert {key: seen.model for key, seen in requests.items()} == {
        "m:msg_1": "claude-opus-4-6",
        "m:msg_1:advisor:0": "claude-haiku-4-5",
    }


def test_a_fast_or_priority_call_names_its_tier() -> None:
    fast = assistant(1, "msg_1", tokens=usage(speed="fast"))
    priority = assistant(2, "msg_2", tokens=usage(service_tier="priority", speed="standard"))
    plain = assistant(3, "msg_3")
    requests = read_all(SOURCE, [fast, priority, plain]).requests
    assert [seen.tier for seen in requests.values()] == ["fast", "priority", None]


def test_old_lines_carry_the_cost_they_logged() -> None:
    (request,) = read_all(SOURCE, [assistant(1, costUSD=0.125)]).requests.values()
    assert request.logged_cost_usd == 0.125


def test_output_that_the_log_understates_is_marked_and_estimated_beside_the_total() -> None:
    text = "word " * 400
    lines = [
        assistant(1, content=[{"type": "text", "text": text}], tokens=usage(output=1), stop=None),
        assistant(2, content=[tool_use("t1", "Bash", command=text)], tokens=usage(output=1), stop=None),
    ]
    (request,) = read_all(SOURCE, lines).requests.values()
    assert request.is_undercounted
    assert request.output == 1
    assert 800 < request.estimated_output < 1100


def test_a_response_with_a_stop_reason_is_never_called_understated() -> None:
    text = [{"type": "text", "text": "word " * 400}]
    lines = [
        assistant(1, content=text, tokens=usage(output=1), stop=None),
        assistant(2, tokens=usage(output=1)),
    ]
    (request,) = read_all(SOURCE, lines).requests.values()
    assert not request.is_undercounted


def test_an_old_inline_sub_agent_is_one_agent_over_its_chain() -> None:
    lines = [
        user(1, "do it", isSidechain=True) | {"uuid": "root"},
        assistant(2, "msg_a", isSidechain=True, parentUuid="root") | {"uuid": "next"},
        assistant(3, "msg_b", isSidechain=True, parentUuid="next") | {"uuid": "last"},
    ]
    merged = read_all(SOURCE, lines)
    assert {seen.agent for seen in merged.requests.values()} == {"sidechain:root"}
    assert list(merged.agents) == ["sidechain:root"]
    assert not merged.prompts


def test_a_record_without_a_timestamp_takes_the_one_before_it_also_over_a_cut() -> None:
    lines = jsonl([assistant(9, "msg_1"), assistant(9, "msg_2") | {"timestamp": "yesterday"}])
    first, second = read_parts(SOURCE, lines, cuts=[1])
    assert second.requests[0].at_ms == first.requests[0].at_ms


def test_a_request_without_any_instant_is_quarantined() -> None:
    line = assistant(1) | {"timestamp": None}
    merged = read_all(SOURCE, [line])
    assert not merged.requests
    assert [seen.error for seen in merged.quarantined] == ["a request without an id or an instant"]


def test_a_response_without_usage_is_no_request() -> None:
    line = envelope(1, type="assistant", message={"id": "msg_1", "model": "claude-opus-4-6", "content": []})
    assert not read_all(SOURCE, [line]).requests


def test_the_file_of_a_sub_agent_names_its_agent_where_records_do_not() -> None:
    file = MAIN._replace(path=MAIN.path.with_name("agent-a9.jsonl"), is_agent=True)
    (request,) = read_all(SOURCE, [assistant(1, isSidechain=True)], file).requests.values()
    assert (request.agent, request.session_id) == ("a9", SESSION)


def test_a_response_reads_alike_whether_its_type_or_its_message_stands_first() -> None:
    thought = {"type": "thinking", "thinking": "größer als erwartet " * 40}
    wrote = tool_use("toolu_1", "Write", file_path="/home/dev/demo/a.py", content="total = 1\n")
    records = [
        assistant(1, "msg_1", [thought], stop=None, tokens=usage(output=1)),
        assistant(2, "msg_1", [wrote], stop=None, tokens=usage(output=3)),
        result(3, "toolu_1"),
        assistant(4, "msg_2"),
        assistant(5, "msg_3", isApiErrorMessage=True),
        progress(6, assistant(6, "msg_4")),
    ]

    def facts(first: str, *, with_edits: bool) -> Any:
        laid_out = [{first: record.get(first), **record} for record in records]
        rows = [json.dumps(record, separators=(",", ":")).encode() for record in laid_out]
        return read_parts(SOURCE, jsonl(rows), with_edits=with_edits)

    assert facts("message", with_edits=False) == facts("type", with_edits=False)
    (whole,) = facts("message", with_edits=True)
    assert [whole] == facts("type", with_edits=True)
    estimates = {request.key: request.estimated_output for request in whole.requests}
    assert estimates["m:msg_1"] > 100
    assert (estimates["m:msg_2"], len(estimates), len(whole.edits)) == (0, 3, 1)


def test_two_records_on_one_line_both_count() -> None:
    first, second = assistant(1, tokens=usage(output=5)), assistant(2, "msg_2", tokens=usage(output=7))
    merged = read_all(SOURCE, [(json.dumps(first) + json.dumps(second)).encode()])
    assert sorted(request.output for request in merged.requests.values()) == [5, 7]
    assert not merged.quarantined
