"""Variables that a script sets itself: what its words and here-documents say once they stand in them.

Only plain assignments, loops over words that stand there, and what a shell knows of folders are followed. What
depends on anything else stays a word that nobody trusts, and a line of a here-document that does is left out.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from tokencoach.sources.shell.folders import TOP
from tokencoach.sources.shell.words import Word, is_open

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tokencoach.sources.shell.folders import Folders
    from tokencoach.sources.shell.words import Pipeline, Simple

    Values = dict[str, str]

_LOOPS: Final = frozenset({"while", "until"})
KEYWORDS: Final = frozenset({"do", "then", "else", "elif", "if", "!", "{", "time", *_LOOPS})
_DECLARES: Final = frozenset({"export", "local", "readonly", "declare", "typeset"})
_ASSIGNED: Final = re.compile(r"([A-Za-z_]\w*)=(.*)", re.DOTALL)
_USED: Final = re.compile(r"(?<!\\)\$(?:\{([A-Za-z_]\w*)(?::?[-=](['\"]?)([^{}$`'\"]*)\2)?\}|([A-Za-z_]\w*))")
_PRINTED: Final = re.compile(
    r"\$\((?:(pwd)|(git rev-parse --show-toplevel)|(dirname|basename|realpath) +([\"']?)([^()\"'$`]+?)\4 *)\)|`(pwd)`"
)
_UNKNOWN: Final = re.compile(r"(?<!\\)(?:\$[\w{(@*#?$!-]|`)")
_ESCAPED: Final = re.compile(r"\\([$`\\])")
_MOST_PASSES: Final = 24
_MOST_STEPS: Final = 20_000


@dataclass(slots=True)
class _Loop:
    """Where a loop's body begins, its variable, the values to come, and how many have been."""

    begin: int
    name: str
    waiting: list[str]
    count: int = 0

    def turn(self, known: Values) -> bool:
        """Give the variable the next value, if there is one that is still to be followed."""
        if not self.waiting or self.count >= _MOST_PASSES:
            return False
        known[self.name] = self.waiting.pop(0)
        self.count += 1
        return True


def expanded(pipelines: Sequence[Pipeline], folders: Folders) -> Iterator[tuple[Pipeline, str | None]]:
    """The pipelines with what their variables hold, each with the folder where it runs; None where nobody knows.

    The words that begin or end a block are left out, and what only enters a folder. What stands in a
    loop comes once for each value of it, at most 24 times.
    """
    run = _Run(folders)
    at = steps = 0
    while at < len(pipelines) and steps < _MOST_STEPS:
        bare, keywords = _without_keywords(pipelines[at])
        at, steps = at + 1, steps + 1
        if bare[0].words and bare[0].words[0].is_parenthesis:
            run.subshell(bare[0].words[0].text)
            continue
        begins = run.loop(bare[0].words, keywords, at)
        if begins is not None:
            at = begins
            continue
        filled = _filled(bare, folders, run.known)
        if not folders.enter(filled[0]):
            yield filled, folders.now
            _assign(filled, run.known)


class _Run:
    """A script as far as it has been followed: what its variables hold, and the loops and subshells that it is in."""

    def __init__(self, folders: Folders) -> None:
        self.known: Values = {}
        self._folders = folders
        self._loops: list[_Loop] = []
        self._shells: list[tuple[str | None, str | None, Values]] = []

    def subshell(self, mark: str) -> None:
        """A subshell begins, or ends with all that it entered and set."""
        if mark == "(":
            self._shells.append((self._folders.now, self._folders.before, dict(self.known)))
        elif self._shells:
            self._folders.now, self._folders.before, self.known = self._shells.pop()

    def loop(self, words: list[Word], keywords: list[str], at: int) -> int | None:
        """Where to go on after the words of a loop; None where there is a command to be run."""
        first = words[0].text if words else ""
        if not _LOOPS.isdisjoint(keywords):
            self._loops.append(_Loop(at, "", []))
        elif first == "for":
            name = words[1].text if len(words) > 1 else ""
            self._loops.append(_Loop(at, name, _values(words, self._folders, self.known)))
            self.known.pop(name, None)
            self._loops[-1].turn(self.known)
            return at
        elif first == "done" and self._loops:
            if self._loops[-1].turn(self.known):
                return self._loops[-1].begin
            self._loops.pop()
        if first == "read":
            for word in words[1:]:
                self.known.pop(word.text, None)
        return None


