"""G26: a changed line holds a pattern; in which texts does it find something, and what is in its group?"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.comprehension.generators.base import Option, pick_all, question_id, shuffled
from tokencoach.comprehension.generators.flows import short
from tokencoach.comprehension.languages.python_names import dotted, own_nodes
from tokencoach.comprehension.languages.python_values import UnknownValueError
from tokencoach.comprehension.question import AnswerKey, CheckedBy, Form, Kind, Part, Prepared, Question
from tokencoach.comprehension.worked.pattern_texts import Pattern
from tokencoach.comprehension.worked.patterns import FLAGS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tokencoach.comprehension.change import ChangedFunction
    from tokencoach.comprehension.generators.base import Context, Source

_LEAST_CONSTRUCTS: Final = 2
_MOST_OF_A_KIND: Final = 3
_MOST_OPTIONS: Final = 5
_LEAST_OPTIONS: Final = 4
_MOST: Final = 2
_LONGEST_GROUP: Final = 20
_WAYS: Final = {
    "match": "match", "search": "search", "fullmatch": "fullmatch", "sub": "search", "subn": "search",
    "findall": "search", "finditer": "search", "split": "search",
}  # fmt: skip
_ASKED: Final = {
    "match": "Which of these texts does it fit from the beginning on, whatever follows?",
    "search": "In which of these texts does it fit anywhere?",
    "fullmatch": "Which of these texts does it fit as a whole?",
}
_ELSEWHERE: Final = {
    "go": re.compile(r"regexp\.(?:Must)?Compile\(`(?P<text>[^`]+)`\)(?P<flags>)"),
    "rust": re.compile(r'Regex::new\(\s*r#?"(?P<text>[^"]+)"#?\s*,?\s*\)(?P<flags>)'),
    "javascript": re.compile(
        r"(?:[=(,:;!&|?\[]|return)\s*/(?P<text>(?:[^/\\\n\[*]|\\.|\[(?:[^\]\\\n]|\\.)+\])(?:[^/\\\n\[]|\\.|\[(?:[^\]\\\n]|\\.)+\])*)"
        r"/(?P<flags>[gimsu]*)(?=\s*[.,;)\]:}]|$)"
    ),
    "ruby": re.compile(r"(?:=~|[=(,]|when)\s*/(?P<text>(?:[^/\\\n]|\\.)+)/(?P<flags>i?)(?=\s|[.,;)]|$)"),
}
_FOREIGN: Final = re.compile(r"\\[pPzZAGKRXhHQE]|\(\?[<=!>#]|\[\[:|\(\?[imsx]*-|&&\[")
"""What other languages mean by it is not what Python does, or Python does not know it."""


class _Found(NamedTuple):
    """A pattern as it is written, where, how it is used, and whether its groups are read."""

    text: str
    line: int
    way: str
    flags: int
    has_readers: bool


def questions(function: ChangedFunction, source: Source, context: Context) -> Iterator[Prepared]:
    """At most one question about a pattern's texts and one about its groups."""
    del context
    found = _in_python(function, source) if source.language == "python" else _in_others(function, source)
    asked = 0
    for one in sorted(set(found), key=lambda one: (one.line, one.text)):
        try:
            pattern = Pattern(one.text, one.flags)
            if len(pattern.constructs - {"LITERAL", "SUBPATTERN"}) < _LEAST_CONSTRUCTS:
                continue
            for made in (_texts(function, one, pattern), _group(function, one, pattern)):
                if made is not None:
                    asked += 1
                    yield made
        except UnknownValueError:
            continue
        if asked >= _MOST:
            return


def _in_python(function: ChangedFunction, source: Source) -> Iterator[_Found]:
    definition = source.definition(function)
    node = definition.node if definition is not None else source.node(function)
    for part in own_nodes(node) if node is not None else ():
        name = dotted(part.func) if isinstance(part, ast.Call) else None
        if name is None or not isinstance(part, ast.Call) or not name.startswith("re.") or not part.args:
            continue
        first, word = part.args[0], name.removeprefix("re.")
        lines = set(range(first.lineno, (first.end_lineno or first.lineno) + 1))
        if (
            not isinstance(first, ast.Constant)
            or not isinstance(first.value, str)
            or lines.isdisjoint(function.changed)
        ):
            continue
        flags = _flags(part, word)
        way = _WAYS.get(word) or (_used(part, source) if word == "compile" else None)
        if flags is not None and way is not None:
            yield _Found(first.value, first.lineno, way, flags, ".group" in source.new)


def _flags(call: ast.Call, word: str) -> int | None:
    """Flags by their names; None where they are given in another way."""
    given = [one.value for one in call.keywords if one.arg == "flags"]
    if word in {"compile", "match", "search", "fullmatch"}:
        given += call.args[(1 if word == "compile" else 2) :]
    names = [name for one in given for name in ast.unparse(one).split(" | ")]
    if any(name not in FLAGS for name in names):
        return None
    return sum({FLAGS[name] for name in names})


