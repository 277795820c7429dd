"""Diffs that one call writes to a file outside the repository, and another call applies, or none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from histories.harbour import parts
from histories.scene import GENERATIONS, Performance, Scene

if TYPE_CHECKING:
    from collections.abc import Callable

    from histories.scene import Generation

    Play = Callable[[Scene], None]


def _drawn(scene: Scene, path: str, text: str) -> str:
    """The diff that makes a file this text; the working tree is left as it was."""
    scene.repo.human_write(path, text)
    scene.repo.git("add", "--intent-to-add", path)
    diff = scene.repo.git("diff", "--", path)
    scene.repo.git("reset", "--quiet", "--hard")
    return diff


def _applied(scene: Scene, path: str, text: str) -> None:
    (scene.repo.folder / path).write_text(text, encoding="utf-8")
    scene.committed()


def _by_heredoc(generation: Generation) -> Play:
    def play(scene: Scene) -> None:
        text = scene.repo.read("app.py") + parts("anchor", "barge")
        session = scene.session(generation)
        session.prompt("Go on")
        session.bash(f"cat > /tmp/harbour.diff <<'EOF'\n{_drawn(scene, 'app.py', text)}EOF", "")
        session.bash("git apply --check /tmp/harbour.diff", "")
        session.bash("git apply /tmp/harbour.diff", "")
        _applied(scene, "app.py", text)

    play.__name__ = f"by_heredoc_{generation}"
    return play


def by_the_tool_that_writes_files(scene: Scene) -> None:
    text = parts("anchor", "barge")
    session = scene.asked()
    place = scene.stage.folder / "drafts" / "harbour.patch"
    session.write(str(place), _drawn(scene, "new.py", text))
    session.bash(f"patch -p1 < {place}", "patching file new.py")
    _applied(scene, "new.py", text)


def applied_at_the_second_attempt_in_another_turn(scene: Scene) -> None:
    text = scene.repo.read("app.py") + parts("anchor", "barge")
    session = scene.asked()
    session.bash(f"cat > /tmp/my-patch.txt <<'EOF'\n{_drawn(scene, 'app.py', text)}EOF", "")
    session.bash("git apply /tmp/my-patch.txt", "error: patch failed", exit_code=1)
    session.prompt("Try a three-way merge")
    session.bash("git apply --3way /tmp/my-patch.txt", "")
    _applied(scene, "app.py", text)


def never_applied(scene: Scene) -> None:
    diff = _drawn(scene, "app.py", scene.repo.read("app.py") + parts("crane", "dock"))
    session = scene.asked()
    session.bash(f"cat > /tmp/proposal.diff <<'EOF'\n{diff}EOF", "")
    session.say("There it lies.")


def never_applied_beside_an_edit(scene: Scene) -> None:
    diff = _drawn(scene, "app.py", scene.repo.read("app.py") + parts("crane", "dock"))
    session = scene.asked()
    session.bash(f"cat > /tmp/proposal.diff <<'EOF'\n{diff}EOF", "")
    session.write("other.py", parts("engine", "ferry"))
    scene.committed()


def drawn_from_what_a_person_wrote(scene: Scene) -> None:
    session = scene.asked()
    scene.repo.human_write("own.py", parts("gale", "hull"))
    session.bash("git diff > /tmp/own.diff && git stash && git apply /tmp/own.diff", "")
    session.say("It is back.")
    scene.committed()


APPLIED = (
    *map(_by_heredoc, GENERATIONS),
    by_the_tool_that_writes_files,
    applied_at_the_second_attempt_in_another_turn,
)


@pytest.fixture(scope="module")
def performance(tmp_path_factory: pytest.TempPathFactory) -> Performance:
    others = (never_applied, never_applied_beside_an_edit, drawn_from_what_a_person_wrote)
    return Performance(tmp_path_factory.mktemp("written-diffs"), *APPLIED, *others)


@pytest.mark.parametrize("play", APPLIED, ids=lambda play: play.__name__)
def test_a_diff_that_was_written_down_and_applied_ships(performance: Performance, play: Play) -> None:
    verdict = performance.verdict(play)
    assert verdict.buckets == {"shipped": verdict.scene.tokens}
    assert verdict.lines["landed"] == verdict.lines["generated"] == 8
    (session,) = verdict.scene.sessions
    assert performance.session(session)["confidence"] <= 0.6


def test_a_diff_that_nothing_applied_is_a_note(performance: Performance) -> None:
    verdict = performance.verdict(never_applied)
    assert verdict.buckets == {"neutral": verdict.scene.tokens}
    beside = performance.verdict(never_applied_beside_an_edit)
    assert beside.buckets == {"shipped": beside.scene.tokens}
    assert beside.lines["generated"] == 8


def test_a_diff_that_git_drew_has_no_author(performance: Performance) -> None:
    verdict = performance.verdict(drawn_from_what_a_person_wrote)
    assert verdict.bucket("shipped") == verdict.bucket("not_landed") == 0
