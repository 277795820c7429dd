"""Histories 28 to 32, 46 to 48, 50: odd files, odd clocks, and work that is no code of the project."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from histories.scene import GENERATIONS, Performance, Scene, code, human_code
from tokencoach.demo.repository import run_git

if TYPE_CHECKING:
    from collections.abc import Callable


def lock_file(scene: Scene) -> None:
    session = scene.session()
    session.prompt("Add a dependency and use it")
    session.write(
        "package-lock.json", "{\n" + "".join(f'  "dep{n}": "1.{n}.0",\n' for n in range(40)) + "}\n"
    )
    session.write("client.js", code("client", 5))
    scene.clock.advance(hours=1)
    scene.repo.commit("Add a dependency")


def only_braces(scene: Scene) -> None:
    session = scene.session()
    session.prompt("Close the blocks")
    session.write("blocks.js", "{\n  {\n    }\n  }\n}\n")
    scene.clock.advance(hours=1)
    scene.repo.commit("Close the blocks")


def same_line_stood_elsewhere(scene: Scene) -> None:
    scene.repo.human_write("old.py", code("shared", 5))
    scene.repo.commit("The original", at_ms=scene.clock.now_ms - 3 * 86_400_000)
    session = scene.session()
    session.prompt("Do the same here")
    session.write("copy.py", code("shared", 5))
    (scene.repo.folder / "copy.py").unlink()
    scene.clock.advance(hours=1)
    scene.repo.human_write("old.py", scene.repo.read("old.py") + "print(shared_total_1, shared_total_2)\n")
    scene.repo.commit("Print the totals")


def only_questions(scene: Scene) -> None:
    for generation in GENERATIONS:
        session = scene.session(generation)
        session.prompt("How does the service start?")
        session.read("app.py")
        session.bash("ls", "README.md app.py")
        session.say("It reads its settings first.")


def plan_outside(scene: Scene) -> None:
    session = scene.session()
    session.prompt("Plan the work")
    session.write(str(scene.stage.home / ".claude" / "plans" / "plan.md"), code("plan", 12))


def crlf_without_last_newline(scene: Scene) -> None:
    (scene.repo.folder / "legacy.ini").write_bytes(b"[start]\r\nname_of_thing=1\r\nlast_one=2")
    scene.repo.commit("Legacy settings", at_ms=scene.clock.now_ms - 86_400_000)
    session = scene.session()
    session.prompt("Add the new settings")
    session.edit("legacy.ini", "last_one=2", "middle_one=3\nreally_last_one=4")
    scene.clock.advance(hours=1)
    scene.repo.commit("Add settings")


def odd_names_and_bytes(scene: Scene) -> None:
    session = scene.session()
    session.prompt("Add the odd ones")
    session.write("a folder/wei\"rd 'na\nme'\t.py", code("odd", 4))
    session.write("données/été.py", code("accent", 4))
    latin = scene.repo.folder / "latin.txt"
    session.write("latin.txt", code("latin", 4))
    latin.write_bytes(latin.read_bytes() + b"caf\xe9 cr\xe8me br\xfbl\xe9e\n")
    scene.clock.advance(hours=1)
    scene.repo.commit("Add odd files")


def submodule_symlink_binary(scene: Scene) -> None:
    folder = scene.repo.folder
    run_git(folder, "init", "--quiet", "--template=", "vendor-module")
    head = scene.repo.head()
    scene.repo.git("update-index", "--add", "--cacheinfo", f"160000,{head},module")
    (folder / "link.py").symlink_to("app.py")
    (folder / "picture.png").write_bytes(bytes(range(256)) * 8)
    session = scene.session()
    session.prompt("Add a module beside them")
    session.write("beside.py", code("beside", 5))
    scene.clock.advance(hours=1)
    scene.repo.git("add", "link.py", "picture.png", "beside.py")
    scene.repo.git("commit", "--quiet", "-m", "Add odd entries")


def other_clock(scene: Scene) -> None:
    session = scene.session()
    session.prompt("Add the clock")
    session.write("clockwork.py", code("clock", 6))
    scene.repo.zone = "+0930"
    ten_minutes_ago = scene.clock.now_ms - 600_000
    scene.repo.commit("Add the clock", at_ms=ten_minutes_ago)


def kept_settings(scene: Scene) -> None:
    session = scene.session()
    session.prompt("Write the settings file again, with one more")
    session.write("app.py", human_code(8) + "SETTING_OF_MINE = read_setting('mine')\n")
    scene.clock.advance(hours=1)
    scene.repo.commit("One more setting")


PLAYS = (
    lock_file,
    only_braces,
    same_line_stood_elsewhere,
    only_questions,
    plan_outside,
    crlf_without_last_newline,
    odd_names_and_bytes,
    submodule_symlink_binary,
    other_clock,
    kept_settings,
)


@pytest.fixture(scope="module")
def performance(tmp_path_factory: pytest.TempPathFactory) -> Performance:
    return Performance(tmp_path_factory.mktemp("odd"), *PLAYS)


def test_a_lock_file_counts_nowhere(performance: Performance) -> None:
    verdict = performance.verdict(lock_file)
    assert verdict.lines["generated"] == verdict.lines["landed"] == 5
    assert verdict.buckets == {"shipped": verdict.scene.tokens}


def test_a_file_of_braces_gives_no_verdict(performance: Performance) -> None:
    verdict = performance.verdict(only_braces)
    assert verdict.lines["generated"] == 0
    assert sum(verdict.buckets.values()) == verdict.scene.tokens
    assert verdict.buckets.keys() <= {"neutral", "unknown"}


def test_a_line_that_stood_elsewhere_before_is_not_credited(performance: Performance) -> None:
    verdict = performance.verdict(same_line_stood_elsewhere)
    assert verdict.lines["landed"] == 0
    assert verdict.buckets == {"not_landed": verdict.scene.tokens}


def test_sessions_of_questions_are_neutral(performance: Performance) -> None:
    verdict = performance.verdict(only_questions)
    assert verdict.buckets == {"neutral": verdict.scene.tokens}
    for session in verdict.scene.sessions:
        assert performance.session(session)["verdict"] == "neutral"


def test_a_plan_outside_the_repository_is_neutral(performance: Performance) -> None:
    verdict = performance.verdict(plan_outside)
    assert verdict.buckets == {"neutral": verdict.scene.tokens}
    assert verdict.lines["generated"] == 0


@pytest.mark.parametrize(
    ("play", "lines"),
    [
        (crlf_without_last_newline, 2),
        (odd_names_and_bytes, 12),
        (submodule_symlink_binary, 5),
        (other_clock, 6),
    ],
)
def test_odd_files_and_clocks_ship_all_the_same(
    performance: Performance, play: Callable[[Scene], None], lines: int
) -> None:
    verdict = performance.verdict(play)
    assert verdict.lines["landed"] == verdict.lines["generated"] == lines
    assert verdict.buckets == {"shipped": verdict.scene.tokens}


def test_a_file_written_again_generates_only_what_is_new(performance: Performance) -> None:
    verdict = performance.verdict(kept_settings)
    assert verdict.lines["generated"] == verdict.lines["landed"] == 1
    assert verdict.buckets == {"shipped": verdict.scene.tokens}
