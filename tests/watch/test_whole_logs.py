"""Documents rewritten as a whole and databases of others are followed without reading anything twice."""

from __future__ import annotations

import json
import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from sources.gemini_records import answer, head, replaced, user
from tokencoach.sources.base import LogFile, LogsHome, Lookup, Shape, Table
from tokencoach.sources.fields import record
from tokencoach.sources.gathering import Gathering
from tokencoach.store.foreign import ForeignError, changed_rows, opened
from tokencoach.usage.facts import RequestSeen
from tokencoach.watch import reading
from tokencoach.watch.reading import ReadPart, ReadTask, read_log
from tokencoach.watch.whole import content_of, main_path, state_of
from watch.reading_in import Database

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tokencoach.store.keyed import FileCursor
    from tokencoach.usage.facts import Facts

MESSAGES = Table(
    "message",
    ("id", "session_id", "data", "gone"),
    "time_updated",
    (Lookup("session", "session_id", "id", ("directory",)),),
)


class Shop:
    """A source of one database of messages."""

    name = "shop"

    def __init__(self) -> None:
        self.seen: list[dict[str, Any]] = []

    def roots(self, home: LogsHome) -> list[Path]:
        """Where it would be."""
        return [home.folder]

    def files(self, home: LogsHome) -> Iterator[LogFile]:
        """The database."""
        yield LogFile(home.folder / "shop.db", shape=Shape.DATABASE)

    def tables(self, file: LogFile) -> Sequence[Table]:
        """Messages with the folder of their session."""
        return [MESSAGES] if file.path.name == "shop.db" else []

    def read(
        self,
        chunk: bytes,
        state: bytes,
        file: LogFile,
        base_offset: int,  # noqa: ARG002 - a row needs no place
        *,
        with_edits: bool = True,
    ) -> tuple[Facts, bytes]:
        """A request a row."""
        into = Gathering(with_edits=with_edits)
        for line in chunk.splitlines():
            row = record(msgspec.json.decode(line)["row"])
            self.seen.append(row)
            if row["data"] == "poison":
                raise KeyError(str(file.path))
            into.session("s", 1000)
            into.request(RequestSeen(row["id"], "s", 1000, "m", 1, 0, 0, 0, 1, 0))
        return into.finish(), state + b"."


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Shop:
    source = Shop()
    monkeypatch.setattr(reading, "sources_by_name", lambda: {"shop": source})
    return source


def make(path: Path, *, wal: bool = True) -> sqlite3.Connection:
    """A database with one session and two messages, open as its owner holds it."""
    connection = sqlite3.connect(path, isolation_level=None)
    if wal:
        connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("CREATE TABLE session(id TEXT, directory TEXT)")
    connection.execute(
        "CREATE TABLE message(id TEXT PRIMARY KEY, session_id TEXT, time_updated INT, data TEXT)"
    )
    connection.execute("INSERT INTO session VALUES('s1', '/home/dev/demo')")
    put(connection, "m1", 1)
    put(connection, "m2", 2)
    return connection


def put(connection: sqlite3.Connection, own: str, at: int, data: str = "{}") -> None:
    connection.execute("INSERT OR REPLACE INTO message VALUES(?, 's1', ?, ?)", (own, at, data))


def read(path: Path, cursor: FileCursor | None = None) -> list[ReadPart]:
    """Everything new in the database."""
    file = LogFile(path, shape=Shape.DATABASE)
    return list(read_log(ReadTask("shop", file, cursor, with_edits=True, keep_prompts=True, keep_text=True)))


def names(shop: Shop) -> list[str]:
    """Rows handed to the source since the last time."""
    found, shop.seen = [str(row["id"]) for row in shop.seen], []
    return found


def test_rows_of_a_database_held_open_are_read_once_with_what_was_looked_up(
    tmp_path: Path, shop: Shop
) -> None:
    with closing(make(tmp_path / "shop.db")) as owner:
        parts = read(tmp_path / "shop.db")
        assert shop.seen[0] == {
            "id": "m1",
            "session_id": "s1",
            "data": "{}",
            "gone": None,
            "session.directory": "/home/dev/demo",
        }
        assert names(shop) == ["m1", "m2"]
        read(tmp_path / "shop.db", parts[-1].cursor)
        assert names(shop) == []
        put(owner, "m3", 3)
        put(owner, "m1", 4, "changed")
        parts = read(tmp_path / "shop.db", parts[-1].cursor)
        assert names(shop) == ["m3", "m1"]


