"""What counts as a review, how long it was, and that nobody's time is counted twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from histories.scene import Performance, Scene, code

if TYPE_CHECKING:
    from collections.abc import Callable

    from histories.program import Json

LATE = "2026-06-30"
OTHER = ("Sam Example", "sam@example.invalid")
TRAILER = "\n\nReviewed-by: Sam Example <sam@example.invalid>"


def _written(scene: Scene, lines: int = 10) -> None:
    session = scene.session()
    session.prompt("Add the ledger")
    session.write("ledger.py", code("ledger", lines))


def committed_at_once(scene: Scene) -> None:
    _written(scene)
    scene.clock.advance(seconds=30)
    scene.repo.commit("feat: the ledger")


def read_for_four_minutes(scene: Scene) -> None:
    _written(scene)
    scene.clock.advance(minutes=4)
    scene.repo.commit("feat: the ledger")


def left_for_lunch(scene: Scene) -> None:
    _written(scene)
    scene.clock.advance(hours=1)
    scene.repo.commit("feat: the ledger")


def much_read_in_four_minutes(scene: Scene) -> None:
    _written(scene, 200)
    scene.clock.advance(minutes=4)
    scene.repo.commit("feat: the ledger")


def asked_about_for_half_an_hour(scene: Scene) -> None:
    session = scene.session()
    session.prompt("Add the ledger")
    session.write("ledger.py", code("ledger", 150))
    for number in range(8):
        scene.clock.advance(minutes=3)
        session.prompt(f"Why is line {number} so?")
        session.say("For safety.")
    scene.clock.advance(minutes=3)
    scene.repo.commit("feat: the ledger")


def busy_with_something_else(scene: Scene) -> None:
    _written(scene, 60)
    session = scene.sessions[-1]
    for number in range(8):
        scene.clock.advance(minutes=3)
        session.prompt(f"Now build number {number}")
        session.write(f"other{number}.py", code(f"other{number}", 3))
    scene.clock.advance(minutes=3)
    scene.repo.commit("feat(ledger): the ledger", "ledger.py")
    scene.repo.commit("chore: the others")


def with_a_trailer(scene: Scene) -> None:
    _written(scene)
    scene.repo.commit(f"feat: the ledger{TRAILER}")


def with_a_trailer_of_the_author(scene: Scene) -> None:
    _written(scene)
    scene.repo.commit("feat: the ledger\n\nReviewed-by: Robin Example <robin@example.invalid>")


def with_trailers_of_programs(scene: Scene) -> None:
    _written(scene)
    scene.repo.commit(
        "feat: the ledger\n\nReviewed-by: Claude <noreply@anthropic.com>\n"
        "Reviewed-by: reader[bot] <reader[bot]@users.noreply.example.invalid>"
    )


def merged_by_a_bot(scene: Scene) -> None:
    scene.repo.branch("feature/ledger")
    _written(scene)
    scene.repo.commit("start")
    scene.repo.checkout("main")
    me = scene.repo.person
    scene.repo.person = ("queue[bot]", "queue[bot]@users.noreply.example.invalid")
    scene.repo.merge("feature/ledger")
    scene.repo.person = me


def merged_by_somebody_else(scene: Scene) -> None:
    scene.repo.branch("feature/ledger")
    _written(scene)
    scene.repo.commit("start")
    scene.repo.checkout("main")
    me, scene.repo.person = scene.repo.person, OTHER
    scene.repo.merge("feature/ledger")
    scene.repo.person = me


def merged_by_the_author(scene: Scene) -> None:
    scene.repo.branch("feature/ledger")
    _written(scene)
    scene.repo.commit("start")
    scene.repo.checkout("main")
    scene.repo.merge("feature/ledger")


def two_at_once(scene: Scene) -> None:
    first, second = scene.session(), scene.session("0.169")
    for _ in range(6):
        scene.clock.advance(minutes=2)
        first.prompt("Go on with the first")
        second.prompt("Go on with the second")
    first.write("first.py", code("first", 10))
    second.write("second.py", code("second", 10))
    scene.repo.commit("feat: first", "first.py")
    scene.repo.commit("feat: second", "second.py")


PLAYS = (
    committed_at_once, read_for_four_minutes, left_for_lunch, much_read_in_four_minutes, asked_about_for_half_an_hour,
    busy_with_something_else,
    with_a_trailer, with_a_trailer_of_the_author, merged_by_somebody_else, merged_by_the_author, two_at_once,
    with_trailers_of_programs, merged_by_a_bot,
)  # fmt: skip


@pytest.fixture(scope="module")
def acted(tmp_path_factory: pytest.TempPathFactory) -> Performance:
    """Every play acted once and read once."""
    return Performance(tmp_path_factory.mktemp("review"), *PLAYS)


def _item(acted: Performance, play: Callable[[Scene], None]) -> Json:
    (item,) = acted.verdict(play, LATE).audit["features"]["items"]
    assert isinstance(item, dict)
    return item


@pytest.mark.parametrize(
    ("play", "reviewed_by"),
    [
        (committed_at_once, []),
        (read_for_four_minutes, ["local"]),
        (left_for_lunch, []),
        (much_read_in_four_minutes, []),
        (asked_about_for_half_an_hour, ["local"]),
        (with_a_trailer, ["trailer"]),
        (with_a_trailer_of_the_author, []),
        (merged_by_somebody_else, ["merge"]),
        (merged_by_the_author, []),
        (with_trailers_of_programs, []),
        (merged_by_a_bot, []),
    ],
)
def test_a_feature_is_reviewed_where_somebody_looked(
    acted: Performance, play: Callable[[Scene], None], reviewed_by: list[str]
) -> None:
    audit = acted.verdict(play, LATE).audit
    item = _item(acted, play)
    assert (item["reviewed_by"], item["reviewed"]) == (reviewed_by, bool(reviewed_by))
    assert audit["features"]["unreviewed"] == (not reviewed_by)
    assert audit["lines"]["reviewed"] == (audit["lines"]["landed"] if reviewed_by else 0)


def test_the_local_span_is_measured_without_pauses(acted: Performance) -> None:
    assert _item(acted, left_for_lunch)["review_hours"] < 1 / 60
    assert 4 / 60 <= _item(acted, read_for_four_minutes)["review_hours"] < 5 / 60
    assert 27 / 60 <= _item(acted, asked_about_for_half_an_hour)["review_hours"] < 36 / 60


def test_building_something_else_is_no_reading(acted: Performance) -> None:
    items = acted.verdict(busy_with_something_else, LATE).audit["features"]["items"]
    (ledger,) = [item for item in items if item["kind"] == "feature"]
    assert (ledger["title"], ledger["reviewed_by"]) == ("the ledger", [])


def test_an_unreviewed_feature_is_credited_with_the_time_that_reading_it_takes(acted: Performance) -> None:
    assert _item(acted, much_read_in_four_minutes)["credited_hours"] == 0.5
    assert _item(acted, committed_at_once)["credited_hours"] >= 0.05


def test_two_sessions_at_once_share_one_persons_time(acted: Performance) -> None:
    audit = acted.verdict(two_at_once, LATE).audit
    first, second = (item["human_hours"] for item in audit["features"]["items"])
    assert first == pytest.approx(second, abs=0.02)
    assert (first + second) * 60 == pytest.approx(audit["spend"]["human_minutes"], abs=1.5)
    assert audit["spend"]["human_minutes"] < 24
