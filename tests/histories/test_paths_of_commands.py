"""Files under another name than the log's: of a shell that went to a folder below, or behind a link of the repository."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from histories.harbour import WORDS, part, parts
from histories.program import Program
from histories.scene import BEGIN, Performance, Scene
from tokencoach.demo.stage import Stage

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tokencoach.demo.session import Session

    Play = Callable[[Scene], None]


def _asked(scene: Scene, *paths: str) -> Session:
    for path, words in zip(paths, (("mast", "net"), ("oar", "pier")), strict=False):
        scene.repo.human_write(path, parts(*words))
    scene.repo.commit("Logs")
    scene.clock.advance(hours=1)
    session = scene.session()
    session.prompt("Go on")
    return session


def _appended(scene: Scene, session: Session, path: str) -> None:
    session.bash(f"cat >> log.py <<'EOF'\n{part('anchor')}EOF", "")
    scene.repo.human_write(path, scene.repo.read(path) + part("anchor"))
    scene.committed()


def appended_in_a_folder_below(scene: Scene) -> None:
    _appended(scene, _asked(scene, "pkg/log.py"), "pkg/log.py")


def appended_in_one_of_two_folders_below(scene: Scene) -> None:
    session = _asked(scene, "pkg/log.py", "web/log.py")
    session.bash(f"cat >> log.py <<'EOF'\n{part('anchor')}EOF", "")
    scene.repo.human_write("own.py", "def keeper(lamp):\n    return lamp.lit_by_hand\n")
    scene.committed()


def edited_behind_a_link(scene: Scene) -> None:
    _edited_behind(scene, "lib/log.py", link="log.py", target="lib/log.py", edited="log.py")


def edited_behind_a_linked_folder(scene: Scene) -> None:
    _edited_behind(scene, "packages/core/log.py", link="core", target="packages/core", edited="core/log.py")


def _edited_behind(scene: Scene, file: str, *, link: str, target: str, edited: str) -> None:
    session = _asked(scene, file)
    (scene.repo.folder / link).symlink_to(target)
    scene.repo.commit("A link")
    scene.clock.advance(hours=1)
    session.edit(edited, "limit=21", "limit=22")
    scene.committed()


def a_link_in_its_place_later(scene: Scene) -> None:
    session = _asked(scene, "lib/log.py")
    session.write("one.py", parts(*WORDS[:2]))
    scene.committed()
    scene.clock.advance(days=2)
    scene.repo.rename("one.py", "lib/one.py")
    (scene.repo.folder / "one.py").symlink_to("lib/one.py")
    scene.repo.commit("A link")


@pytest.fixture(scope="module")
def performance(tmp_path_factory: pytest.TempPathFactory) -> Performance:
    return Performance(
        tmp_path_factory.mktemp("paths"),
        appended_in_a_folder_below,
        appended_in_one_of_two_folders_below,
        edited_behind_a_link,
        edited_behind_a_linked_folder,
        a_link_in_its_place_later,
    )


@pytest.mark.parametrize(
    "play",
    [
        appended_in_a_folder_below,
        edited_behind_a_link,
        edited_behind_a_linked_folder,
        a_link_in_its_place_later,
    ],
)
def test_a_file_under_another_name_ships_all_the_same(performance: Performance, play: Play) -> None:
    assert performance.shares(play) == [{"shipped": 1.0}]


def test_of_two_files_that_a_command_may_mean_none_is_taken(performance: Performance) -> None:
    assert performance.shares(appended_in_one_of_two_folders_below) == [{"not_landed": 1.0}]


def test_a_file_that_comes_in_a_folder_below_later_is_found_then(tmp_path: Path) -> None:
    scene = Scene(Stage(tmp_path, BEGIN), "project")
    _asked(scene).bash(f"cat > new.py <<'EOF'\n{parts(*WORDS[:2])}EOF", "")
    program = Program(scene.stage.home, tmp_path / "state")
    program.ingest()
    scene.repo.human_write("pkg/new.py", parts(*WORDS[:2]))
    scene.committed()
    program.ingest()
    (row,) = program.sessions().values()
    assert row["lines"]["landed"] == row["lines"]["generated"] == 8
