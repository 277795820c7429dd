"""Which sessions the checkpoints hold that commits name, from the branch or the refs that carry them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec
import xxhash

from tokencoach.attribution.evidence.facts import session_name
from tokencoach.git.blobs import contents
from tokencoach.git.errors import GitError
from tokencoach.git.notes import tip_of
from tokencoach.git.refs import refs
from tokencoach.store.evidence_rows import checkpoint_names
from tokencoach.store.evidence_writer import EvidenceWriter

if TYPE_CHECKING:
    from tokencoach.store.repo_rows import KnownRepo
    from tokencoach.store.writer import Writer

_BRANCHES: Final = (
    "refs/heads/entire/checkpoints/v1",
    "refs/remotes/origin/entire/checkpoints/v1",
)
_REFS: Final = "refs/entire/checkpoints/"
_MOST_SESSIONS: Final = 64


class _Place(NamedTuple):
    """Where a checkpoint lies: a commit, and a folder in it that ends in a slash where it has a name."""

    tip: str
    folder: bytes


def read_checkpoints(writer: Writer, repo: KnownRepo, mark: str) -> str:
    """Take in the sessions of checkpoints; the new mark, equal to ``mark`` where nothing is new."""
    names = checkpoint_names(writer.connection, repo.repo_id)
    if not names:
        return mark
    git_dir = Path(repo.common_dir)
    tip = tip_of(git_dir, *_BRANCHES) or ""
    found = f"{tip}:{len(names)}"
    try:
        own = {ref.name: ref.sha for ref in refs(git_dir) if ref.name.startswith(_REFS)}
        if own:
            found += f":{xxhash.xxh3_64_hexdigest(repr(sorted(own.items())).encode())}"
        if found == mark or not (tip or own):
            return found
        sessions = _sessions(git_dir, _places(names, tip, own))
    except GitError:
        # A branch that is half there is read again when it moves.
        return found
    with writer.transaction() as connection:
        EvidenceWriter(connection, repo.repo_id).checkpoints(sessions)
    return found


def _places(names: list[str], tip: str, own: dict[str, str]) -> dict[str, _Place]:
    """Where each checkpoint lies that is there: on the branch of all of them, or under a ref of its own."""
    found = {}
    for name in names:
        ref = own.get(f"{_REFS}{name[-2:]}/{name}")
        if ref is not None:
            found[name] = _Place(ref, b"")
        elif tip:
            found[name] = _Place(tip, f"{name[:2]}/{name[2:]}/".encode("ascii"))
    return found


def _sessions(git_dir: Path, places: dict[str, _Place]) -> dict[str, set[str]]:
    """The session of a checkpoint's own record, and of each part that the record lists."""
    asked = {(place.tip, place.folder + b"metadata.json"): name for name, place in places.items()}
    held: dict[str, set[str]] = {name: set() for name in places}
    parts: dict[tuple[str, bytes], str] = {}
    for file, content in contents(git_dir, asked):
        name = asked[file]
        record = _record(content)
        held[name] |= _named(record)
        listed = record.get("sessions")
        for part in listed[:_MOST_SESSIONS] if isinstance(listed, list) else ():
            told = part.get("metadata") if isinstance(part, dict) else None
            path = told.lstrip("/").encode("utf-8", "surrogateescape") if isinstance(told, str) else b""
            if path and path.startswith(places[name].folder):
                parts[places[name].tip, path] = name
    for file, content in contents(git_dir, parts):
        held[parts[file]] |= _named(_record(content))
    return held


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
