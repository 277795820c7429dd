"""G17: what did the function call before this commit, and calls no longer? Only the change itself tells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tokencoach.comprehension.generators.base import Option, pick_all, shuffled
from tokencoach.comprehension.generators.flows import short
from tokencoach.comprehension.generators.spoken import Spoken, spoken_in, telling
from tokencoach.comprehension.question import Kind, Part, Prepared

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tokencoach.comprehension.change import ChangedFunction
    from tokencoach.comprehension.generators.base import Context, Source

_MOST_RIGHT: Final = 2
_MOST_KEPT: Final = 2
_LEAST_ELSEWHERE: Final = 2
_MOST_OPTIONS: Final = 6


def questions(function: ChangedFunction, source: Source, context: Context) -> Iterator[Prepared]:
    """At most one question, where a function that was there before lost a call that says something."""
    del context
    if source.file.old is None or source.language is None or "/" in function.qualname:
        return
    old = {one.qualname: one for one in spoken_in(source.file.old, source.language)}
    new = {one.qualname: one for one in spoken_in(source.file.new, source.language)}
    before, now = old.get(function.qualname), new.get(function.qualname)
    if before is None or now is None:
        return
    gone = telling(before.calls - now.words)
    kept = telling(before.calls & now.calls)
    # Names that never stood here: else whoever looks for the one that is not on the screen has found it.
    elsewhere = telling(_called_by_others(old, function.qualname)) - before.words - now.words
    if not gone or len(elsewhere) < _LEAST_ELSEWHERE:
        return
    right = shuffled(sorted(gone), function, "gone")[:_MOST_RIGHT]
    wrong = shuffled(sorted(kept), function, "kept")[:_MOST_KEPT]
    wrong += shuffled(sorted(elsewhere), function, "elsewhere")[: _MOST_OPTIONS - len(right) - len(wrong)]
    reasons = dict.fromkeys(right, "it called it before, and does not speak of it now")
    yield pick_all(
        function,
        Kind.TAKEN_OUT,
        Part.WHY,
        f"This commit takes calls out of {short(function)}. Which of these did it call itself before, and no longer does?",
        [
            Option(f"{name}()", name in reasons, reasons.get(name) or _why_not(name, now))
            for name in shuffled([*right, *wrong], function, "G17")
        ],
        line=function.first,
        what="calls",
        evidence="the calls in the function before the commit and after it",
        seconds=20,
    )


def _called_by_others(old: dict[str, Spoken], qualname: str) -> frozenset[str]:
    return frozenset(name for other, one in old.items() if other != qualname for name in one.calls)


def _why_not(name: str, now: Spoken) -> str:
    return "it still calls it" if name in now.calls else "it did not call it before either"
