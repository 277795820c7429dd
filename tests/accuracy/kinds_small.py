"""Kinds of small edits: a line or a few in old files, where the lines around are everybody's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accuracy.kinds import kind
from accuracy.marks import is_significant, new_line, texts
from accuracy.people import another, type_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from accuracy.author import Draft
    from accuracy.play import Play
    from accuracy.worker import Worker


def _touch(play: Play, worker: Worker, own: Draft) -> None:
    """One small edit: a line changed, two or three put in, or a few replaced."""
    lines = play.repo.work[own.path]
    places = [place for place, line in enumerate(lines) if is_significant(line.text)]
    at = play.dice.choice(places)
    part = play.author.part(own.language)
    match play.dice.randrange(4):
        case 0:
            worker.replace(own.path, at, at + 1, [another(play.dice, lines[at].text)])
        case 1:
            worker.replace(own.path, at, at, part[: play.dice.randrange(2, 4)])
        case 2:
            worker.replace(own.path, at, min(len(lines), at + 3), part[-3:])
        case _:
            worker.replace(own.path, at + 1, at + 1, [play.dice.choice(part)])


def _old_files(play: Play, count: int) -> list[Draft]:
    files = [play.author.module(parts=4) for _ in range(count)]
    for own in files:
        play.repo.human_write(own.path, own.lines)
    play.land(*(own.path for own in files))
    play.pause(0.1, 5)
    return files


def _turns(play: Play, worker: Worker, files: list[Draft], count: int = 2) -> None:
    for _ in range(count):
        play.ask(worker)
        for _ in range(play.dice.randrange(2, 5)):
            _touch(play, worker, play.dice.choice(files))


@kind(is_plain=True)
def small_edits(play: Play) -> Iterator[float]:
    """A session changes a few lines in several old files; all is committed."""
    files = _old_files(play, 3)
    _turns(play, play.open(), files)
    play.land(*(own.path for own in files))
    yield 0


@kind(days=16)
def small_edits_partly_dropped(play: Play) -> Iterator[float]:
    """Of several changed files, one is put back before the commit."""
    files = _old_files(play, 3)
    before = play.repo.work[files[0].path]
    _turns(play, play.open(), files, 3)
    play.pause()
    play.repo.put(files[0].path, before)
    play.land(*(own.path for own in files))
    yield 0


@kind(days=16)
def small_edits_of_two(play: Play) -> Iterator[float]:
    """Two sessions and a person make small changes in the same files at the same time."""
    files = _old_files(play, 2)
    left, right = play.open(), play.open()
    for worker in (left, right, left):
        _turns(play, worker, files, 1)
        own = play.dice.choice(files)
        at = play.gap(play.repo, own.path)
        type_in(play.repo, own.path, at, play.author.part(own.language)[:3])
    play.land(*(own.path for own in files))
    yield 0


@kind(days=5)
def small_edits_then_formatter(play: Play) -> Iterator[float]:
    """Small changes land; a person makes some of their own in the same commit; days later one file is reverted."""
    files = _old_files(play, 2)
    before = play.repo.work[files[1].path]
    _turns(play, play.open(), files)
    type_in(
        play.repo, files[0].path, play.gap(play.repo, files[0].path), [play.author.remark(files[0].language)]
    )
    play.land(*(own.path for own in files))
    yield play.dice.uniform(1, 4)
    play.repo.put(files[1].path, before)
    play.land(files[1].path)


@kind(days=6)
def one_line_by_three(play: Play) -> Iterator[float]:
    """Three sessions change the same few lines one after the other; only the last two are committed."""
    (own,) = _old_files(play, 1)
    places = [place for place, text in enumerate(own.lines) if is_significant(text)][4:9]
    for step in range(3):
        worker = play.open()
        play.ask(worker)
        for place in places:
            text = play.repo.work[own.path][place].text
            worker.replace(own.path, place, place + 1, [another(play.dice, text)])
        if step:
            play.land(own.path)
            play.pause(10, 30)
    yield 0


@kind(days=16)
def one_line_changed_back(play: Play) -> Iterator[float]:
    """A session changes some lines; a person changes half of them back before the commit."""
    (own,) = _old_files(play, 1)
    before = play.repo.work[own.path]
    places = [place for place, text in enumerate(own.lines) if is_significant(text)][4:12]
    worker = play.open()
    play.ask(worker)
    for place in places:
        worker.replace(own.path, place, place + 1, [another(play.dice, before[place].text)])
    lines = list(play.repo.work[own.path])
    for place in places[::2]:
        lines[place] = before[place]
    play.pause()
    play.repo.put(own.path, lines)
    play.land(own.path)
    yield 0


@kind(days=3)
def wrapped_in_a_block(play: Play) -> Iterator[float]:
    """A session puts old lines into a block: they are indented anew, and nobody wrote them again."""
    (own,) = _old_files(play, 1)
    count = len(own.lines)
    worker = play.open()
    play.ask(worker)
    inner = [
        "    " + text if text else text for text in texts(play.repo.work[own.path])[count // 3 : count // 2]
    ]
    head = play.author.part(own.language)[0]
    worker.replace(own.path, count // 3, count // 2, [head, *inner])
    play.land(own.path)
    yield 0


@kind(days=5)
def boilerplate_only(play: Play) -> Iterator[float]:
    """A session puts in nothing but lines that stand all over the project; a person does so elsewhere."""
    files = _old_files(play, 2)
    every = [line.text for part in play.repo.work.values() for line in part if is_significant(line.text)]
    usual = sorted({text for text in every if every.count(text) > 2})
    worker = play.open()
    play.ask(worker)
    for _ in range(4):
        at = play.gap(play.repo, files[0].path)
        worker.replace(files[0].path, at, at, play.dice.sample(usual, min(3, len(usual))))
    lines = [new_line(text) for text in play.dice.sample(usual, min(4, len(usual)))]
    play.repo.put(files[1].path, [*play.repo.work[files[1].path], *lines])
    play.land(*(own.path for own in files))
    yield 0
