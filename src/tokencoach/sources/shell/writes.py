"""Which files a shell command writes, moves or changes, and what it writes where the text is there to see."""

from __future__ import annotations

import posixpath
import re
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.sources.literal_replacements import difference, replacements
from tokencoach.sources.shell.copies import COPIERS, PASSING, Copied, copied, passes_on, shown_files
from tokencoach.sources.shell.editors import (
    FORMATTERS,
    LINE_EDITORS,
    edited_files,
    is_in_place,
    makes_unseen,
)
from tokencoach.sources.shell.folders import Folders, absolute_path
from tokencoach.sources.shell.inserted import inserted_lines
from tokencoach.sources.shell.patches import patched, patching
from tokencoach.sources.shell.powershell import is_powershell, powershell_writes
from tokencoach.sources.shell.sweeps import Sweep, sweeps, swept_by_program
from tokencoach.sources.shell.variables import expanded, told_lines
from tokencoach.sources.shell.words import pipelines
from tokencoach.usage.words import EditKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tokencoach.sources.shell.words import Pipeline, Simple, Word

    Place = tuple[str, EditKind, str]

_REDIRECTS: Final = re.compile(rb">(?<![0-9&>=-]>)[^&]")
# A pattern that begins with its letters is looked for many times as fast as one that begins with a choice.
_HINTS: Final = tuple(
    (word, re.compile(pattern))
    for word, pattern in (
        (b"sed", rb"sed\b(?<=\bsed).*-[A-Za-z]*i"),
        (b"mv", rb"mv\b(?<=\bmv)"),
        (b"cp", rb"cp\b(?<=\bcp)"),
        (b"rm", rb"rm\b(?<=\brm)"),
        (b"rsync", rb"rsync\b(?<=\brsync)"),
        (b"install -", rb"install -(?<=\binstall -)[A-Za-z]*[Dmt]"),
        (b"tee", rb"tee\b(?<=\btee)"),
        (b"--write", rb"--write\b"),
        (b"--fix", rb"--fix\b"),
        (b"fmt", rb"fmt\b(?:(?<=\bfmt)|(?<=\brustfmt))"),
        (b"-w", rb"-w\b"),
        (b"perl", rb"perl\b(?<=\bperl).*-[a-z0-9]*i"),
        (b"ruby", rb"ruby\b(?<=\bruby).*-[a-z]*i"),
        (b"curl", rb"curl\b(?<=\bcurl).*-[oO]\b"),
        (b"wget", rb"wget\b(?<=\bwget).*-[oO]\b"),
        (b"black", rb"black\b(?<=\bblack)"),
        (b"isort", rb"isort\b(?<=\bisort)"),
        (b"format", rb"format\b"),
        (b" -c", rb" -c\b"),
        (b"-Content", rb"-Content\b(?:(?<=Set-Content)|(?<=Add-Content))"),
        (b"Out-File", rb"Out-File\b"),
        (b"AllText", rb"AllText\b(?:(?<=WriteAllText)|(?<=AppendAllText))"),
        (b"writeFile", rb"writeFile"),
        (b"File.write", rb"File\.write"),
        (b"sd ", rb"sd (?<=\bsd )"),
        (b"yq", rb"yq\b(?<=\byq).*-[a-zA-Z]*i"),
        (b"inplace", rb"inplace\b"),
        (b"sponge", rb"sponge\b(?<=\bsponge)"),
        (b"apply", rb"apply\b(?<=\bgit apply)"),
        (b"patch ", rb"patch (?<=\bpatch )"),
        (
            b"create",
            rb"create\b(?:(?<=npm create)|(?<=\bbun create)|(?<=\byarn create)|(?<=\bflutter create)|(?=-))",
        ),
        (
            b" new ",
            rb" new (?:(?<=\bcargo new )|(?<=\brails new )|(?<=\bdotnet new )|(?<=\bn[g] new )|(?<=\bnest new ))",
        ),
        (
            b"generate",
            rb"generate\b(?:(?<=\bbuf generate)|(?<=\bsqlc generate)|(?<=\brails generate)|(?<=\bng generate))",
        ),
        (b"start", rb"start(?:project|app)\b"),
        (b"makemigrations", rb"makemigrations\b"),
        (b"protoc", rb"protoc\b"),
        (b"codegen", rb"codegen\b"),
        (b"codemod", rb"codemod\b"),
        (b"jscodeshift", rb"jscodeshift\b"),
        (b"shadcn", rb"shadcn\b"),
        (b"make:", rb"make:\w"),
    )
)
_ANY_HINT: Final = re.compile(b"|".join(re.escape(word) for word, _ in _HINTS))
_SHORT: Final = 256
_MOST_BYTES: Final = 1 << 20
_MOST_FILES: Final = 24
_INTERPRETERS: Final = re.compile(r"^(?:python[\d.]*|node|ruby|perl|deno|bun|php|Rscript)$")
_RUNNERS: Final = frozenset(
    {"sudo", "env", "command", "time", "nice", "npx", "uv", "uvx", "pnpm", "yarn", "bunx"}
)
_RUNS: Final = frozenset({"run", "exec", "dlx", "tool"})
_ASSIGNMENT: Final = re.compile(r"^[A-Za-z_]\w*=")
# What prints a text, or puts another for a part of it, writes nothing by that.
_PROGRAM_WRITES: Final = re.compile(
    r"(?<!stdout\.)(?<!stderr\.)write|\bdump\(|\bsave|\bos\.replace|rename(?!\(\s*(?:columns|index|\{))|\bshutil\."
    r"|copyfile|inplace|file_put_contents|\bto_(?:csv|json|parquet|excel)\(|\bopen\s*\([^)]*['\"][rb]?[wax][bt+]{0,2}['\"]"
)
_QUOTED_PATH: Final = re.compile(
    r"""['"]((?:[\w.@+-]+/)*[\w.@+-]+\.[A-Za-z]\w{0,7}|(?:\.{0,2}/)?(?:[\w.@+-]+/)+[\w.@+-]+)['"]"""
)
_SHELLS: Final = frozenset({"bash", "sh", "zsh", "dash"})
_NOWHERE: Final = ("/dev/", "/proc/")
# What stands between two texts that one script writes to the same place.
_JOINED: Final = {EditKind.SHELL_APPEND: "\n", EditKind.SHELL_SWEEP: "\n\n", EditKind.PATCH: "\n"}
_ECHO_OPTIONS: Final = frozenset({"-n", "-e", "-E", "-ne", "-en"})


