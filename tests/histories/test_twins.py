"""A default branch and its remote twin that went different ways: what landed, lived and died on the twin."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from histories.scene import Performance, Scene, code

if TYPE_CHECKING:
    from collections.abc import Callable


def _on_the_twin(scene: Scene, *later: tuple[float, str | None]) -> None:
    """Eight lines land on the twin; after some days each, the file there holds another text, or is gone."""
    session = scene.session()
    session.prompt("Add the meters")
    session.write("meters.py", code("meter", 8))
    scene.clock.advance(hours=1)
    start = scene.repo.head()
    scene.repo.commit("Add the meters")
    for days, text in later:
        scene.clock.advance(days=days)
        if text is None:
            (scene.repo.folder / "meters.py").unlink()
        else:
            scene.repo.human_write("meters.py", text)
        scene.repo.commit("Other meters")
    _diverge(scene, start)


def _diverge(scene: Scene, start: str) -> None:
    scene.repo.push()
    scene.repo.git("reset", "--quiet", "--hard", start)
    scene.clock.advance(hours=2)
    scene.repo.human_write("own.py", "def own_of_a_person():\n    return 'on the local branch'\n")
    scene.repo.commit("Work that nobody has pushed")


HALF = "".join(code("meter", 8).splitlines(keepends=True)[:4])


def alive_on_the_twin(scene: Scene) -> None:
    _on_the_twin(scene)


def half_rewritten_on_the_twin(scene: Scene) -> None:
    _on_the_twin(scene, (3, HALF))


def deleted_on_the_twin(scene: Scene) -> None:
    _on_the_twin(scene, (5, None))


def deleted_on_the_twin_after_three_weeks(scene: Scene) -> None:
    _on_the_twin(scene, (21, None))


def taken_back_and_restored_on_the_twin(scene: Scene) -> None:
    _on_the_twin(scene, (3, HALF), (2, code("meter", 8)))


def reverted_on_the_twin(scene: Scene) -> None:
    session = scene.session("0.169")
    session.prompt("Add the meters")
    session.write("meters.py", code("meter", 8))
    scene.clock.advance(hours=1)
    start = scene.repo.head()
    landed = scene.repo.commit("Add the meters")
    scene.clock.advance(days=1)
    scene.repo.revert(landed)
    _diverge(scene, start)


SHARES = (
    (alive_on_the_twin, {"shipped": 1.0}),
    (half_rewritten_on_the_twin, {"shipped": 0.5, "reworked": 0.5}),
    (deleted_on_the_twin, {"reworked": 1.0}),
    (deleted_on_the_twin_after_three_weeks, {"shipped": 1.0}),
    (taken_back_and_restored_on_the_twin, {"shipped": 1.0}),
    (reverted_on_the_twin, {"reworked": 1.0}),
)


@pytest.fixture(scope="module")
def performance(tmp_path_factory: pytest.TempPathFactory) -> Performance:
    return Performance(tmp_path_factory.mktemp("twins"), *(play for play, _ in SHARES))


@pytest.mark.parametrize(("play", "shares"), SHARES)
def test_a_line_of_a_diverged_twin_has_the_fate_that_it_had_there(
    performance: Performance, play: Callable[[Scene], None], shares: dict[str, float]
) -> None:
    verdict = performance.verdict(play)
    whole = verdict.scene.tokens
    assert {name: tokens / whole for name, tokens in verdict.buckets.items()} == pytest.approx(
        shares, abs=0.001
    )


def test_a_revert_on_the_twin_is_called_one(performance: Performance) -> None:
    assert performance.verdict(reverted_on_the_twin).waste.keys() == {"reverted"}
