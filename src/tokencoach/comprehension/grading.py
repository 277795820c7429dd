"""What an answer is worth."""

from __future__ import annotations

import ast
import json
import re
from typing import TYPE_CHECKING, Any, Final

from tokencoach.comprehension.question import AnswerKey, Form, Grade, Prepared
from tokencoach.comprehension.rubric import judge, rows_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tokencoach.comprehension.heard import Heard

_MOST: Final = 20_000
_NUMBER: Final = re.compile(r"\d+")
_NOTHING: Final = frozenset({"none", "no", "nothing", "no exception", "swallowed", "-"})
_NONE: Final = "none"
_LEAVING: Final = ("return", "raise", "throw", "break", "continue")
_SAME: Final = {"throw": "raise"}
_CODE: Final = "code"
_SAID: Final = "said"


def grade(prepared: Prepared, answer: str | Sequence[str], heard: Heard | None = None) -> Grade:
    """The grade of an answer; an empty one is wrong, not an error.

    A multiple choice is answered with options, their numbers from 1, or a list of either.
    ``heard`` is what assistants said, which an explanation must not repeat.
    """
    question, key = prepared.question, prepared.key
    expected = (
        "; ".join(key.expected) if question.form is Form.MULTIPLE else key.expected[0] if key.expected else ""
    )
    if question.form is Form.TEXT:
        return _text(prepared, answer if isinstance(answer, str) else " ".join(answer), heard)
    is_right: bool | None
    if question.form in {Form.CHOICE, Form.MULTIPLE}:
        is_right = _picked(question.options, answer) == frozenset(key.expected)
    else:
        is_right = _typed(key, (answer if isinstance(answer, str) else " ".join(answer))[:_MOST])
    return Grade(question.id, is_right, expected, key.evidence)


def _text(prepared: Prepared, answer: str, heard: Heard | None) -> Grade:
    key = prepared.key
    own = {name: text for name, text in sorted(key.facts.items()) if name == _CODE or name.startswith(_SAID)}
    looked = ["the code" if name == _CODE else f"the {name.removeprefix(_SAID).strip()}" for name in own]
    said: tuple[str, ...] = ()
    if heard is not None:
        said = heard.texts
        looked.append(heard.looked)
    verdict = judge(answer[:_MOST], key.facts, (*own.values(), *said), ", ".join(looked))
    return Grade(
        prepared.question.id,
        verdict.is_passed,
        "; ".join(key.expected),
        key.evidence,
        score=verdict.score,
        lines=rows_of(verdict),
    )


def _picked(options: Sequence[str], answer: str | Sequence[str]) -> frozenset[str]:
    """The options that an answer names."""
    return frozenset(
        option for part in _parts(answer) if (option := _option(options, part.strip())) is not None
    )


def _parts(answer: str | Sequence[str]) -> list[str]:
    if not isinstance(answer, str):
        return list(answer)
    text = answer.strip()[:_MOST]
    if text.startswith("["):
        try:
            read = json.loads(text)
        except (ValueError, RecursionError):
            read = None
        if isinstance(read, list):
            return [str(part) for part in read]
    if re.fullmatch(r"[\d\s,;]+", text):
        return re.split(r"[\s,;]+", text)
    return text.split("\n")


def _option(options: Sequence[str], part: str) -> str | None:
    """The option that a part of an answer means; a stray part means none, and so spoils the answer."""
    if part in options or not part:
        return part or None
    if part.isascii() and part.isdigit() and 0 < int(part[:6]) <= len(options):
        return options[int(part) - 1]
    return f"unknown: {part}"


def _typed(key: AnswerKey, answer: str) -> bool | None:
    """Whether a typed answer is right; None where it would have to be run, and nothing can be run here."""
    given = answer.strip().strip("`").strip()
    if not given:
        return False
    match key.matcher:
        case "line":
            return _is_line(key, given.lower())
        case "exception":
            return any(_exception(given) == _exception(one) for one in key.expected)
        case "arguments":
            from tokencoach.comprehension.generators.computed import accepts  # noqa: PLC0415 - it starts a process

            return accepts(key, given)
        case "word":
            return any(given.casefold() == one.casefold() for one in key.expected)
    return any(_is_same_literal(given, one) for one in key.expected)


def _is_line(key: AnswerKey, given: str) -> bool:
    """A line's number, or a word for what is no line; a way of leaving that is named must be the right one."""
    how = key.facts.get("how", "")
    named = [_SAME.get(word, word) for word in _LEAVING if re.search(rf"\b{word}", given)]
    if how in {"return", "raise", "break", "continue"} and named and how not in named:
        return False
    numbers = _NUMBER.findall(given)
    if numbers:
        return len(numbers) == 1 and numbers[0].lstrip("0") in key.expected
    return any(not one.isdigit() and re.search(rf"\b{re.escape(one)}\b", given) for one in key.expected)


def _exception(text: str) -> str:
    """An exception's bare name, in lower case; every word for none is ``none``."""
    lowered = text.strip().lower().rstrip("().").replace("::", ".")
    return _NONE if lowered in _NOTHING else lowered.rpartition(".")[2]


def _is_same_literal(given: str, expected: str) -> bool:
    value, wanted = _literal(given), _literal(expected)
    if wanted is not _UNREADABLE and value is not _UNREADABLE:
        return _is_equal(value, wanted)
    # Text is accepted without its quotes.
    if given == expected or (isinstance(wanted, str) and given == wanted):
        return True
    built = _built(expected)
    return built is not None and _built(given) == built


def _built(text: str) -> str | None:
    """Values made by calls, such as times and paths, in one spelling: classes by their bare names."""
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None
    if not any(isinstance(node, ast.Call) for node in ast.walk(tree)):
        return None
    return _BARE.sub("", ast.unparse(tree))


_BARE: Final = re.compile(r"\b(datetime|decimal|pathlib)\.")
_UNREADABLE: Final = object()


def _literal(text: str) -> Any:
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return _UNREADABLE


def _is_equal(one: Any, other: Any) -> bool:
    """Equality in which True is not 1, at any depth."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        same_kind = type(one) is type(other) and len(one) == len(other)
        return same_kind and all(map(_is_equal, one, other))
    return bool(one == other)
