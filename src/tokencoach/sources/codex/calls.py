"""The tool calls, results and edits of one chunk of a rollout, each call told once."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec

from tokencoach.sources.codex.outputs import outcome_of_output, status_by_word
from tokencoach.sources.codex.patches import (
    PatchedFile,
    folder_of_command,
    joined_by_path,
    parse_patch,
    patches_in,
    reported,
)
from tokencoach.sources.codex.records import ANYTHING, FileChange, Item, Payload
from tokencoach.sources.decoding import digest64
from tokencoach.sources.logged_paths import resolve
from tokencoach.sources.shell.call_arguments import command_line
from tokencoach.sources.shell.edits import shell_edits
from tokencoach.sources.shell.kinds import ran
from tokencoach.sources.shell.writes import may_write
from tokencoach.sources.tool_kinds import kind_of_tool, path_told
from tokencoach.usage.facts import EditSeen, Facts, ToolCallSeen, ToolResultSeen
from tokencoach.usage.words import ToolKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tokencoach.sources.codex.state import State
    from tokencoach.usage.words import CallStatus

    Outcome = tuple[CallStatus, int | None]

_SHELL_TOOLS: Final = frozenset(
    {"shell", "shell_command", "exec_command", "container.exec", "local_shell", "unified_exec", "exec"}
)
_PROPOSED, _CARRIED_OUT = 1, 2
_MOST_OPEN: Final = 64
_MOST_PATCHES: Final = 8
_MOST_RECENT: Final = 24
_MOST_DIGESTED: Final = 64 * 1024
_FRAME: Final = 120
_OF_THIS_TIME: Final = re.compile(rb'Chunk ID: \w+|Wall time: [0-9.]+|duration_seconds\\?": ?[0-9.]+')


class What(NamedTuple):
    """What a call does; ``path`` is the one file that it reads."""

    kind: ToolKind | None
    path: str | None
    is_edit: bool
    is_shell: bool
    subject: int = 0


class Moment(NamedTuple):
    """When a record was written, and its length in bytes."""

    at_ms: int
    length: int


class CallBook:
    """Gathers calls and what became of them; what stays open is carried in ``state``."""

    def __init__(self, state: State, odd: Counter[str]) -> None:
        self._state = state
        self._odd = odd
        self._calls: dict[str, ToolCallSeen] = {}
        self._results: dict[str, ToolResultSeen] = {}
        self._edits: dict[str, EditSeen] = {}

    def collect_into(self, facts: Facts) -> None:
        """Move what was gathered into the facts."""
        facts.calls = [*self._calls.values()]
        facts.results = list(self._results.values())
        facts.edits = [self._with_status(edit) for edit in self._edits.values()]

    def belong_to(self, request_key: str) -> None:
        """A response is complete: the calls since the last one are its calls, unless its own follow."""
        self._state.last_request = request_key
        self._state.counted_since_prompt = True
        for call in self._state.open_calls.values():
            known = self._calls.get(call.key)
            first = min(call.at_ms, known.at_ms) if known else call.at_ms
            self._calls[call.key] = msgspec.structs.replace(call, request_key=request_key, at_ms=first)
        self._state.open_calls = {}

    def add_call(self, payload: Payload, at_ms: int) -> None:
        """A call as the model made it."""
        name = payload.name or ("local_shell" if payload.type == "local_shell_call" else None)
        key = payload.call_id or payload.id
        if not name or not key:
            return
        raw = next((part for part in (payload.arguments, payload.input, payload.action) if _size(part)), None)
        arguments = self._decoded(raw) if raw is not None else None
        files = self._patched(arguments, name)
        digest = digest64(memoryview(raw)) if raw is not None else 0
        is_edit = bool(files) or name == "apply_patch"
        self._open(key, name, digest, at_ms, what=self._kind(name, arguments, is_edit=is_edit))
        if files:
            self._propose(key, files, at_ms)
        elif raw is not None and name in _SHELL_TOOLS and may_write(bytes(raw)):
            self._run(arguments, self._calls[key])

    def add_output(self, payload: Payload, moment: Moment) -> None:
        """What a call put out."""
        if payload.call_id:
            outcome = outcome_of_output(payload.output, self._odd)
            self._finish(payload.call_id, outcome, _digest(payload.output), moment)

    def add_patch_end(self, payload: Payload, moment: Moment) -> None:
        """A patch was applied, or was not (older rollouts)."""
        if payload.call_id:
            status = status_by_word(_word(payload), None, success=payload.success)
            self._report(payload.call_id, payload.changes or {}, status, moment)

    def add_command_end(self, payload: Payload, moment: Moment) -> None:
        """A command has ended (older rollouts)."""
        if payload.call_id:
            outcome = status_by_word(_word(payload), payload.exit_code), payload.exit_code
            self._command(payload.call_id, payload.command, outcome, payload.aggregated_output, moment)

    def add_item(self, item: Item, moment: Moment) -> None:
        """A finished item (newer rollouts)."""
        if item.type == "FileChange" and item.id:
            status = status_by_word(item.status, None)
            changes = item.changes or {}
            self._report(self._call_of(item.id, changes), changes, status, moment)
        elif item.type == "CommandExecution" and item.id:
            outcome = status_by_word(item.status, item.exit_code), item.exit_code
            self._command(item.id, item.command, outcome, item.aggregated_output, moment)

    def _decoded(self, raw: msgspec.Raw) -> Any:
        value = ANYTHING.decode_or(raw, None, self._odd, "payload.arguments")
        if isinstance(value, str) and value.startswith(("{", "[")):
            return ANYTHING.decode_or(value.encode(), value, Counter(), "payload.arguments")
        return value

    def _kind(self, name: str, arguments: Any, *, is_edit: bool) -> What:
        """What a call does, and the one file that it reads; of a shell without a command nobody knows."""
        kind = ToolKind.EDIT if is_edit else kind_of_tool(name)
        is_shell = name in _SHELL_TOOLS
        if is_edit or not (is_shell or kind is ToolKind.EXECUTE):
            path = (
                path_told(arguments, self._state.cwd)
                if kind is ToolKind.READ and isinstance(arguments, dict)
                else None
            )
            return What(kind, path, is_edit=is_edit, is_shell=is_shell)
        command = command_line(arguments)
        # A program that calls tools is no script of a shell: what it ran is told elsewhere, or nowhere.
        if not command or (name == "exec" and "tools." in command):
            return What(None, None, is_edit=False, is_shell=is_shell)
        kind, path, subject = ran(command, self._folder(arguments))
        return What(kind, path, is_edit=False, is_shell=is_shell, subject=subject)

    def _patched(self, arguments: Any, name: str) -> list[PatchedFile]:
        texts = list(_texts(arguments))
        folder = self._folder(arguments)
        is_patch_call = name == "apply_patch" or "apply_patch" in texts or "applypatch" in texts
        files: list[PatchedFile] = []
        for text in texts:
            if is_patch_call or "apply_patch" in text or "applypatch" in text:
                for body in patches_in(text):
                    files += parse_patch(body, folder_of_command(text, folder))
        return joined_by_path(files)

    def _run(self, arguments: Any, call: ToolCallSeen) -> None:
        """A shell command that may write files."""
        state = self._state
        for edit in shell_edits(
            command_line(arguments), self._folder(arguments), call, state.cwd, state.branch
        ):
            self._keep(edit)

    def _folder(self, arguments: Any) -> str | None:
        told = arguments.get("workdir") if isinstance(arguments, dict) else None
        return resolve(told, self._state.cwd) if isinstance(told, str) and told else self._state.cwd

    def _open(self, key: str, name: str, digest: int, at_ms: int, *, what: What) -> None:
        state = self._state
        known = self._calls.get(key)
        if not state.called_since_prompt:
            state.called_since_prompt = True
            state.counts_first = state.counted_since_prompt
        call = ToolCallSeen(
            key=key,
            # Most versions complete a response only after its calls; its key follows then.
            request_key=state.last_request if state.counts_first else "",
            session_id=state.session_id,
            at_ms=min(at_ms, known.at_ms) if known else at_ms,
            name=name,
            input_digest=digest,
            agent=state.thread_id if state.is_agent else None,
            is_edit=what.is_edit,
            is_shell=what.is_shell,
            kind=what.kind,
            path=what.path,
            subject=what.subject,
        )
        self._calls[key] = call
        if not call.request_key:
            if len(state.open_calls) >= _MOST_OPEN:
                del state.open_calls[next(iter(state.open_calls))]
            state.open_calls[key] = call
        state.recent_calls = [*state.recent_calls[1 - _MOST_RECENT :], key]

    def _propose(self, key: str, files: list[PatchedFile], at_ms: int) -> None:
        open_patches = self._state.open_patches
        if len(open_patches) >= _MOST_PATCHES:
            del open_patches[next(iter(open_patches))]
        open_patches[key] = sorted(file.source_path for file in files)
        for file in files:
            self._keep(self._edit(key, file, len(files), at_ms))

    def _call_of(self, item_id: str, changes: dict[str, FileChange]) -> str:
        """The call behind a report: of the same id, else the first open one for the same files."""
        # Newer rollouts number their items apart from the calls.
        paths = sorted(changes)
        if item_id not in self._state.recent_calls:
            for key, open_paths in self._state.open_patches.items():
                if open_paths == paths:
                    return key
        return item_id

    def _report(self, key: str, changes: dict[str, FileChange], status: CallStatus, moment: Moment) -> None:
        files = reported(changes, self._state.cwd)
        if key not in self._state.recent_calls and files:
            digest = digest64("\n".join(sorted(changes)).encode())
            what = self._kind("apply_patch", None, is_edit=True)
            self._open(key, "apply_patch", digest, moment.at_ms, what=what)
        for file in files:
            self._keep(self._edit(key, file, len(files), moment.at_ms, status))
        self._state.open_patches.pop(key, None)
        self._finish(key, (status, None), 0, moment)

    def _command(
        self, key: str, command: msgspec.Raw, outcome: Outcome, output: msgspec.Raw, moment: Moment
    ) -> None:
        if key not in self._state.recent_calls:
            asked = ANYTHING.decode_or(command, None, self._odd, "payload.command")
            what = self._kind("shell", asked, is_edit=False)
            self._open(key, "shell", digest64(memoryview(command)), moment.at_ms, what=what)
        self._finish(key, outcome, _digest(output), moment)

    def _finish(self, key: str, outcome: Outcome, digest: int, moment: Moment) -> None:
        status, exit_code = outcome
        known = self._results.get(key)
        if exit_code is None and known is not None:
            exit_code = known.exit_code
        self._results[key] = ToolResultSeen(
            key=key,
            session_id=self._state.session_id,
            at_ms=moment.at_ms,
            status=status,
            output_digest=digest,
            output_bytes=moment.length,
            exit_code=exit_code,
        )

    def _edit(
        self, key: str, file: PatchedFile, count: int, at_ms: int, status: CallStatus | None = None
    ) -> EditSeen:
        """The fact of one file's change; with a status it is a report of what was done."""
        state = self._state
        return EditSeen(
            # Proposal and report must make the same key, so it names the place before a move.
            key=key if count == 1 else f"{key}#{file.source_path}",
            call_key=key,
            session_id=state.session_id,
            at_ms=at_ms,
            path=file.path,
            kind=file.kind,
            added=file.change.added,
            removed=file.change.removed,
            rank=_PROPOSED if status is None else _CARRIED_OUT,
            agent=state.thread_id if state.is_agent else None,
            cwd=state.cwd,
            branch=state.branch,
            status=status,
            moved_from=file.moved_from,
        )

    def _keep(self, edit: EditSeen) -> None:
        old = self._edits.get(edit.key)
        if old is None:
            self._edits[edit.key] = edit
        elif old.rank <= edit.rank:
            first = min(old.at_ms, edit.at_ms)
            self._edits[edit.key] = msgspec.structs.replace(edit, at_ms=first, cwd=old.cwd, branch=old.branch)

    def _with_status(self, edit: EditSeen) -> EditSeen:
        result = self._results.get(edit.call_key)
        if result is None or edit.status is not None or edit.kind.is_shell:
            return edit
        return msgspec.structs.replace(edit, status=result.status)


def _digest(output: msgspec.Raw) -> int:
    """Hash of what a call told, without the name and the time that every answer has of its own."""
    if not 0 < _size(output) <= _MOST_DIGESTED:
        return 0
    told = bytes(output)
    # They stand at either end; what is between may be long.
    frame = min(_FRAME, len(told))
    parts = told[:frame], told[frame : max(len(told) - _FRAME, frame)], told[max(len(told) - _FRAME, frame) :]
    return digest64(b"".join((_OF_THIS_TIME.sub(b"", parts[0]), parts[1], _OF_THIS_TIME.sub(b"", parts[2]))))


def _size(raw: msgspec.Raw) -> int:
    return len(raw)


def _texts(value: Any) -> Iterator[str]:
    """Every text in a call's arguments, however they are nested."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _texts(part)


def _word(payload: Payload) -> str | None:
    return payload.status if isinstance(payload.status, str) else None
