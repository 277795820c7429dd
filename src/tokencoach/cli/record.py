"""``tokencoach record -- COMMAND``: the project's own tests, watched at the functions that changed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tokencoach.cli.context import Context, verb
from tokencoach.cli.output import narrate, one_line
from tokencoach.clock import now_ms
from tokencoach.comprehension.record_plan import may_be_watched, plan
from tokencoach.comprehension.recorder_files import environment, install
from tokencoach.comprehension.recordings import Summary, folder_of, take
from tokencoach.comprehension.verified import answered_lines, said_of, to_watch
from tokencoach.errors import TokencoachError, UsageError
from tokencoach.git.errors import GitError
from tokencoach.git.locate import find
from tokencoach.git.staged import own_git_dir
from tokencoach.git.work_changes import WorkFile, changed_files
from tokencoach.store.connect import explained
from tokencoach.store.reader import open_reader

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tokencoach.comprehension.verified import AnsweredLine


@click.command(
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
    epilog="Example: tokencoach record -- pytest -q",
)
@click.option(
    "--against", metavar="REV", default="HEAD", help="What counts as changed: all since REV. Default: HEAD."
)
@click.argument("command", nargs=-1, type=click.UNPROCESSED, required=True)
@verb
def record(context: Context, command: tuple[str, ...], *, against: str) -> int:
    """Run your tests, and note what the functions you changed were given and gave back.

    The check before a commit asks about these runs: what does it return for this input? COMMAND is
    whatever runs your pytest: pytest, python -m pytest, tox, nox, uv run pytest, poetry run pytest.
    Only calls that reach changed lines are noted, only numbers, texts and plain collections of them,
    on this computer. Its output and its exit code are your command's own.

    To keep it on, put this line where your shell finds it; nothing writes it for you:
    alias pytest='tokencoach record -- pytest'
    """
    with tempfile.TemporaryDirectory(prefix="tokencoach-record-") as place:
        run_folder = Path(place)
        common_dir, environ = _prepared(context, run_folder, against)
        code = _run(command, environ if environ is not None else os.environ)
        if environ is not None and common_dir is not None:
            before_ms = now_ms()
            _keep(run_folder, folder_of(context.folder, common_dir))
            for line in _answered(context, common_dir):
                if line.recorded_ms >= before_ms:
                    narrate(f"tokencoach: {one_line(said_of(line))[:300]}")
    return code


def _prepared(context: Context, run_folder: Path, against: str) -> tuple[Path | None, dict[str, str] | None]:
    """The repository and the environment to record with; no environment where there is nothing to record."""
    here = Path.cwd()
    git_dir, found = own_git_dir(here), find(here)
    if git_dir is None or found is None:
        narrate(
            "tokencoach: not in a git repository, so nothing counts as changed: the command runs unrecorded"
        )
        return None, None
    root = next(folder for folder in (here, *here.parents) if (folder / ".git").exists())
    try:
        files = {file.path: file for file in changed_files(git_dir, root, against, ".py", may_be_watched)}
        for path, content, lines in to_watch(_answered(context, found.common_dir), root):
            added = files[path].added if path in files else frozenset[int]()
            files[path] = WorkFile(path, content, added | lines)
        body = plan(str(root), str(run_folder), files.values())
        if not body["functions"]:
            narrate(f"tokencoach: no Python function differs from {against}: the command runs unrecorded")
            return found.common_dir, None
        file = run_folder / "plan"
        file.write_text(json.dumps(body), encoding="utf-8")
        return found.common_dir, environment(os.environ, install(context.folder), file)
    except (GitError, OSError) as error:
        narrate(f"tokencoach: cannot record ({error}): the command runs unrecorded")
        return None, None


def _answered(context: Context, common_dir: Path) -> list[AnsweredLine]:
    """Lines of this repository for which a call was typed; none where no check was held, or none can be read."""
    try:
        with open_reader(context.database) as reader:
            return answered_lines(reader.connection, context.folder, context.now_ms, str(common_dir))
    except Exception as error:
        # The person's own tests run, and their exit code is told, whatever the database is like.
        if not isinstance(error, TokencoachError) and explained(error, context.database) is None:
            raise
        return []


def _run(command: Sequence[str], environ: Mapping[str, str]) -> int:
    """The command's exit code; Ctrl-C is the command's to answer."""
    try:
        child = subprocess.Popen(command, env=environ)
    except OSError as error:
        raise UsageError(
            f"{command[0]} cannot be run: {error.strerror or error}", "tokencoach record -- pytest"
        ) from None
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        code = child.wait()
    finally:
        signal.signal(signal.SIGINT, before)
    return code if code >= 0 else 128 - code


def _keep(run_folder: Path, folder: Path) -> None:
    try:
        summary = take(run_folder, folder)
    except OSError as error:
        narrate(f"tokencoach: what was recorded could not be kept ({error})")
        return
    narrate(f"tokencoach: {_said(summary)}")
    for note in summary.notes:
        narrate(f"tokencoach: {note}")


def _said(summary: Summary) -> str:
    if not summary.processes:
        return "nothing was recorded: the command started no pytest that could load the recorder"
    if not summary.functions:
        return (
            f"nothing was recorded: none of {summary.tests} tests ran a function that you changed, as it stands in "
            "this folder; where they should have, another copy of the project may be the one installed"
        )
    return (
        f"{summary.calls} calls of {summary.functions} changed functions kept, from {summary.tests} tests; "
        "tokencoach check asks about them"
    )
