"""Writing facts: natural keys, one transaction for rows and offset, nothing twice."""

from __future__ import annotations

import contextlib
import sqlite3
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple, Self

from tokencoach.store.connect import connect_writer, explain
from tokencoach.store.days import DayMap
from tokencoach.store.dimensions import Dimensions
from tokencoach.store.drift_rows import put_drift
from tokencoach.store.keepsake import keep
from tokencoach.store.keyed import FileCursor, KeyedFacts, signed
from tokencoach.store.power.served_rows import put_served
from tokencoach.store.request_writer import put_requests
from tokencoach.store.sightings import SIGHTED_TURN, existing, note_sightings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from tokencoach.store.keyed import EditRow, SessionRow

# What SQLite refuses, and what Python raises for numbers and texts that it cannot hold.
_REFUSED = (
    sqlite3.IntegrityError,
    sqlite3.DataError,
    sqlite3.ProgrammingError,
    OverflowError,
    ValueError,
    TypeError,
)

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
INSERT INTO tool_call(key, request_key, session_id, agent_id, at_ms, tool_id, input_digest, flags, kind, path_id,
  subject) VALUES(?,?,?,?,?,?,?,?,?,?,?)
ON CONFLICT(key) DO UPDATE SET request_key = excluded.request_key, agent_id = excluded.agent_id,
  at_ms = min(at_ms, excluded.at_ms), tool_id = excluded.tool_id, input_digest = excluded.input_digest,
  flags = excluded.flags, kind = coalesce(excluded.kind, kind), path_id = coalesce(excluded.path_id, path_id),
  subject = excluded.subject"""

_PUT_RESULT = """
INSERT INTO tool_call(key, session_id, at_ms, status, result_ms, spawned, output_digest, output_bytes, exit_code)
VALUES(?1,?2,?3,?4,?3,?5,?6,?7,?8)
ON CONFLICT(key) DO UPDATE SET status = excluded.status, result_ms = excluded.result_ms,
  spawned = coalesce(excluded.spawned, spawned), output_digest = excluded.output_digest,
  output_bytes = excluded.output_bytes, exit_code = coalesce(excluded.exit_code, exit_code)"""

_PUT_ENDED_CALL = """
INSERT INTO tool_call(key, request_key, session_id, agent_id, at_ms, tool_id, input_digest, flags, kind, path_id,
  subject, status, result_ms, spawned, output_digest, output_bytes, exit_code) VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)
ON CONFLICT(key) DO UPDATE SET request_key = excluded.request_key, agent_id = excluded.agent_id,
  at_ms = min(at_ms, excluded.at_ms), tool_id = excluded.tool_id, input_digest = excluded.input_digest,
  flags = excluded.flags, kind = coalesce(excluded.kind, kind), path_id = coalesce(excluded.path_id, path_id),
  subject = excluded.subject, status = excluded.status, result_ms = excluded.result_ms,
  spawned = coalesce(excluded.spawned, spawned), output_digest = excluded.output_digest,
  output_bytes = excluded.output_bytes, exit_code = coalesce(excluded.exit_code, exit_code)"""

# A copy of a conversation names the folder that it was begun in, where the first had gone to one below.
_LONGER = (
    "(SELECT length(name) FROM path WHERE id = excluded.path_id) > "
    "(SELECT length(name) FROM path WHERE id = edit.path_id)"
)
_PUT_EDIT = f"""
INSERT INTO edit(key, call_key, request_key, session_id, agent_id, turn_id, at_ms, path_id, folder_id, branch_id,
  kind, rank, status, is_human_modified, moved_from, added, removed, text)
VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)
ON CONFLICT(key) DO UPDATE SET at_ms = min(at_ms, excluded.at_ms), kind = excluded.kind, rank = excluded.rank,
  request_key = CASE WHEN excluded.request_key <> 0 THEN excluded.request_key ELSE request_key END,
  path_id = CASE WHEN excluded.rank > rank OR {_LONGER} THEN excluded.path_id ELSE path_id END,
  status = coalesce(excluded.status, status), is_human_modified = excluded.is_human_modified,
  moved_from = excluded.moved_from, added = excluded.added,
  removed = excluded.removed, text = excluded.text, generated = NULL, place = 'new'
