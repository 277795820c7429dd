"""Edits out of the arguments and results of file tools, as most assistants name them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec

from tokencoach.sources.codex.patches import parse_patch, patches_in
from tokencoach.sources.decoding import digest64
from tokencoach.sources.diffs import LineChange, text_change, unified_change
from tokencoach.sources.fields import first_text, records, text
from tokencoach.sources.logged_paths import resolve
from tokencoach.sources.shell.call_arguments import command_line
from tokencoach.sources.shell.edits import shell_edits
from tokencoach.sources.shell.kinds import ran
from tokencoach.sources.shell.writes import may_write
from tokencoach.sources.tool_kinds import PATHS, kind_of_tool, path_told
from tokencoach.usage.facts import EditSeen, ToolCallSeen, ToolResultSeen
from tokencoach.usage.words import EditKind, ToolKind

if TYPE_CHECKING:
    from tokencoach.sources.gathering import Gathering
    from tokencoach.usage.words import CallStatus

PROPOSED, CARRIED_OUT = 1, 2
_NULL: Final = b"null"
_canonical: Final = msgspec.json.Encoder(order="deterministic").encode
_MOST_DIGESTED: Final = 64 * 1024
_MOST_CODE: Final = 1 << 32

_FOLDERS: Final = ("workdir", "cwd", "directory", "dir_path", "working_dir", "working_directory")
_ANY_FOLDER: Final = frozenset(_FOLDERS)
_OLD: Final = ("old_string", "oldString", "old_str", "oldText", "old_text", "oldStr", "search", "old")
_NEW: Final = (
    "new_string",
    "newString",
    "new_str",
    "newText",
    "new_text",
    "newStr",
    "replace",
    "new_source",
    "new",
    "repl",
    "body",
)
_SEVERAL: Final = ("edits", "replacements", "edit")
_ANY_OF_SEVERAL: Final = frozenset(_SEVERAL)
_WHOLE: Final = ("content", "file_text", "fileText", "contents", "code_edit", "text", "file_content")
# Where a tool names a place in a file by other means than its text, only what comes is told.
_PLACES: Final = ("insert_line", "name_path", "regex", "needle")
_TRIALS: Final = ("dryRun", "dry_run")
# What a tool that takes sketches of a file writes for the parts that stay.
_SKIPPED: Final = re.compile(
    r"^[^\w\n]*\.{3} ?(?:existing|rest of|unchanged|remaining)\b[^\n]*(?:\n|$)", re.MULTILINE | re.IGNORECASE
)
_PATCHES: Final = ("patch", "patchText", "input", "diff", "patch_text")
_ANY_PATCH: Final = frozenset(_PATCHES)


class FileChange(NamedTuple):
    """What a call does to one file."""

    path: str
    kind: EditKind
    change: LineChange
    moved_from: str | None = None


class ToolNames(NamedTuple):
    """How an assistant names its tools that change files, and those that run commands."""

    edits: frozenset[str]
    shells: frozenset[str]


class CallAt(msgspec.Struct, frozen=True, gc=False):
    """Where an edit belongs: its call, session, instant and folder."""

    key: str
    session_id: str
    at_ms: int
    request_key: str | None = None
    agent: str | None = None
    cwd: str | None = None
    branch: str | None = None

    def but(self, **changed: Any) -> CallAt:
        """This place with some fields replaced."""
        return msgspec.structs.replace(self, **changed)

    def keyed(self, key: str) -> CallAt:
        """The same place under another key; of a record's many calls each has one of its own."""
        return CallAt(key, self.session_id, self.at_ms, self.request_key, self.agent, self.cwd, self.branch)

    def called(self, key: str) -> CallAt:
        """A call that the request of this key made."""
        return CallAt(key, self.session_id, self.at_ms, self.key, self.agent, self.cwd, self.branch)

    def asked(self, key: str, request_key: str | None) -> CallAt:
        """A call that the request of another key made, or one that is not known."""
        return CallAt(key, self.session_id, self.at_ms, request_key, self.agent, self.cwd, self.branch)

    def ended(self, at_ms: int) -> CallAt:
        """This call at the instant of its end."""
        return CallAt(self.key, self.session_id, at_ms, self.request_key, self.agent, self.cwd, self.branch)


