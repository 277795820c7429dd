"""Kinds of events between an edit and its commit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accuracy.formatters import everything, joined, opening_sorted, reflowed, reindented, requoted, rewrapped
from accuracy.kinds import kind
from accuracy.languages import MARKDOWN, PYTHON, RUST, TYPESCRIPT
from accuracy.marks import new_line, texts
from accuracy.people import edit_share, type_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from accuracy.marks import Line
    from accuracy.play import Play


@kind(is_plain=True)
def plain_landing(play: Play) -> Iterator[float]:
    """Written, committed."""
    made = play.build(play.open())
    play.land(made.path)
    yield 0


@kind(days=6, is_plain=True)
def several_commits(play: Play) -> Iterator[float]:
    """A session's files are committed one by one, days apart; one of them is extended in between."""
    worker = play.open()
    first, second = play.build(worker), play.build(worker)
    play.land(first.path)
    yield play.dice.uniform(0.5, 3)
    play.land(second.path)
    play.ask(worker)
    play.extend(worker, first.path, first.language, 2)
    # Others may change branches: only new files wait uncommitted for days.
    play.pause(1, 30)
    play.land(first.path)


@kind(is_plain=True)
def question_only(play: Play) -> Iterator[float]:
    """Questions, while a person commits work of their own."""
    worker = play.open()
    play.ask(worker)
    worker.session.read("README.md")
    worker.session.say("It reads its settings first.")
    own = play.author.module()
    play.repo.human_write(own.path, own.lines)
    play.land(own.path)
    yield 0


@kind(days=16, is_plain=True)
def never_committed(play: Play) -> Iterator[float]:
    """A file that is thrown away on the same day."""
    made = play.build(play.open())
    play.pause()
    play.repo.drop(made.path)
    yield 0


@kind(is_plain=True)
def edits_of_human_files(play: Play) -> Iterator[float]:
    """New parts in a file that a person wrote."""
    own = play.old_file()
    yield 0.5
    worker = play.open()
    play.ask(worker)
    play.extend(worker, own.path, own.language, 3)
    play.land(own.path)


@kind()
def shared_boilerplate(play: Play) -> Iterator[float]:
    """Files that begin alike, from two sessions and a person, land in one commit."""
    language = play.author.language()
    opening = play.author.opening(language)
    drafts = []
    for _ in range(3):
        draft = play.author.module(language, 1)
        drafts.append(draft._replace(lines=[*opening, *play.author.parts(language, 2)]))
    play.build(play.open(), drafts[0])
    play.build(play.open(), drafts[1])
    play.repo.human_write(drafts[2].path, drafts[2].lines)
    play.land(*(draft.path for draft in drafts))
    yield 0


@kind(days=16)
def human_types_the_same(play: Play) -> Iterator[float]:
    """An assistant's file is dropped; a person types what all files begin with in another file."""
    language = play.author.language()
    opening = play.author.opening(language)
    draft = play.author.module(language, 2)
    lines = [*opening, *play.author.parts(language, 2)]
    made = play.build(play.open(), draft._replace(lines=lines))
    play.pause()
    own = play.author.module(language, 2)
    play.repo.drop(made.path)
    play.repo.human_write(own.path, [*opening, *play.author.parts(language, 2)])
    play.land(own.path)
    yield 0


def _formatted(play: Play, *shapes: Callable[[Sequence[Line]], list[Line]]) -> None:
    made = play.work(play.open())
    play.pause(0.02, 0.5)
    play.repo.put(made.path, play.dice.choice(shapes)(play.repo.work[made.path]))
    play.land(made.path)


@kind()
def formatter_indents_before(play: Play) -> Iterator[float]:
    """Other indentation and quotes between edit and commit."""
    _formatted(play, reindented, requoted)
    yield 0


@kind()
def formatter_joins_before(play: Play) -> Iterator[float]:
    """Lines that the assistant broke are joined between edit and commit."""
    draft = play.author.module(play.dice.choice([PYTHON, TYPESCRIPT, RUST]))
    broken = texts(rewrapped([new_line(text) for text in draft.lines], 40))
    made = play.build(play.open(), draft._replace(lines=broken))
    play.pause(0.02, 0.5)
    play.repo.put(made.path, joined(play.repo.work[made.path]))
    play.land(made.path)
    yield 0


@kind()
def prose_reflowed_before(play: Play) -> Iterator[float]:
    """A formatter breaks prose at another width between edit and commit."""
    made = play.build(play.open(), play.author.module(MARKDOWN, 5))
    play.pause(0.02, 0.5)
    play.repo.put(made.path, reflowed(play.repo.work[made.path]))
    play.land(made.path)
    yield 0


