"""Claude Code's own settings: the status line and the hooks that tell nudges, put in and taken out again.

Source of the format: Claude Code's documentation of ``settings.json`` (``statusLine``; ``hooks`` by event).
"""

from __future__ import annotations

import difflib
import os
import shlex
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec

from tokencoach import paths, regular_files
from tokencoach.coach.assistant import line
from tokencoach.coach.assistant.settings_text import NotJsonError, formatted, parse, put, replace, take
from tokencoach.errors import DamagedInputError, TokencoachError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tokencoach.coach.assistant.settings_text import Node
    from tokencoach.sources.base import LogsHome

STATUS_LINE: Final = "statusline"
NUDGES: Final = "nudge"
_TIMEOUT_S: Final = 5
_BOM: Final = "\ufeff"


class Record(msgspec.Struct, frozen=True):
    """What was done to the settings. ``before`` is None where there was no file; ``former`` another's status line."""

    path: str
    before: bytes | None
    after: bytes
    command: str
    former: str | None = None
    version: int = 1


class Change(NamedTuple):
    """What will be written: nothing is until ``apply``. ``before`` is None where there is no file."""

    what: str
    path: Path
    before: bytes | None
    after: bytes | None
    command: str
    former: str | None = None

    def diff(self) -> Iterator[str]:
        """The change as a unified diff; the lines hold the person's own settings."""
        old = (self.before or b"").decode("utf-8", "replace").splitlines()
        new = (self.after or b"").decode("utf-8", "replace").splitlines()
        return difflib.unified_diff(old, new, "now", "then", lineterm="", n=2)


def settings_file(home: LogsHome) -> Path:
    """The file of the person's own settings; where it is a link, what it leads to."""
    named = home.environment.get("CLAUDE_CONFIG_DIR", "").partition(",")[0].strip()
    place = Path(named).expanduser() if named else home.folder / ".claude"
    return Path(os.path.realpath(place / "settings.json"))


def command_of(what: str, folder: Path) -> str:
    """What the assistant will run: this interpreter on one file, which needs nothing else.

    A hook that ends with 2 would stop the assistant, so this one always ends with 0, and starts no
    program where nothing waits to be told.
    """
    mode = line.STATUS if what == STATUS_LINE else line.NUDGE
    words = [sys.executable, "-I", "-S", str(Path(line.__file__).resolve()), mode, str(folder.absolute())]
    if sys.platform == "win32":
        return " ".join(f'"{word}"' for word in words) + " || exit 0"
    quoted = shlex.join(words)
    if what == STATUS_LINE:
        return quoted
    return f"[ ! -s {shlex.quote(str(paths.pending_nudge(folder.absolute())))} ] || {quoted} || exit 0"


def planned(what: str, home: LogsHome, folder: Path) -> Change:
    """What an installation would write; ``after`` is ``before`` where it stands there already.

    Raises:
        DamagedInputError: the file is no JSON, or says something else where ours would stand.
    """
    path, command = settings_file(home), command_of(what, folder)
    before = _read(path)
    text = _text(path, before)
    base = text if text.strip() else "{}\n"
    root = _root(path, base)
    if _has(root.value, what, command):
        return Change(what, path, before, before, command)
    if what == STATUS_LINE:
        after, former = _with_line(base, root, command)
    else:
        after, former = _with_hooks(path, base, command), None
    return Change(what, path, before, _bytes(after, before), command, former)


def _with_line(text: str, root: Node, command: str) -> tuple[str, str | None]:
    """The text with our status line, and the text of the one that stood there."""
    value = {"type": "command", "command": command}
    entry = next((one for one in reversed(root.entries) if one.key == "statusLine"), None)
    if entry is None:
        return put(text, root, "statusLine", value), None
    former = text[entry.node.start : entry.node.end]
    return replace(text, entry.node, formatted(text, value, entry.start)), former


def _with_hooks(path: Path, text: str, command: str) -> str:
    ours = {"hooks": [{"type": "command", "command": command, "timeout": _TIMEOUT_S}]}
    for event in line.EVENTS:
        root = _root(path, text)
        hooks = root.member("hooks")
        if _runs(root.value.get("hooks"), event, command):
            continue
        if hooks is None:
            text = put(text, root, "hooks", {event: [ours]})
            continue
        _expect(path, text, hooks, dict)
        of_event = hooks.member(event)
        if of_event is None:
            text = put(text, hooks, event, [ours])
        else:
            _expect(path, text, of_event, list)
            text = put(text, of_event, None, ours)
    return text