def may_write(arguments: bytes) -> bool:
    """Whether a command, as text or as JSON, is worth reading: most are not, and most are run many times."""
    return _short_may_write(arguments) if len(arguments) <= _SHORT else _may_write(arguments)


def _may_write(arguments: bytes) -> bool:
    if b"<<" in arguments or (b">" in arguments and _REDIRECTS.search(arguments)):
        return True
    # One look for all the words costs a quarter of a look for each.
    if _ANY_HINT.search(arguments) is None:
        return False
    return any(word in arguments and pattern.search(arguments) for word, pattern in _HINTS)


_short_may_write = lru_cache(maxsize=1024)(_may_write)


class ShellWrite(NamedTuple):
    """One file that a command changed; ``added`` is its text where the command shows it, or the program's.

    Of a ``SHELL_SWEEP`` the path is a pattern of paths, and the text is that of the substitutions.
    Of a ``PATCH`` these are the lines of the diff that the command applies, with those ``removed``.
    """

    path: str
    kind: EditKind
    added: str = ""
    moved_from: str | None = None
    removed: str = ""


def _place(write: ShellWrite) -> Place:
    """What two writes of one command line share that are one: a file may be put together from several others."""
    return write.path, write.kind, (write.moved_from or "") if write.kind is EditKind.SHELL_COPY else ""


# Files were changed, but neither which nor how can be told.
_UNTOLD: Final = ShellWrite("**", EditKind.SHELL_SWEEP)


