"""Whether the hook of a repository is in place and will run, and what to do where it will not."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tokencoach import regular_files
from tokencoach.comprehension.hook import manifest as records
from tokencoach.comprehension.hook.places import off_file, runner, state_of
from tokencoach.comprehension.hook.shim import is_ours, run_script
from tokencoach.git import hooks as git_hooks
from tokencoach.git.hooks import HOOKS_PATH
from tokencoach.paths import shown

if TYPE_CHECKING:
    from tokencoach.git.hooks import HookPlace

_AGAIN = "tokencoach hook install"


class Problem(NamedTuple):
    """What keeps the hook from working, and the mend."""

    what: str
    mend: str


class HookStatus(NamedTuple):
    """``mode`` is None where the hook was not told yet; ``events`` are the hook files that are in place."""

    repository: str | None
    is_installed: bool
    is_global: bool
    way: str | None
    hooks: str | None
    mode: str | None
    said_mode: str | None
    manager: str | None
    events: tuple[str, ...]
    problems: tuple[Problem, ...]


def status(home: Path, place: HookPlace | None) -> HookStatus:
    """The hook's state in a repository, or of the one for all repositories."""
    own = records.read_manifest(records.own_folder(home, place))
    everywhere = records.read_manifest(records.own_folder(home, None))
    known = own or everywhere
    if known is None:
        return HookStatus(
            _name(place), False, False, None, None, None, None, _manager(place), (),
            (Problem("not installed: nobody is asked before a commit", _AGAIN),),
        )  # fmt: skip
    events = tuple(Path(written.path).name for written in known.files if is_ours(_head(Path(written.path))))
    return HookStatus(
        _name(place), True, own is None or place is None, known.way, known.hooks, _mode(home, place), known.mode,
        _manager(place), events, tuple(_problems(home, place, known)),
    )  # fmt: skip


def _problems(home: Path, place: HookPlace | None, known: records.Manifest) -> list[Problem]:
    found = [
        Problem(f"{shown(written.path)} was replaced by somebody else", _AGAIN)
        for written in known.files
        if not is_ours(_head(Path(written.path)))
    ]
    if place is not None and place.hooks.resolve() != Path(known.hooks).resolve():
        found.append(Problem(f"git now looks for hooks in {shown(place.hooks)}", _AGAIN))
    if place is None and git_hooks.setting(Path.cwd(), HOOKS_PATH, is_global=True) != known.hooks:
        found.append(Problem("your core.hooksPath no longer names our folder", f"{_AGAIN} --global"))
    folder = Path.cwd() if place is None else place.top
    if not any(git_hooks.notes_follow(folder, is_global=scope) for scope in (False, True)):
        found.append(Problem("notes do not follow rewritten commits any more", _AGAIN))
    script = runner(home)
    try:
        text = regular_files.content(script).decode("utf-8", "replace")
    except FileNotFoundError:
        found.append(Problem(f"{shown(script)} is gone: the hook does nothing", _AGAIN))
    except OSError as error:
        found.append(
            Problem(
                f"{shown(script)} cannot be read ({error.strerror}): the hook does nothing",
                f"move it away, then {_AGAIN}",
            )
        )
    else:
        found += _of_script(text, home)
    if off_file(home).exists():
        found.append(Problem(f"{shown(off_file(home))} silences every hook", f"rm {shown(off_file(home))}"))
    return found


def _of_script(text: str, home: Path) -> list[Problem]:
    if text == run_script(home):
        return []
    return [Problem(f"the hook starts another Python than this one ({sys.executable})", _AGAIN)]


def _mode(home: Path, place: HookPlace | None) -> str | None:
    if place is None:
        return None
    try:
        mode = regular_files.content(state_of(home, place.common_dir) / "mode")
        return mode.decode("ascii", "replace").strip() or None
    except OSError:
        return None


def _name(place: HookPlace | None) -> str | None:
    return None if place is None else str(place.top)


def _manager(place: HookPlace | None) -> str | None:
    return None if place is None else git_hooks.manager_of(place)


def _head(path: Path) -> bytes:
    try:
        return regular_files.head(path, 200)
    except OSError:
        return b""
