"""What the questions that run code share: the slice, the inputs, the interpreter, and marking typed arguments."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.comprehension.inputs import bound, kept, parameters, pool
from tokencoach.comprehension.recordings import RecordedFunction, Recordings
from tokencoach.comprehension.sandbox.execute import Outcome, outcomes
from tokencoach.comprehension.sandbox.purity import Slice, sliced

if TYPE_CHECKING:
    from tokencoach.comprehension.change import ChangedFunction
    from tokencoach.comprehension.generators.base import Context, PythonFunction, Source
    from tokencoach.comprehension.question import AnswerKey

_OF_TYPES: Final = frozenset({"TypeError", "AttributeError"})


class Computable(NamedTuple):
    """A function that only computes: its slice, inputs to try, its recording and who is to run it."""

    node: PythonFunction
    piece: Slice
    inputs: tuple[str, ...]
    row: RecordedFunction | None
    python: str

    def run(self, piece: Slice | None = None) -> tuple[Outcome | None, ...]:
        """The outcome of each input, of this slice or of another one of the same function."""
        return outcomes(piece or self.piece, self.inputs, self.python)

    def facts(self, **more: str) -> dict[str, str]:
        """What marking an answer later needs."""
        names = parameters(self.node) or []
        own = {
            "source": self.piece.source,
            "name": self.piece.name,
            "modules": json.dumps(self.piece.modules),
        }
        return {**own, "parameters": kept(names), "python": self.python, **more}


def computable(function: ChangedFunction, source: Source, context: Context) -> Computable | None:
    """The function with all it needs; None where it does more than compute, or no input fits for sure."""
    node = source.node(function)
    if node is None or source.tree is None or "." in function.qualname:
        return None
    row = (
        context.recordings.of(source, function.qualname)
        if isinstance(context.recordings, Recordings)
        else None
    )
    inputs = pool(node, row)
    piece = sliced(source.tree, source.lines, function.qualname) if inputs else None
    if piece is None:
        return None
    own = row.executable if row is not None and Path(row.executable).is_file() else sys.executable
    return Computable(node, piece, tuple(inputs), row, own)


def is_sensible(outcome: Outcome | None) -> bool:
    """Whether an outcome is more than the noise of an argument of a wrong type."""
    return outcome is not None and not (outcome.kind == "raised" and outcome.result in _OF_TYPES)


def differ(one: Outcome, other: Outcome) -> bool:
    """Whether two outcomes differ in what a caller sees."""
    return (one.kind, one.result, one.after) != (other.kind, other.result, other.after)


def said(outcome: Outcome) -> str:
    """An outcome in words."""
    return f"{'raises' if outcome.kind == 'raised' else 'returns'} {outcome.result}"


def accepts(key: AnswerKey, given: str) -> bool | None:
    """Whether typed arguments do what was asked, by running them; None where nothing can be run here.

    ``mutant`` among the key's facts asks for a different outcome, ``line`` for a line that is reached.
    """
    facts = key.facts
    text = bound(given, [(name, default) for name, default in json.loads(facts["parameters"])])
    if text is None:
        return False
    piece = Slice(facts["source"], facts["name"], tuple(json.loads(facts["modules"])))
    python = facts["python"] if Path(facts["python"]).is_file() else sys.executable
    (own,) = outcomes(piece, [text], python)
    if own is None:
        return True if text in key.expected else None
    if "line" in facts:
        return int(facts["line"]) in own.lines
    (other,) = outcomes(piece._replace(source=facts["mutant"]), [text], python)
    return None if other is None else differ(own, other)
