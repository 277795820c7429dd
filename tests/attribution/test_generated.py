"""What an edit generates, given what the session knew of the file."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tokencoach.attribution.generated import Generated, LoggedEdit, generated
from tokencoach.attribution.lines import line_keys
from tokencoach.usage.words import EditKind

WRITE, STRINGS, PATCH = EditKind.WRITE, EditKind.STRINGS, EditKind.PATCH
NAMES = st.lists(st.sampled_from(["alpha()", "bravo()", "charlie()", "delta()", "", "}"]), max_size=12)


def _run(*edits: tuple[EditKind, str, str]) -> list[Generated]:
    return list(
        generated(
            LoggedEdit(number, b"a.py", kind, added.encode(), removed.encode())
            for number, (kind, added, removed) in enumerate(edits)
        )
    )


def _lines(*texts: str) -> str:
    return "\n".join(texts)


def test_a_first_write_generates_everything() -> None:
    (only,) = _run((WRITE, "one_line()\ntwo_lines()\n", ""))
    assert (list(only.added), only.text) == (
        list(line_keys(b"one_line()\ntwo_lines()")),
        b"one_line()\ntwo_lines()",
    )


def test_a_second_write_generates_only_what_is_new() -> None:
    _, second = _run(
        (WRITE, "one_line()\ntwo_lines()\n", ""), (WRITE, "one_line()\nbetween()\n  two_lines()\n", "")
    )
    assert second.text == b"between()"
    assert list(second.added) == list(line_keys(b"between()"))
    assert list(second.removed) == []


def test_a_write_takes_away_what_it_leaves_out_and_moves_for_nothing() -> None:
    _, second = _run((WRITE, "first()\nsecond()\nthird()\n", ""), (WRITE, "third()\nfirst()\n", ""))
    assert (second.text, list(second.removed)) == (b"", list(line_keys(b"second()")))


def test_a_write_after_patches_does_not_generate_their_lines_again() -> None:
    *_, last = _run(
        (WRITE, "first()\nthird()\n", ""),
        (PATCH, "second()", ""),
        (WRITE, "first()\nsecond()\nthird()\nfourth()\n", ""),
    )
    assert last.text == b"fourth()"


def test_a_write_after_patches_of_an_unknown_file_knows_their_lines() -> None:
    *_, last = _run((PATCH, "known()", "old()"), (WRITE, "unseen()\nknown()\n", ""))
    assert last.text == b"unseen()"


def test_a_patch_generates_exactly_its_lines() -> None:
    (only,) = _run((PATCH, "again()\nagain()", "gone()"))
    assert (len(only.added), list(only.removed)) == (2, list(line_keys(b"gone()")))


def test_a_replacement_in_a_known_file_generates_only_what_is_new() -> None:
    _, second = _run((WRITE, "start()\nfirst()\nend()\n", ""), (STRINGS, "first()\nsecond()", "first()"))
    assert (second.text, list(second.removed)) == (b"second()", [])


def test_a_replacement_made_twice_generates_once() -> None:
    *_, second, third = _run(
        (WRITE, "start()\nfirst()\nend()\n", ""),
        (STRINGS, "better()", "first()"),
        (STRINGS, "better()", "first()"),
    )
    assert (second.text, third.text, list(third.removed)) == (b"better()", b"", [])


def test_a_replacement_in_an_unknown_file_is_taken_as_it_is() -> None:
    (only,) = _run((STRINGS, "first()\nsecond()", "first()"))
    assert only.text == b"first()\nsecond()"


def test_an_image_moves_with_its_file() -> None:
    edits = [
        LoggedEdit(1, b"old.py", WRITE, b"first()\n"),
        LoggedEdit(2, b"new.py", PATCH, b"second()", moved_from=b"old.py"),
        LoggedEdit(3, b"new.py", WRITE, b"first()\nsecond()\nthird()\n"),
    ]
    assert [told.text for told in generated(edits)] == [b"first()", b"second()", b"third()"]


@given(NAMES, NAMES)
def test_what_a_write_adds_and_removes_is_the_difference_of_both_images(
    old: list[str], new: list[str]
) -> None:
    _, second = _run((WRITE, _lines(*old, "last()"), ""), (WRITE, _lines(*new, "last()"), ""))
    before, after = ([*line_keys("".join(f"{line}\n" for line in lines).encode())] for lines in (old, new))
    assert sorted([*after, *second.removed]) == sorted([*before, *second.added])
    assert list(line_keys(second.text + b"\n" if second.added else b"")) == list(second.added)


@given(NAMES)
def test_writing_the_same_again_generates_nothing(lines: list[str]) -> None:
    _, second = _run((WRITE, _lines(*lines), ""), (WRITE, _lines(*lines), ""))
    assert (list(second.added), list(second.removed)) == ([], [])
