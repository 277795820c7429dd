"""Plausible logs made by chance, for tests of what must hold of every log."""

from __future__ import annotations

from typing import Any, Final

from hypothesis import strategies as st

from sources import claude_records as claude
from sources import codex_records as codex
from sources.reading import jsonl

IDS: Final = st.sampled_from(["msg_1", "msg_2", "msg_3", "msg_4", "msg_5", "msg_6"])
FLAGS: Final = st.booleans()
JUNK: Final = st.sampled_from([b"\0\0\0", b"{", b"", b"[]", b'{"type":"new"}', b"\xff\xfe"])
CLAUDE_KINDS: Final = ["say", "prompt", "stop", "sub", "title", "junk", "call", "call", "done", "done"]
CODEX_KINDS: Final = ["count", "count", "record", "prompt", "turn", "junk", "call", "call", "done", "done"]
PATCH: Final = "*** Begin Patch\n*** Update File: a.py\n@@\n-a\n+b\n*** End Patch"
CHANGE: Final = {"a.py": {"type": "update", "unified_diff": "@@ -1 +1 @@\n-a\n+b\n", "move_path": None}}


def claude_record(draw: st.DrawFn, second: int, calls: list[str]) -> Any:
    """A record that goes with the calls still open."""
    stop = draw(st.sampled_from([None, "end_turn"]))
    tokens = claude.usage(output=draw(st.integers(0, 4)))
    kind = draw(st.sampled_from(CLAUDE_KINDS))
    made: Any = draw(JUNK)
    if kind == "call":
        calls.append(f"t{second}")
        asked = claude.tool_use(calls[-1], "Edit", file_path="/a.py", old_string="a", new_string="b\nc")
        made = claude.assistant(second, draw(IDS), [asked], tokens=tokens, stop=stop)
    elif kind == "done" and calls:
        call = calls.pop(draw(st.integers(0, len(calls) - 1)))
        made = claude.result(second, call, "ok", claude.edit_detail("a", "b\nc", ["-a", "+b", "+c"]))
        if draw(FLAGS):
            made = claude.result(second, call, "no", "Error: no", is_error=True)
    elif kind == "say":
        text = [{"type": "text", "text": "word " * draw(st.integers(0, 60))}]
        made = claude.assistant(second, draw(IDS), text, tokens=tokens, stop=stop)
        made["isSidechain"] = draw(FLAGS)
    elif kind == "prompt":
        made = claude.user(second, draw(st.text(max_size=5)))
    elif kind == "stop":
        made = claude.user(second, "[Request interrupted by user for tool use]")
    elif kind == "sub":
        made = claude.progress(second, claude.assistant(second, draw(IDS), tokens=tokens, stop=stop))
    elif kind == "title":
        title_kind = draw(st.sampled_from(["custom-title", "ai-title"]))
        made = {"type": title_kind, "title": f"{second}", "sessionId": "S1"}
    return made


def codex_record(draw: st.DrawFn, second: int, calls: list[str]) -> Any:
    """A record that goes with the calls still open."""
    kind = draw(st.sampled_from(CODEX_KINDS))
    made: Any = draw(JUNK)
    if kind == "call":
        calls.append(f"t{second}")
        made = codex.custom_call(second, calls[-1], "apply_patch", PATCH)
    elif kind == "done" and calls and draw(FLAGS):
        made = codex.event(second, "patch_apply_end", call_id=calls[0], success=True, changes=CHANGE)
    elif kind == "done" and calls:
        made = codex.output(second, calls.pop(0), "Exit code: 0\nOutput:\nok")
    elif kind == "count":
        made = codex.token_count(second, draw(st.integers(1, 4)) * 100, 100)
    elif kind == "record":
        made = codex.usage_record(second, draw(IDS), 100)
    elif kind == "prompt":
        made = codex.event(second, "user_message", message=draw(st.text(max_size=5)))
    elif kind == "turn":
        made = codex.turn(second, model=draw(IDS))
    return made


@st.composite
def made_logs(draw: st.DrawFn, source: str) -> bytes:
    """A plausible log; now and then it repeats an earlier record, as resumed sessions do."""
    records: list[Any] = [codex.meta(0)] if source == "codex" else []
    make = codex_record if source == "codex" else claude_record
    calls: list[str] = []
    for second in range(1, draw(st.integers(2, 24))):
        if records and draw(st.integers(0, 5)) == 0:
            records.append(draw(st.sampled_from(records)))
        else:
            records.append(make(draw, second, calls))
    return jsonl(records)
