"""How many tokens a text is, where no log says it: always an estimate, shown with ``~``.

Assistants' models have vocabularies of their own; this counts with OpenAI's ``o200k_base``, which lies
packed beside this file. Holding it takes 100 MB, so a child process does it that ends with its answer:
``python -m tokencoach.usage.count_tokens`` reads a list of texts as JSON and writes a list of numbers.
"""

from __future__ import annotations

import hashlib
import json
import lzma
import subprocess
import sys
from importlib import import_module
from itertools import accumulate, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tiktoken import Encoding

VOCABULARY: Final = Path(__file__).with_name("o200k_base.xz")
_TOKENS: Final = 199_998
_UNPACKED: Final = "440741350e7cfa1c0f4869ce742d1b043550adbda5187adcac9e787edac6fba9"
_BYTES_PER_TOKEN: Final = 4
_MOST_CHARACTERS: Final = 4_000_000
_PATIENCE_S: Final = 30
# One character over and over is a single word to it, and long words take it longer than their length.
_LONGEST_TEXT: Final = 300_000


def estimated_tokens(text: str) -> int:
    """Bytes by four, rounded up: between 4.0 and 5.0 were measured on prose and code."""
    return -(-len(text.encode("utf-8", "replace")) // _BYTES_PER_TOKEN)


def count_tokens(texts: Sequence[str]) -> list[int]:
    """The tokens of each text, counted by a child process; by their bytes where it can not be had in time."""
    if not any(texts):
        return [0] * len(texts)
    if sum(map(len, texts)) > _MOST_CHARACTERS or max(map(len, texts)) > _LONGEST_TEXT:
        return [estimated_tokens(text) for text in texts]
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", __spec__.name],
            input=json.dumps(list(texts)).encode(),
            capture_output=True,
            check=True,
            timeout=_PATIENCE_S,
        )
        counted: list[int] = json.loads(done.stdout)
    except (OSError, ValueError, subprocess.SubprocessError):
        return [estimated_tokens(text) for text in texts]
    return counted


def ranks() -> dict[bytes, int]:
    """The vocabulary: each token's bytes and its rank.

    Raises:
        ValueError: the file beside this one is not the one that was shipped.
    """
    packed = lzma.decompress(VOCABULARY.read_bytes())
    if hashlib.sha256(packed).hexdigest() != _UNPACKED:
        raise ValueError(f"{VOCABULARY.name} is damaged: install tokencoach anew")
    ends = accumulate(packed[:_TOKENS], initial=_TOKENS)
    return {packed[start:end]: rank for rank, (start, end) in enumerate(pairwise(ends))}


def encoding() -> Encoding:
    """The encoding as tiktoken itself builds it, but of the vocabulary beside this file: nothing is fetched."""
    # Slow to import and large: only ever in the child process.
    from tiktoken import Encoding  # noqa: PLC0415

    def shipped(*_: object, **__: object) -> dict[bytes, int]:
        return ranks()

    recipe: Any = import_module("tiktoken_ext.openai_public")
    fetched, recipe.load_tiktoken_bpe = recipe.load_tiktoken_bpe, shipped
    try:
        return Encoding(**recipe.o200k_base())
    finally:
        recipe.load_tiktoken_bpe = fetched


def main() -> None:
    """Count what stdin holds."""
    texts: list[str] = json.load(sys.stdin.buffer)
    known = encoding()
    # Surrogates of a log's half characters are no text that can be encoded.
    clean = [text.encode("utf-8", "replace").decode() for text in texts]
    json.dump([len(known.encode_ordinary(text)) for text in clean], sys.stdout)


if __name__ == "__main__":
    main()
