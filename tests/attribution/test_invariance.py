"""What must not change a verdict: a formatter, a rebase, another repository's edits, reading again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attribution.scene import Scene, code
from git.builder import DAY_S
from tokencoach.attribution.facts import Unreadable

if TYPE_CHECKING:
    from pathlib import Path

    from tokencoach.attribution.facts import Event

HOUR = 3600
HUMAN = "".join(f"human_line_number_{number}()\n" for number in range(20))


def _fate(scene: Scene) -> set[tuple[str, int, bool, int]]:
    """What happened to which line, without the names of commits."""
    return {_bare(event) for event in scene.fate().events}


def _bare(event: Event) -> tuple[str, int, bool, int]:
    assert not isinstance(event, Unreadable)
    return (type(event).__name__, event.edit_id, event.is_removal, event.position)


def _story(scene: Scene, *, indent: str = "", crlf: bool = False) -> None:
    """Two edits on a topic branch, a third on main, one of them undone."""

    def shaped(text: str) -> bytes:
        styled = "".join(f"{indent}{line}\n" for line in text.splitlines())
        return styled.replace("\n", "\r\n" if crlf else "\n").encode()

    scene.repo.commit(0, a_py=shaped(HUMAN))
    scene.repo.checkout("topic", new=True)
    scene.edit(HOUR, "a.py", HUMAN, HUMAN + code("one"), write=False)
    scene.repo.commit(2 * HOUR, "one", a_py=shaped(HUMAN + code("one")))
    scene.edit(3 * HOUR, "b.py", "", code("two"), write=False, session=2)
    scene.repo.commit(4 * HOUR, "two", b_py=shaped(code("two")))
    scene.repo.checkout("main")
    scene.edit(5 * HOUR, "c.py", "", code("three"), write=False)
    scene.repo.commit(6 * HOUR, "three", c_py=shaped(code("three")))


def _end(scene: Scene) -> None:
    scene.repo.checkout("main")
    scene.repo.commit(3 * DAY_S, "later", a_py=HUMAN)


def test_a_formatter_changes_no_fate(tmp_path: Path) -> None:
    fates = []
    for number, style in enumerate(({}, {"indent": "\t"}, {"crlf": True})):
        scene = Scene.at(tmp_path / str(number))
        _story(scene, **style)  # type: ignore[arg-type]
        scene.repo.git("merge", "-q", "--no-ff", "-m", "merge", "topic", at=DAY_S)
        _end(scene)
        fates.append(_fate(scene))
    assert fates[0] == fates[1] == fates[2]
    assert len(fates[0]) > 30


def test_merge_rebase_and_squash_end_the_same(tmp_path: Path) -> None:
    fates = []
    for way in ("merge", "rebase", "squash"):
        scene = Scene.at(tmp_path / way)
        _story(scene)
        if way == "merge":
            scene.repo.git("merge", "-q", "--no-ff", "-m", "merge", "topic", at=DAY_S)
        elif way == "rebase":
            scene.repo.checkout("topic")
            scene.repo.git("rebase", "-q", "main", at=DAY_S)
            scene.repo.checkout("main")
            scene.repo.git("merge", "-q", "--ff-only", "topic")
        else:
            scene.repo.git("merge", "-q", "--squash", "topic")
            scene.repo.commit(DAY_S, "squashed")
        _end(scene)
        fates.append(_fate(scene))
    assert fates[0] == fates[1] == fates[2]
    assert len(fates[0]) > 30


def test_edits_of_other_files_change_no_fate(tmp_path: Path) -> None:
    scene = Scene.at(tmp_path)
    _story(scene)
    scene.repo.git("merge", "-q", "--no-ff", "-m", "merge", "topic", at=DAY_S)
    _end(scene)
    alone = _fate(scene)
    scene.edit(HOUR, "elsewhere/a.py", "", HUMAN + code("one"), write=False, session=9)
    assert _fate(scene) == alone


def test_a_rewound_branch_read_from_nothing_withdraws_the_landing(tmp_path: Path) -> None:
    scene = Scene.at(tmp_path)
    scene.repo.commit(0, a_py=HUMAN)
    edit = scene.edit(HOUR, "a.py", HUMAN, HUMAN + code("one"))
    scene.repo.commit(2 * HOUR)
    assert len(scene.fate().landed(edit)) == 10
    scene.repo.git("reset", "-q", "--hard", "HEAD~1")
    assert scene.fate().landed(edit) == []
