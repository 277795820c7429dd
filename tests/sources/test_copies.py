"""A log beside its copy: conflict copies of synchronised folders, backups, compressed ones; nothing counts twice."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest
import zstandard

from sources import claude_records as claude
from sources import codex_records as codex
from sources.merging import Merged, merge
from sources.reading import jsonl, read_parts
from sources.sample_logs import BY_NAME, SAMPLES
from tokencoach.sources.base import LogsHome, Shape
from tokencoach.sources.discovery import original
from tokencoach.watch.whole import content_of

if TYPE_CHECKING:
    from pathlib import Path

OWN = "0f6a5d0b-1c2d-4e3f-8a9b-0123456789ab"
PLACES = {
    "claude-code": f".claude/projects/-home-dev-demo/{OWN}.jsonl",
    "codex": f".codex/sessions/2026/06/17/rollout-2026-06-17T10-00-00-{OWN}.jsonl",
    "gemini-cli": ".gemini/tmp/demo/chats/session-2026-06-17T10-00-0f6a5d0b.jsonl",
    "qwen-code": f".qwen/projects/demo/chats/{OWN}.jsonl",
    "copilot-cli": f".copilot/session-state/{OWN}/events.jsonl",
    "pi": f".pi/agent/sessions/--home--/2026-06-17_{OWN}.jsonl",
    "droid": f".factory/sessions/-home/{OWN}.jsonl",
    "kimi": f".kimi-code/sessions/wd_demo/session_{OWN}/wire.jsonl",
    "cursor": f".cursor/projects/demo/agent-transcripts/{OWN}.jsonl",
    "amp": f".local/share/amp/threads/T-{OWN}.json",
    "continue": f".continue/sessions/{OWN}.json",
    "copilot-chat": f".config/Code/User/globalStorage/emptyWindowChatSessions/{OWN}.json",
    "aider": "demo/.aider.chat.history.md",
    "ollama": ".ollama/logs/server.log",
    "llama-server": "logs/llama.log",
    "lm-studio": ".lmstudio/server-logs/2026-06/2026-06-17.1.log",
    "vllm": "logs/vllm.log",
}
MARKS = (
    "{0} (conflicted copy 2026-06-18).{1}",
    "{0}.sync-conflict-20260618-101010-ABCDEFG.{1}",
    "{0} 2.{1}",
    "{0}-backup.{1}",
)
COMPRESSED = frozenset(
    {"claude-code", "codex", "gemini-cli", "qwen-code", "copilot-cli", "pi", "droid", "kimi", "cursor"}
)


def logs() -> dict[str, bytes]:
    """A small log of each assistant and server that writes files which may be copied one by one."""
    edit = claude.tool_use("t1", "Edit", file_path="/a.py", old_string="a", new_string="b")
    done = claude.result(3, "t1", "ok", claude.edit_detail("a", "b", ["-a", "+b"]))
    patch = "*** Begin Patch\n*** Update File: a.py\n@@\n-a\n+b\n*** End Patch"
    told: dict[str, bytes] = {}
    for sample in SAMPLES:
        is_document = sample.source in ("amp", "continue", "copilot-chat")
        shape = Shape.DOCUMENT if is_document else Shape.LINES
        if sample.source in PLACES and sample.file.shape is shape:
            told.setdefault(sample.source, sample.content)
    told["claude-code"] = jsonl([claude.user(1, "please"), claude.assistant(2, "msg_1", [edit]), done])
    told["codex"] = jsonl(
        [codex.meta(0), codex.token_count(2, 100, 100), codex.custom_call(3, "c", "apply_patch", patch)]
    )
    return told


LOGS = logs()


def read(source: str, home: Path) -> Merged:
    """Everything that the source finds below a home folder."""
    reader, parts = BY_NAME[source], []
    for file in reader.files(LogsHome(home, {})):
        if file.shape is Shape.DOCUMENT:
            parts.append(reader.read(content_of(file), b"", file, 0)[0])
            continue
        content = file.path.read_bytes()
        if file.compressed == "zstd":
            content = zstandard.ZstdDecompressor().decompress(content)
        elif file.compressed == "gzip":
            content = gzip.decompress(content)
        parts += read_parts(reader, content, file=file)
    return merge(parts)


def keys(merged: Merged) -> tuple[set[str], ...]:
    """What would count twice."""
    return tuple(
        set(part) for part in (merged.requests, merged.edits, merged.prompts, merged.calls, merged.sessions)
    )


def placed(source: str, home: Path) -> Path:
    """The log where its assistant puts it."""
    path = home / PLACES[source]
    path.parent.mkdir(parents=True)
    if source == "aider":
        (path.parent / ".git").mkdir()
    path.write_bytes(LOGS[source])
    return path


@pytest.mark.parametrize("source", sorted(PLACES))
def test_a_copy_beside_its_log_counts_nothing_twice(source: str, tmp_path: Path) -> None:
    path = placed(source, tmp_path)
    alone = keys(read(source, tmp_path))
    assert any(alone[:2])
    named = path.parent if path.name in ("wire.jsonl", "events.jsonl") else path
    stem, _, suffix = named.name.rpartition(".") if named is path else (named.name, "", "")
    for mark in MARKS:
        copy = named.with_name(mark.format(stem, suffix).removesuffix("."))
        copy = copy if named is path else copy / path.name
        copy.parent.mkdir(exist_ok=True)
        copy.write_bytes(path.read_bytes())
    (path.parent / f"{path.name}.bak").write_bytes(path.read_bytes())
    assert keys(read(source, tmp_path)) == alone


@pytest.mark.parametrize("source", sorted(COMPRESSED))
def test_a_compressed_copy_counts_nothing_twice_wherever_it_lies(source: str, tmp_path: Path) -> None:
    path = placed(source, tmp_path)
    alone = keys(read(source, tmp_path))
    path.with_name(f"{path.name}.zst").write_bytes(zstandard.compress(LOGS[source]))
    elsewhere = path.parent.with_name(f"{path.parent.name}-old") / f"{path.name}.gz"
    elsewhere.parent.mkdir()
    elsewhere.write_bytes(gzip.compress(LOGS[source]))
    assert keys(read(source, tmp_path)) == alone


@pytest.mark.parametrize("source", sorted(COMPRESSED))
def test_a_log_that_was_compressed_counts_as_before(source: str, tmp_path: Path) -> None:
    path = placed(source, tmp_path)
    alone = keys(read(source, tmp_path))
    path.unlink()
    for suffix, pack in ((".zst", zstandard.compress), (".gz", gzip.compress)):
        packed = path.with_name(f"{path.name}{suffix}")
        packed.write_bytes(pack(LOGS[source]))
        assert keys(read(source, tmp_path)) == alone
        packed.unlink()


@pytest.mark.parametrize("mark", MARKS)
def test_only_the_mark_of_a_copy_is_taken_from_a_name(mark: str) -> None:
    assert original(mark.format(OWN, "").removesuffix(".")) == OWN
    assert original(f"session_{OWN}_agent-1") == f"session_{OWN}_agent-1"
    assert original(mark.format("1763000000000", "").removesuffix(".")) == "1763000000000"
    assert original("notes 2") == "notes 2"
