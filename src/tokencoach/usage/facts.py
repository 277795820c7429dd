"""Facts that a source reads out of a log: frozen, without any knowledge of the database.

Every fact carries the natural key of its format, so that reading the same record twice,
from two files or in any chunking, changes nothing. Times are UTC milliseconds since 1970.
"""

from __future__ import annotations

from collections import Counter

import msgspec

from tokencoach.usage.words import ArtifactUse, CallStatus, EditKind, ErrorKind, ToolKind


class SessionSeen(msgspec.Struct, frozen=True, gc=False):
    """A session as one chunk of one file shows it; chunks merge to the widest span."""

    session_id: str
    first_ms: int
    last_ms: int
    cwd: str | None = None
    branch: str | None = None
    version: str | None = None
    title: str | None = None
    parent_session_id: str | None = None
    git_commit: str | None = None
    git_remote: str | None = None


class PromptSeen(msgspec.Struct, frozen=True, gc=False):
    """A prompt that a person typed; it begins a turn.

    ``offset`` and ``length`` say where the record lies in its file, in bytes.
    """

    key: str
    session_id: str
    at_ms: int
    text: str
    offset: int
    length: int


class RequestSeen(msgspec.Struct, frozen=True, gc=False):
    """One model call with its usage; ``key`` is the billing key of the format.

    ``owner_session_id`` is set where the record itself names the session that made the call
    (a fork's copy). ``agent`` names the sub-agent that made it. ``estimated_output`` is our own
    estimate where the log under-counts output; it never enters the totals.
    """

    key: str
    session_id: str
    at_ms: int
    model: str
    input: int
    cache_read: int
    cache_write_5m: int
    cache_write_1h: int
    output: int
    reasoning: int
    agent: str | None = None
    owner_session_id: str | None = None
    is_sidechain: bool = False
    is_assumed_model: bool = False
    is_undercounted: bool = False
    estimated_output: int = 0
    tier: str | None = None
    logged_cost_usd: float | None = None


class ServedSeen(msgspec.Struct, frozen=True, gc=False):
    """What the log of an inference server on this computer adds to a request of its own.

    ``request_key`` names that request, ``at_ms`` of which is when the server had done it. Times are
    milliseconds of work on the prompt and on the answer. ``is_timed`` is False where the log has no
    clock: the instant is then the latest possible one. ``has_counts`` is False where it tells no tokens
    of the request, ``is_estimated`` where they were derived from a rate.
    """

    request_key: str
    prompt_ms: float
    output_ms: float
    is_timed: bool = True
    has_counts: bool = True
    is_estimated: bool = False


class UncountedSeen(msgspec.Struct, frozen=True, gc=False):
    """An answer whose log tells no tokens: how long its text is, in characters. It enters no total."""

    key: str
    session_id: str
    at_ms: int
    characters: int


class ToolCallSeen(msgspec.Struct, frozen=True, gc=False):
    """A tool call that a request made. ``input_digest`` is a 64-bit hash of its canonical input.

    ``kind`` is None where the log does not tell what the tool does; ``path`` is the one file that it reads.
    ``subject`` is a 64-bit hash of a test, build or check without its options and filters, 0 where not told.
    """

    key: str
    request_key: str
    session_id: str
    at_ms: int
    name: str
    input_digest: int
    agent: str | None = None
    is_edit: bool = False
    is_shell: bool = False
    kind: ToolKind | None = None
    path: str | None = None
    subject: int = 0


class ToolResultSeen(msgspec.Struct, frozen=True, gc=False):
    """The end of a tool call. ``spawned_agent`` names the sub-agent that the call started.

    ``output_digest`` is a 64-bit hash of what the tool answered, 0 where it was not read.
    ``output_bytes`` is the length of the record, a free proxy for the volume of the answer.
    ``exit_code`` is a command's own, where the log tells it.
    """

    key: str
    session_id: str
    at_ms: int
    status: CallStatus
    spawned_agent: str | None = None
    output_digest: int = 0
    output_bytes: int = 0
    exit_code: int | None = None


class EditSeen(msgspec.Struct, frozen=True, gc=False):
    """One file change by an assistant.

    ``call_key`` is the tool call that made it; ``key`` differs from it only where one call
    changes several files. ``status`` is None while no result has been read. ``added`` and
    ``removed`` are lines joined by newlines (for ``WRITE``, ``added`` is the whole content).
    ``rank`` orders evidence about one edit: the higher replaces the lower.
    """

    key: str
    call_key: str
    session_id: str
    at_ms: int
    path: str
    kind: EditKind
    added: str
    removed: str
    rank: int
    request_key: str | None = None
    agent: str | None = None
    cwd: str | None = None
    branch: str | None = None
    status: CallStatus | None = None
    is_human_modified: bool = False
    moved_from: str | None = None


class ErrorSeen(msgspec.Struct, frozen=True, gc=False):
    """An API error, a retry, an aborted turn or an undo."""

    key: str
    session_id: str
    at_ms: int
    kind: ErrorKind
    code: str
    message: str


class AgentSeen(msgspec.Struct, frozen=True, gc=False):
    """A sub-agent of a session and the first moment it is seen."""

    agent: str
    session_id: str
    first_ms: int
    call_key: str | None = None


class CompactionSeen(msgspec.Struct, frozen=True, gc=False):
    """The context was compacted; tokens before and after as the tool logged them."""

    key: str
    session_id: str
    at_ms: int
    before_tokens: int
    after_tokens: int


class ArtifactUsed(msgspec.Struct, frozen=True, gc=False):
    """A kept prompt was used: a command that the person called, or a skill that the model loaded.

    ``name`` is without a leading slash; a plugin's is ``plugin:name``.
    """

    key: str
    session_id: str
    at_ms: int
    how: ArtifactUse
    name: str


class CostRecordSeen(msgspec.Struct, frozen=True, gc=False):
    """What the tool itself booked for a session and model so far: cumulative, the last one counts."""

    session_id: str
    model: str
    at_ms: int
    input: int
    cache_read: int
    cache_write_5m: int
    cache_write_1h: int
    output: int
    cost_usd: float


class Quarantined(msgspec.Struct, frozen=True, gc=False):
    """A record that could not be read: where it lies, in bytes, and why."""

    offset: int
    length: int
    error: str


class Facts(msgspec.Struct, gc=False):
    """Everything that one chunk of one file says."""

    sessions: list[SessionSeen] = msgspec.field(default_factory=list)
    prompts: list[PromptSeen] = msgspec.field(default_factory=list)
    requests: list[RequestSeen] = msgspec.field(default_factory=list)
    calls: list[ToolCallSeen] = msgspec.field(default_factory=list)
    results: list[ToolResultSeen] = msgspec.field(default_factory=list)
    edits: list[EditSeen] = msgspec.field(default_factory=list)
    errors: list[ErrorSeen] = msgspec.field(default_factory=list)
    agents: list[AgentSeen] = msgspec.field(default_factory=list)
    compactions: list[CompactionSeen] = msgspec.field(default_factory=list)
    uses: list[ArtifactUsed] = msgspec.field(default_factory=list)
    costs: list[CostRecordSeen] = msgspec.field(default_factory=list)
    served: list[ServedSeen] = msgspec.field(default_factory=list)
    uncounted: list[UncountedSeen] = msgspec.field(default_factory=list)
    superseded: list[str] = msgspec.field(default_factory=list)
    """Keys of requests that stood for what is now told by others, of which they would count it again."""
    quarantined: list[Quarantined] = msgspec.field(default_factory=list)
    unseen: Counter[str] = msgspec.field(default_factory=Counter)
