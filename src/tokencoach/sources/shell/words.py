"""A shell script as pipelines of simple commands, with their redirections and here-documents.

Only as much of the language as is needed to tell which files a command writes. Nothing is expanded
and nothing is run: a word that depends on a variable or a glob is marked, so that nobody trusts it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, NamedTuple

_TOKEN: Final = re.compile(
    r"""(?P<space>(?:[ \t\r]|\\\n)+)
    |(?P<comment>(?<![^\s;&|()])\#[^\n]*)
    |(?P<end>\n|;;?|&&|\|\||\|&?|&(?!>)|[()])
    |(?P<heredoc><<-?(?!<))
    |(?P<redirect>&>>?|>>|>\||>&|>|<<<|<>|<&|<)
    |'(?P<single>[^']*)'
    |"(?P<double>(?:\\.|[^"\\])*)"
    |\\(?P<escaped>.)
    |(?P<told>\$\((?:pwd|git[ ]rev-parse[ ]--show-toplevel|(?:dirname|basename|realpath)[ ][^()]*)\))
    |(?P<plain>[^\s;&|<>()'"\\$]+|\$)
    |(?P<odd>.)""",
    re.VERBOSE | re.DOTALL,
)
_EXPANDS: Final = re.compile(r"[$`]")
_DEPENDS: Final = re.compile(r"[$`*?\[{]")
_ESCAPED: Final = re.compile(r'\\(["\\$`\n])')
_MOST_TOKENS: Final = 4_000
_PARENTHESES: Final = ("(", ")")


class Word(NamedTuple):
    """A word without its quotes; ``is_fixed`` says that it means just what it says."""

    text: str
    is_fixed: bool = True

    @property
    def is_parenthesis(self) -> bool:
        """Whether it begins or ends a subshell."""
        return not self.is_fixed and self.text in _PARENTHESES


class Redirect(NamedTuple):
    """Where a command's output goes; ``appends`` is set for ``>>``."""

    target: Word
    appends: bool


@dataclass(slots=True)
class Simple:
    """One simple command. ``body`` is the text it is given by a here-document, ``source`` the file it is given.

    ``expands`` says that the shell puts the values of variables into the text.
    """

    words: list[Word] = field(default_factory=list)
    redirects: list[Redirect] = field(default_factory=list)
    body: str | None = None
    source: Word | None = None
    expands: bool = False


Pipeline = list[Simple]


def is_open(text: str) -> bool:
    """Whether a text that stands in no quotes depends on a variable or a glob."""
    return _DEPENDS.search(text) is not None


# What a command does and what it writes is asked one right after the other.
@lru_cache(maxsize=4)
def pipelines(script: str) -> list[Pipeline]:
    """The pipelines of a script in their order, whatever joins them; what cannot be read is left out.

    A parenthesis is one of its own: what a subshell enters or sets ends with it.
    """
    return _Reader(script).read()


class _Reader:
    def __init__(self, script: str) -> None:
        self._script = script
        self._done: list[Pipeline] = []
        self._pipeline: Pipeline = []
        self._command = Simple()
        self._text: str | None = None
        self._is_fixed = True
        self._is_bare = True
        self._is_quoted = False
        self._goes_to: str | None = None
        self._waiting: list[tuple[Simple, str, bool]] = []

    def read(self) -> list[Pipeline]:
        """Token by token to the end; a script of very many tokens is read as far as that."""
        at, script, match = 0, self._script, _TOKEN.match
        for _ in range(_MOST_TOKENS):
            found = match(script, at)
            if found is None:
                break
            kind = found.lastgroup or ""
            at = found.end()
            if kind in ("plain", "told"):
                text = found[kind]
                self._part(text, is_fixed=_DEPENDS.search(text) is None)
            elif kind == "space":
                if self._text is not None:
                    self._end_word()
            elif kind in ("single", "escaped"):
                self._part(found[kind], is_fixed=True, is_quoted=True)
            elif kind == "double":
                text = found["double"]
                whole = _ESCAPED.sub(r"\1", text) if "\\" in text else text
                self._part(whole, is_fixed=_EXPANDS.search(text) is None, is_quoted=True)
            elif kind == "odd":
                # A quote that is never closed: nobody knows what is a word from here on.
                return self._done
            else:
                at = self._mark(kind, found[kind], at)
        self._end_word()
        self._end("\n", at)
        return self._done

    def _part(self, text: str, *, is_fixed: bool, is_quoted: bool = False) -> None:
        if self._text is None:
            self._text, self._is_fixed, self._is_bare, self._is_quoted = text, is_fixed, True, is_quoted
        else:
            self._text += text
            self._is_quoted = self._is_quoted or is_quoted
            self._is_fixed = self._is_fixed and is_fixed
            self._is_bare = False

    def _mark(self, kind: str, mark: str, at: int) -> int:
        """A redirection, a comment or an end; returns where to read on."""
        is_other = kind == "redirect" and self._drops_descriptor()
        self._end_word()
        if kind in ("heredoc", "redirect"):
            self._goes_to = "2>" if is_other else mark
        return self._end(mark, at) if kind == "end" else at

    def _drops_descriptor(self) -> bool:
        """Take away a number right before a redirection; whether it names another stream than the output."""
        text = self._text
        if text is None or not self._is_bare or not text.isdigit():
            return False
        self._text = None
        return text != "1"

    def _end_word(self) -> None:
        text, self._text = self._text, None
        if text is None:
            return
        word = Word(text, self._is_fixed)
        goes_to, self._goes_to = self._goes_to, None
        if goes_to is None:
            self._command.words.append(word)
        elif goes_to.startswith("<<") and goes_to != "<<<":
            self._command.expands = not self._is_quoted
            self._waiting.append((self._command, word.text, goes_to == "<<-"))
        elif goes_to == "<<<" and word.is_fixed:
            self._command.body = f"{word.text}\n"
        elif goes_to in (">", ">>", ">|", "&>", "&>>"):
            self._command.redirects.append(Redirect(word, goes_to.endswith(">>")))
        elif goes_to == "<":
            self._command.source = word

    def _end(self, mark: str, at: int) -> int:
        """End a command, and the pipeline where it does not go on; returns where to read on."""
        self._goes_to = None
        if self._command.words or self._command.redirects:
            self._pipeline.append(self._command)
        self._command = Simple()
        if mark.startswith("|") and mark != "||":
            return at
        if mark in _PARENTHESES:
            self._done += [self._pipeline] if self._pipeline else []
            self._done.append([Simple([Word(mark, is_fixed=False)])])
            self._pipeline = []
            return at
        if mark == "\n":
            for command, delimiter, strips_tabs in self._waiting:
                command.body, at = self._document(delimiter, at, strips_tabs=strips_tabs)
            self._waiting = []
        if self._pipeline:
            self._done.append(self._pipeline)
        self._pipeline = []
        return at

    def _document(self, delimiter: str, at: int, *, strips_tabs: bool) -> tuple[str, int]:
        """A here-document's text from ``at`` on, and where the script goes on after it."""
        lines = []
        while at < len(self._script):
            end = self._script.find("\n", at)
            end = len(self._script) if end < 0 else end
            line = self._script[at:end]
            at = min(end + 1, len(self._script))
            line = line.lstrip("\t") if strips_tabs else line
            if line.rstrip("\r") == delimiter:
                break
            lines.append(line)
        return "".join(f"{line}\n" for line in lines), at
