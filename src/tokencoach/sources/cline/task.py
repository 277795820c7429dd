"""One task of the Cline family: its rows into facts."""

from __future__ import annotations

from collections import defaultdict, deque
from typing import TYPE_CHECKING, Any, Final

from tokencoach.sources.cline.history import cwd_of, last_model, models_by_time, verdicts
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
from tokencoach.sources.file_tools import (
    CARRIED_OUT,
    CallAt,
    FileChange,
    ToolNames,
    edits_of,
    tell_call,
    tell_result,
)
from tokencoach.sources.logged_paths import resolve
from tokencoach.sources.search_blocks import changes_of, created
from tokencoach.usage.facts import CompactionSeen, PromptSeen, RequestSeen
from tokencoach.usage.words import CallStatus, ErrorKind

if TYPE_CHECKING:
    from tokencoach.sources.gathering import Gathering

_EDITS: Final = frozenset(
    {"editedExistingFile", "appliedDiff", "newFileCreated", "fileDeleted", "deleteFile"}
)
_ALTERED: Final = CARRIED_OUT + 1
_NAMES: Final = ToolNames(edits=frozenset(), shells=frozenset({"command"}))
_KNOWN: Final = frozenset(
    {
        *(
            "text",
            "reasoning",
            "completion_result",
            "command_output",
            "checkpoint_created",
            "checkpoint_saved",
        ),
        *(
            "api_req_finished",
            "api_req_deleted",
            "deleted_api_reqs",
            "mcp_server_request_started",
            "followup",
        ),
        *(
            "mcp_server_response",
            "mcp_notification",
            "use_mcp_server",
            "browser_action",
            "browser_action_result",
        ),
        *(
            "browser_action_launch",
            "task_progress",
            "info",
            "hook_status",
            "hook_output_stream",
            "resume_task",
        ),
        *(
            "resume_completed_task",
            "plan_mode_respond",
            "act_mode_respond",
            "new_task",
            "condense",
            "error_retry",
        ),
        *(
            "load_mcp_documentation",
            "shell_integration_warning",
            "subtask_result",
            "user_edit_todos",
            "image",
        ),
        *("mistake_limit_reached", "clineignore_error", "rooignore_error", "codebase_search_result", "error"),
        *("summarize_task", "conditional_rules_applied", "generate_explanation", "subagent", "use_subagents"),
        *(
            "subagent_usage",
            "report_bug",
            "command_permission_denied",
            "interactive_app",
            "too_many_tools_warning",
        ),
        *(
            "auto_approval_max_req_reached",
            "payment_required_prompt",
            "condense_context_error",
            "sliding_window",
            "sliding_window_truncation",
            "api_req_rate_limit_wait",
            "api_req_retry_delayed",
            "plan_completion_result",
            "compaction",
            "shell_integration_warning_with_suggestion",
        ),
    }
)


