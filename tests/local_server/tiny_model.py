"""Writes a tiny random llama model as a GGUF file: what a real llama-server needs to serve anything.

GGUF 3: magic, version, counts, typed key-value pairs, tensor table, then tensors at multiples of 32 bytes.
"""

from __future__ import annotations

import random
import struct
from array import array
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_UINT32, _INT32, _FLOAT32, _STRING, _ARRAY = 4, 5, 6, 8, 9
_UNKNOWN, _CONTROL, _BYTE, _NORMAL = 2, 3, 6, 1
_ALIGNMENT: Final = 32
_VERSION: Final = 3
_TEMPLATE: Final = "{% for m in messages %}<s>{{ m['role'] }}: {{ m['content'] }}\n{% endfor %}assistant:"


class Sizes(NamedTuple):
    """How large the model is; larger ones answer more slowly."""

    hidden: int = 64
    layers: int = 2
    feed_forward: int = 128
    context: int = 4096


class Tensor(NamedTuple):
    """A tensor of 32-bit floats: its name, its dimensions (the fastest first), whether it is all ones."""

    name: str
    shape: tuple[int, ...]
    is_ones: bool = False

    @property
    def numbers(self) -> int:
        """How many numbers it holds."""
        total = 1
        for size in self.shape:
            total *= size
        return total


def write_model(path: Path, sizes: Sizes | None = None, *, name: str = "tiny-random-llama") -> None:
    """Write the model; the same arguments give the same bytes."""
    sizes = sizes or Sizes()
    tokens, kinds = _vocabulary()
    pairs = list(_pairs(sizes, name, tokens, kinds))
    tensors = list(_tensors(sizes, len(tokens)))
    chance = random.Random(0)
    with path.open("wb") as file:
        file.write(b"GGUF" + struct.pack("<IQQ", _VERSION, len(tensors), len(pairs)))
        file.write(b"".join(pairs))
        offset = 0
        for tensor in tensors:
            dimensions = struct.pack(f"<I{len(tensor.shape)}Q", len(tensor.shape), *tensor.shape)
            file.write(_text(tensor.name) + dimensions + struct.pack("<IQ", 0, offset))
            offset += _padded(tensor.numbers * 4)
        file.write(b"\0" * (_padded(file.tell()) - file.tell()))
        for tensor in tensors:
            numbers = _numbers(tensor, chance)
            file.write(numbers + b"\0" * (_padded(len(numbers)) - len(numbers)))


def _padded(size: int) -> int:
    return -(-size // _ALIGNMENT) * _ALIGNMENT


def _numbers(tensor: Tensor, chance: random.Random) -> bytes:
    if tensor.is_ones:
        return array("f", [1.0] * tensor.numbers).tobytes()
    # A short pattern over and over is random enough for a model that means nothing.
    pattern = array("f", [chance.gauss(0.0, 0.05) for _ in range(4093)])
    times = tensor.numbers // len(pattern) + 1
    return (pattern * times)[: tensor.numbers].tobytes()


def _vocabulary() -> tuple[list[str], list[int]]:
    tokens = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256))]
    kinds = [_UNKNOWN, _CONTROL, _CONTROL] + [_BYTE] * 256
    words = ["\u2581", *(chr(letter) for letter in range(97, 123)), "\u2581the", "\u2581token", "\u2581code"]
    return tokens + words, kinds + [_NORMAL] * len(words)


def _pairs(sizes: Sizes, name: str, tokens: list[str], kinds: list[int]) -> Iterator[bytes]:
    heads = 4
    yield _pair("general.architecture", _STRING, _text("llama"))
    yield _pair("general.name", _STRING, _text(name))
    for key, number in (
        ("general.file_type", 0),
        ("llama.context_length", sizes.context),
        ("llama.embedding_length", sizes.hidden),
        ("llama.block_count", sizes.layers),
        ("llama.feed_forward_length", sizes.feed_forward),
        ("llama.attention.head_count", heads),
        ("llama.attention.head_count_kv", heads),
        ("llama.rope.dimension_count", sizes.hidden // heads),
        ("llama.vocab_size", len(tokens)),
        ("tokenizer.ggml.bos_token_id", 1),
        ("tokenizer.ggml.eos_token_id", 2),
        ("tokenizer.ggml.unknown_token_id", 0),
    ):
        yield _pair(key, _UINT32, struct.pack("<I", number))
    yield _pair("llama.attention.layer_norm_rms_epsilon", _FLOAT32, struct.pack("<f", 1e-5))
    yield _pair("tokenizer.ggml.model", _STRING, _text("llama"))
    yield _pair("tokenizer.ggml.tokens", _ARRAY, _list(_STRING, [_text(token) for token in tokens]))
    scores = [struct.pack("<f", -float(index)) for index in range(len(tokens))]
    yield _pair("tokenizer.ggml.scores", _ARRAY, _list(_FLOAT32, scores))
    yield _pair(
        "tokenizer.ggml.token_type", _ARRAY, _list(_INT32, [struct.pack("<i", kind) for kind in kinds])
    )
    yield _pair("tokenizer.chat_template", _STRING, _text(_TEMPLATE))


def _tensors(sizes: Sizes, tokens: int) -> Iterator[Tensor]:
    hidden, wide = sizes.hidden, sizes.feed_forward
    yield Tensor("token_embd.weight", (hidden, tokens))
    yield Tensor("output_norm.weight", (hidden,), is_ones=True)
    yield Tensor("output.weight", (hidden, tokens))
    for layer in range(sizes.layers):
        start = f"blk.{layer}."
        yield Tensor(f"{start}attn_norm.weight", (hidden,), is_ones=True)
        yield Tensor(f"{start}ffn_norm.weight", (hidden,), is_ones=True)
        for part in ("attn_q", "attn_k", "attn_v", "attn_output"):
            yield Tensor(f"{start}{part}.weight", (hidden, hidden))
        yield Tensor(f"{start}ffn_gate.weight", (hidden, wide))
        yield Tensor(f"{start}ffn_up.weight", (hidden, wide))
        yield Tensor(f"{start}ffn_down.weight", (wide, hidden))


def _pair(key: str, kind: int, value: bytes) -> bytes:
    return _text(key) + struct.pack("<I", kind) + value


def _text(value: str) -> bytes:
    raw = value.encode()
    return struct.pack("<Q", len(raw)) + raw


def _list(kind: int, values: list[bytes]) -> bytes:
    return struct.pack("<IQ", kind, len(values)) + b"".join(values)
