"""Kinds of sessions: side by side, with sub-agents, resumed, forked, refused, failing, in circles."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from accuracy.kinds import kind
from accuracy.marks import texts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from accuracy.play import Play


@kind()
def parallel_files(play: Play) -> Iterator[float]:
    """Two sessions at the same time in different files."""
    left, right = play.open(), play.open()
    one, two = play.author.module(), play.author.module()
    play.ask(left)
    play.ask(right)
    left.write(one.path, one.lines)
    right.write(two.path, two.lines)
    play.extend(left, one.path, one.language)
    play.extend(right, two.path, two.language)
    play.land(one.path, two.path)
    yield 0


@kind(days=16)
def parallel_one_file(play: Play) -> Iterator[float]:
    """Two sessions take turns in one file; a part of one of them is dropped before the commit."""
    own = play.old_file(3)
    left, right = play.open(), play.open()
    play.ask(left)
    play.ask(right)
    for worker in (left, right, left, right):
        play.extend(worker, own.path, own.language)
        worker.session.think(20, 90)
    lines = play.repo.work[own.path]
    mine = {
        id(line) for line in lines if line.marks and line.marks[0][0].session_id == left.session.session_id
    }
    dropped = [line for line in lines if id(line) in mine][: len(mine) // 2]
    play.repo.put(own.path, [line for line in lines if line not in dropped])
    play.land(own.path)
    yield 0


@kind()
def sub_agents(play: Play) -> Iterator[float]:
    """Two sub-agents write files of their own, the session one of its own."""
    worker = play.open(play.dice.choice(["2.1", "1.0"]))
    play.ask(worker)
    paths = []
    for number in range(2):
        draft = play.author.module()
        with worker.delegated(f"Write part {number}") as agent:
            agent.session.read("README.md")
            agent.write(draft.path, draft.lines)
        paths.append(draft.path)
    own = play.build(worker)
    play.land(*paths[: play.dice.randrange(1, 3)], own.path)
    yield 0
    play.land(*paths)


@kind(days=3)
def resumed_session(play: Play) -> Iterator[float]:
    """A session is resumed on another day."""
    worker = play.open(play.dice.choice(["2.1", "1.0", "0.169"]))
    made = play.build(worker)
    play.land(made.path)
    yield play.dice.uniform(0.5, 2)
    resume = getattr(worker.session, "resume")  # noqa: B009
    again = play.join(worker.twin(resume()))
    play.ask(again)
    play.extend(again, made.path, made.language, 2)
    play.land(made.path)


@kind(days=16)
def forked_session(play: Play) -> Iterator[float]:
    """A session is forked: one line of work is dropped, the other one lands."""
    worker = play.open(play.dice.choice(["2.1", "0.34", "0.169"]))
    made = play.build(worker)
    play.land(made.path)
    other = play.join(worker.twin(worker.session.fork()))
    dropped, kept = play.author.module(), play.author.module()
    play.build(other, dropped)
    play.build(worker, kept)
    play.repo.drop(dropped.path)
    play.land(kept.path)
    yield 0


@kind()
def rejected_edits(play: Play) -> Iterator[float]:
    """Some edits are refused, others land."""
    worker = play.open()
    play.ask(worker)
    made = play.author.module()
    worker.tried(made.path, made.lines, is_refused=True)
    second = play.author.module(made.language)._replace(path=made.path)
    play.build(worker, second)
    worker.tried(made.path, play.author.part(made.language), is_refused=True)
    play.land(made.path)
    yield 0


@kind()
def refused_again_and_taken(play: Play) -> Iterator[float]:
    """The very lines that were refused are proposed again and taken."""
    worker = play.open()
    play.ask(worker)
    made = play.author.module()
    worker.tried(made.path, made.lines, is_refused=True)
    worker.write(made.path, made.lines)
    play.land(made.path)
    yield 0


@kind()
def failed_edits(play: Play) -> Iterator[float]:
    """Edits that fail, then one that does not."""
    worker = play.open()
    made = play.build(worker)
    play.ask(worker)
    for _ in range(2):
        worker.tried(made.path, play.author.part(made.language), is_refused=False)
    play.extend(worker, made.path, made.language)
    play.land(made.path)
    yield 0


@kind()
def looped_calls(play: Play) -> Iterator[float]:
    """The same command five times."""
    worker = play.open()
    made = play.build(worker)
    play.ask(worker)
    worker.loop("make check", "3 errors", 5)
    play.extend(worker, made.path, made.language)
    play.land(made.path)
    yield 0


@kind()
def red_tests(play: Play) -> Iterator[float]:
    """A command that ends badly is no waste."""
    worker = play.open()
    made = play.build(worker)
    worker.session.bash("make test", "2 failed", exit_code=2)
    play.extend(worker, made.path, made.language)
    worker.session.bash("make test", "all passed")
    play.land(made.path)
    yield 0


@kind(days=3)
def word_replaced_everywhere(play: Play) -> Iterator[float]:
    """One edit changes a word at every place of an old file."""
    own = play.old_file(5)
    worker = play.open()
    play.ask(worker)
    words = [word for line in own.lines[8:] for word in re.findall(r"[a-z_]{5,}", line)]
    word = max(sorted(set(words)), key=words.count)
    worker.replace_word(own.path, word, f"{word}_of_day")
    play.land(own.path)
    yield 0


@kind(days=16)
def same_lines_twice(play: Play) -> Iterator[float]:
    """Two sessions write the same file's worth of lines; only the first one's file stays."""
    first, second = play.open(), play.open()
    made = play.build(first)
    play.pause(0.3, 1)
    copy = made._replace(path=play.author.path(made.language))
    play.build(second, copy)
    play.pause(0.05, 0.2)
    play.repo.drop(copy.path)
    play.land(made.path)
    yield 0


@kind(days=3)
def waits_for_the_next_turn(play: Play) -> Iterator[float]:
    """Turns of questions before and after the turns that write."""
    worker = play.open()
    play.ask(worker)
    worker.session.say("There are two ways.")
    made = play.work(worker)
    play.land(made.path)
    play.ask(worker)
    worker.session.read("README.md")
    worker.session.say("It is described there.")
    yield play.dice.uniform(0.2, 1)
    play.ask(worker)
    dropped = play.build(worker)
    play.repo.drop(dropped.path)
    play.ask(worker)


@kind(days=16)
def overwritten_by_another(play: Play) -> Iterator[float]:
    """A second session replaces half of what the first one wrote, before anything is committed."""
    first = play.open()
    made = play.build(first, play.author.module(parts=4))
    play.pause(0.2, 2)
    second = play.open()
    play.ask(second)
    count = len(play.repo.work[made.path])
    second.replace(made.path, count // 2, count, play.author.parts(made.language, 2))
    play.land(made.path)
    yield 0


@kind(days=5)
def rewrites_whole_file(play: Play) -> Iterator[float]:
    """A later session writes the whole file again with some new parts in it."""
    first = play.open()
    made = play.build(first, play.author.module(parts=4))
    play.land(made.path)
    yield play.dice.uniform(0.5, 4)
    second = play.open()
    play.ask(second)
    second.session.read(made.path)
    lines = texts(play.repo.work[made.path])
    at = play.gap(play.repo, made.path)
    second.write(made.path, [*lines[:at], "", *play.author.parts(made.language, 2), *lines[at:]])
    play.land(made.path)


@kind(days=3)
def assistant_copies(play: Play) -> Iterator[float]:
    """A session copies lines that a person wrote elsewhere into a new file."""
    own = play.old_file(5)
    worker = play.open()
    draft = play.author.module(own.language, 1)
    play.build(worker, draft._replace(lines=[*draft.lines, "", *own.lines[8:28]]))
    play.land(draft.path)
    yield 0


@kind(days=5)
def copied_by_person(play: Play) -> Iterator[float]:
    """A person copies landed lines of a session into another file."""
    made = play.build(play.open(), play.author.module(parts=4))
    play.land(made.path)
    yield play.dice.uniform(0.5, 4)
    copy = play.author.path(made.language)
    play.repo.human_write(copy, [*made.lines[:4], play.author.remark(made.language), *made.lines[8:24]])
    play.land(copy)
