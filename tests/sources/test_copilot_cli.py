"""GitHub Copilot in the terminal: each request once, whichever of its three records tell it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sources.reading import read_all
from tokencoach.sources.base import LogFile, LogsHome
from tokencoach.sources.copilot.cli import CopilotCli
from tokencoach.usage.words import CallStatus, EditKind, ErrorKind

if TYPE_CHECKING:
    from sources.merging import Merged
    from tokencoach.usage.facts import RequestSeen

SOURCE = CopilotCli()
DEMO = "/home/dev/demo"
FILE = LogFile(Path("events.jsonl"), None, "S1")
DIFF = f"\ndiff --git a{DEMO}/a.py b{DEMO}/a.py\n--- a{DEMO}/a.py\n+++ b{DEMO}/a.py\n@@ -1 +1,2 @@\n-old\n+new\n+-- two\n"
START = {
    "sessionId": "S1",
    "copilotVersion": "1.0.102",
    "selectedModel": "gpt-5.5",
    "context": {"cwd": DEMO, "branch": "main", "headCommit": "c0ffee"},
}


def event(second: int, kind: str, **data: Any) -> dict[str, Any]:
    """One event."""
    timestamp = f"2026-06-17T10:00:{second:02d}.000Z"
    return {"type": kind, "data": data, "id": f"e{second}", "timestamp": timestamp}


def usage(second: int, call: str, **fields: Any) -> dict[str, Any]:
    """A request told by itself: 1001 in with 800 cached, 50 out."""
    told = {"model": "gpt-5.5", "inputTokens": 1001, "outputTokens": 50, "cacheReadTokens": 800}
    accounting = {"sourceSessionId": "S1", "sequence": second, "usageId": call}
    told |= {"cacheWriteTokens": 1, "reasoningTokens": 20, "apiCallId": call, "accounting": accounting}
    return event(second, "session.usage_record", usage=told | fields)


def said(second: int, call: str, output: int = 50, **data: Any) -> dict[str, Any]:
    """An answer with its output alone."""
    return event(
        second, "assistant.message", messageId=f"m{second}", apiCallId=call, outputTokens=output, **data
    )


def shutdown(second: int, whole: int = 1001, output: int = 50, model: str = "gpt-5.5") -> dict[str, Any]:
    """The sums at the end."""
    sums = {"inputTokens": whole, "outputTokens": output, "cacheReadTokens": 800, "cacheWriteTokens": 1}
    return event(second, "session.shutdown", modelMetrics={model: {"usage": sums}})


def read(*records: Any) -> Merged:
    return read_all(SOURCE, [event(0, "session.start", **START), *records], FILE)


def totals(merged: Merged) -> tuple[int, int, int, int]:
    """Fresh input, cache read, cache write and output of all requests."""
    made = merged.requests.values()
    return (
        sum(one.input for one in made),
        sum(one.cache_read for one in made),
        sum(one.cache_write_5m for one in made),
        sum(one.output for one in made),
    )


def test_a_request_told_by_itself_in_an_answer_and_in_the_sums_counts_once() -> None:
    merged = read(usage(1, "c1"), said(2, "c1"), shutdown(3))
    (request,) = merged.requests.values()
    assert totals(merged) == (200, 800, 1, 50)
    assert (request.model, request.reasoning, request.session_id) == ("gpt-5.5", 20, "S1")


def test_an_answer_before_its_own_record_counts_once() -> None:
    assert totals(read(said(1, "c1"), usage(2, "c1"), shutdown(3))) == (200, 800, 1, 50)


def test_older_versions_count_by_their_sums_and_outputs_are_not_added_again() -> None:
    merged = read(said(1, "c1", model="gpt-5.5"), shutdown(2))
    assert totals(merged) == (200, 800, 1, 50)


@pytest.mark.parametrize(
    "later",
    [
        (),
        (event(3, "tool.execution_complete", toolCallId="t1", success=True, model="gpt-5.5"),),
        (event(3, "session.model_change", newModel="gpt-5.5"),),
        (said(3, "c2", 0, model="gpt-5.5"),),
    ],
)
def test_answers_that_name_no_model_are_not_added_again_by_the_sums(later: tuple[Any, ...]) -> None:
    start = event(0, "session.start", **{**START, "selectedModel": None, "copilotVersion": "1.0.12"})
    merged = read_all(SOURCE, [start, said(1, "c1", 30), said(2, "c3", 20), *later, shutdown(4)], FILE)
    assert totals(merged) == (200, 800, 1, 50)
    assert {request.model for request in merged.requests.values()} == {"gpt-5.5"}


def test_an_answer_whose_model_is_never_told_is_of_an_unknown_one() -> None:
    start = event(0, "session.start", **{**START, "selectedModel": None})
    (request,) = read_all(SOURCE, [start, said(1, "c1", 30)], FILE).requests.values()
    assert (request.model, request.output) == ("unknown", 30)


def test_sums_are_spread_over_the_answers_that_they_sum_up_and_are_no_request_of_their_own() -> None:
    merged = read(said(1, "c1", 30), said(2, "c2", 10), said(3, "c3", 10), shutdown(4))
    assert totals(merged) == (200, 800, 1, 50)
    assert [(one.input + one.cache_read + one.cache_write_5m, one.output) for one in _in_order(merged)] == [
        (333, 30),
        (334, 10),
        (334, 10),
    ]


def test_sums_of_a_resumed_session_are_spread_over_the_answers_since_its_last_sums() -> None:
    again = [event(3, "session.resume", context={"cwd": DEMO}), said(4, "c2", 40), shutdown(5, 3001, 90)]
    merged = read(said(1, "c1"), shutdown(2), *again)
    assert totals(merged) == (2200, 800, 1, 90)
    assert [(one.input, one.output) for one in _in_order(merged)] == [(200, 50), (2000, 40)]


def test_sums_beyond_every_answer_are_one_request() -> None:
    assert [one.output for one in _in_order(read(shutdown(1)))] == [50]


def _in_order(merged: Merged) -> list[RequestSeen]:
    return sorted(merged.requests.values(), key=lambda one: one.at_ms)


def test_sums_that_go_on_over_a_resume_count_once() -> None:
    merged = read(shutdown(1), event(2, "session.resume", context={"cwd": DEMO}), shutdown(3, 2001, 90))
    assert totals(merged) == (1200, 800, 1, 90)


def test_sums_that_begin_anew_after_a_compaction_are_added() -> None:
    shrunk = event(2, "session.compaction_complete", preCompactionTokens=900, postCompactionTokens=90)
    merged = read(shutdown(1), shrunk, shutdown(3, 1101, 60))
    assert totals(merged) == (500, 1600, 2, 110)
    assert [seen.after_tokens for seen in merged.compactions.values()] == [90]


def test_a_resumed_copy_in_another_file_counts_once() -> None:
    copy = usage(1, "c1")
    copy["data"]["usage"]["accounting"]["sourceSessionId"] = "S1"
    other = read_all(SOURCE, [event(0, "session.start", **START | {"sessionId": "S2"}), copy], FILE)
    assert set(other.requests) == set(read(usage(1, "c1")).requests)


def test_an_edit_has_the_lines_of_its_difference() -> None:
    call = event(
        1,
        "tool.execution_start",
        toolCallId="t",
        toolName="edit",
        arguments={"path": f"{DEMO}/a.py", "old_str": "old", "new_str": "new\n-- two"},
    )
    done = event(
        2,
        "tool.execution_complete",
        toolCallId="t",
        success=True,
        fileEdits=[{"path": f"{DEMO}/a.py", "kind": "edit"}],
        result={"detailedContent": DIFF},
    )
    merged = read(usage(1, "c1"), call, done)
    (edit,) = merged.edits.values()
    assert (edit.path, edit.kind, edit.rank) == (f"{DEMO}/a.py", EditKind.PATCH, 2)
    assert (edit.added, edit.removed, edit.status) == ("new\n-- two", "old", CallStatus.OK)
    assert (edit.cwd, edit.branch, edit.request_key) == (DEMO, "main", "S1:c1")


def test_a_created_file_without_a_difference_is_its_content() -> None:
    asked = [{"toolCallId": "t", "name": "create", "arguments": {"path": "b.py", "file_text": "one\n"}}]
    done = event(2, "tool.execution_complete", toolCallId="t", success=True, result={"content": "ok"})
    (edit,) = read(said(1, "c1", toolRequests=asked), done).edits.values()
    assert (edit.kind, edit.added, edit.path) == (EditKind.WRITE, "one", f"{DEMO}/b.py")


def test_a_patch_given_as_text_is_an_edit() -> None:
    patch = "*** Begin Patch\n*** Update File: a.py\n@@\n-old\n+new\n*** End Patch"
    call = event(1, "tool.execution_start", toolCallId="t", toolName="apply_patch", arguments=patch)
    (edit,) = read(call).edits.values()
    assert (edit.path, edit.added, edit.removed) == (f"{DEMO}/a.py", "new", "old")


@pytest.mark.parametrize(
    ("code", "status"),
    [("rejected", CallStatus.REJECTED), ("denied", CallStatus.REJECTED), ("x", CallStatus.FAILED)],
)
def test_a_call_without_success_was_refused_or_failed(code: str, status: CallStatus) -> None:
    call = event(1, "tool.execution_start", toolCallId="t", toolName="bash", arguments={"command": "x"})
    done = event(
        2, "tool.execution_complete", toolCallId="t", success=False, error={"code": code, "message": ""}
    )
    assert [result.status for result in read(call, done).results.values()] == [status]


def test_a_command_that_exits_non_zero_has_not_failed() -> None:
    call = event(1, "tool.execution_start", toolCallId="t", toolName="bash", arguments={"command": "x"})
    done = event(2, "tool.execution_complete", toolCallId="t", success=True, shellExecution={"exitCode": 2})
    merged = read(call, done)
    assert [result.status for result in merged.results.values()] == [CallStatus.OK]
    assert [made.is_shell for made in merged.calls.values()] == [True]


def test_prompts_errors_interruptions_and_unknown_kinds_are_told() -> None:
    merged = read(
        event(1, "user.message", content="please", transformedContent="<x>please"),
        event(2, "user.message", content="a skill's words", source="skill"),
        event(3, "session.error", statusCode=400, message="bad"),
        event(4, "abort", reason="user"),
        event(5, "session.brand_new"),
    )
    assert [prompt.text for prompt in merged.prompts.values()] == ["please"]
    assert [(error.kind, error.code) for error in merged.errors.values()] == [
        (ErrorKind.API_ERROR, "400"),
        (ErrorKind.ABORTED, "interrupted"),
    ]
    assert merged.unseen == {"session.brand_new": 1}


def test_a_sub_agents_requests_name_it_and_its_call() -> None:
    merged = read(event(1, "assistant.message", parentToolCallId="t9", messageId="m", outputTokens=5))
    assert [(seen.agent, seen.is_sidechain) for seen in merged.requests.values()] == [("t9", True)]
    assert merged.agents["t9"].call_key == "S1:t9"


def test_a_sub_agent_is_told_by_the_call_that_started_it_and_types_no_prompt() -> None:
    own = {"agentId": "agent_2"}
    merged = read(
        event(1, "subagent.started", toolCallId="t9", agentName="reviewer") | own,
        event(2, "user.message", content="review it") | own,
        event(3, "user.message", content="go on", isAutopilotContinuation=True),
        event(4, "tool.execution_start", toolCallId="c", toolName="view", arguments={"path": "a"}) | own,
    )
    assert (list(merged.agents), merged.agents["t9"].call_key, merged.prompts) == (["t9"], "S1:t9", {})
    assert [seen.agent for seen in merged.calls.values()] == ["t9"]


def test_what_a_tool_spends_at_a_model_of_its_own_is_a_request_that_the_sums_do_not_add_again() -> None:
    spent = usage(2, "x")["data"]["usage"] | {"requestId": "r", "model": "gpt-image-2"}
    done = event(2, "tool.execution_complete", toolCallId="c", success=True, toolUsage=spent)
    merged = read(usage(1, "c1"), done, shutdown(3, model="gpt-image-2"))
    assert [(seen.model, seen.output) for seen in merged.requests.values()] == [
        ("gpt-5.5", 50),
        ("gpt-image-2", 50),
    ]


def test_what_a_cache_keeps_for_an_hour_is_told_apart() -> None:
    (request,) = read(usage(1, "c1", cacheWriteTokens=90, cacheTtlSeconds=3600)).requests.values()
    assert (request.cache_write_5m, request.cache_write_1h) == (0, 90)


def test_the_session_says_where_it_ran() -> None:
    session = read(usage(1, "c1")).sessions["S1"]
    assert (session.cwd, session.branch, session.git_commit, session.version) == (
        DEMO,
        "main",
        "c0ffee",
        "1.0.102",
    )


def test_sessions_of_both_layouts_are_found_and_nothing_else(tmp_path: Path) -> None:
    for name in ("S1/events.jsonl", "S2.jsonl", "S1/rewind-file-snapshots/x.jsonl"):
        (tmp_path / "moved" / "session-state" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "moved" / "session-state" / name).write_text("{}\n")
    home = LogsHome(tmp_path, {"COPILOT_HOME": str(tmp_path / "moved")})
    assert {file.name_hint for file in SOURCE.files(home)} == {"S1", "S2"}
    assert not list(SOURCE.files(LogsHome(tmp_path, {})))
