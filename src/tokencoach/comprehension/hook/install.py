"""Putting the hook in place: what will be written is known, and shown, before anything is."""

from __future__ import annotations

import contextlib
import re
import stat
from pathlib import Path
from typing import Final, NamedTuple

from tokencoach import regular_files
from tokencoach.comprehension.hook import manifest as records
from tokencoach.comprehension.hook.manifest import CHAIN, REDIRECT, Manifest, Written
from tokencoach.comprehension.hook.places import hook_home, runner, state_of
from tokencoach.comprehension.hook.remove import remove
from tokencoach.comprehension.hook.shim import (
    at,
    beside,
    hook_file,
    is_ours,
    of_the_repository,
    pass_on_file,
    run_script,
)
from tokencoach.errors import TokencoachError, UsageError
from tokencoach.git import hooks as git_hooks
from tokencoach.git.hooks import HOOKS_PATH, REWRITE_REF, REWRITTEN_NOTES, HookPlace
from tokencoach.paths import shown

_BEFORE: Final = "before-tokencoach"
_READS_ITS_NAME: Final = re.compile(
    rb"basename\s+[\"']?\$\{?0|\$\{0##|File\.basename\(\$0|File\.basename\(__FILE__|argv\[0\]"
)
_PASSED_ON: Final = (
    "applypatch-msg", "commit-msg", "post-applypatch", "post-checkout", "post-merge", "pre-applypatch",
    "pre-auto-gc", "pre-merge-commit", "pre-push", "pre-rebase", "prepare-commit-msg", "sendemail-validate",
)  # fmt: skip
_MODES: Final = ("pre-commit", "pre-push", "inbox", "off")


class Wish(NamedTuple):
    """What the person wants: ``place`` is None for every repository, ``mode`` None where the phase decides."""

    home: Path
    place: HookPlace | None
    mode: str | None = None
    has_trailer: bool = False

    @property
    def events(self) -> tuple[str, ...]:
        """The hooks that are needed for it."""
        more = [("pre-push", self.mode == "pre-push"), ("commit-msg", self.has_trailer)]
        return ("pre-commit", "post-commit", "post-rewrite", *(name for name, is_needed in more if is_needed))


class Plan(NamedTuple):
    """What will be done, in sentences for the person; ``hooks`` is the folder of the hook files."""

    wish: Wish
    way: str
    hooks: Path
    former: str | None
    sentences: tuple[str, ...]


def plan(wish: Wish) -> Plan:
    """What an installation will write, without writing anything.

    Raises:
        UsageError: it cannot be done without harm, and why.
    """
    if wish.mode is not None and wish.mode not in _MODES:
        raise UsageError(f"{wish.mode!r} is no mode", f"one of {', '.join(_MODES)}")
    own = records.own_folder(wish.home, wish.place)
    if wish.place is None:
        former = git_hooks.setting(Path.cwd(), HOOKS_PATH, is_global=True)
        way, folder = REDIRECT, own / "hooks"
    else:
        way, folder, former = _way(wish.place, own)
    made = Plan(wish, way, folder, former, ())
    return made._replace(sentences=tuple(_sentences(made)))


def _way(place: HookPlace, own: Path) -> tuple[str, Path, str | None]:
    known = records.read_manifest(own)
    if known is not None:
        return known.way, Path(known.hooks), known.former_path
    if place.hooks == place.default_hooks or place.common_dir in place.hooks.resolve().parents:
        return CHAIN, place.hooks, None
    if place.scope not in {"local", "global", "system"}:
        raise UsageError(
            f"core.hooksPath comes from a {place.scope} setting, which would hide whatever is written here",
            "take that setting out, or call  tokencoach check --staged --from-hook  from your own hook",
        )
    return REDIRECT, own / "hooks", git_hooks.setting(place.top, HOOKS_PATH)


def _sentences(made: Plan) -> list[str]:
    wish, found = made.wish, []
    for event in wish.events:
        target = made.hooks / event
        said = f"write {shown(target)}"
        if made.way == CHAIN and _is_there(target) and not is_ours(_content(target)):
            said += f"; the hook that is there becomes {shown(_put_aside(target))} and runs first"
        found.append(said)
    if made.way == REDIRECT:
        which = "your" if wish.place is None else "this repository's"
        found.append(f"set {which} core.hooksPath to {shown(made.hooks)}")
        former = made.former or "the hooks in each repository"
        found.append(f"every hook there first runs the one of the same name in {former}")
    found.append(
        f"add {REWRITTEN_NOTES} to notes.rewriteRef, so that notes follow an amended or rebased commit"
    )
    found.append(f"write {shown(runner(wish.home))}, the script behind all of them")
    return [*found, *_warnings(made)]


def _warnings(made: Plan) -> list[str]:
    place, found = made.wish.place, []
    if place is None:
        return ["repositories with a core.hooksPath of their own are not reached: install it there as well"]
    manager = git_hooks.manager_of(place)
    if manager is not None:
        found.append(
            f"{manager} manages hooks here: when it installs its own again, run  tokencoach hook install  again"
        )
    return found


