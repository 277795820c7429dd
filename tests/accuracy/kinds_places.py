"""Kinds of places: outside, odd names, other line ends, sub-folders, files that count nowhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accuracy.kinds import kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from accuracy.play import Play


@kind()
def plan_outside(play: Play) -> Iterator[float]:
    """A plan is written outside the repository, then the code inside it."""
    worker = play.open()
    play.ask(worker)
    play.number += 1
    plan = play.stage.home / ".claude" / "plans" / f"{play.name}-{play.number}.md"
    worker.outside(
        str(plan), [f"Step {step}: {play.author.remark(play.author.language())}" for step in range(9)]
    )
    made = play.build(worker)
    play.land(made.path)
    yield 0


@kind()
def crlf_file(play: Play) -> Iterator[float]:
    """A file whose lines end in CRLF."""
    own = play.author.module()
    play.repo.endings[own.path] = "\r\n"
    play.repo.human_write(own.path, own.lines)
    play.land(own.path)
    worker = play.open()
    play.ask(worker)
    play.extend(worker, own.path, own.language, 2)
    play.land(own.path)
    yield 0


@kind()
def odd_names(play: Play) -> Iterator[float]:
    """Blanks, quotes, other scripts in a file's name."""
    folder = play.dice.choice(["a folder", "données été", 'wei"rd', "semi;colon $HOME", "日本"])
    made = play.build(play.open(), play.author.module(folder=folder))
    play.land(made.path)
    yield 0


@kind()
def monorepo_folder(play: Play) -> Iterator[float]:
    """The session works in a sub-folder of the repository."""
    folder = f"packages/{play.dice.choice(['api', 'web', 'tools'])}"
    (play.repo.real.folder / folder).mkdir(parents=True, exist_ok=True)
    worker = play.open(folder=play.repo.real.folder / folder)
    made = play.build(worker, play.author.module(folder=folder))
    elsewhere = play.build(worker, play.author.module(folder="packages/shared"))
    play.land(made.path, elsewhere.path)
    yield 0


@kind()
def generated_files(play: Play) -> Iterator[float]:
    """A lock file beside the code counts nowhere."""
    worker = play.open()
    play.ask(worker)
    play.number += 1
    lock = f"packages/p{play.number}/package-lock.json"
    play.repo.world.excluded.add(lock)
    worker.write(lock, ["{", *(f'  "dependency-{number}": "1.{number}.0",' for number in range(60)), "}"])
    made = play.author.module()
    worker.write(made.path, made.lines)
    play.land(lock, made.path)
    yield 0
