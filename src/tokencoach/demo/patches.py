"""Differences between two texts in the shapes that the assistants log."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

CONTEXT_LINES = 3
NO_NEWLINE = "\\ No newline at end of file"
SIGNIFICANT_CHARACTERS = 6


class PatchHunk(NamedTuple):
    """One hunk: 1-based starts, counts, and lines that begin with blank, ``-`` or ``+``."""

    old_start: int
    old_lines: int
    new_start: int
    new_lines: int
    lines: tuple[str, ...]


def hunks(before: str, after: str) -> Iterator[PatchHunk]:
    """Unified hunks with three lines of context."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for group in matcher.get_grouped_opcodes(CONTEXT_LINES):
        lines: list[str] = []
        for tag, old_from, old_to, new_from, new_to in group:
            if tag == "equal":
                lines += _marked(" ", old[old_from:old_to])
                continue
            lines += _marked("-", old[old_from:old_to])
            lines += _marked("+", new[new_from:new_to])
        old_from, old_to = group[0][1], group[-1][2]
        new_from, new_to = group[0][3], group[-1][4]
        # A side without lines is numbered by the line before it, as diff does.
        yield PatchHunk(
            old_from + 1 if old_to > old_from else old_from,
            old_to - old_from,
            new_from + 1 if new_to > new_from else new_from,
            new_to - new_from,
            tuple(lines),
        )


def _marked(mark: str, lines: list[str]) -> Iterator[str]:
    for line in lines:
        yield mark + line.removesuffix("\n").removesuffix("\r")
        # Both assistants' diff libraries mark it so, as git does.
        if not line.endswith("\n"):
            yield NO_NEWLINE


def structured_patch(before: str, after: str) -> list[dict[str, object]]:
    """The ``structuredPatch`` of Claude Code."""
    return [
        {
            "oldStart": hunk.old_start,
            "oldLines": hunk.old_lines,
            "newStart": hunk.new_start,
            "newLines": hunk.new_lines,
            "lines": list(hunk.lines),
        }
        for hunk in hunks(before, after)
    ]


def unified_diff(before: str, after: str) -> str:
    """The ``unified_diff`` of Codex: hunks without file headers."""
    parts: list[str] = []
    for hunk in hunks(before, after):
        old, new = f"{hunk.old_start},{hunk.old_lines}", f"{hunk.new_start},{hunk.new_lines}"
        parts += [f"@@ -{old} +{new} @@", *hunk.lines]
    return "".join(f"{part}\n" for part in parts)


def patch_text(path: str, before: str | None, after: str) -> str:
    """The text that Codex hands to ``apply_patch``."""
    if before is None:
        body = [f"*** Add File: {path}", *(f"+{line}" for line in after.splitlines())]
    else:
        body = [f"*** Update File: {path}"]
        for hunk in hunks(before, after):
            body += ["@@", *(line for line in hunk.lines if line != NO_NEWLINE)]
    return "\n".join(["*** Begin Patch", *body, "*** End Patch"])


def added_and_removed(before: str, after: str) -> tuple[list[str], list[str]]:
    """Lines that ``after`` has and ``before`` lacks, and the reverse, in order, without endings."""
    old, new = before.splitlines(), after.splitlines()
    added: list[str] = []
    removed: list[str] = []
    for tag, old_from, old_to, new_from, new_to in SequenceMatcher(
        None, old, new, autojunk=False
    ).get_opcodes():
        if tag != "equal":
            removed += old[old_from:old_to]
            added += new[new_from:new_to]
    return added, removed


def is_significant(line: str) -> bool:
    """Whether a line says enough to be counted: at least six letters or digits."""
    return sum(character.isalnum() for character in line) >= SIGNIFICANT_CHARACTERS
