"""Several clones of one repository, many worktrees in a folder of their own: whose are the lines, and which repository."""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING

import pytest

from histories.harbour import WORDS, parts
from histories.program import Program
from histories.scene import BEGIN, Performance, Scene
from tokencoach.demo.repository import Repository
from tokencoach.demo.stage import Stage

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Play = Callable[[Scene], None]

OWN = "def keeper(lamp):\n    lamp.trim(wick='short')\n    return lamp.lit_by_hand\n"
SHARED = {"shipped": 0.5, "unknown": 0.5}
SHIPPED, LOST, GONE = {"shipped": 1.0}, {"not_landed": 1.0}, {"unknown": 1.0}


def _clone(scene: Scene, name: str = "again") -> Repository:
    remote = scene.stage.folder / "remote" / f"{scene.repo.name}.git"
    folder = scene.stage.folder / "code" / f"{scene.repo.name}-{name}"
    if not remote.exists():
        remote.parent.mkdir(exist_ok=True)
        scene.repo.git("clone", "--quiet", "--bare", str(scene.repo.folder), str(remote))
        scene.repo.git("remote", "add", "origin", str(remote))
    scene.repo.git("clone", "--quiet", str(remote), str(folder))
    return Repository(folder, scene.clock, scene.stage.truth, folder.name)


def _in_both(scene: Scene, text: str, other_text: str) -> Repository:
    """Sessions in two clones write the same file; the first one's is committed, and pulled by the other."""
    again = _clone(scene)
    scene.asked().write("one.py", text)
    beside = scene.session("0.169", again)
    beside.prompt("Go on")
    beside.write("one.py", other_text)
    scene.committed()
    scene.repo.git("push", "--quiet", "origin", "main")
    (again.folder / "one.py").unlink()
    _pull(again)
    return again


def _pull(clone: Repository) -> None:
    clone.git("pull", "--quiet", "--ff-only", "origin", "main")


def _forget(clone: Repository) -> None:
    """The clone as it was before it pulled."""
    clone.git("reset", "--quiet", "--hard", "HEAD~1")
    clone.git("update-ref", "-d", "refs/remotes/origin/main")


def same_lines_in_two_clones(scene: Scene) -> None:
    _in_both(scene, parts(*WORDS[:3]), parts(*WORDS[:3]))


def other_lines_in_two_clones(scene: Scene) -> None:
    _in_both(scene, parts(*WORDS[:3]), OWN)


def _trees(scene: Scene, *, is_mixed: bool = False) -> None:
    """Seven worktrees in a folder of their own; three are merged, and all are taken away with their branches."""
    scene.asked().write("main.py", parts("yard", "winch"))
    scene.committed()
    above = scene.stage.folder / "trees" / scene.repo.name
    for number in range(7):
        tree = scene.repo.worktree(above / f"quay-{number}", f"agent/{number}")
        session = scene.session("2.1", tree)
        session.prompt("Try it")
        session.write(f"{scene.repo.name}-{number}.py", parts(*WORDS[number * 2 : number * 2 + 2]))
        scene.clock.advance(minutes=3)
        tree.commit("Tried")
    if is_mixed:
        session = scene.session("2.1", above / "notes")
        session.prompt("Note it")
        session.write("note.py", parts(*WORDS[18:20]))
    for number in range(3):
        scene.repo.squash(f"agent/{number}", f"Taken {number}")
    for number in range(7):
        scene.repo.git("worktree", "remove", "--force", str(above / f"quay-{number}"))
        scene.repo.delete_branch(f"agent/{number}")


def many_worktrees_that_are_gone(scene: Scene) -> None:
    _trees(scene)


def worktrees_among_other_folders(scene: Scene) -> None:
    _trees(scene, is_mixed=True)


ENDS: dict[Play, list[dict[str, float]]] = {
    same_lines_in_two_clones: [SHARED] * 2,
    other_lines_in_two_clones: [SHIPPED, LOST],
    many_worktrees_that_are_gone: [*[SHIPPED] * 4, *[LOST] * 4],
    worktrees_among_other_folders: [*[SHIPPED] * 4, *[GONE] * 5],
}


@pytest.fixture(scope="module")
def performance(tmp_path_factory: pytest.TempPathFactory) -> Performance:
    return Performance(tmp_path_factory.mktemp("clones"), *ENDS)


@pytest.mark.parametrize(("play", "ends"), ENDS.items(), ids=lambda told: getattr(told, "__name__", ""))
def test_each_session_has_the_share_that_is_its_own(
    performance: Performance, play: Play, ends: list[dict[str, float]]
) -> None:
    assert performance.shares(play) == [pytest.approx(end, abs=0.001) for end in ends]


def test_what_is_pulled_later_is_shared_then_and_no_more_once_it_is_another_commit(tmp_path: Path) -> None:
    clones: list[Repository] = []

    def pulled_later(scene: Scene) -> None:
        clones.append(_in_both(scene, parts(*WORDS[:3]), parts(*WORDS[:3])))
        _forget(clones[0])

    performance = Performance(tmp_path, pulled_later)
    said = [performance.shares(pulled_later)]
    for change in (_pull, _forget):
        change(clones[0])
        performance.program.forget_answers()
        performance.program.ingest()
        said.append(performance.shares(pulled_later))
    shared = pytest.approx(SHARED, abs=0.001)
    assert said == [[SHIPPED, LOST], [shared, shared], [SHIPPED, LOST]]


def test_a_third_clone_makes_each_share_smaller(tmp_path: Path) -> None:
    scene = Scene(Stage(tmp_path, BEGIN), "thrice")
    clones = [_clone(scene), _clone(scene, "third")]
    text = parts(*WORDS[:3])
    scene.asked().write("one.py", text)
    sessions = [scene.session("0.169", clone) for clone in clones]
    for session in sessions:
        session.prompt("Go on")
        session.write("one.py", text)
    scene.committed()
    scene.repo.git("push", "--quiet", "origin", "main")
    for clone in clones:
        (clone.folder / "one.py").unlink()
        _pull(clone)
    program = Program(scene.stage.home, tmp_path / "state")
    (log,) = scene.stage.home.rglob(f"*{sessions[1].session_id}*.jsonl")
    away = log.rename(tmp_path / "away")
    assert _credits(program) == [0.5, 0.5]
    away.rename(log)
    assert _credits(program) == pytest.approx([1 / 3] * 3)


def _credits(program: Program) -> list[float]:
    """The share of each session that has the first line, after what is new has been read."""
    program.ingest()
    database = program.state / "tokencoach" / "tokencoach.db"
    with contextlib.closing(sqlite3.connect(database)) as connection:
        rows = connection.execute(
            "SELECT credit FROM landing WHERE is_removal = 0 AND position = 0"
        ).fetchall()
    return [credit for (credit,) in rows]