def told_lines(body: str) -> str:
    """A here-document as the shell writes it, without the lines that hold what only the shell knows."""
    lines = body.replace("\\\n", "").splitlines(keepends=True)
    return "".join(_ESCAPED.sub(r"\1", line) for line in lines if _UNKNOWN.search(line) is None)


def _without_keywords(pipeline: Pipeline) -> tuple[Pipeline, list[str]]:
    words, at = pipeline[0].words, 0
    while at < len(words) and words[at].text in KEYWORDS:
        at += 1
    if not at:
        return pipeline, []
    return [replace(pipeline[0], words=words[at:]), *pipeline[1:]], [word.text for word in words[:at]]


def _values(words: list[Word], folders: Folders, known: Values) -> list[str]:
    """The values of ``for NAME in VALUES``, where each stands there."""
    if len(words) < 4 or words[2].text != "in":
        return []
    told = {**folders.values(), **known}
    values = [_put_in(word, told) for word in words[3:]]
    return [word.text for word in values] if all(word.is_fixed for word in values) else []


def _assign(pipeline: Pipeline, known: Values) -> None:
    """Take in a command that does nothing but set variables."""
    words = pipeline[0].words
    if words and words[0].text in _DECLARES:
        words = [word for word in words[1:] if not word.text.startswith("-")]
    found = [_ASSIGNED.fullmatch(word.text) for word in words]
    if len(pipeline) > 1 or not all(found):
        return
    for word, match in zip(words, found, strict=True):
        if match is not None and word.is_fixed:
            known[match[1]] = match[2]
        elif match is not None:
            known.pop(match[1], None)


def _filled(pipeline: Pipeline, folders: Folders, known: Values) -> Pipeline:
    """A pipeline's commands with what the variables hold that they use."""
    if not any(_is_open(command) for command in pipeline):
        return pipeline
    told = {**folders.values(), **known}
    return [
        replace(
            command,
            words=[_put_in(word, told) for word in command.words],
            redirects=[one._replace(target=_put_in(one.target, told)) for one in command.redirects],
            source=_put_in(command.source, told) if command.source is not None else None,
            # Where the assistant ran is not always named as on this computer.
            body=_text(command.body, known) if command.body is not None and command.expands else command.body,
        )
        for command in pipeline
    ]


def _is_open(command: Simple) -> bool:
    """Whether anything of a command depends on what a shell knows."""
    words = [*command.words, *(one.target for one in command.redirects)]
    is_given = command.source is not None and not command.source.is_fixed
    return (
        (command.expands and command.body is not None) or is_given or not all(word.is_fixed for word in words)
    )


def _put_in(word: Word, known: Mapping[str, str]) -> Word:
    """A word with the values of its variables, and what the commands in it print."""
    if word.is_fixed or word.is_parenthesis:
        return word
    text = _text(word.text, known, has_defaults=True)
    if "PWD" in known:
        text = _PRINTED.sub(lambda found: _printed(found, known["PWD"]), text)
    return Word(text, text != word.text and not is_open(text))


def _text(text: str, known: Mapping[str, str], *, has_defaults: bool = False) -> str:
    def value(found: re.Match[str]) -> str:
        default = found[3] if has_defaults and found[3] is not None else found[0]
        return known.get(found[1] or found[4], default)

    return _USED.sub(value, text)


def _printed(found: re.Match[str], folder: str) -> str:
    """What a command prints that tells of folders."""
    if found[1] or found[6]:
        return folder
    if found[2]:
        return f"{folder.rstrip('/')}/{TOP}"
    verb, path = found[3], found[5]
    if verb == "realpath":
        return path
    return posixpath.basename(path) if verb == "basename" else posixpath.dirname(path) or "."
