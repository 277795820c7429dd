"""Codex CLI's rollouts: what both generations share, and the early one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tokencoach.demo.actions import Command, FileChange, LogFile, Reading, Reply
from tokencoach.demo.patches import patch_text
from tokencoach.demo.repository import branch_of
from tokencoach.demo.session import Session
from tokencoach.usage.tokens import TokenCounts
from tokencoach.usage.words import CallStatus

if TYPE_CHECKING:
    from typing import Self

    from tokencoach.demo.truth import RequestTruth

REFUSED = "patch rejected by user"
CONTEXT_WINDOW = 258_400


class CodexSession(Session):
    """A conversation of the 0.34 generation: patches in a shell call, running totals, no model named."""

    source = "codex"
    version = "0.34.0"

    def begin(self, parent: CodexSession | None = None) -> None:
        """Open the rollout and write its head."""
        self.session_id = self.identifiers.uuid7(self.clock.now_ms)
        now = self.clock.now
        name = f"rollout-{now:%Y-%m-%dT%H-%M-%S}-{self.session_id}.jsonl"
        self.log = LogFile(self.home / ".codex" / "sessions" / f"{now:%Y/%m/%d}" / name)
        # A fork goes on counting where its parent stood.
        self.total: TokenCounts = parent.total if parent else TokenCounts()
        self.call_id = ""
        self.turn_id = ""
        self.put("session_meta", **self.head(parent))

    def head(self, parent: CodexSession | None) -> dict[str, Any]:
        """The payload of ``session_meta``."""
        meta: dict[str, Any] = {"id": self.session_id, "timestamp": self.clock.iso, "cwd": str(self.folder)}
        meta |= {"originator": "codex_cli_rs", "cli_version": self.version, "instructions": None}
        if self.repository is not None:
            branch = branch_of(self.folder)
            meta["git"] = {"commit_hash": self.repository.head(), "branch": branch}
        if parent is not None:
            meta["forked_from_id"] = parent.session_id
        return meta

    def put(self, kind: str, /, **payload: Any) -> None:
        """Append one rollout line."""
        self.log.append({"timestamp": self.clock.iso, "type": kind, "payload": payload})

    def log_prompt(self, text: str) -> None:
        """The prompt, as the model gets it and as the person typed it."""
        content = [{"type": "input_text", "text": text}]
        # The first also carries injected context in real logs; only the second is what a person typed.
        self.put("response_item", type="message", role="user", content=content)
        self.put("event_msg", type="user_message", message=text, kind="plain")

    def draw_counts(self, output_tokens: int, new_tokens: int) -> TokenCounts:
        """Cached input comes in blocks of 128; reasoning is part of the output."""
        # The real cache works in such blocks, so some of the context is always paid as fresh.
        cached = self.context_tokens // 128 * 128
        fresh = self.context_tokens - cached + new_tokens
        reasoning = output_tokens * self.identifiers.random.randrange(10, 60) // 100
        return TokenCounts(fresh, cached, 0, 0, output_tokens, reasoning)

    def log_usage(self, request: RequestTruth) -> None:
        """The running totals and the last request's own figures."""
        self.total = self.total.plus(request.counts)
        info = {
            "total_token_usage": usage_of(self.total),
            "last_token_usage": usage_of(request.counts),
            "model_context_window": CONTEXT_WINDOW,
        }
        self.put("event_msg", type="token_count", info=info)

    def log_reply(self, request: RequestTruth, reply: Reply) -> None:
        """Words, usage, the call and its output, as the early versions order them."""
        if reply.text:
            self._log_words(reply.text)
        # Usage comes before the call that it paid for, as the real early rollouts have it.
        self.log_usage(request)
        if not isinstance(reply.action, FileChange | Command | Reading):
            return
        self.call_id = self.identifiers.short("call_", 24)
        arguments = json.dumps({"command": ["bash", "-lc", self.shell_line(reply)]})
        self.put(
            "response_item", type="function_call", name="shell", arguments=arguments, call_id=self.call_id
        )
        self.think(0, 2)
        said = {
            "output": output_of(reply),
            "metadata": {"exit_code": exit_code_of(reply), "duration_seconds": 0.1},
        }
        self.put("response_item", type="function_call_output", call_id=self.call_id, output=json.dumps(said))

    def shell_line(self, reply: Reply) -> str:
        """The command that does the action."""
        match reply.action:
            case FileChange() as change:
                return f"apply_patch << 'PATCH'\n{self.patch(change)}\nPATCH"
            case Command(command=command):
                return command
            case Reading(path=path):
                return f"sed -n '1,200p' {path.name}"
            case _:
                return ""

    def patch(self, change: FileChange) -> str:
        """The patch text, with the path as seen from the session's folder."""
        inside = change.path.is_relative_to(self.folder)
        path = change.path.relative_to(self.folder) if inside else change.path
        # A patch that fails or is refused has no image after it: its own two texts are the patch.
        if change.before is not None and change.before == change.after:
            old, new = change.steps[0]
            return patch_text(str(path), old, new)
        return patch_text(str(path), change.before, change.after)

    def _log_words(self, text: str) -> None:
        content = [{"type": "output_text", "text": text}]
        self.put("event_msg", type="agent_message", message=text)
        self.put("response_item", type="message", role="assistant", content=content)

    def interrupt(self) -> None:
        """The person presses escape."""
        self.think(1, 4)
        self.put("event_msg", type="turn_aborted", reason="interrupted")

    def fork(self) -> Self:
        """A child that replays its parent's events in one burst, then goes on with its totals."""
        twin = self._twin()
        twin.begin(self)
        # The burst has the fork's own time; the cumulative totals are what betrays the replay.
        for record in self.log.records[1:]:
            twin.log.append({**record, "timestamp": self.clock.iso})
        return twin

    def resume(self) -> Self:
        """Codex goes on in the same rollout."""
        return self


def usage_of(counts: TokenCounts) -> dict[str, int]:
    """Token counts as Codex writes them: cached input is part of the input."""
    whole = counts.input + counts.cache_read
    return {
        "input_tokens": whole,
        "cached_input_tokens": counts.cache_read,
        "output_tokens": counts.output,
        "reasoning_output_tokens": counts.reasoning,
        "total_tokens": whole + counts.output,
    }


def output_of(reply: Reply) -> str:
    """What the tool printed."""
    if reply.status is CallStatus.REJECTED:
        return REFUSED
    match reply.action:
        case FileChange() as change:
            mark = "A" if change.before is None else "M"
            return reply.complaint or f"Success. Updated the following files:\n{mark} {change.path}\n"
        case Command(output=output) | Reading(text=output):
            return output
        case _:
            return ""


def exit_code_of(reply: Reply) -> int:
    """The exit code that the log shows."""
    if isinstance(reply.action, Command):
        return reply.action.exit_code
    return 0 if reply.status is CallStatus.OK else 1
