"""Keys of lines: what a formatter may change, what it may not, and that bulk equals single."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tokencoach.attribution.lines import BLANK, is_significant, line_key, line_keys, skeleton

PIECES = st.sampled_from(
    [
        b"a",
        b"Z9",
        b"return",
        b" ",
        b"\t",
        b"\r",
        b"\n",
        b",",
        b";",
        b"'",
        b'"',
        b"(",
        b"_",
        b"\xc3\xa9",
        b"\xff",
        b"\x00",
    ]
)
TEXT = st.lists(PIECES, max_size=60).map(b"".join)


@given(TEXT)
@example(b"a\n  ")
@example(b"\n")
@example(b"\xc3.\xa9\nabcdef")
def test_bulk_keys_equal_single_keys(text: bytes) -> None:
    lines = text.removesuffix(b"\n").split(b"\n") if text else []
    assert list(line_keys(text)) == [line_key(line) for line in lines]


@given(TEXT.filter(lambda text: b"\n" not in text and bool(text.strip(b" \t\r\v\f"))))
def test_only_a_blank_line_has_the_key_of_a_blank_line(line: bytes) -> None:
    assert line_key(line) not in (BLANK, 1)


@pytest.mark.parametrize(
    "variant", [b"  say('hello', 1)", b'say( "hello",1 );', b"say('hello', 1),\r", b"\tsay('hello',\t1)"]
)
def test_a_formatter_does_not_change_a_key(variant: bytes) -> None:
    assert line_key(variant) == line_key(b'say("hello", 1)')


@pytest.mark.parametrize(
    "variant", [b'say("hullo", 1)', b'say("hello", 1', b'Say("hello", 1)', b",say('hello', 1)"]
)
def test_other_text_has_another_key(variant: bytes) -> None:
    assert line_key(variant) != line_key(b'say("hello", 1)')


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"}", False),
        (b"", False),
        (b"return", True),
        (b"a_b_c_d_e", False),
        (b"a b c d e f", True),
        ("größe1".encode(), True),
        ("été".encode(), False),
        ("größe".encode(), False),
        ("→ return".encode(), True),
        ("→ ab1 été".encode(), True),
        (b"\xff\xff\xff\xff\xff\xff", True),
        (b"\x80\x80\x80\x80\x80\x80", False),
    ],
)
def test_six_letters_or_digits_make_a_line_significant(line: bytes, expected: bool) -> None:  # noqa: FBT001
    assert is_significant(line_key(line)) is expected


def test_a_trailing_newline_adds_no_line() -> None:
    assert len(line_keys(b"one\ntwo\n")) == len(line_keys(b"one\ntwo")) == 2
    assert len(line_keys(b"")) == 0
    assert list(line_keys(b"\n\n")) == [BLANK, BLANK]


def test_only_newlines_split_lines() -> None:
    assert len(line_keys(b"a\rb\x0bc\x0cd\xe2\x80\xa8e\x85f")) == 1


def test_wrapping_anew_keeps_the_skeleton() -> None:
    wrapped = [b"result = call(", b"    'first',", b'    "second",', b")"]
    assert skeleton(wrapped) == skeleton([b'result = call("first", "second")'])
    assert skeleton([b"a = b + \\", b"    c"]) == skeleton([b"a = b + c"])
    assert skeleton([b"a = b + d"]) != skeleton([b"a = b + c"])


@given(st.text(alphabet="äöüßéñ ab(=1\n", max_size=80))
def test_a_line_in_latin_1_has_the_key_that_it_has_in_utf_8(text: str) -> None:
    assert line_keys(text.encode("latin-1")) == line_keys(text.encode())


def test_only_lines_that_are_no_utf_8_are_taken_for_latin() -> None:
    mixed = "größer_als_zwei\n".encode() + "größer_als_drei\n".encode("cp1252")
    assert line_keys(mixed) == line_keys("größer_als_zwei\ngrößer_als_drei\n".encode())
