"""llama-server: plain and stamped lines, slots side by side, the cache, cancelled requests, two runs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sources.agents import BEGAN, counted, make
from sources.merging import Merged, merge
from sources.reading import read_parts
from sources.server_logs import LOAD, NAME, Work, elapsed
from tokencoach.sources.base import LogFile, LogsHome, logs_home
from tokencoach.sources.instants import instant_ms
from tokencoach.sources.llama_server import LlamaServer

if TYPE_CHECKING:
    from tokencoach.usage.facts import ServedSeen

SOURCE = LlamaServer()
WRITTEN = BEGAN + 3_600_000
FIRST, SECOND = Work(0, 300, 0, 20), Work(21, 40, 320, 9, 15.25, 410.0)


def read(content: str, *, began_ms: int = 0) -> Merged:
    """The log, in one piece and in every other cutting."""
    file = LogFile(Path("llama.log"), None, "llama", modified_ms=WRITTEN, began_ms=began_ms)
    merged = merge(read_parts(SOURCE, content.encode(), file=file))
    for step in (1, 2, 3, 5):
        assert merge(read_parts(SOURCE, content.encode(), range(0, 80, step), file)) == merged
    return merged


def served(content: str) -> list[ServedSeen]:
    """What the server did, in its order."""
    file = LogFile(Path("llama.log"), modified_ms=WRITTEN)
    return SOURCE.read(content.encode(), b"", file, 0)[0].served


def test_prompt_cache_and_answer_are_counted_apart() -> None:
    merged = read(LOAD + FIRST.plain() + SECOND.plain())
    assert counted(merged) == [(300, 0, 0, 20, 0), (40, 320, 0, 9, 0)]
    assert {one.model for one in merged.requests.values()} == {NAME}
    (session,) = merged.sessions.values()
    assert (session.version, session.cwd) == ("b8680-15f786e65", None)


def test_the_cache_is_told_by_the_slot_that_is_freed_where_the_prompt_is_not() -> None:
    assert counted(read(LOAD + SECOND.stamped(2000), began_ms=BEGAN)) == [(40, 320, 0, 9, 0)]


def test_stamped_lines_have_the_time_since_the_server_began() -> None:
    merged = read(LOAD + FIRST.stamped(2000) + SECOND.stamped(65_000), began_ms=BEGAN)
    assert [one.at_ms for one in merged.requests.values()] == [BEGAN + 2000, BEGAN + 65_000]


def test_lines_without_a_clock_have_the_time_at_which_the_log_was_written() -> None:
    merged = read(LOAD + FIRST.plain())
    assert [one.at_ms for one in merged.requests.values()] == [WRITTEN]
    assert [one.is_timed for one in served(LOAD + FIRST.plain())] == [False]


def test_slots_that_work_side_by_side_keep_their_own_counts() -> None:
    mixed = FIRST.launched(slot=0) + SECOND.launched(slot=1)
    for work, slot in ((SECOND, 1), (FIRST, 0)):
        head = f"slot print_timing: id {slot:2d} | task {work.task} | "
        mixed += "".join(head + line for line in work.timings()) + work.released(slot=slot)
    assert sorted(counted(read(LOAD + mixed))) == [(40, 320, 0, 9, 0), (300, 0, 0, 20, 0)]


def test_lines_of_old_builds_name_no_slot_and_count_runs() -> None:
    old = "".join([*FIRST.timings(unit="runs"), *SECOND.timings(unit="runs")])
    assert counted(read(LOAD + old)) == [(300, 0, 0, 20, 0), (40, 0, 0, 9, 0)]


def test_durations_are_those_of_prompt_and_answer() -> None:
    (one,) = served(LOAD + SECOND.plain())
    assert (one.prompt_ms, one.output_ms, one.has_counts) == (15.25, 410.0, True)


def test_a_request_cancelled_in_its_prompt_counts_what_was_computed() -> None:
    work = Work(7, 900, 100, 0)
    assert counted(read(LOAD + work.launched() + work.released(held=612))) == [(512, 100, 0, 0, 0)]


def test_a_request_cancelled_in_its_answer_counts_what_was_generated() -> None:
    work = Work(7, 900, 100, 0)
    assert counted(read(LOAD + work.launched() + work.released(held=1049))) == [(900, 100, 0, 50, 0)]


def test_a_request_that_never_began_is_none() -> None:
    work = Work(7, 900, 0, 0)
    assert not read(LOAD + work.launched() + work.released(held=0)).requests


def test_each_start_of_the_server_is_a_run_of_its_own() -> None:
    merged = read(LOAD + FIRST.plain() + LOAD + SECOND.plain())
    assert len(merged.sessions) == 2
    assert {name[:4] for name in merged.sessions} == {"run-"}


def of_child(port: int, lines: str) -> str:
    """Lines of a server that a router started, as the router hands them on."""
    return "".join(f"[{port}] {line}" for line in lines.splitlines(keepends=True))


def test_servers_of_a_router_keep_their_slots_models_and_clocks_apart() -> None:
    first, second = FIRST.stamped(2000), SECOND.stamped(1500)
    mixed = of_child(4001, LOAD)
    for one, other in zip(first.splitlines(keepends=True), second.splitlines(keepends=True), strict=True):
        mixed += (
            of_child(4001, one)
            + f"{elapsed(61_000)} I srv  proxy_reques: proxying request to model big-9b on port 4002\n"
        )
        mixed += of_child(4002, other)
    merged = read(mixed, began_ms=BEGAN)
    told = {one.model: (one.input, one.cache_read, one.output) for one in merged.requests.values()}
    assert told == {NAME: (300, 0, 20), "big-9b": (40, 320, 9)}
    assert [one.at_ms - BEGAN for one in merged.requests.values() if one.model == "big-9b"] == [61_000]
    assert len(merged.sessions) == 2


@pytest.mark.parametrize(
    ("stamp", "after_ms"),
    [
        ("2026-06-17T12:00:07.250-04:00 box llama-server[77]: ", None),
        ("2026-06-17T16:00:07.250000000Z ", None),
        ("Jun 17 16:00:07 box llama-server[77]: ", 2000),
    ],
)
def test_what_a_container_or_the_journal_puts_before_a_line_tells_its_time(
    stamp: str, after_ms: int | None
) -> None:
    lines = "".join(f"{stamp}{line}" for line in (LOAD + FIRST.stamped(2000)).splitlines(keepends=True))
    (request,) = read(lines, began_ms=BEGAN).requests.values()
    expected = instant_ms("2026-06-17T16:00:07.250Z") if after_ms is None else BEGAN + after_ms
    assert (request.at_ms, request.input, request.output, request.model) == (expected, 300, 20, NAME)


def test_a_routers_log_began_when_its_own_lines_say(tmp_path: Path) -> None:
    path = tmp_path / "llama.log"
    path.write_text(f"{elapsed(90_000)} I srv  x\n[4001] {elapsed(4000)} I slot x\n")
    os.utime(path, ns=(WRITTEN * 1_000_000, WRITTEN * 1_000_000))
    (file,) = SOURCE.files(LogsHome(tmp_path, {}))
    assert file.began_ms == WRITTEN - 90_000


def test_the_same_log_at_two_places_tells_the_same_requests() -> None:
    content = (LOAD + FIRST.plain() + SECOND.plain()).encode()
    parts = [
        SOURCE.read(content, b"", LogFile(Path(name), modified_ms=WRITTEN), 0)[0]
        for name in ("a.log", "b.log")
    ]
    assert len(merge(parts).requests) == 2
    assert len(merge(parts).sessions) == 1


@pytest.mark.parametrize("quote", ['"', 'request: {"content":"'])
def test_words_of_a_prompt_are_no_timing(quote: str) -> None:
    told = quote + FIRST.timings()[0] + quote + FIRST.timings()[1] + quote + FIRST.timings()[2]
    assert not read(LOAD + told).requests


def test_nothing_of_a_prompt_is_carried_on() -> None:
    typed = "my typed plan"
    content = LOAD + f'srv  log: request: {{"content":"{typed}", "build_info: 12 {typed}"}}\n' + FIRST.plain()
    facts, state = SOURCE.read(content.encode(), b"", LogFile(Path("x"), modified_ms=WRITTEN), 0)
    assert typed.encode() not in state
    assert typed not in repr(facts)


def test_logs_are_found_where_shells_and_services_lead_them(tmp_path: Path) -> None:
    make(
        tmp_path, "llama-server.log", "logs/my-llama.log.1", ".llama-server/8080.log", "notes.log", "llama.md"
    )
    home = LogsHome(tmp_path, {})
    found = {str(file.path.relative_to(tmp_path)) for file in SOURCE.files(home)}
    assert found == {"llama-server.log", "logs/my-llama.log.1", ".llama-server/8080.log"}


def test_logs_that_the_person_or_the_server_names_are_found_once(tmp_path: Path) -> None:
    make(tmp_path, "deep/er/one.log", "deep/two.log", "three.log")
    named = {"llama-server": ["~/deep/er/one.log", "deep"]}
    home = logs_home(tmp_path, {"LLAMA_ARG_LOG_FILE": str(tmp_path / "three.log")}, None, named)
    assert sorted(file.path.name for file in SOURCE.files(home)) == ["one.log", "three.log", "two.log"]


def test_a_copy_of_another_home_is_read_without_absolute_paths_of_this_one(tmp_path: Path) -> None:
    make(tmp_path, "mine.log", "other/theirs.log")
    named = {"llama-server": [str(tmp_path / "mine.log"), "~/theirs.log"]}
    home = logs_home(tmp_path, {"LLAMA_LOG_FILE": str(tmp_path / "mine.log")}, tmp_path / "other", named)
    assert [file.path.name for file in SOURCE.files(home)] == ["theirs.log"]


def test_the_start_is_told_by_the_last_stamp_and_the_time_of_writing(tmp_path: Path) -> None:
    path = tmp_path / "llama-server.log"
    path.write_text(LOAD + FIRST.stamped(2000) + f"{elapsed(90_000)} I srv  update_slots: idle\n")
    os.utime(path, (BEGAN / 1000 + 90, BEGAN / 1000 + 90))
    (file,) = SOURCE.files(LogsHome(tmp_path, {}))
    assert file.began_ms == BEGAN
