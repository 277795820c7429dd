"""The assistants themselves against a scripted model on loopback: our counts are what it answered.

Each runs where its program is on the PATH, in a home of its own and without any account.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from sources.merging import Merged, merge
from sources.reading import read_parts
from sources.rows import read_rows
from sources.sample_logs import BY_NAME
from sources.scripted_model import ScriptedModel
from sources.scripted_protocols import CACHED, OUTPUT
from tokencoach.sources.base import LogsHome, Shape
from tokencoach.usage.words import CallStatus
from tokencoach.watch.whole import content_of

if TYPE_CHECKING:
    from pathlib import Path

    from sources.scripted_protocols import Step
    from tokencoach.sources.base import LogFile, Source
    from tokencoach.usage.facts import Facts

BEFORE, AFTER = "    return x+1", "    return x + 2\n    # end"
WHOLE = f"def f(x):\n{BEFORE}\n"


class Program(NamedTuple):
    """An assistant's program: its command, its tools for writing, editing and running, and its settings."""

    name: str
    source: str
    arguments: tuple[str, ...]
    write: Step
    edit: Step
    run: str
    settings: str = ""
    told: str = ""
    environment: tuple[tuple[str, str], ...] = ()
    failing: CallStatus | None = CallStatus.OK
    """What its log makes of a command that ends with another code than 0; none where versions differ."""
    ends: tuple[str, ...] = ()
    """Its verb that ends what it leaves running."""
    prompt: str = "please"
    looks: Step | None = None
    """The call that it wants before an edit."""


