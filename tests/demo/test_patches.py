"""The patches that the actor logs turn the text before into the text after."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from tokencoach.demo.patches import NO_NEWLINE, added_and_removed, hunks, unified_diff

if TYPE_CHECKING:
    from pathlib import Path

LINES = st.lists(st.sampled_from(["alpha", "beta", "", "  gamma", "+delta", "-epsilon"]), max_size=30)
TEXTS = st.builds(lambda lines, end: "\n".join(lines) + end, LINES, st.sampled_from(["", "\n"]))


def applied(before: str, after: str) -> str:
    """``before`` with the hunks between both laid over it."""
    old = before.splitlines(keepends=True)
    result: list[str] = []
    position = 0
    for hunk in hunks(before, after):
        start = hunk.old_start - 1 if hunk.old_lines else hunk.old_start
        result += old[position:start]
        position = start + hunk.old_lines
        for line, following in zip(hunk.lines, [*hunk.lines[1:], ""], strict=True):
            if line[0] in " +":
                result.append(line[1:] + ("" if following == NO_NEWLINE else "\n"))
    return "".join(result + old[position:])


@given(TEXTS, TEXTS)
def test_hunks_rebuild_the_text_after(before: str, after: str) -> None:
    assert applied(before, after) == after


@given(TEXTS, TEXTS)
def test_added_and_removed_balance_the_line_counts(before: str, after: str) -> None:
    added, removed = added_and_removed(before, after)
    grown = len(after.splitlines()) - len(before.splitlines())
    assert len(added) - len(removed) == grown


def test_git_accepts_the_unified_diff(tmp_path: Path) -> None:
    before = "".join(f"line {number}\n" for number in range(40))
    after = before.replace("line 3\n", "").replace("line 20\n", "line twenty\nand more\n") + "no newline"
    (tmp_path / "a.txt").write_text(before, encoding="utf-8")
    patch = f"--- a/a.txt\n+++ b/a.txt\n{unified_diff(before, after)}"
    subprocess.run(["git", "apply", "-"], cwd=tmp_path, input=patch.encode(), check=True)
    assert (tmp_path / "a.txt").read_text(encoding="utf-8") == after
