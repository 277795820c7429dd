"""Ollama: timing lines closed by access lines, requests without counts, rotated logs, the journal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sources.agents import BEGAN, counted, make
from sources.merging import Merged, merge
from sources.reading import read_parts
from sources.server_logs import OLLAMA_LOAD, OLLAMA_START, Work, access
from tokencoach.sources.base import LogFile, LogsHome
from tokencoach.sources.instants import instant_ms
from tokencoach.sources.ollama import Ollama

SOURCE = Ollama()
FILE = LogFile(Path("server.log"), None, "server", modified_ms=BEGAN)
FIRST, SECOND = Work(0, 300, 0, 20, 100.0, 900.0), Work(21, 40, 320, 9, 10.0, 3000.0)
NAME = "Qwen2.5 Coder 7B Instruct"


def read(content: str) -> Merged:
    """The log, in one piece and in every other cutting."""
    merged = merge(read_parts(SOURCE, content.encode(), file=FILE))
    for step in (1, 2, 3, 7):
        assert merge(read_parts(SOURCE, content.encode(), range(0, 80, step), FILE)) == merged
    return merged


def clock(text: str) -> int | None:
    return instant_ms(f"2026-06-17T{text}Z")


def test_a_timing_belongs_to_the_access_line_that_follows() -> None:
    merged = read(OLLAMA_START + OLLAMA_LOAD + FIRST.plain() + access("10:00:05", "1.234567s"))
    (request,) = merged.requests.values()
    assert (request.at_ms, request.model) == (clock("10:00:05"), NAME)
    assert counted(merged) == [(300, 0, 0, 20, 0)]
    (session,) = merged.sessions.values()
    assert session.version == "0.31.0"


def test_of_two_at_once_each_has_the_access_line_that_took_as_long() -> None:
    both = SECOND.plain(slot=1) + FIRST.plain(slot=0)
    merged = read(OLLAMA_START + both + access("10:00:05", "1.1s") + access("10:00:09", "3.2s"))
    told = {request.output: request.at_ms for request in merged.requests.values()}
    assert told == {20: clock("10:00:05"), 9: clock("10:00:09")}


def test_a_request_without_timings_is_counted_without_tokens() -> None:
    merged = read(OLLAMA_START + access("10:00:05", "1m2.5s", "/v1/chat/completions"))
    assert counted(merged) == [(0, 0, 0, 0, 0)]
    facts, _ = SOURCE.read((OLLAMA_START + access("10:00:05", "1m2.5s")).encode(), b"", FILE, 0)
    assert [(one.output_ms, one.has_counts) for one in facts.served] == [(62_500.0, False)]


@pytest.mark.parametrize(
    "line",
    [
        access("10:00:05", "1.2s", "/api/pull"),
        access("10:00:05", "1.2s", "/api/chat", 404),
        access("10:00:05", "1.2s").replace("POST", "GET"),
        access("10:00:05", "soon"),
        access("10:00:61", "1.2s"),
    ],
)
def test_other_accesses_are_no_requests(line: str) -> None:
    assert not read(OLLAMA_START + line).requests


def test_access_lines_have_the_zone_of_the_other_lines() -> None:
    start = OLLAMA_START.replace("079Z", "079+02:00")
    (request,) = read(start + access("12:00:05", "1.2s")).requests.values()
    assert request.at_ms == clock("10:00:05")


def test_many_embeddings_of_one_request_are_all_closed_by_it() -> None:
    works = [Work(task, 30 + task, 0, 0, 5.0 + task, 0.0) for task in range(3)]
    merged = read(
        OLLAMA_START + "".join(work.plain() for work in works) + access("10:00:05", "90ms", "/api/embed")
    )
    assert {request.at_ms for request in merged.requests.values()} == {clock("10:00:05")}
    assert sum(request.input for request in merged.requests.values()) == 93


def test_what_no_access_line_closes_is_told_at_the_next_start() -> None:
    merged = read(OLLAMA_START + FIRST.plain() + OLLAMA_START.replace("09:59", "11:11"))
    (request,) = merged.requests.values()
    assert request.output == 20


def ended(work: Work, *, slot: int = 0) -> str:
    """The end of a request as servers of 0.30 and later print it: each line with its slot and task."""
    head = f"slot print_timing: id {slot:2d} | task {work.task} | "
    return "".join(head + line for line in work.timings()) + work.released(slot=slot)


def stamp(clock: str) -> str:
    """A line of the server's own that is about nothing."""
    return f'time=2026-06-17T{clock}.000Z level=INFO source=sched.go:728 msg="loaded runners" count=1\n'