class TaskReading:
    """Reads the rows of one task; ``parts`` are the files of its folder by name."""

    def __init__(self, into: Gathering, task: str, parts: dict[str, Any]) -> None:
        self._into = into
        self._task = task
        history = parts.get("api_conversation_history.json")
        item = record(parts.get("history_item.json"))
        self._cwd = (
            text(item.get("workspace")) or text(item.get("cwdOnTaskInitialization")) or cwd_of(history)
        )
        self._parent = text(item.get("parentTaskId"))
        self._models = models_by_time(parts.get("task_metadata.json"))
        self._model = last_model(history)
        self._verdicts: dict[str, deque[CallStatus]] = defaultdict(deque)
        for path, status in verdicts(history):
            self._verdicts[path].append(status)
        self._request_key: str | None = None
        self._last_edit: tuple[list[FileChange], CallAt, CallStatus | None] | None = None

    def rows(self, value: object, length: int) -> None:
        """Every row, in their order."""
        rows = records(value)
        if not isinstance(value, list):
            self._into.unseen("rows")
        for number, row in enumerate(rows):
            at_ms = moment_ms(row.get("ts"))
            if at_ms is None or row.get("partial") is True:
                continue
            told: dict[str, str | None] = {"cwd": self._cwd, "parent_session_id": self._parent}
            self._into.session(self._task, at_ms, **told)
            kind = first_text(row, "say", "ask") or ""
            is_first = number == 0 and kind in ("text", "task")
            if is_first or kind in ("task", "user_feedback"):
                self._prompt(row, at_ms, length)
            else:
                self._row(kind, row, at_ms, is_last=number == len(rows) - 1)

    def _row(self, kind: str, row: dict[str, Any], at_ms: int, *, is_last: bool) -> None:
        if kind == "api_req_started":
            self._request(row, at_ms)
        elif kind == "tool":
            self._tool(row, at_ms, is_last=is_last)
        elif kind == "command":
            self._command(row, at_ms, is_last=is_last)
        elif kind in ("diff_error", "user_feedback_diff"):
            self._after_edit(CallStatus.FAILED if kind == "diff_error" else None)
        else:
            self._lesser_row(kind, row, at_ms)

    def _lesser_row(self, kind: str, row: dict[str, Any], at_ms: int) -> None:
        if kind == "condense_context":
            told = record(row.get("contextCondense"))
            before, after = count(told.get("prevContextTokens")), count(told.get("newContextTokens"))
            self._into.compaction(CompactionSeen(f"{self._task}:{at_ms}", self._task, at_ms, before, after))
        elif kind == "api_req_retried":
            self._error(at_ms, ErrorKind.RETRY, ("retry", ""))
        elif kind == "api_req_failed":
            self._error(at_ms, ErrorKind.API_ERROR, ("api_req_failed", row.get("text")))
        elif kind not in _KNOWN:
            self._into.unseen(f"row/{kind}")

    def _command(self, row: dict[str, Any], at_ms: int, *, is_last: bool) -> None:
        at = self._at(at_ms)
        tell_call(self._into, at, "command", {"command": row.get("text")}, _NAMES)
        if not is_last:
            tell_result(self._into, at, CallStatus.OK)

    def _at(self, at_ms: int) -> CallAt:
        return CallAt(f"{self._task}:{at_ms}", self._task, at_ms, self._request_key, cwd=self._cwd)

    def _error(self, at_ms: int, kind: ErrorKind, about: tuple[Any, Any]) -> None:
        self._into.error(f"{self._task}:{at_ms}:{kind}", self._task, at_ms, kind, about)

    def _prompt(self, row: dict[str, Any], at_ms: int, length: int) -> None:
        typed = text(row.get("text"))
        if typed:
            self._into.prompt(PromptSeen(f"{self._task}:{at_ms}", self._task, at_ms, typed, 0, length))

    def _request(self, row: dict[str, Any], at_ms: int) -> None:
        """A request; its row is there before its tokens are."""
        told = record(decoded(row.get("text"), self._into.odd))
        self._request_key = f"{self._task}:{at_ms}"
        reason = told.get("cancelReason")
        if reason == "user_cancelled":
            self._error(at_ms, ErrorKind.ABORTED, ("interrupted", ""))
        elif reason:
            self._error(at_ms, ErrorKind.API_ERROR, (reason, told.get("streamingFailedMessage")))
        fresh, output = count(told.get("tokensIn")), count(told.get("tokensOut"))
        read, written = count(told.get("cacheReads")), count(told.get("cacheWrites"))
        if not (fresh or output or read or written):
            return
        if told.get("apiProtocol") == "openai":
            # This protocol counts the cached tokens among those sent.
            fresh = max(0, fresh - read - written)
        self._into.request(
            RequestSeen(
                key=self._request_key,
                session_id=self._task,
                at_ms=at_ms,
                model=self._model_at(row, at_ms),
                input=fresh,
                cache_read=read,
                cache_write_5m=written,
                cache_write_1h=0,
                output=output,
                reasoning=0,
                logged_cost_usd=amount(told.get("cost")),
            )
        )

    def _model_at(self, row: dict[str, Any], at_ms: int) -> str:
        own = text(record(row.get("modelInfo")).get("modelId"))
        before = [model for since, model in self._models if since <= at_ms]
        first = self._models[0][1] if self._models else None
        found = own or (before[-1] if before else first) or self._model
        return model_name(found) if found else "unknown"

    def _tool(self, row: dict[str, Any], at_ms: int, *, is_last: bool) -> None:
        told = record(decoded(row.get("text"), self._into.odd))
        name = text(told.get("tool"))
        if name is None:
            return
        at = self._at(at_ms)
        is_edit = name in _EDITS
        names = ToolNames(_EDITS, frozenset())
        tell_call(self._into, at, name, told, names)
        files = self._changes(told, name) if is_edit else []
        status = self._status(files, told, is_last=is_last)
        if status is not None:
            tell_result(self._into, at, status)
        if is_edit:
            self._last_edit = (files, at, status)
            self._tell(files, at)

    def _tell(self, files: list[FileChange], at: CallAt, *, is_human_modified: bool = False) -> None:
        if self._into.with_edits:
            rank = _ALTERED if is_human_modified else CARRIED_OUT
            for seen in edits_of(at, files, rank, is_human_modified=is_human_modified):
                self._into.edit(seen)

    def _changes(self, told: dict[str, Any], name: str) -> list[FileChange]:
        found: list[FileChange] = []
        for part in records(told.get("batchDiffs")) or [told]:
            path = text(part.get("path"))
            if path is None or name in ("fileDeleted", "deleteFile"):
                continue
            texts = [text(piece.get("content")) for piece in records(part.get("diffs"))]
            diff = "\n".join(piece for piece in texts if piece) or first_text(part, "diff", "content")
            if diff:
                read = created if name == "newFileCreated" else changes_of
                found += read(resolve(path, self._cwd), diff, self._cwd)
        return found

    def _status(self, files: list[FileChange], told: dict[str, Any], *, is_last: bool) -> CallStatus | None:
        """How a call ended: as the conversation tells it, else well once the task went on."""
        path = text(told.get("path")) or ""
        known = self._verdicts.get(path)
        if known and files:
            return known.popleft()
        return None if is_last else CallStatus.OK

    def _after_edit(self, status: CallStatus | None) -> None:
        """The row after an edit that says it failed, or that the person altered it (no status)."""
        if self._last_edit is None:
            return
        files, at, known = self._last_edit
        if status is None:
            self._tell(files, at, is_human_modified=True)
        tell_result(self._into, at, status or known or CallStatus.OK)
