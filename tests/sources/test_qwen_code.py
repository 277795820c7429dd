"""Qwen Code: cached tokens counted once, telemetry not counted again, edits with their lines."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sources.gemini_records import DEMO, DIFF, qwen, qwen_answer, qwen_call, qwen_result, qwen_user
from sources.merging import merge
from sources.reading import jsonl, read_all, read_parts
from tokencoach.sources.base import LogsHome
from tokencoach.sources.qwen_code import QwenCode
from tokencoach.usage.words import CallStatus, EditKind, ErrorKind

if TYPE_CHECKING:
    from pathlib import Path

SOURCE = QwenCode()
EDIT = qwen_call("c1", "edit", file_path=f"{DEMO}/a.py", old_string="old", new_string="new one\n-- two")


def test_cached_input_and_thoughts_are_counted_once() -> None:
    telemetry = {"event.name": "qwen-code.api_response", "input_token_count": 1053, "output_token_count": 50}
    merged = read_all(
        SOURCE,
        [qwen_answer(1), qwen(2, "system", subtype="ui_telemetry", systemPayload={"uiEvent": telemetry})],
    )
    (request,) = merged.requests.values()
    counted = (request.input, request.cache_read, request.output, request.reasoning)
    assert counted == (253, 800, 50, 20)


def test_thoughts_outside_the_candidates_are_added() -> None:
    usage = {
        "promptTokenCount": 100,
        "candidatesTokenCount": 50,
        "thoughtsTokenCount": 20,
        "totalTokenCount": 170,
    }
    (request,) = read_all(SOURCE, [qwen_answer(1, usage=usage)]).requests.values()
    assert (request.input, request.output, request.reasoning) == (100, 70, 20)


def test_a_record_written_again_fuller_is_one_request() -> None:
    bare = qwen(1, "assistant", "q1", message={"parts": [{"text": "hm", "thought": True}]})
    assert len(read_all(SOURCE, [bare, qwen_answer(2, own="q1")]).requests) == 1


def test_an_edit_has_its_lines_from_the_result_in_a_later_record() -> None:
    merged = read_all(SOURCE, [qwen_answer(1, EDIT), qwen_result(2, "c1", fileDiff=DIFF, fileName="a.py")])
    (edit,) = merged.edits.values()
    assert (edit.added, edit.removed, edit.rank) == ("new one\n-- two", "old", 2)
    assert (edit.path, edit.status, edit.request_key) == (f"{DEMO}/a.py", CallStatus.OK, "q1")
    assert (edit.cwd, edit.branch, edit.kind) == (DEMO, "main", EditKind.PATCH)


def test_an_edit_told_by_both_contents_has_the_lines_between_them() -> None:
    done = qwen_result(2, "c1", originalContent=None, newContent="one\ntwo\n", fileName="a.py")
    merged = read_all(SOURCE, [qwen_answer(1, EDIT), done])
    assert [edit.added for edit in merged.edits.values()] == ["one\ntwo"]


def test_a_refused_call_is_rejected_and_a_failed_one_failed() -> None:
    merged = read_all(
        SOURCE,
        [
            qwen_answer(1, EDIT, qwen_call("c2", "edit", file_path="b.py", old_string="", new_string="x")),
            qwen_result(2, "c1", "cancelled"),
            qwen_result(3, "c2", "error"),
        ],
    )
    assert [edit.status for edit in merged.edits.values()] == [CallStatus.REJECTED, CallStatus.FAILED]


def test_notices_and_hook_contexts_are_no_prompts() -> None:
    typed = qwen_user(1, "typed")
    typed["message"]["parts"].append({"text": "<qwen:user-prompt-submit-context>\nx\n</qwen:…>"})
    merged = read_all(
        SOURCE,
        [
            typed,
            qwen_user(2, "done", subtype="notification"),
            qwen_user(3, "more", subtype="mid_turn_user_message"),
        ],
    )
    assert [prompt.text for prompt in merged.prompts.values()] == ["typed", "more"]


def test_failures_undos_compactions_and_titles_are_told() -> None:
    failure = {"error_message": "overloaded", "status_code": 529}
    shrunk = {"info": {"originalTokenCount": 900, "newTokenCount": 90}}
    merged = read_all(
        SOURCE,
        [
            qwen(1, "system", subtype="ui_telemetry", systemPayload={"uiEvent": failure}),
            qwen(2, "system", subtype="rewind", systemPayload={"targetUuid": "q0"}),
            qwen(3, "system", subtype="chat_compression", systemPayload=shrunk),
            qwen(4, "system", subtype="custom_title", systemPayload={"customTitle": "A title"}),
            qwen(5, "system", subtype="brand_new"),
        ],
    )
    assert [(error.kind, error.code) for error in merged.errors.values()] == [
        (ErrorKind.API_ERROR, "529"),
        (ErrorKind.ROLLED_BACK, "rewind"),
    ]
    assert [(seen.before_tokens, seen.after_tokens) for seen in merged.compactions.values()] == [(900, 90)]
    assert merged.sessions["Q1"].title == "A title"
    assert merged.unseen == {"system/brand_new": 1}


def test_what_a_fork_of_a_fork_copied_counts_once_in_qwen() -> None:
    records = [qwen_user(1, "please"), qwen_answer(2, EDIT, own="a"), qwen_result(3, "c1", fileDiff=DIFF)]
    parts = []
    for session, source in (("C", "B"), ("B", "S1"), ("S1", None)):
        forked = {} if source is None else {"forkedFrom": {"sessionId": source, "messageUuid": "x"}}
        told = [record | {"sessionId": session} | forked for record in records]
        parts += read_parts(SOURCE, jsonl(told), (2,))
    merged = merge(parts)
    assert (len(merged.requests), len(merged.prompts), len(merged.calls)) == (1, 1, 1)
    assert [edit.added for edit in merged.edits.values()] == ["new one\n-- two"]


def test_a_prompt_that_names_files_is_what_was_typed_in_qwen_too() -> None:
    told = {"userText": "look at @a.py", "status": "success", "filesRead": ["a.py"]}
    records = [
        qwen(1, "system", subtype="at_command", systemPayload=told),
        qwen_user(2, "look at @a.py\nall that the file holds"),
        qwen(3, "system", subtype="at_command", systemPayload=told | {"status": "error"}),
        qwen_user(4, "other"),
        qwen(5, "system", subtype="parent_session", systemPayload={"parentSessionId": "P"}),
    ]
    for cuts in ((), (1, 2, 3, 4)):
        merged = merge(read_parts(SOURCE, jsonl(records), cuts))
        assert [prompt.text for prompt in merged.prompts.values()] == ["look at @a.py", "other"]
        assert [span.parent_session_id for span in merged.sessions.values()] == ["P"]


def test_records_glued_on_one_line_all_count() -> None:
    line = (json.dumps(qwen_user(1, 'say {"a": 1}')) + json.dumps(qwen_answer(2))).encode()
    merged = read_all(SOURCE, [line])
    assert (len(merged.prompts), len(merged.requests), len(merged.quarantined)) == (1, 1, 0)


def test_chats_of_both_layouts_are_found(tmp_path: Path) -> None:
    for name in (
        "projects/-home-dev/chats/Q1.jsonl",
        "tmp/abc/chats/Q2.jsonl",
        "projects/-home-dev/notes.jsonl",
    ):
        (tmp_path / ".qwen" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / ".qwen" / name).write_text("{}\n")
    assert {file.name_hint for file in SOURCE.files(LogsHome(tmp_path, {}))} == {"Q1", "Q2"}


def test_logs_are_found_where_variables_and_settings_put_them(tmp_path: Path) -> None:
    for name in ("home", "elsewhere", "runtime"):
        chat = tmp_path / name / "projects" / "x" / "chats" / f"{name}.jsonl"
        chat.parent.mkdir(parents=True)
        chat.write_text("{}\n")
    told = {"QWEN_HOME": str(tmp_path / "home")}
    assert found(tmp_path, told) == {"home"}
    settings = {"advanced": {"runtimeOutputDir": str(tmp_path / "elsewhere")}}
    (tmp_path / "home" / "settings.json").write_text(json.dumps(settings))
    assert found(tmp_path, told) == {"elsewhere"}
    assert found(tmp_path, told | {"QWEN_RUNTIME_DIR": str(tmp_path / "runtime")}) == {"runtime"}


def found(home: Path, variables: dict[str, str]) -> set[str]:
    """The sessions whose files are found."""
    return {file.name_hint for file in SOURCE.files(LogsHome(home, variables))}


def test_what_a_sub_agent_did_in_a_log_of_its_own_counts_in_its_session(tmp_path: Path) -> None:
    log = tmp_path / ".qwen" / "projects" / "x" / "subagents" / "Q1" / "agent-a1.jsonl"
    log.parent.mkdir(parents=True)
    side: dict[str, Any] = {"agentId": "a1", "agentName": "scout", "isSidechain": True}
    records = [
        qwen(1, "system", subtype="agent_launch_prompt", systemPayload={"displayText": "look"}, **side),
        qwen_user(2, "look", **side),
        qwen_answer(3) | side,
        qwen_answer(4, EDIT) | side,
        qwen_result(5, "c1") | side | {"toolCallResult": {"callId": "c1", "durationMs": 3}},
    ]
    log.write_text("".join(json.dumps(one) + "\n" for one in records))
    log.with_suffix(".jsonl.stream").write_text('{"v": 1, "text": "half"}\n')
    (file,) = SOURCE.files(LogsHome(tmp_path, {}))
    merged = read_all(SOURCE, records, file)
    assert (file.name_hint, file.is_agent) == ("Q1", True)
    assert [(one.agent, one.session_id, one.is_sidechain) for one in merged.requests.values()] == [
        ("a1", "Q1", True)
    ] * 2
    assert [(edit.agent, edit.status) for edit in merged.edits.values()] == [("a1", CallStatus.OK)]
    assert (len(merged.prompts), merged.unseen) == (0, {})


def test_a_commands_exit_code_is_told_with_its_result() -> None:
    run = qwen_call("c1", "run_shell_command", command="pytest -q")
    done = qwen_result(2, "c1", "error", type="shell_result", exitCode=2, outcome="failed")
    (result,) = read_all(SOURCE, [qwen_answer(1, run), done]).results.values()
    assert (result.status, result.exit_code) == (CallStatus.FAILED, 2)
