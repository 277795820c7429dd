"""Several assistants at one task, of whose work one is taken; a fork whose work lands upstream; ticked lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from histories.harbour import WORDS, part, parts
from histories.scene import Performance, Scene

if TYPE_CHECKING:
    from collections.abc import Callable

    from histories.scene import Generation

    Play = Callable[[Scene], None]

ALIKE = parts("crane", "dock", "engine")
OWN = (parts("ferry", "gale"), parts("hull", "island"), parts("jetty", "keel"))
TASKS = "".join(f"- [ ] moor the {word} before the tide turns\n" for word in WORDS[:8])


def _three(scene: Scene, *, minutes: float, are_committed: bool) -> None:
    """Three sessions in worktrees write a file of which three fifths are alike; the second one is merged."""
    trees = []
    generations: tuple[Generation, ...] = ("2.1", "0.169", "2.1")
    for number, generation in enumerate(generations):
        folder = scene.repo.folder.with_name(f"{scene.repo.folder.name}-{number}")
        tree = scene.repo.worktree(folder, f"try-{number}")
        session = scene.session(generation, tree)
        session.prompt("Do the task")
        session.write("task.py", ALIKE + OWN[number])
        scene.clock.advance(minutes=minutes)
        if are_committed or number == 1:
            tree.commit("The task")
        trees.append(tree)
    scene.clock.advance(hours=1)
    scene.repo.merge("try-1")
    for tree in trees:
        scene.repo.git("worktree", "remove", "--force", str(tree.folder))


def one_of_three_at_once(scene: Scene) -> None:
    _three(scene, minutes=2, are_committed=False)


def one_of_three_one_after_another(scene: Scene) -> None:
    _three(scene, minutes=25, are_committed=False)


def one_of_three_branches(scene: Scene) -> None:
    _three(scene, minutes=2, are_committed=True)


def landed_upstream(scene: Scene) -> None:
    scene.repo.git("update-ref", "refs/remotes/origin/main", "main")
    scene.repo.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
    scene.repo.branch("topic")
    session = scene.session()
    session.prompt("Build it")
    session.write("one.py", parts(*WORDS[:2]))
    scene.clock.advance(hours=1)
    scene.repo.commit("One")
    scene.repo.git("checkout", "--quiet", "--detach", "main")
    scene.repo.git("merge", "--quiet", "--squash", "topic")
    scene.clock.advance(days=2)
    scene.repo.commit("One (#4)")
    scene.repo.git("update-ref", "refs/remotes/upstream/main", "HEAD")
    scene.repo.checkout("main")
    scene.repo.delete_branch("topic")


def ticked_off(scene: Scene) -> None:
    session = scene.session()
    session.prompt("What is to be done?")
    session.write("TASKS.md", TASKS)
    scene.clock.advance(hours=1)
    scene.repo.commit("Tasks")
    scene.clock.advance(days=2)
    ticked = TASKS.replace("[ ]", "[x]", 5).replace(f"moor the {WORDS[7]}", f"moor no {WORDS[7]}")
    scene.repo.human_write("TASKS.md", ticked)
    scene.repo.commit("Done")


def one_function_of_two_sessions(scene: Scene) -> None:
    scene.repo.human_write("log.py", part("mast"))
    scene.repo.commit("A log")
    for word in ("oar", "net"):
        session = scene.session()
        session.prompt("One more")
        session.edit("log.py", part("mast"), part("mast") + part(word))
        scene.clock.advance(minutes=1)
    scene.repo.commit("More")


@pytest.fixture(scope="module")
def performance(tmp_path_factory: pytest.TempPathFactory) -> Performance:
    return Performance(
        tmp_path_factory.mktemp("attempts"),
        one_of_three_at_once,
        one_of_three_one_after_another,
        one_of_three_branches,
        landed_upstream,
        ticked_off,
        one_function_of_two_sessions,
    )


@pytest.mark.parametrize(
    "play", [one_of_three_at_once, one_of_three_one_after_another, one_of_three_branches]
)
def test_of_several_attempts_the_one_that_was_taken_has_all_its_lines(
    performance: Performance, play: Play
) -> None:
    lost = {"not_landed": 1.0}
    assert performance.shares(play) == [lost, {"shipped": 1.0}, lost]


def test_two_sessions_whose_lines_all_came_keep_their_own(performance: Performance) -> None:
    assert performance.shares(one_function_of_two_sessions) == [{"shipped": 1.0}] * 2


def test_a_forks_work_has_landed_where_it_landed_upstream(performance: Performance) -> None:
    assert performance.shares(landed_upstream) == [{"shipped": 1.0}]


def test_what_is_ticked_off_is_not_written_anew(performance: Performance) -> None:
    lines = performance.verdict(ticked_off).lines
    assert (lines["survived"], lines["reworked"]) == (7, 1)
