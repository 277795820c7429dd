"""Histories 28, 33, 34 and their kin: prototypes and their age, files that count nowhere, logs that tell too little."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from histories.program import Program, tokens_by_bucket
from histories.scene import AS_OF, BEGIN, Performance, Scene, code
from tokencoach.demo.stage import Stage

if TYPE_CHECKING:
    from pathlib import Path

    from histories.program import Json


def prototype_on_a_branch_that_the_log_does_not_name(scene: Scene) -> None:
    scene.repo.branch("spike/graph")
    session = scene.session("1.0")
    session.prompt("Try a graph database")
    session.write("graph.py", code("graph", 6))
    scene.clock.advance(hours=1)
    scene.repo.commit("Try a graph")
    scene.repo.checkout("main")


def prototype_that_was_promoted(scene: Scene) -> None:
    scene.repo.branch("proto/cache")
    session = scene.session()
    session.prompt("Try a cache")
    session.write("cache.py", code("cache", 6))
    scene.clock.advance(hours=1)
    scene.repo.commit("Try a cache")
    scene.repo.checkout("main")
    scene.clock.advance(days=2)
    scene.repo.merge("proto/cache")


def marked_as_generated(scene: Scene) -> None:
    scene.repo.human_write(
        ".gitattributes",
        "api/**/*.ts linguist-generated=true\n*.gen.py linguist-generated\n"
        "copied/** linguist-vendored\napi/kept.ts -linguist-generated\n",
    )
    scene.repo.human_write("web/lib/.gitattributes", "/tables/*.py -diff\n")
    scene.repo.commit("Say what is generated", at_ms=scene.clock.now_ms - 86_400_000)
    session = scene.session()
    session.prompt("Generate the client and use it")
    for path in ("api/v1/client.ts", "models.gen.py", "copied/lib/deep/parser.py", "web/lib/tables/zones.py"):
        session.write(path, code(path.replace("/", "_").replace(".", "_"), 40))
    session.write("api/kept.ts", code("kept", 5))
    scene.clock.advance(hours=1)
    scene.repo.commit("Use the client")


def only_generated(scene: Scene) -> None:
    session = scene.session()
    session.prompt("Update the lock file")
    session.write("poetry.lock", code("locked", 30))
    scene.clock.advance(hours=1)
    scene.repo.commit("Update the lock file")


PLAYS = (
    prototype_on_a_branch_that_the_log_does_not_name,
    prototype_that_was_promoted,
    marked_as_generated,
    only_generated,
)


@pytest.fixture(scope="module")
def performance(tmp_path_factory: pytest.TempPathFactory) -> Performance:
    return Performance(tmp_path_factory.mktemp("phases"), *PLAYS)


def _turns(performance: Performance, scene: Scene, as_of: str = AS_OF) -> list[Json]:
    (session,) = scene.sessions
    found: list[Any] = performance.program.run("sessions", "show", session.session_id, "--as-of", as_of)[
        "turns"
    ]
    return found


def test_a_branch_that_only_git_names_makes_a_prototype(performance: Performance) -> None:
    verdict = performance.verdict(prototype_on_a_branch_that_the_log_does_not_name)
    assert verdict.buckets == {"neutral": verdict.scene.tokens}


def test_a_prototype_that_nobody_promoted_in_30_days_has_expired(performance: Performance) -> None:
    scene = performance.scenes[prototype_on_a_branch_that_the_log_does_not_name]
    (young,) = _turns(performance, scene, "2026-02-20")
    (old,) = _turns(performance, scene)
    assert "never waste" in young["reason"]
    assert "promote it or bin it" in old["reason"]


def test_a_promoted_prototype_does_not_expire(performance: Performance) -> None:
    verdict = performance.verdict(prototype_that_was_promoted)
    assert verdict.buckets == {"neutral": verdict.scene.tokens}
    (turn,) = _turns(performance, verdict.scene)
    assert "never waste" in turn["reason"]


def test_files_that_the_repository_marks_as_generated_count_nowhere(performance: Performance) -> None:
    verdict = performance.verdict(marked_as_generated)
    assert verdict.lines["generated"] == verdict.lines["landed"] == 5
    assert verdict.buckets == {"shipped": verdict.scene.tokens}


def test_a_session_of_excluded_files_only_has_no_verdict(performance: Performance) -> None:
    verdict = performance.verdict(only_generated)
    assert verdict.buckets == {"unknown": verdict.scene.tokens}


def test_edits_whose_text_the_log_lost_are_unknown_not_neutral(tmp_path: Path) -> None:
    scene = Scene(Stage(tmp_path, BEGIN), "lost")
    session = scene.claude()
    session.prompt("Add the meters")
    session.write("meters.py", code("meter", 6))
    scene.clock.advance(hours=1)
    scene.repo.commit("Add the meters")
    lines = []
    for record in session.log.records:
        for block in record.get("message", {}).get("content", []):
            if isinstance(block, dict) and block.get("type") == "tool_use":
                block["input"] = {}
        record.pop("toolUseResult", None)
        lines.append(json.dumps(record))
    session.log.path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    program = Program(scene.stage.home, tmp_path / "state")
    (row,) = program.sessions(as_of=AS_OF).values()
    assert tokens_by_bucket(row) == {"unknown": scene.tokens}
    (turn,) = program.run("sessions", "show", session.session_id, "--as-of", AS_OF)["turns"]
    assert "does not hold" in turn["reason"]


def test_a_pattern_of_the_settings_marks_a_folder_until_it_is_taken_out(tmp_path: Path) -> None:
    scene = Scene(Stage(tmp_path, BEGIN), "patterns")
    session = scene.claude()
    session.prompt("Try a solver")
    session.write("labs/solver.py", code("solver", 6))
    program = Program(scene.stage.home, tmp_path / "state")
    settings = tmp_path / "state" / "tokencoach" / "settings.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text('[phases]\n"labs/**" = "exploration"\n"labs" = "production"\n', encoding="utf-8")
    (row,) = program.sessions(as_of=AS_OF).values()
    assert tokens_by_bucket(row) == {"neutral": scene.tokens}
    settings.write_text("", encoding="utf-8")
    (again,) = Program(scene.stage.home, tmp_path / "state").sessions(as_of=AS_OF).values()
    assert tokens_by_bucket(again) == {"not_landed": scene.tokens}


def test_a_phase_that_is_none_is_named_with_its_file(tmp_path: Path) -> None:
    program = Program(tmp_path, tmp_path / "state")
    settings = tmp_path / "state" / "tokencoach" / "settings.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text('[phases]\n"labs/**" = "spike"\n', encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "tokencoach", "usage"],
        env=program.environment(),
        capture_output=True,
        check=False,
    )
    assert done.returncode == 4
    assert b"settings.toml" in done.stderr
    assert b"exploration, prototype, production" in done.stderr
