"""A real llama.cpp server of the tests' own, under the name that processes of it have."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from local_server.tiny_model import Sizes, write_model

if TYPE_CHECKING:
    from collections.abc import Iterator

SERVE = Path(__file__).with_name("serve.py")
WATCHABLE = Sizes(hidden=512, layers=8, feed_forward=1408)
"""A model that writes some hundred tokens a second on one core: slow enough to be watched."""
_START_S = 60.0


class RunningServer:
    """A server process, its port, and the file that its log goes to."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, log: Path) -> None:
        self.process = process
        self.port = port
        self.log = log

    def complete(self, prompt: str, tokens: int) -> dict[str, Any]:
        """Have it answer with exactly so many tokens; the answer as JSON."""
        body = {"prompt": prompt, "n_predict": tokens, "ignore_eos": True, "cache_prompt": False}
        return self._asked("/completion", body)

    def chat(self, words: str, tokens: int) -> dict[str, Any]:
        """Have it answer in a chat, as assistants ask it, its cache in use; the answer as JSON."""
        told = {"messages": [{"role": "user", "content": words}], "max_tokens": tokens, "ignore_eos": True}
        return self._asked("/v1/chat/completions", told)

    def _asked(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}",
            data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=120) as answer:  # noqa: S310 - as above
            said: dict[str, Any] = json.load(answer)
        return said

    def stop(self) -> None:
        """End it and wait until it is gone."""
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def is_available() -> bool:
    """Whether the real server is installed here."""
    return find_spec("xllamacpp") is not None


@contextlib.contextmanager
def running(folder: Path, *, sizes: Sizes | None = None, slots: int = 2) -> Iterator[RunningServer]:
    """A server that answers, with a model made in the folder; it is ended with the block."""
    model = folder / "tiny-random-llama.gguf"
    if not model.exists():
        write_model(model, sizes)
    server = start(folder, model, slots)
    try:
        yield server
    finally:
        server.stop()


def start(folder: Path, model: Path, slots: int = 2) -> RunningServer:
    """Start a server and wait until it answers."""
    # A process is called by the file it was started from; a copy of the interpreter's link is enough.
    program = folder / "llama-server"
    if not program.exists():
        program.symlink_to(sys.executable)
    port = _free_port()
    log = folder / f"server-{port}.log"
    with log.open("wb") as file:
        process = subprocess.Popen(
            [program, SERVE, model, str(port), str(slots)],
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
        )
    server = RunningServer(process, port, log)
    _wait(server)
    return server


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(server: RunningServer) -> None:
    deadline = time.monotonic() + _START_S
    while time.monotonic() < deadline:
        if server.process.poll() is not None:
            raise RuntimeError(f"the server ended: {server.log.read_text(errors='replace')[-2000:]}")
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"http://127.0.0.1:{server.port}/health", timeout=1).close()
            return
        time.sleep(0.1)
    server.stop()
    raise TimeoutError(f"the server did not answer: {server.log.read_text(errors='replace')[-2000:]}")
