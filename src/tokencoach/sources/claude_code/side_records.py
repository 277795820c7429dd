"""Records of Claude Code beside the conversation: errors, compactions, costs, titles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tokencoach.sources.claude_code.records import ANYTHING, Line
from tokencoach.usage.facts import CompactionSeen, CostRecordSeen, ErrorSeen
from tokencoach.usage.words import ErrorKind

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator

#: Kinds that are known to hold nothing for us; all others are counted as unseen.
KNOWN_KINDS: Final = frozenset(
    {
        "agent-color",
        "agent-name",
        "agent-setting",
        "ai-title",
        "api-request",
        "api-request-blob",
        "api-request-resumed",
        "api-request-shape",
        "artifact-autoreact-ledger",
        "artifact-comment-monitor",
        "atis-latch",
        "attachment",
        "attribution-snapshot",
        "bridge-session",
        "content-replacement",
        "continued-in",
        "custom-title",
        "data-flow-incomplete",
        "data-flow-records",
        "derived-from",
        "dev-mods",
        "ended-by-model",
        "file-history-delta",
        "file-history-snapshot",
        "fork-context-ref",
        "frame-link",
        "history-suppression",
        "host-row",
        "hybrid-organization",
        "isolation-latch",
        "last-prompt",
        "memory-mode",
        "mode",
        "observer-ref",
        "permission-mode",
        "pr-link",
        "queue-operation",
        "relocated",
        "repl-mode",
        "result",
        "resume-head-vouch",
        "session-owner",
        "started",
        "summary",
        "tag",
        "tools-used",
        "worktree-state",
    }
)
KNOWN_SUBTYPES: Final = frozenset(
    {
        "agents_killed",
        "api_refusal",
        "cloud_session_status",
        "away_summary",
        "bridge_status",
        "compact_boundary",
        "file_snapshot",
        "informational",
        "init",
        "local_command",
        "memory_saved",
        "microcompact_boundary",
        "model_consent_fallback",
        "model_fallback",
        "model_refusal_fallback",
        "model_refusal_no_fallback",
        "permission_retry",
        "rewind_stand_in",
        "scheduled_task_fire",
        "session_start",
        "stop_hook_summary",
        "thinking",
        "turn_duration",
    }
)
_MOST_MESSAGE: Final = 300
_TITLE_WEIGHTS: Final = {"summary": 1, "ai-title": 2, "custom-title": 3}


def api_error(line: Line, session_id: str, at_ms: int, odd: Counter[str]) -> ErrorSeen | None:
    """A failed model call that the program repeats (a retry) or gives up."""
    if not line.uuid:
        return None
    error = ANYTHING.decode_or(line.error, None, odd, "error")
    about: dict[str, Any] = error if isinstance(error, dict) else {"message": error}
    nested = about.get("connection") if isinstance(about.get("connection"), dict) else about.get("cause")
    code = about.get("status") or (nested.get("code") if isinstance(nested, dict) else None) or "unknown"
    message = about.get("formatted") or about.get("message") or ""
    # Only a call that will be tried again says when.
    kind = ErrorKind.API_ERROR if line.retry_in_ms is None else ErrorKind.RETRY
    return ErrorSeen(
        f"error:{line.uuid}", session_id, at_ms, kind, str(code)[:64], str(message)[:_MOST_MESSAGE]
    )


def message_error(line: Line, session_id: str, at_ms: int, odd: Counter[str]) -> ErrorSeen | None:
    """An error shown in the model's place; its model is synthetic and nothing is billed."""
    if not line.uuid or line.message is None:
        return None
    content = line.message.content or ""
    text = content if isinstance(content, str) else "\n".join(block.text or "" for block in content)
    named = ANYTHING.decode_or(line.error, None, odd, "error")
    code = line.api_error_status or (named if isinstance(named, str) else None) or "unknown"
    return ErrorSeen(
        f"error:{line.uuid}",
        session_id,
        at_ms,
        ErrorKind.API_ERROR,
        str(code)[:64],
        text[:_MOST_MESSAGE],
    )


def compaction(line: Line, session_id: str, at_ms: int) -> CompactionSeen | None:
    """The context was compacted; 0 where the tool logged no size."""
    if not line.uuid:
        return None
    about = line.compact_metadata
    before = (about.pre_tokens or 0) if about else 0
    after = (about.post_tokens or 0) if about else 0
    return CompactionSeen(f"compaction:{line.uuid}", session_id, at_ms, before, after)


def cost_records(line: Line, session_id: str, at_ms: int) -> Iterator[CostRecordSeen]:
    """What the program booked per model; a fork's figures include its parent's."""
    for model, cost in (line.model_usage or {}).items():
        written = cost.cache_creation_input_tokens or 0
        hour = cost.cache_creation_ephemeral1h or 0
        five = max(cost.cache_creation_ephemeral5m or 0, written - hour)
        yield CostRecordSeen(
            session_id=session_id,
            model=model,
            at_ms=at_ms,
            input=cost.input_tokens or 0,
            cache_read=cost.cache_read_input_tokens or 0,
            cache_write_5m=five,
            cache_write_1h=hour,
            output=cost.output_tokens or 0,
            cost_usd=cost.cost_usd or 0.0,
        )


def titles(line: Line) -> Iterator[tuple[str, tuple[int, str]]]:
    """A session's title with its weight: the person's own beats the program's."""
    weight = _TITLE_WEIGHTS.get(line.type)
    title = line.custom_title or line.ai_title or line.title or line.summary
    if weight and title:
        yield line.session_id or "", (weight, title[:200])