def shell_writes(command: str, start: str | None) -> list[ShellWrite]:
    """The files that a command line writes, at most 24; relative names count from the folder where it starts."""
    if len(command) > _MOST_BYTES:
        return []
    if is_powershell(command):
        told = [_written(one.path, one.text, appends=one.appends) for one in powershell_writes(command)]
        placed = [write for one in told if (write := _placed(one, start)) is not None]
        return list({(write.path, write.kind): write for write in placed}.values())[:_MOST_FILES]
    found: dict[Place, ShellWrite] = {}
    saved: dict[str, str] = {}
    for pipeline, folder in expanded(pipelines(command), Folders(start)):
        undone = _undone(pipeline[0], folder, saved)
        if undone:
            found = {place: write for place, write in found.items() if write.path not in undone}
            continue
        for write in _by_pipeline(pipeline, folder, found):
            placed_write = _placed(write, folder)
            if placed_write is not None and len(found) < _MOST_FILES:
                place = _place(placed_write)
                found[place] = _joined(found[place], placed_write) if place in found else placed_write
    return list(found.values())


def _by_pipeline(pipeline: Pipeline, folder: str | None, found: dict[Place, ShellWrite]) -> list[ShellWrite]:
    """What a pipeline writes, by itself, by a diff, or by the script that it gives to another shell."""
    script = _nested(pipeline[-1])
    if script is not None:
        return shell_writes(script, folder)
    return [*_of_pipeline(pipeline), *_by_patch(pipeline, folder, found)]


def _nested(command: Simple) -> str | None:
    """The script that a command gives to another shell of this computer."""
    words = _bare(command.words)
    if len(words) < 3 or posixpath.basename(words[0].text) not in _SHELLS:
        return None
    flag, script = words[1], words[2]
    return script.text if re.fullmatch(r"-[a-z]*c", flag.text) and script.is_fixed else None


def _joined(one: ShellWrite, other: ShellWrite) -> ShellWrite:
    """What one command line writes twice to a place."""
    between = _JOINED.get(other.kind)
    if between is None:
        return other
    removed = "\n".join(part for part in (one.removed, other.removed) if part)
    return other._replace(
        added=between.join(part for part in (one.added, other.added) if part), removed=removed
    )


def _by_patch(pipeline: Pipeline, folder: str | None, found: dict[Place, ShellWrite]) -> list[ShellWrite]:
    """What a diff changes that the pipeline applies, where the same command line shows it; a file of it passes."""
    command = pipeline[-1]
    how = patching([word.text for word in _bare(command.words)])
    if how is None:
        return []
    given = command.body
    if len(pipeline) > 1 and given is None:
        given = _output(_bare(pipeline[0].words), pipeline[0].body)
    diffs = [given] if given is not None else []
    names = [*how.files, *([command.source.text] if command.source is not None else [])]
    for path in (absolute_path(name, folder) for name in names):
        written = found.pop((path, EditKind.SHELL_WRITE, ""), None) if path is not None else None
        diffs += [written.added + "\n"] if written is not None else []
    if not diffs and names:
        return [_UNTOLD]
    return [
        ShellWrite(one.path, EditKind.PATCH, one.change.added, one.moved_from, one.change.removed)
        for diff in diffs
        for one in patched(diff, how)
        if one.path
    ]


def _undone(command: Simple, folder: str | None, saved: dict[str, str]) -> set[str]:
    """The files that a command brings back to what they were: from git, or from a copy that was ``saved`` before."""
    words = _bare(command.words)
    name = words[0].text if words else ""
    named = [word.text for word in words[1:] if word.is_fixed and not word.text.startswith("-")]
    paths = [path for path in (absolute_path(word, folder) for word in named) if path is not None]
    if name == "git" and named[:1] in (["checkout"], ["restore"]):
        return set(paths[1:])
    if name not in ("cp", "mv") or len(paths) != 2:
        return set()
    source, target = paths
    if saved.get(source) == target:
        return {target}
    saved[target] = source
    return set()


