"""Writes what notes, trace records and trailers say of a repository's commits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokencoach.attribution.evidence.facts import Dialect, written
from tokencoach.store.landing_writer import path_text

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

    from tokencoach.attribution.evidence.facts import Agent, Attestation, Hint


class EvidenceWriter:
    """Writes evidence of one repository within one transaction."""

    def __init__(self, connection: sqlite3.Connection, repo_id: int) -> None:
        self._connection = connection
        self._repo_id = repo_id
        self._agents: dict[Agent, int] = {}
        self._paths: dict[bytes, int] = {}

    def commit(self, sha: str) -> int:
        """Row of a commit that something is said of, made where it is new."""
        return self._row(
            "INSERT OR IGNORE INTO evidence_commit(repo_id, sha) VALUES(?,?)",
            "SELECT id FROM evidence_commit WHERE repo_id=? AND sha=?",
            (self._repo_id, sha),
        )

    def note(self, sha: str, blob: str, attested: Iterable[Attestation]) -> None:
        """Replace what the note of a commit attests."""
        commit = self.commit(sha)
        self._connection.execute("UPDATE evidence_commit SET note=? WHERE id=?", (blob, commit))
        self._connection.execute(
            "DELETE FROM attested WHERE commit_id=? AND dialect=?", (commit, Dialect.NOTE.value)
        )
        self._attest(commit, Dialect.NOTE, attested, is_exact=True)

    def trace(self, sha: str, attested: Iterable[Attestation], *, is_exact: bool) -> None:
        """Add what trace records say of a commit's lines; not exact where the numbers may have moved."""
        self._attest(self.commit(sha), Dialect.TRACE, attested, is_exact=is_exact)

    def hints(self, sha: str, hints: Iterable[Hint], carrier: str | None) -> None:
        """What a commit says of itself, and the merge that brought it to the default branch."""
        commit = self.commit(sha)
        self._connection.executemany(
            "INSERT OR IGNORE INTO commit_hint VALUES(?,?,?,?)",
            [(commit, hint.kind.value, hint.tool, hint.name) for hint in sorted(hints)],
        )
        if carrier is not None:
            self.carried({sha: carrier})

    def carried(self, carriers: dict[str, str]) -> None:
        """Which commits of the default branch brought in commits that something is said of."""
        self._connection.executemany(
            "UPDATE evidence_commit SET carrier=? WHERE repo_id=? AND sha=?",
            [(carrier, self._repo_id, sha) for sha, carrier in carriers.items()],
        )

    def checkpoints(self, sessions: dict[str, set[str]]) -> None:
        """Replace which sessions each checkpoint holds."""
        self._connection.execute("DELETE FROM checkpoint_session WHERE repo_id=?", (self._repo_id,))
        self._connection.executemany(
            "INSERT INTO checkpoint_session VALUES(?,?,?)",
            [(self._repo_id, name, session) for name, held in sessions.items() for session in sorted(held)],
        )

    def problem(self, dialect: Dialect, name: str, error: str) -> None:
        """Note what could not be understood, by its commit or line."""
        self._connection.execute(
            "INSERT OR REPLACE INTO evidence_problem VALUES(?,?,?,?)",
            (self._repo_id, dialect.value, name, error[:300]),
        )

    def forget(self, dialect: Dialect) -> None:
        """Drop the attestations and problems of a dialect, before all of it is read again."""
        self._connection.execute(
            "DELETE FROM attested WHERE dialect=? AND commit_id IN (SELECT id FROM evidence_commit WHERE repo_id=?)",
            (dialect.value, self._repo_id),
        )
        self._connection.execute(
            "DELETE FROM evidence_problem WHERE repo_id=? AND dialect=?", (self._repo_id, dialect.value)
        )

    def gone(self, shas: Iterable[str]) -> None:
        """Drop what notes attested that are there no more."""
        for sha in shas:
            self.note(sha, "", ())
            self._connection.execute(
                "UPDATE evidence_commit SET note=NULL WHERE repo_id=? AND sha=?", (self._repo_id, sha)
            )
            self._connection.execute(
                "DELETE FROM evidence_problem WHERE repo_id=? AND dialect=? AND name=?",
                (self._repo_id, Dialect.NOTE.value, sha),
            )

    def _attest(
        self, commit: int, dialect: Dialect, attested: Iterable[Attestation], *, is_exact: bool
    ) -> None:
        self._connection.executemany(
            "INSERT OR REPLACE INTO attested VALUES(?,?,?,?,?,?)",
            [
                (
                    commit,
                    self._path(item.path),
                    dialect.value,
                    self._agent(item.agent),
                    int(is_exact),
                    written(item.ranges),
                )
                for item in attested
            ],
        )

    def _agent(self, agent: Agent) -> int:
        if agent not in self._agents:
            self._agents[agent] = self._row(
                "INSERT OR IGNORE INTO evidence_agent(tool, name) VALUES(?,?)",
                "SELECT id FROM evidence_agent WHERE tool=? AND name=?",
                tuple(agent),
            )
        return self._agents[agent]

    def _path(self, path: bytes) -> int:
        if path not in self._paths:
            self._paths[path] = self._row(
                "INSERT OR IGNORE INTO path(name) VALUES(?)",
                "SELECT id FROM path WHERE name=?",
                (path_text(path),),
            )
        return self._paths[path]

    def _row(self, insert: str, select: str, values: tuple[object, ...]) -> int:
        self._connection.execute(insert, values)
        return int(self._connection.execute(select, values).fetchone()[0])


def forget_evidence(connection: sqlite3.Connection, repo_id: int) -> None:
    """Drop all outside evidence of a repository."""
    for table in ("attested", "commit_hint"):
        connection.execute(
            f"DELETE FROM {table} WHERE commit_id IN (SELECT id FROM evidence_commit WHERE repo_id=?)",
            (repo_id,),
        )
    for table in ("evidence_commit", "checkpoint_session", "evidence_problem", "evidence_read"):
        connection.execute(f"DELETE FROM {table} WHERE repo_id=?", (repo_id,))