def install(made: Plan) -> Manifest:
    """Do what the plan says. What stood there before is kept; a former installation of ours is replaced.

    Raises:
        TokencoachError: something cannot be written; what was begun is taken back.
    """
    wish = made.wish
    own = records.own_folder(wish.home, wish.place)
    known = records.read_manifest(own)
    if known is not None:
        remove(wish.home, wish.place)
    folder = wish.place.top if wish.place is not None else Path.cwd()
    file = git_hooks.global_settings_file() if wish.place is None else git_hooks.settings_file(wish.place)
    begun = Manifest(
        made.way, str(made.hooks), str(file), _bytes(file), b"", _mode(file), made.former,
        not git_hooks.notes_follow(folder, is_global=wish.place is None),
        wish.mode, wish.has_trailer, wish.place is None, not made.hooks.exists(),
    )  # fmt: skip
    try:
        _write_runner(wish.home)
        records.write_manifest(own, begun)
        done = _write_hooks(made, begun, own)
        _write_settings(made, folder, done)
        done = _with(done, settings_after=_bytes(file) or b"")
        records.write_manifest(own, done)
        _write_state(wish)
    except OSError as error:
        remove(wish.home, wish.place)
        raise TokencoachError(
            f"{shown(error.filename or made.hooks)}: {error.strerror}; nothing was installed",
            "make that folder writable, then run it again",
        ) from error
    return done


def _with(manifest: Manifest, **changed: object) -> Manifest:
    fields = {name: getattr(manifest, name) for name in manifest.__struct_fields__}
    return Manifest(**(fields | changed))


def _write_runner(home: Path) -> None:
    folder = hook_home(home)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    refresh_runner(home, is_new=True)


def refresh_runner(home: Path, *, is_new: bool = False) -> bool:
    """Write the script behind the hooks where it names another program than this one; whether it did.

    Raises:
        OSError: the folder cannot be written.
    """
    file, text = runner(home), run_script(home)
    if not (is_new or file.exists()):
        return False
    with contextlib.suppress(OSError):
        if regular_files.content(file) == text.encode():
            return False
    new = file.with_name("run.sh.new")
    new.write_text(text)
    try:
        new.replace(file)
    except IsADirectoryError as error:
        new.unlink()
        raise TokencoachError(f"{shown(file)} is a folder", "move it away, then run again") from error
    return True


def _write_hooks(made: Plan, begun: Manifest, own: Path) -> Manifest:
    done = begun
    made.hooks.mkdir(parents=True, exist_ok=True)
    for event in _names(made):
        target = made.hooks / event
        aside = _put_aside(target) if made.way == CHAIN and _is_there(target) else None
        is_event = event in made.wish.events
        before = _before(made, event, aside)
        text = hook_file(event, runner(made.wish.home), before) if is_event else pass_on_file(before)
        new = target.with_name(f"{event}.tokencoach-new")
        new.write_text(text)
        new.chmod(0o755)
        # Noted first: whoever is killed between the two steps can be put right again.
        done = _with(done, files=(*done.files, Written(str(target), None if aside is None else str(aside))))
        records.write_manifest(own, done)
        if aside is not None:
            aside.parent.mkdir(exist_ok=True)
            target.rename(aside)
        new.replace(target)
    return done


def _names(made: Plan) -> list[str]:
    """The hook files to write: ours, and where git looks elsewhere from now on, all others."""
    if made.way == CHAIN:
        return list(made.wish.events)
    former = _former_folder(made)
    there = [] if former is None else [
        item.name for item in sorted(former.iterdir()) if item.is_file() and item.suffix != ".sample"
        and re.fullmatch("[a-z-]+", item.name)
    ]  # fmt: skip
    return list(dict.fromkeys((*made.wish.events, *_PASSED_ON, *there)))


def _former_folder(made: Plan) -> Path | None:
    if made.former is None:
        return None
    top = made.wish.place.top if made.wish.place is not None else Path.cwd()
    folder = top / Path(made.former).expanduser()
    return folder if folder.is_dir() else None


def _before(made: Plan, event: str, aside: Path | None) -> str:
    if made.way == CHAIN:
        name = f"{event}.{_BEFORE}" if aside is None else str(aside.relative_to(made.hooks))
        return beside(name)
    if made.former is None:
        return of_the_repository(event)
    return at(str(Path(made.former).expanduser() / event))


def _put_aside(target: Path) -> Path:
    """Where a hook goes that ours calls first. One that reads its own name keeps it."""
    if _READS_ITS_NAME.search(_content(target)):
        aside = target.parent / _BEFORE / target.name
    else:
        aside = target.with_name(f"{target.name}.{_BEFORE}")
    if _is_there(aside) and not _is_made_again(target, aside):
        raise UsageError(
            f"{shown(aside)} is there already: a hook that was put aside before",
            "put it back by hand, or move it away, then run it again",
        )
    return aside


def _is_made_again(target: Path, aside: Path) -> bool:
    """Whether both were generated by the same manager of hooks: the one put aside is the older."""
    maker = git_hooks.made_by(_content(target))
    return maker is not None and maker == git_hooks.made_by(_content(aside))


def _write_settings(made: Plan, folder: Path, begun: Manifest) -> None:
    is_global = made.wish.place is None
    if made.way == REDIRECT:
        git_hooks.put_setting(folder, HOOKS_PATH, str(made.hooks), is_global=is_global)
    if begun.rewrites_added:
        git_hooks.put_setting(folder, REWRITE_REF, REWRITTEN_NOTES, is_global=is_global, is_added=True)


def _write_state(wish: Wish) -> None:
    if wish.place is None:
        return
    state = state_of(wish.home, wish.place.common_dir)
    state.mkdir(parents=True, exist_ok=True, mode=0o700)
    if wish.mode is not None:
        (state / "mode").write_text(f"{wish.mode}\n")
    if wish.has_trailer:
        (state / "trailer").touch()
    else:
        (state / "trailer").unlink(missing_ok=True)
    records.put_hooked(wish.home, wish.place.common_dir, is_there=True)


def _is_there(path: Path) -> bool:
    return path.is_symlink() or path.exists()


def _content(path: Path) -> bytes:
    with contextlib.suppress(OSError):
        return regular_files.head(path, 1 << 20)
    return b""


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _mode(path: Path) -> int:
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return 0o644
