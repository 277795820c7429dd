"""Which records of Claude Code hold nothing for us, told by their beginnings alone."""

from __future__ import annotations

from typing import Final

# The envelope and the beginning of a tool's result fit into this many bytes in every generation.
HEAD: Final = 600
#: Beginnings of records that hold nothing for us and may be large.
_PASSED_OVER: Final = (
    b'{"type":"file-history-',
    b'{"type":"api-request',
    b'{"type":"queue-operation"',
    b'{"type":"last-prompt"',
    b'{"type":"mode"',
)
#: Kinds of records, with how they go on, that hold nothing for us.
_NOTHING_WITHIN: Final = tuple(
    b'progress","data":{"type":"' + kind for kind in (b"bash_progress", b"hook_progress", b"mcp_progress")
)
_ATTACHED: Final = b'attachment","attachment":{"type":"'
_USER: Final = b'user"'
#: How what a tool answered mostly begins; elsewhere its keys stand in another order.
_ANSWER: Final = _USER + b',"message":{"role":"user","content":[{"tool_use_id":"'


def holds_nothing(chunk: bytes, start: int, _end: int, kind: int) -> bool:
    """Whether the record's beginning shows that nothing of it is read; ``kind`` is where its type stands."""
    if chunk.startswith(_USER, kind):
        return False
    if chunk.startswith(_NOTHING_WITHIN, kind):
        return True
    if chunk.startswith(_ATTACHED, kind):
        return not chunk.startswith(b"queued_command", kind + len(_ATTACHED))
    return chunk.startswith(_PASSED_OVER, start)


def holds_no_usage(chunk: bytes, start: int, end: int, kind: int) -> bool:
    """Likewise where only usage is asked for: a tool's result holds none."""
    until = min(end, start + HEAD)
    if not chunk.startswith(_ANSWER, kind):
        if holds_nothing(chunk, start, end, kind):
            return True
        if chunk.find(b'"tool_use_id":"', start, until) < 0 or chunk.find(b'"role":"user"', start, until) < 0:
            return False
    # Of an inline sub-agent every record is needed, its chain runs through results too.
    return chunk.find(b'"isSidechain":false', start, until) >= 0
