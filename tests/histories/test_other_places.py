"""Work that reaches the repository from elsewhere: a forge's own commit, a worktree of any name, a sketch of a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from histories.harbour import part, parts
from histories.retold import retold
from histories.scene import Performance, Scene

if TYPE_CHECKING:
    from collections.abc import Callable

    Play = Callable[[Scene], None]

TEXT = parts("anchor", "barge")
OWN = "def keeper(lamp):\n    lamp.trim(wick='short')\n    return lamp.lit_by_hand\n"


def _pushed(scene: Scene, repo: str, *, is_many: bool = False) -> None:
    session = scene.asked()
    session.write("one.py", TEXT)
    scene.committed("One (#1)")

    def told(asked: dict[str, Any]) -> dict[str, Any]:
        file = {"path": "one.py", "content": asked["content"]}
        rest = {"owner": "dev", "repo": repo, "branch": "main", "message": "One"}
        return rest | ({"files": [file]} if is_many else file)

    retold(session, f"mcp__github__{'push_files' if is_many else 'create_or_update_file'}", told)


def committed_on_the_forge(scene: Scene) -> None:
    _pushed(scene, scene.repo.name)


def pushed_to_the_forge(scene: Scene) -> None:
    _pushed(scene, scene.repo.name, is_many=True)


def sketched_for_a_program_that_merges(scene: Scene) -> None:
    scene.repo.human_write("log.py", parts("mast", "net", "oar"))
    scene.committed("A log")
    session = scene.asked()
    session.edit("log.py", part("net"), part("net") + TEXT)
    scene.committed()
    sketch = f"# ... existing code ...\n{part('net')}{TEXT}# ... rest of the file ...\n"
    retold(session, "mcp__morph__edit_file", lambda asked: {"path": asked["file_path"], "code_edit": sketch})


def in_a_worktree_of_any_name_that_is_gone(scene: Scene) -> None:
    session = scene.asked("0.169")
    tree = scene.repo.worktree(scene.stage.folder / "elsewhere" / "night-shift", "topic")
    session.write(str(tree.folder / "one.py"), TEXT)
    scene.clock.advance(minutes=20)
    tree.commit("One")
    scene.repo.merge("topic")
    scene.repo.git("worktree", "remove", "--force", str(tree.folder))


def committed_to_another_repository_of_the_forge(scene: Scene) -> None:
    _pushed(scene, "another")


def tried_out_in_a_folder_that_is_gone(scene: Scene) -> None:
    scene.repo.human_write("one.py", OWN)
    scene.committed("Own")
    session = scene.asked()
    session.bash(f"mkdir -p /tmp/trial && cat > /tmp/trial/one.py <<'EOF'\n{TEXT}EOF", "")
    session.say("It works there.")


SHIPPED = (
    committed_on_the_forge,
    pushed_to_the_forge,
    sketched_for_a_program_that_merges,
    in_a_worktree_of_any_name_that_is_gone,
)
NEUTRAL = (committed_to_another_repository_of_the_forge, tried_out_in_a_folder_that_is_gone)


@pytest.fixture(scope="module")
def performance(tmp_path_factory: pytest.TempPathFactory) -> Performance:
    return Performance(tmp_path_factory.mktemp("elsewhere"), *SHIPPED, *NEUTRAL)


@pytest.mark.parametrize("play", SHIPPED)
def test_what_came_from_elsewhere_ships(performance: Performance, play: Play) -> None:
    verdict = performance.verdict(play)
    assert verdict.buckets == {"shipped": verdict.scene.tokens}
    assert verdict.lines["landed"] == 8


@pytest.mark.parametrize("play", NEUTRAL)
def test_what_stayed_elsewhere_is_neither_shipped_nor_waste(performance: Performance, play: Play) -> None:
    verdict = performance.verdict(play)
    assert verdict.bucket("shipped") == verdict.bucket("not_landed") == 0
