"""Kinds of events after a landing: formatters, moves, reverts, rewrites, deletions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accuracy.formatters import everything, opening_sorted, reindented, rewrapped
from accuracy.kinds import kind
from accuracy.marks import aligned, new_line
from accuracy.people import edit_share

if TYPE_CHECKING:
    from collections.abc import Iterator

    from accuracy.author import Draft
    from accuracy.model import Commit
    from accuracy.play import Play


def _landed(play: Play, parts: int | None = None) -> Draft:
    worker = play.open()
    made = play.build(worker, play.author.module(parts=parts)) if parts else play.work(worker)
    play.land(made.path)
    return made


def _rewritten(play: Play, made: Draft) -> None:
    """A person writes the second half of a file anew."""
    lines = play.repo.work[made.path]
    fresh = play.author.parts(made.language, 2)
    half = len(lines) // 2
    # A line typed again at its place has not changed for git, nor for anybody.
    play.repo.put(made.path, [*lines[:half], *aligned(lines[half:], fresh)])
    play.land(made.path)


@kind(days=8)
def formatter_after_landing(play: Play) -> Iterator[float]:
    """A formatter's commit some days after the landing."""
    made = _landed(play)
    yield play.dice.uniform(1, 6)
    shape = play.dice.choice([reindented, rewrapped, everything, opening_sorted])
    play.repo.put(made.path, shape(play.repo.work[made.path]))
    play.land(made.path)


@kind(days=19)
def rewritten_day_3(play: Play) -> Iterator[float]:
    """Half of a file is written anew on the third day."""
    made = _landed(play)
    yield 3
    _rewritten(play, made)


