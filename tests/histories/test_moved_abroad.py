"""Code that leaves one repository for another which the database knows: it moved, and lives there."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from histories.harbour import WORDS, part, parts
from histories.scene import Performance, Scene

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tokencoach.demo.repository import Repository

    Play = Callable[[Scene], None]

OWN = "def keeper(lamp):\n    lamp.trim(wick='short')\n    return lamp.lit_by_hand\n"


def _written(scene: Scene, text: str, *, is_committed: bool = True) -> None:
    session = scene.session()
    session.prompt("Build it")
    session.write("svc/one.py", text)
    scene.clock.advance(minutes=20)
    if is_committed:
        scene.repo.commit("One")
    scene.clock.advance(days=5)


def _dropped(scene: Scene) -> None:
    scene.repo.git("rm", "-r", "--quiet", "svc")
    scene.repo.commit("Away with it")


def _other(scene: Scene, name: str, text: str = "") -> Repository:
    """Another repository, which is known by a session of its own."""
    other = scene.stage.repository(name)
    other.human_write("README.md", f"# {name}\n")
    if text:
        other.human_write("one.py", text)
    other.commit("Begin")
    session = scene.session("0.169", other)
    session.prompt("Go on")
    session.write("own.py", f"def own_of_{name}(lamp):\n    return lamp.found_by_{name}\n")
    scene.clock.advance(minutes=20)
    other.commit("Own")
    return other


def moved(scene: Scene) -> None:
    text = parts(*WORDS[:3])
    _written(scene, text)
    _other(scene, "target_one", text)
    _dropped(scene)


def moved_under_another_name(scene: Scene) -> None:
    text = part(WORDS[0]) + part(WORDS[4]) + part(WORDS[8])
    _written(scene, text)
    other = _other(scene, "target_eight")
    other.human_write("lib/uno.py", text)
    other.commit("From elsewhere")
    _dropped(scene)


def moved_and_dropped_there(scene: Scene) -> None:
    text = parts(*WORDS[3:6])
    _written(scene, text)
    other = _other(scene, "target_two", text)
    _dropped(scene)
    scene.clock.advance(days=3)
    other.human_write("one.py", text.replace("sunrise", "daybreak").replace("return", "yield"))
    other.commit("Otherwise")


def moved_before_any_commit(scene: Scene) -> None:
    text = parts(*WORDS[6:9])
    _written(scene, text, is_committed=False)
    shutil.rmtree(scene.repo.folder / "svc")
    _other(scene, "target_three", text)


def stood_there_before(scene: Scene) -> None:
    text = parts(*WORDS[9:12])
    _other(scene, "target_four", text)
    scene.clock.advance(days=5)
    _written(scene, text)
    _dropped(scene)


def written_anew_there_by_another(scene: Scene) -> None:
    text = parts(*WORDS[12:15])
    _written(scene, text)
    other = _other(scene, "target_five")
    session = scene.session("2.1", other)
    session.prompt("The same here")
    session.write("one.py", text)
    scene.clock.advance(minutes=20)
    other.commit("Anew")
    _dropped(scene)


def another_file_of_that_name(scene: Scene) -> None:
    _written(scene, parts(*WORDS[15:18]))
    _other(scene, "target_six", OWN + parts(*WORDS[17:20]))
    _dropped(scene)


def another_file_that_begins_alike(scene: Scene) -> None:
    licence = "".join(f"# {word.title()} may be used by whoever keeps these words\n" for word in WORDS[:9])
    _written(scene, licence + part(WORDS[20]))
    session = scene.session()
    session.prompt("One more")
    session.write("more.py", licence + part(WORDS[21]))
    scene.clock.advance(minutes=20)
    scene.repo.commit("More")
    _other(scene, "target_seven", licence + part(WORDS[22]))
    _dropped(scene)


SHIPPED, REWORKED = {"shipped": 1.0}, {"reworked": 1.0}


@pytest.fixture(scope="module")
def performance(tmp_path_factory: pytest.TempPathFactory) -> Performance:
    return Performance(
        tmp_path_factory.mktemp("abroad"),
        moved,
        moved_under_another_name,
        moved_and_dropped_there,
        moved_before_any_commit,
        stood_there_before,
        written_anew_there_by_another,
        another_file_of_that_name,
        another_file_that_begins_alike,
    )


@pytest.mark.parametrize(
    ("play", "at", "expected"),
    [
        (moved, 0, SHIPPED),
        (moved_under_another_name, 0, SHIPPED),
        (moved_before_any_commit, 0, SHIPPED),
        (stood_there_before, 1, REWORKED),
        (written_anew_there_by_another, 0, REWORKED),
        (another_file_of_that_name, 0, REWORKED),
        (another_file_that_begins_alike, 0, REWORKED),
    ],
)
def test_code_lives_where_it_moved_to(
    performance: Performance, play: Play, at: int, expected: dict[str, float]
) -> None:
    assert performance.shares(play)[at] == expected


def test_what_dies_where_it_went_has_died(performance: Performance) -> None:
    row = performance.session(performance.scenes[moved_and_dropped_there].sessions[0])
    assert (row["lines"]["survived"], row["lines"]["reworked"]) == (6, 6)


def test_a_moved_line_says_where_it_is_and_is_less_sure(performance: Performance) -> None:
    shown = performance.program.run("sessions", "show", performance.scenes[moved].sessions[0].session_id)
    lines = [line for turn in shown["turns"] for edit in turn["edits"] for line in edit["lines"]]
    assert {(line["method"], line["confidence"]) for line in lines if line["significant"]} == {
        ("abroad", 0.6)
    }
    assert all("another repository" in line["reason"] for line in lines if line["significant"])


def test_before_it_went_it_lived_at_home_and_then_it_is_reworked_where_nobody_knows(tmp_path: Path) -> None:
    def moved_later(scene: Scene) -> None:
        _written(scene, parts(*WORDS[:3]))
        _other(scene, "later")

    performance = Performance(tmp_path, moved_later)
    scene = performance.scenes[moved_later]
    said = []
    _dropped(scene)
    for text in (part("mast"), parts(*WORDS[:3]), part("net")):
        performance.program.forget_answers()
        performance.program.ingest()
        said.append(performance.shares(moved_later)[0])
        later = scene.repo.folder.with_name("later")
        (later / "one.py").write_text(text, encoding="utf-8")
        scene.clock.advance(hours=2)
        scene.repo.git("-C", str(later), "add", "--all")
        scene.repo.git("-C", str(later), "commit", "--quiet", "-m", "Change")
    performance.program.forget_answers()
    performance.program.ingest()
    said.append(performance.shares(moved_later)[0])
    assert said == [REWORKED, REWORKED, SHIPPED, REWORKED]