WHERE excluded.rank > rank OR (excluded.rank = rank AND (excluded.at_ms < at_ms OR excluded.added <> added
  OR excluded.removed <> removed OR (status IS NULL AND excluded.status IS NOT NULL)
  OR (text IS NULL AND excluded.text IS NOT NULL) OR (path_id <> excluded.path_id AND {_LONGER})))"""

_PUT_FILE = """
INSERT INTO log_file(source_id, path, dev, inode, size, mtime_ns, offset, head, tail, state, usage_only, problem)
VALUES(?,?,?,?,?,?,?,?,?,?,?,?)
ON CONFLICT(path) DO UPDATE SET dev = excluded.dev, inode = excluded.inode, size = excluded.size,
  mtime_ns = excluded.mtime_ns, offset = excluded.offset, head = excluded.head, tail = excluded.tail,
  state = excluded.state, usage_only = excluded.usage_only, problem = excluded.problem, is_gone = 0"""


class Portion(NamedTuple):
    """What one chunk of a file said, how far the file is read with it, and the chunk's length in bytes."""

    source: str
    cursor: FileCursor
    facts: KeyedFacts
    length: int


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
        """Keep what the person said beside it, checkpoint what can be, and let go of the file."""
        keep(self.connection, self.path)
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

    def put_all(self, portions: Sequence[Portion]) -> Counter[str]:
        """Write many portions and how far their files have been read; new requests by source.

        Facts that no table takes are noted as not read, and all others are written.
        """
        new_requests: Counter[str] = Counter()
        self.connection.execute("SAVEPOINT portions")
        try:
            for source in dict.fromkeys(portion.source for portion in portions):
                of_source = [portion for portion in portions if portion.source == source]
                new_requests[source] += self._put(source, of_source)
        except _REFUSED as error:
            self.connection.execute("ROLLBACK TO portions")
            self.dimensions.forget()
            if len(portions) > 1:
                # Only one by one is it known whose facts these are.
                new_requests = sum((self.put_all([portion]) for portion in portions), Counter())
            else:
                source, cursor, _, length = portions[0]
                problem = f"{type(error).__name__}: {error}"
                unread = KeyedFacts(quarantined=[(cursor.offset - length, length, problem)])
                self._put(source, [Portion(source, cursor, unread, length)])
                new_requests = Counter()
        self.connection.execute("RELEASE portions")
        return new_requests

    def _put(self, source: str, portions: Sequence[Portion]) -> int:
        """Write portions of one source; the number of new requests."""
        source_id = self.dimensions.source(source)
        self._put_files(source_id, portions)
        self._put_sessions(source_id, [row for portion in portions for row in portion.facts.sessions])
        self._put_prompts(source_id, portions)
        facts = [portion.facts for portion in portions]
        put = put_requests(self.connection, self.dimensions, self.days, source_id, facts)
        for one in facts:
            if one.served:
                put_served(self.connection, self.dimensions, source_id, one)
        self._put_calls(source_id, facts)
        self._put_edits(source_id, [row for portion in portions for row in portion.facts.edits], put.turns)
        self._drop_untold([row[0] for one in facts for row in one.results])
        for portion in portions:
            self._put_rest(source_id, portion.cursor.file_id, portion.facts)
            put_drift(self.connection, self.dimensions, source_id, portion)
        return put.new_requests

    def _put_files(self, source_id: int, portions: Sequence[Portion]) -> None:
        """How far files have been read: of several portions of one file the last says it."""
        last = {portion.cursor.path: portion.cursor for portion in portions}
        self._run(
            _PUT_FILE,
            [
                (source_id, path, c.dev, signed(c.inode), c.size, c.mtime_ns, c.offset, c.head, c.tail, c.state,
                 c.usage_only, c.problem)
                for path, c in last.items()
            ],
        )  # fmt: skip
        ids = dict(existing(self.connection, "SELECT path, id FROM log_file WHERE path IN ", list(last)))
        for portion in portions:
            portion.cursor.file_id = ids[portion.cursor.path]

    def _put_sessions(self, source_id: int, rows: list[SessionRow]) -> None:
        folders, branches = self.dimensions.names("folder"), self.dimensions.names("branch")
        self._run(
            _PUT_SESSION,
            [
                (source_id, name, first, last, folders[cwd], branches[branch], *rest)
                for name, first, last, cwd, branch, *rest in rows
            ],
        )

    def _run(self, statement: str, rows: Sequence[tuple[object, ...]]) -> None:
        if rows:
            self.connection.executemany(statement, rows)

    def _put_prompts(self, source_id: int, portions: Sequence[Portion]) -> None:
        session = self.dimensions.session
        rows = [
            (key, session(source_id, name, at), at, text, portion.cursor.file_id, offset, length)
            for portion in portions
            for key, name, at, text, offset, length in portion.facts.prompts
        ]
        query = "SELECT key, session_id FROM turn WHERE key IN "
        owners = {row[0]: row[1] for row in existing(self.connection, query, [row[0] for row in rows])}
        sighted = []
        for key, seen, *_ in rows:
            owner = owners.setdefault(key, seen)
            if owner != seen:
                sighted += [(key, owner), (key, seen)]
        note_sightings(self.connection, SIGHTED_TURN, sighted)
        self._run(
            "INSERT INTO turn(key, session_id, at_ms, prompt, file_id, offset, length) VALUES(?,?,?,?,?,?,?) "
            "ON CONFLICT(key) DO UPDATE SET at_ms = min(at_ms, excluded.at_ms)",
            rows,
        )

    def _put_calls(self, source_id: int, portions: Sequence[KeyedFacts]) -> None:
        """Calls and what became of them: most are told in one chunk, and written at once."""
        known, tools = self.dimensions.known_sessions(source_id), self.dimensions.names("tool")
        paths = self.dimensions.names("path")
        paths.learn([row[9] for facts in portions for row in facts.calls])
        session, agent_id = self.dimensions.session, self.dimensions.agent
        ended, begun, results = [], [], []
        for facts in portions:
            ends = {row[0]: row for row in facts.results}
            for key, request_key, name, agent, at, tool, digest, flags, kind, path, subject in facts.calls:
                own = known.get(name) or session(source_id, name, at)
                maker = None if agent is None else agent_id(own, agent, at)
                place, tool_id, end = paths[path], tools[tool], ends.pop(key, None)
                if end is None:
                    begun.append(
                        (key, request_key, own, maker, at, tool_id, digest, flags, kind, place, subject)
                    )
                    continue
                _, _, end_ms, status, spawned, answer, size, code = end
                ended.append(
                    (key, request_key, own, maker, at, tool_id, digest, flags, kind, place, subject, status, end_ms,
                     spawned, answer, size, code)
                )  # fmt: skip
            results += [
                (key, session(source_id, name, at), at, *rest) for key, name, at, *rest in ends.values()
            ]
        self._run(_PUT_ENDED_CALL, ended)
        self._run(_PUT_CALL, begun)
        self._run(_PUT_RESULT, results)

    def _put_edits(
        self, source_id: int, rows: list[EditRow], placed: Mapping[int, tuple[int, int | None]]
    ) -> None:
        place, known = self.dimensions, self.dimensions.known_sessions(source_id)
        paths, folders, branches = (place.names(table) for table in ("path", "folder", "branch"))
        paths.learn([row[6] for row in rows])
        values = []
        for key, call, request, name, agent, at, path, cwd, branch, *rest in rows:
            own = known.get(name) or place.session(source_id, name, at)
            maker = None if agent is None else place.agent(own, agent, at)
            of, turn = placed.get(request, (own, None))
            where = (paths[path], folders[cwd], branches[branch])
            values.append((key, call, request, own, maker, turn if of == own else None, at, *where, *rest))
        self._run(_PUT_EDIT, values)

    def _drop_untold(self, calls: Sequence[int]) -> None:
        """Drop edits that an earlier release saw in calls which are read anew and hold them no more."""
        if self.connection.execute("SELECT 1 FROM edit WHERE rank = -1 LIMIT 1").fetchone():
            self._run("DELETE FROM edit WHERE call_key = ? AND rank = -1", [(call,) for call in calls])

    def _put_rest(self, source_id: int, file_id: int, facts: KeyedFacts) -> None:
        session, run = self.dimensions.session, self._run
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
            "INSERT OR IGNORE INTO artifact_use(key, session_id, at_ms, how, name) VALUES(?,?,?,?,?)",
            [(key, session(source_id, name, at), at, *rest) for key, name, at, *rest in facts.uses],
        )
        run(
            "INSERT INTO cost_record VALUES(?,?,?,?,?,?,?,?,?) ON CONFLICT(session_id, model_id) DO UPDATE SET "
            "at_ms=excluded.at_ms, input=excluded.input, cache_read=excluded.cache_read, "
            "cache_write_5m=excluded.cache_write_5m, cache_write_1h=excluded.cache_write_1h, "
            "output=excluded.output, cost_nano=excluded.cost_nano WHERE excluded.at_ms >= at_ms",
            [
                (session(source_id, name, at), self.dimensions.names("model")[model], at, *rest)
                for name, model, at, *rest in facts.costs
            ],
        )
        run(
            "INSERT INTO uncounted(key, session_id, at_ms, characters) VALUES(?,?,?,?) ON CONFLICT(key) DO UPDATE SET "
            "at_ms=min(at_ms, excluded.at_ms), characters=max(characters, excluded.characters)",
            [(key, session(source_id, name, at), at, size) for key, name, at, size in facts.uncounted],
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
