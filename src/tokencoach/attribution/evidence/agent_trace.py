"""Agent Trace records, one JSON object a line, in the two dialects that are found.

The specification's: ``files[].conversations[].ranges[]`` with a revision. The flat one: a
``file_path`` with ``start_line`` and ``end_line``, a session and the call's id, but no revision.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import msgspec

from tokencoach.attribution.evidence.facts import HUMAN, Agent, Ranges, clean, merged, session_name
from tokencoach.attribution.evidence.tools import source_of
from tokencoach.errors import DamagedInputError
from tokencoach.sources.instants import instant_ms

_MARKS: Final = frozenset("0123456789abcdef")
_PREFIXES: Final = (("toolu_", "claude-code"), ("call_", "codex"))
_PROVIDERS: Final = (("anthropic/", "claude-code"), ("openai/", "codex"), ("google/", "gemini-cli"))
_HIGHEST_LINE: Final = 1 << 31


class Traced(NamedTuple):
    """Lines of a file that a record attributes. ``path`` may be absolute; ``revision`` may be empty.

    Line numbers are those of the file at ``at_ms`` (UTC milliseconds), or at the revision.
    """

    path: str
    agent: Agent
    ranges: Ranges
    revision: str
    at_ms: int


def parse_trace(line: bytes) -> list[Traced]:
    """What one line attributes; nothing where it tells of no lines, as at a session's start.

    Raises:
        DamagedInputError: no JSON object, or none of the two dialects.
    """
    try:
        said = msgspec.json.decode(line)
    except (msgspec.DecodeError, RecursionError) as problem:
        raise DamagedInputError(f"the record cannot be read: {problem}") from None
    if not isinstance(said, dict):
        raise DamagedInputError("the record is no JSON object")
    at_ms = _instant(said.get("timestamp"))
    if isinstance(said.get("file_path"), str):
        return _flat(said, at_ms)
    if isinstance(said.get("files"), list):
        return _nested(said, at_ms)
    raise DamagedInputError("the record names neither files nor a file_path")


def _flat(said: dict[str, Any], at_ms: int) -> list[Traced]:
    call = said.get("tool_use_id")
    tool = next(
        (source for prefix, source in _PREFIXES if isinstance(call, str) and call.startswith(prefix)), ""
    )
    agent = Agent(tool, session_name(said.get("session_id")))
    ranges = _ranges([said])
    if not ranges:
        raise DamagedInputError("the record names no lines")
    return [Traced(said["file_path"], agent, ranges, "", at_ms)]


def _nested(said: dict[str, Any], at_ms: int) -> list[Traced]:
    vcs, about = _object(said.get("vcs")), _object(said.get("metadata"))
    revision = vcs.get("revision") if vcs.get("type", "git") == "git" else None
    sha = revision.lower() if isinstance(revision, str) and set(revision.lower()) <= _MARKS else ""
    tool = source_of(_object(said.get("tool")).get("name"))
    session = about.get("session_id") or about.get("conversation_id")
    found = []
    for file in said["files"]:
        path = _object(file).get("path")
        talks = _object(file).get("conversations")
        for talk in talks if isinstance(path, str) and isinstance(talks, list) else ():
            for ranges, agent in _talk(_object(talk), tool, session):
                found.append(Traced(str(path), agent, ranges, sha, at_ms))
    return found


def _talk(said: dict[str, Any], tool: str, session: object) -> list[tuple[Ranges, Agent]]:
    """Ranges of a conversation by who contributed them; unknown contributors are left out."""
    spans = said.get("ranges")
    by_agent: dict[Agent, list[dict[str, Any]]] = {}
    for span in spans if isinstance(spans, list) else ():
        who = _object(_object(span).get("contributor")) or _object(said.get("contributor"))
        agent = _contributor(who, tool, session or said.get("url"))
        if agent is not None:
            by_agent.setdefault(agent, []).append(_object(span))
    return [(ranges, agent) for agent, mine in by_agent.items() if (ranges := _ranges(mine))]


def _contributor(who: dict[str, Any], tool: str, session: object) -> Agent | None:
    kind = who.get("type")
    if kind == "human":
        return HUMAN
    if kind not in {"ai", "mixed"}:
        return None
    model = clean(who.get("model_id"))
    known = tool if tool not in {"", "unknown"} else ""
    guessed = next((source for prefix, source in _PROVIDERS if model.startswith(prefix)), "")
    return Agent(known or guessed, session_name(session))


def _ranges(spans: list[dict[str, Any]]) -> Ranges:
    found = []
    for span in spans:
        first, last = span.get("start_line"), span.get("end_line")
        if isinstance(first, int) and isinstance(last, int) and 1 <= first <= last < _HIGHEST_LINE:
            found.append((first, last))
    return merged(found)


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _instant(value: object) -> int:
    """UTC milliseconds of a record's time; 0 where it has none that can be read."""
    return (instant_ms(value) or 0) if isinstance(value, str) else 0
