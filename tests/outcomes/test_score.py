"""The score: the formula of its own page, what keeps it from being given, and what goes with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from histories.scene import Performance, Scene, code
from tokencoach.audit.feature_json import score_json
from tokencoach.audit.feature_report import FeatureFigures, ScoreCard
from tokencoach.audit.feature_text import figure, text_lines

if TYPE_CHECKING:
    from collections.abc import Callable

    from histories.program import Json

LATE = "2026-06-30"
REVIEWED = "\n\nReviewed-by: Sam Example <sam@example.invalid>"


def _ship(scene: Scene, count: int, words: str = REVIEWED, lines: int = 10) -> None:
    for number in range(count):
        session = scene.session()
        session.prompt(f"Add part {number}")
        session.write(f"part{number}.py", code(f"part{number}", lines))
        scene.clock.advance(minutes=20)
        scene.repo.commit(f"feat(part{number}): add it{words}")
        scene.clock.advance(days=1)


def five_reviewed(scene: Scene) -> None:
    _ship(scene, 5)


def five_unreviewed(scene: Scene) -> None:
    _ship(scene, 5, "")


def two_reviewed(scene: Scene) -> None:
    _ship(scene, 2)


def large_and_quick(scene: Scene) -> None:
    _ship(scene, 3, lines=400)


def with_a_bug(scene: Scene) -> None:
    _ship(scene, 5)
    scene.clock.advance(days=5)
    lines = scene.repo.read("part0.py").splitlines(keepends=True)
    scene.repo.human_write("part0.py", "".join(lines[1:]))
    scene.repo.commit("fix: the first line was wrong")


def mostly_unknown(scene: Scene) -> None:
    _ship(scene, 3)
    nowhere = scene.stage.folder / "nowhere"
    for _ in range(9):
        session = scene.session(where=nowhere)
        session.prompt("Work where nobody can see it")
        session.write("lost.py", code("lost", 30))


PLAYS = (five_reviewed, five_unreviewed, two_reviewed, large_and_quick, with_a_bug)


@pytest.fixture(scope="module")
def acted(tmp_path_factory: pytest.TempPathFactory) -> Performance:
    """Every play acted once and read once."""
    return Performance(tmp_path_factory.mktemp("score"), *PLAYS)


def _score(acted: Performance, play: Callable[[Scene], None], as_of: str = LATE) -> Json:
    score = acted.verdict(play, as_of).audit["score"]
    assert isinstance(score, dict)
    return score


def _grade(value: float) -> str:
    return "A" if value > 0.1 else "B" if value > 0.05 else "C" if value > 0.01 else "F"


@pytest.mark.parametrize("play", [five_reviewed, large_and_quick, with_a_bug])
def test_the_score_is_the_formula_of_its_inputs(acted: Performance, play: Callable[[Scene], None]) -> None:
    score, audit = _score(acted, play), acted.verdict(play, LATE).audit
    features, bugs, hours, units = (
        score["inputs"][name] for name in ("features", "bugs", "hours", "resource_units")
    )
    assert features == audit["features"]["reviewed"]
    assert bugs == audit["features"]["bug_suspects"]
    assert units == pytest.approx(audit["spend"]["weighted_tokens"] / 100_000)
    assert score["value"] == pytest.approx(features * (features - 0.5 * bugs) / (hours * units))
    assert score["grade"] == _grade(score["value"])
    assert score["as_printed"] == pytest.approx((features - 0.5 * bugs) / (hours * audit["spend"]["tokens"]))
    low, high = score["interval"]
    assert 0 <= low <= score["value"] <= high
    assert (score["unit"], score["why"]) == ("score.v1", None)


def test_the_hours_are_never_less_than_reading_takes(acted: Performance) -> None:
    score = _score(acted, large_and_quick)
    items = acted.verdict(large_and_quick, LATE).audit["features"]["items"]
    assert [item["credited_hours"] for item in items] == [1.0, 1.0, 1.0]
    assert score["inputs"]["hours"] >= 3.0


def test_a_bug_costs_half_a_feature(acted: Performance) -> None:
    assert _score(acted, with_a_bug)["inputs"]["bugs"] == 1


@pytest.mark.parametrize(("play", "there_are"), [(two_reviewed, "2 of 3"), (five_unreviewed, "0 of 3")])
def test_below_three_reviewed_features_there_is_no_grade(
    acted: Performance, play: Callable[[Scene], None], there_are: str
) -> None:
    score = _score(acted, play)
    assert (score["value"], score["grade"], score["interval"]) == (None, None, None)
    assert score["why"] == f"not enough data: {there_are} features shipped and reviewed"


def test_below_sixty_percent_known_there_is_no_grade(tmp_path_factory: pytest.TempPathFactory) -> None:
    acted = Performance(tmp_path_factory.mktemp("unknown"), mostly_unknown)
    audit = acted.program.audit(as_of=LATE)
    assert audit["known_share"] < 0.6
    assert audit["score"]["grade"] is None
    assert "of spend, 60 % is needed" in audit["score"]["why"]


def test_the_score_is_provisional_until_bugs_had_a_month_to_show(acted: Performance) -> None:
    young = _score(acted, five_reviewed, "2026-02-20")
    assert (young["provisional"], young["provisional_until"][:7]) == (True, "2026-03")
    assert not _score(acted, five_reviewed)["provisional"]


def test_the_same_database_gives_the_same_score(acted: Performance) -> None:
    first = _score(acted, five_reviewed)
    acted.program.forget_answers()
    assert _score(acted, five_reviewed) == first


def test_a_period_is_compared_with_ones_own_90_days_before(acted: Performance) -> None:
    repo = str(acted.scenes[five_reviewed].repo.folder)
    span = ("--since", "2026-02-02", "--until", "2026-02-04", "--repo", repo)
    assert acted.program.run("audit", *span, "--as-of", LATE)["score"]["percentile_90_days"] is None


def _card(value: float, grade: str, percentile: float | None) -> ScoreCard:
    span, inputs = (value / 2, value * 2), (4, 0.0, 14.0, 1200.0)
    return ScoreCard("score.v1", value, grade, 4e-10, span, False, None, None, percentile, *inputs)


NOTHING = FeatureFigures(0, 0, None, None, 0.0, None, None, (), ())


def test_below_the_lowest_mark_the_own_past_speaks_and_no_letter() -> None:
    low = _card(0.0009, "F", 0.4)
    lines = text_lines(NOTHING, low)
    assert "Score 0.0009  (0.00045 to 0.0018)" in lines
    assert "  own past: ahead of 40 % of your features of the 90 days before" in lines
    told = score_json(low)
    assert (told["grade"], told["percentile_90_days"]) == ("F", 0.4)
    assert "nearly every real month" in told["grade_note"]


def test_above_it_the_letter_stands_and_too_short_a_past_is_named() -> None:
    good = _card(0.07, "B", None)
    lines = text_lines(NOTHING, good)
    assert "Score 0.07  B  (0.035 to 0.14)" in lines
    assert "  own past: fewer than 3 features shipped and reviewed in the 90 days before" in lines
    assert score_json(good)["grade_note"] is None


def test_the_figure_as_printed_says_why_it_is_near_zero() -> None:
    lines = text_lines(NOTHING, _card(0.0009, "F", 0.4))
    at = lines.index("  as printed: 0.4 features per hour and billion tokens;")
    assert lines[at + 1].strip() == "it divides by every single token, so it is near 0 for everybody"


def test_no_figure_of_a_score_is_written_as_a_power_of_ten() -> None:
    assert [figure(value) for value in (0.0, 2e-9, 6.3e-05, 0.00123, 0.65, 0.997, 1234.5)] == [
        "0",
        "<0.000001",
        "0.000063",
        "0.0012",
        "0.65",
        "1",
        "1234",
    ]