OPTIONS = {"baseURL": "ADDRESS/v1", "apiKey": "x"}
MODELS = {"mock-x": {"name": "m"}}
PROVIDER = {"npm": "@ai-sdk/openai-compatible", "name": "mock", "options": OPTIONS, "models": MODELS}
MOCK = {"id": "mock-x", "contextWindow": 100_000, "maxTokens": 4000}
PI_PROVIDER = {"baseUrl": "ADDRESS/v1", "api": "openai-completions", "apiKey": "x", "models": [MOCK]}
OPENCODE = {
    "provider": {"mock": PROVIDER},
    "model": "mock/mock-x",
    "small_model": "mock/mock-x",
    "share": "disabled",
    "autoupdate": False,
}
CODEX = """model = "gpt-5.5"
model_provider = "mock"
[model_providers.mock]
name = "mock"
base_url = "ADDRESS/v1"
wire_api = "responses"
env_key = "MOCK_KEY"
"""
CONTINUE = """name: test
version: 0.0.1
schema: v1
models:
  - {name: mock-x, provider: openai, model: mock-x, apiKey: x, apiBase: ADDRESS/v1, roles: [chat], capabilities: [tool_use]}
"""
KIMI = """default_model = "mock"
[models.mock]
provider = "mock"
model = "mock-x"
max_context_size = 100000
[providers.mock]
type = "openai"
base_url = "ADDRESS/v1"
api_key = "x"
"""
CLINE = {"provider": "openai-compatible", "apiKey": "x", "model": "mock-x", "baseUrl": "ADDRESS/v1"}
KNOWN = {"settings": CLINE, "updatedAt": "2026-06-17T10:00:00.000Z", "tokenSource": "manual"}
PROVIDERS = {
    "version": 1,
    "lastUsedProvider": CLINE["provider"],
    "modes": {},
    "providers": {CLINE["provider"]: KNOWN},
}
RUN: dict[str, dict[str, Any]] = {
    "exec_command": {"cmd": "exit 2"},
    "run_commands": {"commands": ["exit 2"]},
}
ADDED = "".join(f"+{line}\n" for line in WHOLE.splitlines())
HUNK = f"@@\n def f(x):\n-{BEFORE}\n" + "".join(f"+{line}\n" for line in AFTER.splitlines())
LINES = ("edit", {"i": "x", "input": "[hello.py#36A1]\nPUT 2.=2:\n+    return x + 2\n+    # end"})
PROGRAMS = [
    Program(
        "claude",
        "claude-code",
        ("-p", "please", "--model", "claude-sonnet-4-5", "--allowedTools", "Write,Edit,Bash"),
        ("Write", {"file_path": "FILE", "content": WHOLE}),
        ("Edit", {"file_path": "FILE", "old_string": BEFORE, "new_string": AFTER}),
        "Bash",
        environment=(
            ("ANTHROPIC_API_KEY", "x"),
            ("ANTHROPIC_BASE_URL", "ADDRESS"),
            ("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1"),
        ),
        failing=CallStatus.FAILED,
    ),
    Program(
        "codex",
        "codex",
        ("exec", "--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox", "please"),
        ("apply_patch", {"input": f"*** Begin Patch\n*** Add File: FILE\n{ADDED}*** End Patch"}),
        ("apply_patch", {"input": f"*** Begin Patch\n*** Update File: FILE\n{HUNK}*** End Patch"}),
        "exec_command",
        ".codex/config.toml",
        CODEX,
        (("MOCK_KEY", "x"),),
        CallStatus.FAILED,
    ),
    Program(
        "qwen",
        "qwen-code",
        ("--auth-type", "openai", "--approval-mode", "yolo", "-p", "please"),
        ("write_file", {"file_path": "FILE", "content": WHOLE}),
        ("edit", {"file_path": "FILE", "old_string": BEFORE, "new_string": AFTER}),
        "run_shell_command",
        environment=(("OPENAI_API_KEY", "x"), ("OPENAI_BASE_URL", "ADDRESS/v1"), ("OPENAI_MODEL", "mock-x")),
        failing=None,
    ),
    Program(
        "gemini",
        "gemini-cli",
        ("-m", "gemini-2.5-pro", "--approval-mode", "yolo", "-p", "please"),
        ("write_file", {"file_path": "FILE", "content": WHOLE}),
        ("replace", {"file_path": "FILE", "old_string": BEFORE, "new_string": AFTER, "instruction": "x"}),
        "run_shell_command",
        ".gemini/settings.json",
        json.dumps({"security": {"auth": {"selectedType": "gemini-api-key"}}}),
        (
            ("GEMINI_API_KEY", "x"),
            ("GOOGLE_GEMINI_BASE_URL", "ADDRESS"),
            ("GEMINI_CLI_TRUST_WORKSPACE", "true"),
        ),
    ),
    Program(
        "opencode",
        "opencode",
        ("run", "-m", "mock/mock-x", "please"),
        ("write", {"filePath": "FILE", "content": WHOLE}),
        ("edit", {"filePath": "FILE", "oldString": BEFORE, "newString": AFTER}),
        "bash",
        ".config/opencode/opencode.json",
        json.dumps(OPENCODE),
    ),
    Program(
        "kilo",
        "kilo-code",
        ("run", "-m", "mock/mock-x", "please"),
        ("write", {"filePath": "FILE", "content": WHOLE}),
        ("edit", {"filePath": "FILE", "oldString": BEFORE, "newString": AFTER}),
        "bash",
        ".config/kilo/kilo.json",
        json.dumps(OPENCODE),
    ),
    Program(
        "cline",
        "cline",
        ("please do",),
        ("editor", {"path": "FILE", "new_text": WHOLE}),
        ("editor", {"path": "FILE", "old_text": BEFORE, "new_text": AFTER}),
        "run_commands",
        ".cline/data/settings/providers.json",
        json.dumps(PROVIDERS),
        ends=("hub", "stop"),
        prompt="please do",
    ),
    Program(
        "copilot",
        "copilot-cli",
        ("-p", "please", "--allow-all"),
        ("create", {"path": "FILE", "file_text": WHOLE}),
        ("edit", {"path": "FILE", "old_str": BEFORE, "new_str": AFTER}),
        "bash",
        environment=(
            ("COPILOT_MODEL", "mock-x"),
            ("COPILOT_OFFLINE", "true"),
            ("COPILOT_PROVIDER_API_KEY", "x"),
            ("COPILOT_PROVIDER_BASE_URL", "ADDRESS/v1"),
        ),
    ),
    Program(
        "cn",
        "continue",
        ("-p", "--auto", "--config", "../.continue/config.yaml", "please"),
        ("Write", {"filepath": "FILE", "content": WHOLE}),
        ("Edit", {"file_path": "FILE", "old_string": BEFORE, "new_string": AFTER}),
        "Bash",
        ".continue/config.yaml",
        CONTINUE,
        looks=("Read", {"filepath": "FILE"}),
    ),
    Program(
        "kimi",
        "kimi",
        ("-p", "please"),
        ("Write", {"path": "FILE", "content": WHOLE}),
        ("Edit", {"path": "FILE", "old_string": BEFORE, "new_string": AFTER}),
        "Bash",
        ".kimi-code/config.toml",
        KIMI,
        failing=CallStatus.FAILED,
    ),
    Program(
        "pi",
        "pi",
        ("--provider", "mock", "--model", "mock-x", "-p", "please"),
        ("write", {"path": "FILE", "content": WHOLE}),
        ("edit", {"path": "FILE", "edits": [{"oldText": BEFORE, "newText": AFTER}]}),
        "bash",
        ".pi/agent/models.json",
        json.dumps({"providers": {"mock": PI_PROVIDER}}),
    ),
    Program(
        "omp",
        "pi",
        ("--provider", "mock", "--model", "mock-x", "-p", "please"),
        ("write", {"path": "FILE", "content": WHOLE, "i": "x"}),
        LINES,
        "bash",
        ".omp/agent/models.yml",
        json.dumps({"providers": {"mock": PI_PROVIDER}}),
        looks=("read", {"path": "FILE", "i": "x"}),
    ),
]


