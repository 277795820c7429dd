"""The books of the truth itself: lines keep their identity, marks land, die and come back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from accuracy.expected import DAY_MS, Judge
from accuracy.formatters import everything, joined, rewrapped
from accuracy.marks import ConflictError, Life, Line, Mark, aligned, merged, new_line, retouched, texts
from accuracy.model import Commit, DriftError, ModelRepository, World
from accuracy.play import BEGIN
from tokencoach.demo.stage import Stage

if TYPE_CHECKING:
    from pathlib import Path

NOW = 100 * DAY_MS


def _mark(at_day: int = 50, *lives: Life) -> Mark:
    return Mark("s", 1, at_day * DAY_MS, "a.py", "total = count", lives=list(lives))


def _bucket(mark: Mark) -> dict[str, float]:
    world = World()
    world.refs["main"] = Commit("0", {}, (), 0)
    return Judge(world, NOW).weigh(mark)


@pytest.mark.parametrize(
    ("mark", "bucket"),
    [
        (_mark(50, Life(60 * DAY_MS)), "shipped"),
        (_mark(50, Life(60 * DAY_MS, 74 * DAY_MS)), "shipped"),
        (_mark(50, Life(60 * DAY_MS, 73 * DAY_MS)), "reworked"),
        (_mark(50, Life(60 * DAY_MS, 61 * DAY_MS), Life(70 * DAY_MS)), "shipped"),
        (_mark(90), "pending"),
        (_mark(80), "not_landed"),
    ],
)
def test_a_mark_is_judged_by_its_lives(mark: Mark, bucket: str) -> None:
    assert _bucket(mark) == {bucket: 1.0}


def test_a_removal_of_what_never_stood_on_the_default_branch_weighs_nothing() -> None:
    removal = _mark()
    removal.target = frozenset({0})
    assert _bucket(removal) == {}


def test_a_retouched_line_ships_by_what_is_left_of_it() -> None:
    line = new_line("total = measure(sample, 10, 20)", ((_mark(), 1.0),))
    ((_, credit),) = retouched(line, "total = measure(sample, 10, 30)").marks
    assert 0.8 < credit < 1.0
    assert retouched(line, "raise NotImplementedError").marks == ()


def test_both_sides_of_a_merge_keep_their_lines() -> None:
    base = [new_line(text) for text in ("one", "two", "three")]
    ours = [new_line("zero"), *base]
    theirs = [base[0], new_line("two and a half"), base[2]]
    assert texts(merged(base, ours, theirs)) == ["zero", "one", "two and a half", "three"]
    with pytest.raises(ConflictError):
        merged(base, [base[0], new_line("left"), base[2]], [base[0], new_line("right"), base[2]])


def test_what_stands_there_already_is_not_written_anew() -> None:
    before = [new_line(text) for text in ("one", "  two", "three")]
    after = aligned(before, ["one", "two", "four"])
    assert [line.ids == old.ids for line, old in zip(after, before, strict=True)] == [True, True, False]


def test_formatters_change_no_line_s_writer() -> None:
    text = "    rows = measure(first_name, {'rank': 10, 'more': True}, other_rank, 'north', 'south')"
    line = new_line(text, ((_mark(), 1.0),))
    shaped = everything([line])
    assert len(shaped) > 3
    assert all(one.ids == line.ids and one.marks == line.marks for one in shaped)
    assert texts(joined(rewrapped([line]))) == [text]


def test_a_line_that_comes_back_lives_again(tmp_path: Path) -> None:
    repo, mark = _repository(tmp_path)
    made = repo.tip
    repo.real.clock.advance(days=1)
    repo.revert(made)
    assert mark.open_life is None
    repo.real.clock.advance(days=1)
    repo.revert(repo.tip)
    assert mark.open_life is not None
    assert len(mark.lives) == 2


def test_a_file_that_the_script_did_not_make_stops_the_script(tmp_path: Path) -> None:
    repo, _ = _repository(tmp_path)
    (repo.real.folder / "a.py").write_text("other")
    with pytest.raises(DriftError):
        repo.verify()


def test_a_squash_lands_the_lines_of_its_branch_once(tmp_path: Path) -> None:
    repo, mark = _repository(tmp_path)
    repo.branch("feature")
    own = Mark("s", 2, repo.now_ms, "b.py", "other = count")
    repo.world.marks.append(own)
    repo.put("b.py", [new_line(own.text, ((own, 1.0),))])
    repo.commit("On a branch")
    assert own.lives == []
    repo.checkout("main")
    repo.real.clock.advance(days=1)
    repo.squash("feature", "Land it")
    assert [life.landed_ms for life in own.lives] == [repo.now_ms]
    assert mark.open_life is not None


def _repository(folder: Path) -> tuple[ModelRepository, Mark]:
    """A repository with a person's commit and one of an assistant's line."""
    stage = Stage(folder, BEGIN)
    repo = ModelRepository(stage.repository("model"))
    repo.human_write("README.md", ["Read me"])
    repo.commit("Start")
    stage.clock.advance(days=1)
    mark = Mark("s", 1, repo.now_ms, "a.py", "total = count")
    repo.world.marks.append(mark)
    line: Line = new_line(mark.text, ((mark, 1.0),))
    repo.put("a.py", [line])
    repo.commit("Work")
    return repo, mark
