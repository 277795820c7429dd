"""``tokencoach blame``: which session and prompt wrote a line."""

from __future__ import annotations

import os
from itertools import groupby
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from tokencoach.audit.blame import blame_commit, blame_file
from tokencoach.audit.numbers import percent
from tokencoach.cli.context import Context, verb
from tokencoach.cli.output import emit_json, one_line, say
from tokencoach.cli.prompt import Prompts, excerpt
from tokencoach.cli.repository import repository_path
from tokencoach.cli.update import bring_up_to_date
from tokencoach.errors import UsageError
from tokencoach.git.locate import find
from tokencoach.store.reader import open_reader
from tokencoach.store.repo_rows import known_repos

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tokencoach.audit.blame import BlamedLine
    from tokencoach.audit.report import LoggedPrompt
    from tokencoach.git.locate import Repository
    from tokencoach.store.reader import Reader
    from tokencoach.store.repo_rows import KnownRepo

_SHORT, _WIDTH = 60, 80


@click.command(epilog="Example: tokencoach blame src/api.py   or: tokencoach blame --commit HEAD")
@click.argument("file", required=False)
@click.option(
    "--rev", metavar="REV", default="HEAD", show_default=True, help="The file as it is in that revision."
)
@click.option("--commit", "commit", metavar="REV", help="The lines that a commit added.")
@click.option(
    "--repo",
    metavar="PATH",
    help="The repository of the commit, and where FILE is looked for; default: here.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
@verb
def blame(
    context: Context, file: str | None, rev: str, commit: str | None, repo: str | None, *, as_json: bool
) -> int:
    """Which session and prompt wrote each line of a file, or of a commit.

    The prompt is read from the assistant's own log; where that is gone, what was kept of it stands
    there.

    A line without a session was written by a person, or by something that left no log. Lines that follow
    each other and have the same origin stand together.
    """
    if (file is None) == (commit is None):
        raise UsageError("name a FILE, or a commit with --commit", "tokencoach blame --help")
    bring_up_to_date(context)
    with open_reader(context.database) as reader:
        folder = _folder(reader, repo)
        here = folder / Path(file).expanduser() if file is not None else folder
        repository = find(here if file is None else here.parent)
        if repository is None:
            mend = "name a file of one" if file is not None else "go into one, or name it with --repo PATH"
            raise UsageError(f"{here} is in no git repository", mend)
        known = _known(reader, repository)
        if file is not None:
            lines = blame_file(reader, known, _inside(repository, here), rev)
        else:
            lines = blame_commit(reader, known, commit or "HEAD")
        prompts = Prompts(reader)
        asked = [prompts.of(line.author.turn_id if line.author else None) for line in lines]
    if as_json:
        emit_json({"lines": [_row(line, prompt) for line, prompt in zip(lines, asked, strict=True)]})
    else:
        for told in told_lines(zip(lines, asked, strict=True)):
            say(told)
    return 0 if lines else 3


def _folder(reader: Reader, repo: str | None) -> Path:
    """Where to look: the folder named, that of the known repository of that name, else the one we are in."""
    if repo is None:
        return Path.cwd()
    folder = Path(repo).expanduser().absolute()
    return folder if folder.is_dir() else Path(repository_path(reader, repo) or folder)


def _known(reader: Reader, repository: Repository) -> KnownRepo:
    wanted = str(repository.common_dir)
    for repo in known_repos(reader.connection):
        if repo.common_dir == wanted:
            return repo
    raise UsageError(
        f"no session in the logs worked in {repository.main_worktree or wanted}",
        "tokencoach repos list  shows the repositories that the logs name",
    )


def _inside(repository: Repository, file: Path) -> str:
    real = file.parent.resolve() / file.name
    for tree in sorted(repository.worktrees, key=lambda tree: -len(tree.parts)):
        if real.is_relative_to(tree):
            return real.relative_to(tree).as_posix()
    return os.path.relpath(real, repository.common_dir)


def _row(line: BlamedLine, prompt: LoggedPrompt | None) -> dict[str, Any]:
    author, other = line.author, line.elsewhere
    row: dict[str, Any] = {
        "path": line.path,
        "line": line.line,
        "commit": author.commit if author else line.commit,
        "session_id": None,
        "source": None,
        "turn": author.turn if author else None,
        "confidence": None,
        "method": None,
        "reason": line.reason,
        "evidence": line.evidence,
        "prompt": excerpt(prompt),
        "prompt_problem": prompt.problem if prompt is not None else None,
    }
    if author is not None:
        row |= {
            "session_id": author.session_id,
            "source": author.source,
            "confidence": author.confidence,
            "method": author.method,
        }
    elif other is not None:
        row |= {
            "session_id": other.session,
            "source": other.source,
            "confidence": other.confidence,
            "method": other.method,
        }
    return row


def told_lines(lines: Iterable[tuple[BlamedLine, LoggedPrompt | None]]) -> Iterator[str]:
    """Lines of a file that follow each other and have the same origin are told of once, as a range."""
    for (path, said), group in groupby(_spans(lines), key=lambda span: (span.path, span.said)):
        for first, last in _ranges(span.line for span in group):
            place = f"{path}:{first}" if first == last else f"{path}:{first}-{last}"
            whole = f"{one_line(place)}  {said}"
            yield from wrap(
                whole, _WIDTH, subsequent_indent="    ", break_long_words=False, break_on_hyphens=False
            )


class _Span(NamedTuple):
    path: str
    line: int
    said: str


def _spans(lines: Iterable[tuple[BlamedLine, LoggedPrompt | None]]) -> Iterator[_Span]:
    for line, prompt in lines:
        yield _Span(line.path, line.line, _said(line, prompt))


def _ranges(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    """The runs of numbers that follow each other, each by its first and its last."""
    for _, run in groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0]):
        held = [number for _, number in run]
        yield held[0], held[-1]


def _said(line: BlamedLine, prompt: LoggedPrompt | None) -> str:
    """Who wrote a line, by which prompt; or why nobody is known to have."""
    if line.author is None:
        return one_line(f"{line.commit[:9] if line.commit else '·'}  {line.reason}")
    who = line.author
    asked = f'  "{excerpt(prompt, _SHORT)}"' if excerpt(prompt) else ""
    gone = f" ({prompt.problem})" if prompt is not None and prompt.problem is not None else ""
    return one_line(
        f"{who.commit[:9]}  {who.source} {who.session_id[:8]} turn {who.turn}{asked}{gone}  "
        f"sure {percent(who.confidence)}, matched {who.method}{'; ' + line.evidence if line.evidence else ''}"
    )
