"""Which files a command copies or moves, and where to: ``cp``, ``mv``, ``install``, ``rsync``, and ``cat`` into a file."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tokencoach.sources.shell.words import Word

COPIERS: Final = frozenset({"cp", "mv", "install", "rsync"})
PASSING: Final = (".log", ".out", ".err", ".tmp", ".pid", ".diff", ".patch", ".txt")
# Options that are followed by a value; that of the first ones is the folder where the files go.
_TARGET: Final = ("-t", "--target-directory")
_VALUED: Final = {
    "cp": frozenset({"-S", "--suffix"}),
    "mv": frozenset({"-S", "--suffix"}),
    "install": frozenset({"-m", "--mode", "-o", "--owner", "-g", "--group", "-S", "--suffix"}),
    "rsync": frozenset({"-e", "--rsh", "-f", "--filter", "--exclude", "--include", "--exclude-from", "--files-from"}),
}  # fmt: skip
_REMOTE: Final = re.compile(r"^[\w.@-]+:(?![\\/]{1}\w+\\)")
_GLOB: Final = re.compile(r"^[^$`{]*[*?\[][^$`{/]*$")


class Copied(NamedTuple):
    """A file that a command puts at ``path`` from ``source``, if the source's name can be told.

    ``is_move`` says that it is the same file under another name. Of a pattern, or a folder, the source
    is that, and the path is the folder where its files come to lie.
    """

    path: str
    source: str | None
    is_move: bool


def copied(name: str, words: Sequence[Word]) -> Iterator[Copied]:
    """What ``cp``, ``mv``, ``install`` or ``rsync`` puts where."""
    if name == "install" and any(word.text in ("-d", "--directory") for word in words):
        return
    sources, target = _arguments(name, words)
    if target is None or not target.is_fixed or not sources or _REMOTE.match(target.text):
        return
    has_suffix = "." in posixpath.basename(target.text)
    is_named_folder = target.text.endswith("/") or target.text in (".", "..") or len(sources) > 1
    for word in sources:
        whole, is_content = _of_content(name, word.text)
        base = posixpath.basename(whole)
        # Without a look at the disk, a target without a suffix for a file with one is a folder.
        is_folder = is_named_folder or ("." in base and not has_suffix)
        path = posixpath.join(target.text, base) if is_folder and not is_content else target.text
        if not word.is_fixed:
            if _is_pattern(word.text):
                yield Copied(target.text.rstrip("/") or "/", word.text, is_move=False)
            elif not is_folder and has_suffix:
                yield Copied(path, None, is_move=False)
        elif is_content:
            yield Copied(path.rstrip("/") or "/", whole, is_move=False)
        else:
            # What comes out of a passing file is new text, not a file under another name.
            is_move = name == "mv" and not whole.endswith((*PASSING, ".new"))
            yield Copied(path, whole, is_move)


def shown_files(words: Sequence[Word], given: Word | None) -> list[str]:
    """The files that a command prints one after the other: those that ``cat`` names, or the one it is ``given``."""
    if not passes_on(words):
        return []
    named = [word for word in words[1:] if not word.text.startswith("-")] if words[0].text == "cat" else []
    named = named or ([given] if given is not None else [])
    return [word.text for word in named] if all(word.is_fixed for word in named) else []


def passes_on(words: Sequence[Word]) -> bool:
    """Whether a command prints what it is given, unchanged."""
    return bool(words) and words[0].text in ("cat", "tee")


def _arguments(name: str, words: Sequence[Word]) -> tuple[list[Word], Word | None]:
    """The files that a command names, and where they go."""
    named: list[Word] = []
    target: Word | None = None
    valued = _VALUED.get(name, frozenset[str]())
    is_value, is_target, has_ended = False, False, False
    for word in words[1:]:
        if is_target:
            target, is_target = word._replace(text=f"{word.text.rstrip('/')}/"), False
        elif is_value:
            is_value = False
        elif word.text.startswith("-") and not has_ended:
            option, equals, value = word.text.partition("=")
            has_ended = word.text == "--"
            is_target = option in _TARGET and not equals and name != "rsync"
            if option in _TARGET and equals:
                target = word._replace(text=f"{value.rstrip('/')}/")
            is_value = option in valued and not equals
        else:
            named.append(word)
    if target is None and len(named) > 1:
        target = named.pop()
    return [word for word in named if name != "rsync" or not _REMOTE.match(word.text)], target


def _of_content(name: str, text: str) -> tuple[str, bool]:
    """A source without a slash at its end; whether what lies in it is meant, and not the folder itself."""
    if text.endswith("/."):
        return text[:-2] or "/", True
    return text.rstrip("/") or "/", name == "rsync" and text.endswith("/")


def _is_pattern(text: str) -> bool:
    """Whether a word is a pattern of files in one folder that does not lie below this one."""
    return text.startswith(("/", "..")) and _GLOB.match(text) is not None
