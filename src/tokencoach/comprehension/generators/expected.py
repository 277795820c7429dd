"""G21: a test of this very commit checks what comes out; which value does it expect?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from tokencoach.comprehension.change import Skip
from tokencoach.comprehension.expectation import Sort, is_calm
from tokencoach.comprehension.generators.base import question_id, shuffled
from tokencoach.comprehension.generators.tested import TEST, bare, owner, test_of
from tokencoach.comprehension.languages.parsing import language_of
from tokencoach.comprehension.languages.python_expectations import python_expectations
from tokencoach.comprehension.question import AnswerKey, CheckedBy, Form, Kind, Part, Prepared, Question

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tokencoach.comprehension.change import ChangedFile, ChangedFunction
    from tokencoach.comprehension.expectation import Expectation
    from tokencoach.comprehension.generators.base import Context, Source

_MOST: Final = 3
_MOST_FILES: Final = 12
_WRONG: Final = 4
_LEAST_WRONG: Final = 3
_LEAST_TOLD: Final = 2
_WORD: Final = re.compile(r"[A-Za-z_]\w{3,}")
_OPENING: Final = re.compile(r"[^\w'\"]*['\"]?")
_RAISED: Final = re.compile(r"\braise (?:\w+\.)*([A-Z]\w+)")
_USUAL_ERRORS: Final = ("ValueError", "TypeError", "KeyError", "RuntimeError", "AttributeError")
_STATUS: Final = frozenset({"exit_code", "status_code", "returncode", "status"})
_DERIVED: Final = 0.7
_ORDER: Final = (Sort.WHOLE, Sort.ERROR, Sort.NUMBER, Sort.TEXT)


def questions(function: ChangedFunction, source: Source, context: Context) -> Iterator[Prepared]:
    """At most three questions about tests that call the function, or speak of what changed in it."""
    own = function.path, function.qualname
    found = [one for one in _all(context) if owner(one.words, one.checked, context) == own]
    ordered = sorted(found, key=lambda one: _rank(one, function))
    firsts = {one.test: one for one in reversed(ordered)}
    asked = 0
    # Another check of the same test comes after what other tests say.
    for one in sorted(ordered, key=lambda one: firsts[one.test] is not one):
        made = _asked(function, source, one) if asked < _MOST else None
        if made is not None:
            asked += 1
            yield made


def _all(context: Context) -> Iterator[Expectation]:
    """What the change's own tests expect; Rust's stand beside the code."""
    tests = [file for file in context.files if file.new and file.skip in {Skip.TEST, None}]
    for file in sorted(tests, key=lambda file: file.skip is None)[:_MOST_FILES]:
        yield from (one._replace(blob=file.blob) for one in _in_file(file))


def _in_file(file: ChangedFile) -> Sequence[Expectation]:
    language = language_of(file.path)
    if language == "python":
        return python_expectations(file.path, file.new, file.added) if file.skip is Skip.TEST else ()
    if language is None or (file.skip is not Skip.TEST and language != "rust"):
        return ()
    from tokencoach.comprehension.languages.syntax_expectations import (  # noqa: PLC0415 - a grammar is loaded late
        syntax_expectations,
    )

    return syntax_expectations(file.path, file.new, file.added, language)


def _rank(one: Expectation, function: ChangedFunction) -> tuple[bool, bool, int, str, int]:
    """Checks that call the function first, and those whose value says most."""
    is_told = one.sort is Sort.TEXT and one.value[1:-1] in "\n".join(one.shown)
    return bare(function) not in one.checked, is_told, _ORDER.index(one.sort), one.path, one.line


def _asked(function: ChangedFunction, source: Source, one: Expectation) -> Prepared | None:
    told = "\n".join(one.shown)
    # Where nothing is run, a constant is looked up and nothing understood.
    if one.checked & _STATUS or is_calm(told):
        return None
    if one.sort is not Sort.NUMBER and not _is_derived(one, told, source):
        return None
    if one.sort is Sort.ERROR and source.language == "python":
        one = one._replace(others=_errors(one, source))
    wrong = () if one.sort is Sort.NUMBER else _wrong(one, told)
    if wrong is None:
        return None
    options = tuple(shuffled([one.value, *wrong], function, f"{one.test}:{one.line}")) if wrong else ()
    what = f"{one.path}:{one.test}:{told}"
    code = "\n".join(f"  {line}" for line in one.shown)
    prompt = (
        f"This commit changes the test `{one.test}` ({one.path}):\n{code}\n"
        "Which value does it expect at `____`?"
    )
    return Prepared(
        Question(
            id=question_id(function, Kind.EXPECTED, what),
            kind=Kind.EXPECTED,
            part=Part.TRACE,
            path=function.path,
            qualname=function.qualname,
            line=min(function.changed, default=function.first),
            prompt=prompt,
            form=Form.CHOICE if options else Form.TYPED,
            options=options,
            lines=tuple(sorted(function.changed))[:1],
            seconds=30,
        ),
        AnswerKey(
            expected=(one.value,),
            checked_by=CheckedBy.SYNTAX,
            evidence=f"the check on line {one.line} of {one.path}",
            matcher="options" if options else "literal",
            reasons=tuple(
                "the test expects it" if text == one.value else "the test would fail" for text in options
            ),
            trace=(f"line {one.line} of {one.path} expects {one.value}",),
            facts={TEST: test_of(one.path, one.blob)},
        ),
    )


def _errors(one: Expectation, source: Source) -> tuple[str, ...]:
    """Other exceptions: those that the file of the function speaks of, then the usual ones."""
    raised = dict.fromkeys(_RAISED.findall(source.new))
    return tuple(dict.fromkeys(name for name in (*raised, *_USUAL_ERRORS) if name != one.value))


def _is_derived(one: Expectation, told: str, source: Source) -> bool:
    """Whether a value can be told from the test and the code: its words stand there."""
    words = _WORD.findall(one.value)
    known = set(_WORD.findall(told)) | set(_WORD.findall(source.new))
    return sum(word in known for word in words) >= _DERIVED * len(words)


def _wrong(one: Expectation, told: str) -> tuple[str, ...] | None:
    """Other values of the sort and shape; None where too few are plausible, or the right one alone stands in the test."""
    alike = [text for text in one.others if _shape(text) == _shape(one.value)]
    told_of = [text for text in alike if text[1:-1] and text[1:-1] in told]
    rest = [text for text in alike if text not in told_of]
    near = [*rest[: _WRONG - 1], *told_of[:1]]
    if one.value[1:-1] and one.value[1:-1] in told:
        if one.sort is Sort.TEXT and len(told_of) < _LEAST_TOLD:
            return None
        near = [*told_of[: _WRONG - 1], *rest[:1]]
    far = one.others if one.sort is Sort.WHOLE and len(alike) >= _LEAST_TOLD else ()
    near = (near + [text for text in (*told_of, *rest, *far) if text not in near])[:_WRONG]
    return tuple(dict.fromkeys(near)) if len(set(near)) >= _LEAST_WRONG else None


def _shape(text: str) -> tuple[bool, bool, bool, str]:
    """What a value looks like: one word or several, in capitals, a sign before it, what opens it."""
    inner = text[1:-1].strip()
    opening = _OPENING.match(text)
    is_whole = not text.startswith(("'", '"', "`"))
    if is_whole:
        return False, False, False, opening.group()[:2] if opening is not None and inner else ""
    return (
        " " in inner,
        inner.isupper(),
        not inner[:1].isalnum(),
        inner[:1] if inner[:1] in set("[{<(") else "",
    )
