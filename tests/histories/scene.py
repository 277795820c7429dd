"""Histories on a stage: each plays in a repository of its own; one audit judges them all."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from histories.program import Json, Program, tokens_by_bucket, waste_by_kind
from tokencoach.demo.stage import Stage

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tokencoach.demo.claude import ClaudeSession
    from tokencoach.demo.repository import Repository
    from tokencoach.demo.session import Session

BEGIN = datetime(2026, 2, 2, 10, tzinfo=UTC)
AS_OF = "2026-04-20"
Generation = Literal["2.1", "1.0", "0.34", "0.169"]
GENERATIONS: tuple[Generation, ...] = ("2.1", "1.0", "0.34", "0.169")


class Scene:
    """One history: its repository with a first human commit, and the sessions opened in it."""

    def __init__(self, stage: Stage, name: str) -> None:
        self.stage = stage
        self.clock = stage.clock
        self.clock.go_to(BEGIN)
        self.repo: Repository = stage.repository(name)
        self.sessions: list[Session] = []
        self.marks: dict[str, int] = {}
        self.commits: list[str] = []
        self.repo.human_write("README.md", f"# {name}\n\nA service that people rely on.\n")
        self.repo.human_write("app.py", human_code(8))
        self.repo.commit("Start the service", at_ms=self.clock.now_ms - 10 * 86_400_000)

    def session(self, generation: Generation = "2.1", where: Repository | Path | None = None) -> Session:
        """Open a session of a log generation; by default in the repository."""
        place = where if where is not None else self.repo
        if generation in {"2.1", "1.0"}:
            return self.claude("2.1" if generation == "2.1" else "1.0", place)
        codex = self.stage.codex(place, generation="0.34" if generation == "0.34" else "0.169")
        self.sessions.append(codex)
        return codex

    def claude(
        self, generation: Literal["2.1", "1.0"] = "2.1", where: Repository | Path | None = None
    ) -> ClaudeSession:
        """Open a Claude Code session, which can start sub-agents and meet API errors."""
        opened = self.stage.claude(where if where is not None else self.repo, generation=generation)
        self.sessions.append(opened)
        return opened

    def asked(self, generation: Generation = "2.1") -> Session:
        """A session in which the person has said something, so that what follows belongs to a turn."""
        session = self.session(generation)
        session.prompt("Go on")
        return session

    def committed(self, words: str = "More") -> str:
        """Commit all there is, twenty minutes later; the commit's name."""
        self.clock.advance(minutes=20)
        return self.repo.commit(words)

    @property
    def tokens(self) -> int:
        """All tokens that this history's sessions were billed."""
        ids = {session.session_id for session in self.sessions}
        return sum(request.tokens for request in self.stage.truth.requests if request.session_id in ids)

    def turn_tokens(self, session: Session, turn: int) -> int:
        """Tokens of one turn of a session."""
        mine = session.session_id
        requests = self.stage.truth.requests
        return sum(one.tokens for one in requests if one.session_id == mine and one.turn == turn)


class Performance:
    """Plays acted in one home, each judged by an audit of its own repository."""

    def __init__(self, folder: Path, *plays: Callable[[Scene], None], now: str | None = None) -> None:
        self.stage = Stage(folder, BEGIN)
        self.scenes: dict[Callable[[Scene], None], Scene] = {}
        for play in plays:
            scene = Scene(self.stage, play.__name__.replace("_", "-"))
            play(scene)
            self.scenes[play] = scene
        self.program = Program(self.stage.home, folder / "state", now=now)
        self.program.ingest()

    def verdict(self, play: Callable[[Scene], None], as_of: str = AS_OF) -> Verdict:
        """How a play ended, judged at the end of a day."""
        scene = self.scenes[play]
        return Verdict(scene, self.program.audit("--repo", str(scene.repo.folder), as_of=as_of))

    def session(self, session: Session, as_of: str = AS_OF) -> Json:
        """A session's row."""
        return self.program.sessions(as_of=as_of)[session.session_id]

    def shares(self, play: Callable[[Scene], None]) -> list[dict[str, float]]:
        """Of each session of a history, the share of its tokens by bucket."""
        rows = map(self.session, self.scenes[play].sessions)
        return [
            {bucket: tokens / row["tokens"] for bucket, tokens in tokens_by_bucket(row).items()}
            for row in rows
        ]


class Verdict:
    """The audit of one history's repository."""

    def __init__(self, scene: Scene, audit: Json) -> None:
        self.scene = scene
        self.audit = audit
        self.buckets = tokens_by_bucket(audit)
        self.waste = waste_by_kind(audit)
        self.lines: dict[str, int] = audit["lines"]

    def bucket(self, name: str) -> int:
        """Tokens of a bucket, 0 where it is empty."""
        return self.buckets.get(name, 0)


def code(topic: str, count: int) -> str:
    """Lines of code that occur nowhere else, each of them significant."""
    return "".join(f"{topic}_total_{index} = measure_{topic}(sample={index})\n" for index in range(count))


def human_code(count: int) -> str:
    """Lines that a person wrote."""
    return "".join(f"SETTING_{index} = read_setting('name_{index}')\n" for index in range(count))
