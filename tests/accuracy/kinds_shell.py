"""Kinds of files that a shell command writes: the log has no edit, but it has the command."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from accuracy.kinds import kind
from accuracy.marks import texts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from accuracy.play import Play


@kind()
def heredoc(play: Play) -> Iterator[float]:
    """``cat > FILE << EOF``."""
    worker = play.open()
    made = play.author.module()
    play.ask(worker)
    place = made.path if play.dice.random() < 0.5 else str(play.repo.real.folder / made.path)
    body = "\n".join(made.lines)
    worker.shell_write(made.path, made.lines, f"cat > {place} <<'EOF'\n{body}\nEOF")
    worker.session.say("It is in place.")
    play.land(made.path)
    yield 0


@kind()
def heredoc_appends(play: Play) -> Iterator[float]:
    """``cat >> FILE << EOF`` on a file that an edit wrote before."""
    worker = play.open()
    made = play.build(worker)
    play.ask(worker)
    more = ["", *play.author.parts(made.language, 2)]
    body = "\n".join(more)
    command = f"cat >> {made.path} << 'EOF'\n{body}\nEOF"
    worker.shell_write(made.path, [*made.lines, *more], command)
    play.land(made.path)
    yield 0


@kind()
def sed_in_place(play: Play) -> Iterator[float]:
    """``sed -i`` changes a name in a file that an edit wrote before."""
    worker = play.open()
    made = play.build(worker)
    play.ask(worker)
    lines = texts(play.repo.work[made.path])
    words = [word for line in lines[3:] for word in re.findall(r"[a-z]{4,}", line)]
    word = play.dice.choice(sorted(set(words)))
    changed = [line.replace(word, f"{word}ed") for line in lines]
    worker.shell_write(made.path, changed, f"sed -i 's/{word}/{word}ed/g' {made.path}")
    play.land(made.path)
    yield 0


@kind()
def script_writes(play: Play) -> Iterator[float]:
    """A script of the assistant writes a file that only its name tells of."""
    worker = play.open()
    made = play.author.module(parts=4)
    play.ask(worker)
    code = f"import tables; tables.render(open('{made.path}', 'w'))"
    worker.shell_write(made.path, made.lines, f"python - <<'PY'\n{code}\nPY", f"wrote {made.path}")
    play.land(made.path)
    yield 0


@kind()
def python_heredoc(play: Play) -> Iterator[float]:
    """``python - << EOF`` whose text holds the lines."""
    worker = play.open()
    made = play.author.module(parts=2)
    play.ask(worker)
    body = "\n".join(made.lines)
    code = f"from pathlib import Path\nPath('{made.path}').write_text('''{body}\n''')"
    worker.shell_write(made.path, made.lines, f"python3 - <<'PY'\n{code}\nPY")
    play.land(made.path)
    yield 0


@kind()
def moved_in_shell(play: Play) -> Iterator[float]:
    """The session itself moves its new file with ``mv``."""
    worker = play.open()
    made = play.build(worker)
    new = play.author.path(made.language)
    play.ask(worker)
    worker.session.bash(f"mv {made.path} {new}")
    play.repo.rename(made.path, new)
    play.ask(worker)
    play.extend(worker, new, made.language)
    play.land(new)
    yield 0


@kind(days=16)
def heredoc_in_vain(play: Play) -> Iterator[float]:
    """A file of a here-document that is thrown away."""
    worker = play.open()
    made = play.author.module()
    play.ask(worker)
    body = "\n".join(made.lines)
    worker.shell_write(made.path, made.lines, f"mkdir -p x && cat <<'EOF' > {made.path}\n{body}\nEOF")
    play.pause()
    play.repo.drop(made.path)
    yield 0
