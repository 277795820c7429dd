"""A chat history that came with a clone: what was said before is not this person's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from git.builder import DAY_S, EPOCH_S, Builder
from tokencoach.sources.aider.source import HISTORY, Aider
from tokencoach.sources.base import LogsHome

if TYPE_CHECKING:
    from pathlib import Path

MODEL = "> Model: openai/gpt-4o with diff edit format  \n"
TOKENS = "#### please {name}  \n\n> Tokens: 2.4k sent, 27 received.  \n"


def chat(started: str, name: str) -> str:
    """A chat with one request."""
    return f"# aider chat started at {started}\n\n{MODEL}{TOKENS.format(name=name)}"


def prompts(home: Path) -> list[str]:
    """What was typed in every history below a home folder."""
    source = Aider()
    found = []
    for file in source.files(LogsHome(home, {})):
        facts, _ = source.read(file.path.read_bytes(), b"", file, 0)
        assert len(facts.requests) == len(facts.prompts)
        found += [prompt.text for prompt in facts.prompts]
    return found


@pytest.fixture
def theirs(tmp_path: Path) -> Builder:
    """A stranger's repository that carries their history."""
    repo = Builder(tmp_path / "elsewhere" / "theirs")
    repo.write(HISTORY, chat("2026-01-03 10:00:00", "theirs") * 3)
    repo.commit(4 * DAY_S, a_py="a = 1\n")
    return repo


def cloned(theirs: Builder, home: Path) -> Path:
    """The repository cloned on day 10, with a chat held in it on day 12."""
    target = home / "work" / "mine"
    theirs.git("clone", "-q", str(theirs.folder), str(target), at=10 * DAY_S)
    with (target / HISTORY).open("a", encoding="utf-8") as history:
        history.write(chat("2026-01-13 10:00:00", "mine"))
    return target


def test_chats_from_before_a_clone_are_not_counted(theirs: Builder, tmp_path: Path) -> None:
    cloned(theirs, tmp_path / "home")
    assert prompts(tmp_path / "home") == ["please mine"]


def test_they_are_counted_where_they_were_held(theirs: Builder) -> None:
    assert prompts(theirs.folder.parent) == ["please theirs"] * 3


def test_a_history_that_git_does_not_track_was_put_there_by_hand(theirs: Builder, tmp_path: Path) -> None:
    folder = cloned(theirs, tmp_path / "home")
    Builder(folder).git("rm", "-q", "--cached", HISTORY)
    assert prompts(tmp_path / "home") == [*["please theirs"] * 3, "please mine"]


@pytest.mark.parametrize(
    "first", [b"", b"\xff\xfe", b"0 0 x\tclone: from y\n", b"a b c\tcommit (initial): d\n"]
)
def test_a_log_of_moves_that_tells_no_clone_hides_nothing(
    theirs: Builder, tmp_path: Path, first: bytes
) -> None:
    folder = cloned(theirs, tmp_path / "home")
    (folder / ".git" / "logs" / "HEAD").write_bytes(first)
    assert len(prompts(tmp_path / "home")) == 4


def test_the_instant_of_the_clone_is_told(theirs: Builder, tmp_path: Path) -> None:
    cloned(theirs, tmp_path / "home")
    (file,) = Aider().files(LogsHome(tmp_path / "home", {}))
    assert file.since_ms == (EPOCH_S + 10 * DAY_S) * 1000
