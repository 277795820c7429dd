"""Whatever state a log is in: what can be read is counted once, and what cannot is named."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import zstandard

from cli.machine import Machine, lines, requests, without_privilege
from sources import claude_records as claude
from tokencoach.watch.tail import chunks
from watch.reading_in import Database

TOKENS = 1160
PROC_STATUS = Path("/proc/self/status")
AND_PEAK = """
import sys
from tokencoach.__main__ import main
sys.argv[1:] = ["ingest", "--json"]
main()
with open("/proc/self/status") as status:
    print(next(line.split()[1] for line in status if line.startswith("VmHWM")), file=sys.stderr)
"""


def _ingest_and_peak(machine: Machine) -> tuple[dict[str, Any], int]:
    """What ``ingest`` says, and the most bytes of memory that its process ever held."""
    if not PROC_STATUS.exists():
        pytest.skip("only Linux tells the peak of one process")
    command = [sys.executable, "-c", AND_PEAK]
    done = subprocess.run(command, env=machine.environment, capture_output=True, check=True)
    return json.loads(done.stdout)["sources"][0], int(done.stderr.split()[-1]) * 1024


def test_a_last_line_cut_off_waits_until_it_is_complete(machine: Machine) -> None:
    whole = requests(3)
    cut = whole.rindex(b'"usage"')
    log = machine.log(whole[:cut])
    row = machine.ingest()
    assert (row["requests"], row["quarantined"]) == (2, 0)
    log.write_bytes(whole)
    assert machine.ingest()["new_requests"] == 1
    assert machine.used() == (3, 3 * TOKENS)


def test_half_a_character_at_the_end_waits_for_its_other_half(machine: Machine) -> None:
    record = claude.user(5, "caf\N{LATIN SMALL LETTER E WITH ACUTE}")
    line = json.dumps(record, ensure_ascii=False).encode()
    log = machine.log(requests(1) + line[: line.index(b"\xc3") + 1])
    assert machine.ingest()["quarantined"] == 0
    with log.open("ab") as file:
        file.write(line[line.index(b"\xc3") + 1 :] + b"\n")
    machine.ingest()
    prompts = {row[0] for row in machine.read("SELECT prompt FROM turn")}
    assert prompts == {"do it", "caf\N{LATIN SMALL LETTER E WITH ACUTE}"}
    assert machine.used() == (1, TOKENS)


def test_a_line_over_64_mb_is_streamed_past_and_the_rest_is_read(machine: Machine) -> None:
    giant = lines([claude.user(1, "x" * (90 << 20))])
    machine.log(requests(2) + giant + requests(2, first=2))
    row, peak = _ingest_and_peak(machine)
    assert (row["requests"], row["quarantined"]) == (4, 1)
    assert peak < 240 << 20
    offset, length, error = machine.read("SELECT offset, length, error FROM quarantine")[0]
    assert (offset, length) == (len(requests(2)), len(giant))
    assert "64 MiB" in error
    told = machine.run("doctor")
    assert told.returncode == 1
    assert f"at byte {offset}" in told.stdout.decode()


def test_nul_bytes_cost_no_record_around_them(machine: Machine) -> None:
    machine.log(requests(1) + b"\0" * 4096 + requests(1, first=1) + b"\0\0\n" + requests(1, first=2))
    machine.ingest()
    assert machine.used() == (3, 3 * TOKENS)


def test_a_line_that_is_no_json_is_quarantined_with_its_place(machine: Machine) -> None:
    machine.log(requests(1) + b'{"type": "assistant", "mess\n' + requests(1, first=1))
    assert machine.ingest()["quarantined"] == 1
    assert machine.read("SELECT offset, length FROM quarantine") == [(len(requests(1)), 27)]
    assert machine.used() == (2, 2 * TOKENS)


def test_a_log_that_shrank_keeps_its_rows_and_goes_on_from_its_new_end(machine: Machine) -> None:
    log = machine.log(requests(4))
    machine.ingest()
    log.write_bytes(requests(2))
    assert machine.ingest()["requests"] == 4
    with log.open("ab") as file:
        file.write(requests(2, first=8))
    machine.ingest()
    assert machine.used() == (6, 6 * TOKENS)


@pytest.mark.parametrize("left", [0, 1, 700, 3000])
def test_a_log_that_shrinks_while_it_is_read_gives_whole_lines_only(tmp_path: Path, left: int) -> None:
    log, content = tmp_path / "S1.jsonl", requests(40)
    log.write_bytes(content)
    with log.open("rb", buffering=0) as file:
        reading = chunks(file, 0, 2048)
        first = next(reading)
        os.truncate(log, left)
        got = [first, *reading]
    for chunk in got:
        assert chunk.lines.endswith(b"\n")
        assert chunk.lines == content[chunk.base : chunk.end]
    assert [chunk.base for chunk in got[1:]] == [chunk.end for chunk in got[:-1]]


def test_a_log_emptied_and_begun_anew_is_read_from_its_start(machine: Machine) -> None:
    log = machine.log(requests(3))
    machine.ingest()
    log.write_bytes(b"")
    machine.ingest()
    log.write_bytes(requests(3, first=50))
    machine.ingest()
    assert machine.used() == (6, 6 * TOKENS)


def test_a_rotated_log_is_not_read_twice_and_its_successor_is_read(machine: Machine) -> None:
    log = machine.log(requests(3))
    machine.ingest()
    log.rename(machine.project / "S1-old.jsonl")
    machine.log(requests(2, first=3))
    row = machine.ingest()
    assert (row["files"], row["new_requests"]) == (2, 2)
    assert machine.used() == (5, 5 * TOKENS)


def test_other_content_of_the_same_size_is_noticed(machine: Machine) -> None:
    log = machine.log(requests(2))
    machine.ingest()
    other = requests(2).replace(b"msg_S1_", b"msg_XX_")
    assert len(other) == log.stat().st_size
    log.write_bytes(other)
    os.utime(log, ns=(1, log.stat().st_mtime_ns + 1_000_000_000))
    assert machine.ingest()["new_requests"] == 2
    assert machine.used() == (4, 4 * TOKENS)


def test_a_log_copied_or_moved_to_another_folder_counts_once(machine: Machine) -> None:
    log = machine.log(requests(3))
    machine.ingest()
    other = machine.projects / "-home-dev-other"
    other.mkdir()
    shutil.copy(log, other / "copy.jsonl")
    assert machine.ingest()["new_requests"] == 0
    log.rename(other / "moved.jsonl")
    machine.ingest()
    assert machine.used() == (3, 3 * TOKENS)


def test_a_vanished_log_never_deletes_a_row(machine: Machine) -> None:
    machine.log(requests(3))
    machine.log(requests(2, session="S2"), "S2.jsonl")
    machine.ingest()
    before = machine.facts()
    shutil.rmtree(machine.projects)
    row = machine.ingest()
    assert (row["requests"], row["sessions"]) == (5, 2)
    assert machine.facts() == before


def test_links_in_circles_and_a_second_path_to_a_log_count_once(machine: Machine) -> None:
    log = machine.log(requests(2))
    (machine.project / "again").symlink_to(machine.projects, target_is_directory=True)
    (machine.project / "same.jsonl").symlink_to(log)
    (machine.project / "hard.jsonl").hardlink_to(log)
    (machine.project / "nowhere.jsonl").symlink_to(machine.home / "gone")
    (machine.project / "self.jsonl").symlink_to(machine.project / "self.jsonl")
    row = machine.ingest()
    assert (row["files"], row["requests"]) == (1, 2)


def test_an_empty_log_and_a_folder_named_as_a_log_are_passed_over(machine: Machine) -> None:
    machine.log(b"", "empty.jsonl")
    machine.log(b"\n\n", "blank.jsonl")
    (machine.project / "x.jsonl").mkdir()
    (machine.project / "x.jsonl" / "inner.jsonl").write_bytes(requests(1))
    row = machine.ingest()
    assert (row["requests"], row["quarantined"]) == (1, 0)


@pytest.mark.parametrize("kind", ["gz", "zst", "two frames"])
def test_a_compressed_log_counts_like_a_plain_one(machine: Machine, kind: str) -> None:
    first, second = requests(5), requests(5, first=5)
    pack = gzip.compress if kind == "gz" else zstandard.ZstdCompressor().compress
    body = pack(first) + pack(second) if kind == "two frames" else pack(first + second)
    machine.log(body, f"S1.jsonl.{'gz' if kind == 'gz' else 'zst'}")
    machine.ingest()
    assert machine.used() == (10, 10 * TOKENS)


@pytest.mark.parametrize("ending", ["gz", "zst"])
def test_a_cut_archive_gives_what_lies_before_the_cut_and_the_rest_later(
    machine: Machine, ending: str
) -> None:
    content = b"".join(
        requests(1, first=index) + os.urandom(3000).hex().encode() + b"\n" for index in range(99)
    )
    pack = gzip.compress if ending == "gz" else zstandard.ZstdCompressor().compress
    packed = pack(content)
    log = machine.log(packed[: len(packed) // 2], f"S1.jsonl.{ending}")
    part = machine.ingest()["requests"]
    assert 10 < part < 99
    log.write_bytes(packed)
    machine.ingest()
    assert machine.used() == (99, 99 * TOKENS)


def test_an_archive_damaged_in_its_middle_stops_nothing(machine: Machine) -> None:
    packed = bytearray(gzip.compress(requests(500), 1))
    packed[len(packed) // 2 : len(packed) // 2 + 40] = b"\xff" * 40
    machine.log(bytes(packed), "broken.jsonl.gz")
    machine.log(requests(2, session="S2"), "S2.jsonl")
    machine.ingest()
    assert machine.read("SELECT count(*) FROM request r JOIN session s ON s.id = r.session_id "
                        "WHERE s.session_id = 'S2'") == [(2,)]  # fmt: skip


def test_an_unreadable_log_and_folder_are_named_and_read_once_they_can_be(machine: Machine) -> None:
    log = machine.log(requests(2))
    machine.log(requests(3, session="S2"), "S2.jsonl")
    hidden = machine.projects / "-hidden"
    hidden.mkdir()
    (hidden / "S3.jsonl").write_bytes(requests(4, session="S3"))
    log.chmod(0)
    hidden.chmod(0)
    try:
        assert machine.ingest(**without_privilege())["requests"] == 3
        told = machine.run("doctor", **without_privilege())
        assert told.returncode == 1
        assert "S1.jsonl: cannot be read" in told.stdout.decode()
        assert "-hidden: cannot be read" in told.stdout.decode()
    finally:
        log.chmod(0o644)
        hidden.chmod(0o755)
    assert machine.ingest(**without_privilege())["requests"] == 9
    assert "cannot be read" not in machine.run("doctor", **without_privilege()).stdout.decode()


@pytest.mark.parametrize("piece", [b"\0", b"y", b'{"type":"x"}\n'])
def test_an_archive_that_holds_far_more_than_logs_do_is_read_to_a_bound(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, piece: bytes
) -> None:
    monkeypatch.setattr("tokencoach.watch.tail._LEAST_UNPACKED", 1 << 20)
    body = requests(3) + piece * ((8 << 20) // len(piece)) + b"\n" + requests(2, first=3)
    log = machine.log(zstandard.ZstdCompressor(19).compress(body), "S1.jsonl.zst")
    assert len(body) > 1000 * log.stat().st_size
    database = Database(machine.home, machine.home)
    database.ingest()
    assert database.rows("SELECT count(*) FROM request") == [(3,)]
    ((error,),) = database.rows("SELECT error FROM quarantine")
    assert "the archive holds more than 1 MiB" in error
    assert database.ingest().bytes_read == 0


def test_memory_of_a_large_archive_is_bounded(machine: Machine, tmp_path: Path) -> None:
    block = requests(1) + lines([claude.user(3, "y" * 1_000_000)])
    big = tmp_path / "big"
    with gzip.open(big, "wb", compresslevel=1) as file:
        for _ in range(150):
            file.write(block)
    shutil.move(big, machine.project / "S1.jsonl.gz")
    row, peak = _ingest_and_peak(machine)
    assert row["requests"] == 1
    assert peak < 120 << 20
