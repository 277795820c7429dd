"""Which sessions the checkpoints hold that commits name, from the branch that carries them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from tokencoach.attribution.evidence.facts import session_name
from tokencoach.git.blobs import contents
from tokencoach.git.errors import GitError
from tokencoach.git.notes import tip_of
from tokencoach.store.evidence_rows import checkpoint_names
from tokencoach.store.evidence_writer import EvidenceWriter

if TYPE_CHECKING:
    from tokencoach.store.repo_rows import KnownRepo
    from tokencoach.store.writer import Writer

_BRANCHES: Final = (
    "refs/heads/entire/checkpoints/v1",
    "refs/remotes/origin/entire/checkpoints/v1",
)
_MOST_SESSIONS: Final = 64


def read_checkpoints(writer: Writer, repo: KnownRepo, mark: str) -> str:
    """Take in the sessions of checkpoints; the new mark, equal to ``mark`` where nothing is new."""
    names = checkpoint_names(writer.connection, repo.repo_id)
    if not names:
        return mark
    git_dir = Path(repo.common_dir)
    tip = tip_of(git_dir, *_BRANCHES) or ""
    found = f"{tip}:{len(names)}"
    if not tip or found == mark:
        return found
    try:
        sessions = _sessions(git_dir, tip, names)
    except GitError:
        # A branch that is half there is read again when it moves.
        return found
    with writer.transaction() as connection:
        EvidenceWriter(connection, repo.repo_id).checkpoints(sessions)
    return found


def _sessions(git_dir: Path, tip: str, names: list[str]) -> dict[str, set[str]]:
    """The session of a checkpoint's own record, and of each part that the record lists."""
    asked = {_folder(name) + b"/metadata.json": name for name in names}
    held: dict[str, set[str]] = {name: set() for name in names}
    parts: dict[bytes, str] = {}
    for (_, path), content in contents(git_dir, [(tip, path) for path in asked]):
        name = asked[path]
        record = _record(content)
        held[name] |= _named(record)
        listed = record.get("sessions")
        for part in listed[:_MOST_SESSIONS] if isinstance(listed, list) else ():
            place = part.get("metadata") if isinstance(part, dict) else None
            if isinstance(place, str) and place.lstrip("/").startswith(_folder(name).decode()):
                parts[place.lstrip("/").encode("utf-8", "surrogateescape")] = name
    for (_, path), content in contents(git_dir, [(tip, path) for path in parts]):
        held[parts[path]] |= _named(_record(content))
    return held


def _folder(name: str) -> bytes:
    return f"{name[:2]}/{name[2:]}".encode("ascii")


def _record(content: bytes | None) -> dict[str, Any]:
    try:
        said = msgspec.json.decode(content or b"{}")
    except (msgspec.DecodeError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _named(record: dict[str, Any]) -> set[str]:
    listed = record.get("session_ids")
    names = [record.get("session_id"), *(listed[:_MOST_SESSIONS] if isinstance(listed, list) else ())]
    return {name for name in map(session_name, names) if name}
