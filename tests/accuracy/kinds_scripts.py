"""Kinds of work that a script holds: names in variables, whole lines for an editor of streams, a diff of its own."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from accuracy.kinds import kind
from accuracy.marks import texts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from accuracy.play import Play


@kind()
def script_names_its_file(play: Play) -> Iterator[float]:
    """``OUT=FILE; cat > "$OUT"``, if there is no such file yet."""
    worker = play.open()
    made = play.author.module()
    play.ask(worker)
    body = "\n".join(made.lines)
    command = f'OUT={made.path}\nif [ ! -e "$OUT" ]; then\ncat > "$OUT" <<\'EOF\'\n{body}\nEOF\nfi'
    worker.shell_write(made.path, made.lines, command)
    play.land(made.path)
    yield 0


@kind()
def sed_puts_a_line_in(play: Play) -> Iterator[float]:
    """``sed -i 'Ni LINE'`` in a file that a person wrote."""
    own = play.old_file()
    worker = play.open()
    play.ask(worker)
    lines = texts(play.repo.work[own.path])
    at = play.dice.randrange(1, len(lines))
    line = f"note_{play.number}_of_the_plan(step={play.number}, kind='harbour')"
    script = f"{at + 1}i {line}"
    worker.shell_write(own.path, [*lines[:at], line, *lines[at:]], f'sed -i "{script}" {own.path}')
    play.land(own.path)
    yield 0


@kind()
def diff_written_aside(play: Play) -> Iterator[float]:
    """A diff in a file outside the repository, which another turn applies."""
    own = play.old_file()
    worker = play.open()
    play.ask(worker)
    before = texts(play.repo.work[own.path])
    at = play.dice.choice([place for place, line in enumerate(before) if not line] or [len(before)])
    after = [*before[:at], "", *play.author.parts(own.language, 2), *before[at:]]
    diff = difflib.unified_diff(before, after, f"a/{own.path}", f"b/{own.path}", lineterm="")
    place = f"../step-{play.number}.patch"
    worker.session.bash(f"cat > {place} <<'EOF'\n" + "\n".join(diff) + "\nEOF")
    if play.dice.random() < 0.5:
        play.ask(worker)
    worker.shell_write(own.path, after, f"git apply {place}")
    play.land(own.path)
    yield 0


@kind()
def draft_put_in(play: Play) -> Iterator[float]:
    """A file that is written outside the repository, and copied or moved into it by a command of another turn."""
    worker = play.open()
    made = play.author.module()
    play.ask(worker)
    place = worker.draft(made.path, made.lines)
    if play.dice.random() < 0.5:
        play.ask(worker)
    command = play.dice.choice(("cp {} {}", "mv {} {}", "install -m 644 {} {}", "cat {} > {}"))
    worker.session.bash(command.format(place, made.path))
    play.land(made.path)
    yield 0


@kind()
def draft_left_outside(play: Play) -> Iterator[float]:
    """A file that is written outside the repository, tried out and left there, beside work that lands."""
    worker = play.open()
    made = play.author.module()
    play.ask(worker)
    worker.outside(f"../trial-{play.number}.py", made.lines)
    worker.session.bash(f"python3 ../trial-{play.number}.py", "ok")
    play.ask(worker)
    play.land(play.build(worker).path)
    yield 0
