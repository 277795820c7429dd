"""Substitutions that a command makes in files which it does not name: found by a search, or by a pattern.

What is told of one is the pattern of the paths, and the substitutions as text: a line that says how
they are written (``sed``, ``sed -E``, ``perl`` or ``literal``), then the scripts, of ``literal`` old and
new texts in turn. Which files it met is for git to show.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tokencoach.sources.shell.words import Word

_FINDERS: Final = frozenset({"find", "fd", "fdfind"})
_RUNS: Final = frozenset({"-exec", "-execdir", "-ok", "-x", "-X", "--exec", "--exec-batch"})
_VALUED: Final = frozenset({"-n", "-P", "-I", "-L", "-d", "-a", "-s", "-E"})
_GLOB: Final = re.compile(r"[\w./@+*?\[\]{},-]*[*?\[{][\w./@+*?\[\]{},-]*")
_EVERYWHERE: Final = "**"
_IN_PLACE: Final = re.compile(r"-[A-Za-z0-9]*i|--in-place")
_VISITS: Final = re.compile(r"\brglob\(|\bglob\(|\bos\.walk\(|\bls-files\b|\breaddir|\bglobSync\(")
_VISITING: Final = ("glob(", "globSync(", "os.walk(", "ls-files", "readdir")
_EDITORS: Final = ("sed", "perl", "sd ")
_TEXT: Final = r"""[rb]?(?P<{0}>['"])(?P<{1}>(?:(?!(?P={0})|\\).)+)(?P={0})"""
_REPLACES: Final = re.compile(rf"\.replace\(\s*{_TEXT.format('a', 'old')}\s*,\s*{_TEXT.format('b', 'new')}")
_RAW: Final = r"""(?:[rb]{{1,2}}(?=['"])|(?=['"][^\\\n]*,))(?P<{0}>['"])(?P<{1}>(?:(?!(?P={0})).)*)(?P={0})"""
_SUBSTITUTES: Final = re.compile(
    rf"\bre\.sub\(\s*{_RAW.format('a', 'old')}\s*,\s*{_RAW.format('b', 'new')}"
    r"|\.replace(?:All)?\(\s*/(?P<pattern>(?:\\.|[^/\\\n])+)/[gmsu]*\s*,\s*(?P<c>['\"])(?P<text>(?:(?!(?P=c)|\\).)*)(?P=c)"
)


class Sweep(NamedTuple):
    """The paths that a substitution may meet, relative as the command means them, and its text."""

    pattern: str
    text: str


def sweeps(words: Sequence[Word]) -> Iterator[Sweep]:
    """What a simple command changes in place in files that it does not name."""
    words = list(words)
    inner, is_found = _inner(words)
    name = posixpath.basename(inner[0].text) if inner else ""
    if name == "sd":
        how, scripts, files = _of_sd(inner)
    elif name in ("sed", "gsed", "perl") and any(_IN_PLACE.match(word.text) for word in inner[1:]):
        how, scripts, files = _of_editor(name, inner)
    else:
        return
    if not scripts:
        return
    text = "\n".join([how, *scripts])
    if is_found:
        yield Sweep(_EVERYWHERE, text)
        return
    open_words = [word for word in files if not word.is_fixed]
    for pattern in dict.fromkeys(
        word.text if _GLOB.fullmatch(word.text) else _EVERYWHERE for word in open_words
    ):
        yield Sweep(pattern, text)


def swept_by_program(program: str) -> Iterator[Sweep]:
    """The texts that a program puts for others, or for what patterns fit, in whatever files it comes upon."""
    if not _VISITS.search(program):
        return
    pairs = [found[part] for found in _REPLACES.finditer(program) for part in ("old", "new")]
    blocks = ["\n".join(["literal", *pairs])] if pairs else []
    told = [
        (found["old"] or found["pattern"], found["new"] if found["old"] else found["text"])
        for found in _SUBSTITUTES.finditer(program)
    ]
    if told:
        blocks.append("\n".join(["perl", *(f"s\x01{old}\x01{new}\x01g" for old, new in told)]))
    if blocks:
        yield Sweep(_EVERYWHERE, "\n\n".join(blocks))


def may_sweep(script: str, *, is_shell: bool) -> bool:
    """Whether a script holds a word that each substitution in files which it looks for needs: most hold none."""
    words = (*_VISITING, *_EDITORS) if is_shell else _VISITING
    return any(word in script for word in words)


def _inner(words: list[Word]) -> tuple[list[Word], bool]:
    """The command that is run for files, and whether another one finds those."""
    name = posixpath.basename(words[0].text) if words else ""
    if name == "xargs":
        at = 1
        while at < len(words) and words[at].text.startswith("-"):
            at += 2 if words[at].text in _VALUED else 1
        return words[at:], True
    if name in _FINDERS:
        at = next((at for at, word in enumerate(words) if word.text in _RUNS), len(words))
        end = next(
            (at for at, word in enumerate(words) if at and word.text in (";", "+") and word.is_fixed),
            len(words),
        )
        return words[at + 1 : end], True
    return words, False


def _of_sd(words: list[Word]) -> tuple[str, list[str], list[Word]]:
    plain = [word for word in words[1:] if not word.text.startswith("-")]
    if len(plain) < 2 or not all(word.is_fixed for word in plain[:2]):
        return "", [], []
    old, new = plain[0].text, plain[1].text
    if any(word.text in ("-F", "-s", "--fixed-strings", "--string-mode") for word in words):
        return "literal", [old, new], plain[2:]
    return "perl", [f"s\x01{old}\x01{new}\x01g"], plain[2:]


def _of_editor(name: str, words: list[Word]) -> tuple[str, list[str], list[Word]]:
    """How the scripts of an in-place editor are written, the scripts, and its files."""
    how = "perl" if name == "perl" else "sed"
    scripts: list[Word] = []
    rest: list[Word] = []
    is_script = False
    for word in words[1:]:
        text = word.text
        if is_script:
            scripts.append(word)
            is_script = False
        elif text.startswith("--expression="):
            scripts.append(word._replace(text=text.partition("=")[2]))
        elif re.match(r"-[A-Za-z0-9]*e$|--expression$", text):
            is_script = True
        elif text.startswith("-"):
            how = "sed -E" if how == "sed" and re.match(r"-[A-Za-z]*[Er]|--regexp-ext", text) else how
        elif text:
            rest.append(word)
    if not scripts and name != "perl":
        scripts, rest = rest[:1], rest[1:]
    is_known = all(word.is_fixed for word in scripts)
    return how, [word.text for word in scripts] if is_known else [], rest
