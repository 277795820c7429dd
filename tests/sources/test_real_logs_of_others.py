"""Strangers' logs of all the other assistants: nothing raises, and every count is as it was looked at."""

from __future__ import annotations

import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sources.merging import Merged, merge
from sources.reading import read_parts
from sources.rows import read_rows
from sources.sample_logs import BY_NAME
from tokencoach.sources.base import LogFile, LogsHome, Shape
from tokencoach.watch.whole import content_of

if TYPE_CHECKING:
    from collections.abc import Iterable

DATA = Path(__file__).parents[3] / "shared" / "data"
pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason="the folder of strangers' logs is not beside the project"
)
AGENTS = "fixtures-agent-sessions/stage0/agents"
GIT_AI = "fixtures-git-ai/fixtures"
AT_MS = 1_781_690_400_000

# Requests, tokens of all classes, prompts, edits, records not read.
FILES: list[tuple[str, str, tuple[int, int, int, int, int]]] = [
    ("gemini-cli", f"{AGENTS}/gemini/jsonl_v040.jsonl", (2, 24152, 1, 0, 0)),
    ("gemini-cli", f"{AGENTS}/gemini/large.json", (1, 110, 2, 0, 0)),
    ("gemini-cli", f"{AGENTS}/gemini/small.json", (1, 15, 1, 0, 0)),
    ("gemini-cli", f"{AGENTS}/gemini/schema_drift.json", (0, 0, 0, 0, 0)),
    ("gemini-cli", f"{GIT_AI}/gemini-session-simple.jsonl", (0, 0, 1, 2, 0)),
    ("qwen-code", f"{AGENTS}/qwen/019f0000-0000-7000-8000-000000000001.jsonl", (0, 0, 1, 0, 0)),
    ("qwen-code", f"{AGENTS}/qwen/019f0000-0000-7000-8000-000000000004.jsonl", (1, 16, 2, 0, 0)),
    ("qwen-code", f"{AGENTS}/qwen/019f0000-0000-7000-8000-000000000005.jsonl", (0, 0, 1, 0, 0)),
    ("qwen-code", f"{AGENTS}/qwen/system_telemetry.jsonl", (0, 0, 0, 0, 0)),
    ("copilot-cli", f"{AGENTS}/copilot/large.jsonl", (0, 0, 3, 0, 0)),
    ("copilot-cli", f"{AGENTS}/copilot/schema_drift.jsonl", (1, 1050, 0, 0, 0)),
    ("copilot-cli", f"{AGENTS}/copilot/small.jsonl", (2, 15, 2, 0, 0)),
    ("copilot-cli", f"{GIT_AI}/copilot_cli_session_events.jsonl", (0, 0, 1, 1, 0)),
    ("copilot-chat", f"{GIT_AI}/copilot_session_multiline.jsonl", (2, 19_744, 2, 1, 0)),
    ("copilot-chat", f"{GIT_AI}/copilot_session_simple.json", (0, 0, 3, 1, 0)),
    ("copilot-chat", f"{GIT_AI}/copilot_session_simple.jsonl", (0, 0, 3, 1, 0)),
    ("aider", "aider-a/.aider.chat.history.md", (0, 0, 3, 0, 0)),
    ("aider", "aider-b/.aider.chat.history.md", (0, 0, 1, 0, 0)),
    ("pi", f"{AGENTS}/pi/small.jsonl", (2, 38, 2, 0, 0)),
    ("pi", f"{GIT_AI}/pi-session-tool.jsonl", (0, 0, 1, 1, 0)),
    ("amp", f"{GIT_AI}/amp-threads/T-019ca1ce-3ae2-7686-a41e-ccc078837f8a.json", (3, 47530, 1, 0, 0)),
    ("amp", f"{GIT_AI}/amp-threads/T-019ca1f6-7f21-77b5-a308-65416ebbdf48.json", (3, 46083, 1, 1, 0)),
    ("droid", f"{AGENTS}/droid/stream_json_schema_drift.jsonl", (1, 15, 1, 0, 0)),
    ("droid", f"{GIT_AI}/droid-session.jsonl", (0, 0, 1, 1, 0)),
    ("droid", f"{GIT_AI}/droid-session.settings.json", (1, 50689, 0, 0, 0)),
    ("kimi", f"{AGENTS}/kimi/assistant_tools.jsonl", (23, 697193, 8, 1, 0)),
    ("kimi", f"{AGENTS}/kimi/small.jsonl", (0, 0, 3, 0, 0)),
    ("continue", f"{GIT_AI}/continue-cli-session-simple.json", (1, 8_667, 1, 1, 0)),
    ("cursor", f"{AGENTS}/cursor/large.jsonl", (0, 0, 3, 0, 0)),
    ("cursor", f"{GIT_AI}/cursor-session-simple.jsonl", (0, 0, 1, 1, 0)),
    ("llama-server", "llama-server/llama-server.log", (104, 1_390_169, 0, 0, 0)),
    ("ollama", "ollama/ollama.log", (0, 0, 0, 0, 0)),
]


def file_of(source: str, path: Path) -> LogFile:
    """A log out of its place, as it would be described in its place."""
    is_document = path.suffix == ".json" or (source == "copilot-chat" and "session_" in path.name)
    shape = Shape.DOCUMENT if is_document else Shape.LINES
    return LogFile(path, None, path.stem, shape=shape, modified_ms=AT_MS)


def facts_of(source: str, files: Iterable[LogFile]) -> Merged:
    """Everything that files say."""
    parts = []
    for file in files:
        if file.shape is Shape.DOCUMENT:
            parts.append(BY_NAME[source].read(content_of(file), b"", file, 0)[0])
        else:
            parts += read_parts(BY_NAME[source], file.path.read_bytes(), file=file)
    return merge(parts)


