"""Loops: what was asked again and told nothing new, and files that were changed to and fro."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from histories.harbour import part, parts
from histories.scene import Performance, Scene, code

if TYPE_CHECKING:
    from collections.abc import Callable

    from histories.scene import Generation
    from tokencoach.demo.session import Session


def _begun(scene: Scene, generation: Generation = "2.1") -> Session:
    scene.repo.human_write("log.py", parts("mast", "net"))
    scene.repo.commit("A log")
    session = scene.session(generation)
    session.prompt("Make the test pass")
    return session


def _ended(scene: Scene, session: Session) -> None:
    session.write("fix.py", code("fix", 6))
    scene.clock.advance(hours=1)
    scene.repo.commit("Fix the test")


def equal_calls_of_codex(scene: Scene) -> None:
    session = _begun(scene, "0.34")
    calls = [session.bash("make test-unit", "1 failed").tokens for _ in range(4)]
    scene.marks["looped"] = sum(calls[1:])
    _ended(scene, session)


def other_answers(scene: Scene) -> None:
    session = _begun(scene)
    for number in range(5):
        session.bash("make deploy-status", f"{number} of 5 are up")
    _ended(scene, session)


def a_command_wrote_between(scene: Scene) -> None:
    session = _begun(scene)
    for number in range(4):
        session.bash(f"cat > /tmp/value.txt <<'E'\n{number}\nE")
        session.bash("make test-unit", "1 failed")
    _ended(scene, session)


def compacted_between(scene: Scene) -> None:
    session = scene.claude()
    session.prompt("Look at the service")
    for _ in range(2):
        session.read("app.py")
        session.read("app.py")
        session.compact()
    _ended(scene, session)


def to_and_fro(scene: Scene) -> None:
    session = _begun(scene)
    there, back = (part("net"), part("oar")), (part("oar"), part("net"))
    edits = [session.edit("log.py", *step).tokens for step in (there, back) * 3]
    scene.marks["looped"] = sum(edits[1:])
    _ended(scene, session)


def tried_and_undone_twice(scene: Scene) -> None:
    session = _begun(scene)
    for word in ("oar", "pier"):
        session.edit("log.py", part("net"), part(word))
        session.edit("log.py", part(word), part("net"))
    _ended(scene, session)


LOOPED = (equal_calls_of_codex, to_and_fro)
NOT_LOOPED = (other_answers, a_command_wrote_between, compacted_between, tried_and_undone_twice)


@pytest.fixture(scope="module")
def performance(tmp_path_factory: pytest.TempPathFactory) -> Performance:
    return Performance(tmp_path_factory.mktemp("loops"), *LOOPED, *NOT_LOOPED)


@pytest.mark.parametrize("play", LOOPED)
def test_all_but_the_first_of_a_loop_are_waste(
    performance: Performance, play: Callable[[Scene], None]
) -> None:
    verdict = performance.verdict(play)
    assert verdict.waste["looped"] == verdict.scene.marks["looped"]


@pytest.mark.parametrize("play", NOT_LOOPED)
def test_what_tells_something_new_is_no_loop(performance: Performance, play: Callable[[Scene], None]) -> None:
    assert "looped" not in performance.verdict(play).waste
