"""The authorship log of the Git AI standard 3.0.0, as git notes under ``refs/notes/ai`` hold it.

First come files, each with indented lines of a key and ranges; after a line of three dashes a JSON
object says who the keys are. Keys: ``s_…::t_…`` a session and a trace, ``h_…`` a person who was seen
typing, bare 7 or 16 hex digits a session of older versions. Of a key in one of these forms that the
object does not know, it is known at least that an assistant wrote the lines; what other writers invent
is resolved where the object knows it, and counted where it does not.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Final, NamedTuple

import msgspec

from tokencoach.attribution.evidence.facts import (
    HUMAN,
    SOMEONE,
    Agent,
    Attestation,
    merged,
    ranges_of,
    session_name,
)
from tokencoach.attribution.evidence.tools import source_of
from tokencoach.errors import DamagedInputError

_DIVIDER: Final = b"---"
_VERSIONS: Final = "authorship/3."
_KEY: Final = re.compile(r"^(s_[0-9a-f]{14}|[0-9a-f]{16}|[0-9a-f]{7})$")


class _AgentId(msgspec.Struct):
    tool: str = ""
    id: str = ""


class _Record(msgspec.Struct):
    agent_id: _AgentId | None = None


class _Metadata(msgspec.Struct):
    schema_version: str = ""
    prompts: dict[str, _Record] | None = None
    sessions: dict[str, _Record] | None = None
    humans: dict[str, msgspec.Raw] | None = None


class AuthorshipLog(NamedTuple):
    """What a note attests, file by file and agent by agent; ``strange`` counts lines not understood."""

    attested: tuple[Attestation, ...]
    strange: int


_metadata = msgspec.json.Decoder(_Metadata)


def parse_authorship_log(note: bytes) -> AuthorshipLog:
    """A note's content.

    Raises:
        DamagedInputError: it has no divider, no readable object, or another version.
    """
    head, tail = _halves(note)
    try:
        said = _metadata.decode(tail)
    except (msgspec.DecodeError, RecursionError) as problem:
        raise DamagedInputError(f"the note's metadata cannot be read: {problem}") from None
    if not said.schema_version.startswith(_VERSIONS):
        raise DamagedInputError(f"the note has schema {said.schema_version[:40]!r}, not {_VERSIONS}x")
    found: defaultdict[tuple[bytes, Agent], list[tuple[int, int]]] = defaultdict(list)
    strange = 0
    path = b""
    for line in head.split(b"\n"):
        if not line.strip():
            continue
        if not line.startswith(b" "):
            path = _path(line)
            continue
        key, _, spans = line.strip().partition(b" ")
        agent = _agent(key.decode("utf-8", "replace"), said)
        try:
            ranges = ranges_of(spans.decode("ascii", "replace"))
        except ValueError:
            agent = None
        if agent is None or not path:
            strange += 1
            continue
        found[path, agent].extend(ranges)
    return AuthorshipLog(
        tuple(Attestation(path, agent, merged(ranges)) for (path, agent), ranges in found.items()), strange
    )


def _halves(note: bytes) -> tuple[bytes, bytes]:
    if note.startswith(_DIVIDER + b"\n"):
        return b"", note[len(_DIVIDER) + 1 :]
    head, divider, tail = note.partition(b"\n" + _DIVIDER + b"\n")
    if not divider:
        raise DamagedInputError("the note has no line of three dashes before its metadata")
    return head, tail


def _path(line: bytes) -> bytes:
    line = line.rstrip(b"\r")
    return line[1:-1] if len(line) > 1 and line.startswith(b'"') and line.endswith(b'"') else line


def _agent(key: str, said: _Metadata) -> Agent | None:
    """Who a key stands for; None where the note does not tell."""
    if key.startswith("h_") or key == "human":
        # A person is a person, named in the object or not.
        return HUMAN
    name = key.partition("::")[0]
    record = (said.sessions or {}).get(name) or (said.prompts or {}).get(name)
    if record is None or record.agent_id is None:
        # A rebase or a squash may lose the record: the key still says that an assistant wrote the lines.
        return SOMEONE if _KEY.match(name) else None
    return Agent(source_of(record.agent_id.tool), session_name(record.agent_id.id))
