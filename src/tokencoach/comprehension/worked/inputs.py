"""Values worth supposing for the names that a piece of code reads."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tokencoach.comprehension.worked.shapes import Shape

_MOST_VALUES: Final = 6
_MOST_INPUTS: Final = 40
_MOST_DEEP: Final = 3
_LONGEST_MARK: Final = 12
_COUNTED: Final = ("count", "tokens", "total", "size", "number", "num", "length", "index", "limit", "port", "seconds",
                   "max", "min", "id", "rank", "score", "offset", "line")  # fmt: skip
_WORDS: Final = ("ab", "c", "x y")


def inputs(shapes: Mapping[str, Shape], free: frozenset[str] = frozenset()) -> list[dict[str, Any]]:
    """Rows of values by name: the plain one first, then others that differ from it in one or two names.

    ``free`` are names whose values are only passed on, so that any plain one will do.
    """
    pools = {
        name: found for name, shape in shapes.items() if (found := values(name, shape, int(name in free)))
    }
    if not pools:
        return []
    base = {name: pool[0] for name, pool in pools.items()}
    rows = [base]
    for name, pool in pools.items():
        rows += [base | {name: value} for value in pool[1:]]
    names = list(pools)
    for place, name in enumerate(names):
        for other in names[place + 1 :]:
            rows += [base | {name: one, other: two} for one in pools[name][1:3] for two in pools[other][1:3]]
    return rows[:_MOST_INPUTS]


def values(name: str, shape: Shape, depth: int = 0) -> list[Any]:
    """Values of a shape, the usual one first; none where nobody can say what it holds."""
    if shape.is_opaque or depth > _MOST_DEEP:
        return []
    kinds = shape.kinds
    if not kinds and (shape.constants or depth):
        kinds = {_guessed(name)}
    if len(kinds) != 1:
        return []
    kind = next(iter(kinds))
    made = list(islice(_of_kind(kind, name, shape, depth), _MOST_VALUES))
    if made and shape.may_be_none:
        made.append(None)
    return made


def _guessed(name: str) -> str:
    """What a field that is only passed on holds, told by its name."""
    words = name.lower().replace(".", "_").split("_")
    if words[0] in {"is", "has", "should", "no", "can"}:
        return "flag"
    return "number" if any(word in _COUNTED for word in words) else "text"


def _of_kind(kind: str, name: str, shape: Shape, depth: int) -> Iterator[Any]:
    if kind == "text":
        yield from _texts(shape)
    elif kind == "number":
        yield from _numbers(shape)
    elif kind == "flag":
        yield from (True, False)
    elif kind == "list":
        yield from _lists(name, shape, depth)
    elif kind == "dict":
        yield from _dicts(name, shape, depth)
    elif kind == "set":
        for row in _lists(name, shape, depth):
            if all(isinstance(one, str | int) for one in row):
                yield set(row)


def _texts(shape: Shape) -> Iterator[str]:
    known = dict.fromkeys(
        one for one in shape.constants if isinstance(one, str) and len(one) <= 2 * _LONGEST_MARK
    )
    marks = dict.fromkeys(one for one in shape.marks if 0 < len(one) <= _LONGEST_MARK and one not in known)
    yield from islice(known, 2)
    for mark in islice(marks, 2):
        yield from (f"a{mark}b{mark}c", f"{mark}a", f"a{mark}")
    if not marks and not known:
        yield from _WORDS
        return
    yield from ("ab", "")


def _numbers(shape: Shape) -> Iterator[int]:
    known = [one for one in shape.constants if isinstance(one, int) and not isinstance(one, bool)]
    yield from dict.fromkeys([near for one in known for near in (one + 1, one, one - 1)] or [3, 0, 1])


def _lists(name: str, shape: Shape, depth: int) -> Iterator[list[Any]]:
    from tokencoach.comprehension.worked.shapes import Shape as Plain  # noqa: PLC0415 - a name for one alone

    single = name.rpartition(".")[2].removesuffix("s")
    pool = values(single, shape.element or Plain({"text"}), depth + 1)
    if not pool:
        return
    row = [pool[0], pool[1 % len(pool)], pool[2 % len(pool)]]
    sizes = sorted({size for one in shape.sizes for size in (one, one + 1) if 0 < size <= len(row)})
    yield row[:2]
    for size in sizes:
        yield row[:size]
    yield from ([], row[:1], row)


def _dicts(name: str, shape: Shape, depth: int) -> Iterator[dict[str, Any]]:
    if not shape.fields:
        pool = values(name, shape.element, depth + 1) if shape.element is not None else []
        if pool:
            yield {"a": pool[0], "b": pool[1 % len(pool)]}
            yield {}
            yield {"a": pool[-1]}
        return
    pools = {key: values(key, one, depth + 1) for key, one in shape.fields.items()}
    if not all(pools.values()):
        return
    base = {key: pool[0] for key, pool in pools.items()}
    yield base
    for key in shape.fields:
        if key in shape.optional:
            yield {other: value for other, value in base.items() if other != key}
        yield from (base | {key: value} for value in pools[key][1:2])
    if all(key in shape.optional for key in base):
        yield {}
    for key in shape.fields:
        yield from (base | {key: value} for value in pools[key][2:])
