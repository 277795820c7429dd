"""``tokencoach coach sizes`` as a person runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from coach.made import Month


def run(month: Month, home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "TZ": "UTC",
        "TOKENCOACH_HOME": str(home / "own"),
        "TOKENCOACH_LOGS_HOME": str(month.stage.home),
        "TOKENCOACH_NOW": "2026-03-25T12:00:00",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    return subprocess.run(
        [sys.executable, "-m", "tokencoach", "coach", "sizes", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        cwd=home,
    )


def test_the_verb_prints_one_object_or_tables(month: Month, tmp_path: Path) -> None:
    month.quiet_sessions(3)
    said = run(month, tmp_path, "--json")
    assert said.returncode == 0, said.stderr
    body = json.loads(said.stdout)
    assert (body["since"], body["until"], body["tasks"]) == ("2025-09-26", "2026-03-25", 3)
    assert [claim["verdict"] for claim in body["claims"]] == ["not enough data"] * 3
    text = run(month, tmp_path, "--month", "2026-02")
    assert text.returncode == 0, text.stderr
    assert "Questions and chores (nothing changed): 3 tasks" in text.stdout


def test_a_period_without_prompts_exits_3(month: Month, tmp_path: Path) -> None:
    month.quiet_sessions(1)
    said = run(month, tmp_path, "--month", "2025-12", "--json")
    assert said.returncode == 3
    assert json.loads(said.stdout)["kinds"] == []
