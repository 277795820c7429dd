"""Keeps an eye on the inference servers of this computer: found every few seconds, asked when due."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from tokencoach.power.servers import counters, listing, llama, lm_studio, ollama
from tokencoach.power.servers.asking import Ask, asker
from tokencoach.power.servers.processes import Candidate, Processes
from tokencoach.power.servers.seen import Look, ServerKind, ServerSeen, State, Unanswered
from tokencoach.power.servers.use import Families, cpu_seconds_of
from tokencoach.power.servers.working import judged

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tokencoach.power.servers.use import Use

_READERS: Final[dict[ServerKind, tuple[Callable[[Ask], Look | None], ...]]] = {
    ServerKind.LLAMA_SERVER: (llama.look,),
    ServerKind.LLAMAFILE: (llama.look,),
    ServerKind.OLLAMA: (ollama.look,),
    ServerKind.LM_STUDIO: (lm_studio.look,),
    ServerKind.VLLM: (counters.vllm,),
    ServerKind.SGLANG: (counters.sglang, listing.look),
    ServerKind.MLX_LM: (listing.look,),
    ServerKind.KOBOLDCPP: (listing.koboldcpp,),
    ServerKind.TEXT_GENERATION_WEBUI: (listing.look,),
    ServerKind.LOCALAI: (listing.look,),
    ServerKind.JAN: (llama.look, listing.look),
    ServerKind.LOLLMS: (listing.look,),
}
_SCAN_S: Final = 5.0
_PROCESSING_S: Final = 1.0
_IDLE_S: Final = 5.0
_STIRRING: Final = 0.05
_PATIENCE_S: Final = 10.0
_NO_PORT: Final = "runs, but serves on no port of this computer; its server may be switched off"
_NO_ANSWER: Final = "does not answer as one"
_HANGS: Final = "has stopped answering"


class Found(msgspec.Struct):
    """A confirmed server and when it is asked again; ``answered`` is when it last did."""

    candidate: Candidate
    port: int
    due: float = 0.0
    seen: ServerSeen | None = None
    cpu: tuple[float, float] | None = None
    answered: float = float("-inf")
    used: tuple[float, float] | None = None


class Observer:
    """Knows the servers that run; ``look`` asks those that are due and returns all of them.

    A server is asked once a second while it works and every five seconds while it does not, so that
    watching costs it nothing that could be felt; one that begins to use the processor is asked at once.
    One that misses an answer keeps its last one for ten seconds: a loaded server may be slow.
    """

    def __init__(
        self,
        search: Callable[[], list[Candidate]] | None = None,
        connect: Callable[[int], Ask] = asker,
        use: Callable[[int], Use | None] | None = None,
        cpu_seconds: Callable[[int], float | None] = cpu_seconds_of,
    ) -> None:
        self._search = search or Processes()
        self._connect = connect
        self._use = use or Families().use
        self._cpu_seconds = cpu_seconds
        self._found: dict[tuple[int, float], Found] = {}
        self._refused: dict[tuple[int, float], Candidate] = {}
        self._hung: set[tuple[int, float]] = set()
        self._next_scan = float("-inf")

    def look(self, now: float) -> list[ServerSeen]:
        """The servers at a moment (monotonic seconds)."""
        if now >= self._next_scan:
            self._next_scan = now + _SCAN_S
            self._scan(self._search())
        for key, found in list(self._found.items()):
            if self._stirs(found, now) or now >= found.due:
                self._ask(key, found, now)
        return [found.seen for found in self._found.values() if found.seen is not None]

    def _stirs(self, found: Found, now: float) -> bool:
        """Whether a quiet server has used the processor since the last look."""
        if found.seen is None or found.seen.look.state is State.PROCESSING:
            return False
        before, spent = found.cpu, self._cpu_seconds(found.candidate.pid)
        found.cpu = None if spent is None else (now, spent)
        if before is None or spent is None:
            return False
        return spent - before[1] > _STIRRING * (now - before[0])

    @property
    def unanswered(self) -> list[Unanswered]:
        """Processes that look like a server and are none, with the reason; one for a family of them."""
        told: list[Unanswered] = []
        kinds = {found.candidate.kind for found in self._found.values()}
        pids = {(one.kind, one.pid) for one in self._refused.values()}
        pids |= {(found.candidate.kind, found.candidate.pid) for found in self._found.values()}
        for key, one in self._refused.items():
            if (one.kind, one.parent_pid) in pids or (not one.ports and one.kind in kinds):
                continue
            if not one.ports:
                kinds.add(one.kind)
            why = _HANGS if key in self._hung else _NO_ANSWER if one.ports else _NO_PORT
            told.append(Unanswered(one.kind, one.pid, why))
        return told

    def _scan(self, candidates: Iterable[Candidate]) -> None:
        there = {(candidate.pid, candidate.started): candidate for candidate in candidates}
        for gone in self._found.keys() - there.keys():
            del self._found[gone]
        self._hung &= there.keys()
        self._refused = {}
        for key, candidate in there.items():
            if key in self._found:
                continue
            port = next((port for port in candidate.ports if self._answer(candidate, port)), None)
            if port is None:
                self._refused[key] = candidate
            else:
                self._hung.discard(key)
                self._found[key] = Found(candidate, port)

    def _answer(self, candidate: Candidate, port: int, before: Look | None = None) -> Look | None:
        ask = self._connect(port)
        if before is not None and llama.look in _READERS[candidate.kind]:
            glanced = llama.glance(ask, before)
            if glanced is not None:
                return glanced
        return next((look for reader in _READERS[candidate.kind] if (look := reader(ask))), None)

    def _ask(self, key: tuple[int, float], found: Found, now: float) -> None:
        candidate = found.candidate
        look = self._answer(candidate, found.port, found.seen.look if found.seen else None)
        if look is None:
            self._missed(key, found, now)
            return
        use = self._use(candidate.pid)
        before, found.used = found.used, None if use is None else (now, use.cpu_seconds)
        look = judged(candidate.kind, look, before, found.used)
        found.answered = now
        found.due = now + (_PROCESSING_S if look.state is State.PROCESSING else _IDLE_S)
        found.seen = ServerSeen(
            kind=candidate.kind,
            pid=candidate.pid,
            started=candidate.started,
            port=found.port,
            look=look,
            cpu_seconds=use.cpu_seconds if use else None,
            resident_bytes=use.resident_bytes if use else None,
            parent_pid=candidate.parent_pid,
        )

    def _missed(self, key: tuple[int, float], found: Found, now: float) -> None:
        """A server gave no answer: one that lives is given some time."""
        lives = self._cpu_seconds(found.candidate.pid) is not None
        if lives and now - found.answered < _PATIENCE_S:
            found.due = now + _PROCESSING_S
            return
        del self._found[key]
        if lives:
            self._hung.add(key)
            self._refused[key] = found.candidate
