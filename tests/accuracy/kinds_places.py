"""Kinds of places: outside, odd names, other line ends, sub-folders, files that count nowhere."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from accuracy.kinds import kind
from accuracy.model import ModelRepository

if TYPE_CHECKING:
    from collections.abc import Iterator

    from accuracy.play import Play
    from tokencoach.demo.actions import LogFile


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


GENERATED = (
    "yarn.lock",
    "Cargo.lock",
    "go.sum",
    "vendor/lib/table.go",
    "dist/app.min.js",
    "api/v1/table.pb.go",
)


@kind()
def vendored_and_built(play: Play) -> Iterator[float]:
    """Files of other people and of tools count nowhere."""
    worker = play.open()
    play.ask(worker)
    play.number += 1
    name = f"part{play.number}/{play.dice.choice(GENERATED)}"
    play.repo.world.excluded.add(name)
    worker.write(name, [f"entry{number} = value{number * 7};" for number in range(50)])
    made = play.author.module()
    worker.write(made.path, made.lines)
    play.land(name, made.path)
    yield 0


@kind(days=3)
def sibling_repository(play: Play) -> Iterator[float]:
    """A session in one repository writes a file in the one beside it."""
    play.number += 1
    sibling = ModelRepository(play.stage.repository(f"{play.name}-lib-{play.number}"))
    sibling.human_write("README.md", ["# A library", "", "Used by its neighbour."])
    sibling.commit("Start of the library")
    play.pause()
    worker = play.open()
    made = play.build(worker)
    beside = worker.beside(sibling)
    draft = play.author.module()
    play.ask(beside)
    beside.write(draft.path, draft.lines)
    play.land(made.path)
    play.pause()
    sibling.commit("feat: a table", draft.path)
    yield 0


@kind()
def session_above(play: Play) -> Iterator[float]:
    """The session's folder is no repository, its edits are made in one below."""
    worker = play.open(folder=play.repo.real.folder.parent)
    made = play.build(worker)
    play.land(made.path)
    yield 0


@kind(is_alone=True)
def moved_repository(play: Play) -> Iterator[float]:
    """The repository's folder has another name today; one link tells."""
    made = play.work(play.open())
    play.land(made.path)
    old = play.repo.real.folder
    new = old.parent / "archive" / f"{old.name}-today"

    def move() -> None:
        play.repo.real.move(new)
        play.links.append((str(old), str(new)))

    play.endings.append(move)
    yield 0


@kind(is_alone=True)
def other_machine(play: Play) -> Iterator[float]:
    """The logs come from a machine where the repository lay under a Windows path; one link tells."""
    made = play.work(play.open())
    play.land(made.path)

    def carry_over() -> None:
        folder = str(play.repo.real.folder)
        elsewhere = f"D:\\work\\{play.name}"
        for worker in play.workers:
            _as_on_windows(worker.session.log, folder, elsewhere)  # type: ignore[attr-defined]
        play.links.append((elsewhere, folder))

    play.endings.append(carry_over)
    yield 0


def _as_on_windows(log: LogFile, folder: str, elsewhere: str) -> None:
    """Write a log again with its paths as another machine has them."""
    rows = [_translated(record, folder, elsewhere) for record in log.records]
    log.path.write_text("".join(json.dumps(row, separators=(",", ":")) + "\n" for row in rows))


def _translated(value: Any, folder: str, elsewhere: str) -> Any:
    if isinstance(value, dict):
        return {
            _translated(key, folder, elsewhere): _translated(part, folder, elsewhere)
            for key, part in value.items()
        }
    if isinstance(value, list):
        return [_translated(part, folder, elsewhere) for part in value]
    if isinstance(value, str) and value.startswith(folder):
        return elsewhere + value.removeprefix(folder).replace("/", "\\")
    return value
