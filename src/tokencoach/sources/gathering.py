"""The facts of one chunk while it is read: each told once, by its key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from tokencoach.sources.sightings import merged
from tokencoach.sources.spans import Spans
from tokencoach.usage.facts import (
    AgentSeen,
    CompactionSeen,
    EditSeen,
    ErrorSeen,
    Facts,
    PromptSeen,
    Quarantined,
    RequestSeen,
    ServedSeen,
    ToolCallSeen,
    ToolResultSeen,
    UncountedSeen,
)

if TYPE_CHECKING:
    from tokencoach.sources.spans import Span
    from tokencoach.usage.words import ErrorKind

_LONGEST_KIND = 64
_LONGEST_MESSAGE = 300
_LONGEST_TITLE = 200


class Gathering:
    """Collects facts by key as the store merges them; nothing without a session and an instant is taken."""

    def __init__(self, *, with_edits: bool) -> None:
        self.with_edits = with_edits
        self.facts = Facts()
        self.odd = self.facts.unseen
        self.spans = Spans()
        self._last_session = ""
        self._last_told: dict[str, str | None] = {}
        self._last_span: Span | None = None
        self._prompts: dict[str, PromptSeen] = {}
        self._requests: dict[str, RequestSeen] = {}
        self._calls: dict[str, ToolCallSeen] = {}
        self._results: dict[str, ToolResultSeen] = {}
        self._edits: dict[str, EditSeen] = {}
        self._errors: dict[str, ErrorSeen] = {}
        self._agents: dict[tuple[str, str], AgentSeen] = {}
        self._compactions: dict[str, CompactionSeen] = {}
        self._served: dict[str, ServedSeen] = {}
        self._uncounted: dict[str, UncountedSeen] = {}
        self._superseded: dict[str, None] = {}

    def session(self, session_id: str, at_ms: int, **told: str | None) -> Span:
        """Widen a session's span; what is told of it counts as it does between chunks.

        ``told`` are fields of ``Span``. The first folder, parent and commit count, and the last
        branch, version and title.
        """
        span = self._last_span
        if (
            span is not None
            and at_ms >= span.last_ms
            and session_id == self._last_session
            and told == self._last_told
        ):
            # Lines of a session mostly tell of it what the line before told.
            span.last_ms = at_ms
            return span
        is_last = (known := self.spans.get(session_id)) is None or at_ms >= known.last_ms
        span = self.spans.touch(session_id, at_ms)
        for name, value in told.items():
            if not value:
                continue
            if name == "title":
                span.title = value[:_LONGEST_TITLE]
            elif getattr(span, name) is None or (is_last and name in ("branch", "version")):
                setattr(span, name, value)
        self._last_session, self._last_told, self._last_span = session_id, told, span if is_last else None
        return span

    def prompt(self, seen: PromptSeen) -> None:
        """A prompt; the first sighting of its key counts."""
        self._prompts.setdefault(seen.key, seen)

    def request(self, seen: RequestSeen) -> None:
        """A request; the better of two sightings counts, in the session that showed it first."""
        known = self._requests.get(seen.key)
        if known is not None:
            # A database shows a fork's copy in the same chunk, behind what it was copied from.
            seen = replace(merged(known, seen), session_id=known.session_id, agent=known.agent)
        self._requests[seen.key] = seen

    def served(self, seen: ServedSeen) -> None:
        """What a server did for a request; the last sighting counts."""
        self._served[seen.request_key] = seen

    def uncounted(self, seen: UncountedSeen) -> None:
        """An answer without counts; the longest sighting counts, for answers grow while they are written."""
        known = self._uncounted.get(seen.key)
        if seen.characters and (known is None or seen.characters > known.characters):
            self._uncounted[seen.key] = seen

    def supersede(self, key: str) -> None:
        """What one request stood for is told by others: it counts no more, even if it was counted before."""
        self._superseded[key] = None

    def unused(self, key: str) -> str:
        """A key for a call of a document that is read as a whole: some providers name the calls of every answer alike."""
        number, found = 1, key
        while found in self._calls:
            number += 1
            found = f"{key}#{number}"
        return found

    def call(self, seen: ToolCallSeen) -> None:
        """A tool call; the last sighting counts, at the first instant."""
        if not self.with_edits:
            return
        known = self._calls.get(seen.key)
        if known is not None:
            first = min(seen.at_ms, known.at_ms)
            seen = replace(seen, at_ms=first, session_id=known.session_id, agent=known.agent)
        self._calls[seen.key] = seen

    def result(self, seen: ToolResultSeen) -> None:
        """The end of a call; the last sighting counts."""
        if not self.with_edits:
            return
        known = self._results.get(seen.key)
        if known is not None:
            code = known.exit_code if seen.exit_code is None else seen.exit_code
            seen = replace(seen, spawned_agent=seen.spawned_agent or known.spawned_agent, exit_code=code)
        self._results[seen.key] = seen

    def edit(self, seen: EditSeen) -> None:
        """An edit; of equal evidence the last counts, at the first instant."""
        if self.with_edits:
            known = self._edits.get(seen.key)
            self._edits[seen.key] = _better(known, seen) if known else seen

    def error(self, key: str, session_id: str, at_ms: int, kind: ErrorKind, about: tuple[Any, Any]) -> None:
        """A failure; ``about`` is its code and its message, of whatever type."""
        code, message = (part if isinstance(part, str | int) else "" for part in about)
        self._errors[key] = ErrorSeen(
            key, session_id, at_ms, kind, str(code or "unknown")[:64], str(message)[:_LONGEST_MESSAGE]
        )

    def agent(self, seen: AgentSeen) -> None:
        """A sub-agent and the first moment it is seen."""
        known = self._agents.get((seen.session_id, seen.agent))
        if known is not None:
            first = min(known.first_ms, seen.first_ms)
            seen = replace(known, first_ms=first, call_key=known.call_key or seen.call_key)
        self._agents[seen.session_id, seen.agent] = seen

    def compaction(self, seen: CompactionSeen) -> None:
        """A compaction of the context."""
        self._compactions[seen.key] = seen

    def unread(self, offset: int, length: int, error: object) -> None:
        """A record that could not be read."""
        self.facts.quarantined.append(Quarantined(offset, length, str(error)[:200]))

    def unseen(self, kind: object) -> None:
        """A kind of record that is not known."""
        shown = "".join(letter if letter.isprintable() else "?" for letter in str(kind)[:_LONGEST_KIND])
        self.odd[shown or "(none)"] += 1

    def finish(self) -> Facts:
        """The facts gathered."""
        facts = self.facts
        facts.sessions = self.spans.collect()
        facts.prompts = list(self._prompts.values())
        facts.requests = list(self._requests.values())
        facts.calls = list(self._calls.values())
        facts.results = list(self._results.values())
        facts.edits = list(self._edits.values())
        facts.errors = list(self._errors.values())
        facts.agents = list(self._agents.values())
        facts.compactions = list(self._compactions.values())
        facts.served = list(self._served.values())
        facts.uncounted = list(self._uncounted.values())
        facts.superseded = list(self._superseded)
        return facts


def _better(old: EditSeen, new: EditSeen) -> EditSeen:
    first = min(old.at_ms, new.at_ms)
    is_same = (new.added, new.removed) == (old.added, old.removed)
    if new.rank < old.rank or (new.rank == old.rank and is_same):
        return replace(old, at_ms=first, status=old.status or new.status)
    return replace(
        new,
        at_ms=first,
        request_key=new.request_key or old.request_key,
        session_id=old.session_id,
        agent=old.agent,
        cwd=old.cwd,
        branch=old.branch,
        status=new.status or old.status,
    )
