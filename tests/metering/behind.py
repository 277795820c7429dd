"""A server of the tests' own that says what it is told to, and the meter before it as a process."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCE_ROOT = Path(__file__).resolve().parents[2] / "src"
_PATIENCE_S = 20.0
_READY = re.compile(rb"metering \S+ at http://127\.0\.0\.1:(\d+)")


class Scripted(ThreadingHTTPServer):
    """Answers every request with the pieces it was given, in chunks where there are several."""

    daemon_threads = True

    def __init__(self, *pieces: bytes, kind: str = "application/json", status: int = 200) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.pieces = pieces
        self.kind = kind
        self.status = status
        self.bodies: list[bytes] = []


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Scripted

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        self.server.bodies.append(self.rfile.read(length))
        self._say()

    def do_GET(self) -> None:
        self._say()

    def _say(self) -> None:
        pieces = self.server.pieces
        self.send_response(self.server.status)
        self.send_header("Content-Type", self.server.kind)
        if len(pieces) == 1:
            self.send_header("Content-Length", str(len(pieces[0])))
            self.end_headers()
            self.wfile.write(pieces[0])
            return
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for piece in (*pieces, b""):
            self.wfile.write(b"%x\r\n%b\r\n" % (len(piece), piece))

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name in the base class
        pass


@contextlib.contextmanager
def scripted(*pieces: bytes, kind: str = "application/json", status: int = 200) -> Iterator[Scripted]:
    """A running server."""
    server = Scripted(*pieces, kind=kind, status=status)
    thread = Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Metering:
    """A running ``tokencoach meter``: where it listens and where its lines lie."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, folder: Path) -> None:
        self.process = process
        self.port = port
        self.folder = folder

    def lines(self, count: int) -> list[dict[str, Any]]:
        """What it kept, once so many lines are there: it notes a request after the answer has gone."""
        until = time.monotonic() + _PATIENCE_S
        while True:
            found = [json.loads(line) for path in self._files() for line in path.read_text().splitlines()]
            if len(found) >= count or time.monotonic() > until:
                return found
            time.sleep(0.02)

    def kept_text(self) -> str:
        """Every byte that it kept."""
        return "".join(path.read_text() for path in self._files())

    def _files(self) -> list[Path]:
        return sorted((self.folder / "meter").glob("*.jsonl"))


def environment(folder: Path) -> dict[str, str]:
    """What a process of the program inherits: its state in the folder, and no logs in its home."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(folder),
        "LC_ALL": "C.UTF-8",
        "PYTHONPATH": str(SOURCE_ROOT),
        "TOKENCOACH_HOME": str(folder),
    }


@contextlib.contextmanager
def metering(folder: Path, upstream: int) -> Iterator[Metering]:
    """The meter before a port, ended by Ctrl-C."""
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "tokencoach",
            "meter",
            "--listen",
            "127.0.0.1:0",
            "--upstream",
            f"127.0.0.1:{upstream}",
        ],
        env=environment(folder),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    assert process.stderr is not None
    try:
        told = process.stderr.readline()
        found = _READY.search(told)
        assert found is not None, told
        yield Metering(process, int(found[1]), folder)
    finally:
        process.send_signal(signal.SIGINT)
        process.stderr.read()
        process.stderr.close()
        assert process.wait(20) == 130


def raw(port: int, request: bytes) -> bytes:
    """Everything that comes back for some bytes."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as client:
        client.sendall(request)
        answer = b""
        while piece := client.recv(65_536):
            answer += piece
    return answer


def asked(path: str, body: bytes = b'{"secret": "what is typed"}') -> bytes:
    """A request after which the connection is closed."""
    return (
        f"POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        + body
    )
