"""An edit that lands line for line is found without a search, and as the search would find it."""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from attribution.scene import Scene, code
from tokencoach.attribution.exact import Side, match_side
from tokencoach.attribution.facts import AuthoredEdit
from tokencoach.attribution.pool import Tier
from tokencoach.attribution.whole import whole_edit

if TYPE_CHECKING:
    from pathlib import Path

HOUR = 3600
# Blank, insignificant and significant keys, few enough to collide.
KEYS = st.lists(st.sampled_from([0, 2, 6, 11, 13, 15, 17]), min_size=1, max_size=12)


def _edit(number: int, keys: list[int], session: int = 1) -> AuthoredEdit:
    return AuthoredEdit(number, session, 1_000 * number, b"a.py", array("Q", keys), array("Q"))


def _added(edit: AuthoredEdit) -> array[int]:
    return edit.added


def _agrees(keys: list[int], tiers: list[Tier], data: st.DataObject) -> bool:
    """Whether one edit is found without a search; then the search finds the same lines of it."""
    gaps = data.draw(st.lists(st.integers(1, 6), min_size=len(keys), max_size=len(keys)))
    numbers = [sum(gaps[: place + 1]) for place in range(len(keys))]
    whole = whole_edit(keys, numbers, tiers, _added, lambda _: True)
    if whole is None:
        return False
    side = Side(keys, numbers, _added, lambda edit: bytes(len(edit.added)))
    searched = match_side(side, tiers)
    found = dict(zip(whole.places, whole.positions, strict=True))
    assert {place: match.position for place, match in searched.items()} == found
    assert {match.edit.edit_id for match in searched.values()} == {whole.edit.edit_id}
    assert all(match.rival is None and match.confidence == whole.confidence for match in searched.values())
    return True


@given(KEYS, st.lists(KEYS, max_size=3), st.data())
def test_what_is_found_without_a_search_is_what_the_search_finds(
    keys: list[int], others: list[list[int]], data: st.DataObject
) -> None:
    edits = [_edit(1, keys), *(_edit(2 + place, other, 2) for place, other in enumerate(others))]
    _agrees(keys, [Tier(data.draw(st.permutations(edits)), 0.95)], data)


@given(st.lists(st.sampled_from([0, 2, 6, 10]), max_size=12), st.lists(st.booleans(), max_size=12), st.data())
def test_an_edit_with_other_brackets_and_blanks_is_found_as_the_search_finds_it(
    fillers: list[int], is_line: list[bool], data: st.DataObject
) -> None:
    # Significant lines in order, each once; the change holds some of them, and other fillers between.
    lines = [
        2 * place + 101 if flag else filler
        for place, (filler, flag) in enumerate(zip(fillers, is_line, strict=False))
    ]
    held = data.draw(
        st.lists(st.sampled_from([0, 2, 6, 10, *(key for key in lines if key & 1)]), max_size=12)
    )
    _agrees(held, [Tier([_edit(1, lines)], 0.8)], data)


def test_a_lone_edit_is_found_and_a_shared_line_leaves_it_to_the_search() -> None:
    one, two = _edit(1, [11, 2, 13]), _edit(2, [13, 17])
    keys, numbers = one.added.tolist(), range(3)
    alone = whole_edit(keys, numbers, [Tier([one], 0.95)], _added, lambda _: True)
    assert alone is not None
    assert (alone.edit, [*alone.positions], [*alone.places]) == (one, [0, 1, 2], [0, 1, 2])
    shared = [Tier([two, one], 0.95)]
    assert whole_edit(keys, numbers, shared, _added, lambda _: True) is None


def test_an_edit_is_found_though_git_put_another_blank_line_beside_it() -> None:
    edit = _edit(1, [11, 0, 2, 13, 17])
    found = whole_edit([11, 2, 0, 13], range(4), [Tier([], 0.95), Tier([edit], 0.8)], _added, lambda _: True)
    assert found is not None
    assert (found.positions, found.places, found.confidence) == ([0, 3, 2], [0, 3, 1], 0.8)
    for other in ([13, 11], [11, 11], [11, 19]):
        assert whole_edit(other, range(2), [Tier([edit], 0.95)], _added, lambda _: True) is None


def test_an_edit_that_landed_once_does_not_land_whole_again(tmp_path: Path) -> None:
    scene = Scene.at(tmp_path)
    scene.repo.commit(0, "start", a_py="human()\n")
    edit = scene.create(HOUR, "new.py", code("one"))
    scene.repo.commit(2 * HOUR, "feat: one")
    scene.repo.git("rm", "-q", "new.py")
    scene.repo.commit(3 * HOUR, "drop it")
    scene.repo.commit(4 * HOUR, "again", new_py=code("one"))
    fate = scene.fate()
    assert len(fate.landings) == 10
    assert len(fate.revivals) == 10
    assert fate.alive(edit) == list(range(10))
