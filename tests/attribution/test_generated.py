"""What an edit generates, given what the session knew of the file."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tokencoach.attribution.generated import LoggedEdit, generated
from tokencoach.attribution.lines import line_keys
from tokencoach.usage.words import EditKind

WRITE, STRINGS, PATCH = EditKind.WRITE, EditKind.STRINGS, EditKind.PATCH
NAMES = st.lists(st.sampled_from(["alpha()", "bravo()", "charlie()", "delta()", "", "}"]), max_size=12)


def _keys(*lines: str) -> list[int]:
    return list(line_keys("".join(f"{line}\n" for line in lines).encode()))


def _run(*edits: tuple[EditKind, list[str], list[str]]) -> list[LoggedEdit]:
    return generated(
        LoggedEdit(
            number,
            1,
            kind,
            line_keys("".join(f"{line}\n" for line in added).encode()),
            line_keys("".join(f"{line}\n" for line in removed).encode()),
        )
        for number, (kind, added, removed) in enumerate(edits)
    )


def _news(edit: LoggedEdit) -> list[int]:
    return [key for key in edit.added if key]


def test_a_first_write_generates_everything() -> None:
    (only,) = _run((WRITE, ["one_line()", "two_lines()"], []))
    assert list(only.added) == _keys("one_line()", "two_lines()")


def test_a_second_write_generates_only_what_is_new_and_keeps_positions() -> None:
    _, second = _run(
        (WRITE, ["one_line()", "two_lines()"], []), (WRITE, ["one_line()", "between()", "  two_lines()"], [])
    )
    assert list(second.added) == [0, *_keys("between()"), 0]
    assert list(second.removed) == []


def test_a_write_takes_away_what_it_leaves_out_and_moves_for_nothing() -> None:
    _, second = _run((WRITE, ["first()", "second()", "third()"], []), (WRITE, ["third()", "first()"], []))
    assert (_news(second), list(second.removed)) == ([], _keys("second()"))


def test_a_write_after_patches_does_not_generate_their_lines_again() -> None:
    *_, last = _run(
        (WRITE, ["first()", "third()"], []),
        (PATCH, ["second()"], []),
        (STRINGS, ["better()"], ["third()"]),
        (WRITE, ["first()", "second()", "better()", "fourth()"], []),
    )
    assert (_news(last), list(last.removed)) == (_keys("fourth()"), [])


def test_a_patch_generates_exactly_its_lines() -> None:
    (only,) = _run((PATCH, ["again()", "again()"], ["gone()"]))
    assert (list(only.added), list(only.removed)) == (_keys("again()", "again()"), _keys("gone()"))


def test_a_long_file_full_of_blank_lines_is_compared_in_time() -> None:
    before = [line for number in range(3000) for line in ("", f"line_{number}()")]
    after = [line for number in range(3000) for line in ("", f"line_{number if number % 9 else -number}()")]
    _, second = _run((WRITE, before, []), (WRITE, after, []))
    assert len(_news(second)) == len(second.removed) == 333


@given(NAMES, NAMES)
def test_what_a_write_adds_and_removes_is_the_difference_of_both_images(
    old: list[str], new: list[str]
) -> None:
    _, second = _run((WRITE, [*old, "last()"], []), (WRITE, [*new, "last()"], []))
    before, after = ([key for key in _keys(*lines) if key] for lines in (old, new))
    gone = [key for key in second.removed if key]
    assert sorted([*after, *gone]) == sorted([*before, *_news(second)])
    assert set(_news(second)).isdisjoint(gone)
    assert len(second.added) == len(new) + 1


@given(NAMES)
def test_writing_the_same_again_generates_nothing(lines: list[str]) -> None:
    _, second = _run((WRITE, lines, []), (WRITE, lines, []))
    assert (_news(second), list(second.removed)) == ([], [])
