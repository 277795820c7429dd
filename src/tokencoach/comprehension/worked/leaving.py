"""How statements leave what they stand in, and other small facts about them."""

from __future__ import annotations

import ast
import builtins
from enum import Enum
from typing import Any, Final, NamedTuple

from tokencoach.comprehension.languages.python_names import dotted
from tokencoach.comprehension.languages.python_values import UnknownValueError

_QUIET: Final = frozenset({"print", "click.echo", "warnings.warn"})
_LOG_WORDS: Final = frozenset({"debug", "info", "warning", "error", "exception", "critical"})
_LOGS: Final = frozenset({"logger", "log", "logging", "_logger", "LOG", "LOGGER", "_log"})


class Ways(Enum):
    """How statements leave what they stand in."""

    RETURN = "return"
    RAISE = "raise"
    BREAK = "break"
    CONTINUE = "continue"


class Left(NamedTuple):
    """That something was left, and with what: a value, or an exception's name."""

    way: Ways
    value: Any = None


def defaults_of(given: ast.arguments) -> list[tuple[str, ast.expr]]:
    """Parameters that may be left out, with what they are then."""
    plain = [*given.posonlyargs, *given.args]
    pairs = list(zip(plain[len(plain) - len(given.defaults) :], given.defaults, strict=True))
    pairs += [(one, value) for one, value in zip(given.kwonlyargs, given.kw_defaults, strict=True) if value]
    return [(one.arg, value) for one, value in pairs]


def is_quiet(node: ast.expr) -> bool:
    """Whether an expression only tells somebody something."""
    name = dotted(node.func) if isinstance(node, ast.Call) else None
    if name is None:
        return False
    owner, _, word = name.rpartition(".")
    return name in _QUIET or (word in _LOG_WORDS and owner.rpartition(".")[2] in _LOGS)


def exception_of(node: ast.expr | None) -> type[BaseException]:
    """The built-in exception that a handler names.

    Raises:
        UnknownValueError: it is one of the project's.
    """
    kind = Exception if node is None else getattr(builtins, dotted(node) or "", None)
    if not isinstance(kind, type) or not issubclass(kind, BaseException):
        raise UnknownValueError
    return kind