def _used(call: ast.Call, source: Source) -> str | None:
    """The one way in which a compiled pattern's name is used in the file."""
    names = {
        target.id
        for part in ast.walk(source.tree or ast.Module([], []))
        if isinstance(part, ast.Assign) and part.value is call
        for target in part.targets
        if isinstance(target, ast.Name)
    }
    ways = {
        _WAYS[word]
        for name in names
        for word in re.findall(rf"\b{re.escape(name)}\.(\w+)\(", source.new)
        if word in _WAYS
    }
    return ways.pop() if len(ways) == 1 else None


def _in_others(function: ChangedFunction, source: Source) -> Iterator[_Found]:
    """Patterns as other languages write them, where they mean the same in Python; they are searched for."""
    language = {"typescript": "javascript", "tsx": "javascript"}.get(
        source.language or "", source.language or ""
    )
    written = _ELSEWHERE.get(language)
    for number in sorted(function.changed) if written is not None else ():
        for one in written.finditer(source.line(number)) if written is not None else ():
            text = one["text"].replace("\\/", "/")
            if not _FOREIGN.search(text):
                flags = sum(int(getattr(re, flag.upper())) for flag in one["flags"] if flag in "ims")
                yield _Found(text, number, "search", flags, has_readers=False)


def _texts(function: ChangedFunction, one: _Found, pattern: Pattern) -> Prepared | None:
    """Which texts it fits: some made for it, and some a letter away, on both sides of the edge."""
    made = [text for text in pattern.texts() if pattern.fits(text, one.way)]
    if not made:
        return None
    near = [
        text
        for base in made
        for text in pattern.near(base)
        if text and text not in made and text == text.strip()
    ]
    fates = {text: bool(pattern.fits(text, one.way)) for text in dict.fromkeys(near)}
    still = shuffled([text for text, fits in fates.items() if fits], function, f"still:{one.text}")
    right = list(dict.fromkeys([made[0], *still[:1], *shuffled(made[1:], function, one.text)]))
    wrong = shuffled([text for text, fits in fates.items() if not fits], function, f"not:{one.text}")
    wrong = wrong[:_MOST_OF_A_KIND]
    picked = right[: _MOST_OPTIONS - len(wrong)]
    if not wrong or len(picked) + len(wrong) < _LEAST_OPTIONS:
        return None
    return pick_all(
        function,
        Kind.PATTERN,
        Part.EDGES,
        f"Line {one.line} of {short(function)} holds the pattern\n  {one.text}{_told(one.flags)}\n{_ASKED[one.way]}",
        [
            Option(repr(text), text in picked, "it fits" if text in picked else "it does not fit")
            for text in shuffled([*picked, *wrong], function, f"G26{one.text}")
        ],
        line=one.line,
        what=f"{one.text}:{one.way}",
        evidence="the pattern was tried on each text",
        seconds=30,
    )


def _told(flags: int) -> str:
    names = [name for name, value in FLAGS.items() if len(name) > len("re.S") and flags & value]
    return f"  ({', '.join(names)})" if names else ""


def _group(function: ChangedFunction, one: _Found, pattern: Pattern) -> Prepared | None:
    """What a group holds, best where it is not all of the text."""
    if not one.has_readers:
        return None
    for text in pattern.texts():
        found = pattern.fits(text, one.way)
        for number in range(found.re.groups if found is not None else 0, 0, -1):
            value = found[number] if found is not None else None
            if value in {text, ""} or len(value or "") > _LONGEST_GROUP or value is None:
                continue
            return _asked(function, one, (text, number, value))
    return None


def _asked(function: ChangedFunction, one: _Found, case: tuple[str, int, str]) -> Prepared:
    text, number, value = case
    prompt = (
        f"Line {one.line} of {short(function)} holds the pattern\n  {one.text}{_told(one.flags)}\n"
        f"`re.{one.way}` tries it on {text!r}. What does group {number} hold? Type it as Python writes it."
    )
    return Prepared(
        Question(
            id=question_id(function, Kind.PATTERN, prompt),
            kind=Kind.PATTERN,
            part=Part.TRACE,
            path=function.path,
            qualname=function.qualname,
            line=one.line,
            prompt=prompt,
            form=Form.TYPED,
            lines=(one.line,),
            seconds=25,
        ),
        AnswerKey(
            expected=(repr(value),),
            checked_by=CheckedBy.EXECUTED,
            evidence="the pattern was tried on the text",
            trace=(f"group {number} of {text!r} is {value!r}",),
        ),
    )
