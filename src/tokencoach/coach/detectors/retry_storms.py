"""Requests that failed again and again, and turns that were broken off and sent once more."""

from __future__ import annotations

from collections import Counter
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.audit.numbers import counted
from tokencoach.coach.ending import Habit
from tokencoach.coach.evidence import add_parts, dearest_first, in_session, quoted
from tokencoach.coach.finding import Basis, Detector, Finding, Quiet, Rate, Threshold
from tokencoach.usage.words import ErrorKind

if TYPE_CHECKING:
    from tokencoach.coach.finding import Evidence
    from tokencoach.coach.material import Material, Trace
    from tokencoach.store.trace_rows import ErrorStep

ID: Final = "retry-storms"
ERRORS: Final = Threshold(
    "retry-storms.errors", 3, "times", "one or two failures are the network's; three at once are a storm"
)
LOST: Final = Threshold(
    "retry-storms.seconds",
    60,
    "seconds",
    "what the assistant gets over by itself in a minute nobody waits for",
)
SESSIONS: Final = Threshold("retry-storms.sessions", 5, "sessions", "fewer than five sessions show no habit")
_CALM_MS: Final = 300_000
_MOST_COMPARED: Final = 2_000
_LIKE: Final = 0.9
_SIGN_IN: Final = frozenset({"401", "403", "authentication_failed", "invalid_api_key"})
_LIMIT: Final = frozenset({"429", "rate_limit", "rate_limit_error", "usage_limit_reached"})
_FAILED = (ErrorKind.RETRY, ErrorKind.API_ERROR)
_BROKEN_OFF = (ErrorKind.ABORTED, ErrorKind.API_ERROR)


class Storm(NamedTuple):
    """Failures with less than five minutes between, each with its code.

    ``lost_ms`` until a request went through, else the last failure.
    """

    first_ms: int
    errors: int
    lost_ms: int
    codes: tuple[str, ...]


def find(material: Material) -> Finding | Quiet:
    """Storms of failures with the time they took, and turns paid for that were sent again as they were."""
    known = material.traces
    if len(known) < material.limit(SESSIONS):
        why = f"{counted(len(known), 'session')}; it takes {material.limit(SESSIONS):.0f}"
        return Quiet(ID, why, is_looked=False)
    least, wait_ms = round(material.limit(ERRORS)), material.limit(LOST) * 1000
    parts: dict[int, float] = {}
    evidence: list[Evidence] = []
    codes: Counter[str] = Counter()
    hit = lost_ms = errors = redone = 0
    for trace in known:
        storms = [storm for storm in storms_of(trace, least) if storm.lost_ms >= wait_ms]
        again = sent_again(trace)
        hit += bool(storms or again)
        redone += len(again)
        for storm in storms:
            errors += storm.errors
            codes.update(storm.codes)
            lost_ms += storm.lost_ms
            evidence.append(in_session(material, trace, _words(storm), storm.first_ms, {}))
        for at_ms, turn, words in again:
            spent = {one.step.request_id: 1.0 for one in trace.requests if one.step.turn == turn}
            add_parts(parts, spent)
            evidence.append(in_session(material, trace, words, at_ms, spent, turn=turn))
    rate = Rate(hit, len(known), "sessions")
    if not evidence:
        return Quiet(ID, f"no storm of failures and no turn sent twice in {len(known)} sessions", rate=rate)
    nano, tokens = material.cost(parts)
    habit = _habit(codes)
    return Finding(
        id=ID,
        title=_title(errors, lost_ms, redone),
        cost_nano=nano,
        tokens=tokens,
        basis=Basis.MEASURED,
        evidence=dearest_first(evidence),
        why=f"At least {least} API errors or retries with less than five minutes between, that took at least "
        f"{material.limit(LOST):.0f} seconds; and turns that failed or "
        "were stopped after a request of theirs was paid for, whose prompt was then sent again nearly word for "
        f"word. The price is that of the requests before the break. Number: {ERRORS.because}.",
        next=habit.advice,
        condition=habit.condition,
        action=habit.action,
        rate=rate,
        parts=parts,
    )


def storms_of(trace: Trace, least: int) -> list[Storm]:
    """Storms of a session, in time order."""
    groups: list[list[ErrorStep]] = []
    for error in trace.errors:
        if error.kind not in _FAILED:
            continue
        if groups and error.at_ms - groups[-1][-1].at_ms <= _CALM_MS:
            groups[-1].append(error)
        else:
            groups.append([error])
    return [_storm(trace, group) for group in groups if len(group) >= least]


def _storm(trace: Trace, group: list[ErrorStep]) -> Storm:
    first, last = group[0].at_ms, group[-1].at_ms
    through = next((one.step.at_ms for one in trace.requests if one.step.at_ms > last), last)
    end = min(through, last + _CALM_MS)
    return Storm(first, len(group), end - first, tuple(error.code for error in group))


def _habit(codes: Counter[str]) -> Habit:
    """What to do about most of the failures: one that refuses somebody never passes by itself."""
    half = sum(codes.values()) / 2
    if codes and sum(codes[code] for code in _SIGN_IN) >= half:
        return Habit(
            "Sign in again at the first of these: the service does not know you, and waiting changes nothing.",
            "the service refuses my sign-in",
            "sign in again before I send anything",
        )
    if codes and sum(codes[code] for code in _LIMIT) >= half:
        return Habit(
            "At the first of these see when your limit is renewed, and do until then what needs no model.",
            "the service says that my limit is reached",
            "see when it is renewed and come back then",
        )
    return Habit(
        "At the third failure leave the service alone and look at its status page; stop a turn before it has begun.",
        "the service fails three times in a row",
        "do something else for ten minutes instead of sending it again",
    )


def sent_again(trace: Trace) -> list[tuple[int, int, str]]:
    """Turns that were broken off after a request and whose prompt came again: instant, turn, words."""
    paid = {one.step.turn for one in trace.requests}
    found = []
    for this, after in zip(trace.prompts, trace.prompts[1:], strict=False):
        if this.text is None or after.text is None or this.turn not in paid:
            continue
        is_broken = any(
            error.kind in _BROKEN_OFF and this.at_ms <= error.at_ms <= after.at_ms for error in trace.errors
        )
        if is_broken and _is_like(this.text, after.text):
            found.append((this.at_ms, this.turn, f"broken off and sent again: “{quoted(this.text)}”"))
    return found


def _is_like(one: str, other: str) -> bool:
    first, second = (" ".join(text.lower().split())[:_MOST_COMPARED] for text in (one, other))
    if not first or min(len(first), len(second)) < _LIKE * max(len(first), len(second)) * _LIKE:
        return False
    matcher = SequenceMatcher(None, first, second, autojunk=False)
    return matcher.quick_ratio() >= _LIKE and matcher.ratio() >= _LIKE


def _title(errors: int, lost_ms: int, redone: int) -> str:
    said = [f"{errors} failures in a row, {_minutes(lost_ms)}"] if errors else []
    said += [f"{redone} turn{'s' if redone > 1 else ''} sent again"] if redone else []
    return "; ".join(said)


def _words(storm: Storm) -> str:
    return f"{storm.errors} failures in {_minutes(storm.lost_ms)} ({quoted(', '.join(sorted(set(storm.codes))))})"


def _minutes(span_ms: int) -> str:
    return f"{span_ms / 60_000:.0f} min" if span_ms >= 60_000 else f"{span_ms / 1000:.0f} s"


DETECTOR: Final = Detector(ID, find, (ERRORS, LOST, SESSIONS))
