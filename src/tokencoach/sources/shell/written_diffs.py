"""Diffs that an assistant writes to a file of their own: what they would change, once something applies them."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from tokencoach.sources.logged_paths import resolve
from tokencoach.sources.shell.patches import Patching, patched
from tokencoach.usage.words import EditKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tokencoach.usage.facts import EditSeen

_NAMES: Final = (".diff", ".patch")
_IS_NAMED: Final = re.compile(r"(?:^|[._-])(?:diff|patch)(?:$|[._-])", re.IGNORECASE)
_MARKED: Final = re.compile(r'^--- (?:"?a/|/dev/null)', re.MULTILINE)
_MOST_BYTES: Final = 1 << 20
_MOST_FILES: Final = 24


def of_written_diffs(edits: Iterable[EditSeen]) -> Iterator[EditSeen]:
    """One edit a file that a diff changes which one of the edits wrote down, after those edits.

    Whether and where it is applied is told by another call, or by none: only git can show it. What a
    diff takes away is left out, for nothing says that it ever did.
    """
    for edit in edits:
        if _is_diff(edit):
            how = Patching(1 if _MARKED.search(edit.added) else 0, is_reverse=False, files=())
            found = [one for one in patched(edit.added + "\n", how) if one.path and one.change.added]
            for number, one in enumerate(found[:_MOST_FILES]):
                yield replace(
                    edit,
                    key=f"{edit.key}#diff{number}",
                    path=resolve(one.path, edit.cwd),
                    kind=EditKind.SHELL_DIFF,
                    added=one.change.added,
                    removed="",
                    moved_from=None,
                )


def _is_diff(edit: EditSeen) -> bool:
    """Whether an edit's lines are a diff, by the name of the file and by what stands in it."""
    name = edit.path.replace("\\", "/")
    if not (name.endswith(_NAMES) or _IS_NAMED.search(posixpath.basename(name))) or edit.kind.is_unseen:
        return False
    text = edit.added
    return len(text) <= _MOST_BYTES and "\n@@ -" in text and "\n+++ " in text
