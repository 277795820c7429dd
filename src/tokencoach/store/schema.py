"""The tables, as migrations that are applied once each and in order.

Keys of facts are 64-bit hashes of the format's own key (signed, as SQLite stores integers).
Times are UTC milliseconds. Arrays of line keys are little-endian unsigned 64-bit integers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tokencoach.store.read_anew import DERIVE_ANEW, EARLIER_EDITS, EARLIER_REQUESTS, EVIDENCE_ANEW, READ_ANEW

if TYPE_CHECKING:
    from tokencoach.store.formats import Database, Registry

_FACTS = """
CREATE TABLE source(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE model(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, context_window INTEGER) STRICT;
CREATE TABLE branch(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE path(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE tool(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
CREATE TABLE folder(
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE,
  repo_id INTEGER REFERENCES repo(id), root TEXT, state TEXT NOT NULL DEFAULT 'new') STRICT;
CREATE TABLE log_file(
  id INTEGER PRIMARY KEY, source_id INTEGER NOT NULL, path TEXT NOT NULL UNIQUE,
  dev INTEGER NOT NULL DEFAULT 0, inode INTEGER NOT NULL DEFAULT 0, size INTEGER NOT NULL DEFAULT 0,
  mtime_ns INTEGER NOT NULL DEFAULT 0, offset INTEGER NOT NULL DEFAULT 0,
  head BLOB NOT NULL DEFAULT x'', tail BLOB NOT NULL DEFAULT x'', state BLOB NOT NULL DEFAULT x'',
  usage_only INTEGER NOT NULL DEFAULT 0, is_gone INTEGER NOT NULL DEFAULT 0, problem TEXT) STRICT;
CREATE INDEX log_file_inode ON log_file(dev, inode);
CREATE TABLE session(
  id INTEGER PRIMARY KEY, source_id INTEGER NOT NULL, session_id TEXT NOT NULL,
  first_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL, folder_id INTEGER, branch_id INTEGER,
  version TEXT, title TEXT, parent TEXT, git_commit TEXT, git_remote TEXT,
  is_dirty INTEGER NOT NULL DEFAULT 1, UNIQUE(source_id, session_id)) STRICT;
CREATE INDEX session_span ON session(last_ms, first_ms);
CREATE INDEX session_dirty ON session(id) WHERE is_dirty = 1;
CREATE TABLE turn(
  id INTEGER PRIMARY KEY, key INTEGER NOT NULL UNIQUE, session_id INTEGER NOT NULL, at_ms INTEGER NOT NULL,
  prompt TEXT, file_id INTEGER, offset INTEGER, length INTEGER) STRICT;
CREATE INDEX turn_session ON turn(session_id, at_ms);
CREATE TABLE agent(
  id INTEGER PRIMARY KEY, session_id INTEGER NOT NULL, name TEXT NOT NULL, first_ms INTEGER NOT NULL,
  call_key INTEGER, UNIQUE(session_id, name)) STRICT;
CREATE TABLE request(
  id INTEGER PRIMARY KEY, key INTEGER NOT NULL UNIQUE, at_ms INTEGER NOT NULL, session_id INTEGER NOT NULL,
  agent_id INTEGER, turn_id INTEGER, model_id INTEGER NOT NULL, input INTEGER NOT NULL,
  cache_read INTEGER NOT NULL, cache_write_5m INTEGER NOT NULL, cache_write_1h INTEGER NOT NULL,
  output INTEGER NOT NULL, reasoning INTEGER NOT NULL, flags INTEGER NOT NULL) STRICT;
CREATE INDEX request_session ON request(session_id, at_ms);
CREATE TABLE request_note(
  key INTEGER PRIMARY KEY, tier TEXT, estimated_output INTEGER, logged_cost_nano INTEGER) STRICT;
CREATE TABLE sighting(
  kind INTEGER NOT NULL, key INTEGER NOT NULL, session_id INTEGER NOT NULL,
  PRIMARY KEY(kind, key, session_id)) STRICT, WITHOUT ROWID;
CREATE INDEX sighting_session ON sighting(session_id, kind);
CREATE TABLE tool_call(
  key INTEGER PRIMARY KEY, request_key INTEGER NOT NULL DEFAULT 0, session_id INTEGER NOT NULL,
  agent_id INTEGER, at_ms INTEGER NOT NULL, tool_id INTEGER, input_digest INTEGER NOT NULL DEFAULT 0,
  flags INTEGER NOT NULL DEFAULT 0, status TEXT, result_ms INTEGER, output_digest INTEGER NOT NULL DEFAULT 0,
  output_bytes INTEGER NOT NULL DEFAULT 0, spawned TEXT) STRICT;
CREATE INDEX tool_call_session ON tool_call(session_id, at_ms);
CREATE TABLE edit(
  id INTEGER PRIMARY KEY, key INTEGER NOT NULL UNIQUE, call_key INTEGER NOT NULL, request_key INTEGER NOT NULL,
  session_id INTEGER NOT NULL, agent_id INTEGER, turn_id INTEGER, at_ms INTEGER NOT NULL,
  path_id INTEGER NOT NULL, folder_id INTEGER, branch_id INTEGER, kind TEXT NOT NULL, rank INTEGER NOT NULL,
  status TEXT, is_human_modified INTEGER NOT NULL DEFAULT 0, moved_from TEXT,
  added BLOB NOT NULL, removed BLOB NOT NULL, text BLOB,
  generated BLOB, repo_id INTEGER, repo_path_id INTEGER, place TEXT NOT NULL DEFAULT 'new') STRICT;
CREATE INDEX edit_session ON edit(session_id, at_ms);
CREATE INDEX edit_repo ON edit(repo_id, at_ms);
CREATE INDEX edit_place ON edit(place) WHERE place = 'new';
CREATE TABLE error(
  key INTEGER PRIMARY KEY, session_id INTEGER NOT NULL, at_ms INTEGER NOT NULL, kind TEXT NOT NULL,
  code TEXT NOT NULL, message TEXT NOT NULL) STRICT;
CREATE TABLE compaction(
  key INTEGER PRIMARY KEY, session_id INTEGER NOT NULL, at_ms INTEGER NOT NULL,
  before_tokens INTEGER NOT NULL, after_tokens INTEGER NOT NULL) STRICT;
CREATE TABLE cost_record(
  session_id INTEGER NOT NULL, model_id INTEGER NOT NULL, at_ms INTEGER NOT NULL, input INTEGER NOT NULL,
  cache_read INTEGER NOT NULL, cache_write_5m INTEGER NOT NULL, cache_write_1h INTEGER NOT NULL,
  output INTEGER NOT NULL, cost_nano INTEGER NOT NULL,
  PRIMARY KEY(session_id, model_id)) STRICT, WITHOUT ROWID;
CREATE TABLE quarantine(
  file_id INTEGER NOT NULL, offset INTEGER NOT NULL, length INTEGER NOT NULL, error TEXT NOT NULL,
  PRIMARY KEY(file_id, offset)) STRICT, WITHOUT ROWID;
CREATE TABLE unseen(
  file_id INTEGER NOT NULL, kind TEXT NOT NULL, count INTEGER NOT NULL,
  PRIMARY KEY(file_id, kind)) STRICT, WITHOUT ROWID;
"""

_DERIVED = """
CREATE TABLE request_cut(
  request_id INTEGER PRIMARY KEY, calls INTEGER NOT NULL, rejected INTEGER NOT NULL, failed INTEGER NOT NULL,
  looped INTEGER NOT NULL) STRICT;
CREATE TABLE repo(
  id INTEGER PRIMARY KEY, common_dir TEXT NOT NULL UNIQUE, path TEXT NOT NULL, roots TEXT NOT NULL DEFAULT '',
  remotes TEXT NOT NULL DEFAULT '', default_branch TEXT, state TEXT NOT NULL DEFAULT 'new', phase TEXT, ship TEXT,
  fingerprint TEXT NOT NULL DEFAULT '', tips TEXT NOT NULL DEFAULT '', problem TEXT) STRICT;
CREATE TABLE repo_link(old TEXT PRIMARY KEY, new TEXT NOT NULL) STRICT;
CREATE TABLE replay(
  repo_id INTEGER PRIMARY KEY, algorithm TEXT NOT NULL, tip TEXT NOT NULL, newest_edit_ms INTEGER NOT NULL,
  edits INTEGER NOT NULL, state BLOB NOT NULL) STRICT;
CREATE TABLE git_commit(
  id INTEGER PRIMARY KEY, repo_id INTEGER NOT NULL, sha TEXT NOT NULL, at_ms INTEGER NOT NULL,
  subject TEXT NOT NULL DEFAULT '', began_ms INTEGER, UNIQUE(repo_id, sha)) STRICT;
CREATE TABLE landing(
  edit_id INTEGER NOT NULL, is_removal INTEGER NOT NULL, position INTEGER NOT NULL, life INTEGER NOT NULL,
  repo_id INTEGER NOT NULL, commit_id INTEGER NOT NULL, path_id INTEGER NOT NULL, line INTEGER NOT NULL,
  landed_ms INTEGER NOT NULL, died_ms INTEGER, death TEXT, death_commit_id INTEGER, method TEXT NOT NULL,
  confidence REAL NOT NULL, credit REAL NOT NULL,
  PRIMARY KEY(edit_id, is_removal, position, life)) STRICT, WITHOUT ROWID;
CREATE INDEX landing_commit ON landing(commit_id);
CREATE TABLE side_sighting(
  edit_id INTEGER NOT NULL, is_removal INTEGER NOT NULL, position INTEGER NOT NULL, commit_id INTEGER NOT NULL,
  active_ms INTEGER NOT NULL, ref TEXT NOT NULL,
  PRIMARY KEY(edit_id, is_removal, position, commit_id)) STRICT, WITHOUT ROWID;
CREATE TABLE void_line(
  edit_id INTEGER NOT NULL, is_removal INTEGER NOT NULL, position INTEGER NOT NULL, reason TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  PRIMARY KEY(edit_id, is_removal, position)) STRICT, WITHOUT ROWID;
CREATE TABLE unreadable_path(
  repo_id INTEGER NOT NULL, path TEXT NOT NULL, at_ms INTEGER NOT NULL,
  PRIMARY KEY(repo_id, path, at_ms)) STRICT, WITHOUT ROWID;
CREATE TABLE worktree_line(
  edit_id INTEGER NOT NULL, position INTEGER NOT NULL, PRIMARY KEY(edit_id, position)) STRICT, WITHOUT ROWID;
CREATE TABLE price(
  model_id INTEGER NOT NULL, from_ms INTEGER NOT NULL, above INTEGER NOT NULL, input INTEGER NOT NULL,
  cache_read INTEGER NOT NULL, cache_write_5m INTEGER NOT NULL, cache_write_1h INTEGER NOT NULL,
  output INTEGER NOT NULL, PRIMARY KEY(model_id, from_ms, above)) STRICT, WITHOUT ROWID;
CREATE TABLE dirty_day(day INTEGER PRIMARY KEY) STRICT;
CREATE TABLE day_usage(
  day INTEGER NOT NULL, session_id INTEGER NOT NULL, model_id INTEGER NOT NULL, requests INTEGER NOT NULL,
  input INTEGER NOT NULL, cache_read INTEGER NOT NULL, cache_write_5m INTEGER NOT NULL,
  cache_write_1h INTEGER NOT NULL, output INTEGER NOT NULL, reasoning INTEGER NOT NULL,
  cost_nano INTEGER NOT NULL, unpriced INTEGER NOT NULL,
  PRIMARY KEY(day, session_id, model_id)) STRICT, WITHOUT ROWID;
CREATE INDEX day_usage_session ON day_usage(session_id);
CREATE TABLE month_usage(
  month INTEGER NOT NULL, folder_id INTEGER NOT NULL, source_id INTEGER NOT NULL, model_id INTEGER NOT NULL,
  requests INTEGER NOT NULL, input INTEGER NOT NULL, cache_read INTEGER NOT NULL, cache_write_5m INTEGER NOT NULL,
  cache_write_1h INTEGER NOT NULL, output INTEGER NOT NULL, reasoning INTEGER NOT NULL, cost_nano INTEGER NOT NULL,
  unpriced INTEGER NOT NULL, PRIMARY KEY(month, folder_id, source_id, model_id)) STRICT, WITHOUT ROWID;
CREATE TABLE session_verdict(
  session_id INTEGER PRIMARY KEY, judged_ms INTEGER NOT NULL, started_ms INTEGER NOT NULL,
  cost_nano INTEGER NOT NULL, waste_nano INTEGER NOT NULL, tokens INTEGER NOT NULL, row TEXT NOT NULL) STRICT;
CREATE INDEX session_verdict_started ON session_verdict(started_ms);
CREATE INDEX session_verdict_cost ON session_verdict(cost_nano);
CREATE INDEX session_verdict_waste ON session_verdict(waste_nano);
CREATE TABLE audit_cache(name TEXT PRIMARY KEY, made_ms INTEGER NOT NULL, body TEXT NOT NULL) STRICT;
CREATE TABLE phase_tag(
  kind TEXT NOT NULL, name TEXT NOT NULL, phase TEXT NOT NULL, PRIMARY KEY(kind, name)) STRICT, WITHOUT ROWID;
CREATE TABLE fact(name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE heartbeat(
  id INTEGER PRIMARY KEY CHECK (id = 1), pid INTEGER NOT NULL, version TEXT NOT NULL, beat_ms INTEGER NOT NULL,
  backlog_bytes INTEGER NOT NULL, total_bytes INTEGER NOT NULL, swept_ms INTEGER NOT NULL,
  note TEXT NOT NULL DEFAULT '') STRICT;
"""

_OUTCOMES = """
CREATE TABLE commit_note(
  commit_id INTEGER PRIMARY KEY, title TEXT NOT NULL, kind TEXT, scope TEXT NOT NULL, number INTEGER,
  issues TEXT NOT NULL, is_merge INTEGER NOT NULL, done_ms INTEGER NOT NULL, seen_by TEXT NOT NULL) STRICT;
CREATE TABLE suspect_line(
  commit_id INTEGER NOT NULL, edit_id INTEGER NOT NULL, position INTEGER NOT NULL, confidence REAL NOT NULL,
  PRIMARY KEY(commit_id, edit_id, position)) STRICT, WITHOUT ROWID;
CREATE TABLE release_tag(
  repo_id INTEGER NOT NULL, name TEXT NOT NULL, at_ms INTEGER NOT NULL,
  PRIMARY KEY(repo_id, name)) STRICT, WITHOUT ROWID;
CREATE TABLE review_span(
  repo_id INTEGER NOT NULL, sha TEXT NOT NULL, source TEXT NOT NULL, start_ms INTEGER NOT NULL,
  end_ms INTEGER NOT NULL, is_other INTEGER NOT NULL,
  PRIMARY KEY(repo_id, sha, source, start_ms)) STRICT, WITHOUT ROWID;
CREATE TABLE review_asked(
  repo_id INTEGER NOT NULL, number INTEGER NOT NULL, asked_ms INTEGER NOT NULL, is_merged INTEGER NOT NULL,
  PRIMARY KEY(repo_id, number)) STRICT, WITHOUT ROWID;
CREATE TABLE outcome_word(
  roots TEXT NOT NULL, sha TEXT NOT NULL, number INTEGER, outcome TEXT NOT NULL, said_ms INTEGER NOT NULL,
  PRIMARY KEY(roots, sha)) STRICT, WITHOUT ROWID;
CREATE TABLE session_landing(session_id INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT;
DELETE FROM replay;
UPDATE session_verdict SET judged_ms = 0;
UPDATE repo SET fingerprint = '';
"""

_WORD = """
CREATE TABLE overrule(
  id INTEGER PRIMARY KEY, source TEXT NOT NULL, session_id TEXT NOT NULL, turn_key INTEGER, edit_key INTEGER,
  first_line INTEGER, last_line INTEGER, bucket TEXT NOT NULL, because TEXT NOT NULL, said_ms INTEGER NOT NULL,
  undone_ms INTEGER) STRICT;
CREATE INDEX overrule_session ON overrule(session_id);
CREATE TABLE phase_word(
  id INTEGER PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL, phase TEXT NOT NULL, former TEXT,
  said_ms INTEGER NOT NULL, undone_ms INTEGER) STRICT;
CREATE TABLE month_close(
  month TEXT NOT NULL, timezone TEXT NOT NULL, version INTEGER NOT NULL, closed_ms INTEGER NOT NULL,
  algorithm TEXT NOT NULL, inputs_digest TEXT NOT NULL, price_table TEXT NOT NULL, report TEXT NOT NULL,
  body TEXT NOT NULL, parts BLOB NOT NULL, restated TEXT NOT NULL,
  PRIMARY KEY(month, timezone, version)) STRICT, WITHOUT ROWID;
CREATE TABLE restatement_seen(
  month TEXT NOT NULL, timezone TEXT NOT NULL, version INTEGER NOT NULL, cause TEXT NOT NULL,
  session_id TEXT NOT NULL, seen_ms INTEGER NOT NULL,
  PRIMARY KEY(month, timezone, version, cause, session_id)) STRICT, WITHOUT ROWID;
UPDATE session_verdict SET judged_ms = 0;
DELETE FROM audit_cache
"""

_EVIDENCE = """
CREATE TABLE evidence_commit(
  id INTEGER PRIMARY KEY, repo_id INTEGER NOT NULL, sha TEXT NOT NULL, carrier TEXT, note TEXT,
  UNIQUE(repo_id, sha)) STRICT;
CREATE INDEX evidence_carrier ON evidence_commit(repo_id, carrier) WHERE carrier IS NOT NULL;
CREATE TABLE evidence_agent(
  id INTEGER PRIMARY KEY, tool TEXT NOT NULL, name TEXT NOT NULL, UNIQUE(tool, name)) STRICT;
CREATE TABLE attested(
  commit_id INTEGER NOT NULL, path_id INTEGER NOT NULL, dialect TEXT NOT NULL, agent_id INTEGER NOT NULL,
  is_exact INTEGER NOT NULL, ranges TEXT NOT NULL,
  PRIMARY KEY(commit_id, path_id, dialect, agent_id, is_exact)) STRICT, WITHOUT ROWID;
CREATE TABLE commit_hint(
  commit_id INTEGER NOT NULL, kind TEXT NOT NULL, tool TEXT NOT NULL, name TEXT NOT NULL,
  PRIMARY KEY(commit_id, kind, tool, name)) STRICT, WITHOUT ROWID;
CREATE TABLE checkpoint_session(
  repo_id INTEGER NOT NULL, name TEXT NOT NULL, session TEXT NOT NULL,
  PRIMARY KEY(repo_id, name, session)) STRICT, WITHOUT ROWID;
CREATE TABLE evidence_problem(
  repo_id INTEGER NOT NULL, dialect TEXT NOT NULL, name TEXT NOT NULL, error TEXT NOT NULL,
  PRIMARY KEY(repo_id, dialect, name)) STRICT, WITHOUT ROWID;
CREATE TABLE evidence_read(
  repo_id INTEGER PRIMARY KEY, notes TEXT NOT NULL, traces TEXT NOT NULL, checkpoints TEXT NOT NULL) STRICT;
UPDATE repo SET fingerprint = '';
"""

_SERVED = """
CREATE TABLE served(
  key INTEGER PRIMARY KEY, session_id INTEGER NOT NULL, at_ms INTEGER NOT NULL, model_id INTEGER NOT NULL,
  input INTEGER NOT NULL, cache_read INTEGER NOT NULL, output INTEGER NOT NULL, prompt_ms REAL NOT NULL,
  output_ms REAL NOT NULL, flags INTEGER NOT NULL, is_new INTEGER NOT NULL DEFAULT 1,
  joined INTEGER, told_input INTEGER, told_cache_read INTEGER, told_output INTEGER) STRICT;
CREATE INDEX served_at ON served(at_ms);
CREATE INDEX served_session ON served(session_id);
CREATE UNIQUE INDEX served_joined ON served(joined) WHERE joined IS NOT NULL;
CREATE INDEX served_new ON served(at_ms) WHERE is_new = 1;
CREATE TABLE uncounted(
  key INTEGER PRIMARY KEY, session_id INTEGER NOT NULL, at_ms INTEGER NOT NULL, characters INTEGER NOT NULL) STRICT;
CREATE TABLE drift(
  file_id INTEGER NOT NULL, version TEXT NOT NULL, name TEXT NOT NULL, count INTEGER NOT NULL,
  PRIMARY KEY(file_id, version, name)) STRICT, WITHOUT ROWID;
CREATE TABLE silence(
  file_id INTEGER PRIMARY KEY, bytes INTEGER NOT NULL, written_ms INTEGER NOT NULL) STRICT;
"""

_POWER = """
CREATE TABLE meter(
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, scope TEXT NOT NULL, quality TEXT NOT NULL, reads TEXT NOT NULL,
  label TEXT NOT NULL, source TEXT NOT NULL, part_of TEXT) STRICT;
CREATE TABLE energy(
  meter_id INTEGER NOT NULL, start_ms INTEGER NOT NULL, energy_uj INTEGER NOT NULL, covered_ms INTEGER NOT NULL,
  gap_ms INTEGER NOT NULL, PRIMARY KEY(meter_id, start_ms)) STRICT, WITHOUT ROWID;
CREATE TABLE inference_server(
  id INTEGER PRIMARY KEY, kind TEXT NOT NULL, pid INTEGER NOT NULL, started_ms INTEGER NOT NULL,
  UNIQUE(pid, started_ms)) STRICT;
CREATE TABLE served_request(
  id INTEGER PRIMARY KEY, server_id INTEGER NOT NULL, slot INTEGER NOT NULL, task INTEGER NOT NULL,
  model TEXT NOT NULL, start_ms INTEGER NOT NULL, end_ms INTEGER NOT NULL, first_token_ms INTEGER,
  prompt INTEGER NOT NULL, cached INTEGER NOT NULL, generated INTEGER NOT NULL, measured INTEGER NOT NULL,
  total_uj INTEGER, marginal_uj INTEGER, prefill_uj INTEGER NOT NULL, quality TEXT NOT NULL, scopes TEXT NOT NULL,
  why_not TEXT, assumes TEXT, request_key INTEGER, UNIQUE(server_id, slot, task, start_ms)) STRICT;
CREATE INDEX served_request_start ON served_request(start_ms);
CREATE TABLE served_hour(
  server_id INTEGER NOT NULL, model TEXT NOT NULL, start_ms INTEGER NOT NULL, processing_ms INTEGER NOT NULL,
  idle_ms INTEGER NOT NULL, sleeping_ms INTEGER NOT NULL, unknown_ms INTEGER NOT NULL, resident_uj INTEGER NOT NULL,
  resident_known_ms INTEGER NOT NULL, cpu_ms INTEGER NOT NULL, prompt INTEGER NOT NULL, cached INTEGER NOT NULL,
  generated INTEGER NOT NULL, PRIMARY KEY(server_id, model, start_ms)) STRICT, WITHOUT ROWID;
DELETE FROM audit_cache;
"""

_CHECKS = """
CREATE TABLE cc_check(
  key TEXT PRIMARY KEY, place TEXT NOT NULL, started_ms INTEGER NOT NULL, mode TEXT NOT NULL, outcome TEXT NOT NULL,
  why TEXT NOT NULL, tree TEXT NOT NULL, sha TEXT NOT NULL, ai_lines INTEGER NOT NULL, open_ms INTEGER,
  total_ms INTEGER) STRICT, WITHOUT ROWID;
CREATE INDEX cc_check_place ON cc_check(place, started_ms);
CREATE INDEX cc_check_sha ON cc_check(sha) WHERE sha <> '';
CREATE TABLE cc_question(
  check_key TEXT NOT NULL, id TEXT NOT NULL, position INTEGER NOT NULL, kind TEXT NOT NULL, part TEXT NOT NULL,
  path TEXT NOT NULL, qualname TEXT NOT NULL, first_line INTEGER NOT NULL, last_line INTEGER NOT NULL,
  ai_lines INTEGER NOT NULL, blob TEXT NOT NULL, body_hash TEXT NOT NULL, body TEXT NOT NULL, line_keys BLOB,
  PRIMARY KEY(check_key, id)) STRICT, WITHOUT ROWID;
CREATE INDEX cc_question_unkeyed ON cc_question(check_key) WHERE line_keys IS NULL;
CREATE INDEX cc_question_id ON cc_question(id);
CREATE TABLE cc_answer(
  check_key TEXT NOT NULL, id TEXT NOT NULL, answer TEXT NOT NULL, is_right INTEGER, is_shown INTEGER NOT NULL,
  self_grade INTEGER, tries INTEGER NOT NULL, took_ms INTEGER NOT NULL, said_ms INTEGER NOT NULL,
  PRIMARY KEY(check_key, id)) STRICT, WITHOUT ROWID;
CREATE INDEX cc_answer_id ON cc_answer(id);
CREATE TABLE cc_card(
  place TEXT NOT NULL, path TEXT NOT NULL, qualname TEXT NOT NULL, kind TEXT NOT NULL, area TEXT NOT NULL,
  body_hash TEXT NOT NULL, id TEXT NOT NULL, memory TEXT NOT NULL, due_ms INTEGER NOT NULL, said_ms INTEGER NOT NULL,
  body TEXT NOT NULL, PRIMARY KEY(place, path, qualname, kind)) STRICT, WITHOUT ROWID;
CREATE INDEX cc_card_due ON cc_card(due_ms);
CREATE TABLE cc_bad(
  id TEXT PRIMARY KEY, kind TEXT NOT NULL, pattern TEXT NOT NULL, why TEXT NOT NULL, said_ms INTEGER NOT NULL)
  STRICT, WITHOUT ROWID;
CREATE TABLE cc_prepared(
  place TEXT NOT NULL, path TEXT NOT NULL, object TEXT NOT NULL, version TEXT NOT NULL, made_ms INTEGER NOT NULL,
  body BLOB NOT NULL, PRIMARY KEY(place, path, object)) STRICT, WITHOUT ROWID;
"""

_COACH = """
ALTER TABLE tool_call ADD COLUMN kind TEXT;
ALTER TABLE tool_call ADD COLUMN path_id INTEGER;
ALTER TABLE tool_call ADD COLUMN exit_code INTEGER;
ALTER TABLE tool_call ADD COLUMN subject INTEGER NOT NULL DEFAULT 0;
CREATE TABLE plan(
  id INTEGER PRIMARY KEY, finding TEXT NOT NULL, condition TEXT NOT NULL, action TEXT NOT NULL, said_ms INTEGER NOT NULL,
  before_count REAL NOT NULL, before_of REAL NOT NULL, unit TEXT NOT NULL, undone_ms INTEGER) STRICT;
CREATE TABLE budget(
  id INTEGER PRIMARY KEY, scope TEXT NOT NULL, name TEXT NOT NULL, unit TEXT NOT NULL, amount INTEGER NOT NULL,
  said_ms INTEGER NOT NULL, undone_ms INTEGER) STRICT;
CREATE TABLE tick(
  id INTEGER PRIMARY KEY, item TEXT NOT NULL, kind TEXT NOT NULL, because TEXT NOT NULL, said_ms INTEGER NOT NULL,
  until_ms INTEGER NOT NULL, undone_ms INTEGER) STRICT;
CREATE TABLE threshold(
  id INTEGER PRIMARY KEY, name TEXT NOT NULL, value REAL NOT NULL, because TEXT NOT NULL, said_ms INTEGER NOT NULL,
  undone_ms INTEGER) STRICT;
CREATE TABLE ritual(
  month TEXT NOT NULL, timezone TEXT NOT NULL, step INTEGER NOT NULL, opened_ms INTEGER NOT NULL, done_ms INTEGER,
  finding TEXT, plan_id INTEGER, PRIMARY KEY(month, timezone)) STRICT, WITHOUT ROWID;
CREATE TABLE item_month(
  month TEXT NOT NULL, timezone TEXT NOT NULL, item TEXT NOT NULL, state TEXT NOT NULL, value REAL, target REAL,
  judged_ms INTEGER NOT NULL, PRIMARY KEY(month, timezone, item)) STRICT, WITHOUT ROWID;
CREATE TABLE repo_mark(
  roots TEXT NOT NULL, mark TEXT NOT NULL, said_ms INTEGER NOT NULL, PRIMARY KEY(roots, mark)) STRICT, WITHOUT ROWID;
CREATE TABLE nudge(
  id INTEGER PRIMARY KEY, kind TEXT NOT NULL, subject TEXT NOT NULL, session_id INTEGER, at_ms INTEGER NOT NULL,
  title TEXT NOT NULL, next TEXT NOT NULL, cost_nano INTEGER NOT NULL, tokens INTEGER NOT NULL, ended_ms INTEGER,
  UNIQUE(kind, subject)) STRICT;
CREATE TABLE artifact_use(
  key INTEGER PRIMARY KEY, session_id INTEGER NOT NULL, at_ms INTEGER NOT NULL, how TEXT NOT NULL, name TEXT NOT NULL)
  STRICT;
CREATE INDEX artifact_use_at ON artifact_use(at_ms);
CREATE INDEX nudge_at ON nudge(at_ms);
"""

_SAID_OF_5: Final = (
    "overrule", "phase_word", "phase_tag", "outcome_word", "month_close", "restatement_seen", "repo_link"
)  # fmt: skip
_SAID_OF_7: Final = ("cc_check", "cc_question", "cc_answer", "cc_card", "cc_bad")
_SAID_OF_9: Final = ("plan", "budget", "tick", "threshold", "ritual", "item_month", "repo_mark")
SAID: Final = (*_SAID_OF_5, *_SAID_OF_7, *_SAID_OF_9)
"""Tables of what only the person can say: triggers count their changes."""
_COUNT: Final = (
    "INSERT INTO fact VALUES('person_version', '1') "
    "ON CONFLICT(name) DO UPDATE SET value = CAST(CAST(value AS INTEGER) + 1 AS TEXT)"
)


def add_migrations(registry: Registry) -> None:  # noqa: C901 - a function each
    """Tell a registry every migration, oldest first. A released one is never changed, only followed."""

    @registry()
    def m001_facts_and_derived(database: Database) -> None:
        """Facts as the logs say them, and what is derived from them and git."""
        _run(database, _FACTS + _DERIVED)

    @registry()
    def m002_outcomes(database: Database) -> None:
        """What commits say of themselves, suspect lines, reviews, the person's word; histories are read anew."""
        _run(database, _OUTCOMES)

    @registry()
    def m003_word(database: Database) -> None:
        """What the person says: overruled verdicts, phases, closed months. Kept rows grew a field."""
        _run(database, _WORD)

    @registry()
    def m004_evidence(database: Database) -> None:
        """What notes, trace records and trailers say; every repository is read once more for them."""
        _run(database, _EVIDENCE)

    @registry()
    def m005_keepsake(database: Database) -> None:
        """Changes of what only the person can say are counted, so that a copy of it can be kept beside."""
        _count_changes(database, _SAID_OF_5)
        database.conn.execute(
            f"CREATE TRIGGER said_repo_update AFTER UPDATE OF phase, ship ON repo BEGIN {_COUNT}; END"
        )

    @registry()
    def m006_served(database: Database) -> None:
        """What inference servers did, joined to requests; what of a format is unknown, and since when it is mute."""
        _run(database, _SERVED)

    @registry()
    def m007_checks(database: Database) -> None:
        """Comprehension checks: what was asked, answered, remembered and marked bad; questions made ahead."""
        _run(database, _CHECKS)
        _count_changes(database, _SAID_OF_7)

    @registry()
    def m008_power(database: Database) -> None:
        """Energy of each meter, and what inference servers on this computer did with it."""
        _run(database, _POWER)

    @registry()
    def m009_coach(database: Database) -> None:
        """What a tool call did, for which every log is read once more; what the person plans and sets; live words."""
        _run(database, _COACH + READ_ANEW)
        _count_changes(database, _SAID_OF_9)

    @registry()
    def m010_truer_verdicts(database: Database) -> None:
        """Edits by other programs' tools and by diffs, loops by their answers: logs and histories are read anew."""
        _run(database, READ_ANEW + DERIVE_ANEW)

    @registry()
    def m011_sweeps(database: Database) -> None:
        """Substitutions in files that their command does not name: logs and histories are read anew."""
        _run(database, READ_ANEW + DERIVE_ANEW)

    @registry()
    def m012_programs(database: Database) -> None:
        """Lines that a program in a command replaces in a file: logs and histories are read anew."""
        _run(database, EARLIER_EDITS + READ_ANEW + DERIVE_ANEW)

    @registry()
    def m013_told_anew(database: Database) -> None:
        """Requests and edits told truer: logs and histories are read anew, and what they tell now counts."""
        _run(database, EARLIER_REQUESTS + EARLIER_EDITS + READ_ANEW + DERIVE_ANEW)

    @registry()
    def m014_scripts(database: Database) -> None:
        """Files that scripts and diffs write, tokens and edits of six assistants: logs and evidence are read anew."""
        _run(database, EARLIER_REQUESTS + EARLIER_EDITS + READ_ANEW + DERIVE_ANEW + EVIDENCE_ANEW)


def _count_changes(database: Database, tables: tuple[str, ...]) -> None:
    for table in tables:
        for kind in ("INSERT", "UPDATE", "DELETE"):
            database.conn.execute(
                f"CREATE TRIGGER said_{table}_{kind.lower()} AFTER {kind} ON {table} BEGIN {_COUNT}; END"
            )


def _run(database: Database, script: str) -> None:
    for statement in filter(str.strip, script.split(";\n")):
        database.conn.execute(statement)
