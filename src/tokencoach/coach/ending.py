"""How sessions ended: with an answer that was taken, or for which cause not."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.audit.allocate import LOOPED
from tokencoach.clock import DAY_MS
from tokencoach.prompts.typed import typed_part
from tokencoach.store.followed_rows import landed_paths
from tokencoach.usage.words import CallStatus, ErrorKind, ToolKind

if TYPE_CHECKING:
    from tokencoach.coach.material import Material, Trace
    from tokencoach.store.trace_rows import CallStep

_FULL: Final = 0.9
_LOOPED_SHARE: Final = 0.1
_MANY: Final = 3
_SHORT: Final = 300
_LATER_MS: Final = 3 * DAY_MS
_OVERFLOW: Final = re.compile(
    r"context.{0,20}(?:length|window|limit|exceed|full)|(?:prompt|input|conversation).{0,10}too long|"
    r"maximum.{0,20}tokens",
    re.IGNORECASE,
)
_NAME: Final = re.compile(r"[\w.-]*\w\.\w{1,8}\b")


class Cause(StrEnum):
    """Why a session came to nothing, as far as its log tells."""

    OVERFLOW = "context overflow"
    ERRORS = "errors"
    LOOP = "loop"
    PERMISSION = "permission wait"
    REJECTED = "rejected edits"
    STOPPED = "stopped by hand"
    WRONG_FILE = "wrong file"
    UNKNOWN = "unknown"


class Habit(NamedTuple):
    """What to do about a cause: the next step, and the two halves of the plan that is offered."""

    advice: str
    condition: str
    action: str


HABITS: Final = {
    Cause.OVERFLOW: Habit(
        "Start afresh with a short summary before the window is full.",
        "a session's window is more than half full",
        "land what works and start afresh with a short summary",
    ),
    Cause.ERRORS: Habit(
        "After the second error of a kind read it yourself before you let the assistant go on.",
        "the same kind of error comes for the second time",
        "read it myself before I let the assistant go on",
    ),
    Cause.LOOP: Habit(
        "Stop at the third same call and say what you know that the assistant does not.",
        "an assistant makes the same call for the third time",
        "stop it and say what I know that it does not",
    ),
    Cause.PERMISSION: Habit(
        "Allow the harmless commands beforehand, so that nothing waits for you unseen.",
        "I leave a running session alone",
        "allow the harmless commands it will need first",
    ),
    Cause.REJECTED: Habit(
        "Once you have refused an edit, ask for a plan before the next one.",
        "I refuse an edit",
        "ask for a plan before the next one",
    ),
    Cause.STOPPED: Habit(
        "When you stop an assistant, say what was wrong, or land the part that works.",
        "I stop an assistant",
        "say what was wrong or land the part that works",
    ),
    Cause.WRONG_FILE: Habit(
        "Name the files in the first prompt.",
        "I know which files a task is about",
        "name them in the first prompt",
    ),
    Cause.UNKNOWN: Habit(
        "End a session with a line: landed, dropped because, or to be continued.",
        "I leave a session without a commit",
        "end it with a line: landed, dropped because, or to be continued",
    ),
}


def is_answered(trace: Trace) -> bool:
    """Whether the last thing was the model's answer, with nothing refused, cut off or failed after it."""
    if not trace.main:
        return False
    last_ms = trace.main[-1].step.at_ms
    if any(prompt.at_ms > last_ms for prompt in trace.prompts):
        return False
    ended = (ErrorKind.ABORTED, ErrorKind.API_ERROR)
    if any(error.at_ms >= last_ms and error.kind in ended for error in trace.errors):
        return False
    call = _last_call(trace)
    if call is None or call.request_id != trace.main[-1].step.request_id:
        return True
    return call.status not in (CallStatus.REJECTED, CallStatus.INTERRUPTED) and not _is_waiting(trace, call)