def tokens(merged: Merged) -> int:
    """Tokens of every class."""
    return sum(
        one.input + one.cache_read + one.cache_write_5m + one.cache_write_1h + one.output
        for one in merged.requests.values()
    )


@pytest.mark.parametrize(("source", "name", "expected"), FILES, ids=[name for _, name, _ in FILES])
def test_counts_of_a_strangers_file(source: str, name: str, expected: tuple[int, ...]) -> None:
    merged = facts_of(source, [file_of(source, DATA / name)])
    found = (
        len(merged.requests),
        tokens(merged),
        len(merged.prompts),
        len(merged.edits),
        len(merged.quarantined),
    )
    assert found == expected


@pytest.mark.parametrize(
    ("source", "name", "requests", "whole", "edits"),
    [("gemini-cli", "gemini", 16, 206_783, 5), ("copilot-cli", "copilot-1.0", 3, 44_372, 0)],
)
def test_counts_of_a_strangers_home(source: str, name: str, requests: int, whole: int, edits: int) -> None:
    merged = facts_of(source, BY_NAME[source].files(LogsHome(DATA / name / "home", {})))
    assert (len(merged.requests), tokens(merged), len(merged.edits)) == (requests, whole, edits)
    assert not merged.quarantined
    assert not merged.unseen


def test_a_real_server_s_requests_have_the_sums_of_its_own_lines() -> None:
    path = DATA / "llama-server" / "llama-server.log"
    log = path.read_text(errors="replace")
    told = [
        (int(prompt), int(output))
        for prompt, output in re.findall(
            r"prompt eval time =.*?/ +(\d+) tokens.*\n +eval time =.*?/ +(\d+) tokens", log
        )
    ]
    merged = facts_of("llama-server", [file_of("llama-server", path)])
    finished = [(one.input, one.output) for one in merged.requests.values()]
    assert len(told) == 101
    assert sorted(set(told)) == sorted(set(told) & set(finished))
    assert len(finished) - len(told) == log.count("cancel task")
    lengths = [int(length) for length in re.findall(r"task\.n_tokens = (\d+)", log)]
    assert sum(one.input + one.cache_read for one in merged.requests.values()) <= sum(lengths)


def test_the_totals_of_each_gemini_message_are_its_tokens() -> None:
    told = 0
    for file in BY_NAME["gemini-cli"].files(LogsHome(DATA / "gemini" / "home", {})):
        messages = json.loads(file.path.read_bytes())["messages"]
        told += sum(message["tokens"]["total"] for message in messages if "tokens" in message)
    merged = facts_of("gemini-cli", BY_NAME["gemini-cli"].files(LogsHome(DATA / "gemini" / "home", {})))
    assert tokens(merged) == told


def test_copilots_own_sums_are_met() -> None:
    told = 0
    files = list(BY_NAME["copilot-cli"].files(LogsHome(DATA / "copilot-1.0" / "home", {})))
    for file in files:
        ends = [
            json.loads(line)["data"]
            for line in file.path.read_bytes().splitlines()
            if b"modelMetrics" in line
        ]
        for sums in ends[-1]["modelMetrics"].values() if ends else ():
            told += sums["usage"]["inputTokens"] + sums["usage"]["outputTokens"]
    assert tokens(facts_of("copilot-cli", files)) == told


def test_a_database_of_traces_gives_the_sums_of_its_own_view() -> None:
    path = DATA / GIT_AI / "copilot-otel" / "traces.db"
    with closing(sqlite3.connect(f"file:{path}?immutable=1", uri=True)) as traces:
        query = "SELECT count(*), sum(input_tokens + output_tokens) FROM spans WHERE operation_name='chat'"
        told = traces.execute(query).fetchone()
    merged = read_rows(BY_NAME["copilot-chat"], path)
    assert (len(merged.requests), tokens(merged)) == told
    assert (len(merged.prompts), len(merged.edits), len(merged.calls)) == (2, 1, 2)


def test_databases_of_opencode_are_read_the_empty_one_too() -> None:
    merged = read_rows(BY_NAME["opencode"], DATA / GIT_AI / "opencode-sqlite" / "opencode.db")
    assert (len(merged.requests), tokens(merged), len(merged.edits)) == (1, 30, 1)
    assert not read_rows(
        BY_NAME["opencode"], DATA / GIT_AI / "opencode-sqlite-empty" / "opencode.db"
    ).sessions


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (f"{AGENTS}/opencode/storage_legacy", (0, 1, 0)),
        (f"{AGENTS}/opencode/storage_v2", (1, 2, 0)),
        (f"{GIT_AI}/opencode-storage", (0, 1, 1)),
    ],
)
def test_older_files_of_opencode_are_read(name: str, expected: tuple[int, ...], tmp_path: Path) -> None:
    place = tmp_path / ".local" / "share" / "opencode"
    place.mkdir(parents=True)
    (place / "storage").symlink_to(DATA / name)
    merged = facts_of("opencode", BY_NAME["opencode"].files(LogsHome(tmp_path, {})))
    assert (len(merged.requests), len(merged.sessions), len(merged.edits)) == expected
    assert not merged.quarantined


def test_no_source_chokes_on_any_strangers_file() -> None:
    """Not even on the logs of others: each source reads every file there is."""
    everything = [path for path in DATA.rglob("*") if path.suffix in (".json", ".jsonl", ".md")]
    assert len(everything) > 100
    for path in everything:
        content = path.read_bytes()[:200_000]
        for source in BY_NAME.values():
            for shape in (Shape.LINES, Shape.DOCUMENT):
                source.read(content, b"", LogFile(path, None, path.stem, shape=shape), 0)
