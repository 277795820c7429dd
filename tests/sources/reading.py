"""Ways to read records in tests."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sources.merging import Merged, merge
from tokencoach.sources.base import LogFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tokencoach.sources.base import Source
    from tokencoach.usage.facts import Facts

MAIN = LogFile(Path("S1.jsonl"), None, "S1")


def jsonl(records: Iterable[Any]) -> bytes:
    """Records as the lines of a log; bytes stand for themselves."""
    return b"".join(
        (record if isinstance(record, bytes) else json.dumps(record, ensure_ascii=False).encode()) + b"\n"
        for record in records
    )


def read_parts(
    source: Source, lines: bytes, cuts: Sequence[int] = (), file: LogFile = MAIN, *, with_edits: bool = True
) -> list[Facts]:
    """Facts of every chunk, where the lines are cut after the given numbers of lines."""
    rows = lines.splitlines(keepends=True)
    edges = sorted({0, len(rows), *(min(cut, len(rows)) for cut in cuts)})
    state, offset, parts = b"", 0, []
    for first, last in pairwise(edges):
        chunk = b"".join(rows[first:last])
        facts, state = source.read(chunk, state, file, offset, with_edits=with_edits)
        offset += len(chunk)
        parts.append(facts)
    return parts


def read_all(
    source: Source, records: Iterable[Any], file: LogFile = MAIN, *, with_edits: bool = True
) -> Merged:
    """Facts of records, read in one piece."""
    return merge(read_parts(source, jsonl(records), file=file, with_edits=with_edits))
