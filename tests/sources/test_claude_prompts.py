"""Which records are prompts of a person, and what else a session tells of itself."""

from __future__ import annotations

from typing import Any

import pytest

from sources.claude_records import SESSION, assistant, envelope, user
from sources.reading import jsonl, read_all, read_parts
from tokencoach.sources.claude_code import ClaudeCode
from tokencoach.usage.words import ErrorKind

SOURCE = ClaudeCode()


def test_a_typed_prompt_is_told_with_its_place_in_the_file() -> None:
    lines = jsonl([assistant(1), user(2, "fix the bug")])
    (facts,) = read_parts(SOURCE, lines)
    (prompt,) = facts.prompts
    assert (prompt.key, prompt.session_id, prompt.text) == ("u-2", SESSION, "fix the bug")
    assert lines[prompt.offset : prompt.offset + prompt.length] == lines.splitlines()[1]


@pytest.mark.parametrize(
    "text",
    [
        "<command-name>/compact</command-name>",
        "<command-message>review</command-message>\n<command-name>/review</command-name>",
        "<local-command-stdout>done</local-command-stdout>",
        "<task-notification>\n<task-id>a1</task-id>",
        "<bash-input>ls</bash-input>",
        "<system-reminder>\nthe hook said",
        "This session is being continued from a previous conversation",
        "Stop hook feedback:\n- tests fail",
        "   ",
        "",
    ],
)
def test_what_the_program_writes_in_a_persons_place_is_no_prompt(text: str) -> None:
    assert not read_all(SOURCE, [user(1, text), user(2, [{"type": "text", "text": text}])]).prompts


@pytest.mark.parametrize(
    "fields",
    [
        {"isMeta": True},
        {"isCompactSummary": True},
        {"isVisibleInTranscriptOnly": True},
        {"origin": {"kind": "task-notification"}},
        {"promptSource": "system"},
        {"agentId": "a1", "isSidechain": True},
        {"isSidechain": True},
    ],
)
def test_marked_records_are_no_prompts(fields: dict[str, Any]) -> None:
    assert not read_all(SOURCE, [user(1, "summarise the work", **fields)]).prompts


def test_a_record_that_says_a_human_wrote_it_is_a_prompt() -> None:
    merged = read_all(SOURCE, [user(1, "go on", origin={"kind": "human"}, promptSource="sdk")])
    assert [prompt.text for prompt in merged.prompts.values()] == ["go on"]


def test_blocks_that_an_editor_adds_are_left_out_of_the_prompt() -> None:
    blocks = [
        {"type": "text", "text": "<ide_opened_file>the person opened a.py</ide_opened_file>"},
        {"type": "image", "source": {}},
        {"type": "text", "text": "why is"},
        {"type": "text", "text": "this red?"},
    ]
    (prompt,) = read_all(SOURCE, [user(1, blocks)]).prompts.values()
    assert prompt.text == "why is\nthis red?"


def test_a_prompt_typed_while_the_model_works_is_a_prompt_and_a_notice_is_none() -> None:
    def queued(second: int, mode: str, **fields: Any) -> dict[str, Any]:
        attachment = {"type": "queued_command", "prompt": f"at {second}", "commandMode": mode, **fields}
        return envelope(second, type="attachment", attachment=attachment)

    lines = [
        queued(1, "prompt", origin={"kind": "human"}),
        queued(2, "task-notification"),
        queued(3, "prompt"),
    ]
    assert [prompt.text for prompt in read_all(SOURCE, lines).prompts.values()] == ["at 1", "at 3"]


def test_a_pasted_image_alone_is_a_prompt() -> None:
    (prompt,) = read_all(SOURCE, [user(1, [{"type": "image", "source": {}}])]).prompts.values()
    assert prompt.text == "[image]"


def test_an_interruption_is_an_aborted_turn_and_no_prompt() -> None:
    merged = read_all(SOURCE, [user(1, [{"type": "text", "text": "[Request interrupted by user]"}])])
    assert not merged.prompts
    (error,) = merged.errors.values()
    assert error.kind is ErrorKind.ABORTED


