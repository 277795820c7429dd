"""How Claude Code's tools are called and what they answer."""

from __future__ import annotations

from typing import Any

from tokencoach.demo.actions import Action, Command, FileChange, Reading, Reply, Speech
from tokencoach.demo.patches import structured_patch
from tokencoach.usage.words import CallStatus

REFUSAL = (
    "The user doesn't want to proceed with this tool use. The tool use was rejected "
    "(eg. if it was a file edit, the new_string was NOT written to the file)."
)


def tool_use(action: Action) -> tuple[str, dict[str, Any]]:
    """Name and input of the tool call that does the action."""
    match action:
        case FileChange(steps=()):
            return "Write", {"file_path": str(action.path), "content": action.after}
        case FileChange(steps=((old, new),)):
            strings = {"old_string": old, "new_string": new, "replace_all": action.replaces_all}
            return "Edit", {"file_path": str(action.path), **strings}
        case FileChange():
            return "MultiEdit", {"file_path": str(action.path), "edits": _steps(action)}
        case Command():
            return "Bash", {"command": action.command, "description": action.command[:30]}
        case Reading():
            return "Read", {"file_path": str(action.path)}
        case Speech():
            raise ValueError("words are no tool call")


def tool_result(reply: Reply) -> tuple[str, Any, dict[str, Any]]:
    """What the tool answered: the text the model sees, the result object, further record fields."""
    # A failed call has a string where a finished one has an object.
    if reply.status is CallStatus.REJECTED:
        decision = {"decision": "reject", "source": "user", "reasonType": "user"}
        extra = {"toolDenialKind": "user-rejected", "permissionDecision": decision}
        return REFUSAL, "User rejected tool use", extra
    if reply.status is CallStatus.FAILED:
        said = reply.complaint or _failed_command(reply.action)
        return said, f"Error: {said}", {}
    return *_success(reply.action), {}


def _failed_command(action: Action) -> str:
    return f"Exit code {action.exit_code}\n{action.output}" if isinstance(action, Command) else "failed"


def _success(action: Action) -> tuple[str, Any]:
    match action:
        case FileChange():
            return f"The file {action.path} has been updated", _change_result(action)
        case Command(output=output):
            streams = {"stdout": output, "stderr": "", "interrupted": False, "isImage": False}
            return output, streams
        case Reading(path=path, text=text):
            count = len(text.splitlines())
            file = {
                "filePath": str(path),
                "content": text,
                "numLines": count,
                "startLine": 1,
                "totalLines": count,
            }
            return text, {"type": "text", "file": file}
        case Speech():
            raise ValueError("words have no result")


def _change_result(change: FileChange) -> dict[str, Any]:
    path, before = str(change.path), change.before
    named: dict[str, Any]
    # A new file has no patch at all: its lines are only in the content.
    patch = [] if before is None else structured_patch(before, change.after)
    match change.steps:
        case ():
            kind = "create" if before is None else "update"
            named = {"type": kind, "filePath": path, "content": change.after}
            return {**named, "structuredPatch": patch, "originalFile": before}
        case ((old, new),):
            named = {"filePath": path, "oldString": old, "newString": new, "originalFile": before}
            tail = {"userModified": False, "replaceAll": change.replaces_all}
            return {**named, "structuredPatch": patch, **tail}
        case _:
            # The image has another name for this tool; a reader that asks for originalFile finds none.
            named = {"filePath": path, "edits": _steps(change), "originalFileContents": before}
            return {**named, "structuredPatch": patch, "userModified": False}


def _steps(change: FileChange) -> list[dict[str, Any]]:
    return [
        {"old_string": old, "new_string": new, "replace_all": change.replaces_all}
        for old, new in change.steps
    ]
