"""Whatever a commit holds, and whatever became of our own files: it goes through the real hook and program."""

from __future__ import annotations

import select
import time
from typing import TYPE_CHECKING

import pytest

from comprehension.asked_scene import CODE, FILE, AskedScene
from tokencoach.comprehension.hook.places import asked_file

if TYPE_CHECKING:
    from collections.abc import Callable

_LONGEST_S = 30.0


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> AskedScene:
    """One repository for all of these commits, one after another."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("TOKENCOACH_HOME", raising=False)
        made = AskedScene(tmp_path_factory.mktemp("odd"))
    made.git("commit", "-q", "--no-verify", "-m", "before")
    return made


def went_through(scene: AskedScene, *paths: str, message: str) -> str:
    """Commit at a terminal, leave the questions if there are some; what stood on the screen."""
    scene.know(*paths)
    asked_file(scene.home).unlink(missing_ok=True)
    before = scene.head()
    terminal = scene.commit("-m", message)
    until, left = time.monotonic() + _LONGEST_S, False
    while not select.select([terminal._report], [], [], 0)[0] and time.monotonic() < until:
        terminal.read(0.2)
        if b" 1/" in terminal.screen and not left:
            terminal.read(0.5)
            terminal.press(b"\x03")
            left = True
    ran = terminal.end(1)
    assert ran.code == 0, ran.screen
    assert "Traceback" not in ran.screen
    assert scene.git("log", "-1", "--format=%s") == message
    assert scene.head() != before
    return ran.screen


def test_a_partly_staged_file_is_committed_as_it_was_staged(scene: AskedScene) -> None:
    staged = CODE.replace("share", "quota")
    scene.change("partly.py", staged)
    scene.write("partly.py", staged + "\nbroken = (\n")
    scene.prepare()
    assert " 1/" in went_through(scene, "partly.py", message="partly")
    assert scene.git("show", "HEAD:partly.py") == staged.rstrip("\n")
    assert "broken" in (scene.folder / "partly.py").read_text()
    scene.git("checkout", "-q", "partly.py")


def test_a_renamed_file_is_committed(scene: AskedScene) -> None:
    scene.git("mv", FILE, "moved.py")
    more = "    if part > 50:\n        half = part / 2\n        raise ArithmeticError(half)\n"
    scene.change("moved.py", CODE.replace("    while part", f"{more}    while part"))
    scene.prepare()
    assert " 1/" in went_through(scene, FILE, "moved.py", message="renamed")
    assert FILE not in scene.git("ls-files")


def crlf(text: str) -> bytes:
    return text.replace("\n", "\r\n").encode()


def marked(text: str) -> bytes:
    return b"\xef\xbb\xbf" + text.encode()


def broken(text: str) -> bytes:
    return (text + "\ndef half(:\n    return ]\n").encode()


def binary(text: str) -> bytes:
    return bytes(range(256)) * 40 + text.encode()


@pytest.mark.parametrize("change", [crlf, marked, broken, binary])
def test_lines_ending_otherwise_a_mark_an_error_and_bytes_are_committed_as_they_are(
    scene: AskedScene, change: Callable[[str], bytes]
) -> None:
    name = f"{change.__name__}.py"
    content = change(CODE)
    scene.git("config", "core.autocrlf", "false")
    (scene.folder / name).write_bytes(content)
    scene.git("add", "-A")
    is_readable = change in {crlf, marked}
    if is_readable:
        scene.prepare()
    screen = went_through(scene, name, message=change.__name__)
    assert (" 1/" in screen) is is_readable
    scene.git("checkout", "-q", "HEAD", "--", name)
    assert (scene.folder / name).read_bytes() == content


def test_a_link_and_an_empty_file_are_committed(scene: AskedScene) -> None:
    (scene.folder / "link.py").symlink_to("nowhere/at/all.py")
    scene.change("empty.py", "")
    went_through(scene, "link.py", "empty.py", message="link")
    assert scene.git("ls-tree", "HEAD", "link.py").startswith("120000")


def test_a_file_that_is_taken_away_is_committed(scene: AskedScene) -> None:
    scene.change("short.py", "")
    scene.git("commit", "-q", "--no-verify", "-m", "short")
    scene.git("rm", "-q", "short.py")
    went_through(scene, "short.py", message="away")


def test_without_a_database_it_is_committed(scene: AskedScene) -> None:
    scene.database.unlink(missing_ok=True)
    scene.change("without.py", CODE)
    went_through(scene, "without.py", message="without")


def test_with_a_damaged_database_it_is_committed(scene: AskedScene) -> None:
    scene.database.write_bytes(b"no database at all\n" * 900)
    scene.change("damaged.py", CODE)
    went_through(scene, "damaged.py", message="damaged")
    scene.database.unlink()


def test_ten_thousand_files_are_committed(scene: AskedScene) -> None:
    folder = scene.folder / "many"
    for number in range(10_000):
        place = folder / str(number % 50)
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{number}.py").write_text(f"number = {number}\n")
    scene.change("one.py", CODE)
    went_through(scene, "one.py", "many/3/3.py", message="many")
    assert len(scene.git("ls-files", "many").splitlines()) == 10_000
