"""Which files are marked, asked of git itself: attributes in every folder, and those of the git directory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tokencoach.attribution.excluded import is_marked_under, marked_files
from watch.folder_settings import FOLDERS, PATHS, repository_with

if TYPE_CHECKING:
    from pathlib import Path

    from git.builder import Builder

_PATTERNS = st.sampled_from(
    (
        "*.py", "a.py", "/a.py", "gen/**", "**/gen/**", "**/a.py", "x/**/a.py", "gen/", "gen", "*", "**", "x/*",
        "[ab].py", "[!a]*.py", "?.py", "*.gen.*", '"b c.py"', "x/[[]a].py", "\\\\a.py", "!a.py", "#a.py", "y/*/a.ts",
    )
)  # fmt: skip
_WORDS = st.sampled_from(
    (
        "linguist-generated", "linguist-generated=true", "linguist-generated=false", "-linguist-generated",
        "!linguist-generated", "linguist-vendored", "-linguist-vendored", "-diff", "diff", "diff=python", "!diff",
        "binary", "text eol=lf", "made", "-made", "!made", "made diff", "made -linguist-generated", "linked", "filter=lfs",
        "-filter", "filter=indent",
    )
)  # fmt: skip
_MACROS = st.sampled_from(
    (
        "[attr]made linguist-generated",
        "[attr]made -diff",
        "[attr]linked filter=lfs -text",
        "[attr]linked made",
    )
)
_LINES = st.one_of(st.tuples(_PATTERNS, _WORDS).map(" ".join), _MACROS)
_TEXTS = st.lists(_LINES, max_size=4).map("\n".join)


def _marked_by_git(repo: Builder) -> dict[str, bool]:
    asked = ("linguist-generated", "linguist-vendored", "diff", "filter")
    told = repo.git("check-attr", "-z", *asked, "--", *PATHS).split("\0")
    found = dict.fromkeys(PATHS, False)
    for path, name, value in zip(told[::3], told[1::3], told[2::3], strict=False):
        marked = {"diff": ("unset",), "filter": ("lfs",)}.get(name, ("set", "true", "1"))
        found[path] |= value in marked
    return found


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.fixed_dictionaries(dict.fromkeys((*FOLDERS, "own"), _TEXTS)))
@example({"": "*.py linguist-generated", "x": "*.py -linguist-generated", "x/y": "", "own": "a.py -diff"})
@example({"": "[attr]made linguist-generated\n*.py made", "x": "*.py -made", "x/y": "*.ts made", "own": ""})
@example({"": "*.py linked", "x": "[attr]linked made", "x/y": "", "own": "[attr]linked filter=lfs -text"})
def test_a_file_is_marked_where_git_says_so(tmp_path: Path, texts: dict[str, str]) -> None:
    repo = repository_with(tmp_path, texts, ".gitattributes", own="attributes")
    lines = {folder: marked_files(texts[folder]) for folder in FOLDERS}
    ours = {path: is_marked_under(path, lines, marked_files(texts["own"])) for path in PATHS}
    assert ours == _marked_by_git(repo)
