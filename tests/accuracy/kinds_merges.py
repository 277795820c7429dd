"""Kinds of merges and of commits that are copied, repeated, put together by hand or taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accuracy.kinds import kind
from accuracy.kinds_branches import human_commit, on_branch, start_branch
from accuracy.marks import new_line
from accuracy.people import edit_share, type_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from accuracy.play import Play


@kind(days=3)
def conflict_resolved(play: Play) -> Iterator[float]:
    """A merge with a conflict: the person keeps most of the session's lines and their own."""
    own = play.old_file()
    name = start_branch(play)
    worker = play.open()
    play.ask(worker)
    count = len(own.lines)
    worker.replace(own.path, count, count, ["", *play.author.parts(own.language, 2)])
    play.land(own.path)
    ours = play.repo.work[own.path]
    play.repo.checkout("main")
    type_in(play.repo, own.path, count, ["", *play.author.parts(own.language, 1)])
    play.land(own.path)
    mine = play.repo.work[own.path]
    play.repo.merge_resolved(name, own.path, [*mine, *ours[count : len(ours) - play.dice.randrange(3)]])
    yield 0


@kind(days=2)
def octopus(play: Play) -> Iterator[float]:
    """Two branches land in one merge commit."""
    first, _ = on_branch(play)
    play.repo.checkout("main")
    second, _ = on_branch(play)
    play.repo.checkout("main")
    human_commit(play)
    play.repo.merge(first, "Merge both", second)
    yield 0


@kind(days=16)
def taken_back(play: Play) -> Iterator[float]:
    """The last commit of main is taken back with ``git reset --hard``: it never landed."""
    made = play.build(play.open())
    play.land(made.path)
    play.pause()
    play.repo.take_back()
    yield 0


@kind(days=2)
def picked_and_merged(play: Play) -> Iterator[float]:
    """A commit is copied to main; the branch that it came from lands as well, with more."""
    name = start_branch(play)
    worker = play.open()
    made = play.build(worker)
    play.land(made.path)
    commit = play.repo.tip
    more = play.build(worker)
    play.land(more.path)
    play.repo.checkout("main")
    human_commit(play)
    play.repo.cherry_pick(commit)
    play.pause()
    play.repo.merge(name)
    yield 0


@kind(days=16)
def reverted_on_branch(play: Play) -> Iterator[float]:
    """Reverted on its branch before the branch lands: it was never on main."""
    name = start_branch(play)
    worker = play.open()
    kept = play.build(worker)
    play.land(kept.path)
    other = play.open()
    dropped = play.build(other)
    play.land(dropped.path)
    play.pause()
    play.repo.revert(play.repo.tip)
    play.repo.checkout("main")
    human_commit(play)
    play.repo.merge(name)
    yield 0


@kind(days=2)
def two_sessions_one_squash(play: Play) -> Iterator[float]:
    """Two sessions and a person work on a branch that lands as one commit."""
    name, made = on_branch(play)
    worker = play.open()
    play.ask(worker)
    play.extend(worker, made.path, made.language)
    play.land(made.path)
    type_in(play.repo, made.path, play.gap(play.repo, made.path), play.author.part(made.language))
    play.land(made.path)
    play.repo.checkout("main")
    human_commit(play)
    play.repo.squash(name, f"feat: together (#{play.number})")
    play.repo.delete_branch(name)
    yield 0


@kind(days=16)
def amended_with_changes(play: Play) -> Iterator[float]:
    """The last commit is amended: a person changed a fifth of what the session wrote."""
    made = play.build(play.open())
    play.land(made.path)
    play.pause(0.1, 3)
    edit_share(play.repo, play.author, made, 0.2)
    play.repo.amend(made.path)
    yield 0


@kind(days=8)
def reapplied_with_changes(play: Play) -> Iterator[float]:
    """Reverted, then put back by hand with some lines of a person's own."""
    made = play.build(play.open())
    play.land(made.path)
    lines = play.repo.work[made.path]
    yield play.dice.uniform(0.5, 3)
    play.repo.revert(play.repo.history_of(made.path))
    yield play.dice.uniform(0.5, 3)
    own = [new_line(play.author.remark(made.language)) for _ in range(3)]
    play.repo.put(made.path, [*lines, *own])
    play.land(made.path)


@kind(is_alone=True)
def landed_on_forge(play: Play) -> Iterator[float]:
    """The branch landed on the forge; here only origin/main has it, the branch is gone."""
    name, _ = on_branch(play)
    play.repo.checkout("main")

    def fetch() -> None:
        play.clock.advance(hours=1)
        play.repo.land_on_forge(name, f"feat: on the forge (#{play.number})")

    play.endings.append(fetch)
    yield 0
