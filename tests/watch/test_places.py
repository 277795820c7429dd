"""Where logged paths lie: links, worktrees, submodules, nested and moved repositories, odd names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tokencoach.watch.roots import find_in, linked, relative, root_of, slashed
from watch.growing import NOW, Growing, code

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def growing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Growing:
    monkeypatch.setenv("TOKENCOACH_NOW", NOW)
    return Growing(tmp_path)


def _edited_paths(growing: Growing) -> set[object]:
    return {row[5] for row in growing.follow()["landing"]}


def test_windows_paths_agree_whatever_their_slashes_and_drive_case() -> None:
    assert slashed("D:\\code\\app\\a.py") == slashed("d:/code/app/a.py") == "d:/code/app/a.py"
    assert relative("D:\\code\\app\\src\\a.py", "d:/code/app") == "src/a.py"
    assert relative("D:\\code\\apple\\a.py", "d:/code/app") is None


def test_the_longest_link_moves_a_path_and_a_name_that_only_begins_alike_stays() -> None:
    known = {"C:\\old": "/new", "c:/old/deep": "/deeper"}
    assert linked("C:\\old\\deep\\a.py", known) == "/deeper/a.py"
    assert linked("C:\\old\\b.py", known) == "/new/b.py"
    assert linked("C:\\older\\b.py", known) == "c:/older/b.py"


def test_a_folder_reached_through_a_link_is_the_same_repository(growing: Growing) -> None:
    link = growing.folder / "link"
    link.symlink_to(growing.repo.folder, target_is_directory=True)
    session = growing.stage.claude(link)
    session.prompt("Add the pipes")
    session.write("pipes.py", code("pipe", 6))
    growing.clock.advance(hours=1)
    growing.repo.commit("Pipes")
    assert growing.landed() == 6
    assert len(growing.follow()["repo"]) == 1


@pytest.mark.parametrize("place", ["inside", "outside"])
def test_work_in_a_worktree_removed_since_has_landed_in_its_repository(growing: Growing, place: str) -> None:
    above = growing.repo.folder / ".worktrees" if place == "inside" else growing.folder / "trees"
    above.mkdir()
    tree = growing.repo.worktree(above / "topic", "topic")
    session = growing.stage.claude(tree)
    session.prompt("Add the rails")
    session.write("rails.py", code("rail", 6))
    growing.clock.advance(hours=1)
    tree.commit("Rails", "rails.py")
    growing.repo.merge("topic")
    if place == "outside":
        # A worktree elsewhere leaves no trace once it is gone: it must have been seen before.
        growing.follow()
    growing.repo.git("worktree", "remove", "--force", str(tree.folder))
    assert growing.landed() == 6
    assert _edited_paths(growing) == {"rails.py"}


def test_edits_in_a_nested_repository_are_its_own(growing: Growing) -> None:
    growing.repo.human_write(".gitignore", "plugins/\n")
    growing.repo.commit("Leave the plugins out")
    inner = growing.stage.repository("service/plugins/inner")
    session = growing.session()
    session.prompt("Add a plugin")
    session.write("plugins/inner/hook.py", code("hook", 6))
    session.write("outer.py", code("outer", 5))
    growing.clock.advance(hours=1)
    inner.commit("Hook")
    growing.repo.commit("Outer")
    rows = growing.follow()
    assert {row[5] for row in rows["landing"]} == {"hook.py", "outer.py"}
    assert {row[0] for row in rows["repo"]} == {str(growing.repo.folder), str(inner.folder)}


def test_a_submodule_is_a_repository_of_its_own(growing: Growing) -> None:
    part = growing.stage.repository("part")
    part.human_write("base.py", "x = 1\n")
    part.commit("Base")
    growing.repo.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", str(part.folder), "lib")
    growing.repo.commit("Use the part")
    session = growing.session()
    session.prompt("Extend the part")
    session.write("lib/more.py", code("more", 6))
    growing.clock.advance(hours=1)
    growing.repo.git("-C", "lib", "add", "-A")
    growing.repo.git("-C", "lib", "commit", "-q", "-m", "More")
    assert _edited_paths(growing) == {"more.py"}
    found = find_in(str(growing.repo.folder / "lib"))
    assert found is not None
    assert root_of(found, str(growing.repo.folder / "lib")) == str(growing.repo.folder / "lib")


@pytest.mark.parametrize("name", ["two words.py", "new\nline.py", "ümläut.py", "quote\"d'.py"])
def test_a_file_with_an_odd_name_lands(growing: Growing, name: str) -> None:
    session = growing.session()
    session.prompt("Add it")
    session.write(name, code("odd", 6))
    growing.clock.advance(hours=1)
    growing.repo.commit("Odd")
    assert growing.landed() == 6
    assert _edited_paths(growing) == {name}


def test_a_repository_moved_within_its_folder_keeps_what_landed(growing: Growing) -> None:
    session = growing.session()
    session.prompt("Add the doors")
    session.write("doors.py", code("door", 6))
    growing.clock.advance(hours=1)
    growing.repo.commit("Doors")
    assert growing.landed() == 6
    growing.repo.move(growing.repo.folder.with_name("renamed service"))
    assert growing.landed() == 6
    assert [row[0] for row in growing.follow()["repo"]] == [str(growing.repo.folder)]
