"""Every way of committing, on real git at a real terminal: who is asked, who is not, and what is noted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from comprehension.hook_scene import FILE, HookScene

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def scene(tmp_path: Path) -> HookScene:
    made = HookScene(tmp_path)
    made.install()
    made.know()
    return made


def test_a_commit_of_an_assistants_lines_is_asked_about(scene: HookScene) -> None:
    scene.change()
    before = scene.head()
    ran = scene.at_terminal("git", "commit", "-m", "add")
    assert ran.code == 0, ran.screen
    assert scene.asked() == ["hook ask --mode pre-commit"]
    assert scene.head("HEAD^") == before


def test_the_person_alone_stops_a_commit(scene: HookScene) -> None:
    scene.change()
    before = scene.head()
    assert scene.at_terminal("git", "commit", "-m", "add", extra={"ASKED_CODE": "87"}).code == 1
    assert scene.head() == before
    assert scene.git("diff", "--cached", "--name-only") == FILE


@pytest.mark.parametrize("code", ["1", "2", "77", "130", "255"])
def test_no_other_end_of_the_program_stops_it(scene: HookScene, code: str) -> None:
    scene.change()
    assert scene.at_terminal("git", "commit", "-m", "add", extra={"ASKED_CODE": code}).code == 0
    assert scene.git("log", "-1", "--format=%s") == "add"


def test_files_without_such_lines_are_not_asked_about(scene: HookScene) -> None:
    scene.change("readme.txt", "words\n")
    assert scene.at_terminal("git", "commit", "-m", "words").code == 0
    assert scene.asked() == []
    assert scene.noted() == []


def test_a_blob_is_asked_about_once(scene: HookScene) -> None:
    scene.change()
    scene.know(FILE, done=(scene.git("rev-parse", f":{FILE}"),))
    assert scene.at_terminal("git", "commit", "-m", "add").code == 0
    assert scene.asked() == []


def test_a_check_is_bound_to_its_commit(scene: HookScene) -> None:
    scene.change()
    extra = {"ASKED_LAST": str(scene.last())}
    assert scene.at_terminal("git", "commit", "-m", "add", extra=extra).code == 0
    assert scene.bound() == [scene.head()]
    assert scene.noted() == []


def test_an_amended_message_is_not_asked_about_and_is_followed(scene: HookScene) -> None:
    scene.change()
    scene.at_terminal("git", "commit", "-m", "add")
    old = scene.head()
    scene.log.unlink()
    scene.noted()
    assert scene.at_terminal("git", "commit", "--amend", "-m", "better").code == 0
    assert scene.asked() == []
    (noted,) = scene.noted()
    assert (noted.kind, noted.sha, noted.other) == ("rewritten", old, scene.head())


def test_an_amend_with_new_lines_is_asked_about(scene: HookScene) -> None:
    scene.change()
    scene.at_terminal("git", "commit", "-m", "add")
    scene.change(text="total = 2\n")
    scene.at_terminal("git", "commit", "--amend", "--no-edit")
    assert len(scene.asked()) == 2


def test_no_verify_is_noted_as_not_asked(scene: HookScene) -> None:
    scene.change()
    assert scene.at_terminal("git", "commit", "--no-verify", "-m", "add").code == 0
    assert scene.asked() == []
    (noted,) = scene.noted()
    assert (noted.kind, noted.sha) == ("no-verify", scene.head())


def test_without_a_terminal_it_goes_to_the_inbox(scene: HookScene) -> None:
    scene.change()
    assert scene.quiet("git", "commit", "-m", "add").returncode == 0
    assert scene.asked() == []
    (noted,) = scene.noted()
    assert (noted.kind, noted.sha, noted.common_dir) == (
        "no-terminal",
        scene.head(),
        str(scene.folder / ".git"),
    )


def _branch(scene: HookScene) -> None:
    """A branch ``side`` with a change of the file, and a main that went on elsewhere."""
    scene.git("checkout", "-q", "-b", "side")
    scene.change()
    scene.git("-c", "core.hooksPath=/dev/null", "commit", "-q", "-m", "side")
    scene.git("checkout", "-q", "main")
    scene.change("other.py", "x = 1\n")
    scene.git("-c", "core.hooksPath=/dev/null", "commit", "-q", "-m", "main")


@pytest.mark.parametrize(
    "command",
    [
        ("merge", "--no-ff", "-m", "merge", "side"),
        ("cherry-pick", "side"),
        ("rebase", "side"),
        ("pull", "-q", "--no-rebase", "--no-edit", ".", "side"),
    ],
)
def test_git_at_work_by_itself_is_never_asked_about(scene: HookScene, command: tuple[str, ...]) -> None:
    _branch(scene)
    ran = scene.at_terminal("git", *command)
    assert ran.code == 0, ran.screen
    assert scene.asked() == []
    assert [noted.kind for noted in scene.noted() if noted.kind != "rewritten"] == []
    assert scene.git("show", f"HEAD:{FILE}") == "total = 1"


def test_a_revert_is_never_asked_about(scene: HookScene) -> None:
    scene.change()
    scene.git("-c", "core.hooksPath=/dev/null", "commit", "-q", "-m", "add")
    assert scene.at_terminal("git", "revert", "--no-edit", "HEAD").code == 0
    assert scene.asked() == []
    assert scene.noted() == []


def test_a_merge_with_a_conflict_is_not_asked_about_when_it_is_committed(scene: HookScene) -> None:
    _branch(scene)
    scene.change(text="total = 3\n")
    scene.git("-c", "core.hooksPath=/dev/null", "commit", "-q", "-m", "conflicting")
    assert scene.quiet("git", "merge", "side").returncode == 1
    scene.change(text="total = 4\n")
    assert scene.at_terminal("git", "commit", "-m", "merged").code == 0
    assert scene.asked() == []
    assert scene.noted() == []


def test_a_squashed_merge_is_asked_about_as_a_commit(scene: HookScene) -> None:
    _branch(scene)
    scene.git("merge", "--squash", "side")
    assert scene.at_terminal("git", "commit", "-m", "squashed").code == 0
    assert len(scene.asked()) == 1


def test_a_reworded_commit_of_a_rebase_is_not_asked_about(scene: HookScene) -> None:
    _branch(scene)
    scene.git("checkout", "-q", "side")
    extra = {"GIT_SEQUENCE_EDITOR": "sed -i s/^pick/reword/"}
    ran = scene.at_terminal("git", "rebase", "-i", "main", extra=extra)
    assert ran.code == 0, ran.screen
    assert scene.asked() == []
    assert {noted.kind for noted in scene.noted()} == {"rewritten"}


def test_a_commit_of_a_path_sees_what_that_path_brings(scene: HookScene) -> None:
    scene.write(FILE, "total = 5\n")
    scene.change("other.py", "x = 1\n")
    scene.write(FILE, "total = 6\n")
    scene.git("reset", "-q", FILE)
    assert scene.at_terminal("git", "commit", "-m", "other", "other.py").code == 0
    assert scene.asked() == []
    assert scene.at_terminal("git", "commit", "-m", "ledger", FILE).code == 0
    assert len(scene.asked()) == 1


def test_a_commit_of_all_is_asked_about(scene: HookScene) -> None:
    scene.write(FILE, "total = 7\n")
    assert scene.at_terminal("git", "commit", "-a", "-m", "all").code == 0
    assert len(scene.asked()) == 1


def test_the_first_commit_of_a_repository_is_asked_about(tmp_path: Path) -> None:
    scene = HookScene(tmp_path)
    fresh = tmp_path.resolve() / "fresh"
    fresh.mkdir()
    scene.git("init", "-q", folder=fresh)
    scene.install(folder=fresh)
    scene.know(common_dir=fresh / ".git")
    scene.change(folder=fresh)
    extra = {"ASKED_LAST": str(scene.last(fresh / ".git"))}
    assert scene.at_terminal("git", "commit", "-m", "one", folder=fresh, extra=extra).code == 0
    assert len(scene.asked()) == 1
    assert len(scene.bound()) == 1


@pytest.mark.parametrize(("mode", "kind"), [("inbox", ["inbox"]), ("off", []), ("pre-push", ["pre-push"])])
def test_other_modes_do_not_interrupt_a_commit(tmp_path: Path, mode: str, kind: list[str]) -> None:
    scene = HookScene(tmp_path)
    scene.install(mode)
    scene.know()
    scene.change()
    assert scene.at_terminal("git", "commit", "-m", "add").code == 0
    assert scene.asked() == []
    assert [noted.kind for noted in scene.noted()] == kind


def test_a_push_is_asked_about_where_the_person_wants_it_so(tmp_path: Path) -> None:
    scene = HookScene(tmp_path)
    scene.install("pre-push")
    scene.know()
    scene.git("init", "-q", "--bare", str(tmp_path / "far.git"))
    scene.git("remote", "add", "origin", str(tmp_path / "far.git"))
    scene.change()
    scene.at_terminal("git", "commit", "-m", "add")
    stopped = scene.at_terminal("git", "push", "origin", "main", extra={"ASKED_CODE": "87"})
    assert stopped.code == 1
    assert scene.at_terminal("git", "push", "origin", "main").code == 0
    assert scene.asked()[0].startswith(f"hook ask --mode pre-push --pushed {scene.head()} --over 0000")
    assert scene.git("ls-remote", "origin", "main").startswith(scene.head())


def test_the_trailer_is_written_by_wish_alone_and_says_no_more_than_that(tmp_path: Path) -> None:
    scene = HookScene(tmp_path)
    scene.install(trailer=True)
    scene.know()
    extra = {"ASKED_LAST": str(scene.last())}
    scene.change()
    scene.at_terminal("git", "commit", "-m", "add", extra=extra)
    assert scene.git("log", "-1", "--format=%B").strip() == "add\n\nComprehension: checked"
    scene.at_terminal("git", "commit", "--amend", "-m", "again", extra=extra)
    scene.change(text="total = 9\n")
    scene.at_terminal("git", "commit", "-m", "more", extra=extra | {"ASKED_OUTCOME": "skipped"})
    assert scene.git("log", "-1", "--format=%B").strip() == "more"
