"""Fields of records that no reader of ours has met: how a format's drift is seen before it costs numbers.

A name counts as known wherever it stands in a source's records. Only names are looked at, never
values, and only down to the level at which formats are told apart from what people and models say.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAME: Final = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]{0,39}")
_DEEPEST: Final = 3
_LONGEST: Final = 256 << 10
_SMALL: Final = 8 << 10
_PASSED: Final = 300
"""How many times as many bytes as those of a record looked at are passed over after it in a long chunk."""
_MOST_ITEMS: Final = 20
_MOST_NAMES: Final = 60
#: What stands below these is what tools were given, what they answered, and settings of the person's own.
FREE: Final = frozenset(
    {
        "answers",
        "args",
        "arguments",
        "attachment",
        "content",
        "diffs",
        "env",
        "environment",
        "function_call",
        "headers",
        "input",
        "metadata",
        "options",
        "output",
        "parameters",
        "params",
        "parts",
        "properties",
        "questions",
        "result",
        "results",
        "schema",
        "settings",
        "snapshot",
        "state",
        "structuredContent",
        "toolUseResult",
        "tools",
        "tracked_files",
        "trackedFileBackups",
    }
)


@cache
def known_names(source: str) -> frozenset[str] | None:
    """Names of a source's fields that were met before; None where nothing is known of its format."""
    for line in _table().splitlines():
        name, _, told = line.partition(": ")
        if name == source:
            return frozenset(told.split())
    return None


@cache
def _table() -> str:
    return Path(__file__).with_name("known_fields.txt").read_text("utf-8")


def unknown_fields(source: str, chunk: bytes, *, is_document: bool = False) -> dict[str, int]:
    """How many records of a chunk have a field of an unknown name, by its path; of long chunks a part is looked at."""
    known = known_names(source)
    found: dict[str, int] = {}
    if known is None:
        return found
    for record in [chunk] if is_document else _looked_at(chunk):
        if not is_document and len(record) > _LONGEST:
            continue
        try:
            value = msgspec.json.decode(record)
        except (msgspec.MsgspecError, RecursionError, ValueError):
            # Whatever cannot be decoded is told by the source itself.
            continue
        if _holds_known(value, known, 1):
            continue
        for path in set(_paths(value, "", 1)):
            if path.rpartition(".")[2].removesuffix("[]") not in known:
                found[path] = found.get(path, 0) + 1
    return found if len(found) <= _MOST_NAMES else dict(Counter(found).most_common(_MOST_NAMES))


def _looked_at(chunk: bytes) -> Iterator[bytes]:
    """Records of a chunk: all of a short one, of a long one those that hold a small share of its bytes."""
    passed, longest = (0, _LONGEST) if len(chunk) <= _SMALL else (_PASSED, _SMALL)
    start = 0
    while start < len(chunk):
        end = chunk.find(b"\n", start)
        end = len(chunk) if end < 0 else end
        if chunk.startswith(b"{", start) and end - start <= longest:
            yield chunk[start:end]
        # Splitting a long chunk into lines would cost more than reading what counts of it.
        past = chunk.find(b"\n", end + passed * (end - start))
        if past < 0:
            return
        start = past + 1


def _holds_known(value: Any, known: frozenset[str], depth: int) -> bool:
    """Whether every field that ``_paths`` would tell is known, as those of nearly all records are."""
    if isinstance(value, list):
        return all(_holds_known(item, known, depth) for item in value[:_MOST_ITEMS])
    if not isinstance(value, dict):
        return True
    if not value.keys() <= known:
        return False
    if depth >= _DEEPEST:
        return True
    for name, inner in value.items():
        kind = type(inner)
        if (
            # Nearly all fields hold a plain value.
            (kind is dict or kind is list or (kind is str and inner[:1] == "{"))
            and name not in FREE
            and not _holds_known(_opened(inner), known, depth + 1)
        ):
            return False
    return True


def _paths(value: Any, above: str, depth: int) -> Iterator[str]:
    """Paths of the fields below a value, without those that a free part holds."""
    if isinstance(value, list):
        for item in value[:_MOST_ITEMS]:
            yield from _paths(item, above, depth)
        return
    if not isinstance(value, dict):
        return
    for name, inner in value.items():
        if not _NAME.fullmatch(name):
            # A file's name or a time as a key: this object is a table of the person's things.
            return
        path = f"{above}.{name}" if above else name
        yield path
        if depth < _DEEPEST and name not in FREE:
            yield from _paths(_opened(inner), path, depth + 1)


def _opened(value: Any) -> Any:
    """A text that holds an object: databases keep records in their columns so."""
    if isinstance(value, str) and value[:1] == "{" and len(value) <= _LONGEST:
        try:
            return msgspec.json.decode(value)
        except (msgspec.MsgspecError, RecursionError, ValueError):
            return None
    return value
