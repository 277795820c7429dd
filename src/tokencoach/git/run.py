"""Running git so that a repository can start no program, reach no network and change no output.

Two kinds of run: ``run`` and ``stream`` read a git directory named outright, without any
configuration but the repository's own, of which everything dangerous is overridden. ``probe``
asks git, with the person's own configuration, whether it would open the folder at all: only
so is their ``safe.directory`` respected.
"""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from tokencoach.git import patience
from tokencoach.git.errors import GitMissingError, failure

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# Windows starts no program without SYSTEMROOT.
_KEPT: Final = ("PATH", "SYSTEMROOT", "TEMP", "TMP", "TMPDIR")
_PERSONS_OWN: Final = (
    "HOME",
    "XDG_CONFIG_HOME",
    "USERPROFILE",
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_SYSTEM",
    "GIT_CONFIG_NOSYSTEM",
)
_PLAIN: Final = {
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_LAZY_FETCH": "1",
    # A replacement would show a history that nobody else has.
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_TERMINAL_PROMPT": "0",
    # This names no protocol, and it outranks every protocol.* setting of a repository.
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_PAGER": "cat",
    "LC_ALL": "C",
}
_OVERRIDES: Final = (
    "core.fsmonitor=false",
    f"core.hooksPath={os.devnull}",
    f"core.attributesFile={os.devnull}",
    "core.quotePath=off",
    "core.pager=cat",
    "core.sshCommand=false",
    "core.gitProxy=",
    "core.askPass=",
    # Nobody writes 16 MiB of source: what is larger is told as binary, which bounds memory.
    "core.bigFileThreshold=16m",
    # A pack is looked into through small windows: mapped whole, it would fill the memory of the reading git.
    "core.packedGitWindowSize=8m",
    "core.packedGitLimit=64m",
    "credential.helper=",
    "protocol.allow=never",
    "gpg.program=false",
    "safe.bareRepository=all",
    "log.showSignature=false",
    "log.showRoot=true",
    "log.mailmap=false",
    "log.follow=false",
    # A combined diff has no positions in the first parent.
    "log.diffMerges=separate",
    "i18n.logOutputEncoding=UTF-8",
    "color.ui=false",
    "diff.external=",
    "diff.noprefix=false",
    "diff.mnemonicPrefix=false",
    "diff.relative=false",
    "diff.algorithm=myers",
    # The hunks are to be those that git blame sees.
    "diff.indentHeuristic=true",
    "diff.renames=true",
    "diff.renameLimit=1000",
    "diff.interHunkContext=0",
    "diff.suppressBlankEmpty=false",
    "diff.submodule=short",
    f"diff.orderFile={os.devnull}",
)
PATCH_OPTIONS: Final = (
    "-p",
    "-U0",
    "-M",
    "--full-index",
    "--no-color",
    "--no-ext-diff",
    "--no-textconv",
    "--src-prefix=a/",
    "--dst-prefix=b/",
    "--ignore-submodules=all",
)
_NO_INDEX: Final = "no-index-of-tokencoach"
# Patches come in megabytes: a small pipe would wake both sides for every 64 KiB.
_PIPE_BYTES: Final = 1 << 20


def run(git_dir: Path, *arguments: str | bytes, feed: bytes = b"", index: Path | None = None) -> bytes:
    """Standard output of one git command that reads the git directory, and the index where one is named.

    Raises:
        GitError: git is missing, does not answer within 2 minutes, or failed.
    """
    return _finished(_command(git_dir, arguments), _environment(git_dir, index), git_dir, feed)


def probe(folder: Path) -> None:
    """Nothing, if git itself would open the folder for this person.

    Raises:
        GitError: it would not; ``NotOwnedError`` where it belongs to somebody else.
    """
    own = {name: os.environ[name] for name in _PERSONS_OWN if name in os.environ}
    overrides = [part for setting in _OVERRIDES for part in ("-c", setting)]
    command: list[str | bytes] = [program(), "--no-pager", *overrides, "rev-parse", "--git-dir"]
    _finished(command, _kept() | _PLAIN | own, folder, b"", patience.PROBE_S)


def own(folder: Path, *arguments: str) -> bytes:
    """Standard output of a git command about settings and places, with the person's own configuration.

    Raises:
        GitError: git is missing, does not answer within 2 minutes, or failed.
    """
    said = {name: os.environ[name] for name in _PERSONS_OWN if name in os.environ}
    return _finished([program(), "--no-pager", *arguments], _kept() | _PLAIN | said, folder, b"")


