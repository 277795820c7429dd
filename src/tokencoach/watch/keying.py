"""Facts into rows: keys hashed, lines turned into line keys, secrets taken out of prompts."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import zstandard

from tokencoach.attribution.lines import line_keys
from tokencoach.sources.decoding import digest64
from tokencoach.sources.shell.written_diffs import of_written_diffs
from tokencoach.sources.shell.written_scripts import of_written_scripts
from tokencoach.store.keyed import (
    CALL_EDIT,
    CALL_SHELL,
    FLAG_ASSUMED_MODEL,
    FLAG_SIDECHAIN,
    FLAG_UNDERCOUNTED,
    KeyedFacts,
    signed,
)
from tokencoach.store.power.served_flags import SERVED_COUNTED, SERVED_ESTIMATED, SERVED_TIMED
from tokencoach.usage.redact import redacted
from tokencoach.usage.words import CallStatus, EditKind, ToolKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tokencoach.store.keyed import EditRow, ServedRow
    from tokencoach.usage.facts import EditSeen, Facts, RequestSeen

_LONGEST_MESSAGE = 500
_LONGEST_KIND = 80
_LONGEST_TEXT = 4 << 20
_MOST_KEYS = 4096
_MOST_USD = 1_000_000
_TOP = 1 << 63
# Asking a member for its value takes ten times as long, and there is one to every call.
_STATUS = {status: status.value for status in CallStatus}
_KIND: dict[ToolKind | None, str | None] = {None: None, **{kind: kind.value for kind in ToolKind}}
_EDIT_KIND = {kind: kind.value for kind in EditKind}


def key_of(source: str, kind: str, text: str) -> int:
    """Signed 64-bit key of a fact of one kind of one source."""
    return Keys(source, kind)[text]


class Keys(dict[str, int]):
    """Keys of the facts of one kind of one source, each hashed once: a call's result names it again."""

    def __init__(self, source: str, kind: str) -> None:
        super().__init__()
        self._before = f"{source}\0{kind}\0".encode("utf-8", "surrogatepass")

    def __missing__(self, text: str) -> int:
        try:
            key = self[text] = digest64(self._before + text.encode())
        except UnicodeEncodeError:
            key = self[text] = digest64(self._before + text.encode("utf-8", "surrogatepass"))
        return key

    def shrink(self) -> None:
        """Forget the keys once there are many."""
        if len(self) > _MOST_KEYS:
            self.clear()


