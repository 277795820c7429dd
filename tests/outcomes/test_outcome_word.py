"""The person's own word on a feature: said, changed, taken back, and kept through every rebuild."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from histories.scene import Performance, Scene, code

if TYPE_CHECKING:
    from pathlib import Path

    from histories.program import Json


def shipped_twice(scene: Scene) -> None:
    session = scene.session()
    session.prompt("Add the ledger")
    session.write("ledger.py", code("ledger", 8))
    scene.repo.commit("Add the ledger (#12)")
    scene.clock.advance(days=1)
    session.prompt("Add the invoice")
    session.write("invoice.py", code("invoice", 8))
    scene.repo.commit("feat: add the invoice")


@pytest.fixture
def acted(tmp_path: Path) -> Performance:
    """The play, read once."""
    return Performance(tmp_path, shipped_twice)


def _said(acted: Performance, *word: str) -> dict[str, str]:
    acted.program.forget_answers()
    audit: Json = acted.program.audit(*(("--outcome", *word) if word else ()))
    return {item["title"]: item["outcome"] for item in audit["features"]["items"]}


def _refused(acted: Performance, *arguments: str) -> str:
    command = [
        sys.executable,
        "-m",
        "tokencoach",
        "--logs-home",
        str(acted.program.logs_home),
        "audit",
        *arguments,
    ]
    done = subprocess.run(command, env=acted.program.environment(), capture_output=True, check=False)
    assert done.returncode == 2
    assert done.stdout == b""
    return done.stderr.decode()


def test_an_outcome_is_unknown_until_it_is_said(acted: Performance) -> None:
    assert _said(acted) == {"add the invoice": "unknown", "Add the ledger": "unknown"}


def test_a_word_is_kept_changed_and_taken_back(acted: Performance) -> None:
    assert _said(acted, "#12", "used")["Add the ledger"] == "used"
    assert _said(acted)["Add the ledger"] == "used"
    assert _said(acted, "12", "not-used")["Add the ledger"] == "not used"
    assert _said(acted, "#12", "unknown")["Add the ledger"] == "unknown"


def test_a_feature_is_named_by_any_of_its_commits(acted: Performance) -> None:
    sha = acted.scenes[shipped_twice].repo.head()
    assert _said(acted, sha[:7], "harmed") == {"add the invoice": "harmed", "Add the ledger": "unknown"}


def test_a_word_survives_new_commits_a_moved_repository_and_a_rewritten_history(acted: Performance) -> None:
    scene = acted.scenes[shipped_twice]
    _said(acted, "#12", "used")
    scene.repo.human_write("README.md", "# Anew\n")
    scene.repo.commit("chore: words")
    scene.repo.git("commit", "--quiet", "--amend", "-m", "chore: other words")
    assert _said(acted)["Add the ledger"] == "used"
    scene.repo.move(scene.repo.folder.with_name("elsewhere"))
    assert _said(acted)["Add the ledger"] == "used"


def in_two_clones(scene: Scene) -> None:
    session = scene.session()
    session.prompt("Add the ledger")
    session.write("ledger.py", code("ledger", 8))
    scene.repo.commit("Add the ledger (#12)")
    clone = scene.stage.folder / "code" / "clone"
    scene.repo.git("clone", "--quiet", str(scene.repo.folder), str(clone))
    other = scene.session(where=clone)
    other.prompt("Add the invoice")
    other.write("invoice.py", code("invoice", 8))
    scene.repo.git("-C", str(clone), "add", "--all")
    scene.repo.git("-C", str(clone), "commit", "--quiet", "-m", "Add the invoice (#12)")


def test_two_clones_of_one_repository_share_a_word(tmp_path: Path) -> None:
    audit = Performance(tmp_path, in_two_clones).program.audit("--outcome", "#12", "used")
    assert [item["outcome"] for item in audit["features"]["items"]] == ["used", "used"]
    assert len({item["repo"] for item in audit["features"]["items"]}) == 2


@pytest.mark.parametrize(
    ("word", "wanted"),
    [
        (("#99", "used"), "no feature '#99' has landed"),
        (("abc", "used"), "'abc' names no feature"),
        (("#12", "great"), "'great' is no outcome"),
        (("0000000000", "used"), "no feature '0000000000' has landed"),
    ],
)
def test_a_word_that_makes_no_sense_is_refused_with_its_mend(
    acted: Performance, word: tuple[str, str], wanted: str
) -> None:
    said = _refused(acted, "--outcome", *word)
    assert wanted in said
    assert "mend: " in said


def test_text_and_markdown_show_features_outcomes_and_the_score(acted: Performance) -> None:
    _said(acted, "#12", "used")
    command = [
        sys.executable,
        "-m",
        "tokencoach",
        "--logs-home",
        str(acted.program.logs_home),
        "--tz",
        "UTC",
        "audit",
    ]
    span = ("--since", "2026-01-01", "--until", "2026-12-31")
    texts = [
        subprocess.run(
            [*command, *span, *form], env=acted.program.environment(), capture_output=True, check=True
        ).stdout.decode()
        for form in ((), ("--markdown",))
    ]
    for text in texts:
        assert "2 features shipped" in text
        assert "#12 Add the ledger" in text
        assert "used" in text
        assert "Score: not enough data: 0 of 3 features shipped and reviewed" in text
        assert "Reviewed: 0 of 16 landed lines" in text
    shown = texts[0].partition("2 features")[2].partition("Lines:")[0]
    assert [line for line in shown.splitlines() if len(line) > 80] == []
