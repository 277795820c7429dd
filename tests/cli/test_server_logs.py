"""Servers' logs from outside: named in the settings, read, told apart, and what is said of them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from cli.test_drift import items
from sources.server_logs import ANSWERED, LOAD, NAME, OLLAMA_START, VLLM_START, Work, access, rates

if TYPE_CHECKING:
    from pathlib import Path

    from cli.machine import Machine

FIRST, SECOND = Work(0, 300, 0, 20), Work(21, 40, 320, 9)


def put(machine: Machine, name: str, content: str) -> Path:
    """A log in the home folder, written to in June."""
    path = machine.home / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    os.utime(path, (1_781_690_400, 1_781_690_400))
    return path


def test_a_log_that_the_settings_name_is_read_wherever_it_lies(machine: Machine) -> None:
    put(machine, "deep/er/any.name", LOAD + FIRST.plain())
    put(machine, "deep/two/b.log", LOAD + SECOND.plain())
    machine.set('[logs]\nllama-server = ["~/deep/er/any.name", "deep/two"]\n')
    (row,) = machine.json("ingest")["sources"]
    assert (row["source"], row["files"], row["requests"], row["sessions"]) == ("llama-server", 2, 2, 2)


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ('[logs]\nllama-server = "x.log"\n', "must be a list of paths"),
        ("[logs]\nllama-server = [7]\n", "must be a list of paths"),
        ('[logs]\nclaude-code = ["x"]\n', "have their own place"),
        ("logs = 7\n", "must be a dict"),
    ],
)
def test_logs_that_are_named_wrongly_are_an_error(machine: Machine, told: str, said: str) -> None:
    machine.set(told)
    done = machine.run("ingest")
    assert done.returncode == 4
    assert said in done.stderr.decode()


def test_a_servers_own_use_is_unknown_and_costs_nothing(machine: Machine) -> None:
    put(machine, "llama-server.log", LOAD + FIRST.plain() + SECOND.plain())
    (row,) = machine.json("usage", "--by", "source", "--by", "model")["rows"]
    assert (row["source"], row["model"], row["requests"]) == ("llama-server", NAME, 2)
    assert (row["input_tokens"], row["cache_read_tokens"], row["output_tokens"]) == (340, 320, 29)
    assert (row["cost_usd"], row["unpriced_requests"]) == (0.0, 0)
    audit = machine.json("audit", "--month", "2026-06")
    shares = {bucket["bucket"]: bucket["share"] for bucket in audit["buckets"]}
    assert (shares["unknown"], audit["known_share"], audit["share_of"]) == (1.0, 0.0, "weighted_tokens")


def test_the_doctor_says_what_servers_logs_do_not_tell(machine: Machine) -> None:
    put(machine, "llama-server.log", LOAD + FIRST.plain())
    put(machine, ".ollama/logs/server.log", OLLAMA_START + access("10:00:05", "1.2s"))
    put(machine, "vllm.log", VLLM_START + ANSWERED + rates("09:50:11", 30.0, 4.5))
    machine.json("ingest")
    told = items(machine)
    assert "1 without a clock" in told["llama-server requests"]["value"]
    assert "1 without any count of tokens" in told["ollama requests"]["value"]
    assert "tokens of 1 estimated" in told["vllm requests"]["value"]
