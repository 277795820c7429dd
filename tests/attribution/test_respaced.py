"""Lines that an edit takes away and puts back with other white space."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tokencoach.attribution.lines import is_significant, line_keys
from tokencoach.attribution.respaced import NOTHING, respaced

BLOCK = b"def tide_of(log):\n    return log.tides_before(noon)\n"


def test_lines_that_are_only_indented_are_nobodys() -> None:
    head = b"if harbour.is_open():\n"
    same = respaced(line_keys(head + BLOCK.replace(b"\n", b"\n    ")), line_keys(BLOCK))
    assert (set(same.added), set(same.removed)) == ({1, 2}, {0, 1})


def test_where_indentation_means_something_it_is_a_change_by_itself() -> None:
    inner = line_keys(BLOCK.replace(b"\n", b"\n    "))
    assert respaced(inner, line_keys(BLOCK), "tide.py") == NOTHING
    assert respaced(inner, line_keys(BLOCK), "tide.go") != NOTHING
    beside = respaced(line_keys(b"if harbour.is_open():\n" + BLOCK), line_keys(BLOCK), "tide.py")
    assert len(beside.added) == 2


def test_lines_that_change_places_are_not_only_respaced() -> None:
    one, other = b"anchor = anchor_of(log)", b"barge = barge_of(log)"
    same = respaced(line_keys(one + b"\n" + other), line_keys(other + b"\n" + one))
    assert (len(same.added), len(same.removed)) == (1, 1)


@given(st.lists(st.integers(0, 9)), st.lists(st.integers(0, 9)))
def test_respaced_lines_are_equal_pairs_in_order(added: list[int], removed: list[int]) -> None:
    same = respaced(added, removed)
    come, gone = [added[at] for at in sorted(same.added)], [removed[at] for at in sorted(same.removed)]
    assert come == gone
    assert all(map(is_significant, come))
