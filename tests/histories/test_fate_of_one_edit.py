"""Histories 1 to 5: one edit, and whether it was accepted, repeated, committed or left lying."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from histories.scene import GENERATIONS, Generation, Performance, Scene, code
from tokencoach.clock import iso_utc

if TYPE_CHECKING:
    from collections.abc import Callable


def _named(play: Callable[[Scene, Generation], None], generation: Generation) -> Callable[[Scene], None]:
    def acted(scene: Scene) -> None:
        play(scene, generation)

    acted.__name__ = f"{play.__name__}-{generation}"
    return acted


def committed(scene: Scene, generation: Generation) -> None:
    session = scene.session(generation)
    session.prompt("Add the meters")
    session.read("app.py")
    session.write("meters.py", code("meter", 12))
    session.edit("app.py", "name_3", "name_three")
    session.say("Both are in place.")
    scene.clock.advance(hours=1)
    scene.commits.append(scene.repo.commit("Add the meters"))


def rejected(scene: Scene, generation: Generation) -> None:
    session = scene.session(generation)
    session.prompt("Rename the setting")
    scene.marks["rejected"] = session.reject_edit("app.py", "SETTING_1 =", "SETTING_FIRST_ONE =").tokens
    session.prompt("No, write a module instead")
    session.write("settings.py", code("setting", 6))
    scene.clock.advance(hours=1)
    scene.repo.commit("Add settings")


def failed_then_repeated(scene: Scene, generation: Generation) -> None:
    session = scene.session(generation)
    session.prompt("Rename the setting")
    scene.marks["failed"] = session.failing_edit("app.py", "SETTING_99 = absent", "SETTING_1 = here").tokens
    session.read("app.py")
    session.edit("app.py", "SETTING_1 = read_setting('name_1')", "SETTING_1 = read_setting('first_name')")
    scene.clock.advance(hours=1)
    scene.repo.commit("Rename")


def never_committed(scene: Scene, generation: Generation) -> None:
    session = scene.session(generation)
    session.prompt("Draft a cache")
    session.write("cache.py", code("cache", 9))


def only_rejected(scene: Scene, generation: Generation) -> None:
    session = scene.session(generation)
    session.prompt("Rename the setting")
    scene.marks["rejected"] = session.reject_edit("app.py", "SETTING_1 =", "SETTING_FIRST_ONE =").tokens


PLAYS = {
    (play.__name__, generation): _named(play, generation)
    for play in (committed, rejected, failed_then_repeated, never_committed, only_rejected)
    for generation in GENERATIONS
}


@pytest.fixture(scope="module")
def performance(tmp_path_factory: pytest.TempPathFactory) -> Performance:
    return Performance(tmp_path_factory.mktemp("one-edit"), *PLAYS.values())


each_generation = pytest.mark.parametrize("generation", GENERATIONS)


@each_generation
def test_a_committed_edit_is_shipped_with_all_its_turn(
    performance: Performance, generation: Generation
) -> None:
    verdict = performance.verdict(PLAYS["committed", generation])
    assert verdict.buckets == {"shipped": verdict.scene.tokens}
    assert verdict.lines["generated"] == verdict.lines["landed"] == verdict.lines["survived"] == 13
    assert verdict.audit["known_share"] == 1


@each_generation
def test_a_sessions_row_tells_where_it_worked_and_what_it_landed(
    performance: Performance, generation: Generation
) -> None:
    scene = performance.scenes[PLAYS["committed", generation]]
    (session,) = scene.sessions
    row = performance.session(session)
    assert (row["source"], row["models"]) == (session.source, [session.model])
    assert (row["repo"], row["commits"]) == (str(scene.repo.folder), scene.commits)
    assert (row["turns"], row["requests"], row["tokens"]) == (1, 4, scene.tokens)
    assert (row["verdict"], row["lines"]["landed"]) == ("shipped", 13)
    assert row["confidence"] > 0.8
    requests = performance.stage.truth.requests
    moments = [request.at_ms for request in requests if request.session_id == session.session_id]
    assert row["started_at"] <= iso_utc(moments[0])
    assert row["ended_at"] >= iso_utc(moments[-1])


@each_generation
def test_a_rejected_edit_wastes_its_own_request_only(
    performance: Performance, generation: Generation
) -> None:
    verdict = performance.verdict(PLAYS["rejected", generation])
    cut = verdict.scene.marks["rejected"]
    assert verdict.waste == {"rejected": cut}
    assert verdict.buckets == {"not_landed": cut, "shipped": verdict.scene.tokens - cut}
    assert verdict.lines["generated"] == 6


@each_generation
def test_a_failed_edit_wastes_only_its_request(performance: Performance, generation: Generation) -> None:
    verdict = performance.verdict(PLAYS["failed_then_repeated", generation])
    cut = verdict.scene.marks["failed"]
    assert verdict.waste == {"failed": cut}
    assert verdict.buckets == {"not_landed": cut, "shipped": verdict.scene.tokens - cut}


@each_generation
def test_an_edit_that_was_never_committed_is_waste_after_14_days(
    performance: Performance, generation: Generation
) -> None:
    verdict = performance.verdict(PLAYS["never_committed", generation])
    assert verdict.buckets == {"not_landed": verdict.scene.tokens}
    assert verdict.waste == {"uncommitted": verdict.scene.tokens}
    assert verdict.lines["not_landed"] == 9


def test_an_edit_of_two_days_ago_is_pending(performance: Performance) -> None:
    verdict = performance.verdict(PLAYS["never_committed", "2.1"], as_of="2026-02-04")
    assert verdict.buckets == {"pending": verdict.scene.tokens}
    assert verdict.lines["pending"] == 9
    assert verdict.waste == {}


@each_generation
def test_a_session_whose_only_edit_was_rejected_shipped_nothing(
    performance: Performance, generation: Generation
) -> None:
    verdict = performance.verdict(PLAYS["only_rejected", generation])
    assert verdict.waste == {"rejected": verdict.scene.marks["rejected"]}
    assert sum(verdict.buckets.values()) == verdict.scene.tokens
    assert not {"shipped", "reworked", "pending"} & verdict.buckets.keys()
