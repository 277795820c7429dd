"""Removals of what git never held are void, whoever had typed it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from attribution.scene import Scene, code
from git.builder import DAY_S
from tokencoach.attribution.lines import line_keys
from tokencoach.attribution.unborn import void_lines
from tokencoach.git.blobs import contents
from tokencoach.usage.words import EditKind

if TYPE_CHECKING:
    from pathlib import Path

HOUR = 3600


def test_a_removal_of_a_persons_uncommitted_lines_is_void(tmp_path: Path) -> None:
    scene = Scene.at(tmp_path)
    scene.repo.commit(0, a_py=code("old"))
    typed = code("old") + code("typed", 3)
    void = scene.edit(HOUR, "a.py", typed, code("old"))
    kept = scene.edit(2 * HOUR, "a.py", code("old"), code("other"), write=False)
    scene.edit(3 * HOUR, "new.py", code("draft", 2), "", write=False)
    scene.repo.commit(4 * HOUR, b_py="b\n")
    fate = scene.fate()
    voids = list(void_lines(fate.line, scene.edits, scene.repo.git_dir, "main"))
    assert {(void.edit_id, position) for position in range(3)} <= {
        (told.edit_id, told.position) for told in voids
    }
    assert {told.edit_id for told in voids} == {void.edit_id, 3}
    assert all(told.over_edit_id is None for told in voids)
    assert kept.edit_id not in {told.edit_id for told in voids}


def test_a_removal_that_landed_or_overwrote_is_not_unborn(tmp_path: Path) -> None:
    scene = Scene.at(tmp_path)
    scene.repo.commit(0, a_py=code("old"))
    scene.edit(HOUR, "a.py", code("old"), code("one"))
    scene.edit(2 * HOUR, "a.py", code("one"), code("two"))
    scene.repo.commit(3 * HOUR)
    scene.repo.commit(DAY_S, b_py="b\n")
    fate = scene.fate()
    assert len(fate.removals) == 10
    assert len(fate.line.voids()) == 10
    assert list(void_lines(fate.line, scene.edits, scene.repo.git_dir, "main")) == []


def test_a_whole_file_written_anew_generates_only_what_the_branch_lacked(tmp_path: Path) -> None:
    scene = Scene.at(tmp_path)
    scene.repo.commit(0, a_py=code("old"))
    whole = scene.create(HOUR, "a.py", code("old") + code("new", 3))
    scene.edits[0] = msgspec.structs.replace(whole, kind=EditKind.WRITE)
    scene.repo.commit(2 * HOUR)
    fate = scene.fate()
    assert fate.landed(whole) == [10, 11, 12]
    voids = list(void_lines(fate.line, scene.edits, scene.repo.git_dir, "main"))
    assert [(told.position, told.is_removal) for told in voids] == [(place, False) for place in range(10)]


def test_a_line_that_an_edit_takes_away_and_puts_back_is_void_where_git_sees_neither(tmp_path: Path) -> None:
    scene = Scene.at(tmp_path)
    old = code("old", 3) + "shared_line_of_both()\n" + code("tail", 3)
    new = "shared_line_of_both()\n" + code("new", 3) + code("tail", 3)
    scene.repo.commit(0, a_py=old)
    edit = scene.edit(HOUR, "a.py", old, new)
    back = line_keys(b"shared_line_of_both()\n")
    scene.edits[0] = msgspec.structs.replace(
        edit, added=back + edit.added, removed=edit.removed + back, text=None
    )
    scene.repo.write("a.py", code("new", 3) + "shared_line_of_both()\n" + code("tail", 3))
    scene.repo.commit(2 * HOUR)
    fate = scene.fate()
    voids = list(void_lines(fate.line, scene.edits, scene.repo.git_dir, "main"))
    assert {(told.position, told.is_removal) for told in voids} >= {(0, False), (len(edit.removed), True)}


def test_contents_are_asked_for_by_commit_and_path(tmp_path: Path) -> None:
    scene = Scene.at(tmp_path)
    scene.repo.write("a dir/b blob 3", "with blob\n")
    sha = scene.repo.commit(0, a_py="one\n")
    asked = [
        (sha, b"a.py"),
        (sha, b"a dir"),
        (sha, b"gone blob 1"),
        (sha, b"a dir/b blob 3"),
        (sha, b"new\nline"),
    ]
    found = dict(contents(scene.repo.git_dir, asked))
    assert [found[file] for file in asked] == [b"one\n", None, None, b"with blob\n", None]
