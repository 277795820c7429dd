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
#: How what a tool answered begins: with its type, or the call's id before it.
_SAID: Final = b'"message":{"role":"user","content":[{'
_RESULT: Final = b'"type":"tool_result"'
_KEY: Final = b'"tool_use_id":"'
_OF_RESULT: Final = b'","type":"tool_result"'
_LONGEST_KEY: Final = 100


def holds_nothing(chunk: bytes, start: int, _end: int, kind: int) -> bool:
    """Whether the record's beginning shows that nothing of it is read; ``kind`` is where its first type stands."""
    if chunk.startswith(_USER, kind):
        return False
    if chunk.startswith(_NOTHING_WITHIN, kind):
        return _is_own(chunk, start, kind)
    if chunk.startswith(_ATTACHED, kind):
        return not chunk.startswith(b"queued_command", kind + len(_ATTACHED)) and _is_own(chunk, start, kind)
    return chunk.startswith(_PASSED_OVER, start)


def holds_no_usage(chunk: bytes, start: int, end: int, kind: int) -> bool:
    """Likewise where only usage is asked for: a tool's result holds none."""
    if not chunk.startswith(_USER, kind):
        return holds_nothing(chunk, start, end, kind)
    said = chunk.find(_SAID, kind, min(end, start + HEAD))
    if said < 0 or not _is_own(chunk, start, said):
        return False
    block = said + len(_SAID)
    if not chunk.startswith(_RESULT, block):
        keyed = chunk.startswith(_KEY, block)
        if not keyed or chunk.find(_OF_RESULT, block, min(end, block + _LONGEST_KEY)) < 0:
            return False
    # Of an inline sub-agent every record is needed, its chain runs through results too.
    return chunk.find(b'"isSidechain":false', start, said) >= 0


def _is_own(chunk: bytes, start: int, field: int) -> bool:
    """Whether a field is the record's own: no other object begins before it."""
    return chunk.find(b"{", start + 1, field) < 0