@kind(days=7)
def rewritten_day_5_by_another(play: Play) -> Iterator[float]:
    """Another session replaces a part of the file on the fifth day."""
    made = _landed(play, 4)
    yield 5
    worker = play.open()
    play.ask(worker)
    lines = play.repo.work[made.path]
    worker.replace(made.path, len(lines) // 2, len(lines), play.author.parts(made.language, 2))
    play.land(made.path)


@kind(days=27)
def rewritten_day_25(play: Play) -> Iterator[float]:
    """Half of a file is written anew on day 25: it has lived long enough."""
    made = _landed(play)
    yield 25
    _rewritten(play, made)


@kind(days=8)
def human_edits_after(play: Play) -> Iterator[float]:
    """A person changes three tenths of the lines some days after the landing."""
    made = _landed(play)
    yield play.dice.uniform(2, 7)
    landed = play.repo.work[made.path]
    edit_share(play.repo, play.author, made, 0.3)
    ids = {number for line in landed for number in line.ids}
    # What was changed after it landed has died, however little was changed.
    play.repo.put(
        made.path,
        [line if line.ids <= ids else new_line(line.text) for line in play.repo.work[made.path]],
    )
    play.land(made.path)


@kind(days=42)
def deleted_day_40(play: Play) -> Iterator[float]:
    """The file is deleted on day 40."""
    made = _landed(play)
    yield 40
    play.repo.drop(made.path)
    play.land(made.path)


@kind(days=6)
def deleted_day_4(play: Play) -> Iterator[float]:
    """The file is deleted on the fourth day."""
    made = _landed(play)
    yield 4
    play.repo.drop(made.path)
    play.land(made.path)


@kind(days=5)
def file_moved(play: Play) -> Iterator[float]:
    """The file moves to another folder after it landed, and is changed a little."""
    made = _landed(play, 4)
    yield play.dice.uniform(1, 4)
    new = play.author.path(made.language, "moved")
    play.repo.rename(made.path, new)
    lines = list(play.repo.work[new])
    lines.insert(play.gap(play.repo, new), new_line(play.author.remark(made.language)))
    play.repo.put(new, lines)
    play.land(made.path, new)


@kind(days=5)
def function_moved_by_person(play: Play) -> Iterator[float]:
    """A person moves a part of one file to another file."""
    made, other = _landed(play, 4), _landed(play, 1)
    yield play.dice.uniform(1, 4)
    lines = play.repo.work[made.path]
    start, stop = _block(play, made)
    play.repo.put(made.path, [*lines[:start], *lines[stop:]])
    play.repo.put(other.path, [*play.repo.work[other.path], *lines[start:stop]])
    play.land(made.path, other.path)


@kind(days=5)
def function_moved_by_assistant(play: Play) -> Iterator[float]:
    """A later session moves a part of one file to another file."""
    language = play.author.language()
    made = play.build(play.open(), play.author.module(language, 4))
    other = play.build(play.open(), play.author.module(language, 1))
    play.land(made.path, other.path)
    yield play.dice.uniform(1, 4)
    worker = play.open()
    play.ask(worker)
    start, stop = _block(play, made)
    moved = play.repo.work[made.path][start:stop]
    worker.delete(made.path, start, stop)
    worker.move_in(other.path, len(play.repo.work[other.path]), moved)
    play.land(made.path, other.path)


def _block(play: Play, made: Draft) -> tuple[int, int]:
    """Some lines from the middle of a file."""
    count = len(play.repo.work[made.path])
    start = play.dice.randrange(count // 3, count // 2)
    return start, min(count - 1, start + play.dice.randrange(6, 14))


def _committed(play: Play) -> Commit:
    made = play.build(play.open())
    play.land(made.path)
    return play.repo.tip


@kind(days=5)
def reverted(play: Play) -> Iterator[float]:
    """``git revert`` some days later."""
    commit = _committed(play)
    yield play.dice.uniform(1, 4)
    play.repo.revert(commit)


@kind(days=5)
def edit_reverted(play: Play) -> Iterator[float]:
    """A change of an old file is undone with ``git revert``."""
    own = play.old_file()
    worker = play.open()
    play.ask(worker)
    play.extend(worker, own.path, own.language, 2)
    play.land(own.path)
    commit = play.repo.tip
    yield play.dice.uniform(1, 4)
    play.repo.revert(commit)


@kind(days=5)
def reverted_by_hand(play: Play) -> Iterator[float]:
    """A person puts the old file back."""
    own = play.old_file()
    before = play.repo.work[own.path]
    worker = play.open()
    play.ask(worker)
    play.extend(worker, own.path, own.language, 2)
    count = len(play.repo.work[own.path])
    worker.replace(own.path, count - 4, count, play.author.parts(own.language, 1))
    play.land(own.path)
    yield play.dice.uniform(1, 4)
    play.repo.put(own.path, before)
    play.land(own.path)


@kind(days=5)
def partly_reverted_by_hand(play: Play) -> Iterator[float]:
    """A person takes half of what landed out again, and adds lines of their own."""
    made = _landed(play, 4)
    yield play.dice.uniform(1, 4)
    lines = play.repo.work[made.path]
    half = len(lines) // 2
    own = [new_line(play.author.remark(made.language)) for _ in range(3)]
    play.repo.put(made.path, [*lines[:half], *own])
    play.land(made.path)


@kind(days=7)
def assistant_deletes_its_own(play: Play) -> Iterator[float]:
    """A later session takes away what an earlier one landed."""
    made = _landed(play, 5)
    yield play.dice.uniform(2, 6)
    worker = play.open()
    play.ask(worker)
    count = len(play.repo.work[made.path])
    worker.delete(made.path, count // 2, count - 1)
    play.land(made.path)


@kind(days=7)
def revert_reverted(play: Play) -> Iterator[float]:
    """Reverted, and the revert reverted."""
    commit = _committed(play)
    yield play.dice.uniform(0.5, 3)
    undone = play.repo.revert(commit)
    yield play.dice.uniform(0.5, 3)
    play.repo.revert(undone)


@kind(days=4)
def assistant_deletes(play: Play) -> Iterator[float]:
    """A session only takes old lines away."""
    own = play.old_file(6)
    yield play.dice.uniform(0.5, 3)
    worker = play.open()
    play.ask(worker)
    count = len(play.repo.work[own.path])
    worker.delete(own.path, count // 3, 2 * count // 3)
    play.land(own.path)


@kind(days=20)
def assistant_deletes_in_vain(play: Play) -> Iterator[float]:
    """What a session takes away is put back before the commit."""
    own = play.old_file()
    yield 1
    before = play.repo.work[own.path]
    worker = play.open()
    play.ask(worker)
    worker.delete(own.path, 8, len(before) - 4)
    play.pause()
    play.repo.put(own.path, before)


@kind(days=6)
def folder_moved(play: Play) -> Iterator[float]:
    """A whole folder moves in one commit, with a line changed in each of its files."""
    language = play.author.language()
    made = [play.build(play.open(), play.author.module(language, 3, "old")) for _ in range(2)]
    play.land(*(one.path for one in made))
    yield play.dice.uniform(1, 5)
    paths = []
    for one in made:
        new = one.path.replace("old/", "new/", 1)
        play.repo.rename(one.path, new)
        lines = list(play.repo.work[new])
        lines.insert(play.gap(play.repo, new), new_line(play.author.remark(language)))
        play.repo.put(new, lines)
        paths += [one.path, new]
    play.land(*paths)


@kind(days=9)
def written_again(play: Play) -> Iterator[float]:
    """The file is deleted on the second day; a later session writes the very same file again."""
    made = _landed(play, 3)
    yield 2
    play.repo.drop(made.path)
    play.land(made.path)
    yield play.dice.uniform(2, 5)
    play.build(play.open(), made)
    play.land(made.path)
