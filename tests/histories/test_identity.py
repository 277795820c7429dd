"""Histories 20, 37 to 39, 49: which repository a session worked in, and what its git still holds."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from histories.program import Program, tokens_by_bucket
from histories.scene import AS_OF, BEGIN, Generation, Performance, Scene, code
from tokencoach.demo.stage import Stage

if TYPE_CHECKING:
    from pathlib import Path


def two_worktrees(scene: Scene) -> None:
    beside = scene.repo.worktree(scene.stage.folder / "code" / "beside", "feature")
    left, right = scene.session(), scene.session("0.169", beside)
    left.prompt("Build the left half")
    right.prompt("Build the right half")
    left.write("left.py", code("left", 6))
    right.write("right.py", code("right", 8))
    left.say("Left is done.")
    right.say("Right is done.")
    scene.clock.advance(hours=1)
    scene.repo.commit("Left half")
    beside.commit("Right half")
    scene.clock.advance(days=1)
    scene.repo.merge("feature")


def deleted_from_disk(scene: Scene) -> None:
    session = scene.session()
    session.prompt("Add the meters")
    session.write("meters.py", code("vanished", 6))
    shutil.rmtree(scene.repo.folder)


def blob_is_missing(scene: Scene) -> None:
    session = scene.session()
    session.prompt("Add the meters")
    session.write("meters.py", code("lost", 6))
    scene.clock.advance(hours=1)
    scene.repo.commit("Add the meters")
    blob = scene.repo.git("rev-parse", "HEAD:meters.py").strip()
    (scene.repo.folder / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    scene.repo.git("config", "remote.origin.url", "https://example.invalid/none.git")
    scene.repo.git("config", "remote.origin.promisor", "true")
    scene.repo.git("config", "remote.origin.partialclonefilter", "blob:none")


PLAYS = (two_worktrees, deleted_from_disk, blob_is_missing)


@pytest.fixture(scope="module")
def performance(tmp_path_factory: pytest.TempPathFactory) -> Performance:
    return Performance(tmp_path_factory.mktemp("identity"), *PLAYS)


def test_parallel_sessions_in_two_worktrees_keep_their_own_lines(performance: Performance) -> None:
    left, right = (performance.session(session) for session in performance.scenes[two_worktrees].sessions)
    assert left["repo"] == right["repo"] is not None
    assert (left["lines"]["landed"], right["lines"]["landed"]) == (6, 8)
    for row in (left, right):
        assert tokens_by_bucket(row) == {"shipped": row["tokens"]}


@pytest.mark.parametrize("generation", ["2.1", "0.169"])
def test_a_repository_renamed_on_disk_is_found_by_its_root_commit(
    tmp_path: Path, generation: Generation
) -> None:
    scene = Scene(Stage(tmp_path, BEGIN), "before")
    _meters(scene, "meters", generation)
    program = Program(scene.stage.home, tmp_path / "state")
    program.ingest()
    scene.repo.move(tmp_path / "elsewhere" / "renamed")
    _meters(scene, "scales", "2.1")
    rows = program.sessions(as_of=AS_OF).values()
    assert {row["repo"] for row in rows} == {str(scene.repo.folder)}
    assert [tokens_by_bucket(row) for row in rows] == [{"shipped": row["tokens"]} for row in rows]


def test_a_codex_log_names_the_commit_by_which_a_moved_repository_is_found(tmp_path: Path) -> None:
    scene = Scene(Stage(tmp_path, BEGIN), "before")
    _meters(scene, "meters", "0.169")
    scene.repo.move(tmp_path / "elsewhere" / "renamed")
    _meters(scene, "scales", "0.169")
    rows = Program(scene.stage.home, tmp_path / "state").sessions(as_of=AS_OF).values()
    assert {row["repo"] for row in rows} == {str(scene.repo.folder)}
    assert [tokens_by_bucket(row) for row in rows] == [{"shipped": row["tokens"]} for row in rows]


def _meters(scene: Scene, topic: str, generation: Generation) -> None:
    session = scene.session(generation)
    session.prompt(f"Add the {topic}")
    session.write(f"{topic}.py", code(topic, 6))
    scene.clock.advance(hours=1)
    scene.repo.commit(f"Add the {topic}")


def test_a_deleted_repository_is_unknown(performance: Performance) -> None:
    (session,) = performance.scenes[deleted_from_disk].sessions
    row = performance.session(session)
    assert tokens_by_bucket(row) == {"unknown": row["tokens"]}
    assert (row["lines"]["generated"], row["lines"]["unknown"]) == (6, 6)


def test_a_missing_blob_is_unknown_not_waste(performance: Performance) -> None:
    (session,) = performance.scenes[blob_is_missing].sessions
    row = performance.session(session)
    assert tokens_by_bucket(row) == {"unknown": row["tokens"]}


def test_a_rewound_default_branch_withdraws_its_landings(tmp_path: Path) -> None:
    stage = Stage(tmp_path, BEGIN)
    scene = Scene(stage, "rewound")
    session = scene.session()
    session.prompt("Add the meters")
    session.write("meters.py", code("meter", 6))
    scene.clock.advance(hours=1)
    scene.repo.commit("Add the meters")
    program = Program(stage.home, tmp_path / "state")
    assert tokens_by_bucket(program.audit(as_of=AS_OF)) == {"shipped": scene.tokens}
    scene.repo.git("reset", "--quiet", "--hard", "HEAD~1")
    program.forget_answers()
    assert tokens_by_bucket(program.audit(as_of=AS_OF)) == {"not_landed": scene.tokens}
    scene.repo.git("reset", "--quiet", "--hard", "HEAD@{1}")
    program.forget_answers()
    assert tokens_by_bucket(program.audit(as_of=AS_OF)) == {"shipped": scene.tokens}
