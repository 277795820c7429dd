"""Claude Code's logs as version 2.1 writes them."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tokencoach.demo.actions import LogFile, Reply, Speech
from tokencoach.demo.claude_tools import tool_result, tool_use
from tokencoach.demo.repository import branch_of
from tokencoach.demo.session import Session
from tokencoach.usage.tokens import TokenCounts
from tokencoach.usage.words import CallStatus

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Self

    from tokencoach.demo.truth import RequestTruth


def slug_of(folder: Path) -> str:
    """The name of a project's log folder: every other character than letters and digits is a dash."""
    return re.sub(r"[^A-Za-z0-9]", "-", str(folder))


class ClaudeSession(Session):
    """A conversation of the 2.1 generation: one content block a line, patches and images with edits."""

    source = "claude-code"
    version = "2.1.330"
    agent_tool = "Agent"
    is_cold = False
    """Whether the cache of the conversation has died: the next request writes all of it anew."""

    def begin(self) -> None:
        """Open the log file under a new session id."""
        self.session_id = self.identifiers.uuid4()
        folder = self.home / ".claude" / "projects" / slug_of(self.folder)
        self.log = LogFile(folder / f"{self.session_id}.jsonl")
        self.last_uuid: str | None = None
        self.agent_id: str | None = None
        self.is_sidechain = False
        self.prompt_id = ""

    def put(self, kind: str, **fields: Any) -> str:
        """Append a record with the frame that every record of a conversation has; its uuid."""
        uuid = self.identifiers.uuid4()
        record = {
            "parentUuid": self.last_uuid,
            "isSidechain": self.is_sidechain,
            **self._frame(),
            "type": kind,
            **fields,
            "uuid": uuid,
            "timestamp": self.clock.iso,
        }
        self.log.append(record)
        self.last_uuid = uuid
        return uuid

    def _frame(self) -> dict[str, Any]:
        frame: dict[str, Any] = {"promptId": self.prompt_id} if self.prompt_id else {}
        if self.agent_id:
            frame["agentId"] = self.agent_id
        return frame | {
            "userType": "external",
            "entrypoint": "cli",
            "cwd": str(self.folder),
            "sessionId": self.session_id,
            "version": self.version,
            "gitBranch": branch_of(self.folder),
        }

    def log_prompt(self, text: str) -> None:
        """A user record, and what 2.1 writes around it."""
        self.prompt_id = self.identifiers.uuid4()
        # Records without a uuid stand between the others in real logs; a parser must pass them over.
        if not self.is_sidechain:
            self.log.append({"type": "mode", "mode": "normal", "sessionId": self.session_id})
        self.put("user", message={"role": "user", "content": text})

    def draw_counts(self, output_tokens: int, new_tokens: int) -> TokenCounts:
        """Nearly everything is read from the cache; what is new is written to it."""
        # Long-lived cache writes show up in some requests only; both classes have prices of their own.
        written_1h = new_tokens * self.identifiers.random.randrange(0, 3) // 2 if new_tokens > 400 else 0
        written_1h = min(written_1h, new_tokens)
        thinking = output_tokens * self.identifiers.random.randrange(0, 40) // 100
        fresh = self.identifiers.random.randrange(1, 12)
        read, lost = (0, self.context_tokens) if self.is_cold else (self.context_tokens, 0)
        self.is_cold = False
        return TokenCounts(fresh, read, lost + new_tokens - written_1h, written_1h, output_tokens, thinking)

    def leave(self, *, minutes: float) -> None:
        """The person goes away for longer than any cache lives."""
        self.clock.advance(minutes=minutes)
        self.is_cold = True

    def usage(self, counts: TokenCounts, output: int) -> dict[str, Any]:
        """The ``usage`` object of a response."""
        return {
            "input_tokens": counts.input,
            "cache_creation_input_tokens": counts.cache_write_5m + counts.cache_write_1h,
            "cache_read_input_tokens": counts.cache_read,
            "output_tokens": output,
            "output_tokens_details": {"thinking_tokens": min(counts.reasoning, output)},
            "cache_creation": {
                "ephemeral_5m_input_tokens": counts.cache_write_5m,
                "ephemeral_1h_input_tokens": counts.cache_write_1h,
            },
            "server_tool_use": {"web_search_requests": 0, "web_fetch_requests": 0},
            "service_tier": "standard",
            "speed": "standard",
        }

    def log_reply(self, request: RequestTruth, reply: Reply) -> None:
        """One line per content block, then the tool's result."""
        blocks: list[dict[str, Any]] = []
        if request.counts.reasoning:
            blocks.append({"type": "thinking", "thinking": "", "signature": self.identifiers.short("Es", 40)})
        if reply.text or isinstance(reply.action, Speech):
            blocks.append({"type": "text", "text": reply.text})
        tool = "" if isinstance(reply.action, Speech) else self.identifiers.short("toolu_01")
        if tool:
            name, arguments = tool_use(reply.action)
            blocks.append({"type": "tool_use", "id": tool, "name": name, "input": arguments})
        uuid = self.log_blocks(request, blocks)
        if tool:
            self.think(1, 3)
            self._log_result(tool, uuid, reply)

    def log_blocks(self, request: RequestTruth, blocks: list[dict[str, Any]]) -> str:
        """A response, one content block a line, each with the usage so far; the last line's uuid."""
        message_id, request_id = self.identifiers.short("msg_01"), self.identifiers.short("req_011")
        uuid = ""
        for index, block in enumerate(blocks):
            is_last = index == len(blocks) - 1
            stop = ("tool_use" if block["type"] == "tool_use" else "end_turn") if is_last else None
            # A stream is logged while it runs: the first lines know only the tokens so far.
            output = request.counts.output if is_last else min(request.counts.output, 2 + 5 * index)
            message = {
                "model": request.model,
                "id": message_id,
                "type": "message",
                "role": "assistant",
                "content": [block],
                "stop_reason": stop,
                "stop_sequence": None,
                "usage": self.usage(request.counts, output),
            }
            uuid = self.put("assistant", message=message, requestId=request_id)
        return uuid

    def _log_result(self, tool: str, asked_by: str, reply: Reply) -> None:
        content, result, extra = tool_result(reply)
        block: dict[str, Any] = {"tool_use_id": tool, "type": "tool_result", "content": content}
        if reply.status is not CallStatus.OK:
            block["is_error"] = True
        self.put(
            "user",
            message={"role": "user", "content": [block]},
            toolUseResult=result,
            sourceToolAssistantUUID=asked_by,
            **extra,
        )
        if reply.status is CallStatus.REJECTED:
            self._log_words("[Request interrupted by user for tool use]")

    def _log_words(self, text: str) -> None:
        self.put("user", message={"role": "user", "content": [{"type": "text", "text": text}]})

    def interrupt(self) -> None:
        """The person presses escape."""
        self.think(1, 4)
        self._log_words("[Request interrupted by user]")

    def api_errors(self, count: int, status: int = 529) -> None:
        """The service is overloaded ``count`` times, or says another ``status``; nothing is billed."""
        for attempt in range(1, count + 1):
            self.think(1, 3)
            error = {"status": status, "formatted": f"{status} Overloaded"}
            self.put(
                "system", subtype="api_error", level="error", error=error, retryAttempt=attempt, maxRetries=10
            )

    def compact(self) -> None:
        """The context is folded into a summary; the request that made it is not logged."""
        self.think(10, 30)
        # The request that writes the summary is billed but never logged, so the truth leaves it out too.
        before, self.context_tokens = self.context_tokens, 8_000
        figures = {"trigger": "manual", "preTokens": before, "postTokens": 8_000}
        self.put(
            "system", subtype="compact_boundary", content="Conversation compacted", compactMetadata=figures
        )
        words = "This session is being continued from a previous conversation."
        message = {"role": "user", "content": words}
        self.put("user", message=message, isCompactSummary=True, isVisibleInTranscriptOnly=True)

    def fork(self) -> Self:
        """``--fork-session``: a new file that copies the history; copies name the session that paid."""
        twin = self._twin()
        twin.begin()
        for record in self.log.records:
            # uuid, message id and request id stay: only a global key keeps the copies from counting twice.
            copied = {**record, "sessionId": twin.session_id}
            if record["type"] == "assistant":
                copied["requestSessionId"] = record.get("requestSessionId", self.session_id)
            twin.log.append(copied)
        twin.last_uuid, twin.prompt_id = self.last_uuid, self.prompt_id
        return twin

    def resume(self) -> Self:
        """``--resume``: 2.1 goes on in the same file."""
        return self

    @contextmanager
    def subagent(self, task: str) -> Iterator[Self]:
        """Start a sub-agent; what is done with it inside the ``with`` is its own work."""
        self.think(3, 9)
        agent_id, tool = self.identifiers.hexadecimal(7), self.identifiers.short("toolu_01")
        arguments = {"description": task[:40], "prompt": task, "subagent_type": "general-purpose"}
        block = {"type": "tool_use", "id": tool, "name": self.agent_tool, "input": arguments}
        # The parent is billed for the request that asked for help, the agent for all that follows.
        uuid = self.log_blocks(self.bill(60 + len(task) // 4, 200), [block])
        agent = self._agent(agent_id)
        agent.put("user", message={"role": "user", "content": task})
        yield agent
        self.think(1, 2)
        content = [{"type": "text", "text": "Done."}]
        result = {"status": "completed", "prompt": task, "agentId": agent_id, "content": content}
        answer = {"tool_use_id": tool, "type": "tool_result", "content": content}
        message = {"role": "user", "content": [answer]}
        self.put("user", message=message, toolUseResult=result, sourceToolAssistantUUID=uuid)

    def _agent(self, agent_id: str) -> Self:
        agent = self._twin()
        agent.session_id, agent.prompt_id = self.session_id, self.prompt_id
        folder = self.log.path.with_suffix("") / "subagents"
        agent.log = LogFile(folder / f"agent-{agent_id}.jsonl")
        # The file names its parent only through the sessionId inside.
        agent.agent_id, agent.is_sidechain, agent.last_uuid = agent_id, True, None
        return agent
