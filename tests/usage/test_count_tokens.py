"""Estimating tokens: by the vocabulary in a child process, by bytes where that can not be had."""

from __future__ import annotations

import base64
import hashlib
import lzma
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokencoach.usage import count_tokens as counting
from tokencoach.usage.count_tokens import count_tokens, encoding, estimated_tokens, ranks

if TYPE_CHECKING:
    from pathlib import Path

    from tiktoken import Encoding

PUBLISHED = "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d"
"""SHA-256 of the file that the vocabulary was published as."""


@pytest.fixture(scope="module")
def known() -> Encoding:
    """The encoding, built once."""
    return encoding()


def test_the_vocabulary_is_the_published_one() -> None:
    lines = (b"%s %d\n" % (base64.b64encode(token), rank) for token, rank in ranks().items())
    assert hashlib.sha256(b"".join(lines)).hexdigest() == PUBLISHED


def test_the_encoding_gives_the_published_tokens(known: Encoding) -> None:
    assert known.encode_ordinary("hello world, tokencoach!") == [24912, 2375, 11, 13372, 51900, 678, 0]
    assert known.n_vocab == 200_019


@given(text=st.text(max_size=200))
def test_what_is_encoded_decodes_to_itself(known: Encoding, text: str) -> None:
    assert known.decode(known.encode_ordinary(text)) == text


def test_a_child_counts_every_text() -> None:
    assert count_tokens(["hello world, tokencoach!", "", "<|endoftext|>", "half \ud800"])[:2] == [7, 0]


def test_texts_without_a_letter_have_no_token() -> None:
    assert count_tokens(["", ""]) == [0, 0]


def test_the_caller_never_holds_the_vocabulary() -> None:
    code = (
        "import sys; from tokencoach.usage.count_tokens import count_tokens;"
        "print(count_tokens(['hello world']), 'tiktoken' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert run.stdout == "[2] False\n"


def test_without_the_vocabulary_bytes_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "no-python"))
    assert count_tokens(["four letters", "x" * 9]) == [3, 3]


def test_a_text_that_would_take_too_long_is_counted_by_bytes() -> None:
    assert count_tokens(["a" * 400_000]) == [100_000]


def test_a_damaged_vocabulary_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = counting.VOCABULARY.read_bytes()
    broken = tmp_path / "o200k_base.xz"
    broken.write_bytes(lzma.compress(b"\x01" * 300_000))
    assert len(content) > broken.stat().st_size
    monkeypatch.setattr(counting, "VOCABULARY", broken)
    with pytest.raises(ValueError, match="install tokencoach anew"):
        ranks()


@given(text=st.text(max_size=400))
def test_the_estimate_by_bytes_is_never_less_than_a_quarter_of_the_letters(text: str) -> None:
    assert len(text) / 4 <= estimated_tokens(text) <= len(text) + 1


def test_the_licence_of_the_vocabulary_lies_beside_it() -> None:
    said = counting.VOCABULARY.with_suffix(".LICENSE").read_text(encoding="utf-8")
    assert "MIT License" in said
    assert "Permission is hereby granted" in said