def _expect(path: Path, text: str, node: Node, kind: type) -> None:
    if not isinstance(node.value, kind):
        at = text.count("\n", 0, node.start) + 1
        raise DamagedInputError(
            f"{paths.shown(path)}, line {at}: the hooks are not written as Claude Code documents them",
            "correct it",
        )


def apply(change: Change, folder: Path) -> None:
    """Write what was shown; what stood there before is kept beside tokencoach's own files.

    Raises:
        TokencoachError: the file has changed since it was shown, or cannot be written.
    """
    if change.after is None or change.after == change.before:
        return
    if _read(change.path) != change.before:
        raise TokencoachError(f"{paths.shown(change.path)} was changed meanwhile", "run it again")
    record = Record(str(change.path), change.before, change.after, change.command, change.former)
    try:
        place = _record(folder, change.what)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        place.parent.mkdir(exist_ok=True, mode=0o700)
        if change.before is not None:
            _write(backup_of(folder, change.what), change.before, 0o600)
        _write(place, msgspec.json.encode(record), 0o600)
        change.path.parent.mkdir(parents=True, exist_ok=True)
        _write(change.path, change.after, _mode(change.path))
    except OSError as error:
        raise _unwritable(error, change.path) from error


def taken_out(what: str, home: LogsHome, folder: Path) -> Change | None:
    """What taking it out would write; None where nothing of ours stands there.

    Where nothing else was changed since it was put in, every byte is as before; else only ours goes.

    Raises:
        DamagedInputError: the file is no JSON any more.
    """
    record = _read_record(folder, what)
    path = Path(record.path) if record is not None else settings_file(home)
    command = record.command if record is not None else command_of(what, folder)
    now = _read(path)
    if now is None:
        return None
    if record is not None and now == record.after:
        return Change(what, path, now, record.before, command)
    text = _text(path, now)
    root = _root(path, text)
    if not _has(root.value, what, command, in_part=True):
        return None
    former = record.former if record is not None else None
    if what == STATUS_LINE:
        after = _without_line(text, root, former)
    else:
        before = _root(path, _text(path, record.before)).value if record is not None and record.before else {}
        after = _without_hooks(path, text, command, before)
    return Change(what, path, now, _bytes(after, now), command)


def take_out(change: Change, folder: Path) -> None:
    """Do it, and forget that it was installed.

    Raises:
        TokencoachError: the file has changed since it was shown, or cannot be written.
    """
    if _read(change.path) != change.before:
        raise TokencoachError(f"{paths.shown(change.path)} was changed meanwhile", "run it again")
    try:
        if change.after is None:
            change.path.unlink(missing_ok=True)
        else:
            _write(change.path, change.after, _mode(change.path))
        _record(folder, change.what).unlink(missing_ok=True)
        backup_of(folder, change.what).unlink(missing_ok=True)
    except OSError as error:
        raise _unwritable(error, change.path) from error


def _without_line(text: str, root: Node, former: str | None) -> str:
    index = max(at for at, one in enumerate(root.entries) if one.key == "statusLine")
    return take(text, root, index) if former is None else replace(text, root.entries[index].node, former)


def _without_hooks(path: Path, text: str, command: str, before: Any) -> str:
    """Ours out of every event; what was made to hold it goes with it where nothing else is in there."""
    for event in line.EVENTS:
        while (found := _place_of(_root(path, text), event, command)) is not None:
            text = take(text, *found)
        hooks = _root(path, text).member("hooks")
        had = before.get("hooks") if isinstance(before, dict) else None
        of_event = hooks.member(event) if hooks is not None else None
        if hooks is not None and of_event is not None and of_event.value == [] and event not in (had or {}):
            text = take(text, hooks, [one.key for one in hooks.entries].index(event))
    root = _root(path, text)
    hooks = root.member("hooks")
    if hooks is not None and hooks.value == {} and not (isinstance(before, dict) and "hooks" in before):
        text = take(text, root, [one.key for one in root.entries].index("hooks"))
    return text


