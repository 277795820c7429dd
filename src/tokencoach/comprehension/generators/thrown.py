"""What a ``try`` of JavaScript, Java, C++ or Ruby makes of an exception: cases for G5."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.comprehension.flow import Block, Handler, Leave, Opaque, Plain, Try, every

if TYPE_CHECKING:
    from collections.abc import Iterator

_SCRIPTS: Final = frozenset({"javascript", "typescript", "tsx"})
_ABOVE: Final[dict[str, dict[str, tuple[str, ...]]]] = {
    "java": {"IllegalStateException": ("RuntimeException", "Exception", "Throwable")},
    "ruby": {"Interrupt": ("SignalException", "Exception")},
    "cpp": {"std::bad_alloc": ("std::exception",)},
}
_WORDS: Final = {
    "IllegalStateException": "it throws an IllegalStateException",
    "Interrupt": "Ctrl-C is pressed while it runs, which raises Interrupt",
    "std::bad_alloc": "it throws std::bad_alloc",
    "Error": "it throws an Error",
}


class Thrown(NamedTuple):
    """A statement in a ``try``, what it throws in which words, and the handler that catches it, if one does."""

    line: int
    situation: str
    name: str
    caught_by: Handler | None
    around: Try


def thrown(body: Block, language: str) -> Iterator[Thrown]:
    """Cases of every ``try`` with handlers; of each the first statement throws."""
    for node in every(body):
        if not isinstance(node, Try) or not node.handlers or not node.body:
            continue
        first = node.body[0]
        if not isinstance(first, Plain):
            continue
        if language in _SCRIPTS:
            yield Thrown(first.line, _WORDS["Error"], "Error", node.handlers[0], node)
            continue
        for name, parents in _ABOVE.get(language, {}).items():
            catcher = next((one for one in node.handlers if _takes(one, name, parents)), None)
            yield Thrown(first.line, _WORDS[name], name, catcher, node)
        own = node.handlers[0].names[:1]
        if own and own[0] not in {name for chain in _ABOVE.get(language, {}).values() for name in chain}:
            yield Thrown(first.line, f"it throws {own[0]}", own[0], node.handlers[0], node)


def _takes(handler: Handler, name: str, parents: tuple[str, ...]) -> bool:
    """Whether a handler is for an exception of the language's own; a project's types stand below these."""
    return not handler.names or any(one in {name, *parents} for one in handler.names)


def is_nested(body: Block, one: Try) -> bool:
    """Whether another ``try`` stands around this one or in it, so that neither is followed."""
    others = [node for node in every(body) if isinstance(node, Try) and node is not one]
    return any(one in tuple(every((node,))) or node in tuple(every((one,))) for node in others)


def leaves_last(one: Try) -> bool:
    """Whether what always runs at the end may leave by itself."""
    return any(isinstance(node, Leave | Opaque) for node in every(one.final))
