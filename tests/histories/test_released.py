"""Work that only a version's tag holds: a hotfix of an old version ships, a trial of a version does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from histories.harbour import part, parts
from histories.scene import Performance, Scene

if TYPE_CHECKING:
    from collections.abc import Callable

    Play = Callable[[Scene], None]


def _tagged(scene: Scene, tag: str) -> None:
    """The default branch has moved on; an old version is mended on its own and tagged."""
    scene.repo.human_write("log.py", parts("mast", "net", "oar"))
    scene.repo.commit("A log")
    scene.repo.tag("v1.0")
    scene.repo.human_write("log.py", parts("mast", "oar", "pier"))
    scene.repo.commit("Another log")
    scene.clock.advance(hours=1)
    scene.repo.git("checkout", "--quiet", "--detach", "v1.0")
    session = scene.session()
    session.prompt("Mend the old version")
    session.edit("log.py", part("net"), parts("net", "anchor"))
    scene.clock.advance(hours=1)
    scene.repo.commit("Mend")
    scene.repo.tag(tag)
    scene.repo.checkout("main")


def hotfix(scene: Scene) -> None:
    _tagged(scene, "v1.0.1")


def hotfix_of_a_package(scene: Scene) -> None:
    _tagged(scene, "@quay/log@1.0.1")


def candidate(scene: Scene) -> None:
    _tagged(scene, "v1.1.0-rc.1")


def no_version(scene: Scene) -> None:
    _tagged(scene, "before-the-rebase")


def rewritten_before_the_version(scene: Scene) -> None:
    _tagged(scene, "before-the-rebase")
    scene.repo.git("checkout", "--quiet", "--detach", "before-the-rebase")
    by_hand = "class Keeper:\n    lamps: list[Lamp]\n"
    scene.repo.human_write("log.py", parts("mast", "net", "oar") + by_hand)
    scene.clock.advance(hours=1)
    scene.repo.commit("By hand")
    scene.repo.tag("v1.0.1")
    scene.repo.checkout("main")


def old_version_mended_last(scene: Scene) -> None:
    scene.repo.tag("v1.0")
    session = scene.session()
    session.prompt("Write it")
    session.write("log.py", parts("mast", "net", "oar"))
    scene.clock.advance(hours=1)
    scene.repo.commit("A log")
    scene.repo.tag("v2.0")
    scene.clock.advance(days=1)
    scene.repo.git("checkout", "--quiet", "--detach", "v1.0")
    scene.repo.human_write("pier.py", "class Keeper:\n    lamps: list[Lamp]\n")
    scene.repo.commit("By hand")
    scene.repo.tag("v1.0.1")
    scene.repo.checkout("main")


@pytest.fixture(scope="module")
def performance(tmp_path_factory: pytest.TempPathFactory) -> Performance:
    return Performance(
        tmp_path_factory.mktemp("released"),
        hotfix,
        hotfix_of_a_package,
        candidate,
        no_version,
        rewritten_before_the_version,
        old_version_mended_last,
    )


@pytest.mark.parametrize("play", [hotfix, hotfix_of_a_package])
def test_a_hotfix_that_only_its_versions_tag_holds_has_shipped(performance: Performance, play: Play) -> None:
    assert performance.shares(play) == [{"shipped": 1.0}]
    (session,) = performance.scenes[play].sessions
    assert performance.session(session)["confidence"] == 0.8
    shown = performance.program.run("sessions", "show", session.session_id)
    told = {line["reason"] for turn in shown["turns"] for edit in turn["edits"] for line in edit["lines"]}
    assert told == {"in a released version, by its tag, beside the main line"}


@pytest.mark.parametrize("play", [candidate, no_version])
def test_what_only_a_trial_or_a_mark_holds_is_stranded(performance: Performance, play: Play) -> None:
    assert performance.verdict(play).waste.keys() == {"stranded"}


def test_what_was_rewritten_before_the_version_has_not_shipped(performance: Performance) -> None:
    assert performance.verdict(rewritten_before_the_version).bucket("shipped") == 0


@pytest.mark.parametrize("policy", ["ref:refs/heads/main", "default-branch"])
def test_where_the_person_names_what_ships_that_alone_does(performance: Performance, policy: str) -> None:
    folder = str(performance.scenes[hotfix].repo.folder)
    performance.program.run("repos", "ship", folder, policy)
    performance.program.forget_answers()
    assert performance.verdict(hotfix).waste.keys() == {"stranded"}


def test_where_tags_ship_every_version_counts_though_an_old_one_was_mended_last(
    performance: Performance,
) -> None:
    folder = str(performance.scenes[old_version_mended_last].repo.folder)
    performance.program.run("repos", "ship", folder, "tag")
    performance.program.forget_answers()
    assert performance.shares(old_version_mended_last) == [{"shipped": 1.0}]
