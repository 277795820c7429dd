"""``blame`` on lines that no log explains: who notes, records and commits say wrote them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from evidence.notes import attest, nested_trace, note_text, put_note, put_traces
from histories.program import Program
from histories.scene import BEGIN, Scene, code
from tokencoach.clock import iso_utc
from tokencoach.demo.stage import Stage

if TYPE_CHECKING:
    from histories.program import Json

CURSOR = "6ef2299e-a67f-432b-aa80-3d2fb4d28999"


class Mixed:
    """A repository in which one session worked, and others of which no log is here."""

    def __init__(self, tmp: pytest.TempPathFactory) -> None:
        folder = tmp.mktemp("unmatched")
        self.stage = Stage(folder, BEGIN)
        self.scene = Scene(self.stage, "mixed")
        self.repo = self.scene.repo
        session = self.session = self.scene.session()
        session.prompt("Add the meters")
        session.write("meter.py", code("meter", 2))
        self._commit("Add the meters")
        self.cursor = self._human("cursor.py", 4)
        files = {"cursor.py": {"s_c9883b05a2487d::t_1": "1-2", "h_31dce776f88375": "3"}}
        agents = {"s_c9883b05a2487d": {"agent_id": {"tool": "cursor", "id": CURSOR}}}
        put_note(self.repo, self.cursor, note_text(files, agents))
        self.lost = self._human("lost.py", 2)
        put_note(self.repo, self.lost, note_text({"lost.py": {"d9978a8723e02b52": "1-2"}}, {}))
        self.shell = self._human("shell.py", 2)
        attest(self.repo, self.shell, "shell.py", "1-2", "claude", session.session_id)
        self.repo.person = ("Robin Example (aider)", "robin@example.invalid")
        self.aider = self._human("aided.py", 2, "aider: Add the aid")
        self.repo.person = ("Robin Example", "robin@example.invalid")
        self.signed = self._human("signed.py", 2, "Sign\n\nCo-Authored-By: Codex <noreply@openai.com>")
        self.plain = self._human("plain.py", 2)
        self.traced = self._human("traced.py", 2)
        at = iso_utc(self.stage.clock.now_ms)
        put_traces(
            self.repo,
            nested_trace(
                "traced.py", 1, 1, revision=self.traced, at=at, session="T-1", tool="github-copilot"
            ),
        )
        self.repo.git("mv", "cursor.py", "moved.py")
        self._commit("Move a file")
        self.program = Program(self.stage.home, folder / "state")
        self.program.ingest()

    def _human(self, path: str, lines: int, message: str = "Work") -> str:
        self.repo.human_write(path, code(path.partition(".")[0], lines))
        return self._commit(message)

    def _commit(self, message: str) -> str:
        self.stage.clock.advance(hours=1)
        return self.repo.commit(message)

    def blame(self, *arguments: str) -> list[Json]:
        """Blamed lines of a file or commit."""
        lines: list[Json] = self.program.run("blame", *arguments, cwd=self.repo.folder)["lines"]
        return lines

    def file(self, name: str) -> list[Json]:
        """Blamed lines of a file by its name."""
        return self.blame(str(self.repo.folder / name))


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Mixed:
    return Mixed(tmp_path_factory)


def test_a_line_of_an_assistant_without_log_names_it_and_its_commit(mixed: Mixed) -> None:
    line = mixed.file("moved.py")[0]
    assert (line["source"], line["session_id"], line["turn"]) == ("cursor", None, None)
    assert (line["commit"], line["method"], line["confidence"]) == (mixed.cursor, "note", 0.9)
    assert line["reason"] == "git-ai note says that Cursor wrote this line, whose log is not here"


def test_a_line_of_an_assistant_that_the_note_names_no_more_says_so(mixed: Mixed) -> None:
    line = mixed.file("lost.py")[0]
    assert (line["source"], line["session_id"]) == (None, None)
    assert line["reason"] == "git-ai note says that an assistant wrote this line, which no log here shows"


def test_a_line_that_a_person_was_seen_typing_says_so(mixed: Mixed) -> None:
    line = mixed.file("moved.py")[2]
    assert (line["source"], line["reason"]) == (None, "git-ai note says that a person typed this line")


def test_a_line_that_the_note_does_not_list_stays_unexplained(mixed: Mixed) -> None:
    line = mixed.file("moved.py")[3]
    assert line["source"] is None
    assert line["reason"] == "no assistant's edit in the logs wrote this line"


def test_a_line_of_a_logged_session_without_an_edit_names_the_session(mixed: Mixed) -> None:
    line = mixed.file("shell.py")[0]
    assert (line["session_id"], line["source"]) == (mixed.session.session_id, "claude-code")
    assert line["reason"].endswith("which its log does not show")


def test_aiders_commits_are_aiders(mixed: Mixed) -> None:
    (first, _) = mixed.file("aided.py")
    assert (first["source"], first["method"], first["commit"]) == ("aider", "commit", mixed.aider)
    assert first["session_id"] is None


def test_a_co_author_is_named_but_is_no_author_of_the_line(mixed: Mixed) -> None:
    line = mixed.file("signed.py")[0]
    assert line["source"] is None
    assert line["reason"].endswith("; the commit says co-authored by Codex")


def test_a_trace_record_names_an_assistant_without_log(mixed: Mixed) -> None:
    first, second = mixed.file("traced.py")
    assert (first["source"], first["method"]) == ("copilot", "trace")
    assert second["source"] is None


def test_a_commit_without_evidence_is_a_persons(mixed: Mixed) -> None:
    assert {line["source"] for line in mixed.blame("--commit", mixed.plain)} == {None}


def test_a_commits_own_lines_are_explained_alike(mixed: Mixed) -> None:
    lines = mixed.blame("--commit", mixed.cursor)
    assert [line["source"] for line in lines] == ["cursor", "cursor", None, None]


def test_lines_of_others_count_nowhere(mixed: Mixed) -> None:
    audit = mixed.program.audit("--repo", str(mixed.repo.folder))
    assert audit["lines"]["generated"] == audit["lines"]["landed"] == 2
    assert sum(bucket["tokens"] for bucket in audit["buckets"]) == mixed.scene.tokens
