"""Which changed function a changed test is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tokencoach.comprehension.generators.spoken import COMMON

if TYPE_CHECKING:
    from tokencoach.comprehension.change import ChangedFunction
    from tokencoach.comprehension.generators.base import Context

TEST: Final = "test"
"""The fact of a key that names the test, as ``test_of`` does, without which there is no question."""
_LEAST_NAME: Final = 4
_LEAST_SHARED: Final = 2
_LEAST_SHARED_OF_MANY: Final = 4
_FEW: Final = 2
_SAYS_NOTHING: Final = frozenset(
    {"self", "assert", "return", "with", "from", "import", "None", "True", "False", "test", "name", "value", "values",
     "this", "that", "func", "function", "const", "await", "async", "else", "elif", "raise", "text", "result", "string",
     "error", "expect", "isinstance", "format", "list", "dict", "tuple", "path", "table", "open", "file"}
)  # fmt: skip


def test_of(path: str, blob: str) -> str:
    """A test's file as it stands in a change."""
    return f"{path}:{blob}"


def bare(function: ChangedFunction) -> str:
    """The name by which a function is called; that of its class where it makes the class's objects."""
    above, _, name = function.qualname.partition("/")[0].replace("::", ".").rpartition(".")
    return above.rpartition(".")[2] if name in {"__init__", "constructor", "new", "New"} and above else name


def owner(words: frozenset[str], checked: frozenset[str], context: Context) -> tuple[str, str] | None:
    """The function that a test is asked about: one that its check calls, that it calls, or whose lines its words are.

    ``words`` are the test's, ``checked`` those of the check alone.
    """
    named = [item for item in context.able if len(bare(item)) >= _LEAST_NAME and bare(item) in words]
    in_check = [item for item in named if bare(item) in checked]
    rare = [item for item in named if bare(item) not in COMMON]
    for item in (*in_check, *rare):
        return item.path, item.qualname
    shared = [(len((context.words_of(item) & words) - _SAYS_NOTHING), item) for item in context.able]
    most = max((count for count, _ in shared), default=0)
    best = next((item for count, item in shared if count == most), None)
    least = _LEAST_SHARED if len(context.able) <= _FEW else _LEAST_SHARED_OF_MANY
    return (best.path, best.qualname) if best is not None and most >= least else None