def _placed(write: ShellWrite, folder: str | None) -> ShellWrite | None:
    """The same with absolute paths; None for what is no lasting file, or nobody knows where."""
    path = absolute_path(write.path, folder)
    if path is None or path.startswith(_NOWHERE) or path.endswith("/"):
        return None
    if write.kind.is_unseen and write.moved_from is None and path.endswith(PASSING):
        return None
    source = absolute_path(write.moved_from, folder) if write.moved_from else None
    return write._replace(path=path, moved_from=source)


def _of_pipeline(pipeline: Pipeline) -> Iterator[ShellWrite]:
    """What a pipeline writes; a text passes through ``cat`` and ``tee`` unchanged."""
    text: str | None = None
    shown: list[str] = []
    for command in pipeline:
        words = _bare(command.words)
        shown = shown_files(words, command.source) or (shown if passes_on(words) else [])
        given = command.body if command.body is not None else text
        if command.expands and given and not (words and _INTERPRETERS.match(words[0].text)):
            given = told_lines(given)
        text = _output(words, given)
        for target, appends in command.redirects:
            if target.is_fixed:
                yield from _redirected(target.text, text, shown, appends=appends)
        yield from _own(words, given, text, shown)
        yield from map(_swept, sweeps(words))


def _swept(sweep: Sweep) -> ShellWrite:
    return ShellWrite(sweep.pattern, EditKind.SHELL_SWEEP, sweep.text)


def _bare(words: list[Word]) -> list[Word]:
    """The command without assignments and programs that only start another."""
    at = 0
    while at < len(words) and (
        _ASSIGNMENT.match(words[at].text) or words[at].text in _RUNNERS or (at and words[at].text in _RUNS)
    ):
        at += 1
    return words[at:]


def _output(words: list[Word], given: str | None) -> str | None:
    """What a command prints, where the command line shows it."""
    if not words:
        return given
    name, rest = words[0].text, words[1:]
    if name == "tee" or (name == "cat" and all(word.text == "-" for word in rest)):
        return given
    if name == "echo":
        return _echoed([word for word in rest if word.text not in _ECHO_OPTIONS])
    return _printed(rest) if name == "printf" else None


def _echoed(words: list[Word]) -> str | None:
    if not words or not all(word.is_fixed for word in words):
        return None
    return " ".join(word.text for word in words).replace("\\n", "\n") + "\n"


def _printed(words: list[Word]) -> str | None:
    if not words or not all(word.is_fixed for word in words):
        return None
    form, values = words[0].text, [word.text for word in words[1:]]
    if not values and "%" not in form:
        return form.replace("\\n", "\n")
    return "\n".join(values) + "\n" if values and form in ("%s", "%s\\n") else None


def _redirected(path: str, text: str | None, shown: list[str], *, appends: bool) -> Iterator[ShellWrite]:
    """A file that is given a text, or one after the other the files that are shown."""
    if text is None and shown:
        yield from (ShellWrite(path, EditKind.SHELL_COPY, moved_from=name) for name in shown)
    else:
        yield _written(path, text, appends=appends)


def _written(path: str, text: str | None, *, appends: bool) -> ShellWrite:
    if text is None:
        return ShellWrite(path, EditKind.SHELL_TOUCH)
    return ShellWrite(
        path, EditKind.SHELL_APPEND if appends else EditKind.SHELL_WRITE, text.removesuffix("\n")
    )


