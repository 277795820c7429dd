"""Where meters are looked for: a root folder, the kind of system, and whether it is a guest."""

from __future__ import annotations

import platform
from pathlib import Path
from typing import Final

import msgspec

_LONGEST: Final = 65_536
_CONTAINERS: Final = ("docker", "containerd", "kubepods", "lxc", "libpod", "machine.slice")


class Place(msgspec.Struct, frozen=True):
    """A computer as its files describe it; ``root`` is another folder in tests.

    ``guest`` names what the computer runs inside of, where it is no bare machine.
    """

    root: Path
    system: str
    guest: str | None = None

    def file(self, path: str) -> Path:
        """A file of the system by its absolute path."""
        return self.root / path.lstrip("/")

    def text(self, path: str) -> str | None:
        """A small file's text without surrounding space, or None where it cannot be read."""
        return read_text(self.file(path))


def read_text(path: Path) -> str | None:
    """Content of a small text file, stripped; None where it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(_LONGEST).decode("utf-8", "replace").strip("\0 \t\r\n")
    except (OSError, ValueError):
        return None


def read_int(path: Path) -> int | None:
    """A whole number in a file, or None."""
    text = read_text(path)
    try:
        return None if text is None else int(text)
    except ValueError:
        return None


def here(root: Path = Path("/")) -> Place:
    """The computer at a root folder; this one by default."""
    system = platform.system().lower() if root == Path("/") else "linux"
    bare = Place(root, system)
    return bare if system != "linux" else Place(root, system, _guest(bare))


def _guest(place: Place) -> str | None:
    release = (place.text("/proc/sys/kernel/osrelease") or "").lower()
    if "microsoft" in release:
        return "Windows Subsystem for Linux"
    if place.file("/.dockerenv").exists() or place.file("/run/.containerenv").exists():
        return "a container"
    groups = place.text("/proc/1/cgroup") or ""
    if any(word in groups for word in _CONTAINERS):
        return "a container"
    if _has_hypervisor(place.text("/proc/cpuinfo") or ""):
        product = place.text("/sys/class/dmi/id/product_name")
        return f"a virtual machine ({product})" if product else "a virtual machine"
    return None


def _has_hypervisor(cpuinfo: str) -> bool:
    for line in cpuinfo.splitlines():
        name, _, flags = line.partition(":")
        if name.strip() == "flags":
            return "hypervisor" in flags.split()
    return False
