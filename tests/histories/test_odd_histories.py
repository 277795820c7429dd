"""Shapes of history that break simple rules: many parents, rewritten branches, parts of a larger repository."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from histories.program import Program, tokens_by_bucket
from histories.scene import AS_OF, BEGIN, Performance, Scene, code
from tokencoach.demo.repository import run_git
from tokencoach.demo.stage import Stage

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def octopus(scene: Scene) -> None:
    for name in ("left", "right"):
        scene.repo.checkout("main")
        scene.repo.branch(name)
        session = scene.session("2.1" if name == "left" else "0.169")
        session.prompt(f"Build the {name} half")
        session.write(f"{name}.py", code(name, 6))
        scene.clock.advance(hours=1)
        scene.repo.commit(f"The {name} half")
    scene.repo.checkout("main")
    scene.clock.advance(days=1)
    scene.repo.git("merge", "--quiet", "-m", "Merge both halves", "left", "right")


def monorepo(scene: Scene) -> None:
    for part in ("services/billing", "services/search"):
        scene.repo.human_write(f"{part}/main.py", f"def main_of_it():\n    return '{part}'\n")
    scene.repo.commit("Two services", at_ms=scene.clock.now_ms - 86_400_000)
    for part in ("services/billing", "services/search"):
        session = scene.session("2.1", scene.repo.folder / part)
        session.prompt("Add the handlers")
        session.write("handlers.py", code(part.replace("/", "_"), 5) + code("shared", 3))
    scene.clock.advance(hours=1)
    scene.repo.commit("Handlers")


def edits_in_a_submodule(scene: Scene) -> None:
    inner = scene.stage.repository("inner-library")
    inner.human_write("inner.py", "def inner_of_a_person():\n    return 1\n")
    inner.commit("Begin", at_ms=scene.clock.now_ms - 86_400_000)
    scene.repo.git(
        "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner.folder), "lib"
    )
    scene.repo.commit("Add the library", at_ms=scene.clock.now_ms - 80_000_000)
    session = scene.session()
    session.prompt("Extend the library and use it")
    session.write("lib/more.py", code("more", 6))
    session.write("uses.py", code("uses", 4))
    scene.clock.advance(hours=1)
    run_git(scene.repo.folder / "lib", "add", "--all")
    names = {
        f"GIT_{who}_{what}": value
        for who in ("AUTHOR", "COMMITTER")
        for what, value in (
            ("NAME", "Robin Example"),
            ("EMAIL", "robin@example.invalid"),
            ("DATE", f"{scene.clock.now_ms // 1000} +0000"),
        )
    }
    run_git(scene.repo.folder / "lib", "commit", "--quiet", "-m", "More", environment=names)
    scene.repo.commit("Use the library")


def rewritten_after_landing(scene: Scene) -> None:
    session = scene.session()
    session.prompt("Add the meters")
    session.write("meters.py", code("meter", 7))
    scene.clock.advance(hours=1)
    scene.repo.commit("Add the metres")
    scene.clock.advance(days=4)
    scene.repo.git("commit", "--quiet", "--amend", "-m", "Add the meters")


def vendored_code(scene: Scene) -> None:
    session = scene.session()
    session.prompt("Vendor the library and call it")
    session.write("vendor/library/code.py", code("vendored", 200))
    session.write("third_party/other.py", code("other", 100))
    session.write("caller.py", code("caller", 5))
    scene.clock.advance(hours=1)
    scene.repo.commit("Vendor it")


def committed_in_parts_over_a_week(scene: Scene) -> None:
    session = scene.session()
    session.prompt("Add three parts to one file")
    session.write("parts.py", code("alpha", 4) + code("beta", 4) + code("gamma", 4))
    whole = scene.repo.read("parts.py")
    lines = whole.splitlines(keepends=True)
    for count in (4, 8, 12):
        scene.clock.advance(days=3)
        (scene.repo.folder / "parts.py").write_text("".join(lines[:count]), encoding="utf-8")
        scene.repo.commit(f"The first {count} lines")


def stashed_and_taken_back(scene: Scene) -> None:
    session = scene.session()
    session.prompt("Add the meters")
    session.write("meters.py", code("meter", 6))
    scene.repo.git("stash", "push", "--quiet", "--include-untracked")
    scene.clock.advance(days=16)
    scene.repo.git("stash", "pop", "--quiet")
    scene.repo.commit("Add the meters")


def cherry_picked_from_a_dead_branch(scene: Scene) -> None:
    scene.repo.branch("attempt")
    session = scene.session()
    session.prompt("Add two modules")
    session.write("keep.py", code("keep", 5))
    scene.clock.advance(hours=1)
    kept = scene.repo.commit("One to keep")
    session.prompt("And one more")
    session.write("drop.py", code("drop", 5))
    scene.clock.advance(hours=1)
    scene.repo.commit("One to drop")
    scene.repo.checkout("main")
    scene.clock.advance(days=2)
    scene.repo.cherry_pick(kept)
    scene.repo.delete_branch("attempt")


def subtree_moved_up(scene: Scene) -> None:
    session = scene.session()
    session.prompt("Add the package")
    session.write("python/package/core.py", code("core", 6))
    session.write("python/package/edge.py", code("edge", 6))
    scene.clock.advance(hours=1)
    scene.repo.commit("Add the package")
    scene.clock.advance(days=3)
    scene.repo.rename("python/package", "package")
    scene.repo.commit("Up one floor")
    session.prompt("Extend it at its new place")
    session.edit("package/core.py", "core_total_5 =", code("extra", 3) + "core_total_5 =")
    scene.clock.advance(hours=1)
    scene.repo.commit("Extend it")


SHIPPED = (
    (octopus, 12),
    (monorepo, 16),
    (rewritten_after_landing, 7),
    (vendored_code, 5),
    (committed_in_parts_over_a_week, 12),
    (stashed_and_taken_back, 6),
    (subtree_moved_up, 15),
)


@pytest.fixture(scope="module")
def performance(tmp_path_factory: pytest.TempPathFactory) -> Performance:
    plays = [play for play, _ in SHIPPED]
    return Performance(
        tmp_path_factory.mktemp("odd-histories"),
        *plays,
        edits_in_a_submodule,
        cherry_picked_from_a_dead_branch,
    )


@pytest.mark.parametrize(("play", "lines"), SHIPPED)
def test_odd_histories_ship_all_the_same(
    performance: Performance, play: Callable[[Scene], None], lines: int
) -> None:
    verdict = performance.verdict(play)
    assert verdict.lines["landed"] == verdict.lines["generated"] == lines
    assert verdict.buckets == {"shipped": verdict.scene.tokens}


def test_edits_in_a_submodule_count_in_the_submodules_own_repository(performance: Performance) -> None:
    (session,) = performance.scenes[edits_in_a_submodule].sessions
    row = performance.session(session)
    assert tokens_by_bucket(row) == {"shipped": row["tokens"]}
    assert row["lines"]["landed"] == 10


def test_what_was_picked_ships_and_the_rest_of_its_branch_is_stranded(performance: Performance) -> None:
    verdict = performance.verdict(cherry_picked_from_a_dead_branch)
    second = verdict.scene.turn_tokens(verdict.scene.sessions[0], 2)
    assert verdict.buckets == {"shipped": verdict.scene.tokens - second, "not_landed": second}
    assert verdict.waste == {"stranded": second}


def test_a_branch_rebuilt_from_other_commits_keeps_its_verdicts(tmp_path: Path) -> None:
    stage = Stage(tmp_path, BEGIN)
    scene = Scene(stage, "rebuilt")
    session = scene.session()
    session.prompt("Add the meters")
    session.write("meters.py", code("meter", 6))
    scene.clock.advance(hours=1)
    scene.repo.commit("Add the meters")
    scene.repo.human_write("later.md", "A later note of a person\n")
    scene.repo.commit("A note")
    program = Program(stage.home, tmp_path / "state")
    before = tokens_by_bucket(program.audit(as_of=AS_OF))
    # Without the variable git warns of its own command and waits ten seconds.
    rebuild = ("filter-branch", "--force", "--msg-filter", "sed s/Add/Introduce/", "main")
    run_git(scene.repo.folder, *rebuild, environment={"FILTER_BRANCH_SQUELCH_WARNING": "1"})
    program.forget_answers()
    assert tokens_by_bucket(program.audit(as_of=AS_OF)) == before == {"shipped": scene.tokens}