def placed(value: Any, file: Path) -> Any:
    """Arguments with the file's own place in them."""
    return json.loads(json.dumps(value).replace("FILE", str(file)))


def run(command: list[str], work: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[bytes]:
    """A program, run to its end."""
    return subprocess.run(
        command,
        cwd=work,
        env=environment,
        capture_output=True,
        timeout=150,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def used(program: Program, home: Path) -> ScriptedModel:
    """The program, run to its end on a script: write a file, edit it, run a command that fails."""
    path = shutil.which(program.name)
    if path is None:
        pytest.skip(f"{program.name} is not installed")
    work = home / "work"
    work.mkdir()
    file = work / "hello.py"
    told = (
        {"cmd": "exit 2"} if program.run == "exec_command" else {"command": "exit 2", "description": "fails"}
    )
    failing = (program.run, told)
    looks = [program.looks] if program.looks else []
    script = [*(placed(step, file) for step in (program.write, *looks, program.edit)), failing]
    with ScriptedModel(script) as model:
        if program.settings:
            settings = home / program.settings
            settings.parent.mkdir(parents=True)
            settings.write_text(program.told.replace("ADDRESS", model.address))
        environment = {name: value.replace("ADDRESS", model.address) for name, value in program.environment}
        environment |= {"HOME": str(home), "PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}
        environment["TERM"] = "xterm-256color"
        done = run([path, *program.arguments], work, environment)
        if program.ends:
            run([path, *program.ends], work, environment)
        assert done.returncode == 0, done.stderr.decode("utf-8", "replace")[-500:]
    assert AFTER in file.read_text()
    return model


def facts(program: Program, home: Path) -> Merged:
    """Everything that its logs say."""
    source = BY_NAME[program.source]
    files = list(source.files(LogsHome(home, {})))
    assert files
    if files[0].shape is Shape.DATABASE:
        return read_rows(source, files[0].path)
    return merge(part for file in files for part in _read(source, file))


def _read(source: Source, file: LogFile) -> list[Facts]:
    if file.shape is Shape.DOCUMENT:
        return [source.read(content_of(file), b"", file, 0)[0]]
    return read_parts(source, file.path.read_bytes(), file=file)


@pytest.mark.parametrize("program", PROGRAMS, ids=[program.name for program in PROGRAMS])
def test_the_counts_of_a_real_program_are_what_the_model_answered(program: Program, home: Path) -> None:
    model = used(program, home)
    merged = facts(program, home)
    told = sorted(
        (one.input + one.cache_read, one.cache_read, one.output) for one in merged.requests.values()
    )
    assert told == [(sent, CACHED, OUTPUT) for sent in model.sent]
    assert len(told) == 4 + bool(program.looks)
    first, second = sorted(merged.edits.values(), key=lambda edit: edit.at_ms)
    assert (first.added.rstrip("\n"), second.added, second.removed) == (WHOLE.rstrip("\n"), AFTER, BEFORE)
    assert {edit.path for edit in merged.edits.values()} == {str(home / "work" / "hello.py")}
    ended = [one.status for one in sorted(merged.results.values(), key=lambda one: one.at_ms)]
    assert ended[:-1] == [CallStatus.OK] * (len(told) - 2)
    assert ended[-1] == (program.failing or ended[-1])
    assert [prompt.text for prompt in merged.prompts.values()] == [program.prompt]
    (session,) = merged.sessions.values()
    assert session.cwd == str(home / "work")
    assert not merged.quarantined
    assert not merged.unseen