def test_an_access_line_may_come_before_the_child_tells_that_it_is_done() -> None:
    early = FIRST.launched() + access("10:00:05", "1.2s") + ended(FIRST)
    late = SECOND.launched() + ended(SECOND) + access("10:01:00", "3.5s")
    merged = read(OLLAMA_START + OLLAMA_LOAD + early + late)
    told = {request.output: request.at_ms for request in merged.requests.values()}
    assert told == {20: clock("10:00:05"), 9: clock("10:01:00")}


def test_an_access_line_that_no_task_ever_claims_is_a_request_without_counts() -> None:
    long = Work(7, 900, 0, 70, 100.0, 60_000.0)
    other = long.launched(slot=1) + access("10:00:05", "1.2s") + ended(long, slot=1)
    merged = read(OLLAMA_START + other + access("10:01:10", "1m1s") + stamp("10:02:00") + stamp("10:03:00"))
    told = {request.output: request.at_ms for request in merged.requests.values()}
    assert told == {0: clock("10:00:05"), 70: clock("10:01:10")}


def test_a_log_without_access_lines_tells_its_requests_at_the_stamp_behind_them() -> None:
    merged = read(OLLAMA_START + FIRST.launched() + ended(FIRST) + stamp("10:00:20") + stamp("10:00:40"))
    (request,) = merged.requests.values()
    assert (request.output, request.at_ms) == (20, clock("10:00:20"))


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ("registry.ollama.ai/library/hermes3:8b", "hermes3:8b"),
        ("registry.ollama.ai/someone/tiny:latest", "someone/tiny:latest"),
        ("hf.co/someone/tiny-GGUF:Q4_K_M", "hf.co/someone/tiny-GGUF:Q4_K_M"),
    ],
)
def test_the_name_that_the_model_is_asked_for_by_is_its_name(told: str, name: str) -> None:
    chosen = f'time=2026-06-17T09:59:40.000Z level=INFO msg="template selection" model={told} selected=none\n'
    merged = read(OLLAMA_START + OLLAMA_LOAD + chosen + FIRST.plain() + access("10:00:05", "1.2s"))
    assert [request.model for request in merged.requests.values()] == [name]


def test_an_export_of_the_journal_is_read_with_its_clock() -> None:
    lines = [*(OLLAMA_START + OLLAMA_LOAD + FIRST.plain()).splitlines(), access("10:00:05", "1.3s").strip()]
    entries = [
        {"__REALTIME_TIMESTAMP": str((BEGAN + index) * 1000), "MESSAGE": line}
        for index, line in enumerate(lines)
    ]
    entries[-2]["MESSAGE"] = list(str(entries[-2]["MESSAGE"]).encode())  # type: ignore[assignment]
    merged = read("".join(json.dumps(entry) + "\n" for entry in entries))
    assert counted(merged) == [(300, 0, 0, 20, 0)]


def test_what_the_journal_prints_for_people_is_read_too() -> None:
    lines = (OLLAMA_START + OLLAMA_LOAD + FIRST.plain() + access("10:00:05", "1.3s")).splitlines()
    merged = read("".join(f"Jun 17 10:00:05 host ollama[812]: {line}\n" for line in lines))
    assert counted(merged) == [(300, 0, 0, 20, 0)]


def test_a_damaged_entry_of_the_journal_is_put_aside() -> None:
    merged = merge(read_parts(SOURCE, b'{"MESSAGE": \n{"MESSAGE": 7}\n[]\n', file=FILE))
    assert [(one.offset, one.length) for one in merged.quarantined] == [(0, 12)]


def test_logs_are_found_on_every_system(tmp_path: Path) -> None:
    make(tmp_path, ".ollama/logs/server.log", ".ollama/logs/server-1.log", ".ollama/logs/app.log")
    make(tmp_path, "AppData/Local/Ollama/server.log", "elsewhere/Ollama/server-2.log")
    home = LogsHome(tmp_path, {"LOCALAPPDATA": str(tmp_path / "elsewhere")})
    assert sorted(file.path.name for file in SOURCE.files(home)) == [
        "server-1.log",
        "server-2.log",
        "server.log",
        "server.log",
    ]
