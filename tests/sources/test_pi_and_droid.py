"""Pi and Droid: requests, prompts, edits and verdicts, in each generation."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sources.agents import BEGAN, DEMO, DIFF, PATCH, counted, make, stamp
from sources.merging import Merged, merge
from sources.reading import jsonl, read_all, read_parts
from tokencoach.sources.base import LogFile, LogsHome, Shape
from tokencoach.sources.droid import Droid
from tokencoach.sources.pi import Pi
from tokencoach.usage.words import CallStatus, EditKind, ErrorKind
from tokencoach.watch.whole import content_of

# Pi

PI = LogFile(Path("x_S1.jsonl"), None, "S1")
PI_HEAD = {"type": "session", "version": 3, "id": "S1", "timestamp": stamp(0), "cwd": DEMO}


def pi(second: int, role: str, content: Any = "", own: str | None = None, **fields: Any) -> dict[str, Any]:
    """An entry of Pi that holds a message."""
    message = {"role": role, "content": content} | fields
    return {"type": "message", "id": own or f"e{second}", "timestamp": stamp(second), "message": message}


def pi_answer(second: int, *blocks: Any, **fields: Any) -> dict[str, Any]:
    """An answer of Pi with usage."""
    used = {"input": 271, "output": 50, "cacheRead": 800, "cacheWrite": 10, "cost": {"total": 0.01}}
    return pi(second, "assistant", list(blocks), usage=used, model="gpt-5.5", stopReason="stop", **fields)


def read_pi(*records: Any) -> Merged:
    return read_all(Pi(), [PI_HEAD, *records], PI)


def test_pi_counts_a_response_as_it_is_told() -> None:
    merged = read_pi(pi(1, "user", [{"type": "text", "text": "please"}]), pi_answer(2))
    assert counted(merged) == [(271, 800, 10, 50, 0)]
    (request,) = merged.requests.values()
    assert (request.model, request.logged_cost_usd, request.session_id) == ("gpt-5.5", 0.01, "S1")
    assert [prompt.text for prompt in merged.prompts.values()] == ["please"]
    assert merged.sessions["S1"].cwd == DEMO


def test_pi_counts_entries_copied_into_a_branch_of_their_own_once() -> None:
    other = [PI_HEAD | {"id": "S2"}, pi_answer(2), pi_answer(3)]
    merged = merge(
        [*read_parts(Pi(), jsonl([PI_HEAD, pi_answer(2)]), file=PI), *read_parts(Pi(), jsonl(other), file=PI)]
    )
    assert len(merged.requests) == 2


def test_pi_edits_have_the_lines_of_their_difference() -> None:
    use = {
        "type": "toolCall",
        "id": "t",
        "name": "edit",
        "arguments": {"path": "a.py", "edits": [{"oldText": "old", "newText": "new"}]},
    }
    merged = read_pi(
        pi_answer(1, use),
        pi(2, "toolResult", toolCallId="t", toolName="edit", isError=False, details={"diff": DIFF}),
    )
    (edit,) = merged.edits.values()
    assert (edit.path, edit.added, edit.removed) == (f"{DEMO}/a.py", "new\n-- two", "old")
    assert (edit.status, edit.kind, edit.request_key) == (
        CallStatus.OK,
        EditKind.PATCH,
        next(iter(merged.requests)),
    )


def pi_write(second: int, content: str) -> list[dict[str, Any]]:
    """An answer that writes a file, by a provider that names every call alike, and how it ended."""
    use = {"type": "toolCall", "id": "t", "name": "write", "arguments": {"path": "a.py", "content": content}}
    done = pi(second + 1, "toolResult", toolCallId="t", toolName="write", isError=False)
    return [pi_answer(second, use), done]


def test_pis_calls_of_a_provider_that_names_all_alike_are_as_many_as_were_made() -> None:
    records = [PI_HEAD, *pi_write(1, "one\n"), *pi_write(3, "two\n")]
    merged = read_all(Pi(), records, PI)
    assert sorted(edit.added for edit in merged.edits.values()) == ["one", "two"]
    assert [result.status for result in merged.results.values()] == [CallStatus.OK] * 2
    assert merge(read_parts(Pi(), jsonl(records), range(1, 9), PI)).edits == merged.edits


def test_edits_that_a_branch_of_pi_copied_count_once() -> None:
    branch = {"id": "S2", "timestamp": stamp(3), "parentSession": f"{DEMO}/sessions/2026_S1.jsonl"}
    other = [PI_HEAD | branch, *pi_write(1, "one\n"), *pi_write(4, "two\n")]
    first = read_parts(Pi(), jsonl([PI_HEAD, *pi_write(1, "one\n")]), file=PI)
    merged = merge([*first, *read_parts(Pi(), jsonl(other), file=PI)])
    assert len(merged.calls) == len(merged.results) == 2
    assert sorted(edit.added for edit in merged.edits.values()) == ["one", "two"]


@pytest.mark.parametrize(
    ("tool", "said", "status"),
    [
        ("bash", "Command exited with code 2", CallStatus.OK),
        ("edit", "no match", CallStatus.FAILED),
        ("edit", "rejected by the user", CallStatus.REJECTED),
    ],
)
def test_pi_tells_an_exit_code_from_a_failure(tool: str, said: str, status: CallStatus) -> None:
    use = {"type": "toolCall", "id": "t", "name": tool, "arguments": {}}
    merged = read_pi(
        pi_answer(1, use), pi(2, "toolResult", said, toolCallId="t", toolName=tool, isError=True)
    )
    assert [result.status for result in merged.results.values()] == [status]


def test_pi_tells_aborts_compactions_and_unknown_kinds() -> None:
    stopped = pi_answer(1)
    stopped["message"]["stopReason"] = "aborted"
    merged = read_pi(
        stopped,
        {"type": "compaction", "id": "c", "timestamp": stamp(2), "tokensBefore": 900},
        {"type": "brand-new", "id": "d", "timestamp": stamp(3)},
    )
    assert [error.kind for error in merged.errors.values()] == [ErrorKind.ABORTED]
    assert [seen.before_tokens for seen in merged.compactions.values()] == [900]
    assert merged.unseen == {"brand-new": 1}


def test_pi_is_found_where_it_was_moved(tmp_path: Path) -> None:
    make(tmp_path, "agent/sessions/--home-dev--/2026_S1.jsonl", ".pi/agent/sessions/x/2026_S2.jsonl")
    assert [file.name_hint for file in Pi().files(LogsHome(tmp_path, {}))] == ["S2"]
    moved = LogsHome(tmp_path, {"PI_AGENT_DIR": str(tmp_path / "agent")})
    assert [file.name_hint for file in Pi().files(moved)] == ["S1"]


# Droid

DROID = LogFile(Path("S1.jsonl"), None, "S1")
DROID_HEAD = {"type": "session_start", "id": "S1", "title": "t", "cwd": DEMO}


def droid(second: int, role: str, *blocks: Any) -> dict[str, Any]:
    """A message of Droid."""
    message = {"role": role, "content": list(blocks)}
    return {"type": "message", "id": f"m{second}", "timestamp": stamp(second), "message": message}


def test_droid_keeps_one_growing_request_a_session() -> None:
    file = LogFile(Path("S1.settings.json"), None, "S1", shape=Shape.DOCUMENT, modified_ms=BEGAN)
    parts = []
    for output in (5, 9):
        used = {
            "inputTokens": 10,
            "outputTokens": output,
            "cacheReadTokens": 3,
            "cacheCreationTokens": 2,
            "thinkingTokens": 1,
        }
        content = json.dumps({"model": "custom:gpt-5", "tokenUsage": used}).encode()
        parts.append(Droid().read(content, b"", file, 0)[0])
    merged = merge(parts)
    assert counted(merged) == [(10, 3, 2, 9, 1)]
    assert [request.model for request in merged.requests.values()] == ["gpt-5"]


def test_droid_edits_prompts_and_failures_are_told() -> None:
    use = {"type": "tool_use", "id": "t", "name": "ApplyPatch", "input": {"input": PATCH}}
    merged = read_all(
        Droid(),
        [
            DROID_HEAD,
            droid(1, "user", {"type": "text", "text": "<system-reminder>x</system-reminder>\n\nplease"}),
            droid(2, "assistant", use),
            droid(
                3,
                "user",
                {"type": "tool_result", "tool_use_id": "t", "is_error": True, "content": "User declined"},
            ),
            {"type": "brand-new", "timestamp": stamp(4)},
        ],
        DROID,
    )
    assert [prompt.text for prompt in merged.prompts.values()] == ["please"]
    assert [(edit.path, edit.added, edit.status) for edit in merged.edits.values()] == [
        (f"{DEMO}/a.py", "new", CallStatus.REJECTED)
    ]
    assert (merged.sessions["S1"].cwd, merged.unseen) == (DEMO, {"brand-new": 1})


@pytest.mark.parametrize("visibility", ["user_only", "llm_only"])
def test_what_droid_tells_the_person_or_the_model_alone_is_no_prompt(visibility: str) -> None:
    told = droid(2, "user", {"type": "text", "text": "Token limit reached."})
    told["message"]["visibility"] = visibility
    merged = read_all(Droid(), [droid(1, "user", {"type": "text", "text": "please"}), told], DROID)
    assert [prompt.text for prompt in merged.prompts.values()] == ["please"]


def test_what_droids_sub_agent_did_belongs_to_the_session_that_called_it() -> None:
    head = DROID_HEAD | {"id": "C", "callingSessionId": "S1", "callingToolUseId": "t"}
    use = {"type": "tool_use", "id": "u", "name": "Create", "input": {"file_path": "a.py", "content": "x"}}
    told = [head, droid(1, "user", {"type": "text", "text": "do it"}), droid(2, "assistant", use)]
    for cuts in ((), (1, 2)):
        merged = merge(read_parts(Droid(), jsonl(told), cuts, file=LogFile(Path("C.jsonl"), None, "C")))
        assert (list(merged.sessions), merged.prompts) == (["S1"], {})
        assert [(seen.agent, seen.call_key) for seen in merged.agents.values()] == [("C", "S1:t")]
        assert [(edit.session_id, edit.agent, edit.added) for edit in merged.edits.values()] == [
            ("S1", "C", "x")
        ]
    tags = [{"name": "subagent", "metadata": {"callingSessionId": "S1", "callingToolUseId": "t"}}]
    settings = {"tags": tags, "tokenUsage": {"inputTokens": 7, "outputTokens": 1}}
    file = LogFile(Path("C.settings.json"), None, "C", shape=Shape.DOCUMENT, modified_ms=BEGAN)
    (request,) = Droid().read(json.dumps(settings).encode(), b"", file, 0)[0].requests
    assert (request.session_id, request.agent, request.is_sidechain) == ("S1", "C", True)


def droid_home(folder: Path, **sessions: tuple[list[Any], dict[str, int] | None]) -> Merged:
    """Facts of a home with sessions of Droid: the lines and the tokens of each by its name."""
    place = folder / ".factory" / "sessions" / "-demo"
    place.mkdir(parents=True)
    for name, (lines, tokens) in sessions.items():
        (place / f"{name}.jsonl").write_bytes(jsonl(lines))
        (place / f"{name}.settings.json").write_text(json.dumps({"model": "m", "tokenUsage": tokens}))
    found = list(Droid().files(LogsHome(folder, {})))
    return merge(Droid().read(content_of(file), b"", file, 0)[0] for file in found)


def test_what_a_sub_agents_sub_agent_of_droid_did_belongs_to_the_session_at_the_top(tmp_path: Path) -> None:
    place = tmp_path / ".factory" / "sessions" / "-demo"
    place.mkdir(parents=True)
    for name, caller in (("S1", None), ("C", "S1"), ("D", "C")):
        head, tags = DROID_HEAD | {"id": name}, []
        if caller:
            head |= {"callingSessionId": caller, "callingToolUseId": "t"}
            tags = [{"name": "subagent", "metadata": {"callingSessionId": caller}}]
        write = {"file_path": f"{name}.py", "content": "x"}
        use = {"type": "tool_use", "id": "t", "name": "Create", "input": write}
        lines = [head, droid(1, "user", {"type": "text", "text": "do it"}), droid(2, "assistant", use)]
        (place / f"{name}.jsonl").write_bytes(jsonl(lines))
        settings = {"tags": tags, "tokenUsage": {"inputTokens": 7, "outputTokens": 1}}
        (place / f"{name}.settings.json").write_text(json.dumps(settings))
    found = list(Droid().files(LogsHome(tmp_path, {})))
    merged = merge(Droid().read(content_of(file), b"", file, 0)[0] for file in found)
    told = sorted(
        (request.session_id, request.agent) for request in merged.requests.values() if request.agent
    )
    assert told == [("S1", "C"), ("S1", "D")]
    assert len(merged.requests) == 3
    assert list(merged.sessions) == ["S1"]
    assert {seen.agent: seen.call_key for seen in merged.agents.values()} == {"C": "S1:t", "D": "C:t"}
    assert set(merged.calls) == {"S1:t", "C:t", "D:t"}
    assert [prompt.text for prompt in merged.prompts.values()] == ["do it"]


def test_droid_tells_the_code_of_a_command(tmp_path: Path) -> None:
    said = "Error: Command failed (exit code: 2)\n\n[Process exited with code 2]"
    ended = {"type": "tool_result", "tool_use_id": "t", "is_error": True, "content": said}
    merged = droid_home(tmp_path, S1=([DROID_HEAD, droid(1, "user", ended)], None))
    assert [(one.status, one.exit_code) for one in merged.results.values()] == [(CallStatus.FAILED, 2)]


def test_a_session_that_droid_goes_on_with_after_a_compaction_counts_its_own_tokens_alone(
    tmp_path: Path,
) -> None:
    compacted = {"type": "compaction_state", "id": "c", "timestamp": stamp(3), "summaryTokens": 40}
    first = ([DROID_HEAD, droid(1, "user")], {"inputTokens": 10, "outputTokens": 5, "cacheReadTokens": 100})
    then = (
        [DROID_HEAD | {"id": "S2", "parent": "S1"}, compacted, droid(4, "user")],
        {"inputTokens": 12, "outputTokens": 6, "cacheReadTokens": 100},
    )
    merged = droid_home(tmp_path, S1=first, S2=then)
    assert sorted(counted(merged)) == [(2, 0, 0, 1, 0), (10, 100, 0, 5, 0)]
    assert [seen.after_tokens for seen in merged.compactions.values()] == [40]


def test_what_a_fork_of_droid_copied_counts_once(tmp_path: Path) -> None:
    use = {"type": "tool_use", "id": "u", "name": "Create", "input": {"file_path": "a.py", "content": "x"}}
    copied = [droid(1, "user", {"type": "text", "text": "please"}), droid(2, "assistant", use)]
    own = [*copied, droid(4, "user", {"type": "text", "text": "other"})]
    head = DROID_HEAD | {"id": "S2", "parent": "S1", "forkedAtMessageId": "m2"}
    more = {"inputTokens": 11, "outputTokens": 5}
    merged = droid_home(tmp_path / "both", S1=([DROID_HEAD, *copied], more), S2=([head, *own], more))
    assert sorted(prompt.text for prompt in merged.prompts.values()) == ["other", "please"]
    assert [edit.session_id for edit in merged.edits.values()] == ["S1"]
    assert counted(merged) == [(11, 0, 0, 5, 0)] * 2
    alone = droid_home(tmp_path / "alone", S2=([head, *own], more))
    assert [edit.session_id for edit in alone.edits.values()] == ["S2"]


def test_droid_streams_of_one_run_are_read() -> None:
    merged = read_all(
        Droid(),
        [
            {"type": "message", "session_id": "R", "timestamp": stamp(1), "role": "user", "text": "please"},
            {
                "type": "tool_call",
                "session_id": "R",
                "timestamp": stamp(2),
                "toolCallId": "c",
                "toolName": "Shell",
                "parameters": {"command": "ls"},
            },
            {
                "type": "tool_result",
                "session_id": "R",
                "timestamp": stamp(3),
                "toolCallId": "c",
                "value": {"exitCode": 1},
            },
            {
                "type": "completion",
                "session_id": "R",
                "timestamp": stamp(4),
                "usage": {"input_tokens": 10, "output_tokens": 5},
            },
            {"type": "error", "session_id": "R", "timestamp": stamp(5), "source": "cli", "message": "no key"},
        ],
        DROID,
    )
    assert counted(merged) == [(10, 0, 0, 5, 0)]
    assert [result.status for result in merged.results.values()] == [CallStatus.OK]
    assert [error.code for error in merged.errors.values()] == ["cli"]


@pytest.mark.parametrize(("variable", "below"), [("FACTORY_DIR", ""), ("FACTORY_HOME_OVERRIDE", ".factory/")])
def test_droid_is_found_where_it_was_moved(tmp_path: Path, variable: str, below: str) -> None:
    make(tmp_path, f"f/{below}sessions/-home/S1.jsonl", f"f/{below}sessions/-home/S1.settings.json")
    found = Droid().files(LogsHome(tmp_path, {variable: str(tmp_path / "f")}))
    assert sorted((file.name_hint, file.shape) for file in found) == [
        ("S1", Shape.DOCUMENT),
        ("S1", Shape.LINES),
    ]
