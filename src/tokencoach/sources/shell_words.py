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
    |(?P<plain>[^\s;&|<>()'"\\]+)
    |(?P<odd>.)""",
    re.VERBOSE | re.DOTALL,
)
_EXPANDS: Final = re.compile(r"[$`]")
_GLOB: Final = re.compile(r"[*?\[{]")
_ESCAPED: Final = re.compile(r'\\(["\\$`\n])')
_MOST_TOKENS: Final = 4_000


class Word(NamedTuple):
    """A word without its quotes; ``is_fixed`` says that it means just what it says."""

    text: str
    is_fixed: bool = True


class Redirect(NamedTuple):
    """Where a command's output goes; ``appends`` is set for ``>>``."""

    target: Word
    appends: bool


@dataclass(slots=True)
class Simple:
    """One simple command. ``body`` is the text it is given by a here-document."""

    words: list[Word] = field(default_factory=list)
    redirects: list[Redirect] = field(default_factory=list)
    body: str | None = None


Pipeline = list[Simple]


# What a command does and what it writes is asked one right after the other.
@lru_cache(maxsize=4)
def pipelines(script: str) -> list[Pipeline]:
    """The pipelines of a script in their order, whatever joins them; what cannot be read is left out."""
    return _Reader(script).read()


class _Reader:
    def __init__(self, script: str) -> None:
        self._script = script
        self._done: list[Pipeline] = []
        self._pipeline: Pipeline = []
        self._command = Simple()
        self._parts: list[Word] | None = None
        self._goes_to: str | None = None
        self._waiting: list[tuple[Simple, str, bool]] = []

    def read(self) -> list[Pipeline]:
        """Token by token to the end; a script of very many tokens is read as far as that."""
        at, script = 0, self._script
        for _ in range(_MOST_TOKENS):
            found = _TOKEN.match(script, at)
            if found is None:
                break
            kind = found.lastgroup or ""
            if kind == "odd":
                # A quote that is never closed: nobody knows what is a word from here on.
                return self._done
            at = found.end()
            if kind in ("single", "double", "escaped", "plain"):
                self._part(kind, found[kind])
                continue
            is_other = kind == "redirect" and self._drops_descriptor()
            self._end_word()
            if kind in ("heredoc", "redirect"):
                self._goes_to = "2>" if is_other else found[kind]
            elif kind == "end":
                at = self._end(found[kind], at)
        self._end_word()
        self._end("\n", at)
        return self._done

    def _part(self, kind: str, text: str) -> None:
        if kind == "double":
            word = Word(_ESCAPED.sub(r"\1", text), _EXPANDS.search(text) is None)
        elif kind == "plain":
            word = Word(text, _EXPANDS.search(text) is None and _GLOB.search(text) is None)
        else:
            word = Word(text)
        self._parts = [*(self._parts or ()), word]

    def _drops_descriptor(self) -> bool:
        """Take away a number right before a redirection; whether it names another stream than the output."""
        parts = self._parts
        if parts is None or len(parts) != 1 or not parts[0].text.isdigit():
            return False
        self._parts = None
        return parts[0].text != "1"

    def _end_word(self) -> None:
        parts, self._parts = self._parts, None
        if parts is None:
            return
        word = Word("".join(part.text for part in parts), all(part.is_fixed for part in parts))
        goes_to, self._goes_to = self._goes_to, None
        if goes_to is None:
            self._command.words.append(word)
        elif goes_to.startswith("<<") and goes_to != "<<<":
            self._waiting.append((self._command, word.text, goes_to == "<<-"))
        elif goes_to in (">", ">>", ">|", "&>", "&>>"):
            self._command.redirects.append(Redirect(word, goes_to.endswith(">>")))

    def _end(self, mark: str, at: int) -> int:
        """End a command, and the pipeline where it does not go on; returns where to read on."""
        self._goes_to = None
        if self._command.words or self._command.redirects:
            self._pipeline.append(self._command)
        self._command = Simple()
        if mark.startswith("|") and mark != "||":
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
