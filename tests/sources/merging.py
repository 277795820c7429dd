"""The facts of several chunks or files as one, merged by their keys: what the store must do."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from msgspec.structs import replace

from tokencoach.usage.facts import (
    AgentSeen,
    ArtifactUsed,
    CompactionSeen,
    CostRecordSeen,
    EditSeen,
    ErrorSeen,
    Facts,
    PromptSeen,
    Quarantined,
    RequestSeen,
    SessionSeen,
    ToolCallSeen,
    ToolResultSeen,
)

if TYPE_CHECKING:
    from collections.abc import Iterable


class Merged(NamedTuple):
    """Facts by key."""

    sessions: dict[str, SessionSeen]
    prompts: dict[str, PromptSeen]
    requests: dict[str, RequestSeen]
    calls: dict[str, ToolCallSeen]
    results: dict[str, ToolResultSeen]
    edits: dict[str, EditSeen]
    errors: dict[str, ErrorSeen]
    agents: dict[str, AgentSeen]
    compactions: dict[str, CompactionSeen]
    uses: dict[str, ArtifactUsed]
    costs: dict[tuple[str, str], CostRecordSeen]
    quarantined: list[Quarantined]
    unseen: Counter[str]
    superseded: list[str]


def merge(parts: Iterable[Facts]) -> Merged:
    """Merge facts in the order in which they were read."""
    whole = Merged({}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, [], Counter(), [])
    for facts in parts:
        _add_usage(whole, facts)
        _add_outcomes(whole, facts)
        _add_rest(whole, facts)
    for key, edit in whole.edits.items():
        outcome = whole.results.get(edit.call_key)
        if outcome is not None:
            whole.edits[key] = replace(edit, status=outcome.status)
    return whole


def _add_usage(whole: Merged, facts: Facts) -> None:
    for session in facts.sessions:
        whole.sessions[session.session_id] = _session(whole.sessions.get(session.session_id), session)
    for prompt in facts.prompts:
        whole.prompts.setdefault(prompt.key, prompt)
    for request in facts.requests:
        whole.requests[request.key] = _request(whole.requests.get(request.key), request)


def _add_outcomes(whole: Merged, facts: Facts) -> None:
    for call in facts.calls:
        old_call = whole.calls.get(call.key)
        first = min(call.at_ms, old_call.at_ms) if old_call else call.at_ms
        whole.calls[call.key] = replace(call, at_ms=first)
    for result in facts.results:
        old_result = whole.results.get(result.key)
        spawned = result.spawned_agent or (old_result.spawned_agent if old_result else None)
        code = old_result.exit_code if old_result and result.exit_code is None else result.exit_code
        whole.results[result.key] = replace(result, spawned_agent=spawned, exit_code=code)
    for edit in facts.edits:
        whole.edits[edit.key] = _edit(whole.edits.get(edit.key), edit)


def _add_rest(whole: Merged, facts: Facts) -> None:
    whole.superseded.extend(facts.superseded)
    for agent in facts.agents:
        whole.agents[agent.agent] = _agent(whole.agents.get(agent.agent), agent)
    whole.errors.update((error.key, error) for error in facts.errors)
    whole.compactions.update((seen.key, seen) for seen in facts.compactions)
    whole.uses.update((seen.key, seen) for seen in facts.uses)
    whole.costs.update(((cost.session_id, cost.model), cost) for cost in facts.costs)
    whole.quarantined.extend(facts.quarantined)
    whole.unseen.update(facts.unseen)


def _session(old: SessionSeen | None, new: SessionSeen) -> SessionSeen:
    if old is None:
        return new
    is_later = new.last_ms >= old.last_ms
    return SessionSeen(
        session_id=new.session_id,
        first_ms=min(old.first_ms, new.first_ms),
        last_ms=max(old.last_ms, new.last_ms),
        cwd=old.cwd or new.cwd,
        branch=(new.branch or old.branch) if is_later else (old.branch or new.branch),
        version=(new.version or old.version) if is_later else (old.version or new.version),
        title=new.title or old.title,
        parent_session_id=old.parent_session_id or new.parent_session_id,
        git_commit=old.git_commit or new.git_commit,
        git_remote=old.git_remote or new.git_remote,
    )


def _request(old: RequestSeen | None, new: RequestSeen) -> RequestSeen:
    if old is None:
        return new
    is_better = (not new.is_sidechain, new.output) >= (not old.is_sidechain, old.output)
    return replace(new if is_better else old, at_ms=min(old.at_ms, new.at_ms))


def _edit(old: EditSeen | None, new: EditSeen) -> EditSeen:
    if old is None:
        return new
    lines_differ = (new.added, new.removed) != (old.added, old.removed)
    if new.rank < old.rank or (new.rank == old.rank and not lines_differ):
        return replace(old, at_ms=min(old.at_ms, new.at_ms), status=old.status or new.status)
    return replace(
        new,
        at_ms=min(old.at_ms, new.at_ms),
        request_key=new.request_key or old.request_key,
        session_id=old.session_id,
        agent=old.agent,
        cwd=old.cwd,
        branch=old.branch,
        status=new.status or old.status,
    )


def _agent(old: AgentSeen | None, new: AgentSeen) -> AgentSeen:
    if old is None:
        return new
    return AgentSeen(old.agent, old.session_id, min(old.first_ms, new.first_ms), old.call_key or new.call_key)