@pytest.mark.parametrize("named", ["api_error", "error"])
def test_an_api_error_that_is_repeated_is_a_retry(named: str) -> None:
    error = {"status": 529, "formatted": "529 Overloaded"}
    line = envelope(1, type="system", subtype=named, error=error, retryInMs=557, retryAttempt=1)
    network = {"message": "Connection error.", "connection": {"code": "ECONNRESET"}}
    other = envelope(2, type="system", subtype="api_error", error=network, retryInMs=1, retryAttempt=2)
    first, second = read_all(SOURCE, [line, other]).errors.values()
    assert (first.kind, first.code, first.message) == (ErrorKind.RETRY, "529", "529 Overloaded")
    assert (second.code, second.message) == ("ECONNRESET", "Connection error.")


def test_a_compaction_tells_its_tokens() -> None:
    about = {"trigger": "manual", "preTokens": 1233, "postTokens": 99}
    line = envelope(1, type="system", subtype="compact_boundary", compactMetadata=about)
    (seen,) = read_all(SOURCE, [line]).compactions.values()
    assert (seen.before_tokens, seen.after_tokens) == (1233, 99)


def test_the_last_cost_record_of_a_session_counts_per_model() -> None:
    def state(second: int, output: int, cost: float) -> dict[str, Any]:
        counts = {
            "inputTokens": 1,
            "outputTokens": output,
            "cacheReadInputTokens": 2,
            "cacheCreationInputTokens": 10,
            "cacheCreationEphemeral1hInputTokens": 4,
            "costUSD": cost,
        }
        usage = {"claude-opus-4-6": counts}
        return {
            "type": "cost-state",
            "sessionId": SESSION,
            "timestamp": envelope(second)["timestamp"],
            "modelUsage": usage,
        }

    (cost,) = read_all(SOURCE, [state(1, 5, 0.1), state(2, 9, 0.2)]).costs.values()
    assert (cost.output, cost.cost_usd, cost.cache_write_5m, cost.cache_write_1h) == (9, 0.2, 6, 4)


def test_a_title_of_the_persons_own_beats_later_ones_of_the_program() -> None:
    lines = jsonl(
        [
            {"type": "summary", "summary": "Old summary", "leafUuid": "x"},
            user(1, "hello"),
            {"type": "custom-title", "customTitle": "Mine", "sessionId": SESSION},
            {"type": "ai-title", "aiTitle": "Its own", "sessionId": SESSION},
            user(2, "more"),
        ]
    )
    for cuts in ([], [1], [3], [4], [1, 2, 3, 4]):
        titles = [session.title for part in read_parts(SOURCE, lines, cuts) for session in part.sessions]
        assert titles[-1] == "Mine"


def test_a_session_spans_its_records_and_keeps_the_first_folder_and_the_last_branch() -> None:
    lines = [
        user(1, "a"),
        user(2, "b") | {"gitBranch": "feature", "cwd": "/home/dev/demo/sub"},
        user(9, "c") | {"gitBranch": "HEAD"},
    ]
    (session,) = read_all(SOURCE, lines).sessions.values()
    assert session.last_ms - session.first_ms == 8_000
    assert (session.cwd, session.branch, session.version) == ("/home/dev/demo", "feature", "2.1.39")


def test_new_kinds_are_counted_and_known_ones_are_not() -> None:
    lines = [
        {"type": "wormhole", "sessionId": SESSION},
        {"type": "hologram\x1b[2J", "sessionId": SESSION},
        {"type": "file-history-snapshot", "snapshot": {}},
        {"snapshot": {}, "type": "file-history-snapshot"},
        envelope(1, type="attachment", attachment={"type": "file"}),
        envelope(2, type="system", subtype="turn_duration"),
        envelope(3, type="system", subtype="levitation"),
    ]
    assert dict(read_all(SOURCE, lines).unseen) == {
        "wormhole": 1,
        "hologram?[2J": 1,
        "system/levitation": 1,
    }


def test_windows_folders_stay_as_they_were_logged() -> None:
    (session,) = read_all(SOURCE, [user(1, "a") | {"cwd": "D:\\demo"}]).sessions.values()
    assert session.cwd == "D:\\demo"
