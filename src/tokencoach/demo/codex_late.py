"""Codex CLI's rollouts as version 0.169 writes them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tokencoach.demo.actions import Command, FileChange, Reading, Reply
from tokencoach.demo.codex import CodexSession, exit_code_of, output_of, usage_of
from tokencoach.demo.patches import unified_diff
from tokencoach.usage.words import CallStatus

if TYPE_CHECKING:
    from typing import Self

    from tokencoach.demo.truth import RequestTruth

_STATUS = {CallStatus.OK: "completed", CallStatus.FAILED: "failed", CallStatus.REJECTED: "declined"}


class LateCodexSession(CodexSession):
    """A conversation of the 0.169 generation: items, file changes, one usage record per response."""

    version = "0.169.0"

    def head(self, parent: CodexSession | None) -> dict[str, Any]:
        """The payload of ``session_meta``."""
        meta = super().head(parent)
        del meta["instructions"]
        meta |= {"session_id": self.session_id, "originator": "codex_exec", "source": "exec"}
        meta |= {"model_provider": "openai", "history_mode": "paginated"}
        # The key is there even without a parent.
        meta["forked_from_id"] = parent.session_id if parent else None
        if parent is not None:
            meta["forked_from_ordinal_exclusive"] = len(parent.log.records)
        return meta

    def put(self, kind: str, /, **payload: Any) -> None:
        """Append one rollout line; later versions number them."""
        frame = {"timestamp": self.clock.iso, "ordinal": len(self.log.records), "type": kind}
        self.log.append({**frame, "payload": payload})

    def log_prompt(self, text: str) -> None:
        """A turn's context, which names the model, and the prompt as an item."""
        self.turn_id = self.identifiers.uuid7(self.clock.now_ms)
        sandbox = {"type": "workspace-write"}
        context = {"turn_id": self.turn_id, "cwd": str(self.folder), "model": self.model}
        self.put("turn_context", **context, approval_policy="on-request", sandbox_policy=sandbox)
        content = [{"type": "input_text", "text": text}]
        self.put("response_item", type="message", role="user", content=content)
        self.put_item(
            type="UserMessage", id=self.identifiers.uuid4(), content=[{"type": "text", "text": text}]
        )

    def put_item(self, **item: Any) -> None:
        """A finished item of the turn."""
        at_ms = self.clock.now_ms
        names = {"thread_id": self.session_id, "turn_id": self.turn_id}
        self.put("event_msg", type="item_completed", **names, item=item, completed_at_ms=at_ms)

    def log_reply(self, request: RequestTruth, reply: Reply) -> None:
        """Words and the call, the usage record, then the finished item and the output."""
        if reply.text:
            content = [{"type": "output_text", "text": reply.text}]
            self.put("response_item", type="message", role="assistant", content=content)
        acts = isinstance(reply.action, FileChange | Command | Reading)
        if acts:
            self.call_id = self.identifiers.short("call_", 24)
            self._log_call(reply)
        # Both records tell of the same response: a reader that adds them counts twice.
        self._log_record(request)
        self.log_usage(request)
        if acts:
            self.think(0, 2)
            self._log_item(reply)
            self._log_output(reply)

    def _log_call(self, reply: Reply) -> None:
        if isinstance(reply.action, FileChange):
            call = {"type": "custom_tool_call", "name": "apply_patch", "input": self.patch(reply.action)}
        else:
            arguments = json.dumps({"cmd": self.shell_line(reply)})
            call = {"type": "function_call", "name": "exec_command", "arguments": arguments}
        self.put("response_item", **call, call_id=self.call_id)

    def _log_record(self, request: RequestTruth) -> None:
        names = {"thread_id": self.session_id, "turn_id": self.turn_id}
        response_id = self.identifiers.short("resp_", 40)
        usage = {**usage_of(request.counts), "cache_write_input_tokens": 0}
        self.put("token_usage_record", **names, response_id=response_id, usage=usage)

    def _log_item(self, reply: Reply) -> None:
        status = _STATUS[reply.status]
        if isinstance(reply.action, FileChange):
            changes = {str(reply.action.path): self._file_change(reply.action)}
            self.put_item(type="FileChange", id=self.call_id, changes=changes, status=status)
            return
        command = ["bash", "-lc", self.shell_line(reply)]
        ran = {"exit_code": exit_code_of(reply), "aggregated_output": output_of(reply)}
        took = {"secs": 0, "nanos": 120_000_000}
        self.put_item(
            type="CommandExecution", id=self.call_id, command=command, status=status, duration=took, **ran
        )

    def _file_change(self, change: FileChange) -> dict[str, Any]:
        if change.before is None:
            return {"type": "add", "content": change.after}
        # As in the early patches: a refused change is shown by its own two texts.
        old, new = (change.before, change.after) if change.before != change.after else change.steps[0]
        return {"type": "update", "unified_diff": unified_diff(old, new), "move_path": None}

    def _log_output(self, reply: Reply) -> None:
        kind = "custom" if isinstance(reply.action, FileChange) else "function"
        name = "custom_tool_call_output" if kind == "custom" else "function_call_output"
        code = f"Process exited with code {exit_code_of(reply)}\n"
        text = output_of(reply) if reply.status is CallStatus.REJECTED else code + output_of(reply)
        self.put("response_item", type=name, call_id=self.call_id, output=text)

    def fork(self) -> Self:
        """A child without history whose totals already hold its parent's."""
        twin = self._twin()
        twin.begin(self)
        return twin
