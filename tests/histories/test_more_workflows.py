"""How engineers work with agents: queues, stacks, amended commits, containers' checkouts, branches that are kept."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from histories.harbour import WORDS, indented, part, parts
from histories.retold import notebook
from histories.scene import Performance, Scene

if TYPE_CHECKING:
    from collections.abc import Callable

    from histories.scene import Generation

    Play = Callable[[Scene], None]

OWN = "def keeper(lamp):\n    lamp.trim(wick='short')\n    return lamp.lit_by_hand\n"
FIRST = "    first = log.anchors_before(sunrise)\n"


def _log(scene: Scene) -> None:
    scene.repo.human_write("log.py", parts("mast", "net", "oar", "pier"))
    scene.repo.commit("A log")
    scene.clock.advance(hours=1)


def committed_by_the_agent_amended_by_the_person(scene: Scene) -> None:
    session = scene.asked()
    session.write("one.py", parts(*WORDS[:4]))
    scene.clock.advance(minutes=2)
    session.bash("git add -A && git commit -m 'One'", "[main abc1234] One")
    scene.repo.commit("One")
    scene.clock.advance(minutes=10)
    scene.repo.human_edit("one.py", FIRST, "    berth = self.lamp.position_at_noon(7)\n")
    scene.repo.amend()


def updated_with_main_again_and_again(scene: Scene) -> None:
    scene.repo.branch("topic")
    session = scene.asked()
    session.write("one.py", parts(*WORDS[:3]))
    scene.committed()
    for number in range(2):
        scene.repo.checkout("main")
        scene.repo.human_write(f"own{number}.py", OWN.replace("keeper", f"keeper{number}"))
        scene.committed("Own")
        scene.repo.checkout("topic")
        scene.repo.merge("main")
        session.prompt("Next")
        session.write(f"next{number}.py", part(WORDS[4 + number]))
        scene.committed()
    scene.repo.checkout("main")
    scene.repo.squash("topic", "Topic (#9)")
    scene.repo.delete_branch("topic")


def landed_by_a_merge_queue(scene: Scene) -> None:
    generations: tuple[Generation, ...] = ("2.1", "0.169")
    for number, generation in enumerate(generations):
        scene.repo.checkout("main")
        scene.repo.branch(f"topic-{number}")
        scene.asked(generation).write(f"one{number}.py", parts(*WORDS[number * 4 : number * 4 + 4]))
        scene.committed()
    scene.repo.checkout("main")
    scene.repo.branch("queue/main/1")
    for number in range(2):
        scene.repo.merge(f"topic-{number}")
    scene.repo.checkout("main")
    scene.repo.git("merge", "--quiet", "--ff-only", "queue/main/1")


def squash_reverted_on_the_forge(scene: Scene) -> None:
    _log(scene)
    scene.repo.branch("topic")
    scene.asked().edit("log.py", part("net"), parts("net", "anchor", "barge"))
    scene.committed()
    scene.repo.checkout("main")
    landed = scene.repo.squash("topic", "Topic (#4)")
    scene.clock.advance(days=2)
    scene.repo.human_write("own.py", OWN)
    scene.repo.commit("Own")
    scene.repo.git("revert", "--no-commit", landed)
    scene.repo.commit('Revert "Topic (#4)" (#5)')


def one_commit_dropped_in_a_rebase(scene: Scene) -> None:
    scene.repo.branch("topic")
    dropped = ""
    for number in range(3):
        scene.asked().write(f"one{number}.py", parts(*WORDS[number * 3 : number * 3 + 3]))
        made = scene.committed()
        dropped = made if number == 1 else dropped
    scene.repo.git("rebase", "--quiet", "--onto", f"{dropped}~1", dropped, "topic")
    scene.repo.checkout("main")
    scene.repo.merge("topic")
    scene.repo.delete_branch("topic")


def rewritten_with_every_turn(scene: Scene) -> None:
    scene.repo.git("checkout", "--quiet", "--detach")
    session = scene.asked()
    session.write("one.py", parts(*WORDS[:2]))
    scene.repo.commit("Wip")
    for number in range(2):
        session.prompt("More")
        session.write(f"next{number}.py", part(WORDS[2 + number]))
        scene.clock.advance(minutes=5)
        scene.repo.git("add", "--all")
        scene.repo.git("commit", "--quiet", "--amend", "--reset-author", "--no-edit")
    tip = scene.repo.head()
    scene.clock.advance(days=2)
    scene.repo.checkout("main")
    scene.repo.cherry_pick(tip)
    scene.repo.git("commit", "--quiet", "--amend", "--reset-author", "--no-edit")


def flag_removed_after_three_weeks(scene: Scene) -> None:
    _log(scene)
    new = f"if flags.NEW_NET:\n{indented(part('anchor'))}else:\n{indented(part('net'))}"
    scene.asked().edit("log.py", part("net"), new)
    scene.committed()
    scene.clock.advance(days=20)
    scene.repo.human_write("log.py", parts("mast", "anchor", "oar", "pier"))
    scene.repo.commit("Remove the flag")


def moved_into_a_class_by_another(scene: Scene) -> None:
    scene.asked().write("one.py", parts(*WORDS[:4]))
    scene.committed()
    scene.clock.advance(days=3)
    second = scene.asked("0.169")
    second.write("pkg/one.py", f"class Harbour:\n{indented(parts(*WORDS[:4]), '        ')}")
    (scene.repo.folder / "one.py").unlink()
    second.bash("rm one.py")
    scene.committed()


def docstrings_added_by_another(scene: Scene) -> None:
    scene.asked().write("one.py", parts(*WORDS[:3]))
    scene.committed()
    scene.clock.advance(days=3)
    second = scene.asked("0.169")
    for word in WORDS[:3]:
        head = f"def {word}_of(log):\n"
        second.edit("one.py", head, f'{head}    """Find the {word} that lies there."""\n')
    scene.committed()


def stashed_and_popped_on_another_branch(scene: Scene) -> None:
    _log(scene)
    scene.repo.branch("first")
    scene.asked().edit("log.py", part("net"), parts("net", "anchor"))
    scene.repo.git("stash", "--quiet")
    scene.repo.checkout("main")
    scene.repo.branch("second")
    scene.clock.advance(days=2)
    scene.repo.git("stash", "pop", "--quiet")
    scene.committed()
    scene.repo.checkout("main")
    scene.repo.merge("second")


def undone_in_the_editor_and_asked_again(scene: Scene) -> None:
    _log(scene)
    before = scene.repo.read("log.py")
    scene.asked().edit("log.py", part("net"), parts("net", "anchor"))
    scene.repo.human_write("log.py", before)
    scene.clock.advance(hours=2)
    scene.asked("0.169").edit("log.py", part("net"), parts("net", "anchor"))
    scene.committed()


def notebook_run_again(scene: Scene) -> None:
    text = notebook(parts("mast"), parts("oar", "pier"))
    scene.asked().write("n.ipynb", text)
    scene.committed()
    scene.clock.advance(days=2)
    told = json.loads(text)
    for cell in told["cells"]:
        cell["execution_count"] = 3
        cell["outputs"] = [{"name": "stdout", "output_type": "stream", "text": ["7\n"]}]
    scene.repo.human_write("n.ipynb", json.dumps(told, indent=1) + "\n")
    scene.repo.commit("Run")


def default_branch_renamed(scene: Scene) -> None:
    scene.repo.git("branch", "--move", "main", "master")
    scene.asked().write("one.py", parts(*WORDS[:3]))
    scene.committed()
    scene.repo.git("branch", "--move", "master", "main")


def joined_from_two_roots(scene: Scene) -> None:
    scene.repo.git("checkout", "--quiet", "--orphan", "other")
    scene.repo.git("rm", "-r", "--force", "--quiet", ".")
    scene.asked().write("one.py", parts(*WORDS[:3]))
    scene.committed()
    scene.repo.checkout("main")
    scene.repo.git("merge", "--quiet", "--allow-unrelated-histories", "--message", "Join", "other")


def like_a_file_of_a_kept_branch(scene: Scene) -> None:
    scene.repo.branch("topic")
    scene.asked().write("svc/one.py", parts(*WORDS[:4]))
    scene.committed()
    scene.repo.checkout("main")
    scene.clock.advance(hours=3)
    scene.repo.human_write("svc/two.py", parts(*WORDS[:4]))
    scene.committed()


def half_like_a_file_of_a_kept_branch(scene: Scene) -> None:
    scene.repo.branch("topic")
    scene.asked().write("svc/one.py", parts(*WORDS[:6]))
    scene.committed()
    scene.repo.checkout("main")
    scene.clock.advance(hours=3)
    scene.repo.human_write("svc/two.py", parts(*WORDS[:4], *WORDS[8:11]))
    scene.committed()


def like_lines_typed_before_the_lines_came(scene: Scene) -> None:
    _log(scene)
    scene.repo.branch("topic")
    scene.asked().edit("log.py", part("net"), parts("net", "anchor"))
    picked = scene.committed()
    scene.repo.checkout("main")
    scene.repo.human_write("log.py", parts("mast", "net", "quay", "oar", "pier"))
    scene.committed("Own")
    scene.repo.git("cherry-pick", "--strategy-option", "theirs", picked)
    scene.repo.human_write("log.py", parts("mast", "net", "anchor", "quay", "oar", "pier"))
    scene.repo.amend()
    scene.clock.advance(days=3)
    scene.repo.human_edit("log.py", part("quay"), "")
    scene.committed("No quay")


SHIPPED: dict[str, float] = {"shipped": 1.0}
LOST: dict[str, float] = {"not_landed": 1.0}
ENDS: tuple[tuple[Play, list[dict[str, float]]], ...] = (
    (committed_by_the_agent_amended_by_the_person, [{"shipped": 15 / 16, "not_landed": 1 / 16}]),
    (updated_with_main_again_and_again, [SHIPPED]),
    (landed_by_a_merge_queue, [SHIPPED] * 2),
    (squash_reverted_on_the_forge, [{"reworked": 1.0}]),
    (one_commit_dropped_in_a_rebase, [SHIPPED, LOST, SHIPPED]),
    (rewritten_with_every_turn, [SHIPPED]),
    (flag_removed_after_three_weeks, [SHIPPED]),
    (moved_into_a_class_by_another, [SHIPPED] * 2),
    (docstrings_added_by_another, [SHIPPED] * 2),
    (stashed_and_popped_on_another_branch, [SHIPPED]),
    (undone_in_the_editor_and_asked_again, [LOST, SHIPPED]),
    (notebook_run_again, [SHIPPED]),
    (default_branch_renamed, [SHIPPED]),
    (joined_from_two_roots, [SHIPPED]),
    (like_a_file_of_a_kept_branch, [SHIPPED]),
    (half_like_a_file_of_a_kept_branch, [LOST]),
    (like_lines_typed_before_the_lines_came, [SHIPPED]),
)


@pytest.fixture(scope="module")
def performance(tmp_path_factory: pytest.TempPathFactory) -> Performance:
    return Performance(tmp_path_factory.mktemp("more"), *(play for play, _ in ENDS))


@pytest.mark.parametrize(("play", "expected"), ENDS)
def test_each_session_has_the_share_that_is_its_own(
    performance: Performance, play: Play, expected: list[dict[str, float]]
) -> None:
    for said, shares in zip(performance.shares(play), expected, strict=True):
        assert said == pytest.approx(shares, abs=0.002)


def test_what_may_be_copied_from_a_kept_branch_or_typed_alike_is_half_sure(performance: Performance) -> None:
    (session,) = performance.scenes[like_a_file_of_a_kept_branch].sessions
    assert performance.session(session)["confidence"] == 0.5
    shown = performance.program.run("sessions", "show", session.session_id)
    reasons = {line["reason"] for line in shown["turns"][0]["edits"][0]["lines"] if line["significant"]}
    assert [reason for reason in reasons if "typed alike" not in reason] == []
