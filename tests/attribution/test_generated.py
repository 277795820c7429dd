"""What an edit generates, given what the session knew of the file."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from tokencoach.attribution.generated import LoggedEdit, generated
from tokencoach.attribution.lines import line_keys
from tokencoach.usage.words import EditKind

if TYPE_CHECKING:
    from array import array

WRITE, STRINGS, PATCH = EditKind.WRITE, EditKind.STRINGS, EditKind.PATCH
NAMES = st.lists(st.sampled_from(["alpha()", "bravo()", "charlie()", "delta()", "", "}"]), max_size=12)


class Told(NamedTuple):
    """What an edit generates, spelled out."""

    text: str
    added: list[int]
    removed: list[int]


def _keys(text: str) -> array[int]:
    return line_keys(text.encode())


def _run(*edits: tuple[EditKind, str, str]) -> list[Told]:
    """Each edit's generated lines, told by their places in what was logged."""
    logged = [
        LoggedEdit(number, "a.py", kind, _keys(added), _keys(removed))
        for number, (kind, added, removed) in enumerate(edits)
    ]
    return [_told(one, added) for one, (_, added, _) in zip(generated(logged), edits, strict=True)]


def _told(edit: LoggedEdit, text: str) -> Told:
    lines = text.removesuffix("\n").split("\n")
    places = [place for place, key in enumerate(edit.added) if key]
    told = "\n".join(lines[place] for place in places)
    return Told(told, [edit.added[place] for place in places], list(edit.removed))


def _lines(*texts: str) -> str:
    return "\n".join(texts)


def test_a_first_write_generates_everything() -> None:
    (only,) = _run((WRITE, "one_line()\ntwo_lines()\n", ""))
    assert (list(only.added), only.text) == (
        list(line_keys(b"one_line()\ntwo_lines()")),
        "one_line()\ntwo_lines()",
    )


def test_a_second_write_generates_only_what_is_new() -> None:
    _, second = _run(
        (WRITE, "one_line()\ntwo_lines()\n", ""), (WRITE, "one_line()\nbetween()\n  two_lines()\n", "")
    )
    assert second.text == "between()"
    assert list(second.added) == list(line_keys(b"between()"))
    assert list(second.removed) == []


def test_a_write_takes_away_what_it_leaves_out_and_moves_for_nothing() -> None:
    _, second = _run((WRITE, "first()\nsecond()\nthird()\n", ""), (WRITE, "third()\nfirst()\n", ""))
    assert (second.text, list(second.removed)) == ("", list(line_keys(b"second()")))


def test_a_write_after_patches_does_not_generate_their_lines_again() -> None:
    *_, last = _run(
        (WRITE, "first()\nthird()\n", ""),
        (PATCH, "second()", ""),
        (WRITE, "first()\nsecond()\nthird()\nfourth()\n", ""),
    )
    assert last.text == "fourth()"


def test_a_write_after_patches_of_an_unknown_file_knows_their_lines() -> None:
    *_, last = _run((PATCH, "known()", "old()"), (WRITE, "unseen()\nknown()\n", ""))
    assert last.text == "unseen()"


def test_a_patch_generates_exactly_its_lines() -> None:
    (only,) = _run((PATCH, "again()\nagain()", "gone()"))
    assert (len(only.added), list(only.removed)) == (2, list(line_keys(b"gone()")))


def test_a_replacement_in_a_known_file_generates_only_what_is_new() -> None:
    _, second = _run((WRITE, "start()\nfirst()\nend()\n", ""), (STRINGS, "first()\nsecond()", "first()"))
    assert (second.text, list(second.removed)) == ("second()", [])


def test_a_replacement_made_twice_generates_once() -> None:
    *_, second, third = _run(
        (WRITE, "start()\nfirst()\nend()\n", ""),
        (STRINGS, "better()", "first()"),
        (STRINGS, "better()", "first()"),
    )
    assert (second.text, third.text, list(third.removed)) == ("better()", "", [])


def test_a_replacement_in_an_unknown_file_is_taken_as_it_is() -> None:
    (only,) = _run((STRINGS, "first()\nsecond()", "first()"))
    assert only.text == "first()\nsecond()"


def test_an_image_moves_with_its_file() -> None:
    nothing = _keys("")
    edits = [
        LoggedEdit(1, "old.py", WRITE, _keys("first()\n"), nothing),
        LoggedEdit(2, "new.py", PATCH, _keys("second()"), nothing, "old.py"),
        LoggedEdit(3, "new.py", WRITE, _keys("first()\nsecond()\nthird()\n"), nothing),
    ]
    told = [[bool(key) for key in edit.added] for edit in generated(edits)]
    assert told == [[True], [True], [False, False, True]]


@given(NAMES, NAMES)
def test_what_a_write_adds_and_removes_is_the_difference_of_both_images(
    old: list[str], new: list[str]
) -> None:
    _, second = _run((WRITE, _lines(*old, "last()"), ""), (WRITE, _lines(*new, "last()"), ""))
    before, after = (
        [key for key in _keys("".join(f"{line}\n" for line in lines)) if key] for lines in (old, new)
    )
    removed = [key for key in second.removed if key]
    assert sorted([*after, *removed]) == sorted([*before, *second.added])


@given(NAMES)
def test_writing_the_same_again_generates_nothing(lines: list[str]) -> None:
    _, second = _run((WRITE, _lines(*lines), ""), (WRITE, _lines(*lines), ""))
    assert (second.added, [key for key in second.removed if key]) == ([], [])
