"""Which folder each of Cursor's conversations was held in.

What is said lies in one database for all folders. Where it was said stands elsewhere, by version: in
the database of each workspace, which lists its conversations; later in one list for all; later in a
table of their heads. Conversations whose folder nothing tells are left without one.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any, Final

import msgspec

from tokencoach.sources.base import Table
from tokencoach.sources.carried import Carrier
from tokencoach.sources.decoding import digest64
from tokencoach.sources.discovery import told_in
from tokencoach.sources.editors import path_of
from tokencoach.sources.fields import decoded, moment_ms, record, records, text

if TYPE_CHECKING:
    from collections import Counter
    from pathlib import Path

    from tokencoach.sources.base import LogFile
    from tokencoach.sources.gathering import Gathering

_VERSION: Final = 1


def _listed(key: str) -> Table:
    return Table("ItemTable", ("key", "value"), "rowid", (), ("key", key))


#: The list in a workspace's own database.
LISTED: Final = (_listed("composer.composerData"),)
#: What the database for all folders tells of them.
FOLDERS: Final = (
    Table(
        "composerHeaders",
        ("composerId", "workspaceId", "createdAt", "lastUpdatedAt", "value"),
        "lastUpdatedAt",
    ),
    _listed("composer.composerHeaders"),
)


class State(msgspec.Struct, array_like=True):
    """Carried from chunk to chunk: what was told of each conversation, for lists are written anew as a whole."""

    version: int = _VERSION
    told: dict[str, int] = msgspec.field(default_factory=dict)


_CARRIER: Final = Carrier(State, _VERSION)


class FolderReading:
    """Reads rows that list conversations into sessions with their folders."""

    def __init__(self, into: Gathering, state: bytes, file: LogFile) -> None:
        self._into = into
        self._state = _CARRIER.load(state)
        self._folder, self._named = file.cwd, dict(file.folders)

    def state(self) -> bytes:
        """What is to be carried on."""
        return _CARRIER.dump(self._state)

    def row(self, row: dict[str, Any]) -> None:
        """The head of one conversation, or a list of many."""
        told = stored(row, self._into.odd)
        own = text(row.get("composerId"))
        if own is not None:
            self._head(own, {**row, **{name: value for name, value in told.items() if value is not None}})
            return
        for head in records(told.get("allComposers")):
            if (own := text(head.get("composerId"))) is not None:
                self._head(own, head)

    def _head(self, own: str, head: dict[str, Any]) -> None:
        at_ms = moment_ms(head.get("createdAt"))
        is_used = text(head.get("name")) or head.get("lastUpdatedAt")
        if at_ms is None or not is_used or head.get("isDraft") is True:
            return
        at = record(head.get("workspaceIdentifier"))
        named = text(at.get("id")) or text(head.get("workspaceId"))
        folder = path_of(at.get("uri")) or (self._named.get(named) if named else self._folder)
        if folder is None:
            return
        title = text(head.get("name"))
        digest = digest64(f"{folder}\n{title}".encode("utf-8", "replace"))
        if self._state.told.get(own) != digest:
            self._state.told[own] = digest
            self._into.session(own, at_ms, cwd=folder, title=title)


def stored(row: dict[str, Any], odd: Counter[str]) -> dict[str, Any]:
    """The object that stands as JSON in a row's value, whether as a text or as bytes."""
    value = row.get("value")
    packed = record(value).get("base64")
    if isinstance(packed, str):
        value = base64.b64decode(packed).decode("utf-8", "replace")
    return record(decoded(value, odd))


def trusted(project: Path) -> str | None:
    """The folder that an agent's project is of, as it was noted when the folder was trusted."""
    return text(record(told_in(project / ".workspace-trusted")).get("workspacePath"))
