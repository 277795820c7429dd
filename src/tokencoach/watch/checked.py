"""What checks were about, in keys of lines: so an answer is found again wherever its lines land."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from tokencoach.attribution.lines import is_significant, line_keys
from tokencoach.git.errors import GitError
from tokencoach.git.locate import is_git_dir
from tokencoach.git.notes import note_texts
from tokencoach.store.checks.understood_rows import put_line_keys, unkeyed_questions

if TYPE_CHECKING:
    from tokencoach.store.checks.understood_rows import Unkeyed
    from tokencoach.store.writer import Writer

_AT_ONCE: Final = 400


def key_questions(writer: Writer) -> int:
    """Keep the keys of the functions that were asked about since; how many questions got theirs."""
    found = unkeyed_questions(writer.connection, _AT_ONCE)
    if not found:
        return 0
    texts: dict[tuple[str, str], bytes | None] = {}
    for place in {one.place for one in found}:
        for blob, text in _texts(place, {one.blob for one in found if one.place == place and one.blob}):
            texts[place, blob] = text
    with writer.transaction() as connection:
        put_line_keys(connection, [(one, _keys(one, texts.get((one.place, one.blob)))) for one in found])
    return len(found)


def _texts(place: str, blobs: set[str]) -> list[tuple[str, bytes | None]]:
    if not is_git_dir(Path(place)):
        return []
    try:
        return list(note_texts(Path(place), blobs))
    except GitError:
        return []


def _keys(one: Unkeyed, text: bytes | None) -> list[int]:
    """Keys of the function's significant lines; none where its text is gone."""
    keys = line_keys(text or b"")[one.first_line - 1 : one.last_line]
    return sorted({key for key in keys if is_significant(key)})
