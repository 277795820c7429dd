"""Outside evidence heard on landed lines: what it does to their confidence, and in which words."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from tokencoach.attribution.evidence.weigh import Matched, weigh
from tokencoach.store.commit_rows import path_names
from tokencoach.store.evidence_rows import commit_places, has_evidence, kin_of, said_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tokencoach.attribution.evidence.said import CommitSaid
    from tokencoach.attribution.evidence.weigh import Weighed
    from tokencoach.attribution.verdict import Life
    from tokencoach.store.audit_rows import SessionFacts
    from tokencoach.store.connect import Connection


class Hearing:
    """What is said of the commits in which some lines landed; nothing is read where there is no evidence."""

    def __init__(self, connection: Connection, lives: Iterable[Life], sessions: Sequence[int]) -> None:
        self._said: dict[int, CommitSaid] = {}
        self._paths: dict[int, str] = {}
        self._kin: dict[int, dict[int, str]] = {}
        if not has_evidence(connection):
            return
        known = list(lives)
        by_repo: defaultdict[int, dict[str, int]] = defaultdict(dict)
        for row, repo_id, sha in commit_places(connection, sorted({life.commit_id for life in known})):
            by_repo[repo_id][sha] = row
        for repo_id, rows in by_repo.items():
            for sha, said in said_of(connection, repo_id, rows).items():
                self._said[rows[sha]] = said
        if self._said:
            self._paths = path_names(connection, sorted({life.path_id for life in known}))
            self._kin = kin_of(connection, sessions)

    def on(self, life: Life, session: SessionFacts) -> Weighed | None:
        """The evidence on a line of a session that landed; None where there is none."""
        said = self._said.get(life.commit_id)
        if said is None:
            return None
        path = self._paths.get(life.path_id, "")
        named = frozenset({session.session_id, *self._kin.get(session.session, {}).values()})
        return weigh(Matched(named, session.source, path, life.line, life.confidence), said)
