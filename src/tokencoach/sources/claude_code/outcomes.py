"""The calls, results and edits of one chunk, each call told once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from tokencoach.sources.claude_code.edits import (
    CARRIED_OUT,
    PROPOSED,
    PendingEdit,
    carried_out,
    edit_seen,
    proposal,
)
from tokencoach.sources.claude_code.records import (
    COMMANDS,
    Block,
    CallBlock,
    CommandInput,
    Envelope,
    Line,
    ToolDetail,
)
from tokencoach.sources.claude_code.tools import (
    EDIT_TOOLS,
    SHELL_TOOLS,
    SKILL_TOOL,
    edits_by_server,
    exit_code,
    kind_of_call,
    output_digest,
    skill_named,
    status_of,
)
from tokencoach.sources.decoding import digest64
from tokencoach.sources.shell.edits import shell_edits
from tokencoach.sources.shell.writes import may_write
from tokencoach.usage.facts import AgentSeen, ArtifactUsed, EditSeen, Facts, ToolCallSeen, ToolResultSeen
from tokencoach.usage.words import ArtifactUse, CallStatus

if TYPE_CHECKING:
    from collections import Counter

    from tokencoach.sources.claude_code.requests import Caller

_MOST_PENDING: Final = 32


class Proposal(NamedTuple):
    """An edit call as the model made it, not yet read in full."""

    tool: str
    arguments: msgspec.Raw
    pending: PendingEdit


class OutcomeBook:
    """Gathers calls and what became of them; ``pending`` is carried from chunk to chunk."""

    def __init__(self, pending: dict[str, PendingEdit], odd: Counter[str]) -> None:
        self._pending = pending
        self._odd = odd
        self._calls: dict[str, ToolCallSeen] = {}
        self._results: dict[str, ToolResultSeen] = {}
        self._edits: dict[str, EditSeen] = {}
        self._proposals: dict[str, Proposal] = {}
        self._uses: dict[str, ArtifactUsed] = {}

    def collect_into(self, facts: Facts) -> None:
        """Move what was gathered into the facts."""
        for proposed in self._proposals.values():
            self._spell_out(proposed)
        facts.calls = list(self._calls.values())
        facts.results = list(self._results.values())
        facts.uses += self._uses.values()
        facts.edits = [self._with_status(edit) for edit in self._edits.values()]

    def add_calls(
        self,
        blocks: list[Block] | list[CallBlock],
        line: Line | Envelope,
        caller: Caller,
        request_key: str,
        at_ms: int,
    ) -> None:
        """The tool calls among the blocks of a response."""
        for block in blocks:
            if block.type != "tool_use" or not block.id or not block.name:
                continue
            key, name = block.id, block.name
            known = self._calls.get(key)
            first_ms = min(at_ms, known.at_ms) if known else at_ms
            kind, path, subject = kind_of_call(name, block.input, line.cwd, self._odd)
            is_edit, is_shell = name in EDIT_TOOLS or edits_by_server(name, kind), name in SHELL_TOOLS
            call = self._calls[key] = ToolCallSeen(
                key, request_key, caller.session_id, first_ms, name, digest64(block.input), caller.agent, is_edit, is_shell,
                kind, path, subject,
            )  # fmt: skip
            if is_edit:
                self._propose(block, line, call)
            elif is_shell and may_write(bytes(block.input)):
                self._run(block, line, call)
            elif name == SKILL_TOOL and (skill := skill_named(block.input, self._odd)):
                self._uses[key] = ArtifactUsed(key, call.session_id, first_ms, ArtifactUse.SKILL, skill)

    def add_results(
        self,
        results: list[Block],
        line: Line,
        caller: Caller,
        *,
        at_ms: int,
        length: int,
    ) -> list[AgentSeen]:
        """Results of tools; gives the sub-agents that they name."""
        named = results if len(results) == 1 else [block for block in results if block.tool_use_id]
        told = line.tool_use_result
        # The detail is told once a line, so among several results nobody knows whose it is.
        detail = told if len(named) == 1 and isinstance(told, ToolDetail) else None
        spawned = []
        for block in named:
            key, agent = block.tool_use_id, detail.agent_id if detail else None
            if not key:
                continue
            status = status_of(line, block, detail, self._odd)
            digest = output_digest(block.content)
            code = exit_code(block.content) if block.is_error else None
            result = ToolResultSeen(key, caller.session_id, at_ms, status, agent, digest, length, code)
            self._results[key] = result
            if agent:
                spawned.append(AgentSeen(agent, caller.session_id, at_ms, key))
            if key in self._proposals or key in self._pending or (detail and len(detail.structured_patch)):
                self._carry_out(result, detail, line, caller.agent)
        return spawned

    def interrupt(self, caller: Caller, at_ms: int) -> None:
        """The person stopped the running tools: edits of theirs without a result never happened."""
        # A tool that had begun may have written already, but it never told what.
        stopped = [key for key, edit in self._pending.items() if edit.agent == caller.agent]
        for key in stopped:
            del self._pending[key]
            self._results[key] = ToolResultSeen(key, caller.session_id, at_ms, CallStatus.INTERRUPTED)

    def _propose(self, block: CallBlock, line: Line | Envelope, call: ToolCallSeen) -> None:
        if call.key in self._pending:
            return
        pending = PendingEdit(
            call_key=call.key,
            session_id=call.session_id,
            at_ms=call.at_ms,
            path="",
            request_key=call.request_key,
            agent=call.agent,
            cwd=line.cwd,
            branch=_branch(line),
        )
        if len(self._pending) >= _MOST_PENDING:
            del self._pending[next(iter(self._pending))]
        self._pending[call.key] = pending
        # Read in full at the chunk's end only: by then the result has replaced most of them.
        self._proposals[call.key] = Proposal(call.name, block.input, pending)

    def _run(self, block: CallBlock, line: Line | Envelope, call: ToolCallSeen) -> None:
        """A shell command that may write files."""
        asked = COMMANDS.decode_or(block.input, CommandInput(), self._odd, "tool_use.input")
        for edit in shell_edits(asked.command, line.cwd, call, line.cwd, _branch(line)):
            self._keep(edit)

    def _spell_out(self, proposed: Proposal) -> None:
        """The proposal's own lines; most proposals are replaced by their result before."""
        pending = proposed.pending
        old = self._edits.get(pending.call_key)
        if old is not None and old.rank >= CARRIED_OUT:
            return
        found = proposal(proposed.tool, proposed.arguments, pending.cwd, self._odd)
        if found is None:
            self._pending.pop(pending.call_key, None)
            return
        pending.path, evidence = found
        self._keep(edit_seen(pending, evidence, PROPOSED))

    def _carry_out(
        self, result: ToolResultSeen, detail: ToolDetail | None, line: Line, agent: str | None
    ) -> None:
        pending = self._pending.pop(result.key, None)
        if pending is None and result.key in self._proposals:
            pending = self._proposals[result.key].pending
        if detail is None:
            return
        evidence = carried_out(detail, self._odd)
        path = detail.file_path or (pending.path if pending else None)
        if evidence is None or not path:
            return
        if pending is None:
            pending = PendingEdit(
                call_key=result.key,
                session_id=result.session_id,
                at_ms=result.at_ms,
                path=path,
                request_key=None,
                agent=agent,
                cwd=line.cwd,
                branch=_branch(line),
            )
        pending.path = path
        # The tool's own path is absolute where the model's may be short.
        is_modified = bool(detail.user_modified)
        self._keep(edit_seen(pending, evidence, CARRIED_OUT, result.status, is_human_modified=is_modified))

    def _keep(self, edit: EditSeen) -> None:
        old = self._edits.get(edit.key)
        if old is not None:
            edit = msgspec.structs.replace(
                edit,
                at_ms=min(old.at_ms, edit.at_ms),
                request_key=edit.request_key or old.request_key,
                agent=old.agent,
                cwd=old.cwd,
                branch=old.branch,
            )
        if old is None or old.rank <= edit.rank:
            self._edits[edit.key] = edit

    def _with_status(self, edit: EditSeen) -> EditSeen:
        result = self._results.get(edit.call_key)
        if result is None or edit.status is not None or edit.kind.is_shell:
            return edit
        return msgspec.structs.replace(edit, status=result.status)


def _branch(line: Line | Envelope) -> str | None:
    return None if line.git_branch == "HEAD" else line.git_branch
