"""Histories 22 to 27, 33, 35, 36: what becomes of a line after it landed, or while it waits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from histories.scene import Performance, Scene, code, human_code

if TYPE_CHECKING:
    from collections.abc import Callable


def _landed(scene: Scene) -> str:
    session = scene.session()
    session.prompt("Add the ledger")
    session.write("ledger.py", code("ledger", 8))
    scene.clock.advance(hours=1)
    return scene.repo.commit("Add the ledger")


def reverted_next_day(scene: Scene) -> None:
    commit = _landed(scene)
    scene.clock.advance(days=1)
    scene.repo.revert(commit)


def restored_by_hand(scene: Scene) -> None:
    session = scene.session()
    session.prompt("Read the settings from the vault")
    for index in (2, 3, 4):
        session.edit("app.py", f"read_setting('name_{index}')", f"ask_the_vault_for(secret={index})")
    scene.clock.advance(hours=1)
    scene.repo.commit("Use the vault")
    scene.clock.advance(days=2)
    scene.repo.human_write("app.py", human_code(8))
    scene.repo.commit("Go back to plain settings")


def reverted_and_restored(scene: Scene) -> None:
    commit = _landed(scene)
    scene.clock.advance(days=1)
    undo = scene.repo.revert(commit)
    scene.clock.advance(days=1)
    scene.repo.revert(undo)


def rewritten_after_13_days(scene: Scene) -> None:
    _rewritten_after(scene, 13)


def rewritten_after_15_days(scene: Scene) -> None:
    _rewritten_after(scene, 15)


def _rewritten_after(scene: Scene, days: int) -> None:
    _landed(scene)
    scene.clock.advance(days=days)
    scene.repo.human_write("ledger.py", "class Ledger:\n    balance: int = 0\n    currency: str\n")
    scene.repo.commit("Write the ledger anew")


def half_rewritten(scene: Scene) -> None:
    _landed(scene)
    scene.clock.advance(days=3)
    kept = "".join(scene.repo.read("ledger.py").splitlines(keepends=True)[:4])
    scene.repo.human_write("ledger.py", kept + "def balance(account):\n    return account.sum\n")
    scene.repo.commit("Write half of the ledger anew")


def moved_to_another_file(scene: Scene) -> None:
    _landed(scene)
    scene.clock.advance(days=3)
    scene.repo.human_write("books.py", scene.repo.read("ledger.py"))
    (scene.repo.folder / "ledger.py").unlink()
    scene.repo.commit("Move the ledger into the books")


def renamed_with_git(scene: Scene) -> None:
    _landed(scene)
    scene.clock.advance(days=2)
    scene.repo.rename("ledger.py", "money/books.py")
    scene.repo.commit("Rename the ledger")


def taken_back_in_the_branch(scene: Scene) -> None:
    scene.repo.branch("feature")
    session = scene.session()
    session.prompt("Try a tree")
    session.write("tree.py", code("tree", 6))
    scene.clock.advance(hours=1)
    scene.repo.commit("Try a tree")
    session.prompt("A heap is better")
    session.write("tree.py", code("heap", 6))
    scene.clock.advance(hours=1)
    scene.repo.commit("Use a heap")
    scene.repo.checkout("main")
    scene.clock.advance(days=1)
    scene.repo.merge("feature")


def merged_after_a_month(scene: Scene) -> None:
    scene.repo.branch("feature")
    session = scene.session()
    session.prompt("Build it slowly")
    session.write("slow.py", code("slow", 6))
    scene.clock.advance(hours=1)
    scene.repo.commit("Begin slowly")
    scene.repo.checkout("main")
    scene.clock.advance(days=27)
    scene.repo.merge("feature")


def spike_never_merged(scene: Scene) -> None:
    scene.repo.branch("spike/graph")
    session = scene.session()
    session.prompt("Try a graph database")
    session.write("graph.py", code("graph", 6))
    scene.clock.advance(hours=1)
    scene.repo.commit("Try a graph")
    scene.repo.checkout("main")


def left_on_a_branch(scene: Scene) -> None:
    scene.repo.branch("feature")
    _landed(scene)
    scene.repo.checkout("main")


PLAYS = (
    reverted_next_day,
    restored_by_hand,
    reverted_and_restored,
    rewritten_after_13_days,
    rewritten_after_15_days,
    half_rewritten,
    moved_to_another_file,
    renamed_with_git,
    taken_back_in_the_branch,
    merged_after_a_month,
    spike_never_merged,
    left_on_a_branch,
)


@pytest.fixture(scope="module")
def performance(tmp_path_factory: pytest.TempPathFactory) -> Performance:
    return Performance(tmp_path_factory.mktemp("survival"), *PLAYS)


def test_a_branch_is_pending_until_the_day_it_is_merged(performance: Performance) -> None:
    before = performance.verdict(merged_after_a_month, as_of="2026-02-25")
    assert before.buckets == {"pending": before.scene.tokens}
    after = performance.verdict(merged_after_a_month)
    assert after.buckets == {"shipped": after.scene.tokens}


def test_a_revert_on_the_next_day_is_waste(performance: Performance) -> None:
    verdict = performance.verdict(reverted_next_day)
    assert verdict.buckets == {"reworked": verdict.scene.tokens}
    assert verdict.waste == {"reverted": verdict.scene.tokens}
    assert verdict.lines["reworked"] == 8


def test_before_the_revert_the_same_lines_count_as_shipped(performance: Performance) -> None:
    verdict = performance.verdict(reverted_next_day, as_of="2026-02-02")
    assert verdict.buckets == {"shipped": verdict.scene.tokens}


def test_a_blob_restored_by_hand_is_a_revert_too(performance: Performance) -> None:
    verdict = performance.verdict(restored_by_hand)
    assert verdict.buckets == {"reworked": verdict.scene.tokens}
    assert verdict.waste == {"reverted": verdict.scene.tokens}


def test_a_revert_of_a_revert_ships_again(performance: Performance) -> None:
    verdict = performance.verdict(reverted_and_restored)
    assert verdict.buckets == {"shipped": verdict.scene.tokens}
    assert verdict.waste == {}


def test_lines_rewritten_on_day_13_are_reworked(performance: Performance) -> None:
    verdict = performance.verdict(rewritten_after_13_days)
    assert verdict.buckets == {"reworked": verdict.scene.tokens}
    assert verdict.waste == {"reworked": verdict.scene.tokens}


def test_lines_rewritten_on_day_15_had_survived(performance: Performance) -> None:
    verdict = performance.verdict(rewritten_after_15_days)
    assert verdict.buckets == {"shipped": verdict.scene.tokens}
    assert verdict.lines["survived"] == 8


def test_half_of_the_lines_reworked_is_half_of_the_spend(performance: Performance) -> None:
    verdict = performance.verdict(half_rewritten)
    assert verdict.bucket("reworked") == pytest.approx(verdict.scene.tokens / 2, abs=2)
    assert verdict.bucket("shipped") + verdict.bucket("reworked") == verdict.scene.tokens


@pytest.mark.parametrize("play", [moved_to_another_file, renamed_with_git])
def test_moved_lines_do_not_die(performance: Performance, play: Callable[[Scene], None]) -> None:
    verdict = performance.verdict(play)
    assert verdict.buckets == {"shipped": verdict.scene.tokens}
    assert verdict.lines["survived"] == 8


def test_what_was_taken_back_before_the_merge_is_overwritten_not_reworked(performance: Performance) -> None:
    verdict = performance.verdict(taken_back_in_the_branch)
    first = verdict.scene.turn_tokens(verdict.scene.sessions[0], 1)
    assert verdict.waste == {"overwritten": first}
    assert verdict.buckets == {"not_landed": first, "shipped": verdict.scene.tokens - first}


def test_a_spike_branch_is_never_waste(performance: Performance) -> None:
    verdict = performance.verdict(spike_never_merged)
    assert verdict.buckets == {"neutral": verdict.scene.tokens}


def test_an_active_branch_is_pending_past_two_weeks(performance: Performance) -> None:
    verdict = performance.verdict(left_on_a_branch, as_of="2026-02-28")
    assert verdict.buckets == {"pending": verdict.scene.tokens}


def test_a_branch_idle_for_a_month_is_stranded(performance: Performance) -> None:
    verdict = performance.verdict(left_on_a_branch)
    assert verdict.buckets == {"not_landed": verdict.scene.tokens}
    assert verdict.waste == {"stranded": verdict.scene.tokens}
