"""``blame`` names the session and turn of every line that an assistant wrote, and no other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from histories.program import Program
from histories.scene import BEGIN, Scene, code
from tokencoach.demo.stage import Stage

if TYPE_CHECKING:
    from pathlib import Path


class Mixed:
    """A file of two assistants' lines and a person's."""

    def __init__(self, tmp: pytest.TempPathFactory) -> None:
        folder = tmp.mktemp("blame")
        self.stage = Stage(folder, BEGIN)
        self.scene = Scene(self.stage, "mixed")
        first = self.scene.session()
        first.prompt("Add the meters")
        first.write("meters.py", code("meter", 5))
        self.scene.repo.human_write("meters.py", self.scene.repo.read("meters.py") + code("human", 3))
        self.stage.clock.advance(hours=1)
        self.scene.repo.commit("Add the meters")
        second = self.scene.session("0.169")
        second.prompt("What is this?")
        second.read("meters.py")
        second.prompt("Then add the scales")
        second.edit("meters.py", "human_total_0", "scaled_total_0 = weigh_scale(1)\nhuman_total_0")
        self.stage.clock.advance(hours=1)
        self.commit = self.scene.repo.commit("Add the scales")
        self.program = Program(self.stage.home, folder / "state")
        self.program.ingest()


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Mixed:
    return Mixed(tmp_path_factory)


def test_each_line_of_a_file_names_its_session_and_turn(mixed: Mixed) -> None:
    file = mixed.scene.repo.folder / "meters.py"
    lines = mixed.program.run("blame", str(file))["lines"]
    truth = {line.text: line for line in mixed.stage.truth.lines if line.path == "meters.py"}
    texts = file.read_text(encoding="utf-8").splitlines()
    assert [line["line"] for line in lines] == list(range(1, len(texts) + 1))
    for line, text in zip(lines, texts, strict=True):
        assert (line["session_id"], line.get("turn")) == (truth[text].session_id, truth[text].turn)
        assert line["path"] == "meters.py"
        assert line["session_id"] or line["reason"]


def test_a_commits_lines_are_only_those_it_added(mixed: Mixed) -> None:
    command = ("blame", "--commit", mixed.commit)
    (line,) = mixed.program.run(*command, cwd=mixed.scene.repo.folder)["lines"]
    assert (line["source"], line["turn"], line["commit"]) == ("codex", 2, mixed.commit)
    assert line["session_id"] == mixed.scene.sessions[1].session_id


def test_a_commit_of_a_repository_elsewhere_is_named_with_repo(mixed: Mixed, tmp_path: Path) -> None:
    folder = mixed.scene.repo.folder
    here = mixed.program.run("blame", "--commit", mixed.commit, cwd=folder)
    for named in (str(folder), folder.name):
        assert mixed.program.run("blame", "--commit", mixed.commit, "--repo", named, cwd=tmp_path) == here
    lines = mixed.program.run("blame", "meters.py", "--repo", str(folder), cwd=tmp_path)["lines"]
    assert lines == mixed.program.run("blame", str(folder / "meters.py"))["lines"]
