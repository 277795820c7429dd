"""Reviews from GitHub: only after an opt-in, by a program that stands in for ``gh``, never by the network."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from histories.program import Program
from histories.scene import Performance, Scene, code
from tokencoach.git.forge import github_name

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

ANSWER = {
    "author": {"login": "robin"},
    "createdAt": "2026-02-02T10:00:00Z",
    "mergedAt": "2026-02-03T10:00:00Z",
    "reviews": [
        {"author": {"login": "sam"}, "submittedAt": "2026-02-02T12:00:00Z"},
        {"author": {"login": "sam"}, "submittedAt": "2026-02-02T12:03:00Z"},
        {"author": {"login": "robin"}, "submittedAt": "2026-02-02T13:00:00Z"},
        {"author": {"login": "linter[bot]"}, "submittedAt": "2026-02-02T10:01:00Z"},
        {"author": None, "submittedAt": "2026-02-02T10:01:00Z"},
    ],
}


def squashed_request(scene: Scene) -> None:
    scene.repo.git("remote", "add", "origin", "git@github.com:example/bakery.git")
    session = scene.session()
    session.prompt("Add the oven")
    session.write("oven.py", code("oven", 6))
    scene.clock.advance(hours=3)
    scene.repo.commit("Add the oven (#5)")


class _Machine:
    """An acted home and a stand-in for gh that writes down how it was called."""

    def __init__(self, folder: Path, answer: str, code: int = 0) -> None:
        self.tools = folder / "tools"
        self.tools.mkdir()
        self.calls = self.tools / "calls"
        gh = self.tools / "gh"
        (self.tools / "answer").write_text(answer)
        gh.write_text(
            f'#!/bin/sh\necho "$PWD $* ${{GH_PROMPT_DISABLED}} ${{GIT_DIR:-none}}" >> {self.calls}\n'
            f"cat {self.tools}/answer\nexit {code}\n"
        )
        gh.chmod(0o755)
        self.acted = Performance(folder, squashed_request)
        self.program = _WithTools(self.acted.stage.home, folder / "own")
        self.program.tools = self.tools

    def opt_in(self) -> None:
        """Write the setting."""
        file = self.program.state / "tokencoach" / "settings.toml"
        file.parent.mkdir(parents=True)
        file.write_text("review_from_gh = true\n")

    def item(self) -> dict[str, object]:
        """The one feature, after reading what is new."""
        self.program.forget_answers()
        self.acted.scenes[squashed_request].repo.git("update-ref", f"refs/heads/x{len(self.asked())}", "HEAD")
        (item,) = self.program.audit(as_of="2026-06-30")["features"]["items"]
        assert isinstance(item, dict)
        return item

    def asked(self) -> list[str]:
        """How the stand-in was called."""
        return self.calls.read_text().splitlines() if self.calls.exists() else []


class _WithTools(Program):
    """The program with a folder of stand-ins first on its PATH."""

    tools: Path

    def environment(self) -> Mapping[str, str]:
        """As usual, but for PATH."""
        own = dict(super().environment())
        return own | {"PATH": f"{self.tools}:{own['PATH']}", "GIT_DIR": "/nowhere"}


def test_nothing_is_asked_without_an_opt_in(tmp_path: Path) -> None:
    machine = _Machine(tmp_path, json.dumps(ANSWER))
    assert machine.item()["reviewed_by"] == []
    assert machine.asked() == []


def test_after_an_opt_in_each_request_is_asked_about_once_and_only_others_reviews_count(
    tmp_path: Path,
) -> None:
    machine = _Machine(tmp_path, json.dumps(ANSWER))
    machine.opt_in()
    item = machine.item()
    assert item["reviewed_by"] == ["gh"]
    assert item["review_hours"] == pytest.approx(8 / 60, abs=1e-3)
    machine.item()
    (call,) = machine.asked()
    folder, _, said = call.partition(" ")
    assert str(tmp_path) not in folder
    assert (
        said == "pr view 5 --repo github.com/example/bakery --json author,createdAt,mergedAt,reviews 1 none"
    )


@pytest.mark.parametrize(("answer", "code"), [("not json", 0), ('{"author": 5}', 0), ("", 4)])
def test_a_forge_without_a_sensible_answer_changes_nothing_and_is_left_alone(
    tmp_path: Path, answer: str, code: int
) -> None:
    machine = _Machine(tmp_path, answer, code)
    machine.opt_in()
    assert machine.item()["reviewed_by"] == []
    assert machine.item()["reviewed_by"] == []
    assert len(machine.asked()) == 1


def test_only_one_plain_repository_on_github_is_asked_about() -> None:
    assert github_name(["github.com/example/bakery"]) == "example/bakery"
    assert github_name(["gitlab.com/example/bakery"]) is None
    assert github_name(["github.com/example/bakery", "github.com/other/bakery"]) is None
    assert github_name(["github.com/--repo/evil", "github.com/a/b/c", "/github.com/a/b"]) is None
