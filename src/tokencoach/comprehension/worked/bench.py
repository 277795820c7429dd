"""What is known while a piece of code is worked out, and how far it may go."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tokencoach.comprehension.languages.python_values import UnknownValueError

if TYPE_CHECKING:
    import ast
    from collections.abc import Mapping

_MOST_LENGTH: Final = 200
_MOST_NUMBER: Final = 10**12
_MOST_STEPS: Final = 1500
TRUTH: Final = "whether "
"""What stands before a condition that is supposed to hold, or not to, among the given values."""
_LONGEST_SYMBOL: Final = 44
_PLAIN: Final = (bool, int, float, str, bytes)


class NeedsTruthError(UnknownValueError):
    """It cannot be told whether a condition holds: it would have to be supposed."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class Symbol:
    """A value that nobody knows, told by the code that gives it. ``is_made`` where the code makes an object."""

    __slots__ = ("is_made", "is_spoiled", "text")

    def __init__(self, text: str, *, is_made: bool = False) -> None:
        self.text = text
        self.is_made = is_made
        self.is_spoiled = False

    def __bool__(self) -> bool:
        raise UnknownValueError


class Surroundings(NamedTuple):
    """What stands around a piece of code: constants and functions of its file, modules that it imports.

    ``shadowed`` are names of built-in functions that mean something else there.
    """

    constants: Mapping[str, Any] = {}
    functions: Mapping[str, ast.FunctionDef] = {}
    modules: frozenset[str] = frozenset()
    shadowed: frozenset[str] = frozenset()


class Bench:
    """Names with their values while a piece of code is worked out.

    ``given`` are supposed values, by name or by the text of a call; ``used`` are those that were
    read, as they were then. ``operations`` and ``decisions`` count what a reader has to follow,
    ``lines`` are the lines that ran.
    """

    def __init__(self, around: Surroundings, given: Mapping[str, Any], depth: int = 0) -> None:
        self.around = around
        self.given = given
        self.depth = depth
        self.names: dict[str, Any] = {}
        self.used: dict[str, Any] = {}
        self.lines: set[int] = set()
        self.operations = 0
        self.decisions = 0
        self.turns = 0
        self._steps = 0
        self._lost: set[str] = set()

    def step(self) -> None:
        """One more thing is done.

        Raises:
            UnknownValueError: it were too many.
        """
        self._steps += 1
        if self._steps > _MOST_STEPS:
            raise UnknownValueError

    def read(self, name: str) -> Any:
        """The value of a name, or of a dotted name.

        Raises:
            UnknownValueError: nobody knows it.
        """
        if name in self.names:
            return self.names[name]
        if name in self.given and not self._is_lost(name):
            self.used[name] = self.given[name]
            self.names[name] = copy.deepcopy(self.given[name])
            return self.names[name]
        if name in self.around.constants and "." not in name:
            return self.around.constants[name]
        if self._is_lost(name):
            raise UnknownValueError
        self.names[name] = Symbol(name)
        return self.names[name]

    def write(self, name: str, value: Any) -> None:
        """Give a name a value; what was known behind it is known no more."""
        self.lose(name)
        self.names[name] = bounded(value)

    def lose(self, name: str) -> None:
        """Forget what is behind a name, because somebody else may have changed it."""
        self._lost.add(name)
        for other in [other for other in self.names if other.startswith(f"{name}.")]:
            del self.names[other]

    def suppose(self, text: str) -> Any:
        """What a call gives, as it was supposed.

        Raises:
            UnknownValueError: nothing was, or the call stands where it may give something else each time.
        """
        if text not in self.given or self.turns or self.depth or text in self.used:
            raise UnknownValueError
        self.used[text] = self.given[text]
        return copy.deepcopy(self.given[text])

    def truth(self, text: str) -> bool:
        """Whether a condition that cannot be worked out holds, as it was supposed.

        Raises:
            NeedsTruthError: nothing was supposed about it, or it may be otherwise each time.
        """
        if self.turns or self.depth:
            raise UnknownValueError
        key = TRUTH + text
        if key not in self.given or key in self.used:
            raise NeedsTruthError(key)
        self.used[key] = self.given[key]
        return bool(self.given[key])

    def _is_lost(self, name: str) -> bool:
        parts = name.split(".")
        return any(".".join(parts[:size]) in self._lost for size in range(1, len(parts)))


def bounded(value: Any) -> Any:
    """The value, if it stays small.

    Raises:
        UnknownValueError: it does not.
    """
    if isinstance(value, str | bytes | list | tuple | dict | set | frozenset | range):
        if len(value) > _MOST_LENGTH:
            raise UnknownValueError
    elif isinstance(value, int) and abs(value) > _MOST_NUMBER:
        raise UnknownValueError
    return value


def told(value: Any, depth: int = 0) -> str:
    """A value as it is written down; elements of a set in order.

    Raises:
        UnknownValueError: it holds anything else than plain built-in values.
    """
    kind = type(value)
    if kind is Symbol and not value.is_spoiled and len(value.text) <= _LONGEST_SYMBOL:
        return str(value.text)
    if value is None or kind in _PLAIN:
        return repr(value)
    if depth > 3:
        raise UnknownValueError
    if kind is list:
        return f"[{', '.join(told(one, depth + 1) for one in value)}]"
    if kind is tuple:
        inner = ", ".join(told(one, depth + 1) for one in value)
        return f"({inner},)" if len(value) == 1 else f"({inner})"
    if kind is dict:
        rows = (f"{told(key, depth + 1)}: {told(one, depth + 1)}" for key, one in value.items())
        return f"{{{', '.join(rows)}}}"
    if kind is set:
        return f"{{{', '.join(sorted(told(one, depth + 1) for one in value))}}}" if value else "set()"
    raise UnknownValueError


def is_plain(value: Any) -> bool:
    """Whether a value holds no symbol, at any depth."""
    if isinstance(value, Symbol):
        return False
    inner = [*value.keys(), *value.values()] if isinstance(value, dict) else value
    return not isinstance(inner, list | tuple | set) or all(is_plain(one) for one in inner)
