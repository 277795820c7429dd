"""Version, licence and age of a dependency, from what lies on this disk: lock files and installed metadata."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec

from tokencoach.git.worktree import content_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tokencoach.comprehension.generators.base import Repository

_TOML_LOCKS: Final = ("uv.lock", "poetry.lock", "pdm.lock")
_ENVIRONMENTS: Final = (".venv", "venv", "env")
_MOST_LOCK: Final = 16 << 20
_MOST_METADATA: Final = 256 << 10
_MOST_ENTRIES: Final = 20_000
_LONGEST: Final = 60
_UPLOADED: Final = re.compile(r"""upload-time\s*=\s*["']?(\d{4}-\d\d-\d\d)""")
_VERSION: Final = re.compile(r"""(?m)^version\s*=\s*["']([^"'\n]{1,60})["']""")
_NAME: Final = re.compile(r"""(?m)^name\s*=\s*["']([^"'\n]{1,200})["']""")


class _Pinned(NamedTuple):
    """A version as a lock file names it; ``published`` is a day, ``licence`` the lock file's own word."""

    version: str
    by: str
    published: str = ""
    licence: str = ""


class _Installed(NamedTuple):
    version: str
    licence: str


def python_package(name: str, repository: Repository, folder: Path | None) -> str:
    """What is known of a Python distribution, in one line; ``folder`` is the worktree."""
    return _told(name, _python_pin(name, repository), _python_installed(name, folder))


def node_package(name: str, repository: Repository, folder: Path | None) -> str:
    """What is known of a package of node, in one line; ``folder`` is the worktree."""
    return _told(name, _node_pin(name, repository), _node_installed(name, folder))


def plain_name(name: str) -> str:
    """A distribution's name as it is compared."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _told(name: str, pin: _Pinned | None, installed: _Installed | None) -> str:
    version = (
        f"{name} {pin.version}, pinned by {pin.by}" if pin is not None else f"{name}: pinned by no lock file"
    )
    if installed is not None and (pin is None or installed.version != pin.version):
        version += f", {installed.version} installed"
    if installed is not None and installed.licence:
        licence = f"licence {installed.licence} (installed metadata)"
    elif pin is not None and pin.licence:
        licence = f"licence {pin.licence} ({pin.by})"
    else:
        licence = (
            f"licence unknown: {'its metadata names none' if installed is not None else 'not installed here'}"
        )
    age = (
        f"published {pin.published}"
        if pin is not None and pin.published
        else "age unknown: no date on this disk"
    )
    return f"{version}; {licence}; {age}"


def _python_pin(name: str, repository: Repository) -> _Pinned | None:
    paths = repository.paths()
    for lock in _TOML_LOCKS:
        # Far quicker than reading a lock file of a megabyte as TOML.
        for block in _text(repository, lock).split("[[package]]")[1:] if lock in paths else ():
            named, version = _NAME.search(block), _VERSION.search(block)
            if named is not None and version is not None and plain_name(named[1]) == name:
                days = sorted(_UPLOADED.findall(block))
                return _Pinned(version[1], lock, days[0] if days else "")
    exact = re.compile(r"^\s*([A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?\s*===?\s*([\w.!+-]{1,60})(?=\s|;|\\|$)")
    for path in sorted(path for path in paths if re.fullmatch(r"requirements[\w.-]*\.(?:txt|lock)", path)):
        for line in _text(repository, path).splitlines():
            found = exact.match(line)
            if found is not None and plain_name(found[1]) == name:
                return _Pinned(found[2], path)
    return None


def _python_installed(name: str, folder: Path | None) -> _Installed | None:
    """The distribution in an environment inside of the worktree."""
    for place in _packages(folder) if folder is not None else ():
        try:
            with os.scandir(place) as entries:
                names = [entry.name for _, entry in zip(range(_MOST_ENTRIES), entries, strict=False)]
        except OSError:
            continue
        for entry in sorted(names):
            own, dash, version = entry.removesuffix(".dist-info").rpartition("-")
            if entry.endswith(".dist-info") and dash and plain_name(own) == name and folder is not None:
                path = os.fsencode(os.path.relpath(place / entry / "METADATA", folder))
                content = content_of(folder, path, _MOST_METADATA) or b""
                return _Installed(_short(version), _licence_of(content.decode("utf-8", "replace")))
    return None


def _packages(folder: Path) -> Iterator[Path]:
    """Folders of installed packages of the environments that lie in a worktree."""
    for name in _ENVIRONMENTS:
        if (folder / name / "pyvenv.cfg").is_file():
            yield from sorted((folder / name / "lib").glob("python3*/site-packages"))
            yield folder / name / "Lib" / "site-packages"


def _licence_of(metadata: str) -> str:
    """The licence of installed metadata: its expression, else its classifiers, else the free text's first line."""
    head = metadata.replace("\r\n", "\n").split("\n\n", 1)[0]
    fields: dict[str, list[str]] = {}
    for line in head.split("\n"):
        name, colon, value = line.partition(":")
        if colon and not line[:1].isspace():
            fields.setdefault(name.lower(), []).append(value.strip())
    classified = [
        one.rpartition("::")[2].strip()
        for one in fields.get("classifier", [])
        if one.startswith("License ::")
    ]
    free = fields.get("license", [""])[0]
    found = fields.get("license-expression", [""])[0] or ", ".join(classified) or free
    return "" if found.upper() in {"UNKNOWN", "NONE"} else _short(found)


def _node_pin(name: str, repository: Repository) -> _Pinned | None:
    for lock in ("package-lock.json", "npm-shrinkwrap.json"):
        read = _object(_text(repository, lock).encode()) if lock in repository.paths() else {}
        packages, early = read.get("packages"), read.get("dependencies")
        found = packages.get(f"node_modules/{name}") if isinstance(packages, dict) else None
        if found is None:
            found = early.get(name) if isinstance(early, dict) else None
        if isinstance(found, dict) and isinstance(found.get("version"), str):
            return _Pinned(_short(found["version"]), lock, licence=_licence_word(found))
    return None


def _node_installed(name: str, folder: Path | None) -> _Installed | None:
    if folder is None or ".." in name.split("/"):
        return None
    content = content_of(folder, os.fsencode(f"node_modules/{name}/package.json"), _MOST_METADATA)
    read = _object(content or b"")
    version = read.get("version")
    return _Installed(_short(version), _licence_word(read)) if isinstance(version, str) else None


def _licence_word(package: dict[str, Any]) -> str:
    """The licence of a package's JSON: a word, or an object as it was written once."""
    licence = package.get("license")
    if isinstance(licence, dict):
        licence = licence.get("type")
    return _short(licence) if isinstance(licence, str) else ""


def _object(content: bytes) -> dict[str, Any]:
    try:
        read = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    return read if isinstance(read, dict) else {}


def _text(repository: Repository, path: str) -> str:
    content = repository.text(path) or b""
    return content.decode("utf-8", "replace") if len(content) <= _MOST_LOCK else ""


def _short(text: str) -> str:
    return " ".join(text.split())[:_LONGEST]