def test_a_row_changed_at_the_very_mark_read_last_is_not_missed(tmp_path: Path, shop: Shop) -> None:
    with closing(make(tmp_path / "shop.db")) as owner:
        parts = read(tmp_path / "shop.db")
        names(shop)
        put(owner, "m0", 2)
        put(owner, "m2", 2, "changed")
        parts = read(tmp_path / "shop.db", parts[-1].cursor)
        assert names(shop) == ["m0", "m2"]
        read(tmp_path / "shop.db", parts[-1].cursor)
        assert names(shop) == []


def test_reading_leaves_no_file_beside_a_database_that_nobody_holds_open(tmp_path: Path, shop: Shop) -> None:
    make(tmp_path / "shop.db").close()
    before = sorted(tmp_path.iterdir())
    read(tmp_path / "shop.db")
    assert (names(shop), sorted(tmp_path.iterdir())) == (["m1", "m2"], before)


def test_a_writing_owner_is_not_hindered(tmp_path: Path, shop: Shop) -> None:
    with closing(make(tmp_path / "shop.db")) as owner, opened(tmp_path / "shop.db") as ours:
        rows = changed_rows(ours, shop.tables(LogFile(tmp_path / "shop.db")), {})
        next(rows)
        put(owner, "m9", 9)
        assert owner.execute("SELECT count(*) FROM message").fetchone() == (3,)
        with pytest.raises(sqlite3.OperationalError):
            ours.execute("DELETE FROM message")


def test_a_row_deleted_while_rows_are_read_is_passed_over(tmp_path: Path, shop: Shop) -> None:
    with closing(make(tmp_path / "shop.db")) as owner, opened(tmp_path / "shop.db") as ours:
        for number in range(3, 1200):
            put(owner, f"m{number}", number)
        rows = changed_rows(ours, shop.tables(LogFile(tmp_path / "shop.db")), {})
        next(rows)
        owner.execute("DELETE FROM message WHERE id = 'm1199'")
        assert sum(1 for _ in rows) == 1197


@pytest.mark.parametrize(
    "content", [b"", b"not a database at all" * 400, b"SQLite format 3\0" + b"\xff" * 2000]
)
def test_a_damaged_database_is_a_problem_of_that_file_only(
    tmp_path: Path, shop: Shop, content: bytes
) -> None:
    (tmp_path / "shop.db").write_bytes(content)
    (part,) = read(tmp_path / "shop.db")
    assert part.cursor.problem
    assert names(shop) == []


def test_a_database_without_any_of_the_tables_says_so(tmp_path: Path, shop: Shop) -> None:
    with closing(sqlite3.connect(tmp_path / "shop.db")) as other, other:
        other.execute("CREATE TABLE tasks(x)")
    (part,) = read(tmp_path / "shop.db")
    assert "message" in str(part.cursor.problem)
    assert names(shop) == []


