"""Lines wrapped anew or changed by hand: what is similar enough is found, and only that."""

from __future__ import annotations

import random  # noqa: TC003 - read by hypothesis
from difflib import SequenceMatcher

from hypothesis import given
from hypothesis import strategies as st

from tokencoach.attribution.lines import skeleton
from tokencoach.attribution.residue import (
    _TOKEN,
    SIMILAR,
    Left,
    Pairing,
    _Tokens,
    human_modified,
    overlaps,
    reencoded,
    rewrapped,
)

WORDS = st.sampled_from([b"alpha", b"bravo", b"charlie", b"delta", b"(", b")", b".", b"=", b","])
LINE = st.lists(WORDS, min_size=1, max_size=10).map(b" ".join)
LINES = st.lists(LINE, max_size=8)


def _left(lines: list[bytes]) -> list[Left]:
    return [Left(number, line) for number, line in enumerate(lines)]


def _is_within(ours: list[bytes], theirs: list[bytes], pair: Pairing) -> bool:
    """Whether a line of ours stands in theirs, word by word, with others between."""
    words = iter(_TOKEN.findall(theirs[pair.file_places[0]]))
    return all(word in words for word in _TOKEN.findall(ours[pair.edit_places[0]]))


@given(LINE, LINES)
def test_the_filter_by_rare_tokens_loses_no_similar_line(line: bytes, others: list[bytes]) -> None:
    tokens = _TOKEN.findall(line)
    near = _Tokens(_left(others)).near(tokens, 0)
    for number, other in enumerate(others):
        ratio = SequenceMatcher(None, _TOKEN.findall(other), tokens, autojunk=False).ratio()
        assert number in near or ratio < SIMILAR


@given(LINES, LINES)
def test_changed_lines_pair_in_order_and_each_once(ours: list[bytes], theirs: list[bytes]) -> None:
    pairs = list(human_modified(_left(ours), _left(theirs)))
    places = [(pair.edit_places[0], pair.file_places[0]) for pair in pairs]
    assert places == sorted(set(places))
    assert len({place for _, place in places}) == len(places)
    grown = {place for line in pairs for place in line.edit_places if _is_within(ours, theirs, line)}
    assert all(SIMILAR <= pair.credit <= 1 or grown.issuperset(pair.edit_places) for pair in pairs)


@given(LINES, st.randoms(use_true_random=False))
def test_text_wrapped_anywhere_belongs_to_the_lines_it_came_from(
    lines: list[bytes], dice: random.Random
) -> None:
    whole = b" ".join(lines)
    words = whole.split(b" ")
    wrapped: list[bytes] = []
    while words:
        count = dice.randint(1, 4)
        wrapped.append(b" ".join(words[:count]))
        words = words[count:]
    owners = overlaps(lines, wrapped)
    if not skeleton(lines):
        assert owners is None
        return
    assert owners is not None
    assert len(owners) == len(wrapped)
    flat = [owner for some in owners for owner in some]
    assert flat == sorted(flat)


def test_other_text_is_no_wrapping() -> None:
    assert overlaps([b"call(one, two)"], [b"call(", b"one, three)"]) is None


def test_a_run_is_wrapped_only_as_a_whole() -> None:
    ours = _left([b"before_it()", b"call(first_argument, second_argument)", b"after_it()"])
    theirs = _left([b"call(", b"  first_argument,", b"  second_argument,", b")", b"else()"])
    found = list(rewrapped(ours, theirs))
    assert [(pair.edit_places, pair.file_places) for pair in found] == [((1,), (0, 1, 2, 3))]
    assert list(rewrapped(ours[1:2], theirs[1:])) == []


def test_lines_that_do_not_follow_each_other_are_not_joined() -> None:
    ours = [Left(0, b"call(first_argument, second_argument)")]
    theirs = [Left(0, b"call("), Left(5, b"first_argument,"), Left(6, b"second_argument)")]
    assert list(rewrapped(ours, theirs)) == []


def test_a_line_with_types_put_in_is_the_same_line() -> None:
    ours = _left([b"def find(log, limit):", b"x = y"])
    typed = b"def find(log: ShipLog, limit: int | None = None) -> Iterator[Ship]:"
    (found,) = human_modified(ours, _left([b"x: int = y + 1 + z", typed]))
    assert (found.edit_places, found.file_places) == ((0,), (1,))
    assert 0.5 < found.credit < SIMILAR


def test_a_line_whose_words_were_sorted_keeps_all_its_credit() -> None:
    (found,) = human_modified(_left([b'<p class="a1 b2 c3 d4">']), _left([b'<p class="d4 c3 b2 a1">']))
    assert found.credit == 1.0


@given(st.text(alphabet="жд港a1 ", min_size=1, max_size=20), st.sampled_from(["cp932", "gb18030", "euc_jp"]))
def test_a_line_in_another_encoding_is_the_edits_line(text: str, name: str) -> None:
    line = text.strip()
    found = list(reencoded(_left([b"plain", line.encode()]), _left([line.encode(name), b"other"])))
    is_odd = bool(line.encode(name).decode("utf-8", "ignore").encode() != line.encode(name))
    assert [(pair.edit_places, pair.file_places) for pair in found] == ([((1,), (0,))] if is_odd else [])
