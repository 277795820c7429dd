"""Facts in the shape the writer takes: plain tuples, keys hashed, lines as key arrays.

Tuples cross process borders several times faster than objects; this module says what each
position means and is the only place that does.
"""

from __future__ import annotations

import msgspec

FLAG_SIDECHAIN = 1
FLAG_ASSUMED_MODEL = 2
FLAG_UNDERCOUNTED = 4
FLAG_OWNED = 8

CALL_EDIT = 1
CALL_SHELL = 2

SessionRow = tuple[
    str, int, int, str | None, str | None, str | None, str | None, str | None, str | None, str | None
]
"""session_id, first_ms, last_ms, cwd, branch, version, title, parent, git_commit, git_remote"""

PromptRow = tuple[int, str, int, str | None, int, int]
"""key, session_id, at_ms, text, offset, length"""

RequestRow = tuple[int, str, str | None, int, str, int, int, int, int, int, int, int]
"""key, session_id, agent, at_ms, model, input, cache_read, cache_write_5m, cache_write_1h, output, reasoning, flags"""

RequestNote = tuple[int, str | None, int | None, int | None]
"""request key, tier, estimated_output, logged_cost_nano"""

CallRow = tuple[int, int, str, str | None, int, str, int, int, str | None, str | None, int]
"""key, request_key, session_id, agent, at_ms, tool name, input_digest, flags, kind, path, subject"""

ResultRow = tuple[int, str, int, str, str | None, int, int, int | None]
"""key, session_id, at_ms, status, spawned agent, output_digest, output_bytes, exit_code"""

EditRow = tuple[
    int,
    int,
    int,
    str,
    str | None,
    int,
    str,
    str | None,
    str | None,
    str,
    int,
    str | None,
    int,
    str | None,
    bytes,
    bytes,
    bytes | None,
]
"""key, call_key, request_key, session_id, agent, at_ms, path, cwd, branch, kind, rank, status,
is_human_modified, moved_from, added keys, removed keys, zstd text of the added lines"""

ErrorRow = tuple[int, str, int, str, str, str]
"""key, session_id, at_ms, kind, code, message"""

AgentRow = tuple[str, str, int, int | None]
"""agent, session_id, first_ms, call key"""

CompactionRow = tuple[int, str, int, int, int]
"""key, session_id, at_ms, before_tokens, after_tokens"""

UseRow = tuple[int, str, int, str, str]
"""key, session_id, at_ms, how, name"""

CostRow = tuple[str, str, int, int, int, int, int, int, int]
"""session_id, model, at_ms, input, cache_read, cache_write_5m, cache_write_1h, output, cost_nano"""

ServedRow = tuple[int, str, int, str, int, int, int, float, float, int]
"""request key, session_id, at_ms, model, input, cache_read, output, prompt_ms, output_ms, flags"""

UncountedRow = tuple[int, str, int, int]
"""request key, session_id, at_ms, characters"""


QuarantineRow = tuple[int, int, str]
"""offset, length, error"""


class KeyedFacts(msgspec.Struct, gc=False):
    """What one chunk of one file says, ready to write."""

    sessions: list[SessionRow] = msgspec.field(default_factory=list)
    prompts: list[PromptRow] = msgspec.field(default_factory=list)
    requests: list[RequestRow] = msgspec.field(default_factory=list)
    owners: dict[int, str] = msgspec.field(default_factory=dict)
    notes: list[RequestNote] = msgspec.field(default_factory=list)
    calls: list[CallRow] = msgspec.field(default_factory=list)
    results: list[ResultRow] = msgspec.field(default_factory=list)
    edits: list[EditRow] = msgspec.field(default_factory=list)
    errors: list[ErrorRow] = msgspec.field(default_factory=list)
    agents: list[AgentRow] = msgspec.field(default_factory=list)
    compactions: list[CompactionRow] = msgspec.field(default_factory=list)
    uses: list[UseRow] = msgspec.field(default_factory=list)
    costs: list[CostRow] = msgspec.field(default_factory=list)
    served: list[ServedRow] = msgspec.field(default_factory=list)
    uncounted: list[UncountedRow] = msgspec.field(default_factory=list)
    superseded: list[int] = msgspec.field(default_factory=list)
    quarantined: list[QuarantineRow] = msgspec.field(default_factory=list)
    unseen: dict[str, int] = msgspec.field(default_factory=dict)
    fields: dict[str, int] = msgspec.field(default_factory=dict)
    """Records with a field of an unknown name, by its path."""

    @property
    def is_mute(self) -> bool:
        """Whether requests are missing where some should be: what calls them or all else is not understood."""
        is_strange = bool(self.unseen or self.fields or self.quarantined)
        if self.requests or self.prompts or self.results or self.edits:
            return False
        return is_strange if self.calls else is_strange or not self.sessions


class FileCursor(msgspec.Struct, gc=False):
    """How far a log file has been read, and how to tell that it is still the same file.

    ``head`` and ``tail`` are fingerprints of the first bytes and of those before ``offset``.
    """

    path: str
    dev: int
    inode: int
    size: int
    mtime_ns: int
    offset: int = 0
    head: bytes = b""
    tail: bytes = b""
    state: bytes = b""
    usage_only: bool = False
    file_id: int = 0
    problem: str | None = None


def signed(number: int) -> int:
    """A 64-bit number as SQLite stores integers."""
    number &= 0xFFFFFFFFFFFFFFFF
    return number - (1 << 64) if number >> 63 else number