def ends_at_a_commit(trace: Trace) -> bool:
    """Whether the log ends while a commit was being made: what became of the work, it does not tell."""
    call = _last_call(trace)
    return call is not None and call.kind is ToolKind.COMMIT and _is_waiting(trace, call)


def cause_of(trace: Trace, material: Material) -> Cause:  # noqa: PLR0911 - one return a rule reads best
    """The first cause of which the log shows signs at the session's end."""
    last_ms = trace.main[-1].step.at_ms if trace.main else 0
    ending = _ending(trace)
    statuses = [call.status for call in ending]
    if _is_full(trace):
        return Cause.OVERFLOW
    late = [error for error in trace.errors if error.at_ms >= last_ms - _pause_ms(trace)]
    failures = [error for error in late if error.kind in (ErrorKind.API_ERROR, ErrorKind.RETRY)]
    failed = statuses.count(CallStatus.FAILED)
    if any(error.at_ms >= last_ms for error in failures) or len(failures) >= _MANY:
        return Cause.ERRORS
    if failed >= _MANY and 2 * failed >= len(statuses):
        return Cause.ERRORS
    if trace.ledger.by_outcome.get(LOOPED) and (
        trace.ledger.by_outcome[LOOPED].weighted > _LOOPED_SHARE * trace.ledger.total.weighted
    ):
        return Cause.LOOP
    if any(call.status == CallStatus.REJECTED and call.kind is ToolKind.EDIT for call in ending):
        return Cause.REJECTED
    if {CallStatus.REJECTED, CallStatus.INTERRUPTED} & set(statuses) or any(
        error.kind == ErrorKind.ABORTED for error in late
    ):
        return Cause.STOPPED
    call = _last_call(trace)
    if call is not None and _is_waiting(trace, call):
        return Cause.PERMISSION
    return Cause.WRONG_FILE if _is_elsewhere(trace, material) else Cause.UNKNOWN


def _ending(trace: Trace) -> list[CallStep]:
    """Calls of the last turn."""
    turn = trace.main[-1].step.turn if trace.main else None
    return [call for call in trace.calls if call.turn == turn]


def _pause_ms(trace: Trace) -> int:
    """How long the last turn took: errors since its beginning belong to the end."""
    turn = trace.main[-1].step.turn if trace.main else None
    times = [spent.step.at_ms for spent in trace.main if spent.step.turn == turn]
    return times[-1] - times[0] if times else 0


def _is_full(trace: Trace) -> bool:
    fill = trace.main[-1].fill if trace.main else None
    return (fill or 0.0) >= _FULL or any(
        _OVERFLOW.search(f"{error.code} {error.message}") for error in trace.errors[-_MANY:]
    )


def _last_call(trace: Trace) -> CallStep | None:
    return next((call for call in reversed(trace.calls) if call.agent is None), None)


def _is_waiting(trace: Trace, call: CallStep) -> bool:
    """Whether a call has no end though this log tells of ends."""
    is_last = not trace.main or call.request_id in (None, trace.main[-1].step.request_id)
    return is_last and call.status is None and any(other.status for other in trace.calls)


def _is_elsewhere(trace: Trace, material: Material) -> bool:
    """Whether a file that a prompt names, and the session did not change, is what landed in the three days after.

    That other files landed says nothing by itself: people drop one thing and do another.
    """
    repo = trace.facts.repo_id
    own = {edit.edit.repo_path for edit in trace.judged.edits() if edit.edit.repo_id == repo}
    if repo is None or not own:
        return False
    until = min(trace.facts.last_ms + _LATER_MS, material.as_of_ms + 1)
    landed = landed_paths(material.reader.connection, repo, trace.facts.first_ms, until)
    said = (typed_part(prompt.text or "") for prompt in trace.prompts)
    # A long prompt is a plan or a paste that names a dozen files.
    named = {name for text in said if len(text) <= _SHORT for name in _NAME.findall(text)}
    return not landed & own and any(path.rsplit("/", 1)[-1] in named for path in landed)