def proposed(arguments: dict[str, Any], cwd: str | None) -> list[FileChange]:
    """The files that a call of an edit tool would change, by its arguments alone."""
    patch = None if _ANY_PATCH.isdisjoint(arguments) else _first(arguments, _PATCHES, "*** Begin Patch")
    if patch is not None:
        files = [file for body in patches_in(patch) for file in parse_patch(body, cwd)]
        return [FileChange(file.path, file.kind, file.change, file.moved_from) for file in files]
    if "repo" in arguments and "owner" in arguments:
        return _pushed(arguments, cwd)
    path = first_text(arguments, *PATHS)
    if path is None or any(arguments.get(name) is True for name in _TRIALS):
        return []
    change = _of_strings(arguments)
    if change is not None:
        return [FileChange(resolve(path, cwd), EditKind.STRINGS, change)]
    return _of_text(arguments, resolve(path, cwd))


def _of_text(arguments: dict[str, Any], path: str) -> list[FileChange]:
    """A file changed by a diff, or written by its text: the whole of it, or a sketch that leaves parts out."""
    diff = first_text(arguments, "diff", "patch")
    if diff is not None and (diff.startswith("@@ ") or "\n@@ " in diff):
        return [FileChange(path, EditKind.PATCH, unified_change(diff))]
    whole = _first(arguments, _WHOLE)
    if whole is None:
        return []
    is_sketch = "code_edit" in arguments
    content = LineChange((_SKIPPED.sub("", whole) if is_sketch else whole).removesuffix("\n"), "")
    # Of a file that is written on, or of which parts are left out, the text is no whole one.
    kind = EditKind.STRINGS if is_sketch or arguments.get("mode") == "append" else EditKind.WRITE
    return [FileChange(path, kind, content)]


def _pushed(arguments: dict[str, Any], cwd: str | None) -> list[FileChange]:
    """Files that a tool commits on a forge, if that is to the repository after which the folder is named."""
    name = (cwd or "").replace("\\", "/").rstrip("/").rpartition("/")[2]
    if not name or arguments["repo"] != name:
        return []
    found = []
    for file in [arguments, *records(arguments.get("files"))]:
        path, content = text(file.get("path")), text(file.get("content"))
        if path and content:
            change = LineChange(content.removesuffix("\n"), "")
            found.append(FileChange(resolve(path, cwd), EditKind.WRITE, change))
    return found


def _of_strings(arguments: dict[str, Any]) -> LineChange | None:
    """The difference between old and new strings, of one replacement or of several."""
    parts = [arguments]
    for name in () if _ANY_OF_SEVERAL.isdisjoint(arguments) else _SEVERAL:
        told = arguments.get(name)
        parts += [told] if isinstance(told, dict) else records(told)
    changes = []
    for part in parts:
        new, old = _first(part, _NEW), _first(part, _OLD)
        if new is not None and (old is not None or not part.keys().isdisjoint(_PLACES)):
            changes.append(text_change(old or "", new))
    if len(changes) < 2:
        return changes[0] if changes else None
    return LineChange(*("\n".join(filter(None, side)) for side in zip(*changes, strict=True)))


def diffed(path: str, diff: str, moved_from: str | None = None) -> FileChange:
    """A file's change by a unified diff."""
    return FileChange(path, EditKind.PATCH, unified_change(diff), moved_from)


def imaged(path: str, before: str, after: str) -> FileChange:
    """A file's change by its content before and after; other ends of lines are no change."""
    before, after = (content.replace("\r\n", "\n") for content in (before, after))
    return FileChange(path, EditKind.PATCH, text_change(before, after))


