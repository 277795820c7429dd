"""A real llama.cpp server, watched while it answers: its name, its rate, its totals, its idle time."""

from __future__ import annotations

import time
from statistics import mean
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest

from local_server.running import WATCHABLE, RunningServer, is_available, running, start
from tokencoach.power.sampler import Sampler
from tokencoach.power.servers.observer import Observer
from tokencoach.power.servers.processes import candidates
from tokencoach.power.servers.seen import ServerKind, State

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tokencoach.power.live import Live, ServerLive
    from tokencoach.power.served import Taken

pytestmark = pytest.mark.skipif(not is_available(), reason="xllamacpp, the real server, is not installed")
TOKENS = 250


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("llama")


@pytest.fixture
def server(room: Path) -> Iterator[RunningServer]:
    with running(room, sizes=WATCHABLE) as made:
        yield made


def only(server: RunningServer) -> Observer:
    """An observer of this server's process alone: other tests may run one at the same time."""
    return Observer(lambda: [it for it in candidates() if it.pid == server.process.pid])


def answering(server: RunningServer, prompt: str, tokens: int, into: list[dict[str, Any]]) -> Thread:
    thread = Thread(target=lambda: into.append(server.complete(prompt, tokens)), daemon=True)
    thread.start()
    return thread


def live_of(live: Live) -> ServerLive:
    (found,) = live.servers
    return found


def test_it_is_found_by_its_name_and_confirmed_on_its_own_port(server: RunningServer) -> None:
    (candidate,) = [it for it in candidates() if it.pid == server.process.pid]
    assert (candidate.kind, candidate.ports) == (ServerKind.LLAMA_SERVER, (server.port,))
    (seen,) = only(server).look(time.monotonic())
    assert (seen.look.state, seen.look.models[0].name) == (State.IDLE, "tiny-random-llama.gguf")
    assert seen.resident_bytes is not None
    assert seen.resident_bytes > 50 << 20


def test_rate_totals_and_idle_time_are_the_servers_own(server: RunningServer) -> None:
    sampler = Sampler(observer=only(server))
    sampler.step()
    answers: list[dict[str, Any]] = []
    thread = answering(server, "the token code " * 4, TOKENS, answers)
    rates: list[float] = []
    while thread.is_alive():
        sampler.step()
        now = live_of(sampler.live())
        if now.state is State.PROCESSING and now.tokens_per_second:
            rates.append(now.tokens_per_second)
        time.sleep(0.5)
    thread.join()
    for _ in range(4):
        time.sleep(1.6)
        sampler.step()
        last = live_of(sampler.live())
        if last.idle_seconds >= 1.0:
            break
    timings = answers[0]["timings"]
    assert last.state is State.IDLE
    assert (last.generated_tokens, last.prompt_tokens) == (timings["predicted_n"], timings["prompt_n"])
    assert mean(rates) == pytest.approx(timings["predicted_per_second"], rel=0.10)
    assert last.idle_seconds >= 1.0
    assert last.cpu_seconds_per_token is not None
    assert (
        0
        < last.cpu_seconds_per_token
        < 1.2 * (timings["predicted_ms"] + timings["prompt_ms"]) / 1000 / TOKENS
    )
    check_stored(sampler.take(), timings)


def check_stored(taken: Taken, timings: dict[str, Any]) -> None:
    (served,) = taken.served
    assert served.prompt == timings["prompt_n"]
    assert timings["predicted_n"] * 0.8 <= served.generated <= timings["predicted_n"]
    assert abs((served.end_ms - served.start_ms) - timings["predicted_ms"]) < 3000
    assert served.energy.total_uj is None or served.energy.total_uj > 0
    assert sum(hour.generated for hour in taken.hours) == timings["predicted_n"]
    assert sum(hour.idle_ms for hour in taken.hours) > 0


def test_a_stop_and_a_restart_are_seen(room: Path) -> None:
    with running(room, sizes=WATCHABLE) as server:
        again: list[RunningServer] = [server]
        watch = Observer(lambda: [it for it in candidates() if it.pid in {one.process.pid for one in again}])
        (before,) = watch.look(0.0)
        server.stop()
        assert watch.look(6.0) == []
        again.append(start(room, room / "tiny-random-llama.gguf"))
        try:
            (after,) = watch.look(12.0)
            assert after.pid != before.pid
            assert after.look.generated_total == 0
        finally:
            again[1].stop()
