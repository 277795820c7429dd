"""Histories made to break the matching: several kinds of change at once, and what people do between commits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from histories.harbour import WORDS, indented, part, parts, wrapped
from histories.scene import Performance, Scene, human_code

if TYPE_CHECKING:
    from collections.abc import Callable

    from histories.scene import Generation

OWN = "def keeper(lamp):\n    lamp.trim(wick='short')\n    return lamp.lit_by_hand\n"


def _landed(scene: Scene, path: str, text: str, generation: Generation = "2.1") -> str:
    session = scene.session(generation)
    session.prompt(f"Add {path}")
    session.write(path, text)
    scene.clock.advance(minutes=20)
    return scene.repo.commit(f"Add {path}")


def moved_formatted_and_edited_in_one_commit(scene: Scene) -> None:
    _landed(scene, "log.py", parts(*WORDS[:10]))
    scene.clock.advance(days=4)
    text = "class Log:\n" + indented(wrapped(parts(*WORDS[:10])))
    old = "        first = log.docks_before(sunrise)\n"
    scene.repo.rename("log.py", "harbour/log.py")
    scene.repo.human_write(
        "harbour/log.py", text.replace(old, "        berth = self.lamp.position_at_noon()\n")
    )
    scene.repo.commit("A class of its own")


def two_squashed_branches_of_one_file(scene: Scene) -> None:
    scene.repo.human_write("log.py", parts("mast", "net"))
    scene.repo.commit("A log")
    for name, word, generation in (("first", "oar", "2.1"), ("second", "pier", "0.169")):
        scene.repo.branch(name, "main")
        session = scene.session("2.1" if generation == "2.1" else "0.169")
        session.prompt(f"Add the {word}")
        session.edit("log.py", part("net"), part("net") + part(word))
        scene.clock.advance(minutes=20)
        scene.repo.commit(f"wip {word}")
        scene.repo.checkout("main")
    scene.clock.advance(hours=3)
    scene.repo.squash("first", "The oar (#1)")
    scene.repo.delete_branch("first")
    scene.clock.advance(hours=3)
    # Both branches end the file: a person resolves the conflict.
    scene.repo.human_write("log.py", parts("mast", "net", "oar", "pier"))
    scene.repo.commit("The pier (#2)")
    scene.repo.delete_branch("second")


def deletion_restored_by_a_person(scene: Scene) -> None:
    scene.repo.human_write("log.py", parts("mast", "net", "oar"))
    scene.repo.commit("A log")
    session = scene.session()
    session.prompt("The net is not needed")
    session.edit("log.py", part("net"), "")
    scene.clock.advance(minutes=20)
    scene.repo.commit("No net")
    scene.clock.advance(days=3)
    scene.repo.human_write("log.py", OWN + parts("mast", "net", "oar"))
    scene.repo.commit("It was needed")


def part_of_a_merge_reverted(scene: Scene) -> None:
    scene.repo.branch("topic")
    kept = _landed(scene, "kept.py", parts(*WORDS[:3]))
    taken = _landed(scene, "taken.py", parts(*WORDS[3:6]), "0.169")
    scene.repo.checkout("main")
    scene.repo.merge("topic")
    scene.clock.advance(days=2)
    assert kept != taken
    scene.repo.revert(taken)


def renamed_twice_with_work_between(scene: Scene) -> None:
    _landed(scene, "one.py", parts(*WORDS[:4]))
    scene.clock.advance(days=1)
    scene.repo.rename("one.py", "two.py")
    scene.repo.commit("Two")
    session = scene.session("0.34")
    session.prompt("Add the winch")
    session.edit("two.py", part("dock"), part("dock") + part("winch"))
    scene.clock.advance(minutes=20)
    scene.repo.rename("two.py", "lib/three.py")
    scene.repo.commit("Three, with a winch")


def line_ends_normalised(scene: Scene) -> None:
    session = scene.session()
    session.prompt("Add the log")
    session.write("log.py", parts(*WORDS[:4]).replace("\n", "\r\n"))
    scene.clock.advance(minutes=20)
    scene.repo.commit("Add the log")
    scene.clock.advance(days=2)
    scene.repo.human_write(".gitattributes", "* text=auto eol=lf\n")
    scene.repo.git("add", "--renormalize", ".")
    scene.repo.commit("Line ends")


def identifier_renamed_by_a_person(scene: Scene) -> None:
    _landed(scene, "log.py", parts(*WORDS[:6]))
    scene.clock.advance(days=4)
    scene.repo.human_write("log.py", parts(*WORDS[:6]).replace("sunrise", "first_light"))
    scene.repo.human_write("app.py", human_code(8).replace("read_setting", "setting_of"))
    scene.repo.commit("Other names everywhere")


def copied_by_a_person_who_drops_the_copy(scene: Scene) -> None:
    _landed(scene, "log.py", parts(*WORDS[:6]))
    scene.clock.advance(days=1)
    scene.repo.human_write("copy.py", OWN + parts(*WORDS[2:5]))
    scene.repo.commit("The same here")
    scene.clock.advance(days=2)
    scene.repo.human_write("copy.py", OWN)
    scene.repo.commit("Not here")


def commit_split_while_rebasing(scene: Scene) -> None:
    scene.repo.branch("topic")
    _landed(scene, "log.py", parts(*WORDS[:6]))
    scene.clock.advance(hours=5)
    scene.repo.git("reset", "--quiet", "HEAD~1")
    scene.repo.human_write("log.py", parts(*WORDS[:2]))
    scene.repo.commit("The first two")
    scene.repo.human_write("log.py", parts(*WORDS[:4]))
    scene.repo.commit("Two more")
    scene.repo.human_write("log.py", parts(*WORDS[:6]))
    scene.repo.commit("The last two")
    scene.repo.checkout("main")
    scene.repo.human_write("app.py", human_code(9))
    scene.repo.commit("Meanwhile")
    scene.repo.checkout("topic")
    scene.repo.rebase("main")
    scene.repo.checkout("main")
    scene.repo.git("merge", "--quiet", "--ff-only", "topic")


def stashed_and_popped_on_another_branch(scene: Scene) -> None:
    scene.repo.branch("wrong")
    session = scene.session()
    session.prompt("Add the log")
    session.edit(
        "app.py", "SETTING_7 = read_setting('name_7')\n", "SETTING_7 = vault('seven')\n" + part("quay")
    )
    session.write("log.py", parts(*WORDS[:3]))
    scene.repo.git("stash", "push", "--quiet", "--include-untracked")
    scene.repo.checkout("main")
    scene.clock.advance(days=1)
    scene.repo.human_write("app.py", OWN + human_code(8))
    scene.repo.commit("A keeper")
    scene.repo.branch("right")
    scene.repo.git("stash", "pop", "--quiet")
    scene.repo.commit("The log")
    scene.repo.checkout("main")
    scene.clock.advance(days=1)
    scene.repo.merge("right")


def two_assistants_in_one_file(scene: Scene) -> None:
    one, two = scene.session("2.1"), scene.session("0.169")
    one.prompt("Add the log")
    one.write("log.py", parts("mast", "net"))
    two.prompt("Add to the log")
    two.edit("log.py", part("mast"), part("mast") + part("oar"))
    one.prompt("And more")
    one.edit("log.py", part("net"), part("net").replace("limit=21", "limit=99, strict=True") + part("pier"))
    two.prompt("The net has to go")
    two.edit("log.py", "def net_of(log):\n", "def net_at(log, hour):\n")
    scene.clock.advance(minutes=30)
    scene.repo.commit("The log of both")


def formatted_between_two_edits(scene: Scene) -> None:
    session = scene.session()
    session.prompt("Add the log")
    session.write("log.py", parts(*WORDS[:4]))
    scene.repo.human_write("log.py", wrapped(parts(*WORDS[:4])))
    session.prompt("The dock is full")
    session.edit(
        "log.py", "        limit=28,\n", "        limit=300,\n        overflow=harbour.second_dock(),\n"
    )
    scene.clock.advance(minutes=30)
    scene.repo.commit("The log")


def cut_in_one_commit_and_pasted_in_the_next(scene: Scene) -> None:
    _landed(scene, "log.py", parts(*WORDS[:6]))
    scene.clock.advance(days=2)
    scene.repo.human_write("log.py", parts(*WORDS[:4]))
    scene.repo.commit("Not here")
    scene.clock.advance(hours=2)
    scene.repo.human_write("app.py", human_code(8) + parts(*WORDS[4:6]))
    scene.repo.commit("But there")


def function_moved_and_wrapped_after_landing(scene: Scene) -> None:
    _landed(scene, "log.py", parts(*WORDS[:6]))
    scene.clock.advance(days=3)
    scene.repo.human_write("log.py", parts(*WORDS[:4]))
    scene.repo.human_write("app.py", human_code(8) + "class Moved:\n" + indented(wrapped(parts(*WORDS[4:6]))))
    scene.repo.commit("A class for two of them")


def committed_hunk_by_hunk(scene: Scene) -> None:
    scene.repo.human_write("log.py", parts("mast", "net", "oar"))
    scene.repo.commit("A log")
    session = scene.session("0.169")
    session.prompt("Add around the net")
    session.edit("log.py", part("mast"), part("mast") + part("rope"))
    session.edit("log.py", part("oar"), part("oar") + part("sail"))
    text = scene.repo.read("log.py")
    scene.clock.advance(minutes=10)
    (scene.repo.folder / "log.py").write_text(parts("mast", "rope", "net", "oar"), encoding="utf-8")
    scene.repo.commit("The rope")
    scene.clock.advance(days=3)
    (scene.repo.folder / "log.py").write_text(text, encoding="utf-8")
    scene.repo.commit("The sail")


def amended_three_times_and_rebased_with_a_conflict(scene: Scene) -> None:
    scene.repo.human_write("log.py", parts("mast", "net"))
    scene.repo.commit("A log")
    scene.repo.branch("topic")
    session = scene.session()
    session.prompt("Add the oar and the pier")
    session.edit("log.py", part("net"), part("net") + parts("oar", "pier"))
    scene.clock.advance(minutes=10)
    scene.repo.commit("Oar and pier")
    for number in range(3):
        scene.clock.advance(hours=1)
        scene.repo.human_write(f"notes{number}.md", f"Nobody has read these notes of day {number} yet.\n")
        scene.repo.amend()
    scene.repo.checkout("main")
    scene.repo.human_write("log.py", parts("mast", "net", "quay"))
    scene.repo.commit("The quay")
    scene.clock.advance(hours=1)
    scene.repo.human_write("log.py", parts("mast", "net", "quay", "oar", "pier"))
    scene.repo.commit("Oar and pier, on top of the quay")


SHIPPED, REWORKED = {"shipped": 1.0}, {"reworked": 1.0}
ENDS: tuple[tuple[Callable[[Scene], None], list[dict[str, float]]], ...] = (
    (moved_formatted_and_edited_in_one_commit, [{"shipped": 39 / 40, "reworked": 1 / 40}]),
    (two_squashed_branches_of_one_file, [SHIPPED, SHIPPED]),
    (deletion_restored_by_a_person, [REWORKED]),
    (part_of_a_merge_reverted, [SHIPPED, REWORKED]),
    (renamed_twice_with_work_between, [SHIPPED, SHIPPED]),
    (line_ends_normalised, [SHIPPED]),
    (identifier_renamed_by_a_person, [{"shipped": 18 / 24, "reworked": 6 / 24}]),
    (copied_by_a_person_who_drops_the_copy, [SHIPPED]),
    (commit_split_while_rebasing, [SHIPPED]),
    (stashed_and_popped_on_another_branch, [SHIPPED]),
    (cut_in_one_commit_and_pasted_in_the_next, [SHIPPED]),
    (function_moved_and_wrapped_after_landing, [SHIPPED]),
    (committed_hunk_by_hunk, [SHIPPED]),
    (amended_three_times_and_rebased_with_a_conflict, [SHIPPED]),
)
BETWEEN = (two_assistants_in_one_file, formatted_between_two_edits)


@pytest.fixture(scope="module")
def performance(tmp_path_factory: pytest.TempPathFactory) -> Performance:
    return Performance(tmp_path_factory.mktemp("mixed"), *(play for play, _ in ENDS), *BETWEEN)


@pytest.mark.parametrize(("play", "expected"), ENDS)
def test_each_session_has_the_share_that_is_its_own(
    performance: Performance, play: Callable[[Scene], None], expected: list[dict[str, float]]
) -> None:
    for said, shares in zip(performance.shares(play), expected, strict=True):
        assert said == pytest.approx(shares, abs=0.002)


def test_of_two_assistants_in_one_file_each_ships_what_the_other_left(performance: Performance) -> None:
    one, two = (performance.session(one) for one in performance.scenes[two_assistants_in_one_file].sessions)
    assert (one["lines"]["generated"], one["lines"]["landed"]) == (13, 11)
    assert (two["lines"]["generated"], two["lines"]["landed"]) == (5, 5)


def test_an_edit_of_formatted_text_overwrites_only_the_line_that_it_changes(performance: Performance) -> None:
    verdict = performance.verdict(formatted_between_two_edits)
    assert (verdict.lines["generated"], verdict.lines["landed"]) == (18, 17)
    assert verdict.waste.keys() == {"overwritten"}