def edits_of(
    at: CallAt,
    files: list[FileChange],
    rank: int,
    *,
    status: CallStatus | None = None,
    is_human_modified: bool = False,
) -> list[EditSeen]:
    """One fact a file; where a call changes several, their keys hold the paths."""
    return [
        EditSeen(
            key=at.key if len(files) == 1 else f"{at.key}#{file.moved_from or file.path}",
            call_key=at.key,
            session_id=at.session_id,
            at_ms=at.at_ms,
            path=file.path,
            kind=file.kind,
            added=file.change.added,
            removed=file.change.removed,
            rank=rank,
            request_key=at.request_key,
            agent=at.agent,
            cwd=at.cwd,
            branch=at.branch,
            status=status,
            is_human_modified=is_human_modified,
            moved_from=file.moved_from,
        )
        for file in files
    ]


def tell_call(
    into: Gathering, at: CallAt, name: str, arguments: dict[str, Any], names: ToolNames, raw: bytes = b""
) -> None:
    """A call, and the edits that it proposes: of an edit tool, or of a command that writes files.

    ``raw`` is the JSON of the arguments, where the log has it.
    """
    if not into.with_edits:
        return
    if not raw or b"\\u00" in raw:
        # Some programs write redirections as escapes.
        raw = _canonical(arguments)
    told = None if _ANY_FOLDER.isdisjoint(arguments) else first_text(arguments, *_FOLDERS)
    folder = resolve(told, at.cwd) if told else at.cwd
    kind, path, subject = kind_of_call(name, arguments, folder, names)
    is_edit, is_shell = name in names.edits, name in names.shells
    call = ToolCallSeen(
        at.key, at.request_key or "", at.session_id, at.at_ms, name, digest64(raw), at.agent, is_edit, is_shell,
        kind, path, subject,
    )  # fmt: skip
    into.call(call)
    if is_edit:
        for seen in edits_of(at, proposed(arguments, at.cwd), PROPOSED):
            into.edit(seen)
    elif is_shell and may_write(raw):
        for seen in shell_edits(command_line(arguments), folder, call, at.cwd, at.branch):
            into.edit(seen)


def kind_of_call(
    name: str, arguments: dict[str, Any], folder: str | None, names: ToolNames
) -> tuple[ToolKind | None, str | None, int]:
    """What a call does, and the one file that it reads; of a shell without a command nobody knows."""
    if name in names.edits and arguments.get("command") != "view":
        return ToolKind.EDIT, None, 0
    kind = ToolKind.READ if name in names.edits else kind_of_tool(name)
    if name in names.shells or kind is ToolKind.EXECUTE:
        command = command_line(arguments)
        return ran(command, folder) if command else (None, None, 0)
    return kind, path_told(arguments, folder) if kind is ToolKind.READ else None, 0


def tell_result(
    into: Gathering,
    at: CallAt,
    status: CallStatus,
    output: object = None,
    spawned: str | None = None,
    *,
    exit_code: object = None,
) -> None:
    """How a call ended. ``output`` is what the tool answered, in whatever shape, or its JSON."""
    if not into.with_edits:
        return
    # A long answer is not copied to be digested.
    raw = output if type(output) is msgspec.Raw else msgspec.json.encode(output)
    if len(raw) == len(_NULL) and bytes(raw) == _NULL:
        raw = b""
    into.result(
        ToolResultSeen(
            key=at.key,
            session_id=at.session_id,
            at_ms=at.at_ms,
            status=status,
            spawned_agent=spawned,
            output_digest=digest64(raw) if 0 < len(raw) <= _MOST_DIGESTED else 0,
            output_bytes=len(raw),
            exit_code=exit_code if type(exit_code) is int and abs(exit_code) < _MOST_CODE else None,
        )
    )


def tell_change(
    into: Gathering, at: CallAt, files: list[FileChange], *, is_human_modified: bool = False
) -> None:
    """What a call did to files, by its result."""
    if into.with_edits:
        for seen in edits_of(at, files, CARRIED_OUT, is_human_modified=is_human_modified):
            into.edit(seen)


def _first(fields: dict[str, Any], names: tuple[str, ...], holding: str = "") -> str | None:
    for name in names:
        if name in fields:
            found = fields[name]
            if isinstance(found, str) and holding in found:
                return found
    return None
