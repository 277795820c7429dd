"""One log under two paths by a bind mount, as containers and synchronised folders have it."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
from typing import TYPE_CHECKING

import pytest

from cli.machine import Machine, requests

if TYPE_CHECKING:
    from pathlib import Path

_MOUNTED = 'mount --bind "$1" "$2" && shift 2 && exec "$@"'


def within(machine: Machine, here: Path, there: Path, *arguments: str) -> bytes:
    """What a verb prints where ``there`` shows what ``here`` holds; the mount ends with the process."""
    unshare = shutil.which("unshare")
    if unshare is None:
        pytest.skip("unshare is not installed")
    alone = [unshare, "--user", "--map-root-user", "--mount"]
    command = [*alone, "sh", "-c", _MOUNTED, "sh", str(here), str(there)]
    tried = subprocess.run([*command, "true"], capture_output=True, check=False)
    if tried.returncode:
        pytest.skip(f"no bind mount is allowed here: {tried.stderr.decode('utf-8', 'replace').strip()[:80]}")
    done = subprocess.run(
        [*command, *machine.command(*arguments)], env=machine.environment, capture_output=True, check=True
    )
    return done.stdout


@pytest.mark.parametrize("what", ["folder", "file"])
def test_a_log_that_a_mount_shows_twice_is_read_once(machine: Machine, what: str) -> None:
    log = machine.log(requests(3))
    here, there = machine.project, machine.projects / "-mnt-demo"
    if what == "folder":
        there.mkdir()
    else:
        here, there = log, machine.project / "other.jsonl"
        there.touch()
    within(machine, here, there, "ingest")
    told = json.loads(within(machine, here, there, "usage", "--json", "--since", "2020-01-01"))
    assert told["totals"]["requests"] == 3
    with sqlite3.connect(machine.database) as store:
        ((files,),) = store.execute("SELECT count(*) FROM log_file")
        ((prompts,),) = store.execute("SELECT count(*) FROM turn")
    store.close()
    assert (files, prompts) == (1, 1)
    # Under its other path alone, the log is still the one that was read.
    machine.project.rename(machine.projects / "-moved")
    machine.run("ingest")
    assert (
        json.loads(machine.run("usage", "--json", "--since", "2020-01-01").stdout)["totals"]["requests"] == 3
    )
