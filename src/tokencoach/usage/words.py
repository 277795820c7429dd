"""The words of a verdict, the same in code, database, screens and text."""

from __future__ import annotations

from enum import StrEnum


class Bucket(StrEnum):
    """Where spend ended; the six partition every ingested request."""

    SHIPPED = "shipped"
    REWORKED = "reworked"
    NOT_LANDED = "not_landed"
    PENDING = "pending"
    NEUTRAL = "neutral"
    UNKNOWN = "unknown"


class WasteKind(StrEnum):
    """Why spend was wasted; the first six partition not_landed, the last two reworked."""

    REJECTED = "rejected"
    FAILED = "failed"
    OVERWRITTEN = "overwritten"
    LOOPED = "looped"
    UNCOMMITTED = "uncommitted"
    STRANDED = "stranded"
    REVERTED = "reverted"
    REWORKED = "reworked"


class Phase(StrEnum):
    """How finished the work is meant to be; only production can be wasted."""

    EXPLORATION = "exploration"
    PROTOTYPE = "prototype"
    PRODUCTION = "production"


class WorkKind(StrEnum):
    """What a landed piece of work is. ``USEFUL`` counts as output, but is no feature."""

    FEATURE = "feature"
    USEFUL = "useful"
    FIX = "fix"


class CallStatus(StrEnum):
    """What became of a tool call."""

    OK = "ok"
    FAILED = "failed"
    REJECTED = "rejected"
    INTERRUPTED = "interrupted"


class EditKind(StrEnum):
    """What an edit's added lines are.

    ``PATCH``: exactly the added and removed lines, from a logged diff or image.
    ``STRINGS``: the difference between the old and the new string of the call.
    ``WRITE``: the whole new content of a file; what is new in it depends on its last image.
    """

    PATCH = "patch"
    STRINGS = "strings"
    WRITE = "write"


class ErrorKind(StrEnum):
    """A failure outside any tool call."""

    API_ERROR = "api_error"
    RETRY = "retry"
    ABORTED = "aborted"
    ROLLED_BACK = "rolled_back"
