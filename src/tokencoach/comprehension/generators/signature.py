"""Signatures of Python functions, and which calls they take."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.comprehension.languages.python_names import dotted

if TYPE_CHECKING:
    from tokencoach.comprehension.languages.python_names import PythonFunction

_PLAIN: Final = frozenset(
    {"staticmethod", "classmethod", "abstractmethod", "abc.abstractmethod", "override", "typing.override"}
)
_MOST_PARAMETERS: Final = 8


class Call(NamedTuple):
    """A call as it is written: how many positional arguments, and which keywords."""

    text: str
    positional: int
    keywords: tuple[str, ...]

    def is_taken(self, signature: inspect.Signature) -> bool:
        """Whether the signature takes the call."""
        try:
            signature.bind(*([0] * self.positional), **dict.fromkeys(self.keywords, 0))
        except TypeError:
            return False
        return True


def signature_of(node: PythonFunction, *, is_method: bool) -> inspect.Signature | None:
    """The signature as a caller sees it; None where a decorator may have changed it, or it is too long."""
    names = {dotted(decorator) for decorator in node.decorator_list}
    if not names <= _PLAIN:
        return None
    given = node.args
    empty = inspect.Parameter.empty
    found: list[inspect.Parameter] = []
    plain = [*given.posonlyargs, *given.args]
    defaults = [None] * (len(plain) - len(given.defaults)) + list(given.defaults)
    for place, (argument, default) in enumerate(zip(plain, defaults, strict=True)):
        is_only = place < len(given.posonlyargs)
        kind = inspect.Parameter.POSITIONAL_ONLY if is_only else inspect.Parameter.POSITIONAL_OR_KEYWORD
        found.append(inspect.Parameter(argument.arg, kind, default=empty if default is None else 0))
    if given.vararg is not None:
        found.append(inspect.Parameter(given.vararg.arg, inspect.Parameter.VAR_POSITIONAL))
    for argument, value in zip(given.kwonlyargs, given.kw_defaults, strict=True):
        found.append(
            inspect.Parameter(
                argument.arg, inspect.Parameter.KEYWORD_ONLY, default=empty if value is None else 0
            )
        )
    if given.kwarg is not None:
        found.append(inspect.Parameter(given.kwarg.arg, inspect.Parameter.VAR_KEYWORD))
    if is_method and "staticmethod" not in names:
        found = found[1:] if found and found[0].kind is not inspect.Parameter.VAR_POSITIONAL else []
    if len(found) > _MOST_PARAMETERS:
        return None
    try:
        return inspect.Signature(found)
    except ValueError:
        return None


def calls(name: str, signature: inspect.Signature) -> list[Call]:
    """Calls near the edge of what a signature takes: arguments left out, too many, by place and by name."""
    plain = [
        p for p in signature.parameters.values() if p.kind in {p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD}
    ]
    only = [p for p in signature.parameters.values() if p.kind is p.KEYWORD_ONLY]
    required = sum(p.default is p.empty for p in plain)
    needed = tuple(p.name for p in only if p.default is p.empty)
    found = [_call(name, plain, count, needed) for count in range(max(0, required - 1), len(plain) + 2)]
    for parameter in (*only, *plain[required:]):
        keywords = (*(one for one in needed if one != parameter.name), parameter.name)
        found.append(_call(name, plain, required, keywords))
        found.append(_call(name, plain, required, tuple(one for one in needed if one != parameter.name)))
    if plain and plain[0].kind is plain[0].POSITIONAL_OR_KEYWORD and required:
        found.append(_call(name, plain, required - 1, (*needed, plain[required - 1].name)))
    return list({call.text: call for call in found}.values())


def _call(name: str, plain: list[inspect.Parameter], positional: int, keywords: tuple[str, ...]) -> Call:
    extra = "extra"
    shown = [plain[place].name if place < len(plain) else extra for place in range(positional)]
    return Call(
        f"{name}({', '.join([*shown, *(f'{word}={word}' for word in keywords)])})", positional, keywords
    )