def _place_of(root: Node, event: str, command: str) -> tuple[Node, int] | None:
    """The list that holds our hook of an event, and its place there; a group of nothing else counts as ours."""
    hooks = root.member("hooks")
    groups = hooks.member(event) if hooks is not None else None
    if groups is None:
        return None
    for at, group in enumerate(groups.entries):
        calls = group.node.member("hooks")
        for index, call in enumerate(calls.entries if calls is not None else ()):
            said = call.node.value
            if calls is not None and isinstance(said, dict) and said.get("command") == command:
                return (groups, at) if len(calls.entries) == 1 else (calls, index)
    return None


def is_installed(what: str, home: LogsHome, folder: Path) -> bool:
    """Whether the settings run what we would write, or wrote.

    Raises:
        DamagedInputError: the file is no JSON.
    """
    record = _read_record(folder, what)
    path = Path(record.path) if record is not None else settings_file(home)
    command = record.command if record is not None else command_of(what, folder)
    text = _text(path, _read(path))
    return bool(text.strip()) and _has(_root(path, text).value, what, command)


def _has(value: Any, what: str, command: str, *, in_part: bool = False) -> bool:
    """Whether all that we put in stands there; with ``in_part`` any of it."""
    if what == STATUS_LINE:
        line_of = value.get("statusLine")
        return isinstance(line_of, dict) and line_of.get("command") == command
    found = [_runs(value.get("hooks"), event, command) for event in line.EVENTS]
    return any(found) if in_part else all(found)


def _runs(hooks: Any, event: str, command: str) -> bool:
    groups = hooks.get(event) if isinstance(hooks, dict) else None
    calls = (
        [group.get("hooks") for group in groups if isinstance(group, dict)]
        if isinstance(groups, list)
        else []
    )
    said = [call for of_group in calls if isinstance(of_group, list) for call in of_group]
    return any(isinstance(call, dict) and call.get("command") == command for call in said)


def backup_of(folder: Path, what: str) -> Path:
    """Where the settings as they were before are kept."""
    return folder / "assistant" / f"settings.json.before-{what}"


def _record(folder: Path, what: str) -> Path:
    return folder / "assistant" / f"claude-code-{what}.json"


def _read_record(folder: Path, what: str) -> Record | None:
    try:
        return msgspec.json.decode(_record(folder, what).read_bytes(), type=Record)
    except (OSError, msgspec.MsgspecError):
        return None


def _read(path: Path) -> bytes | None:
    try:
        return regular_files.content(path)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise TokencoachError(f"{paths.shown(path)}: {error.strerror}", "make it readable") from error


def _text(path: Path, content: bytes | None) -> str:
    try:
        return (content or b"").decode("utf-8").removeprefix(_BOM)
    except UnicodeDecodeError as error:
        raise DamagedInputError(
            f"{paths.shown(path)} is no UTF-8 text", "correct it, then run it again"
        ) from error


def _bytes(text: str, before: bytes | None) -> bytes:
    has_mark = (before or b"").startswith(_BOM.encode())
    return (_BOM if has_mark else "").encode() + text.encode()


def _root(path: Path, text: str) -> Node:
    try:
        root = parse(text)
    except NotJsonError as error:
        raise DamagedInputError(
            f"{paths.shown(path)}, line {error.line}: no JSON: {error}",
            "correct it there; nothing was written",
        ) from error
    if not isinstance(root.value, dict):
        raise DamagedInputError(f"{paths.shown(path)}, line 1: no object", "correct it; nothing was written")
    return root


def _mode(path: Path) -> int:
    try:
        return path.stat().st_mode & 0o777
    except OSError:
        return 0o600


def _write(path: Path, content: bytes, mode: int) -> None:
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        os.chmod(name, mode)  # noqa: PTH101 - one way for all three
        os.replace(name, path)  # noqa: PTH105
    except OSError:
        os.unlink(name)  # noqa: PTH108
        raise


def _unwritable(error: OSError, path: Path) -> TokencoachError:
    return TokencoachError(
        f"{paths.shown(error.filename or path)}: {error.strerror}",
        "make that folder writable, then run it again",
    )
