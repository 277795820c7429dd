"""What a migration does where a release reads more out of logs, or reads them truer: they are read once more."""

from __future__ import annotations

from typing import Final

READ_ANEW: Final = """UPDATE log_file SET offset = 0, size = -1, mtime_ns = 0, head = x'', tail = x'', state = x'';
UPDATE session_verdict SET judged_ms = 0;
DELETE FROM session_landing;
DELETE FROM audit_cache;
"""
# Below every rank, so that what is read now counts wherever a log is still there.
DERIVE_ANEW: Final = "UPDATE edit SET place = 'new', rank = -1;\nUPDATE session SET is_dirty = 1;\n"
EARLIER_EDITS: Final = "CREATE INDEX IF NOT EXISTS edit_earlier ON edit(call_key) WHERE rank = -1;\n"
EARLIER_REQUESTS: Final = """CREATE TABLE IF NOT EXISTS earlier_request(key INTEGER PRIMARY KEY) STRICT;
INSERT OR IGNORE INTO earlier_request SELECT key FROM request;
"""
EVIDENCE_ANEW: Final = """DELETE FROM attested;
DELETE FROM commit_hint;
DELETE FROM evidence_commit;
DELETE FROM checkpoint_session;
DELETE FROM evidence_problem;
DELETE FROM evidence_read;
UPDATE repo SET fingerprint = '';
"""
