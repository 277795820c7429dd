"""Records that others published, where this machine has them: each is understood."""

from __future__ import annotations

from pathlib import Path

import pytest

from tokencoach.attribution.evidence.agent_trace import parse_trace

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "agent-trace"


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs the published records in ../shared/data/agent-trace")
def test_every_published_record_names_session_file_and_lines() -> None:
    files = sorted(SHARED.rglob("traces.jsonl"))
    lines = [line for file in files for line in file.read_bytes().split(b"\n") if line.strip()]
    records = [traced for line in lines for traced in parse_trace(line)]
    assert len(records) == len(lines) > 30
    assert {record.agent.tool for record in records} == {"claude-code"}
    assert all(record.path.startswith("/") and record.ranges and record.at_ms for record in records)
