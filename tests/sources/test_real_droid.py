"""Droid itself against a scripted model on loopback; it tells the tokens of its session as one sum."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from sources.merging import merge
from sources.scripted_model import ScriptedModel
from sources.scripted_protocols import CACHED, OUTPUT
from tokencoach.sources.base import LogsHome
from tokencoach.sources.droid import Droid
from tokencoach.usage.words import CallStatus
from tokencoach.watch.whole import content_of

if TYPE_CHECKING:
    from pathlib import Path

    from sources.scripted_protocols import Step

BEFORE, AFTER = "    return x+1", "    return x + 2\n    # end"
WHOLE = f"def f(x):\n{BEFORE}\n"


def used(path: str, home: Path) -> ScriptedModel:
    """The program, run to its end: it writes a file, edits it and runs a command that fails."""
    work, settings = home / "work", home / ".factory" / "settings.json"
    work.mkdir()
    settings.parent.mkdir()
    file = str(work / "hello.py")
    risk = {"summary": "x", "riskLevel": "low", "riskLevelReason": "x", "timeout": 10}
    script: list[Step] = [
        ("Create", {"file_path": file, "content": WHOLE}),
        ("Edit", {"file_path": file, "old_str": BEFORE, "new_str": AFTER}),
        ("Execute", {"command": "exit 2", **risk}),
    ]
    with ScriptedModel(script) as model:
        own: dict[str, Any] = {
            "model": "mock-x",
            "displayName": "mock",
            "baseUrl": f"{model.address}/v1",
            "apiKey": "x",
        }
        own |= {"provider": "generic-chat-completion-api", "maxOutputTokens": 4000}
        settings.write_text(json.dumps({"customModels": [own]}))
        environment = {"HOME": str(home), "PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}
        environment |= {"FACTORY_API_KEY": "x", "FACTORY_API_BASE_URL": model.address, "TERM": "dumb"}
        done = subprocess.run(
            [path, "exec", "--auto", "high", "-m", "custom:mock-x", "please"],
            cwd=work, env=environment, capture_output=True, timeout=150, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
    assert AFTER in (work / "hello.py").read_text(), done.stderr.decode("utf-8", "replace")[-500:]
    return model


def test_the_counts_of_droid_are_what_the_model_answered(home: Path) -> None:
    path = shutil.which("droid")
    if path is None:
        pytest.skip("droid is not installed")
    model = used(path, home)
    files = Droid().files(LogsHome(home, {}))
    merged = merge(Droid().read(content_of(file), b"", file, 0)[0] for file in files)
    (request,) = merged.requests.values()
    calls = len(model.sent)
    told = (request.input + request.cache_read, request.cache_read, request.output)
    assert told == (sum(model.sent), CACHED * calls, OUTPUT * calls)
    first, second = sorted(merged.edits.values(), key=lambda edit: edit.at_ms)
    assert (first.added.rstrip("\n"), second.added, second.removed) == (WHOLE.rstrip("\n"), AFTER, BEFORE)
    assert {edit.path for edit in merged.edits.values()} == {str(home / "work" / "hello.py")}
    ended = [
        (one.status, one.exit_code) for one in sorted(merged.results.values(), key=lambda one: one.at_ms)
    ]
    assert ended == [(CallStatus.OK, None), (CallStatus.OK, None), (CallStatus.FAILED, 2)]
    assert [prompt.text for prompt in merged.prompts.values()] == ["please"]
    (session,) = merged.sessions.values()
    assert session.cwd == str(home / "work")
    assert not merged.quarantined
    assert not merged.unseen
