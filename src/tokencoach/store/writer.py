"""Writing facts: natural keys, one transaction for rows and offset, nothing twice."""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING, Self

from tokencoach.store.connect import connect_writer, explain
from tokencoach.store.days import DayMap
from tokencoach.store.dimensions import Dimensions
from tokencoach.store.keyed import FLAG_OWNED, FLAG_SIDECHAIN, KeyedFacts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from tokencoach.store.keyed import EditRow, FileCursor, RequestRow, SessionRow

SIGHTED_REQUEST = 0
SIGHTED_TURN = 1

_BATCH = 400
# What Python raises for numbers and texts that SQLite cannot hold.
_ODD_VALUES = (OverflowError, ValueError, TypeError)

_PUT_SESSION = """
INSERT INTO session(source_id, session_id, first_ms, last_ms, folder_id, branch_id, version, title, parent,
  git_commit, git_remote) VALUES(?,?,?,?,?,?,?,?,?,?,?)
ON CONFLICT(source_id, session_id) DO UPDATE SET
  first_ms = min(first_ms, excluded.first_ms),
  folder_id = CASE WHEN folder_id IS NULL OR (excluded.folder_id IS NOT NULL AND excluded.first_ms < first_ms)
    THEN excluded.folder_id ELSE folder_id END,
  branch_id = CASE WHEN excluded.branch_id IS NOT NULL AND (branch_id IS NULL OR excluded.last_ms >= last_ms)
    THEN excluded.branch_id ELSE branch_id END,
  version = CASE WHEN excluded.version IS NOT NULL AND (version IS NULL OR excluded.last_ms >= last_ms)
    THEN excluded.version ELSE version END,
  title = coalesce(excluded.title, title), parent = coalesce(parent, excluded.parent),
  git_commit = coalesce(git_commit, excluded.git_commit), git_remote = coalesce(git_remote, excluded.git_remote),
  last_ms = max(last_ms, excluded.last_ms), is_dirty = 1"""

_PUT_CALL = """
INSERT INTO tool_call(key, request_key, session_id, agent_id, at_ms, tool_id, input_digest, flags)
VALUES(?,?,?,?,?,?,?,?)
ON CONFLICT(key) DO UPDATE SET request_key = excluded.request_key, agent_id = excluded.agent_id,
  at_ms = min(at_ms, excluded.at_ms), tool_id = excluded.tool_id, input_digest = excluded.input_digest,
  flags = excluded.flags"""

_PUT_RESULT = """
INSERT INTO tool_call(key, session_id, at_ms, status, result_ms, spawned, output_digest, output_bytes)
VALUES(?1,?2,?3,?4,?3,?5,?6,?7)
ON CONFLICT(key) DO UPDATE SET status = excluded.status, result_ms = excluded.result_ms,
  spawned = coalesce(excluded.spawned, spawned), output_digest = excluded.output_digest,
  output_bytes = excluded.output_bytes"""

_PUT_EDIT = """
INSERT INTO edit(key, call_key, request_key, session_id, agent_id, at_ms, path_id, folder_id, branch_id, kind,
  rank, status, is_human_modified, moved_from, added, removed, text)
VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)
ON CONFLICT(key) DO UPDATE SET at_ms = min(at_ms, excluded.at_ms), kind = excluded.kind, rank = excluded.rank,
  request_key = CASE WHEN excluded.request_key <> 0 THEN excluded.request_key ELSE request_key END,
  path_id = excluded.path_id, status = coalesce(excluded.status, status),
  is_human_modified = excluded.is_human_modified, moved_from = excluded.moved_from, added = excluded.added,
  removed = excluded.removed, text = excluded.text, generated = NULL, place = 'new'
WHERE excluded.rank > rank OR (excluded.rank = rank AND (excluded.at_ms < at_ms OR excluded.added <> added
  OR excluded.removed <> removed OR (status IS NULL AND excluded.status IS NOT NULL)
  OR (text IS NULL AND excluded.text IS NOT NULL)))"""