@contextmanager
def stream(
    git_dir: Path, arguments: Sequence[str | bytes], feed: bytes = b"", index: Path | None = None
) -> Iterator[IO[bytes]]:
    """Standard output of a git command as it comes. The child ends with the block, whatever happens.

    Raises:
        GitError: git is missing, wrote nothing for 10 minutes, or failed after the block read everything it wrote.
    """
    patience.refuse(git_dir)
    # Files, not pipes: a child that fills a pipe which nobody empties would never end.
    with tempfile.TemporaryFile() as errors, tempfile.TemporaryFile() as source:
        source.write(feed)
        source.seek(0)
        with _in_folder(git_dir):
            child = subprocess.Popen(
                _command(git_dir, arguments),
                env=_environment(git_dir, index),
                cwd=git_dir,
                stdin=source,
                stdout=subprocess.PIPE,
                stderr=errors,
                bufsize=0,
                pipesize=_PIPE_BYTES,
            )
        assert child.stdout is not None  # noqa: S101 - a pipe was asked for
        output = io.BufferedReader(patience.PatientPipe(child.stdout, git_dir), patience.BUFFER_BYTES)
        try:
            yield output
            is_read = not output.read(1)
            code = child.wait() if is_read else 0
        finally:
            if child.poll() is None:
                child.kill()
            output.close()
            child.wait()
        if code:
            errors.seek(0)
            raise failure(str(git_dir), errors.read(20_000).decode("utf-8", "replace"))


def program() -> str:
    """Absolute path of git.

    Raises:
        GitMissingError: there is none.
    """
    found = trusted_program("git")
    if found is None:
        raise GitMissingError
    return found


def trusted_program(name: str) -> str | None:
    """Absolute path of a program, None where there is none. A relative entry of PATH is never trusted."""
    # Windows, and an empty entry anywhere, would look into the current folder first.
    folders = [
        entry for entry in os.environ.get("PATH", os.defpath).split(os.pathsep) if Path(entry).is_absolute()
    ]
    found = shutil.which(name, path=os.pathsep.join(folders))
    return found if found is not None and Path(found).is_absolute() else None


def _finished(
    command: list[str | bytes],
    environment: dict[str, str],
    folder: Path,
    feed: bytes,
    seconds: float | None = None,
) -> bytes:
    patience.refuse(folder)
    limit_s = patience.ANSWER_S if seconds is None else seconds
    try:
        with _in_folder(folder):
            done = subprocess.run(
                command,
                env=environment,
                cwd=folder,
                input=feed,
                capture_output=True,
                check=False,
                timeout=limit_s,
            )
    except subprocess.TimeoutExpired:
        raise patience.no_answer(folder, limit_s) from None
    if done.returncode:
        raise failure(str(folder), done.stderr.decode("utf-8", "replace"))
    return done.stdout


def _command(git_dir: Path, arguments: Sequence[str | bytes]) -> list[str | bytes]:
    overrides = [part for setting in _OVERRIDES for part in ("-c", setting)]
    return [program(), f"--git-dir={git_dir}", "--no-pager", *overrides, *arguments]


def _kept() -> dict[str, str]:
    return {name: os.environ[name] for name in _KEPT if name in os.environ}


def _environment(git_dir: Path, index: Path | None = None) -> dict[str, str]:
    """The git directory stands in for work tree and index, so no attributes file of the tree applies."""
    return (
        _kept()
        | _PLAIN
        | {
            # Old gits do not know GIT_CONFIG_GLOBAL; they find no HOME here instead.
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_WORK_TREE": str(git_dir),
            # A name that does not exist is an empty index; an empty file would be a damaged one.
            "GIT_INDEX_FILE": str(index or git_dir / _NO_INDEX),
        }
    )


@contextmanager
def _in_folder(folder: Path) -> Iterator[None]:
    """A program is started in a folder that may be gone, or be taken away at this moment."""
    try:
        yield
    except OSError as error:
        if folder.is_dir() and error.filename != str(folder):
            raise
        gone = "not a git repository: the folder is gone"
        raise failure(str(folder), (folder.is_dir() and error.strerror) or gone) from error
