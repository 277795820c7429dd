"""What is kept of a conversation: prompts without secrets, and nothing that a setting refuses."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from cli.machine import Machine, lines
from git.builder import Builder
from sources import claude_records as claude
from tokencoach.usage.redact import MASK, redacted

if TYPE_CHECKING:
    from pathlib import Path

SECRETS = (
    "sk-ant-api03-" + "Ab3" * 12,
    "sk-proj-" + "Xy9_" * 8,
    "pk-live-" + "Ab3" * 8,
    "rk-live-" + "Ab3" * 8,
    "ghp_" + "A1b2" * 9,
    "gho_" + "A1b2" * 9,
    "ghu_" + "A1b2" * 9,
    "ghs_" + "A1b2" * 9,
    "ghr_" + "A1b2" * 9,
    "github_pat_" + "A1b2_" * 8,
    "glpat-" + "A1b2" * 5,
    "xoxb-" + "1234567890-" * 3 + "abc",
    "AKIA" + "ABCD1234" * 2,
    "ASIA" + "ABCD1234" * 2,
    "AIza" + "Sy1-" * 9,
    "npm_" + "a1B2" * 9,
    "pypi-" + "AgEIc" * 8,
    "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxMjM0In0." + "abcDEF123_-" * 2,
)
NAMED = (
    "password: hunter2hunter2hunter2",
    "API_KEY=abcdef0123456789abcdef",
    'token = "0123456789abcdef0123"',
    "Authorization: Bearer abc123def456ghi789",
)
ESCAPES = "\x1b]0;owned\x07\x1b[31mred\x9b2J\u202eevil\x08"
AUDIT = ("audit", "--since", "2026-02-01", "--until", "2026-02-28")


@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_in_any_text_is_struck_out(secret: str) -> None:
    for text in (secret, f"use {secret} here", f"key={secret}\nnext", f'"{secret}"', f"({secret})"):
        assert secret not in redacted(text)
        assert MASK in redacted(text)


@pytest.mark.parametrize("said", NAMED)
def test_a_named_value_is_struck_out_and_its_name_stays(said: str) -> None:
    value = said.replace('"', "").split()[-1].split("=")[-1]
    kept = redacted(f"please set {said} now")
    assert value not in kept
    assert kept.startswith("please set ")
    assert kept.endswith(" now")


def test_credentials_of_an_address_and_a_private_key_are_struck_out() -> None:
    key = "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nAbC\n-----END RSA PRIVATE KEY-----"
    text = redacted(f"clone https://me:pa55word@example.invalid/x.git with {key} please")
    assert "pa55word" not in text
    assert "MIIEow" not in text
    assert text.endswith("please")
    assert "pa55word" not in redacted("clone https://me:pa55word@example.invalid/x.git")


@pytest.mark.parametrize(
    "text", ["fix the token counter", "the password reset page", "sk-1", "a bearer of news"]
)
def test_plain_words_stay(text: str) -> None:
    assert redacted(text) == text


def _everything(machine: Machine) -> bytes:
    """All bytes of the database and of what the program keeps beside it."""
    return b"".join(file.read_bytes() for file in machine.state.iterdir() if file.is_file())


def _session(machine: Machine, repo: Path, said: str, name: str = "new.py") -> None:
    text = "total_of_everything = measured_total_of(everything)\n" * 40
    call = claude.tool_use("e1", "Write", file_path=str(repo / name), content=text)
    detail = {"type": "create", "filePath": str(repo / name), "content": text, "structuredPatch": []}
    made = [
        claude.user(1, said),
        claude.assistant(2, "m1", [{"type": "text", "text": "an-answer-of-the-model"}, call]),
        claude.result(3, "e1", "the-output-of-a-tool", detail),
        {"type": "custom-title", "customTitle": f"about {said}", "sessionId": claude.SESSION},
        {"type": said, "sessionId": claude.SESSION, "timestamp": claude.at(4)},
    ]
    machine.log(lines({**record, "cwd": str(repo)} for record in made))


def test_no_secret_and_nothing_else_of_a_conversation_reaches_the_database(
    machine: Machine, tmp_path: Path
) -> None:
    said = "a-word-of-the-person " + " ".join(SECRETS) + " " + " ".join(NAMED)
    _session(machine, tmp_path, said)
    machine.json(*AUDIT)
    kept = _everything(machine)
    assert b"a-word-of-the-person" in kept
    for secret in (*SECRETS, "hunter2hunter2hunter2", "an-answer-of-the-model", "the-output-of-a-tool"):
        assert secret.encode() not in kept, secret


def test_prompts_are_not_kept_where_the_settings_say_so(machine: Machine, tmp_path: Path) -> None:
    machine.set("keep_prompts = false\n")
    _session(machine, tmp_path, "a-word-of-the-person")
    machine.json(*AUDIT)
    assert machine.read("SELECT count(*), count(prompt) FROM turn") == [(1, 0)]
    assert machine.read("SELECT count(title) FROM session") == [(0,)]


@pytest.mark.parametrize(("days", "kept"), [(0, 0), (60, 1)])
def test_the_text_of_edits_is_kept_only_while_the_settings_allow_it(
    machine: Machine, tmp_path: Path, days: int, kept: int
) -> None:
    machine.set(f"text_days = {days}\n")
    _session(machine, tmp_path, "hello")
    machine.ingest(extra={"TOKENCOACH_NOW": "2026-02-11T00:00:00Z"})
    assert machine.read("SELECT count(*), count(text) FROM edit") == [(1, kept)]
    machine.ingest(extra={"TOKENCOACH_NOW": "2026-06-11T00:00:00Z"})
    assert machine.read("SELECT count(text), sum(length(added)) > 0 FROM edit") == [(0, 1)]


def test_escape_sequences_of_a_log_reach_no_terminal_by_any_verb(machine: Machine, tmp_path: Path) -> None:
    repo = Builder(tmp_path / f"repo{ESCAPES.replace('/', '')}")
    repo.commit(1, app_py="print('hello')\n")
    _session(machine, repo.folder, f"please {ESCAPES}", f"new{ESCAPES}.py")
    log = machine.project / "S1.jsonl"
    with log.open("ab") as file:
        file.write(b'{"broken": "\x1b[31m\n')
    (machine.project / f"bad{ESCAPES}.jsonl").write_bytes(b'{"broken\n')
    show = ("sessions", "show", claude.SESSION)
    verbs: list[tuple[str, ...]] = [
        ("ingest",),
        AUDIT,
        (*AUDIT, "--markdown"),
        ("sessions",),
        show,
        ("doctor",),
        ("repos", "list"),
        ("usage", "--by", "project", "--by", "session", "--by", "model"),
        ("sessions", "show", ESCAPES),
        ("audit", "--repo", ESCAPES),
        ("--tz", ESCAPES, "usage"),
    ]
    for verb in verbs:
        done = machine.run(*verb)
        _harmless(done.stdout + done.stderr, verb)
    for verb in (AUDIT, ("sessions",), show, ("doctor",), ("repos", "list"), ("usage", "--by", "project")):
        done = machine.run(*verb, "--json")
        _harmless(done.stdout + done.stderr, verb)
        assert isinstance(json.loads(done.stdout), dict)
    told = machine.json("sessions", "show", claude.SESSION)
    assert any(ESCAPES in (turn["prompt"] or "") for turn in told["turns"]), "escaped, not lost"


def _harmless(output: bytes, verb: Any) -> None:
    text = output.decode()
    bad = [char for char in text if (ord(char) < 32 and char not in "\t\n") or 127 <= ord(char) < 160]
    assert not bad, (verb, bad)
    assert "\u202e" not in text, verb
