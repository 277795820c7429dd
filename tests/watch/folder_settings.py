"""Files of git's settings in every folder of a repository, as git itself is asked about them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from git.builder import Builder

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

PATHS: Final = (
    "a.py",
    "b c.py",
    "x/a.py",
    "x/gen/a.py",
    "x/y/gen/a.ts",
    "x/y/model.gen.py",
    "gen/deep/b.ts",
    "gen/deep/down/b.ts",
    "x/[a].py",
)
FOLDERS: Final = ("", "x", "x/y")


def repository_with(folder: Path, texts: Mapping[str, str], name: str, own: str) -> Builder:
    """A repository whose folders each have the file ``name``, and its git directory ``own`` with the text of that key."""
    repo = Builder(folder)
    for inside in FOLDERS:
        file = repo.folder / inside / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(texts[inside], encoding="utf-8")
    place = repo.git_dir / "info" / own
    place.parent.mkdir(exist_ok=True)
    place.write_text(texts["own"], encoding="utf-8")
    return repo
