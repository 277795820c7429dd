"""A session as bare steps, for rules that look at nothing else."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from tokencoach.attribution.loops import Turned
from tokencoach.attribution.turns import Call, Change, Cut, cut_requests
from tokencoach.audit.allocate import Ledger
from tokencoach.audit.judgement import SessionJudgement
from tokencoach.coach.material import Spent, Trace
from tokencoach.store.audit_rows import SessionFacts
from tokencoach.store.trace_rows import CallStep, ChangeStep, RequestStep
from tokencoach.usage.words import EditKind, Phase

if TYPE_CHECKING:
    from tokencoach.usage.tokens import TokenCounts


def trace_of(acts: list[str]) -> tuple[Trace, dict[int, Cut]]:
    """A session that does one thing a second: ``prompt``, ``edit``, ``wait`` (three minutes) or a command.

    Also what the audit's rule cuts out of its requests; a request's key is its row.
    """
    calls: list[CallStep] = []
    changes: list[ChangeStep] = []
    at_ms, turn = 0, 1
    for number, act in enumerate(acts, 1):
        at_ms += 180_000 if act == "wait" else 1000
        turn += act == "prompt"
        if act in ("prompt", "wait"):
            continue
        calls.append(_call(number, turn, at_ms, act))
        if act == "edit":
            lines = array("Q", [number]), array("Q", [number + 100])
            changes.append(
                ChangeStep(number, 1, number, number, turn, None, at_ms, "app.py", EditKind.PATCH, *lines)
            )
    trace = _session((), tuple(calls), tuple(changes))
    asked = [
        Call(
            key=call.key,
            request_key=call.key,
            agent=None,
            at_ms=call.at_ms,
            tool=call.tool,
            kind=call.kind,
            input_digest=call.input_digest,
            output_digest=call.output_digest,
            is_edit=call.tool == "edit",
            is_shell=call.tool != "edit",
            status=call.status,
        )
        for call in calls
    ]
    told = {one.edit_id: Turned(one.kind.is_unseen, one.added, one.removed) for one in changes}
    changed = [Change(one.edit_id, one.call_key, one.at_ms, one.turn, one.path) for one in changes]
    turns = {call.key: call.turn for call in calls}
    cuts = cut_requests(asked, turns, changed, (), lambda those: [told[one.edit_id] for one in those])
    return trace, cuts


def spending(requests: list[tuple[TokenCounts, int, int]]) -> Trace:
    """A session of requests only: counts, model and milliseconds since the one before. Nothing has a price."""
    spent, at_ms = [], 0
    for number, (counts, model, gap_ms) in enumerate(requests, 1):
        at_ms += gap_ms
        step = RequestStep(number, 1, 1, None, at_ms, model, f"model-{model}", None, *counts)
        spent.append(Spent(step, counts, None))
    return _session(tuple(spent), (), ())


def _session(
    requests: tuple[Spent, ...], calls: tuple[CallStep, ...], changes: tuple[ChangeStep, ...]
) -> Trace:
    facts = SessionFacts(1, "s", "claude-code", 0, 0, None, None, None, None)
    judged = SessionJudgement(facts, Phase.PRODUCTION, {}, [None], has_edits=bool(changes))
    return Trace(judged, "", Ledger(), requests, calls, changes, (), (), ())


def _call(number: int, turn: int, at_ms: int, act: str) -> CallStep:
    digest = sum(act.encode())
    return CallStep(
        key=number,
        session=1,
        request_id=number,
        turn=turn,
        agent=None,
        at_ms=at_ms,
        tool=act,
        kind=None,
        path=None,
        input_digest=digest,
        status="ok",
        exit_code=None,
        result_ms=at_ms + 500,
        output_digest=digest + 1,
        output_bytes=10,
    )
