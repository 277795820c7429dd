"""A stage on which an engineer's history is acted out: a home with logs, and real repositories."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeVar

from tokencoach.demo.claude import ClaudeSession
from tokencoach.demo.claude_early import EarlyClaudeSession
from tokencoach.demo.codex import CodexSession
from tokencoach.demo.codex_late import LateCodexSession
from tokencoach.demo.identifiers import Identifiers
from tokencoach.demo.repository import Repository
from tokencoach.demo.session import Session
from tokencoach.demo.timeline import Timeline
from tokencoach.demo.truth import Truth

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

ASSUMED_CODEX_MODEL = "gpt-5"
OpenedSession = TypeVar("OpenedSession", bound=Session)


class Stage:
    """Logs under ``home``, repositories under ``folder``, one clock, one seed, the truth of it all.

    Sessions draw from their own seeded streams in the order they are opened, so what is added
    later changes nothing that came before.
    """

    def __init__(self, folder: Path, start: datetime, seed: int = 7) -> None:
        self.folder = folder
        self.home = folder / "home"
        self.home.mkdir(parents=True, exist_ok=True)
        self.clock = Timeline(start)
        self.truth = Truth()
        self.seed = seed
        self.repositories: dict[str, Repository] = {}
        self._opened = 0

    def repository(self, name: str, remote: str | None = None) -> Repository:
        """Make an empty repository."""
        made = Repository.create(self.folder / "code" / name, self.clock, self.truth, remote)
        self.repositories[name] = made
        return made

    def claude(
        self,
        where: Repository | Path,
        *,
        model: str = "claude-sonnet-4-5-20250929",
        generation: Literal["2.1", "1.0"] = "2.1",
    ) -> ClaudeSession:
        """Open a Claude Code session in a repository's folder or in any folder."""
        kind = ClaudeSession if generation == "2.1" else EarlyClaudeSession
        session = self._open(kind, where, model)
        session.begin()
        return session

    def codex(
        self,
        where: Repository | Path,
        *,
        model: str = "gpt-5.1-codex",
        generation: Literal["0.34", "0.169"] = "0.169",
    ) -> CodexSession:
        """Open a Codex session; the 0.34 generation names no model, so readers take it for gpt-5."""
        if generation == "0.34":
            early = self._open(CodexSession, where, ASSUMED_CODEX_MODEL)
            early.begin()
            return early
        late = self._open(LateCodexSession, where, model)
        late.begin()
        return late

    def _open(self, kind: type[OpenedSession], where: Repository | Path, model: str) -> OpenedSession:
        repository = where if isinstance(where, Repository) else None
        folder = where.folder if isinstance(where, Repository) else where
        folder.mkdir(parents=True, exist_ok=True)
        # The number is part of the seed, so a session added later leaves the earlier ones as they were.
        self._opened += 1
        return kind(
            self.home,
            folder,
            repository,
            model=model,
            clock=self.clock,
            truth=self.truth,
            identifiers=Identifiers(f"{self.seed}/{kind.source}/{self._opened}"),
        )
