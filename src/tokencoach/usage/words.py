"""The words of a verdict, the same in code, database, screens and text."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


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


class ToolKind(StrEnum):
    """What a tool call does, whatever the assistant names its tools.

    ``TEST``, ``BUILD``, ``LINT`` and ``COMMIT`` are shell commands whose program says so, ``EXECUTE``
    every other one. ``READ`` names a file, ``SEARCH`` looks through many. ``DELEGATE`` starts a
    sub-agent, ``PLAN`` writes down what is to be done, ``ASK`` asks the person.
    """

    READ = "read"
    SEARCH = "search"
    EDIT = "edit"
    EXECUTE = "execute"
    TEST = "test"
    BUILD = "build"
    LINT = "lint"
    COMMIT = "commit"
    FETCH = "fetch"
    DELEGATE = "delegate"
    PLAN = "plan"
    ASK = "ask"
    OTHER = "other"

    @property
    def is_shell(self) -> bool:
        """Whether a shell ran it."""
        return self in (ToolKind.EXECUTE, ToolKind.TEST, ToolKind.BUILD, ToolKind.LINT, ToolKind.COMMIT)


class EditKind(StrEnum):
    """What an edit's added lines are.

    ``PATCH``: exactly the added and removed lines, from a logged diff or image.
    ``STRINGS``: the difference between the old and the new string of the call.
    ``WRITE``: the whole new content of a file; what is new in it depends on its last image.
    ``SHELL_WRITE``, ``SHELL_APPEND``: the same, or lines put after a file's last, by a shell command.
    ``SHELL_TOUCH``: none; a shell command wrote or moved the file, and its text tells no lines.
    ``SHELL_COPY``: none either; the file's text is that of another file, or of the files of a folder or a pattern.
    ``SHELL_CHANGE``: none either; the command changes lines in place, a line for a line.
    ``SHELL_PROGRAM``: none either; its text is that of a program in the command that names the file.
    ``SHELL_SWEEP``: none either; its text is that of substitutions in every file that its path, a pattern, fits.
    ``SHELL_DIFF``: lines of a diff that was written to a file of its own; only git tells whether it was applied.
    """

    PATCH = "patch"
    STRINGS = "strings"
    WRITE = "write"
    SHELL_WRITE = "shell_write"
    SHELL_APPEND = "shell_append"
    SHELL_TOUCH = "shell_touch"
    SHELL_COPY = "shell_copy"
    SHELL_CHANGE = "shell_change"
    SHELL_PROGRAM = "shell_program"
    SHELL_SWEEP = "shell_sweep"
    SHELL_DIFF = "shell_diff"

    @property
    def is_shell(self) -> bool:
        """Whether a shell command made the edit, and not a tool that edits files."""
        return self._value_.startswith("shell")

    @property
    def is_unseen(self) -> bool:
        """Whether the log shows none of its lines."""
        # Asked of every edit again and again: naming members or their value takes a microsecond.
        return self._value_ in _UNSEEN

    @property
    def is_whole(self) -> bool:
        """Whether its added lines are all of the file, and not what is new in it."""
        return self._value_ in _WHOLE


_WHOLE: Final = frozenset({"write", "shell_write"})
_UNSEEN: Final = frozenset({"shell_touch", "shell_copy", "shell_change", "shell_program", "shell_sweep"})


class ArtifactUse(StrEnum):
    """How a kept prompt came into a session: the person called it, or the model loaded it."""

    COMMAND = "command"
    SKILL = "skill"


class ErrorKind(StrEnum):
    """A failure outside any tool call."""

    API_ERROR = "api_error"
    RETRY = "retry"
    ABORTED = "aborted"
    ROLLED_BACK = "rolled_back"
