"""Which files are ignored, asked of git itself: in every folder, and in the git directory."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tokencoach.attribution.ignored import ignore_lines, is_ignored
from watch.folder_settings import FOLDERS, PATHS, repository_with

if TYPE_CHECKING:
    from pathlib import Path

    from git.builder import Builder

_PATTERNS = st.sampled_from(
    (
        "*.py", "a.py", "/a.py", "gen/**", "**/gen/**", "**/a.py", "x/**/a.py", "gen/", "gen", "*", "x/*", "/gen/",
        "[ab].py", "[!a]*.py", "?.py", "*.gen.*", "b c.py", "b\\ c.py", "x/[[]a].py", "y/*/a.ts", "#a.py", "x/gen",
        "a.py  ", "x/", "/x/y", "y/gen/",
    )
)  # fmt: skip
_LINES = st.tuples(st.sampled_from(("", "", "!")), _PATTERNS).map("".join)
_TEXTS = st.lists(_LINES, max_size=4).map("\n".join)


def _ignored_by_git(repo: Builder) -> set[str]:
    asked = "".join(f"{path}\0" for path in PATHS)
    done = subprocess.run(
        [
            "git",
            "-C",
            str(repo.folder),
            "-c",
            "core.excludesFile=",
            "check-ignore",
            "--no-index",
            "-z",
            "--stdin",
        ],
        input=asked.encode(),
        capture_output=True,
        check=False,
    )
    assert done.returncode in (0, 1), done.stderr
    return {path for path in done.stdout.decode().split("\0") if path}


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.fixed_dictionaries(dict.fromkeys((*FOLDERS, "own"), _TEXTS)))
@example({"": "*.py\n!a.py", "x": "gen\n!gen/a.py", "x/y": "!*", "own": "b c.py"})
def test_a_file_is_ignored_where_git_says_so(tmp_path: Path, texts: dict[str, str]) -> None:
    repo = repository_with(tmp_path, texts, ".gitignore", own="exclude")
    told_of = {folder: ignore_lines(texts[folder]) for folder in FOLDERS}
    ours = {path for path in PATHS if is_ignored(path, told_of, ignore_lines(texts["own"]))}
    assert ours == _ignored_by_git(repo)
