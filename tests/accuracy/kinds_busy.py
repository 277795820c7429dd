"""A file that everybody works on: many steps in one place, each drawn, each committed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accuracy.formatters import everything, reindented, requoted
from accuracy.kinds import kind
from accuracy.marks import new_line
from accuracy.people import edit_share, type_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from accuracy.author import Draft
    from accuracy.play import Play

STEPS = 7


@kind(days=44)
def busy_file(play: Play) -> Iterator[float]:
    """Seven steps over six weeks: sessions, people and formatters in one file."""
    made = play.author.module(parts=4)
    play.repo.human_write(made.path, made.lines)
    play.land(made.path)
    for _ in range(STEPS):
        yield play.dice.uniform(0.5, 6)
        before = made.path
        made = _step(play, made)
        play.land(*{before, made.path})


def _step(play: Play, made: Draft) -> Draft:
    match play.dice.randrange(7):
        case 0 | 1:
            worker = play.open()
            play.ask(worker)
            play.extend(worker, made.path, made.language, 2)
        case 2:
            worker = play.open()
            play.ask(worker)
            count = len(play.repo.work[made.path])
            start = play.dice.randrange(count // 2)
            stop = min(count, start + play.dice.randrange(4, 16))
            worker.replace(made.path, start, stop, play.author.parts(made.language, 1))
        case 3:
            _people(play, made)
        case 4:
            shape = play.dice.choice([reindented, requoted, everything])
            play.repo.put(made.path, shape(play.repo.work[made.path]))
        case 5:
            at = play.gap(play.repo, made.path)
            type_in(play.repo, made.path, at, ["", *play.author.parts(made.language, 1)])
        case _:
            new = play.author.path(made.language, play.dice.choice(["", "old", "next"]))
            play.repo.rename(made.path, new)
            return made._replace(path=new)
    return made


def _people(play: Play, made: Draft) -> None:
    """A person changes a tenth of what has landed: what was changed has died."""
    landed = play.repo.work[made.path]
    edit_share(play.repo, play.author, made, 0.1)
    known = {number for line in landed for number in line.ids}
    lines = [line if line.ids <= known else new_line(line.text) for line in play.repo.work[made.path]]
    play.repo.put(made.path, lines)
