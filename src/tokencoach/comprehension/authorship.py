"""Which added lines an assistant wrote: by the keys of what it wrote, and by what others say of a commit."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from tokencoach.attribution.evidence.authorship_log import parse_authorship_log
from tokencoach.attribution.evidence.facts import HUMAN, HintKind, Ranges, holds
from tokencoach.attribution.evidence.trailers import Signature, hints_of
from tokencoach.attribution.lines import line_keys
from tokencoach.comprehension.functions import LEAST_LETTERS
from tokencoach.errors import DamagedInputError

if TYPE_CHECKING:
    from array import array
    from collections.abc import Iterable, Mapping, Sequence

    from tokencoach.comprehension.change import ChangedFile
    from tokencoach.git.told import ToldCommit

WINDOW_MS: Final = 14 * 86_400_000
"""How old an assistant's line may be when it is committed."""


class Said(NamedTuple):
    """What is said of a commit from outside the logs.

    ``ranges`` are lines of the new files that a note gives to an assistant, ``human`` those it gives
    to a person; ``is_whole`` is a signature under the commit as a whole.
    """

    ranges: Mapping[str, tuple[Ranges, ...]] = {}
    human: Mapping[str, tuple[Ranges, ...]] = {}
    is_whole: bool = False


def said_of(told: ToldCommit | None, note: bytes | None) -> Said:
    """What a commit's message and its authorship note say; a damaged note says nothing."""
    is_whole = False
    if told is not None:
        signature = Signature(told.author.name, told.author.mail, told.committer.name, told.message)
        is_whole = any(hint.kind in {HintKind.AIDER, HintKind.CO_AUTHOR} for hint in hints_of(signature))
    ranges: dict[str, tuple[Ranges, ...]] = {}
    human: dict[str, tuple[Ranges, ...]] = {}
    if note is not None:
        try:
            attested = parse_authorship_log(note).attested
        except DamagedInputError:
            attested = ()
        for one in attested:
            goes_to = human if one.agent == HUMAN else ranges
            path = one.path.decode("utf-8", "replace")
            goes_to[path] = (*goes_to.get(path, ()), one.ranges)
    return Said(ranges, human, is_whole)


def with_ai_lines(
    files: Sequence[ChangedFile], written: Mapping[str, Sequence[array[int]]], said: Said
) -> list[ChangedFile]:
    """The files, each with those of its added lines that an assistant wrote.

    ``written`` holds the keys of an assistant's lines by path. No evidence means a person.
    """
    return [file if file.skip is not None else _with(file, written, said) for file in files]


def _with(file: ChangedFile, written: Mapping[str, Sequence[array[int]]], said: Said) -> ChangedFile:
    names = [name for name in (file.path, file.old_path) if name is not None]
    noted = {
        line
        for name in names
        for ranges in said.ranges.get(name, ())
        for line in file.added
        if holds(ranges, line)
    }
    people = {
        line
        for name in names
        for ranges in said.human.get(name, ())
        for line in file.added
        if holds(ranges, line)
    }
    # A note that knows this file is finer than a signature under the whole commit.
    has_note = any(name in said.ranges or name in said.human for name in names)
    signed = file.added if said.is_whole and not has_note else frozenset()
    edits = [keys for name in names for keys in written.get(name, ())]
    found = frozenset((noted | signed | matched_lines(file, edits)) - people)
    return msgspec.structs.replace(file, ai=found)


def matched_lines(file: ChangedFile, edits: Iterable[array[int]]) -> frozenset[int]:
    """Added lines whose key an assistant wrote.

    A line of under 12 characters says nothing. One that the old file held already needs a
    neighbour that the assistant wrote beside it, in the same order.
    """
    keys: set[int] = set()
    pairs: set[tuple[int, int]] = set()
    for edit in edits:
        keys.update(edit)
        pairs.update(pairwise(edit))
    if not keys:
        return frozenset()
    new = line_keys(file.new.replace(b"\r\n", b"\n"))
    old = frozenset(line_keys((file.old or b"").replace(b"\r\n", b"\n")))
    lines = file.new.split(b"\n")
    found = set()
    for number in sorted(file.added):
        place = number - 1
        if place >= len(new) or len(lines[place].strip()) < LEAST_LETTERS or new[place] not in keys:
            continue
        before = place > 0 and (new[place - 1], new[place]) in pairs
        after = place + 1 < len(new) and (new[place], new[place + 1]) in pairs
        if new[place] not in old or before or after:
            found.add(number)
    return frozenset(found)
