"""``tokencoach power`` from outside: without a sensor, beside a real server, with and without a watcher."""

from __future__ import annotations

import contextlib
import json
import subprocess
from datetime import UTC, datetime
from threading import Thread
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from cli.machine import Machine, requests, wait_for
from local_server.running import WATCHABLE, RunningServer, is_available, running
from tokencoach.power.account import Energy
from tokencoach.power.reading import Quality
from tokencoach.power.served import Served, ServerId, Taken
from tokencoach.power.servers.seen import ServerKind
from tokencoach.store.connect import connect_writer
from tokencoach.store.power.join import join_power
from tokencoach.store.power.writer import put_power

if TYPE_CHECKING:
    from collections.abc import Iterator


def power(machine: Machine, *options: str) -> dict[str, Any]:
    done = machine.run("power", "--json", *options)
    assert done.returncode == 0, done.stderr
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def own(said: dict[str, Any], server: RunningServer) -> dict[str, Any]:
    (found,) = [it for it in said["servers"] if it["pid"] == server.process.pid]
    return dict(found)


def test_without_a_sensor_it_says_none_and_why(machine: Machine) -> None:
    said = power(machine, "--once")
    if said["watts"] is not None:
        pytest.skip("this computer has a sensor")
    assert said["quality"] == "NONE"
    assert said["guest"] or said["refusals"] or all(it["why_not"] for it in said["meters"])
    assert said["today"] == {"energy_wh": None, "quality": "NONE", "tokens": 0, "surviving_share": None}
    assert said["cloud_today"]["energy_wh"] is None
    text = machine.run("power").stdout.decode()
    assert text.startswith("power     NONE: ")


def test_the_doctor_of_power_names_every_interface(machine: Machine) -> None:
    done = machine.run("power", "doctor", "--json")
    rows = json.loads(done.stdout)["interfaces"]
    assert done.returncode == (0 if any(row["why_not"] is None for row in rows) else 1)
    assert all(row["interface"] for row in rows)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    if not is_available():
        pytest.skip("xllamacpp, the real server, is not installed")
    with running(tmp_path_factory.mktemp("llama"), sizes=WATCHABLE) as made:
        yield made


def test_a_server_is_shown_without_a_watcher(machine: Machine, server: RunningServer) -> None:
    found = own(power(machine), server)
    assert (found["kind"], found["state"], found["model"]) == (
        "llama-server",
        "idle",
        "tiny-random-llama.gguf",
    )
    assert found["joules_per_token"] is None
    assert "tiny-random-llama.gguf" in machine.run("power").stdout.decode()


def test_beside_a_demonstration_a_real_server_is_not_shown_as_simulated(
    machine: Machine, server: RunningServer
) -> None:
    day = datetime.now(UTC).strftime("%Y-%m-%d")
    made = machine.state / "demo" / f"{day}-7"
    made.mkdir(parents=True)
    (made / "complete").write_text(str(machine.home), encoding="utf-8")
    said = power(machine, "--demo")
    assert (said["simulated"], said["quality"]) == (True, "SIMULATED")
    assert server.process.pid not in {it["pid"] for it in said["servers"]}
    assert own(power(machine), server)["model"] == "tiny-random-llama.gguf"
    assert power(machine)["simulated"] is False


def test_the_watcher_keeps_the_figures_and_stores_the_day(machine: Machine, server: RunningServer) -> None:
    watcher = subprocess.Popen(
        machine.command("watch"), env=machine.environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    try:
        file = machine.state / "power.live"
        wait_for(file.exists, timeout_s=30)
        wait_for(
            lambda: any(it["pid"] == server.process.pid for it in power(machine)["servers"]), timeout_s=30
        )
        answers: list[dict[str, Any]] = []
        thread = Thread(target=lambda: answers.append(server.complete("the token code", 900)), daemon=True)
        thread.start()
        wait_for(lambda: own(power(machine), server)["state"] == "processing", timeout_s=20)
        thread.join()
        wait_for(lambda: own(power(machine), server)["state"] == "idle", timeout_s=20)
        assert own(power(machine), server)["cpu_seconds_per_token"] > 0
    finally:
        watcher.terminate()
        _, told = watcher.communicate(timeout=20)
    assert b"Traceback" not in told
    assert not file.exists()
    today = power(machine)["today"]
    assert today["tokens"] == 900
    assert today["idle_seconds"] > 0
    rows = machine.read("SELECT model, prompt, generated, why_not, total_uj FROM served_request")
    assert [(row[0], row[2] > 0) for row in rows] == [("tiny-random-llama.gguf", True)]


def test_another_computers_logs_have_no_power(machine: Machine) -> None:
    watcher = subprocess.Popen(
        machine.command("--logs-home", str(machine.home), "watch"),
        env=machine.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(
            lambda: machine.database.exists() and bool(machine.read("SELECT 1 FROM heartbeat")), timeout_s=30
        )
        assert not (machine.state / "power.live").exists()
    finally:
        watcher.terminate()
        watcher.wait(20)


def test_energy_of_a_local_model_stands_in_the_month_of_the_session_that_asked(machine: Machine) -> None:
    machine.log(requests(3))
    assert machine.run("ingest").returncode == 0
    rows = machine.read(
        "SELECT r.at_ms, m.name FROM request r JOIN model m ON m.id = r.model_id ORDER BY r.at_ms"
    )
    server = ServerId(ServerKind.LLAMA_SERVER, 7, rows[0][0] - 60_000)
    served = [
        Served(
            server,
            0,
            task,
            model,
            at_ms - 900,
            at_ms,
            None,
            100,
            0,
            60,
            Energy(1_800_000_000, quality=Quality.SENSOR),
        )
        for task, (at_ms, model) in enumerate(rows)
    ]
    stray = msgspec.structs.replace(
        served[0], task=99, model="another-model", start_ms=served[0].start_ms + 3_600_000
    )
    with contextlib.closing(connect_writer(machine.database)) as connection:
        put_power(connection, Taken((), (*served, stray)))
        assert join_power(connection) == 3
    month = datetime.fromtimestamp(rows[0][0] / 1000, UTC).strftime("%Y-%m")
    spend = json.loads(machine.run("audit", "--month", month, "--json").stdout)["spend"]
    assert spend["energy_wh"] == pytest.approx(2.0)
    assert (spend["energy_quality"], spend["energy_shipped_share"]) == ("SENSOR", 0.0)
    (session,) = json.loads(machine.run("sessions", "--json").stdout)["sessions"]
    assert (session["energy_wh"], session["energy_quality"]) == (pytest.approx(1.5), "SENSOR")
    opened = json.loads(machine.run("sessions", "show", session["session_id"], "--json").stdout)
    assert sum(turn["energy_wh"] or 0.0 for turn in opened["turns"]) == pytest.approx(1.5)
