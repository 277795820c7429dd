"""What a shell command does: run tests, commit, build, check the style, read a file, search, or anything else.

Nothing is run or expanded. Of a command with several parts the most telling counts. A script
is cut up by its marks alone, which takes a tenth of the time that reading it word by word does; that is
done only where a quoted word matters.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import takewhile
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.sources.decoding import digest64
from tokencoach.sources.shell.folders import absolute_path
from tokencoach.sources.shell.parts import (
    HOLE,
    UNFIXED,
    UnclearError,
    after_options,
    bare,
    exact_parts,
    is_script_flag,
    plain_parts,
    program_of,
)
from tokencoach.sources.shell.programs import (
    INTERPRETERS,
    PROGRAMS,
    SHELLS,
    VALUED,
    VERBS,
    Rest,
)
from tokencoach.sources.shell.tasks import RANK, kind_of_file, kind_of_tasks
from tokencoach.usage.words import ToolKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from tokencoach.sources.shell.parts import Part
    from tokencoach.sources.shell.programs import Verbs

# A member is asked for at every command of every script, and its class answers slowly.
_EXECUTE: Final = ToolKind.EXECUTE
_RUNS: Final = (ToolKind.TEST, ToolKind.BUILD, ToolKind.LINT)
_READS: Final = RANK[ToolKind.READ]
_GIT_ELSE: Final = frozenset(
    {
        "status",
        "diff",
        "log",
        "add",
        "show",
        "push",
        "checkout",
        "branch",
        "stash",
        "fetch",
        "rev-parse",
        "merge-base",
    }
)
_HIGHEST: Final = max(RANK.values())
_LONGEST: Final = 8192
_MOST_WRAPPED: Final = 8
_DEEPEST: Final = 3
_ENTERS: Final = frozenset({"cd", "pushd", "Set-Location", "sl", "chdir"})
_DEPENDS: Final = re.compile(r"[$`*?\[{~\0]")
_ASKS: Final = frozenset({"--version", "--help", "-h", "--collect-only", "--list-tests", "--co"})


class Ran(NamedTuple):
    """What a command did; ``path`` is the one file that it read, where that is certain.

    ``subject`` is a hash of a test, build or check without its options, redirections and filters: equal
    where the same was run again to show more or less of it. 0 where that is not certain.
    """

    kind: ToolKind
    path: str | None
    subject: int = 0


def ran(command: str, folder: str | None) -> Ran:
    """The most telling of the things that a command line does that runs in ``folder``."""
    return _ran(command[:_LONGEST].replace(HOLE, " "), folder)


@lru_cache(maxsize=1024)
def _ran(command: str, folder: str | None) -> Ran:
    try:
        (kind, words), is_plain = _kind(plain_parts(command), 0), True
    except UnclearError:
        (kind, words), is_plain = _kind(exact_parts(command), 0), False
    if kind in _RUNS:
        return Ran(kind, None, _subject(words))
    if kind is not ToolKind.READ:
        return Ran(kind, None)
    try:
        return Ran(kind, _path_read(plain_parts(command) if is_plain else _unwrapped(command, 0), folder))
    except UnclearError:
        return Ran(kind, _path_read(_unwrapped(command, 0), folder))


def _subject(words: Sequence[str]) -> int:
    """What a command is about: its words but for options and redirections; 0 where one of them is not known."""
    before = takewhile(lambda word: ">" not in word and "<" not in word, bare(words))
    told = [word for word in before if word[:1] != "-"]
    if any(HOLE in word or _DEPENDS.search(word) for word in told):
        return 0
    return digest64(" ".join(told).encode("utf-8", "replace"))


def _kind(parts: Iterable[Part], depth: int) -> tuple[ToolKind, Sequence[str]]:
    """The most telling kind, and the words of the command that has it."""
    telling: Sequence[str] = ()
    best, highest = _EXECUTE, 0
    for words, is_first in parts:
        kind = _of_command(words, depth)
        if kind is _EXECUTE:
            continue
        rank = RANK.get(kind, 0)
        # Behind a pipe, what reads and searches is a filter.
        if rank > highest and (is_first or rank > _READS):
            best, highest, telling = kind, rank, words
            if rank == _HIGHEST:
                break
    return best, telling


def _of_command(words: Sequence[str], depth: int) -> ToolKind:
    """What one simple command does, whatever starts it."""
    first = words[0]
    kind = PROGRAMS.get(first)
    if kind is not None:
        return kind if kind is _EXECUTE else _of_program(first, words)
    if first == "git" and len(words) > 1 and words[1] in _GIT_ELSE:
        return _EXECUTE
    for _ in range(_MOST_WRAPPED):
        words = bare(words)
        if not words:
            break
        name = program_of(words[0])
        if name in SHELLS:
            return _of_script(name, words[1:], depth)
        if name in INTERPRETERS:
            words = _interpreted(name, words[1:])
            continue
        verbs = VERBS.get(name)
        if verbs is None:
            return _of_program(name, words)
        found = _of_verb(name, verbs, words[1:])
        if isinstance(found, ToolKind):
            return found
        words = found
    return ToolKind.EXECUTE


def _of_program(name: str, words: Sequence[str]) -> ToolKind:
    """What a program does that takes no verb."""
    has_folder = words[0] != name and ("/" in words[0] or "\\" in words[0])
    kind = PROGRAMS.get(name)
    if kind is None or (has_folder and kind is ToolKind.EXECUTE):
        kind = kind_of_file(name, has_folder=has_folder)
    if kind is ToolKind.READ:
        return kind if _reads(name, words[1:]) else ToolKind.EXECUTE
    if kind is ToolKind.TEST and not _ASKS.isdisjoint(words):
        return ToolKind.EXECUTE
    if name == "tsc" and "--noEmit" in words:
        return ToolKind.LINT
    if name == "find" and ("-exec" in words or "-delete" in words):
        return ToolKind.EXECUTE
    return kind


def _reads(name: str, rest: Sequence[str]) -> bool:
    """Whether a program that prints files is given one, and leaves it as it is."""
    if any(word.startswith((">", "1>", "<<")) for word in rest):
        return False
    if name in ("sed", "gsed"):
        # Without -n it edits a stream for another to read.
        return "-n" in rest and not any(word.startswith(("-i", "--in-place")) for word in rest)
    follows = name == "tail" and any(word in ("-f", "-F", "--follow") for word in rest)
    return not follows and any(not word.startswith("-") and not word.isdigit() for word in rest)


def _interpreted(name: str, rest: Sequence[str]) -> Sequence[str]:
    """The program that an interpreter runs, as a command; nothing where it stands in the command itself."""
    if name in ("node", "nodejs", "tsx", "ts-node") and "--test" in rest:
        return ("pytest",)
    valued = VALUED.get(name, frozenset())
    at = 0
    while at < len(rest) and rest[at].startswith("-"):
        if rest[at] in ("-m", "-M"):
            return rest[at + 1 :]
        if rest[at] in ("-c", "-e", "-", "-p", "-r") and rest[at] not in valued:
            return ()
        at += 2 if rest[at] in valued else 1
    script = rest[at:]
    # A bare name is a file beside, not a program of that name.
    return (f"./{script[0]}", *script[1:]) if script else ()


def _of_script(name: str, rest: Sequence[str], depth: int) -> ToolKind:
    """What a shell runs: the script it is given, or a file by its name."""
    at = 0
    while at < len(rest):
        word = rest[at]
        if is_script_flag(word):
            given = rest[at + 1 :]
            if any(HOLE in part for part in given):
                raise UnclearError
            is_one = name not in ("pwsh", "powershell", "cmd", "nix")
            script = ("".join(given[:1]) if is_one else " ".join(given)).replace(UNFIXED, "")
            return _kind(exact_parts(script), depth + 1)[0] if depth < _DEEPEST else ToolKind.EXECUTE
        if not word.startswith("-") and name != "nix":
            return _of_program(program_of(f"./{word}"), (f"./{word}",))
        at += 1
    return ToolKind.EXECUTE


def _of_verb(name: str, verbs: Verbs, rest: Sequence[str]) -> ToolKind | Sequence[str]:
    """What a program does by its verb, or the command that it starts."""
    at = 0 if rest[:1] and rest[0] in verbs else after_options(rest, 0, VALUED.get(name, frozenset()))
    verb = rest[at] if at < len(rest) else ""
    found = verbs.get(verb)
    after = rest[at + 1 :]
    if found is None:
        found, after = verbs.get("", ToolKind.EXECUTE), rest
    if isinstance(found, ToolKind):
        return _spelled_out(name, found, rest)
    if found is Rest.TASKS:
        return kind_of_tasks(name, after)
    if found is Rest.ITSELF:
        return _of_itself(name, verb, rest, after)
    # An option may stand before what is run: "uv run -m pytest".
    after = after[after_options(after, 0, VALUED.get(name, frozenset())) :]
    if found is Rest.SCRIPT:
        return kind_of_tasks(name, after[:1])
    return _started(name, found, after)


def _started(name: str, how: Rest, after: Sequence[str]) -> Sequence[str]:
    """The command that a program is given to start."""
    if how is Rest.COMMAND:
        return after
    if how is Rest.PACKAGE:
        return (name, *after[1:])
    return after[list(after).index("--") + 1 :] if "--" in after else after[1:]


def _of_itself(name: str, verb: str, rest: Sequence[str], after: Sequence[str]) -> ToolKind | Sequence[str]:
    """A verb that is a command, or a task of the project."""
    start = list(rest).index(verb) if verb in rest else 0
    command = after if name in ("pixi", "hatch", "pdm") and verb in ("run", "r") else rest[start:]
    command = command[after_options(command, 0, VALUED.get(name, frozenset())) :]
    if not command or verb == "":
        return ToolKind.EXECUTE
    kind = kind_of_tasks(name, command[:1])
    return kind if kind is not ToolKind.EXECUTE or command[0] == name else command


def _spelled_out(name: str, kind: ToolKind, rest: Sequence[str]) -> ToolKind:
    """The same kind, unless an option makes it another."""
    if kind is ToolKind.TEST:
        if (name == "cargo" and "--no-run" in rest) or (name == "go" and "-c" in rest):
            return ToolKind.BUILD
        if not _ASKS.isdisjoint(rest):
            return ToolKind.EXECUTE
    if kind is ToolKind.COMMIT and "--dry-run" in rest:
        return ToolKind.EXECUTE
    return kind


def _path_read(parts: Iterable[Part], folder: str | None) -> str | None:
    """The one file that a command prints; None where there are several, or nobody knows which."""
    paths = set()
    for words, is_first in parts:
        if words[0] in _ENTERS:
            folder = _entered(words, folder)
            continue
        command = bare(words) if is_first else ()
        name = program_of(command[0]) if command else ""
        if PROGRAMS.get(name) is ToolKind.READ and _reads(name, command[1:]):
            for word in _files(name, command[1:]):
                if HOLE in word:
                    raise UnclearError
                paths.add(None if _DEPENDS.search(word) else absolute_path(word, folder))
    return paths.pop() if len(paths) == 1 else None


def _entered(words: Sequence[str], folder: str | None) -> str | None:
    """The folder after a change of folders."""
    plain = [word for word in words[1:] if word == "-" or not word.startswith("-")]
    if not plain or _DEPENDS.search(plain[0]) or plain[0] == "-":
        return None
    if HOLE in plain[0]:
        raise UnclearError
    return absolute_path(plain[0], folder)


def _unwrapped(command: str, depth: int) -> Iterator[Part]:
    """The commands of a script, and those of the scripts that shells in it are given."""
    for words, is_first in exact_parts(command):
        inner = next((at for at, word in enumerate(words) if at and is_script_flag(word)), 0)
        if inner and program_of(words[0]) in SHELLS and depth < _DEEPEST:
            yield from _unwrapped("".join(words[inner + 1 : inner + 2]).replace(UNFIXED, ""), depth + 1)
        else:
            yield words, is_first


def _files(name: str, rest: Sequence[str]) -> list[str]:
    """The words of a reading command that name files."""
    plain: list[str] = []
    at = 0
    while at < len(rest):
        if rest[at][:1] == "-" and len(rest[at]) > 1:
            takes = (name in ("head", "tail") and rest[at] in ("-n", "-c")) or (
                name == "nl" and rest[at] in ("-b", "-v", "-w")
            )
            at += 2 if takes or rest[at].lower() in ("-totalcount", "-tail", "-encoding", "-first") else 1
            continue
        plain.append(rest[at])
        at += 1
    # The first word of sed's is its script.
    return plain[1:] if name in ("sed", "gsed") else plain
