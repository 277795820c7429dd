"""G23: a test of this very commit makes several checks; which of these are they?"""

from __future__ import annotations

from collections import Counter
from math import prod
from typing import TYPE_CHECKING, Final

import xxhash

from tokencoach.comprehension.change import Skip
from tokencoach.comprehension.generators.base import Option, question_id, shuffled
from tokencoach.comprehension.generators.flows import short
from tokencoach.comprehension.generators.tested import TEST, bare, owner, test_of
from tokencoach.comprehension.languages.parsing import language_of
from tokencoach.comprehension.languages.python_checks import python_checks
from tokencoach.comprehension.question import AnswerKey, CheckedBy, Form, Kind, Part, Prepared, Question

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tokencoach.comprehension.change import ChangedFile, ChangedFunction
    from tokencoach.comprehension.generators.base import Context, Source
    from tokencoach.comprehension.languages.python_checks import Check, Checked

_MOST: Final = 2
_MOST_FILES: Final = 12
_MOST_CHECKS: Final = 5
_LEAST_OPTIONS: Final = 4
_LEAST_TELLING: Final = 2
_LEAST_ANSWERS: Final = 6


def questions(function: ChangedFunction, source: Source, context: Context) -> Iterator[Prepared]:
    """At most two questions about different tests that call the function, or speak of what changed in it."""
    del source
    own = function.path, function.qualname
    found = [
        (one, file)
        for file in _tests(context)
        for one in python_checks(file.path, file.new, file.added)
        if owner(one.words, one.checked, context) == own
    ]
    found.sort(key=lambda pair: (bare(function) not in pair[0].words, -len(pair[0].checks)))
    made = 0
    for one, file in found:
        options = _options(function, one)
        if len(options) >= _LEAST_OPTIONS and made < _MOST:
            made += 1
            yield _asked(function, one, file, options)


def _tests(context: Context) -> list[ChangedFile]:
    tests = [file for file in context.files if file.skip is Skip.TEST and language_of(file.path) == "python"]
    return tests[:_MOST_FILES]


def _options(function: ChangedFunction, one: Checked) -> list[Option]:
    """Statements about what holds at each check: some as the test makes them, some that it rules out."""
    numbered = list(enumerate(one.checks, 1))
    # What says most comes last in a test, and is kept where there are too many.
    numbered = sorted(numbered, key=lambda pair: (not pair[1].is_telling, -pair[0]))[:_MOST_CHECKS]
    if sum(check.is_telling for _, check in numbered) < _LEAST_TELLING:
        return []
    numbered.sort()
    coins = [_coin(function, one, number) for number, _ in numbered]
    if len(set(coins)) == 1:
        coins[_place(function, one) % len(coins)] ^= True
    options = [
        _option(number, check, is_right=coin) for (number, check), coin in zip(numbered, coins, strict=True)
    ]
    for (number, check), coin in zip(numbered, coins, strict=True):
        if len(options) < _LEAST_OPTIONS:
            options += _more(number, check, is_right=coin)
    options = options[: max(_LEAST_OPTIONS, len(numbered))]
    return options if _answers(options) >= _LEAST_ANSWERS else []


def _answers(options: Sequence[Option]) -> int:
    """How many answers somebody can give who knows that one check holds in one way only."""
    sizes = Counter(option.text.partition(":")[0] for option in options)
    return prod(max(2, size) for size in sizes.values())


def _option(number: int, check: Check, *, is_right: bool) -> Option:
    if is_right:
        return Option(f"{number}: {check.holds}", is_right=True, reason="the test makes this check")
    return Option(f"{number}: {check.fails[0]}", is_right=False, reason=f"the test checks {check.holds}")


def _more(number: int, check: Check, *, is_right: bool) -> list[Option]:
    """Further statements about a check that is already spoken of."""
    if not is_right:
        return [_option(number, check, is_right=True)]
    return [
        Option(f"{number}: {text}", is_right=False, reason=f"the test checks {check.holds}")
        for text in check.fails[:2]
    ]


def _coin(function: ChangedFunction, one: Checked, number: int) -> bool:
    return bool(xxhash.xxh3_64_intdigest(f"{function.blob}\0{one.test}\0{number}".encode()) & 1)


def _place(function: ChangedFunction, one: Checked) -> int:
    return xxhash.xxh3_64_intdigest(f"{function.blob}\0{one.test}".encode())


def _asked(function: ChangedFunction, one: Checked, file: ChangedFile, options: Sequence[Option]) -> Prepared:
    code = "\n".join(f"  {line}" for line in one.shown)
    prompt = (
        f"This commit changes a test that touches {short(function)} (line {one.line} of {one.path}):\n{code}\n"
        "Which of these hold where it makes its checks? Pick all that do."
    )
    ordered = shuffled(options, function, f"G23{one.test}")
    ordered.sort(key=lambda option: option.text.partition(":")[0])
    return Prepared(
        Question(
            id=question_id(function, Kind.CHECKS, f"{one.path}:{one.test}:{code}"),
            kind=Kind.CHECKS,
            part=Part.EDGES,
            path=function.path,
            qualname=function.qualname,
            line=min(function.changed, default=function.first),
            prompt=prompt,
            form=Form.MULTIPLE,
            options=tuple(option.text for option in ordered),
            lines=tuple(sorted(function.changed))[:1],
            seconds=40,
        ),
        AnswerKey(
            expected=tuple(option.text for option in ordered if option.is_right),
            checked_by=CheckedBy.SYNTAX,
            evidence=f"the checks of {one.test} in {one.path}",
            matcher="options",
            reasons=tuple(option.reason for option in ordered),
            trace=tuple(f"{number}: {check.holds}" for number, check in enumerate(one.checks, 1)),
            facts={TEST: test_of(one.path, file.blob)},
        ),
    )
