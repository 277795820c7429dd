"""A real llama.cpp server, watched while it answers: its name, its rate, its totals, its idle time."""

from __future__ import annotations

import os
import signal
import time
from statistics import mean
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest

from local_server.running import WATCHABLE, RunningServer, is_available, running, start
from local_server.tiny_model import Sizes, write_model
from tokencoach.power.sampler import Sampler
from tokencoach.power.servers.observer import Observer
from tokencoach.power.servers.processes import Processes
from tokencoach.power.servers.seen import ServerKind, State, Unanswered

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tokencoach.power.live import Live, ServerLive
    from tokencoach.power.served import Taken

pytestmark = pytest.mark.skipif(not is_available(), reason="xllamacpp, the real server, is not installed")
RATE_S = 3.0
WATCHED_S = 7.0


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("llama")


@pytest.fixture(scope="module")
def server(room: Path) -> Iterator[RunningServer]:
    with running(room, sizes=WATCHABLE) as made:
        yield made


@pytest.fixture(scope="module")
def other(room: Path) -> Iterator[RunningServer]:
    """A second server with another model."""
    model = room / "another.gguf"
    write_model(model, Sizes())
    made = start(room, model)
    yield made
    made.stop()


def only(*servers: RunningServer) -> Observer:
    """An observer of these servers' processes alone: other tests may run some at the same time."""
    pids = {server.process.pid for server in servers}
    return Observer(lambda: [it for it in Processes()() if it.pid in pids])


def answering(server: RunningServer, prompt: str, tokens: int, into: list[dict[str, Any]]) -> Thread:
    thread = Thread(target=lambda: into.append(server.complete(prompt, tokens)), daemon=True)
    thread.start()
    return thread


def live_of(live: Live) -> ServerLive:
    (found,) = live.servers
    return found


def test_it_is_found_by_its_name_and_confirmed_on_its_own_port(server: RunningServer) -> None:
    (candidate,) = [it for it in Processes()() if it.pid == server.process.pid]
    assert (candidate.kind, candidate.ports) == (ServerKind.LLAMA_SERVER, (server.port,))
    (seen,) = only(server).look(time.monotonic())
    assert (seen.look.state, seen.look.models[0].name) == (State.IDLE, "tiny-random-llama.gguf")
    assert seen.resident_bytes is not None
    assert seen.resident_bytes > 50 << 20


def test_rate_totals_and_idle_time_are_the_servers_own(server: RunningServer) -> None:
    speed = server.complete("the token", 60)["timings"]["predicted_per_second"]
    tokens = min(max(int(WATCHED_S * speed), 200), 1800)
    sampler = Sampler(observer=only(server))
    sampler.step()
    before = live_of(sampler.live())
    assert (before.generated_tokens or 0) >= 60
    answers: list[dict[str, Any]] = []
    thread = answering(server, "the token code " * 4, tokens, answers)
    rates: list[float] = []
    taken_at = time.monotonic()
    while thread.is_alive():
        sampler.step()
        now = live_of(sampler.live())
        # The rate is that of three seconds: taken every three, each token counts once.
        if now.state is State.PROCESSING and time.monotonic() - taken_at >= RATE_S:
            taken_at = time.monotonic()
            rates.append(now.tokens_per_second or 0.0)
        time.sleep(0.5)
    thread.join()
    for _ in range(3):
        time.sleep(1.1)
        sampler.step()
        last = live_of(sampler.live())
        if last.idle_seconds >= 1.0:
            break
    timings = answers[0]["timings"]
    assert last.state is State.IDLE
    assert (last.generated_tokens or 0) - (before.generated_tokens or 0) == timings["predicted_n"]
    assert (last.prompt_tokens or 0) - (before.prompt_tokens or 0) == timings["prompt_n"]
    assert mean(rates) == pytest.approx(timings["predicted_per_second"], rel=0.10)
    assert last.idle_seconds >= 1.0
    assert last.cpu_seconds_per_token is not None
    whole_s = (timings["predicted_ms"] + timings["prompt_ms"]) / 1000
    assert 0 < last.cpu_seconds_per_token < 1.2 * whole_s / tokens
    check_stored(sampler.take(), timings)


def check_stored(taken: Taken, timings: dict[str, Any]) -> None:
    (served,) = taken.served
    assert served.prompt == timings["prompt_n"]
    assert timings["predicted_n"] * 0.8 <= served.generated <= timings["predicted_n"]
    assert abs((served.end_ms - served.start_ms) - timings["predicted_ms"]) < 3000
    assert served.energy.total_uj is None or served.energy.total_uj > 0
    assert sum(hour.generated for hour in taken.hours) == timings["predicted_n"]
    assert sum(hour.idle_ms for hour in taken.hours) > 0


def test_two_servers_at_once_are_told_apart(server: RunningServer, other: RunningServer) -> None:
    sampler = Sampler(observer=only(server, other))
    sampler.step()
    answers: list[dict[str, Any]] = []
    threads = [answering(one, "the token", 90, answers) for one in (server, other)]
    for thread in threads:
        thread.join()
    found: dict[int, ServerLive] = {}
    for _ in range(8):
        # What waits is asked every five seconds only.
        sampler.step()
        found = {it.pid: it for it in sampler.live().servers}
        if all(it.state is State.IDLE and it.generated_tokens for it in found.values()):
            break
        time.sleep(0.9)
    assert found[server.process.pid].model == "tiny-random-llama.gguf"
    assert found[other.process.pid].model == "another.gguf"
    assert found[other.process.pid].generated_tokens == 90
    hours = sampler.take().hours
    assert {hour.model: hour.generated for hour in hours if hour.generated} == {
        "tiny-random-llama.gguf": 90,
        "another.gguf": 90,
    }


def test_a_server_that_hangs_keeps_its_last_answer_for_a_while_and_is_named_then(
    other: RunningServer,
) -> None:
    watch = only(other)
    (before,) = watch.look(0.0)
    os.kill(other.process.pid, signal.SIGSTOP)
    try:
        began = time.monotonic()
        assert watch.look(5.0) == [before]
        assert watch.look(11.0) == []
        assert time.monotonic() - began < 4.0
        assert watch.unanswered == [
            Unanswered(ServerKind.LLAMA_SERVER, other.process.pid, "has stopped answering")
        ]
    finally:
        os.kill(other.process.pid, signal.SIGCONT)
    (after,) = watch.look(17.0)
    assert (after.pid, watch.unanswered) == (before.pid, [])


def test_a_stop_a_restart_and_another_model_are_seen(room: Path, other: RunningServer) -> None:
    again = [other]
    watch = Observer(lambda: [it for it in Processes()() if it.pid in {one.process.pid for one in again}])
    (before,) = watch.look(0.0)
    other.stop()
    assert watch.look(1.0) == [before]
    assert watch.look(5.0) == []
    again.append(start(room, room / "tiny-random-llama.gguf"))
    try:
        (after,) = watch.look(12.0)
        assert after.pid != before.pid
        assert after.look.generated_total == 0
        assert [model.name for model in (*before.look.models, *after.look.models)] == [
            "another.gguf",
            "tiny-random-llama.gguf",
        ]
    finally:
        again[1].stop()
