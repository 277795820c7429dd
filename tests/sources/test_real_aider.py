"""Aider itself against a scripted model on loopback; it says its edits in words and offers no tools."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from sources.merging import merge
from sources.reading import read_parts
from sources.scripted_model import ScriptedModel
from sources.scripted_protocols import OUTPUT, chat
from tokencoach.sources.aider.source import Aider
from tokencoach.sources.base import LogsHome

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BEFORE, AFTER = "    return x+1", "    return x + 2\n    # end"
SAID = f"hello.py\n```python\n{'<' * 7} SEARCH\n{BEFORE}\n=======\n{AFTER}\n{'>' * 7} REPLACE\n```\n"
SENT = 1000
FLAGS = (
    "--model openai/gpt-4o --edit-format diff --no-stream --map-tokens 0 --yes-always --no-gitignore"
    " --no-check-update --no-show-release-notes --analytics-disable --no-git --message please hello.py"
)


class Writer(ScriptedModel):
    """Answers everything with one edit."""

    def answer(self, path: str, body: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """The edit, in the protocol's pieces."""
        assert path.endswith("/chat/completions")
        self.sent.append(SENT)
        for piece in chat(None, 0, str(body.get("model"))):
            for choice in piece.get("choices", []):
                choice["message"] = {"role": "assistant", "content": SAID}
            yield piece


def test_the_counts_of_aider_are_what_the_model_answered(home: Path) -> None:
    path = shutil.which("aider")
    if path is None:
        pytest.skip("aider is not installed")
    work = home / "work"
    (work / ".git").mkdir(parents=True)
    (work / "hello.py").write_text(f"def f(x):\n{BEFORE}\n")
    with Writer([]) as model:
        environment = {"HOME": str(home), "PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}
        environment |= {"OPENAI_API_KEY": "x", "OPENAI_API_BASE": f"{model.address}/v1", "TERM": "dumb"}
        environment["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
        done = subprocess.run(
            [path, *FLAGS.split()],
            cwd=work, env=environment, capture_output=True, timeout=150, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
    assert AFTER in (work / "hello.py").read_text(), done.stderr.decode("utf-8", "replace")[-500:]
    (file,) = Aider().files(LogsHome(home, {}))
    merged = merge(read_parts(Aider(), file.path.read_bytes(), file=file))
    told = [(one.input, one.output, one.model) for one in merged.requests.values()]
    assert told == [(SENT, OUTPUT, "gpt-4o")] * len(model.sent) == [(SENT, OUTPUT, "gpt-4o")]
    (edit,) = merged.edits.values()
    assert (edit.path, edit.added, edit.removed) == (str(work / "hello.py"), AFTER, BEFORE)
    assert [prompt.text for prompt in merged.prompts.values()] == ["please"]
    assert not merged.unseen
    assert not merged.quarantined
