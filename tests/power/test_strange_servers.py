"""Processes under a server's name that answer nonsense, hardly at all, or elsewhere than on this computer."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import time
from threading import Thread
from typing import TYPE_CHECKING

import psutil
import pytest

from tokencoach.power.servers import processes
from tokencoach.power.servers.asking import asker
from tokencoach.power.servers.observer import Observer
from tokencoach.power.servers.processes import Processes, kind_of
from tokencoach.power.servers.seen import ServerKind, Unanswered
from tokencoach.power.servers.use import Families

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LISTEN = """
import socket, sys, threading, time
listening = socket.create_server((sys.argv[1], 0))
print(listening.getsockname()[1], flush=True)
def answer(to):
    to.recv(4096)
    if sys.argv[2] == "drip":
        while True:
            to.sendall(b"H")
            time.sleep(0.05)
    to.sendall(bytes.fromhex(sys.argv[2]))
    to.close()
while True:
    to, _ = listening.accept()
    print("asked", flush=True)
    threading.Thread(target=answer, args=(to,), daemon=True).start()
"""


@contextlib.contextmanager
def pretending(room: Path, host: str, what: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A process called llama-server that listens on an address; its port."""
    program = room / "llama-server"
    program.symlink_to(sys.executable)
    script = room / "listen.py"
    script.write_text(LISTEN, encoding="utf-8")
    process = subprocess.Popen([program, script, host, what], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield process, int(process.stdout.readline())
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def watching(process: subprocess.Popen[str]) -> Observer:
    return Observer(lambda: [it for it in Processes()() if it.pid == process.pid])


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\x00\xff\xfe nothing like HTTP",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n{",
        b'HTTP/1.1 200 OK\r\n\r\n{"total_slots": [[[[',
        b'HTTP/1.1 302 Found\r\nLocation: http://192.0.2.7/\r\n\r\n{"total_slots":1,"build_info":"x"}',
    ],
    ids=["nothing", "bytes", "length", "json", "redirect"],
)
def test_a_server_that_answers_nonsense_is_named_and_no_error(tmp_path: Path, answer: bytes) -> None:
    with pretending(tmp_path, "127.0.0.1", answer.hex()) as (process, _):
        watch = watching(process)
        assert watch.look(0.0) == []
        assert watch.unanswered == [
            Unanswered(ServerKind.LLAMA_SERVER, process.pid, "does not answer as one")
        ]


def test_a_server_that_sends_a_byte_now_and_then_holds_nobody_up(tmp_path: Path) -> None:
    with pretending(tmp_path, "127.0.0.1", "drip") as (_, port):
        began = time.monotonic()
        assert asker(port, timeout=0.2)("/props") is None
        assert time.monotonic() - began < 1.0


def own_address() -> str | None:
    """An address of this computer that is no loopback one."""
    for addresses in psutil.net_if_addrs().values():
        for one in addresses:
            if one.family is socket.AF_INET and not one.address.startswith("127."):
                return str(one.address)
    return None


def test_a_server_on_an_address_of_the_network_is_not_asked(tmp_path: Path) -> None:
    host = own_address()
    if host is None:
        pytest.skip("this computer has no address but the loopback ones")
    with pretending(tmp_path, host, b"HTTP/1.1 200 OK\r\n\r\n{}".hex()) as (process, _):
        watch = watching(process)
        assert watch.look(0.0) == []
        (told,) = watch.unanswered
        assert "no port of this computer" in told.why
        process.kill()
        process.wait()
        assert process.stdout is not None
        assert process.stdout.read() == ""


def denied(*_: object) -> list[object]:
    raise psutil.AccessDenied


def test_another_users_server_is_asked_on_the_port_it_was_told_and_not_where_its_host_is_elsewhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(psutil.Process, "net_connections", denied)
    me = psutil.Process()

    def ports(*arguments: str) -> tuple[int, ...]:
        return processes._ports(me, ["ollama", "serve", *arguments], ServerKind.OLLAMA)

    assert ports("--port", "9001") == (9001,)
    assert ports("--host=127.0.0.1", "--port=9001") == (9001,)
    assert ports() == (11434,)
    assert ports("--host", "192.0.2.7", "--port", "9001") == ()
    assert ports("--host=example.org") == ()


def test_a_server_on_the_other_loopback_address_is_asked_there() -> None:
    try:
        listening = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError:
        pytest.skip("this computer has no IPv6")
    with listening:
        answering = Thread(target=answer_once, args=(listening,), daemon=True)
        answering.start()
        answer = asker(listening.getsockname()[1])("/v1/models")
        answering.join()
    assert answer is not None
    assert answer.json == [1]


def answer_once(listening: socket.socket) -> None:
    to, _ = listening.accept()
    with to:
        to.recv(4096)
        to.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n[1]then it stays open")


def test_a_process_that_becomes_a_server_under_its_own_id_is_found(tmp_path: Path) -> None:
    program = tmp_path / "llama-server"
    program.symlink_to("/bin/sleep")
    process = subprocess.Popen(["/bin/sh", "-c", f"read go; exec '{program}' 30"], stdin=subprocess.PIPE)
    try:
        search = Processes()
        assert process.pid not in {it.pid for it in search()}
        assert process.stdin is not None
        process.stdin.write(b"go\n")
        process.stdin.flush()
        for _ in range(100):
            if process.pid in {it.pid for it in search()}:
                break
            time.sleep(0.02)
        assert process.pid in {it.pid for it in search()}
    finally:
        process.kill()
        process.communicate()


def test_the_use_of_a_family_counts_its_children_and_ends_with_its_head() -> None:
    head = subprocess.Popen(
        [sys.executable, "-c", "import subprocess; subprocess.run(['sleep', '30'])"],
    )
    families = Families(lambda: 0.0)
    try:
        for _ in range(200):
            if len(Families().pids(head.pid)) == 2:
                break
            time.sleep(0.02)
        assert len(families.pids(head.pid)) == 2
        use = families.use(head.pid)
        assert use is not None
        assert use.resident_bytes > 1 << 20
    finally:
        for child in psutil.Process(head.pid).children(recursive=True):
            child.kill()
        head.kill()
        head.wait()
    assert families.use(head.pid) is None
    assert families.pids(head.pid) == {head.pid}


@pytest.mark.parametrize("name", ["LM Studio Helper", "ollama_llama_runner", "VLLM::EngineCore"])
def test_helpers_of_a_server_are_none_themselves(name: str) -> None:
    assert kind_of(name, []) is None
