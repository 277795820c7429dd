"""Taking the hook away: every file and setting as it was, byte for byte; what others changed since stays theirs."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from tokencoach import regular_files
from tokencoach.comprehension.hook import manifest as records
from tokencoach.comprehension.hook.manifest import CHAIN, REDIRECT, Manifest, Written
from tokencoach.comprehension.hook.places import state_of
from tokencoach.comprehension.hook.shim import is_ours
from tokencoach.errors import TokencoachError
from tokencoach.git import hooks as git_hooks
from tokencoach.git.hooks import HOOKS_PATH, NOTES_REF, REWRITE_REF, REWRITTEN_NOTES
from tokencoach.paths import shown

if TYPE_CHECKING:
    from tokencoach.git.hooks import HookPlace


def remove(home: Path, place: HookPlace | None) -> list[str]:
    """Put everything back; sentences about what could not be, because somebody else changed it since.

    Raises:
        TokencoachError: a file cannot be written.
    """
    own = records.own_folder(home, place)
    manifest = records.read_manifest(own)
    if manifest is None:
        return ["no hook of tokencoach is installed here"]
    try:
        left = _put_files_back(manifest)
        left += _put_settings_back(manifest, Path.cwd() if place is None else place.top)
        if manifest.way == REDIRECT:
            shutil.rmtree(manifest.hooks, ignore_errors=True)
        elif manifest.made_folder:
            with contextlib.suppress(OSError):
                Path(manifest.hooks).rmdir()
        records.drop_manifest(own)
        if place is not None:
            records.put_hooked(home, place.common_dir, is_there=False)
            shutil.rmtree(state_of(home, place.common_dir), ignore_errors=True)
    except OSError as error:
        raise TokencoachError(
            f"{shown(error.filename or own)}: {error.strerror}; the hook is still there in part",
            "make that folder writable, then run it again",
        ) from error
    return left


def _put_files_back(manifest: Manifest) -> list[str]:
    left = []
    for written in manifest.files:
        if manifest.way == CHAIN:
            left += _put_back(written)
    return left


def _put_back(written: Written) -> list[str]:
    target = Path(written.path)
    target.with_name(f"{target.name}.tokencoach-new").unlink(missing_ok=True)
    for name in (f"{target.name}.legacy", f"{target.name}.old"):
        # Where a manager of hooks put ours, when it installed its own.
        if is_ours(_head(target.with_name(name))):
            target.with_name(name).unlink()
    aside = None if written.before is None else Path(written.before)
    is_aside = aside is not None and (aside.is_symlink() or aside.exists())
    if (target.is_symlink() or target.exists()) and not is_ours(_head(target)):
        if not is_aside:
            return []
        return [
            f"{shown(target)} was replaced by somebody else and stays; the hook before ours is {shown(str(aside))}"
        ]
    if is_aside and aside is not None:
        aside.replace(target)
        if aside.parent != target.parent:
            with contextlib.suppress(OSError):
                aside.parent.rmdir()
    else:
        target.unlink(missing_ok=True)
    return []


def _put_settings_back(manifest: Manifest, folder: Path) -> list[str]:
    file = Path(manifest.settings)
    now = file.read_bytes() if file.exists() else None
    if now == (manifest.settings_after or now) and manifest.settings_after:
        if manifest.settings_before is None:
            file.unlink(missing_ok=True)
        else:
            new = file.with_name(f"{file.name}.tokencoach-new")
            new.write_bytes(manifest.settings_before)
            new.chmod(manifest.settings_mode)
            new.replace(file)
        return []
    # Somebody changed other settings since: only ours are taken out.
    scope = manifest.is_global
    if manifest.rewrites_added:
        for value in (REWRITTEN_NOTES, NOTES_REF):
            git_hooks.drop_setting(folder, REWRITE_REF, value, is_global=scope)
    if manifest.way == REDIRECT:
        git_hooks.drop_setting(folder, HOOKS_PATH, manifest.hooks, is_global=scope)
        had_own = manifest.settings_before is not None and b"hookspath" in manifest.settings_before.lower()
        if manifest.former_path is not None and had_own:
            git_hooks.put_setting(folder, HOOKS_PATH, manifest.former_path, is_global=scope)
    return []


def _head(path: Path) -> bytes:
    try:
        return regular_files.head(path, 200)
    except OSError:
        return b""
