"""Tool calls of Claude Code and what became of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from tokencoach.sources.claude_code.prompts import INTERRUPTION
from tokencoach.sources.claude_code.records import (
    BLOCKS,
    COMMANDS,
    READS,
    SKILLS,
    TEXTS,
    Block,
    CommandInput,
    Line,
    ReadInput,
    SkillInput,
    ToolDetail,
)
from tokencoach.sources.decoding import digest64
from tokencoach.sources.shell.kinds import ran
from tokencoach.sources.tool_kinds import kind_of_tool, placed
from tokencoach.usage.words import CallStatus, ToolKind

if TYPE_CHECKING:
    from collections import Counter

    import msgspec

#: Edit tools under all names they have had, and the name they have now.
EDIT_TOOLS: Final = {
    "Edit": "Edit",
    "MultiEdit": "MultiEdit",
    "Write": "Write",
    "NotebookEdit": "NotebookEdit",
    "Update": "Edit",
    "Replace": "Write",
    "Create": "Write",
    "NotebookEditCell": "NotebookEdit",
}
SKILL_TOOL: Final = "Skill"
SHELL_TOOLS: Final = frozenset({"Bash", "PowerShell"})

_REFUSALS: Final = (
    "The user doesn't want to proceed with this tool use",
    "The user doesn't want to take this action right now",
    "User rejected tool use",
)
# Longer answers are dumps of files; hashing them would cost more than knowing them equal is worth.
_MOST_DIGESTED: Final = 64 * 1024
_SHORT: Final = 400
_INTERRUPTED: Final = INTERRUPTION.encode()
_EXIT_CODE: Final = re.compile(
    rb'(?:"|\[\{"type": ?"text", ?"text": ?")(?:Error: )?Exit code (-?[0-9]{1,10})\b'
)
_HEAD: Final = 80
_SERVED: Final = "mcp__"
# A member of an enumeration takes ten times as long to find as a name of the module.
_OK: Final = CallStatus.OK
_EXECUTE, _READ, _EDIT = ToolKind.EXECUTE, ToolKind.READ, ToolKind.EDIT


def kind_of_call(
    name: str, arguments: msgspec.Raw, cwd: str | None, odd: Counter[str]
) -> tuple[ToolKind | None, str | None, int]:
    """What a call does, and the one file that it reads; of a shell without a command nobody knows."""
    kind = kind_of_tool(name)
    if kind is _EXECUTE:
        command = COMMANDS.decode_or(arguments, CommandInput(), odd, "tool_use.input").command
        return ran(command, cwd) if command else (None, None, 0)
    if kind is _READ:
        asked = READS.decode_or(arguments, ReadInput(), odd, "tool_use.input")
        return kind, placed(asked.file_path or asked.notebook_path or asked.path, cwd), 0
    return kind, None, 0


def edits_by_server(name: str, kind: ToolKind | None) -> bool:
    """Whether a tool of another program, which a server offers, changes files as the own ones do."""
    return kind is _EDIT and name.startswith(_SERVED)


def skill_named(arguments: msgspec.Raw, odd: Counter[str]) -> str:
    """The skill that a call loads; empty where it names none."""
    asked = SKILLS.decode_or(arguments, SkillInput(), odd, "tool_use.input")
    return (asked.skill or asked.command).strip().removeprefix("/")


def exit_code(content: msgspec.Raw) -> int | None:
    """The exit code that a failed command's answer begins with."""
    found = _EXIT_CODE.match(memoryview(content)[:_HEAD]) if len(content) else None
    return int(found[1]) if found else None


def result_text(content: msgspec.Raw, odd: Counter[str]) -> str:
    """The text of a result, whether it is one string or blocks of text."""
    raw = bytes(content)
    if raw.startswith(b'"'):
        return TEXTS.decode_or(content, "", odd, "tool_result.content")
    if not raw.startswith(b"["):
        return ""
    blocks = BLOCKS.decode_or(content, [], odd, "tool_result.content")
    return "\n".join(block.text for block in blocks if block.text)


def output_digest(content: msgspec.Raw) -> int:
    """Hash of what a tool answered; 0 where there is nothing or it is too long."""
    return digest64(content) if 0 < len(content) <= _MOST_DIGESTED else 0


def status_of(line: Line, block: Block, detail: ToolDetail | None, odd: Counter[str]) -> CallStatus:
    """How a call ended, in every generation of the log.

    A refusal by a rule or a mode is ``REJECTED`` as one by the person is: either way the call
    was not carried out. Who refused is in the log only.
    """
    said = line.tool_use_result
    told = said if isinstance(said, str) else ""
    # Newer logs say in a field of their own who refused; older ones only in the text.
    if block.is_error:
        decision = line.permission_decision.decision if line.permission_decision else None
        if line.tool_denial_kind or decision in ("reject", "deny"):
            return CallStatus.REJECTED
        text = result_text(block.content, odd)
        if text.startswith(_REFUSALS) or told.removeprefix("Error: ").startswith(_REFUSALS):
            return CallStatus.REJECTED
        return CallStatus.INTERRUPTED if text.startswith(INTERRUPTION) else CallStatus.FAILED
    if detail is not None and detail.interrupted:
        return CallStatus.INTERRUPTED
    if len(block.content) < _SHORT and _INTERRUPTED in bytes(block.content):
        return CallStatus.INTERRUPTED
    return CallStatus.FAILED if told.startswith("Error: ") else _OK
