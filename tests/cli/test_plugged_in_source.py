"""The source that the documentation shows works as it stands there, in a package of its own."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from conftest import ROOT
from tokencoach.sources.registry import built_in

if TYPE_CHECKING:
    from pathlib import Path

    from cli.machine import Machine

PAGE = (ROOT / "docs" / "sources.md").read_text("utf-8")
LINES: list[dict[str, Any]] = [
    {"at_ms": 1_781_690_400_000, "cwd": "/home/dev/demo", "asked": "please"},
    {"at_ms": 1_781_690_401_000, "id": "r1", "model": "gpt-5", "tokens_in": 100, "tokens_out": 9},
    {"at_ms": 1_781_690_402_000, "id": "r2", "model": "gpt-5", "tokens_in": 200, "tokens_out": 7},
    {"kind": "brand-new"},
]


@pytest.fixture
def plugged(machine: Machine, tmp_path: Path) -> Machine:
    """A machine on which the page's package is installed, and Lantern has been used."""
    packages = tmp_path / "packages"
    _install(packages, "lantern-source", "lantern_source", _code())
    logs = machine.home / ".lantern" / "logs"
    logs.mkdir(parents=True)
    content = b"".join(json.dumps(line).encode() + b"\n" for line in LINES)
    (logs / "L1.jsonl").write_bytes(content + b"{broken\n")
    machine.environment["PYTHONPATH"] += f":{packages}"
    return machine


def _code() -> str:
    code, _ = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    return str(code)


def _install(packages: Path, project: str, module: str, code: str) -> None:
    """What an installer leaves behind."""
    (point,) = re.findall(r'lantern = "(\S+)"', PAGE)
    notes = packages / f"{project.replace('-', '_')}-1.0.dist-info"
    notes.mkdir(parents=True)
    (packages / f"{module}.py").write_text(code)
    (notes / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project}\nVersion: 1.0\n")
    name = "lantern" if module == "lantern_source" else module
    where = point if module == "lantern_source" else f"{module}:Lantern"
    (notes / "entry_points.txt").write_text(f"[tokencoach.sources]\n{name} = {where}\n")


def test_its_logs_are_read_and_listed_like_any_others(plugged: Machine) -> None:
    said = plugged.json("ingest")
    (row,) = [row for row in said["sources"] if row["source"] == "lantern"]
    assert (row["files"], row["requests"], row["sessions"], row["quarantined"]) == (1, 2, 1, 1)
    assert row["unseen_kinds"] == {"brand-new": 1}
    totals = plugged.json("usage", "--by", "source")["totals"]
    assert (totals["input_tokens"], totals["output_tokens"]) == (300, 16)


def test_the_page_s_lines_and_its_look_at_the_facts_hold(plugged: Machine) -> None:
    _, look = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    lines = re.findall(r"^echo '(\{.*\})' >> ~/.lantern/logs/first.jsonl$", PAGE, re.MULTILINE)
    (plugged.home / ".lantern" / "logs" / "first.jsonl").write_text("".join(f"{line}\n" for line in lines))
    done = subprocess.run(
        [sys.executable, "-c", look], env=plugged.environment, capture_output=True, check=True, text=True
    )
    requests, prompts, unseen, quarantined = done.stdout.splitlines()
    assert "input=1200" in requests
    assert "text='please'" in prompts
    assert (unseen, quarantined) == ("Counter()", "[]")


def test_the_doctor_says_which_package_it_came_from(plugged: Machine) -> None:
    plugged.json("ingest")
    text = " ".join(plugged.run("doctor").stdout.decode().split())
    assert "lantern: 1 file, 1 session, 2 requests" in text
    assert "plugged in by lantern_source" in text


def test_a_plugged_in_source_that_fails_is_named_and_stops_no_other(plugged: Machine, tmp_path: Path) -> None:
    _install(tmp_path / "packages", "broken-source", "broken_source", "raise RuntimeError('no licence')\n")
    assert {row["source"] for row in plugged.json("ingest")["sources"]} == {"lantern"}
    done = plugged.run("doctor")
    assert done.returncode == 1
    assert "RuntimeError: no licence" in done.stdout.decode()


def test_the_page_lists_every_built_in_source() -> None:
    listed = set(re.findall(r"`([a-z-]+)`", "\n".join(re.findall(r"(?m)^\| (`.*?) \|", PAGE))))
    assert {source.name for source in built_in()} == listed