@kind()
def imports_sorted_before(play: Play) -> Iterator[float]:
    """The first lines of a file are sorted between edit and commit."""
    made = play.build(play.open())
    play.pause(0.02, 0.5)
    play.repo.put(made.path, opening_sorted(play.repo.work[made.path]))
    play.land(made.path)
    yield 0


@kind()
def formatter_wraps_before(play: Play) -> Iterator[float]:
    """Long lines are broken between edit and commit."""
    _formatted(play, rewrapped, everything)
    yield 0


def _edited(play: Play, share: float) -> None:
    made = play.work(play.open())
    play.pause()
    edit_share(play.repo, play.author, made, share)
    play.land(made.path)


@kind(days=16)
def human_edits_10(play: Play) -> Iterator[float]:
    """A person changes a tenth of the lines before the commit."""
    _edited(play, 0.1)
    yield 0


@kind(days=16)
def human_edits_30(play: Play) -> Iterator[float]:
    """A person changes three tenths of the lines before the commit."""
    _edited(play, 0.3)
    yield 0


@kind(days=16)
def human_edits_60(play: Play) -> Iterator[float]:
    """A person changes six tenths of the lines before the commit."""
    _edited(play, 0.6)
    yield 0


@kind()
def human_writes_between(play: Play) -> Iterator[float]:
    """A person types a part of their own between two edits of a session."""
    worker = play.open()
    made = play.build(worker)
    play.pause(0.05, 0.3)
    type_in(play.repo, made.path, play.gap(play.repo, made.path), ["", *play.author.parts(made.language, 1)])
    play.ask(worker)
    play.extend(worker, made.path, made.language, 1)
    play.land(made.path)
    yield 0


@kind(days=16)
def overwritten_in_session(play: Play) -> Iterator[float]:
    """A session replaces most of its file before anything is committed."""
    worker = play.open()
    made = play.build(worker, play.author.module(parts=4))
    play.ask(worker)
    kept = made.lines[: len(made.lines) // 4]
    worker.write(made.path, [*kept, *play.author.parts(made.language, 3)])
    play.land(made.path)
    yield 0


@kind(days=12)
def late_commit(play: Play) -> Iterator[float]:
    """Committed eight to twelve days after the edit."""
    made = play.build(play.open())
    yield play.dice.uniform(8, 11.5)
    play.land(made.path)


@kind(days=29)
def later_commit(play: Play) -> Iterator[float]:
    """Committed two to four weeks after the edit."""
    made = play.build(play.open())
    yield play.dice.uniform(15, 28)
    play.land(made.path)


@kind(days=46)
def latest_commit(play: Play) -> Iterator[float]:
    """Committed more than a month after the edit."""
    made = play.build(play.open())
    yield play.dice.uniform(32, 45)
    play.land(made.path)


@kind(days=4)
def committed_in_parts(play: Play) -> Iterator[float]:
    """A part of a file's lines is committed first, the rest days later."""
    made = play.build(play.open(), play.author.module(parts=5))
    whole = play.repo.work[made.path]
    play.repo.put(made.path, [line for place, line in enumerate(whole) if place % 12 < 7])
    play.land(made.path)
    play.repo.put(made.path, whole)
    yield play.dice.uniform(0.5, 3)
    play.land(made.path)


@kind(days=3)
def still_uncommitted(play: Play) -> Iterator[float]:
    """Written in the last days, not committed yet."""
    play.clock.now_ms = max(play.clock.now_ms, play.begin_ms + 56 * 86_400_000)
    play.build(play.open())
    yield 0


@kind()
def renamed_before_commit(play: Play) -> Iterator[float]:
    """The file gets another name before git ever saw it."""
    made = play.build(play.open())
    play.pause()
    new = play.author.path(made.language)
    play.repo.rename(made.path, new)
    play.land(new)
    yield 0


@kind(days=16)
def renamed_and_edited(play: Play) -> Iterator[float]:
    """Another name before the commit, and a person changes a fifth of it."""
    made = play.build(play.open())
    play.pause()
    new = play.author.path(made.language)
    play.repo.rename(made.path, new)
    edit_share(play.repo, play.author, made._replace(path=new), 0.2)
    play.land(new)
    yield 0


@kind(days=16)
def boilerplate_stood_before(play: Play) -> Iterator[float]:
    """Lines equal to those that the file had already; the edit is thrown away, a person goes on."""
    own = play.old_file(3)
    yield 0.3
    before = play.repo.work[own.path]
    worker = play.open()
    play.ask(worker)
    at = play.gap(play.repo, own.path)
    worker.replace(own.path, at, at, ["", *own.lines[4:14]])
    play.pause()
    play.repo.put(own.path, before)
    type_in(play.repo, own.path, play.gap(play.repo, own.path), [play.author.remark(own.language)])
    play.land(own.path)
