"""Kinds of events on branches and in worktrees, and of histories that are written anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accuracy.kinds import kind
from accuracy.people import edit_share, type_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from accuracy.author import Draft
    from accuracy.play import Play


def start_branch(play: Play, prefix: str = "feature") -> str:
    """Go to a new branch; its name."""
    play.number += 1
    name = f"{prefix}/step-{play.number}"
    play.repo.branch(name)
    return name


def on_branch(play: Play, prefix: str = "feature") -> tuple[str, Draft]:
    """Two commits of a session on a new branch; then back on main."""
    name = start_branch(play, prefix)
    worker = play.open()
    made = play.build(worker)
    play.land(made.path)
    play.ask(worker)
    play.extend(worker, made.path, made.language)
    play.land(made.path)
    return name, made


def human_commit(play: Play) -> None:
    """A person commits a file of their own."""
    own = play.author.module(parts=1)
    play.repo.human_write(own.path, own.lines)
    play.land(own.path)


@kind(days=2, is_plain=True)
def merged_branch(play: Play) -> Iterator[float]:
    """A branch lands with a merge commit."""
    name, _ = on_branch(play)
    play.repo.checkout("main")
    human_commit(play)
    play.repo.merge(name)
    yield 0


@kind(days=2)
def squash_branch_gone(play: Play) -> Iterator[float]:
    """A branch lands as one commit and is deleted."""
    name, _ = on_branch(play)
    play.repo.checkout("main")
    play.pause()
    play.repo.squash(name, f"feat: squash {play.number} (#{play.number})")
    play.repo.delete_branch(name)
    yield 0


@kind(days=24)
def squash_after_weeks(play: Play) -> Iterator[float]:
    """A branch is polished, then lands as one commit weeks later; it is gone."""
    name, made = on_branch(play)
    play.repo.checkout("main")
    yield play.dice.uniform(9, 22)
    play.repo.checkout(name)
    edit_share(play.repo, play.author, made, 0.1)
    play.land(made.path)
    play.repo.checkout("main")
    play.repo.squash(name, f"feat: squash {play.number} (#{play.number})")
    play.repo.delete_branch(name)


@kind(days=2)
def squash_branch_kept(play: Play) -> Iterator[float]:
    """A branch lands as one commit and stays."""
    name, _ = on_branch(play)
    play.repo.checkout("main")
    play.pause()
    play.repo.squash(name, f"feat: squash {play.number} (#{play.number})")
    yield 0


@kind(days=2)
def polished_on_branch(play: Play) -> Iterator[float]:
    """What a session wrote first is replaced on the branch before the merge."""
    name = start_branch(play)
    worker = play.open()
    made = play.build(worker, play.author.module(parts=4))
    play.land(made.path)
    play.ask(worker)
    count = len(play.repo.work[made.path])
    worker.replace(made.path, count // 2, count, play.author.parts(made.language, 2))
    play.land(made.path)
    play.repo.checkout("main")
    play.repo.merge(name)
    yield 0


@kind(days=3)
def rebased_branch(play: Play) -> Iterator[float]:
    """A branch is rebased twice and landed without a merge commit."""
    name, _ = on_branch(play)
    for _ in range(2):
        play.repo.checkout("main")
        human_commit(play)
        play.repo.checkout(name)
        play.pause()
        play.repo.rebase("main")
    play.repo.checkout("main")
    play.repo.fast_forward(name)
    play.repo.delete_branch(name)
    yield 0


@kind()
def amended(play: Play) -> Iterator[float]:
    """The last commit takes in a person's line and one more edit."""
    worker = play.open()
    made = play.build(worker)
    play.land(made.path)
    play.ask(worker)
    play.extend(worker, made.path, made.language)
    at = play.gap(play.repo, made.path)
    type_in(play.repo, made.path, at, [play.author.remark(made.language)])
    play.pause()
    play.repo.amend(made.path)
    yield 0


@kind(days=2)
def cherry_picked(play: Play) -> Iterator[float]:
    """A commit of a branch is copied to main; the branch goes on and stays."""
    name = start_branch(play)
    made = play.build(play.open())
    play.land(made.path)
    commit = play.repo.tip
    play.repo.checkout("main")
    human_commit(play)
    play.repo.cherry_pick(commit)
    yield 0
    del name


@kind(days=20)
def open_branch(play: Play) -> Iterator[float]:
    """A branch that moved in the last thirty days and has not landed."""
    play.clock.now_ms = max(play.clock.now_ms, play.begin_ms + 36 * 86_400_000)
    on_branch(play)
    play.repo.checkout("main")
    yield 0


@kind(days=36)
def idle_branch(play: Play) -> Iterator[float]:
    """A branch that has been idle for more than thirty days."""
    on_branch(play)
    play.repo.checkout("main")
    yield 0


@kind(days=20)
def deleted_branch(play: Play) -> Iterator[float]:
    """A branch that was deleted without landing."""
    name, _ = on_branch(play)
    play.repo.checkout("main")
    play.repo.delete_branch(name)
    yield 0


@kind(days=5)
def prototype_branch(play: Play) -> Iterator[float]:
    """Work on a branch whose name says that it is a prototype."""
    prefix = play.dice.choice(["spike", "poc", "proto", "prototype"])
    name = start_branch(play, prefix)
    worker = play.open(fixed="neutral")
    made = play.build(worker)
    play.land(made.path)
    play.repo.checkout("main")
    yield 0
    del name


@kind(days=2)
def parallel_worktrees(play: Play) -> Iterator[float]:
    """Two sessions at the same time in two worktrees."""
    play.number += 1
    name = f"feature/beside-{play.number}"
    beside = play.repo.worktree(f"{play.name}-{play.number}", name)
    left, right = play.open(), play.open(where=beside)
    one, two = play.author.module(), play.author.module()
    play.ask(left)
    play.ask(right)
    left.write(one.path, one.lines)
    right.write(two.path, two.lines)
    left.session.say("Left is done.")
    right.session.say("Right is done.")
    play.land(one.path)
    beside.commit("feat: beside", two.path)
    play.pause()
    play.repo.merge(name)
    yield 0