def _own(words: list[Word], given: str | None, text: str | None, shown: list[str]) -> Iterator[ShellWrite]:
    """Files that a command writes by itself, redirections aside."""
    if len(words) > 1 and words[0].text == "git" and words[1].text in ("mv", "rm"):
        words = words[1:]
    name = posixpath.basename(words[0].text) if words else ""
    arguments = [word for word in words[1:] if not word.text.startswith("-")]
    if makes_unseen(words):
        yield _UNTOLD
    if name in ("tee", "sponge", "dd"):
        yield from _kept(name, words, given, text, shown)
    elif name in LINE_EDITORS and given:
        named = [word for word in arguments if word.is_fixed]
        yield from (ShellWrite(word.text, EditKind.SHELL_PROGRAM, given) for word in named)
    elif name in COPIERS:
        yield from map(_put, copied(name, words))
    elif _INTERPRETERS.match(name) and not is_in_place(name, words):
        yield from _by_program(words, given)
    else:
        in_place = name in FORMATTERS or is_in_place(name, words)
        kind = EditKind.SHELL_CHANGE if in_place else EditKind.SHELL_TOUCH
        changed = _changed_by(name, words, arguments)
        lines = inserted_lines(name, words) if in_place else ""
        if lines:
            yield from (ShellWrite(word.text, EditKind.PATCH, lines) for word in changed if word.is_fixed)
        else:
            yield from _touched(changed, kind)


def _kept(
    name: str, words: list[Word], given: str | None, text: str | None, shown: list[str]
) -> Iterator[ShellWrite]:
    """Files in which a command puts what it is given."""
    named = [word for word in words[1:] if word.is_fixed]
    if name == "dd":
        targets = [word.text.removeprefix("of=") for word in named if word.text.startswith("of=")]
        yield from (_written(target, given, appends=False) for target in targets)
        return
    appends = name == "tee" and any(word.text in ("-a", "--append") for word in words)
    told = text if name == "tee" else None
    for word in named:
        if not word.text.startswith("-"):
            yield from _redirected(word.text, told, shown, appends=appends)


def _changed_by(name: str, words: list[Word], arguments: list[Word]) -> list[Word]:
    """The files among a command's words that it changes."""
    if name == "rm":
        return arguments
    if is_in_place(name, words):
        return edited_files(name, words)
    if name in ("curl", "wget"):
        return [word for flag, word in pairwise(words) if flag.text in ("-o", "-O", "--output")]
    if name in FORMATTERS:
        return [word for word in arguments if "." in posixpath.basename(word.text)]
    return []


def _touched(words: list[Word], kind: EditKind) -> Iterator[ShellWrite]:
    return (ShellWrite(word.text, kind) for word in words if word.is_fixed and word.text != ".")


def _put(one: Copied) -> ShellWrite:
    kind = EditKind.SHELL_TOUCH if one.is_move or one.source is None else EditKind.SHELL_COPY
    return ShellWrite(one.path, kind, moved_from=one.source)


def _by_program(words: list[Word], given: str | None) -> Iterator[ShellWrite]:
    """Files that a program changes which stands in the command itself."""
    inline = [word.text for flag, word in pairwise(words) if flag.text in ("-c", "-e")]
    for program in (*inline, *([given] if given else [])):
        yield from program_writes(program)


def program_writes(program: str) -> Iterator[ShellWrite]:
    """Files that a program names, where it writes any, and what it replaces in them or in those that it looks for."""
    if _PROGRAM_WRITES.search(program):
        names = dict.fromkeys(match[1] for match in _QUOTED_PATH.finditer(program))
        opened = dict.fromkeys(one.path for one in replacements(program) if one.path)
        known = [*opened, *(name for name in names if name not in opened)]
        yield from (ShellWrite(name, EditKind.SHELL_PROGRAM, program) for name in known[:8])
        yield from _replaced(list(names), program)
        yield from map(_swept, swept_by_program(program))


def _replaced(names: list[str], program: str) -> Iterator[ShellWrite]:
    """The lines that a program changes in files that it names; one that is named alone is meant where none is opened."""
    found = replacements(program)
    alone = names[0] if len(names) == 1 else None
    for path in dict.fromkeys(one.path or alone for one in found):
        told = difference([one for one in found if (one.path or alone) == path])
        if path and any(map(str.strip, (*told.added, *told.removed))):
            added, removed = "\n".join(told.added), "\n".join(told.removed)
            yield ShellWrite(path, EditKind.PATCH, added, removed=removed)
