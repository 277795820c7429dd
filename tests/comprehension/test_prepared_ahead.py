"""Questions are made before anybody commits: for each file as the assistant left it, and the same ones."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from comprehension.test_from_edit_to_commit import CODE, Desk
from tokencoach.comprehension import looking
from tokencoach.comprehension.hook.state import Told, tell
from tokencoach.comprehension.looking import Which, look, look_ahead
from tokencoach.comprehension.prepare import Options
from tokencoach.git.aside import aside
from tokencoach.store.reader import open_reader
from tokencoach.store.writer import Writer
from tokencoach.watch.preparing import prepare_edited, prepare_staged

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tokencoach.comprehension.subject import Subject

PATHS = ("money.py", "back.py", "tests/test_money.py")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = Desk(tmp_path.resolve())
    made.session.prompt("And the way back, with a test")
    made.session.write("back.py", CODE.replace("transfer", "take_back").replace("amount", "share"))
    made.session.write("tests/test_money.py", "def test_transfer():\n    assert transfer(1, 2) == 1\n")
    made.run("git", "reset", "-q")
    made.program.ingest()
    tell(made.state, made.folder / ".git", Told(PATHS, (), ()))
    return made


def _writer(desk: Desk) -> Writer:
    return Writer(desk.state / "tokencoach.db", ZoneInfo("UTC"))


def _ids(subject: Subject) -> list[str]:
    return [one.question.id for one in subject.prepared.questions]


def _objects(folder: Path) -> set[str]:
    return {str(path) for path in (folder / ".git" / "objects").rglob("*")}


def _git(desk: Desk, *arguments: str) -> None:
    subprocess.run(
        ["git", *arguments], cwd=desk.folder, env=desk.environment, check=True, capture_output=True
    )


def _forbid_making(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("questions were made while git waits")

    monkeypatch.setattr(looking, "prepare", refuse)


@pytest.mark.parametrize("staged", [("money.py",), ("money.py", "back.py"), ("-A",)])
def test_files_made_ahead_answer_for_whatever_part_is_staged(
    desk: Desk, staged: Iterable[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _objects(desk.folder)
    with _writer(desk) as writer:
        assert prepare_edited(writer, desk.state, desk.folder / ".git") == 3
        assert prepare_edited(writer, desk.state, desk.folder / ".git") == 0
    assert _objects(desk.folder) == before
    _git(desk, "add", *staged)
    with open_reader(desk.state / "tokencoach.db") as reader:
        made_now = look(desk.folder, Which(), reader.connection, Options())
        _forbid_making(monkeypatch)
        ahead = look_ahead(desk.folder, Which(), reader.connection, Options())
    assert _ids(ahead) == _ids(made_now) != []
    assert ahead.tree == made_now.tree
    assert ahead.prepared.ai_lines == made_now.prepared.ai_lines
    assert ahead.prepared.asked_because == made_now.prepared.asked_because


def test_a_file_changed_since_is_looked_at_anew(desk: Desk) -> None:
    with _writer(desk) as writer:
        prepare_edited(writer, desk.state, desk.folder / ".git")
    text = (desk.folder / "money.py").read_text()
    (desk.folder / "money.py").write_text(text.replace("amount > 50", "amount >= 50"))
    _git(desk, "add", "money.py")
    with open_reader(desk.state / "tokencoach.db") as reader:
        made_now = look(desk.folder, Which(), reader.connection, Options())
        ahead = look_ahead(desk.folder, Which(), reader.connection, Options())
    assert _ids(ahead) == _ids(made_now)


def test_a_staged_tree_is_made_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    _git(desk, "add", "-A")
    with _writer(desk) as writer:
        assert prepare_staged(writer, desk.state, desk.folder / ".git") == 1
        assert prepare_staged(writer, desk.state, desk.folder / ".git") == 0
    _forbid_making(monkeypatch)
    with open_reader(desk.state / "tokencoach.db") as reader:
        assert _ids(look_ahead(desk.folder, Which(), reader.connection, Options()))


def test_no_filter_of_a_repository_runs_while_it_is_looked_at_aside(desk: Desk, tmp_path: Path) -> None:
    _git(desk, "config", "filter.evil.clean", f"touch {tmp_path / 'ran'}; cat")
    (desk.folder / ".gitattributes").write_text("*.py filter=evil\n")
    with _writer(desk) as writer:
        prepare_edited(writer, desk.state, desk.folder / ".git")
    assert not (tmp_path / "ran").exists()


def test_links_folders_and_missing_files_are_left_out_aside(desk: Desk) -> None:
    (desk.folder / "link.py").symlink_to("/etc/passwd")
    git_dir = desk.folder / ".git"
    wanted = ("link.py", "tests", "gone.py", "../outside", "money.py", "a\nb.py", "nul\0.py")
    with aside(desk.folder, git_dir, git_dir, wanted) as there:
        listed = subprocess.run(
            ["git", f"--git-dir={there.git_dir}", "ls-files"],
            env=desk.environment | {"GIT_INDEX_FILE": str(there.index_file)},
            capture_output=True,
            text=True,
            check=True,
        )
        assert listed.stdout.split() == ["README.md", "money.py"]
    assert not there.git_dir.exists()
