"""One session of Cline's own program: messages with their usage, tools as the models call them."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from tokencoach.sources.fields import (
    amount,
    count,
    decoded,
    first_text,
    model_name,
    moment_ms,
    record,
    records,
    text,
)
from tokencoach.sources.file_tools import CallAt, ToolNames, tell_call, tell_result
from tokencoach.usage.facts import AgentSeen, PromptSeen, RequestSeen
from tokencoach.usage.words import CallStatus

if TYPE_CHECKING:
    from tokencoach.sources.gathering import Gathering

_TOOLS: Final = ToolNames(
    edits=frozenset(
        {"write_to_file", "replace_in_file", "apply_patch", "edit", "editor", "write", "edit_file"}
    ),
    shells=frozenset({"execute_command", "bash", "run_commands", "shell"}),
)


# With this the program goes on with a task of its older kind, whose words it puts before its own.
_TAKEN_OVER: Final = "this is a legacy conversation, which means tool names may have changed"
_MARKED: Final = re.compile(r"<user_input(?: [^<>]{0,80})?>(.*)</user_input>", re.DOTALL)


class TalkReading:
    """Reads the messages of one session, or of a sub-agent of it."""

    def __init__(self, into: Gathering, session: str, agent: str | None = None) -> None:
        self._into = into
        self._session = session
        self._agent = agent
        self._prefix = f"{session}:{agent}" if agent else session
        self._last_ms = 0
        self._edits: set[str] = set()
        self._calls: dict[str, str] = {}

    def messages(self, content: object, head: object = None) -> None:
        """Every message, in their order; ``head`` is the session's own record beside them."""
        whole, own = record(content), record(head)
        self._last_ms = moment_ms(first_text(whole, "startedAt", "created_at", "updated_at")) or 0
        cwd = text(whole.get("cwd")) or first_text(own, "cwd", "workspace_root")
        messages = records(whole.get("messages"))
        first = next((place + 1 for place, told in enumerate(messages) if _takes_over(told)), 0)
        for number, message in enumerate(messages[:first]):
            self._supersede(message, number)
        for number, message in enumerate(messages[first:], first):
            self._message(message, number, cwd)
            if self._agent:
                self._supersede(message, number)
        began = moment_ms(own.get("started_at"))
        if began and self._last_ms and not self._agent:
            version = text(record(whole.get("origin")).get("version"))
            title = text(record(own.get("metadata")).get("title"))
            self._into.session(self._session, began, cwd=cwd, version=version, title=title)

    def _supersede(self, message: dict[str, Any], number: int) -> None:
        """An answer that an earlier release counted under the name of its file: it counts once, or elsewhere."""
        if message.get("role") == "assistant":
            self._into.supersede(f"{self._agent or self._session}:{text(message.get('id')) or number}")

    def _message(self, message: dict[str, Any], number: int, cwd: str | None) -> None:
        at_ms = next(
            (found for key in ("ts", "timestamp", "createdAt") if (found := moment_ms(message.get(key)))),
            self._last_ms,
        )
        if not at_ms:
            return
        self._last_ms = at_ms
        self._into.session(self._session, at_ms, cwd=cwd)
        if self._agent:
            self._into.agent(AgentSeen(self._agent, self._session, at_ms))
        key = f"{self._prefix}:{text(message.get('id')) or number}"
        at = CallAt(key, self._session, at_ms, None, self._agent, cwd)
        blocks = message.get("content")
        parts = [{"type": "text", "text": blocks}] if isinstance(blocks, str) else records(blocks)
        if message.get("role") == "assistant":
            self._answer(message, parts, at)
            return
        for part in parts:
            own = text(part.get("tool_use_id"))
            if part.get("type") == "tool_result" and own:
                is_failed = part.get("is_error") is True or (own in self._edits and _is_refused(part))
                status = CallStatus.FAILED if is_failed else CallStatus.OK
                at_call = at.but(key=self._calls.get(own, f"{self._prefix}:{own}"))
                tell_result(self._into, at_call, status, part.get("content"))
        typed = "\n".join(_typed(words) for part in parts if (words := text(part.get("text"))))
        if typed and not self._agent and not any(part.get("type") == "tool_result" for part in parts):
            self._into.prompt(PromptSeen(key, self._session, at_ms, typed, 0, 0))

    def _answer(self, message: dict[str, Any], parts: list[dict[str, Any]], at: CallAt) -> None:
        used = record(message.get("metrics"))
        counts = [
            count(used.get(name))
            for name in ("inputTokens", "cacheReadTokens", "cacheWriteTokens", "outputTokens")
        ]
        if any(counts):
            sent, read, written, output = counts
            # What came from the cache and went into it is part of what was sent, in its own prices too.
            fresh = sent - read - written if sent >= read + written else sent
            told = first_text(record(message.get("modelInfo")), "id", "modelId") or "unknown"
            cost = amount(used.get("cost"))
            self._into.request(
                RequestSeen(
                    *(at.key, self._session, at.at_ms, model_name(told), fresh, read, written, 0, output, 0),
                    agent=self._agent,
                    is_sidechain=self._agent is not None,
                    logged_cost_usd=cost,
                )
            )
        for part in parts:
            name, own = text(part.get("name")), text(part.get("id"))
            if part.get("type") == "tool_use" and name and own:
                self._calls[own] = self._into.unused(f"{self._prefix}:{own}")
                call = at.but(key=self._calls[own], request_key=at.key)
                if name in _TOOLS.edits:
                    self._edits.add(own)
                tell_call(self._into, call, name, _arguments(record(part.get("input"))), _TOOLS)


def _arguments(told: dict[str, Any]) -> dict[str, Any]:
    """An edit's arguments: new text alone, neither in place of old text nor before a line, is a whole file."""
    new = told.get("new_text")
    if isinstance(new, str) and told.get("old_text") is None and told.get("insert_line") is None:
        return {"path": told.get("path"), "content": new}
    return told


def _is_refused(part: dict[str, Any]) -> bool:
    """Whether a tool's own answer, an object in a text, says that it did nothing."""
    blocks = part.get("content")
    answers = [blocks] if isinstance(blocks, str) else [block.get("text") for block in records(blocks)]
    return any(record(decoded(answer, Counter())).get("success") is False for answer in answers if answer)


def _typed(words: str) -> str:
    """What the person typed, without the mark that the program puts around it."""
    found = _MARKED.fullmatch(words.strip())
    return found[1] if found else words


def _takes_over(message: dict[str, Any]) -> bool:
    """Whether what stands before was said in a task of the older kind, whose rows tell it."""
    content = message.get("content")
    words = [content] if isinstance(content, str) else [part.get("text") for part in records(content)]
    return any(isinstance(said, str) and _TAKEN_OVER in said for said in words)
