"""Putting the recorder where another interpreter's pytest finds it, and the environment that tells it so."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tokencoach import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping

PLAN: Final = "TOKENCOACH_RECORD_PLAN"
_PACKAGE: Final = "tokencoach_recorder"
_SOURCE: Final = Path(__file__).with_name("recorder")
# pytest looks through everything on the path for this: nothing needs naming, so nothing fails where
# the path is not passed on.
_ENTRY: Final = f"[pytest11]\n{_PACKAGE} = {_PACKAGE}.plugin\n"
_METADATA: Final = f"Metadata-Version: 2.1\nName: {_PACKAGE.replace('_', '-')}\nVersion: {__version__}\n"


def install(home: Path) -> Path:
    """The folder to put on ``PYTHONPATH``; it holds the recorder and nothing else.

    Raises:
        OSError: the home folder cannot be written.
    """
    folder = home / "recorder"
    package = folder / _PACKAGE
    package.mkdir(parents=True, exist_ok=True)
    for source in sorted(_SOURCE.glob("*.py")):
        _put(package / source.name, source.read_bytes())
    facts = folder / f"{_PACKAGE}.dist-info"
    facts.mkdir(exist_ok=True)
    _put(facts / "METADATA", _METADATA.encode())
    _put(facts / "entry_points.txt", _ENTRY.encode())
    return folder


def environment(before: Mapping[str, str], folder: Path, plan: Path) -> dict[str, str]:
    """The environment of a test command that is to be recorded."""
    path = os.pathsep.join([str(folder), *filter(None, [before.get("PYTHONPATH")])])
    # tox passes on only what it is told to: its third and its fourth version by different names.
    passed = f"{before.get('TOX_TESTENV_PASSENV', '')} PYTHONPATH {PLAN}".strip()
    overrides = ";".join(filter(None, [before.get("TOX_OVERRIDE"), f"testenv.pass_env+=PYTHONPATH,{PLAN}"]))
    own = {"PYTHONPATH": path, PLAN: str(plan), "TOX_TESTENV_PASSENV": passed, "TOX_OVERRIDE": overrides}
    return {**before, **own}


def _put(file: Path, content: bytes) -> None:
    """Write a file whole, unless it is so already: others may be reading it."""
    try:
        if file.read_bytes() == content:
            return
    except OSError:
        pass
    part = file.with_name(f"{file.name}.{os.getpid()}.part")
    part.write_bytes(content)
    part.replace(file)
