"""What an installation wrote and what stood there before, so that it can be taken away without a trace."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from tokencoach.comprehension.hook.places import hook_home

if TYPE_CHECKING:
    from tokencoach.git.hooks import HookPlace

CHAIN: Final = "chain"
REDIRECT: Final = "redirect"
_NAME: Final = "installed.json"


class Written(msgspec.Struct, frozen=True):
    """A hook file of ours; ``before`` is where the one that stood there was put, None where none did."""

    path: str
    before: str | None = None


class Manifest(msgspec.Struct, frozen=True):
    """One installation. ``way`` is ``chain`` (in git's own folder) or ``redirect`` (a folder of ours).

    ``settings_before`` is None where the file of settings did not exist. ``former_path`` is the
    value of ``core.hooksPath`` in that file before.
    """

    way: str
    hooks: str
    settings: str
    settings_before: bytes | None
    settings_after: bytes
    settings_mode: int
    former_path: str | None
    rewrites_added: bool
    mode: str | None
    has_trailer: bool
    is_global: bool = False
    made_folder: bool = False
    files: tuple[Written, ...] = ()
    version: int = 1


def own_folder(home: Path, place: HookPlace | None) -> Path:
    """Where an installation keeps what is its own: beside the repository's hooks, or in tokencoach's home."""
    return hook_home(home) / "global" if place is None else place.common_dir / "tokencoach"


def read_manifest(folder: Path) -> Manifest | None:
    """What was written; None where nothing was, or it cannot be understood."""
    try:
        return msgspec.json.decode((folder / _NAME).read_bytes(), type=Manifest)
    except (OSError, msgspec.MsgspecError):
        return None


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Keep what was written.

    Raises:
        OSError: the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    new = folder / f"{_NAME}.new"
    new.write_bytes(msgspec.json.encode(manifest))
    new.replace(folder / _NAME)


def drop_manifest(folder: Path) -> None:
    """Forget it, and the folder with it where nothing else is in there."""
    (folder / _NAME).unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        folder.rmdir()


def _register(home: Path) -> Path:
    return hook_home(home) / "installed"


def hooked(home: Path) -> list[Path]:
    """Common git directories of the repositories with a hook of their own."""
    try:
        text = _register(home).read_text("utf-8", "surrogateescape")
    except OSError:
        return []
    return [Path(line) for line in text.splitlines() if line]


def has_global(home: Path) -> bool:
    """Whether the hook stands for every repository."""
    return read_manifest(own_folder(home, None)) is not None


def put_hooked(home: Path, common_dir: Path, *, is_there: bool) -> None:
    """Note that a repository has a hook of its own, or has none any more.

    Raises:
        OSError: tokencoach's home cannot be written.
    """
    others = [path for path in hooked(home) if path != common_dir]
    listed = [*others, common_dir] if is_there else others
    _register(home).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    _register(home).write_text("".join(f"{path}\n" for path in listed), "utf-8", "surrogateescape")
