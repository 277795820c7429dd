"""A shell script cut into its commands, fast or exact, and each without what only starts it."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Final

from tokencoach.sources.shell.programs import PROGRAMS, VALUED, VERBS, WRAPPERS
from tokencoach.sources.shell.words import pipelines

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tokencoach.sources.shell.words import Simple

    Part = tuple[Sequence[str], bool]

_MOST_DOCUMENTS: Final = 16
_LONGEST_FLAG: Final = 5
_DOCUMENT: Final = re.compile(r"<<-?[ \t]*[\'\"\\]?(\w{1,40})")
UNFIXED: Final = "\0"
_QUOTED: Final = re.compile(r"""\\["']|#(?<!\S#)[^\n]*|'[^']*'|"(?:\\.|[^"\\])*\"""", re.DOTALL)
_CUT: Final = re.compile(r"[;&\n()`]+")
#: What stands in the place of a quoted word: no command holds it, two empty quotes would be words of some.
HOLE: Final = "\x1a"
_ASSIGNMENT: Final = re.compile(r"^(?:[A-Za-z_]\w*=|\$env:\w+=)")
_SUFFIX: Final = re.compile(r"\.(?:exe|cmd|bat|ps1|phar)$")
_VERSION: Final = re.compile(r"^(python|pypy|node|ruby|php|perl|clang|gcc|g\+\+|lua)[-\d.]+$")


class UnclearError(Exception):
    """A quoted word has to be read for an answer."""


def plain_parts(command: str) -> Iterator[Part]:
    """The words of each command, quoted ones as holes; whether it begins its pipeline."""
    if "<<" in command:
        command = _without_documents(command)
    if '"' in command or "'" in command or "#" in command:
        command = _QUOTED.sub(HOLE, command)
    if "\\\n" in command:
        command = command.replace("\\\n", " ")
    for part in _CUT.split(command.replace("||", ";")):
        if "|" in part:
            first, *others = part.split("|")
            if words := first.split():
                yield words, True
            for other in others:
                if words := other.split():
                    yield words, False
        elif words := part.split():
            yield words, True


def _without_documents(command: str) -> str:
    """A script without the texts of its here-documents."""
    kept, at = [], 0
    for found in islice(_DOCUMENT.finditer(command), _MOST_DOCUMENTS):
        body = command.find("\n", found.end())
        if found.start() < at or body < 0:
            continue
        kept.append(command[at:body])
        end = command.find(f"\n{found[1]}", body)
        at = len(command) if end < 0 else end + 1 + len(found[1])
    kept.append(command[at:])
    return "".join(kept)


def exact_parts(command: str) -> Iterator[Part]:
    """The commands of a script, each word exactly as the shell reads it."""
    for pipeline in pipelines(command):
        for number, simple in enumerate(pipeline):
            if simple.words and not simple.words[0].is_parenthesis:
                yield _words(simple), not number


def _words(simple: Simple) -> list[str]:
    """A command's words; one that depends on a variable or a glob shows it."""
    marks = [">"] if simple.redirects else ["<<"] if simple.body is not None else []
    return [*(word.text if word.is_fixed else f"{UNFIXED}{word.text}" for word in simple.words), *marks]


def bare(words: Sequence[str]) -> Sequence[str]:
    """The command without assignments and what only starts it."""
    at, count = 0, len(words)
    while at < count:
        word = words[at]
        if word in PROGRAMS or word in VERBS:
            break
        if "=" in word and _ASSIGNMENT.match(word):
            at += 1
            continue
        name = program_of(word)
        plain = WRAPPERS.get(name)
        if plain is None or (name == "command" and words[at + 1 : at + 2] in (["-v"], ["-V"])):
            break
        at = after_options(words, at + 1, VALUED.get(name, frozenset())) + plain
    return words[at:]


def after_options(words: Sequence[str], at: int, valued: frozenset[str]) -> int:
    """Where the first word stands that is no option."""
    while at < len(words) and words[at][:1] in ("-", "+") and words[at] != "-":
        at += 2 if words[at] in valued else 1
    return at


@lru_cache(maxsize=1024)
def program_of(word: str) -> str:
    """A program's name without its folder, version and suffix."""
    name = word.replace("\\", "/").rpartition("/")[2].lower()
    name = _SUFFIX.sub("", name)
    versioned = _VERSION.match(name)
    return versioned[1] if versioned else name


def is_script_flag(word: str) -> bool:
    """Whether a shell's option says that a script follows."""
    if word.lower() in ("-command", "/c", "/k", "--command", "--run"):
        return True
    return word[:1] == "-" and word[1:2] != "-" and word.endswith("c") and len(word) <= _LONGEST_FLAG