class Keying:
    """Turns the facts of one source into rows."""

    def __init__(self, source: str, *, keep_prompts: bool, keep_text: bool) -> None:
        self.source = source
        self.keep_prompts = keep_prompts
        self.keep_text = keep_text
        self._turns, self._requests, self._calls, self._edits = (
            Keys(source, kind) for kind in ("turn", "request", "call", "edit")
        )
        self._compress = zstandard.ZstdCompressor(level=-1).compress

    def keyed(self, facts: Facts) -> KeyedFacts:
        """The rows of one chunk."""
        turns, requests, calls = self._turns, self._requests, self._calls
        for keys in (turns, requests, calls, self._edits):
            keys.shrink()
        out = KeyedFacts()
        out.sessions = [
            (s.session_id, s.first_ms, s.last_ms, s.cwd, s.branch, s.version, self._title(s.title), s.parent_session_id,
             s.git_commit, s.git_remote)
            for s in facts.sessions
        ]  # fmt: skip
        out.prompts = [
            (
                turns[p.key],
                p.session_id,
                p.at_ms,
                redacted(p.text) if self.keep_prompts else None,
                p.offset,
                p.length,
            )
            for p in facts.prompts
        ]
        for request in facts.requests:
            self._request(request, out)
        out.calls = [
            (calls[c.key], requests[c.request_key], c.session_id, c.agent, c.at_ms,
             c.name[:120], d if -_TOP <= (d := c.input_digest) < _TOP else signed(d),
             CALL_EDIT * c.is_edit | CALL_SHELL * c.is_shell, _KIND[c.kind], c.path, c.subject and signed(c.subject))
            for c in facts.calls
        ]  # fmt: skip
        out.results = [
            (calls[r.key], r.session_id, r.at_ms, _STATUS[r.status], r.spawned_agent,
             d if -_TOP <= (d := r.output_digest) < _TOP else signed(d), r.output_bytes, r.exit_code)
            for r in facts.results
        ]  # fmt: skip
        guessed = (*of_written_diffs(facts.edits), *of_written_scripts(facts.edits))
        out.edits = [self._edit(edit) for edit in (*facts.edits, *guessed)]
        # Many small logs are as many chunks, and most hold nothing of these.
        if (
            facts.unseen or facts.errors or facts.agents or facts.compactions or facts.uses
            or facts.costs or facts.uncounted or facts.served or facts.quarantined or facts.superseded
        ):  # fmt: skip
            self._rare(facts, out)
        return out

    def _rare(self, facts: Facts, out: KeyedFacts) -> None:
        """Rows of the kinds that most chunks have none of."""
        source, calls = self.source, self._calls
        out.unseen = _named(facts.unseen)
        out.errors = [
            (key_of(source, "error", e.key), e.session_id, e.at_ms, e.kind.value, e.code[:120],
             redacted(e.message[:_LONGEST_MESSAGE]))
            for e in facts.errors
        ]  # fmt: skip
        out.agents = [
            (a.agent, a.session_id, a.first_ms, calls[a.call_key] if a.call_key else None)
            for a in facts.agents
        ]
        out.compactions = [
            (key_of(source, "compaction", c.key), c.session_id, c.at_ms, c.before_tokens, c.after_tokens)
            for c in facts.compactions
        ]
        out.uses = [
            (key_of(source, "use", u.key), u.session_id, u.at_ms, u.how.value, u.name[:120])
            for u in facts.uses
        ]
        out.costs = [
            (c.session_id, c.model, c.at_ms, c.input, c.cache_read, c.cache_write_5m, c.cache_write_1h, c.output,
             _nano(c.cost_usd) or 0)
            for c in facts.costs
        ]  # fmt: skip
        out.uncounted = [
            (key_of(source, "request", u.key), u.session_id, u.at_ms, u.characters) for u in facts.uncounted
        ]
        out.superseded = [key_of(source, "request", key) for key in facts.superseded]
        out.served = self._served(facts)
        out.quarantined = [
            (q.offset, q.length, redacted(q.error[:_LONGEST_MESSAGE])) for q in facts.quarantined
        ]

    def _title(self, title: str | None) -> str | None:
        """A title sums up what was asked, so it is kept as prompts are."""
        return redacted(title) if title and self.keep_prompts else None

    def _request(self, r: RequestSeen, out: KeyedFacts) -> None:
        key = self._requests[r.key]
        flags = (
            FLAG_SIDECHAIN * r.is_sidechain
            | FLAG_ASSUMED_MODEL * r.is_assumed_model
            | FLAG_UNDERCOUNTED * r.is_undercounted
        )
        out.requests.append(
            (key, r.session_id, r.agent, r.at_ms, r.model, r.input, r.cache_read, r.cache_write_5m,
             r.cache_write_1h, r.output, r.reasoning, flags)
        )  # fmt: skip
        if r.owner_session_id is not None and r.owner_session_id != r.session_id:
            out.owners[key] = r.owner_session_id
        if r.tier or r.estimated_output or r.logged_cost_usd is not None:
            out.notes.append((key, r.tier, r.estimated_output or None, _nano(r.logged_cost_usd)))

    def _served(self, facts: Facts) -> list[ServedRow]:
        requests = {r.key: r for r in facts.requests}
        return [
            (key_of(self.source, "request", r.key), r.session_id, r.at_ms, r.model, r.input, r.cache_read, r.output,
             s.prompt_ms, s.output_ms,
             SERVED_TIMED * s.is_timed | SERVED_COUNTED * s.has_counts | SERVED_ESTIMATED * s.is_estimated)
            for s in facts.served
            if (r := requests.get(s.request_key)) is not None
        ]  # fmt: skip

    def _edit(self, e: EditSeen) -> EditRow:
        added = e.added.encode("utf-8", "surrogatepass")
        keeps_text = self.keep_text and 0 < len(added) <= _LONGEST_TEXT
        return (
            self._edits[e.key],
            self._calls[e.call_key],
            self._requests[e.request_key] if e.request_key else 0,
            e.session_id,
            e.agent,
            e.at_ms,
            e.path,
            e.cwd,
            e.branch,
            _EDIT_KIND[e.kind],
            e.rank,
            _STATUS[e.status] if e.status else None,
            int(e.is_human_modified),
            e.moved_from,
            # A program's text holds lines that it writes, but is none of them.
            b"" if e.kind.is_unseen else line_keys(added).tobytes(),
            line_keys(e.removed.encode("utf-8", "surrogatepass")).tobytes() if e.removed else b"",
            self._compress(added) if keeps_text else None,
        )


def _nano(usd: float | None) -> int | None:
    """A logged cost in nano-dollars; None where it is none that anybody pays for one request or session."""
    return round(usd * 1e9) if usd is not None and 0 <= usd <= _MOST_USD else None


def _named(kinds: Mapping[str, int]) -> dict[str, int]:
    """Kinds of records as they may be shown: a damaged record's kind can be any text at all."""
    shown: Counter[str] = Counter()
    for kind, count in kinds.items():
        shown[redacted(kind[:_LONGEST_KIND])] += count
    return shown
