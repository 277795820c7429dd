"""Branches with a history of their own: a site's pages, copies of the working folder, what nobody pushed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from histories.harbour import WORDS, part, parts
from histories.scene import Performance, Scene

if TYPE_CHECKING:
    from collections.abc import Callable

    Play = Callable[[Scene], None]

PAGE = "".join(f"<p>The {word} of the harbour lies here</p>\n" for word in WORDS[:6])


def _apart(scene: Scene, branch: str, path: str, text: str, *, is_pushed: bool = True) -> None:
    """A session writes a file on a new branch without a past."""
    scene.repo.git("checkout", "--quiet", "--orphan", branch)
    scene.repo.git("rm", "-rfq", ".")
    session = scene.session()
    session.prompt("Make it")
    session.write(path, text)
    scene.clock.advance(hours=1)
    scene.repo.commit("Make it")
    _left(scene, branch, is_pushed=is_pushed)


def _left(scene: Scene, branch: str, *, is_pushed: bool = True) -> None:
    if is_pushed:
        scene.repo.git("update-ref", f"refs/remotes/origin/{branch}", branch)
    scene.repo.checkout("main")


def pages(scene: Scene) -> None:
    _apart(scene, "gh-pages", "index.html", PAGE)


def pages_written_anew(scene: Scene) -> None:
    _apart(scene, "gh-pages", "index.html", PAGE)
    scene.repo.checkout("gh-pages")
    scene.clock.advance(days=3)
    scene.repo.human_write(
        "index.html", "<p>Nothing of that is true</p>\n" + PAGE.splitlines(keepends=True)[0]
    )
    scene.repo.commit("Anew")
    _left(scene, "gh-pages")


def pages_that_nobody_pushed(scene: Scene) -> None:
    _apart(scene, "pages", "index.html", PAGE, is_pushed=False)


def copy_of_the_folder_pushed(scene: Scene) -> None:
    session = scene.session()
    session.prompt("Make it")
    session.write("one.py", parts(*WORDS[:2]))
    scene.repo.git("checkout", "--quiet", "--orphan", "backup")
    scene.repo.commit("All of it")
    _left(scene, "backup")


def kept_by_a_tool(scene: Scene) -> None:
    _apart(scene, "entire/checkpoints/v1", "one.py", parts(*WORDS[:2]))


def moved_beside_what_landed(scene: Scene) -> None:
    guard = "    if not sunrise: raise TooEarlyError('come again')\n"
    net = part("net").replace("(log):\n", "(log):\n" + guard)
    scene.repo.human_write("log.py", part("mast") + net + part("oar"))
    scene.repo.commit("A log")
    scene.clock.advance(hours=1)
    session = scene.session()
    session.prompt("Ask later")
    nets = "    nets = log.every_net_at(noon)\n"
    session.edit("log.py", guard, nets)
    session.edit("log.py", nets, nets + guard)
    session.edit("log.py", "limit=21", "limit=nets")
    scene.clock.advance(hours=1)
    scene.repo.commit("Later")


@pytest.fixture(scope="module")
def performance(tmp_path_factory: pytest.TempPathFactory) -> Performance:
    return Performance(
        tmp_path_factory.mktemp("apart"),
        pages,
        pages_written_anew,
        pages_that_nobody_pushed,
        copy_of_the_folder_pushed,
        kept_by_a_tool,
        moved_beside_what_landed,
    )


def test_pages_on_a_pushed_branch_of_their_own_have_shipped(performance: Performance) -> None:
    assert performance.shares(pages) == [{"shipped": 1.0}]
    (session,) = performance.scenes[pages].sessions
    assert performance.session(session)["confidence"] == 0.6
    shown = performance.program.run("sessions", "show", session.session_id)
    told = {line["reason"] for turn in shown["turns"] for edit in turn["edits"] for line in edit["lines"]}
    assert told == {"on a pushed branch with a history of its own, like a site's pages, and still there"}


def test_pages_that_were_soon_written_anew_are_reworked(performance: Performance) -> None:
    assert performance.verdict(pages_written_anew).lines["reworked"] == 5


@pytest.mark.parametrize(
    ("play", "kind"),
    [
        (pages_that_nobody_pushed, "stranded"),
        (copy_of_the_folder_pushed, "uncommitted"),
        (kept_by_a_tool, "uncommitted"),
    ],
)
def test_what_no_pushed_branch_of_its_own_holds_has_not_shipped(
    performance: Performance, play: Play, kind: str
) -> None:
    assert performance.verdict(play).waste.keys() == {kind}


def test_a_line_put_elsewhere_beside_work_that_landed_is_no_waste(performance: Performance) -> None:
    assert performance.shares(moved_beside_what_landed) == [{"shipped": 1.0}]


def test_a_session_is_not_there_before_its_first_request(performance: Performance) -> None:
    (session,) = performance.scenes[pages].sessions
    said = ("sessions", "show", session.session_id, "--as-of", "2025-12-31")
    with pytest.raises(AssertionError, match="no request of its own by then"):
        performance.program.run(*said)
