"""What a person may say about a repository: where it is now, its phase, what counts as shipped."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from histories.program import Program, tokens_by_bucket
from histories.scene import AS_OF, BEGIN, Scene, code
from launching.launcher import launch
from tokencoach.demo.stage import Stage

if TYPE_CHECKING:
    from pathlib import Path


class OneProject:
    """A project with one committed edit, and the program over it."""

    def __init__(self, folder: Path) -> None:
        self.stage = Stage(folder, BEGIN)
        self.scene = Scene(self.stage, "project")
        self.folder = self.scene.repo.folder
        session = self.scene.session()
        session.prompt("Add the meters")
        session.write("meters.py", code("meter", 6))
        self.stage.clock.advance(hours=1)
        self.scene.repo.commit("Add the meters")
        self.program = Program(self.stage.home, folder / "state")

    def buckets(self) -> dict[str, int]:
        """Tokens by bucket, asked anew."""
        self.program.forget_answers()
        return tokens_by_bucket(self.program.audit(as_of=AS_OF))


@pytest.fixture
def project(tmp_path: Path) -> OneProject:
    return OneProject(tmp_path)


def test_repositories_are_listed_with_their_identity(project: OneProject) -> None:
    project.scene.repo.git(
        "remote", "add", "origin", "https://robin:secret@git.example.invalid/a/project.git"
    )
    project.program.ingest()
    (repo,) = project.program.run("repos", "list")["repos"]
    root = project.scene.repo.git("rev-list", "--max-parents=0", "HEAD").split()
    assert repo["path"] == str(project.folder)
    assert repo["root_commits"] == root
    assert (repo["default_branch"], repo["phase"], repo["state"]) == ("main", "production", "ok")
    assert repo["ship"] == "default-branch"
    assert "secret" not in str(repo["remotes"])


def test_a_link_tells_where_a_moved_repository_is_now(project: OneProject, tmp_path: Path) -> None:
    elsewhere = tmp_path / "other-disk" / "checkout"
    project.scene.repo.move(elsewhere)
    assert project.buckets() == {"unknown": project.scene.tokens}
    project.program.run("repos", "link", str(project.folder), str(elsewhere))
    assert project.buckets() == {"shipped": project.scene.tokens}


def test_a_repository_called_an_exploration_is_neutral(project: OneProject) -> None:
    assert project.buckets() == {"shipped": project.scene.tokens}
    project.program.run("repos", "phase", str(project.folder), "exploration")
    assert project.buckets() == {"neutral": project.scene.tokens}
    project.program.run("repos", "phase", str(project.folder), "production")
    assert project.buckets() == {"shipped": project.scene.tokens}


def test_with_the_tag_policy_only_tagged_work_has_shipped(project: OneProject) -> None:
    project.program.ingest()
    project.program.run("repos", "ship", str(project.folder), "tag")
    assert "shipped" not in project.buckets()
    project.scene.repo.tag("v1.0")
    assert project.buckets() == {"shipped": project.scene.tokens}


def test_landing_on_the_remote_twin_is_landing(project: OneProject) -> None:
    repo = project.scene.repo
    repo.push()
    repo.git("reset", "--quiet", "--hard", "HEAD~1")
    assert project.buckets() == {"shipped": project.scene.tokens}


def test_another_default_branch_can_be_named(project: OneProject) -> None:
    repo = project.scene.repo
    repo.git("branch", "release", "HEAD~1")
    project.program.ingest()
    project.program.run("repos", "ship", str(project.folder), "ref:release")
    assert "shipped" not in project.buckets()


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("refs/heads/release", "refs/heads/release"),
        ("origin/live", "refs/remotes/origin/live"),
        ("live", "refs/remotes/origin/live"),
        ("deployed", "refs/tags/deployed"),
        ("refs/deploy/live", "refs/deploy/live"),
    ],
)
def test_any_ref_can_be_what_ships_and_it_alone_counts(project: OneProject, name: str, meant: str) -> None:
    repo = project.scene.repo
    repo.git("update-ref", meant, "HEAD~1")
    project.program.ingest()
    project.program.run("repos", "ship", str(project.folder), f"ref:{name}")
    assert "shipped" not in project.buckets()
    repo.git("update-ref", meant, "HEAD")
    assert project.buckets() == {"shipped": project.scene.tokens}
    repo.git("update-ref", "-d", meant)
    assert "shipped" not in project.buckets()


def test_a_ref_that_is_not_there_is_refused(project: OneProject) -> None:
    project.program.ingest()
    done = launch(
        ["--logs-home", str(project.program.logs_home), "repos", "ship", str(project.folder), "ref:nowhere"],
        project.program.environment(),
    )
    assert (done.returncode, "has no ref 'nowhere'" in done.stderr.decode()) == (2, True)
