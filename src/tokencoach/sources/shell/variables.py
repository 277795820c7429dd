"""Variables that a script sets itself: what its words and here-documents say once they stand in them.

Only plain assignments and loops over words that stand there are followed. What depends on anything else
stays a word that nobody trusts, and a line of a here-document that does is left out.
"""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import islice, product
from typing import TYPE_CHECKING, Final

from tokencoach.sources.shell.words import Word, is_open

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tokencoach.sources.shell.words import Pipeline, Simple

    Values = dict[str, tuple[str, ...]]

KEYWORDS: Final = frozenset({"do", "then", "else", "elif", "if", "while", "until", "!", "{", "time"})
_DECLARES: Final = frozenset({"export", "local", "readonly", "declare", "typeset"})
_ASSIGNED: Final = re.compile(r"([A-Za-z_]\w*)=(.*)", re.DOTALL)
_USED: Final = re.compile(r"(?<!\\)\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))")
_UNKNOWN: Final = re.compile(r"(?<!\\)(?:\$[\w{(@*#?$!-]|`)")
_ESCAPED: Final = re.compile(r"\\([$`\\])")
_MOST_PASSES: Final = 24


def expanded(pipelines: Iterable[Pipeline]) -> Iterator[Pipeline]:
    """The pipelines with what their variables hold, without the words that only begin or end a block.

    What stands in a loop comes once for each value of it that it uses, at most 24 times.
    """
    known: Values = {}
    loops: list[str] = []
    for pipeline in pipelines:
        bare = [_without_keywords(pipeline[0]), *pipeline[1:]]
        first = [word.text for word in bare[0].words]
        if first[:1] == ["done"] and loops:
            name = loops.pop()
            known = {**known, name: known[name][-1:]} if known.get(name) else known
        elif first[:1] == ["for"]:
            loops.append(first[1] if len(first) > 1 else "")
            _loop(bare[0].words, known)
            continue
        elif first[:1] == ["read"]:
            for name in first[1:]:
                known.pop(name, None)
        used = [name for name in _names(bare) if name in known] if known else []
        for values in islice(product(*(known[name] for name in used)), _MOST_PASSES):
            chosen = dict(zip(used, values, strict=True))
            yield [_filled(command, chosen) for command in bare] if chosen else bare
        _assign(bare, known)


def told_lines(body: str) -> str:
    """A here-document as the shell writes it, without the lines that hold what only the shell knows."""
    lines = body.replace("\\\n", "").splitlines(keepends=True)
    return "".join(_ESCAPED.sub(r"\1", line) for line in lines if _UNKNOWN.search(line) is None)


def _without_keywords(command: Simple) -> Simple:
    at = 0
    while at < len(command.words) and command.words[at].text in KEYWORDS:
        at += 1
    return replace(command, words=command.words[at:]) if at else command


def _loop(words: list[Word], known: Values) -> None:
    """``for NAME in VALUES``: the values, where each stands there."""
    if len(words) < 4 or words[2].text != "in":
        return
    values = [_put_in(word, {name: held[-1] for name, held in known.items()}) for word in words[3:]]
    if all(word.is_fixed for word in values):
        known[words[1].text] = tuple(word.text for word in values)
    else:
        known.pop(words[1].text, None)


def _assign(pipeline: Pipeline, known: Values) -> None:
    """Take in a command that does nothing but set variables."""
    words = pipeline[0].words
    if words and words[0].text in _DECLARES:
        words = [word for word in words[1:] if not word.text.startswith("-")]
    found = [_ASSIGNED.fullmatch(word.text) for word in words]
    if len(pipeline) > 1 or not all(found):
        return
    for word, match in zip(words, found, strict=True):
        if match is None:
            continue
        value = _put_in(Word(match[2], word.is_fixed), {name: held[-1] for name, held in known.items()})
        if value.is_fixed:
            known[match[1]] = (value.text,)
        else:
            known.pop(match[1], None)


def _names(pipeline: Pipeline) -> list[str]:
    """The variables that a pipeline uses."""
    texts = [
        text
        for command in pipeline
        for text in (
            *(word.text for word in command.words if not word.is_fixed),
            *(target.text for target, _ in command.redirects if not target.is_fixed),
            command.body if command.body is not None and command.expands else "",
        )
    ]
    return list(dict.fromkeys(found[1] or found[2] for text in texts for found in _USED.finditer(text)))


def _filled(command: Simple, known: Mapping[str, str]) -> Simple:
    body = command.body
    return replace(
        command,
        words=[_put_in(word, known) for word in command.words],
        redirects=[one._replace(target=_put_in(one.target, known)) for one in command.redirects],
        body=_text(body, known) if body is not None and command.expands else body,
    )


def _put_in(word: Word, known: Mapping[str, str]) -> Word:
    if word.is_fixed or not known:
        return word
    text = _text(word.text, known)
    return Word(text, text != word.text and not is_open(text))


def _text(text: str, known: Mapping[str, str]) -> str:
    return _USED.sub(lambda found: known.get(found[1] or found[2], found[0]), text)
