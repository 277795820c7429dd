"""Feeding history in portions, from stored state, or twice changes nothing."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from attribution.scene import Scene
from tokencoach.attribution.facts import Death, Landing, Revival
from tokencoach.attribution.mainline import Mainline
from tokencoach.attribution.state import export_state, from_state
from tokencoach.errors import DamagedInputError
from tokencoach.git.history import Commit, first_parent

if TYPE_CHECKING:
    from pathlib import Path

    from git.builder import Builder
    from tokencoach.attribution.facts import AuthoredEdit, Event

HOUR = 3600
Life = tuple["Builder", "list[AuthoredEdit]"]
WORDS = ["alpha", "bravo", "charlie", "delta", "echo"]


@pytest.fixture(scope="module", params=range(10))
def life(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Life:
    return _random_life(tmp_path_factory.mktemp("life"), request.param)


def _random_life(folder: Path, seed: int) -> tuple[Builder, list[AuthoredEdit]]:
    """Edits of two sessions and changes of a person, with moves and renames, from a small stock of lines."""
    dice = random.Random(seed)
    scene = Scene.at(folder)
    files = {"a.py": ["start = 1"], "b.py": ["begin = 2"]}
    now = HOUR
    for name, lines in files.items():
        scene.repo.write(name, "\n".join(lines) + "\n")
    shas = [scene.repo.commit(0)]
    clipboard: list[str] = []
    for step in range(70):
        now += dice.randint(60, 40 * HOUR)
        name = dice.choice(sorted(files))
        before = "\n".join(files[name]) + "\n"
        lines = _changed(files[name], dice)
        after = "\n".join(lines) + "\n"
        deed = dice.random()
        if deed < 0.5:
            scene.edit(now, name, before, after, session=dice.randint(1, 2), text=dice.random() < 0.8)
            files[name] = lines
        elif deed < 0.6:
            scene.edit(now, name, before, after, session=dice.randint(1, 2), write=False)
        elif deed < 0.75:
            scene.repo.write(name, after)
            files[name] = lines
        elif deed < 0.78:
            scene.repo.git("add", "--all")
            scene.repo.git("mv", name, f"moved{step}.py")
            files[f"moved{step}.py"] = files.pop(name)
        elif deed < 0.84:
            _written_elsewhere(scene, files, now, step, dice)
        elif deed < 0.88:
            scene.touch(now, name)
            scene.repo.write(name, after)
            files[name] = lines
        else:
            clipboard = _moved_or_copied(scene, files, clipboard, dice)
        if dice.random() < 0.5:
            shas.append(scene.repo.commit(now + 30))
    return scene.repo, scene.edits


def _written_elsewhere(
    scene: Scene, files: dict[str, list[str]], now: int, step: int, dice: random.Random
) -> None:
    """A new file is renamed, by a command or by a person, before git sees it."""
    lines = [f"block_{step}_{number}(value)" for number in range(dice.randint(2, 7))]
    text = "\n".join(lines) + "\n"
    scene.edit(now, f"draft{step}.py", "", text, session=dice.randint(1, 2), write=False)
    if dice.random() < 0.5:
        scene.touch(now + 1, f"new{step}.py", moved_from=f"draft{step}.py")
    scene.repo.write(f"new{step}.py", text)
    files[f"new{step}.py"] = lines


def _block_moved(scene: Scene, files: dict[str, list[str]], dice: random.Random) -> None:
    """A person moves lines to the end of another file."""
    source, target = (dice.choice(sorted(files)) for _ in range(2))
    if source == target or len(files[source]) < 6:
        return
    at = dice.randint(0, len(files[source]) - 5)
    files[target] = [*files[target], *files[source][at : at + 5]]
    files[source] = [*files[source][:at], *files[source][at + 5 :]]
    for name in (source, target):
        scene.repo.write(name, "\n".join(files[name]) + "\n")


def _moved_or_copied(
    scene: Scene, files: dict[str, list[str]], clipboard: list[str], dice: random.Random
) -> list[str]:
    if dice.random() < 0.3:
        _block_moved(scene, files, dice)
        return clipboard
    return _copied_or_cut(scene, files, clipboard, dice)


def _copied_or_cut(
    scene: Scene, files: dict[str, list[str]], clipboard: list[str], dice: random.Random
) -> list[str]:
    """A person pastes what is in the clipboard, or takes lines of a file into it; returns what is in it then."""
    # Lines that only one file has are known again wherever they are pasted.
    telling = [name for name in sorted(files) if name.startswith("new")]
    name = dice.choice(telling or sorted(files))
    if clipboard and dice.random() < 0.6:
        name = dice.choice(sorted(files))
        files[name] = [*files[name], *clipboard]
    else:
        at = dice.randint(0, len(files[name]))
        clipboard = files[name][at : at + 8]
        if dice.random() < 0.5:
            files[name] = [*files[name][:at], *files[name][at + 8 :]]
    scene.repo.write(name, "\n".join(files[name]) + "\n")
    return clipboard


def _changed(lines: list[str], dice: random.Random) -> list[str]:
    lines = list(lines)
    for _ in range(dice.randint(1, 5)):
        at = dice.randint(0, len(lines))
        if dice.random() < 0.65:
            lines.insert(
                at,
                dice.choice(
                    ["}", "", f"call_{dice.choice(WORDS)}({dice.choice(WORDS)}, {dice.randint(0, 3)})"]
                ),
            )
        else:
            del lines[at : at + 1]
    return lines


def _fed(line: Mainline, commits: list[Commit]) -> list[Event]:
    return [event for commit in commits for event in line.feed(commit)]


def test_any_split_with_stored_state_equals_one_run(life: Life) -> None:
    repo, edits = life
    commits = list(first_parent(repo.git_dir, "main"))
    whole = Mainline(edits)
    expected = _fed(whole, commits)
    assert any(isinstance(event, Landing) for event in expected)
    dice = random.Random(len(edits))
    state = export_state(Mainline(edits))
    events: list[Event] = []
    at = 0
    while at < len(commits):
        end = at + dice.randint(1, 5)
        part = from_state(state, edits)
        fresh = list(first_parent(repo.git_dir, "main", after=part.tip))[: end - at]
        events += _fed(part, fresh)
        state = export_state(part)
        at = end
    assert events == expected
    assert state == export_state(whole)


def test_edits_that_come_later_change_nothing_of_what_was_fed(life: Life) -> None:
    repo, edits = life
    commits = list(first_parent(repo.git_dir, "main"))
    whole = Mainline(edits)
    expected = _fed(whole, commits)
    line = Mainline()
    events: list[Event] = []
    for commit in commits:
        line.add_edits(edit for edit in edits if edit.at_ms <= commit.commit_ms + 15 * 60_000)
        events += line.feed(commit)
    line.add_edits(edits)
    assert events == expected
    assert line.voids() == whole.voids()


def test_a_line_lands_at_most_once_and_dies_only_when_alive(life: Life) -> None:
    repo, edits = life
    # A command's lines are numbered as they land.
    sizes = {
        edit.edit_id: (999, 999) if edit.kind.is_shell else (len(edit.added), len(edit.removed))
        for edit in edits
    }
    alive: dict[tuple[int, bool, int], bool] = {}
    for event in _fed(Mainline(edits), list(first_parent(repo.git_dir, "main"))):
        assert isinstance(event, Landing | Death | Revival)
        line = (event.edit_id, event.is_removal, event.position)
        assert 0 <= event.position < sizes[event.edit_id][event.is_removal]
        if isinstance(event, Landing):
            assert line not in alive
        else:
            assert alive[line] is isinstance(event, Death)
        alive[line] = not isinstance(event, Death)


def test_living_lines_are_those_that_provenance_holds(life: Life) -> None:
    repo, edits = life
    line = Mainline(edits)
    alive: set[tuple[int, int]] = set()
    for event in _fed(line, list(first_parent(repo.git_dir, "main"))):
        if isinstance(event, Death):
            alive.discard((event.edit_id, event.position))
        elif isinstance(event, Landing | Revival) and not event.is_removal:
            alive.add((event.edit_id, event.position))
    held = {
        line.ledger.line(row)
        for values in line.files.values()
        for value in values
        for row in line.ledger.rows(value)
        # What died beside a copy of it is still told by the copy.
        if line.ledger.copies[row] > 0
    }
    assert held == alive


def test_starting_where_it_can_matter_equals_starting_at_the_root(tmp_path: Path) -> None:
    repo, edits = _random_life(tmp_path, 3)
    late = [edit for edit in edits if edit.at_ms > edits[len(edits) // 2].at_ms]
    commits = list(first_parent(repo.git_dir, "main"))
    first_ms = min(edit.at_ms for edit in late) - 31 * 86_400_000
    expected = _fed(Mainline(late), commits)
    skipped = [commit for commit in commits if commit.commit_ms >= first_ms]
    assert _fed(Mainline(late), skipped) == expected


@pytest.mark.parametrize("damage", [b"", b"no state", export_state(Mainline())[:-3]])
def test_damaged_state_is_refused(damage: bytes) -> None:
    with pytest.raises(DamagedInputError):
        from_state(damage, [])