def test_a_locked_database_is_tried_again(
    tmp_path: Path, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tokencoach.store.foreign._BUSY_MS", 10)
    with closing(make(tmp_path / "shop.db", wal=False)) as owner:
        owner.execute("BEGIN EXCLUSIVE")
        (part,) = read(tmp_path / "shop.db")
        assert "locked" in str(part.cursor.problem)
        owner.execute("COMMIT")
        parts = read(tmp_path / "shop.db", part.cursor)
    assert names(shop) == ["m1", "m2"]
    assert parts[-1].cursor.problem is None


def test_a_row_that_the_source_chokes_on_costs_that_row(tmp_path: Path, shop: Shop) -> None:
    with closing(make(tmp_path / "shop.db")) as owner:
        put(owner, "m3", 3, "poison")
        put(owner, "m4", 4)
        parts = read(tmp_path / "shop.db")
    assert "m4" in names(shop)
    assert sum(len(part.facts.requests) for part in parts) == 3
    assert sum(len(part.facts.quarantined) for part in parts) == 1


def test_a_process_killed_between_two_parts_reads_the_rest_later(tmp_path: Path, shop: Shop) -> None:
    with closing(make(tmp_path / "shop.db")) as owner:
        for number in range(3, 40):
            put(owner, f"m{number}", number, "x" * 60_000)
        parts = read(tmp_path / "shop.db")
        assert len(parts) > 2
        names(shop)
        rest = read(tmp_path / "shop.db", parts[0].cursor)
    assert len(names(shop)) + len(parts[0].facts.requests) == 39
    assert rest[-1].cursor.state != parts[0].cursor.state


def test_nothing_new_in_a_large_database_costs_less_than_50_ms(tmp_path: Path, shop: Shop) -> None:
    with closing(make(tmp_path / "shop.db")) as owner:
        owner.execute("CREATE INDEX message_updated ON message(time_updated)")
        owner.execute("BEGIN")
        for number in range(20_000):
            put(owner, f"n{number}", number)
        owner.execute("COMMIT")
        cursor = read(tmp_path / "shop.db")[-1].cursor
        names(shop)
        began = time.process_time()
        read(tmp_path / "shop.db", cursor)
        assert time.process_time() - began < 0.05
    assert names(shop) == []


def test_a_foreign_database_that_vanished_is_an_error_of_its_own(tmp_path: Path) -> None:
    with pytest.raises((ForeignError, OSError)), opened(tmp_path / "none.db"):
        pass


def test_a_notice_of_the_write_ahead_log_speaks_for_the_database() -> None:
    assert main_path("/x/opencode.db-wal") == "/x/opencode.db"
    assert main_path("/x/y.jsonl") == "/x/y.jsonl"


def test_the_state_of_a_database_changes_with_its_write_ahead_log(tmp_path: Path) -> None:
    file = LogFile(tmp_path / "shop.db", shape=Shape.DATABASE)
    with closing(make(file.path)) as owner:
        before = state_of(file)
        put(owner, "m3", 3)
        assert state_of(file) != before


def test_files_beside_a_document_are_read_with_it_and_a_broken_one_is_left_out(tmp_path: Path) -> None:
    main, side, bad = (tmp_path / name for name in ("ui.json", "meta.json", "bad.json"))
    main.write_text("[\n1]"), side.write_text('{"a": 2}'), bad.write_text("{")
    file = LogFile(main, shape=Shape.DOCUMENT, beside=(side, bad, tmp_path / "none.json"))
    assert json.loads(content_of(file)) == {"ui.json": [1], "meta.json": {"a": 2}}


@pytest.fixture
def gemini(tmp_path: Path) -> tuple[Database, Path]:
    log = tmp_path / "home" / ".gemini" / "tmp" / "demo" / "chats" / "session-a.json"
    log.parent.mkdir(parents=True)
    return Database(tmp_path, tmp_path / "home"), log


def _write(log: Path, *messages: Any) -> None:
    log.write_text(json.dumps(head() | {"messages": messages}))


def test_a_rewritten_document_is_read_again_and_nothing_counts_twice(gemini: tuple[Database, Path]) -> None:
    database, log = gemini
    _write(log, user(1, "one"), answer(2))
    assert database.ingest().new_by_source["gemini-cli"] == 1
    again = database.ingest()
    assert (again.new_by_source["gemini-cli"], again.bytes_read) == (0, 0)
    _write(log, user(1, "one"), answer(2), answer(3, toolCalls=[replaced()]))
    assert database.ingest().new_by_source["gemini-cli"] == 1
    assert database.rows("SELECT sum(requests) FROM day_usage") == [(2,)]
    assert database.rows("SELECT count(*) FROM edit") == [(1,)]


def test_what_a_rewrite_drops_stays_counted(gemini: tuple[Database, Path]) -> None:
    database, log = gemini
    _write(log, answer(2), answer(3))
    database.ingest()
    _write(log, answer(3))
    database.ingest()
    assert database.rows("SELECT count(*) FROM request") == [(2,)]


def test_a_document_caught_in_the_middle_of_its_writing_is_whole_the_next_time(
    gemini: tuple[Database, Path],
) -> None:
    database, log = gemini
    _write(log, user(1, "one"), answer(2))
    whole = log.read_bytes()
    log.write_bytes(whole[:-20])
    database.ingest()
    assert database.rows("SELECT count(*) FROM quarantine") == [(1,)]
    log.write_bytes(whole)
    database.ingest()
    assert database.rows("SELECT count(*) FROM quarantine") == [(0,)]
    assert database.rows("SELECT count(*) FROM request") == [(1,)]


def test_a_vanished_document_keeps_its_rows(gemini: tuple[Database, Path]) -> None:
    database, log = gemini
    _write(log, answer(2))
    database.ingest()
    log.unlink()
    database.ingest()
    assert database.rows("SELECT count(*) FROM request") == [(1,)]