_PUT_FILE = """
INSERT INTO log_file(source_id, path, dev, inode, size, mtime_ns, offset, head, tail, state, usage_only, problem)
VALUES(?,?,?,?,?,?,?,?,?,?,?,?)
ON CONFLICT(path) DO UPDATE SET dev = excluded.dev, inode = excluded.inode, size = excluded.size,
  mtime_ns = excluded.mtime_ns, offset = excluded.offset, head = excluded.head, tail = excluded.tail,
  state = excluded.state, usage_only = excluded.usage_only, problem = excluded.problem, is_gone = 0
RETURNING id"""


class Writer:
    """The one writer of facts. Every method that changes rows is called inside ``transaction``."""

    def __init__(self, path: Path, tz: ZoneInfo) -> None:
        self.path = path
        self.connection = connect_writer(path)
        self.dimensions = Dimensions(self.connection)
        self.days = DayMap(tz)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Checkpoint what can be, and let go of the file."""
        with contextlib.suppress(sqlite3.Error):
            self.connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
        self.connection.close()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing; an SQLite error becomes one that names the file and the mend."""
        try:
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                yield self.connection
                # A process killed before the sums are made anew must find what they lack.
                self.connection.executemany(
                    "INSERT OR IGNORE INTO dirty_day VALUES(?)", [(day,) for day in self.days.touched]
                )
                self.connection.execute("COMMIT")
            except BaseException:
                self.dimensions.forget()
                if self.connection.in_transaction:
                    self.connection.execute("ROLLBACK")
                raise
        except sqlite3.Error as error:
            raise explain(error, self.path) from error

    def put(self, source: str, cursor: FileCursor, facts: KeyedFacts) -> int:
        """Write one chunk's facts and how far its file has been read; the number of new requests."""
        source_id = self.dimensions.id_of("source", source)
        cursor.file_id = self._put_file(source_id, cursor)
        self._put_sessions(source_id, facts.sessions)
        self._put_prompts(source_id, cursor.file_id, facts)
        new_requests = self._put_requests(source_id, facts)
        self._put_calls(source_id, facts)
        self._put_edits(source_id, facts.edits)
        self._put_rest(source_id, cursor.file_id, facts)
        return new_requests

    def put_or_quarantine(self, source: str, cursor: FileCursor, facts: KeyedFacts, length: int) -> int:
        """As ``put``; facts that no table takes are noted as not read, and all other files go on."""
        self.connection.execute("SAVEPOINT chunk")
        try:
            new_requests = self.put(source, cursor, facts)
        except (sqlite3.IntegrityError, sqlite3.DataError, sqlite3.ProgrammingError, *_ODD_VALUES) as error:
            self.connection.execute("ROLLBACK TO chunk")
            self.dimensions.forget()
            problem = f"{type(error).__name__}: {error}"
            new_requests = 0
            self.put(source, cursor, KeyedFacts(quarantined=[(cursor.offset - length, length, problem)]))
        self.connection.execute("RELEASE chunk")
        return new_requests

    def _put_file(self, source_id: int, cursor: FileCursor) -> int:
        row = self.connection.execute(
            _PUT_FILE,
            (
                source_id,
                cursor.path,
                cursor.dev,
                signed(cursor.inode),
                cursor.size,
                cursor.mtime_ns,
                cursor.offset,
                cursor.head,
                cursor.tail,
                cursor.state,
                cursor.usage_only,
                cursor.problem,
            ),
        ).fetchone()
        return int(row[0])

    def _put_sessions(self, source_id: int, rows: list[SessionRow]) -> None:
        identify = self.dimensions.optional
        self.connection.executemany(
            _PUT_SESSION,
            [
                (source_id, name, first, last, identify("folder", cwd), identify("branch", branch), *rest)
                for name, first, last, cwd, branch, *rest in rows
            ],
        )

    def _put_prompts(self, source_id: int, file_id: int, facts: KeyedFacts) -> None:
        session = self.dimensions.session
        rows = [
            (key, session(source_id, name, at), at, text, file_id, offset, length)
            for key, name, at, text, offset, length in facts.prompts
        ]
        self._note_sightings(SIGHTED_TURN, "turn", {row[0]: row[1] for row in rows})
        self.connection.executemany(
            "INSERT INTO turn(key, session_id, at_ms, prompt, file_id, offset, length) VALUES(?,?,?,?,?,?,?) "
            "ON CONFLICT(key) DO UPDATE SET at_ms = min(at_ms, excluded.at_ms)",
            rows,
        )

    def _note_sightings(self, kind: int, table: str, sessions: dict[int, int]) -> None:
        """Remember every session in which a fact is seen, once a second one is."""
        known = self._existing(f"SELECT key, session_id FROM {table} WHERE key IN ", list(sessions))
        rows = []
        for key, owner in known:
            seen = sessions[key]
            if seen != owner:
                rows += [(kind, key, owner), (kind, key, seen)]
        self.connection.executemany(
            "INSERT OR IGNORE INTO sighting(kind, key, session_id) VALUES(?,?,?)", rows
        )

    def _existing(self, query: str, keys: list[int]) -> list[tuple[int, ...]]:
        found: list[tuple[int, ...]] = []
        for start in range(0, len(keys), _BATCH):
            part = keys[start : start + _BATCH]
            found += self.connection.execute(f"{query}({','.join('?' * len(part))})", part).fetchall()
        return found

    def _put_requests(self, source_id: int, facts: KeyedFacts) -> int:
        identify, session, agent = self.dimensions.id_of, self.dimensions.session, self.dimensions.agent
        rows = facts.requests
        placed = {row[0]: session(source_id, row[1], row[3]) for row in rows}
        known = {
            int(row[0]): row
            for row in self._existing(
                "SELECT key, session_id, at_ms, output, flags FROM request WHERE key IN ", list(placed)
            )
        }
        self._note_sightings(SIGHTED_REQUEST, "request", placed)
        fresh, better = [], []
        for row in rows:
            key, _, agent_name, at = row[:4]
            own = placed[key]
            values = (agent(own, agent_name, at), identify("model", row[4]), *row[5:])
            old = known.get(key)
            self.days.touch(at)
            if old is None:
                fresh.append((key, at, own, *values))
                continue
            earliest = min(at, int(old[2]))
            self.days.touch(int(old[2]))
            if _is_better(row, int(old[3]), int(old[4])):
                better.append((earliest, *values, key))
            elif earliest != old[2]:
                self.connection.execute("UPDATE request SET at_ms=? WHERE key=?", (earliest, key))
        self.connection.executemany(
            "INSERT INTO request(key, at_ms, session_id, agent_id, model_id, input, cache_read, cache_write_5m, "
            "cache_write_1h, output, reasoning, flags) VALUES(?,?,?,?,?,?,?,?,?,?,?,?)",
            fresh,
        )
        self.connection.executemany(
            "UPDATE request SET at_ms=?, agent_id=coalesce(?,agent_id), model_id=?, input=?, cache_read=?, "
            "cache_write_5m=?, cache_write_1h=?, output=?, reasoning=?, flags=? WHERE key=?",
            better,
        )
        self._put_owners(source_id, facts)
        self.connection.executemany("INSERT OR REPLACE INTO request_note VALUES(?,?,?,?)", facts.notes)
        return len(fresh)

    def _put_owners(self, source_id: int, facts: KeyedFacts) -> None:
        for key, name in facts.owners.items():
            owner = self.dimensions.session(source_id, name, 0)
            self.connection.execute(
                "UPDATE session SET is_dirty=1 WHERE id IN (SELECT session_id FROM request WHERE key=? "
                "AND session_id<>?) OR id=?",
                (key, owner, owner),
            )
            self.connection.execute(
                "UPDATE request SET session_id=?, flags=flags|? WHERE key=?", (owner, FLAG_OWNED, key)
            )

    def _put_calls(self, source_id: int, facts: KeyedFacts) -> None:
        identify, session, agent = self.dimensions.id_of, self.dimensions.session, self.dimensions.agent
        calls = []
        for key, request_key, name, agent_name, at, tool, digest, flags in facts.calls:
            own = session(source_id, name, at)
            calls.append(
                (key, request_key, own, agent(own, agent_name, at), at, identify("tool", tool), digest, flags)
            )
        self.connection.executemany(_PUT_CALL, calls)
        self.connection.executemany(
            _PUT_RESULT,
            [(key, session(source_id, name, at), at, *rest) for key, name, at, *rest in facts.results],
        )

    def _put_edits(self, source_id: int, rows: list[EditRow]) -> None:
        place = self.dimensions
        values = []
        for key, call, request, name, agent_name, at, path, cwd, branch, *rest in rows:
            own = place.session(source_id, name, at)
            values.append(
                (
                    key,
                    call,
                    request,
                    own,
                    place.agent(own, agent_name, at),
                    at,
                    place.id_of("path", path),
                    place.optional("folder", cwd),
                    place.optional("branch", branch),
                    *rest,
                )
            )
        self.connection.executemany(_PUT_EDIT, values)

    def _put_rest(self, source_id: int, file_id: int, facts: KeyedFacts) -> None:
        session, run = self.dimensions.session, self.connection.executemany
        run(
            "INSERT OR IGNORE INTO error(key, session_id, at_ms, kind, code, message) VALUES(?,?,?,?,?,?)",
            [(key, session(source_id, name, at), at, *rest) for key, name, at, *rest in facts.errors],
        )
        for agent_name, name, first, call in facts.agents:
            own = session(source_id, name, first)
            agent_id = self.dimensions.agent(own, agent_name, first)
            self.connection.execute(
                "UPDATE agent SET first_ms=min(first_ms,?), call_key=coalesce(call_key,?) WHERE id=?",
                (first, call, agent_id),
            )
        run(
            "INSERT OR IGNORE INTO compaction(key, session_id, at_ms, before_tokens, after_tokens) VALUES(?,?,?,?,?)",
            [(key, session(source_id, name, at), at, *rest) for key, name, at, *rest in facts.compactions],
        )
        run(
            "INSERT INTO cost_record VALUES(?,?,?,?,?,?,?,?,?) ON CONFLICT(session_id, model_id) DO UPDATE SET "
            "at_ms=excluded.at_ms, input=excluded.input, cache_read=excluded.cache_read, "
            "cache_write_5m=excluded.cache_write_5m, cache_write_1h=excluded.cache_write_1h, "
            "output=excluded.output, cost_nano=excluded.cost_nano WHERE excluded.at_ms >= at_ms",
            [
                (session(source_id, name, at), self.dimensions.id_of("model", model), at, *rest)
                for name, model, at, *rest in facts.costs
            ],
        )
        run(
            "INSERT OR REPLACE INTO quarantine(file_id, offset, length, error) VALUES(?,?,?,?)",
            [(file_id, *row) for row in facts.quarantined],
        )
        run(
            "INSERT INTO unseen(file_id, kind, count) VALUES(?,?,?) "
            "ON CONFLICT(file_id, kind) DO UPDATE SET count = count + excluded.count",
            [(file_id, kind, count) for kind, count in facts.unseen.items()],
        )


def _is_better(row: RequestRow, output: int, flags: int) -> bool:
    """Whether a record of a known request replaces it: main over sidechain, then output, then later."""
    is_side, was_side = row[11] & FLAG_SIDECHAIN, flags & FLAG_SIDECHAIN
    return is_side < was_side or (is_side == was_side and row[9] >= output)


def signed(number: int) -> int:
    """A 64-bit number as SQLite stores integers."""
    number &= 0xFFFFFFFFFFFFFFFF
    return number - (1 << 64) if number >> 63 else number
