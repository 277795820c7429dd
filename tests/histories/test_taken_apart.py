"""Files that a person took apart, moved and changed before their first commit, and what was only alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from histories.harbour import WORDS as ALL_WORDS
from histories.harbour import part
from histories.scene import Performance, Scene, human_code

if TYPE_CHECKING:
    from collections.abc import Callable

WORDS = ALL_WORDS[:12]
LEDGER = """\
package harbour;

class Ledger {
        Berth assign(Vessel vessel) {
                requireDraught(vessel);
                this.tide = readTideTable(vessel, harbour, season, 431);
                List<Crane> cranes = yard.available(vessel);
                this.queue = orderByDraught(cranes, tide, pilot, 77);
                if (cranes.isEmpty()) {
                        throw new NoCraneException("all cranes are busy");
                }
                this.fees = sumHarbourFees(vessel, berth, tariff, 12);
                this.watch = planNightWatch(vessel, crew, weather, 365);
                return berths.reserve(vessel);
        }
}
"""
WRAPPED = """\
package harbour;

class Ledger {
    Berth assign(Vessel vessel) {
        requireDraught(vessel);
        this.tide = readTideTable(
            vessel,
            harbour,
            season,
            431
        );
        List<Crane> cranes = yard.available(vessel);
        this.queue = orderByDraught(
            cranes,
            tide,
            pilot,
            77
        );
        if (cranes.isEmpty()) {
            throw new NoCraneException("all cranes are busy");
        }
        this.fees = sumHarbourFees(
            vessel,
            berth,
            tariff,
            12
        );
        this.watch = planNightWatch(
            vessel,
            crew,
            weather,
            365
        );
        return berths.reserve(vessel);
    }
}
"""


def split_in_two_before_the_commit(scene: Scene) -> None:
    session = scene.session()
    session.prompt("Write the log")
    session.write("log.py", "".join(map(part, WORDS)))
    scene.clock.advance(minutes=10)
    (scene.repo.folder / "log.py").unlink()
    scene.repo.human_write("logs/calm.py", "".join(map(part, WORDS[:6])))
    scene.repo.human_write("logs/storm.py", "import harbour_settings\n\n" + "".join(map(part, WORDS[6:])))
    scene.repo.commit("Two logs")


def split_in_three_by_a_person_who_codes_with_codex(scene: Scene) -> None:
    session = scene.session("0.34")
    session.prompt("Write the log")
    session.write("log.py", "".join(map(part, WORDS)))
    scene.clock.advance(minutes=10)
    (scene.repo.folder / "log.py").unlink()
    for number in range(3):
        text = "".join(map(part, WORDS[number * 4 : number * 4 + 4]))
        scene.repo.human_write(f"logs/part_{number}.py", text)
    scene.repo.commit("Three logs")


def poured_into_old_and_new_files(scene: Scene) -> None:
    session = scene.session()
    session.prompt("Write the log")
    session.write("log.py", "".join(map(part, WORDS)))
    scene.clock.advance(minutes=10)
    (scene.repo.folder / "log.py").unlink()
    scene.repo.human_write("app.py", human_code(8) + "".join(map(part, WORDS[:5])))
    scene.repo.human_write("storm.py", "".join(map(part, WORDS[5:])))
    scene.repo.commit("No log of its own")


def moved_and_wrapped_before_the_commit(scene: Scene) -> None:
    session = scene.session("0.169")
    session.prompt("Write the ledger")
    session.write("Ledger.java", LEDGER)
    scene.clock.advance(minutes=10)
    (scene.repo.folder / "Ledger.java").unlink()
    scene.repo.human_write("harbour/Ledger.java", WRAPPED)
    scene.repo.commit("Add the ledger")


WHOLE = (
    (split_in_two_before_the_commit, 48),
    (split_in_three_by_a_person_who_codes_with_codex, 48),
    (poured_into_old_and_new_files, 48),
    (moved_and_wrapped_before_the_commit, 12),
)


def moved_and_nearly_half_written_anew(scene: Scene) -> None:
    session = scene.session()
    session.prompt("Write the log")
    session.write("log.py", "".join(map(part, WORDS)))
    (scene.repo.folder / "log.py").unlink()
    scene.clock.advance(minutes=40)
    lines = "".join(map(part, WORDS)).splitlines(keepends=True)
    heavy = [number for number, line in enumerate(lines) if line.strip()]
    for at in (at for at in range(len(heavy)) if at % 9 in {1, 4, 6, 8}):
        number = heavy[at]
        lines[number] = f"    person.wrote({number * number}, on='page {number}')\n"
    scene.repo.human_write("logs/own.py", "".join(lines))
    scene.repo.commit("My own log, from the draft")


def an_edit_thrown_away_and_a_like_line_of_a_person(scene: Scene) -> None:
    session = scene.session()
    session.prompt("Add the voyage")
    session.edit(
        "app.py", "SETTING_7 = read_setting('name_7')\n", "SETTING_7 = read_setting('name_7')\n" + VOYAGE
    )
    scene.clock.advance(minutes=10)
    scene.repo.git("checkout", "--quiet", "--", "app.py")
    scene.clock.advance(hours=1)
    scene.repo.human_write("app.py", "tide_log = harbour.skipper.estimate(cargo)\n" + human_code(8))
    scene.repo.commit("Estimate")


VOYAGE = (
    "def sail_voyage(crew, cargo):\n"
    "    tide_log = harbour.pilot.estimate(cargo)\n"
    "    route = chart.restore_route(crew, tide_log)\n"
    "    crew.schedule_watch(route, 77)\n"
    "    return [leg.distance for leg in route.legs]\n"
)


def a_sketch_thrown_away_and_a_new_file_of_a_person(scene: Scene) -> None:
    session = scene.session()
    session.prompt("Sketch the log")
    session.write("log.py", "".join(map(part, WORDS)))
    (scene.repo.folder / "log.py").unlink()
    scene.clock.advance(hours=2)
    text = "".join(
        f"def mine_{number}(page):\n    return page.turned_by_hand({number})\n" for number in range(9)
    )
    scene.repo.human_write("mine.py", part("anchor") + text)
    scene.repo.commit("My own")


@pytest.fixture(scope="module")
def performance(tmp_path_factory: pytest.TempPathFactory) -> Performance:
    plays = [play for play, _ in WHOLE]
    return Performance(
        tmp_path_factory.mktemp("apart"),
        *plays,
        moved_and_nearly_half_written_anew,
        an_edit_thrown_away_and_a_like_line_of_a_person,
        a_sketch_thrown_away_and_a_new_file_of_a_person,
    )


@pytest.mark.parametrize(("play", "lines"), WHOLE)
def test_a_file_that_was_taken_apart_ships_whole(
    performance: Performance, play: Callable[[Scene], None], lines: int
) -> None:
    verdict = performance.verdict(play)
    assert verdict.lines["landed"] == verdict.lines["generated"] == lines
    assert verdict.buckets == {"shipped": verdict.scene.tokens}


def test_a_draft_that_a_person_moved_and_rewrote_ships_where_it_is_the_assistants(
    performance: Performance,
) -> None:
    verdict = performance.verdict(moved_and_nearly_half_written_anew)
    assert verdict.lines["landed"] == 27
    assert verdict.bucket("shipped") / verdict.scene.tokens == pytest.approx(27 / 48, abs=0.01)


def test_a_discarded_edit_has_no_share_in_a_persons_like_line(performance: Performance) -> None:
    verdict = performance.verdict(an_edit_thrown_away_and_a_like_line_of_a_person)
    assert verdict.buckets == {"not_landed": verdict.scene.tokens}


def test_a_person_who_kept_one_function_of_a_sketch_did_not_ship_the_sketch(
    performance: Performance,
) -> None:
    verdict = performance.verdict(a_sketch_thrown_away_and_a_new_file_of_a_person)
    assert verdict.lines["landed"] <= 4
    assert verdict.bucket("not_landed") >= 0.9 * verdict.scene.tokens
