"""A real llama.cpp server on loopback for a test: started, asked, ended, its log kept.

Its process is called ``llama-server`` as the real program's is, so that whoever looks for servers
finds it by name.
"""

from __future__ import annotations

import importlib.util
import json
import select
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

import pytest

from local_server.tiny_model import Sizes, write_model

if TYPE_CHECKING:
    from collections.abc import Mapping

_SERVE: Final = Path(__file__).with_name("serve.py")
_READY_S: Final = 60
NAME: Final = "tiny-model"


class RunningServer:
    """A server in a folder: its model, its log and its process."""

    def __init__(self, folder: Path, *, slots: int = 1, sizes: Sizes | None = None) -> None:
        if importlib.util.find_spec("xllamacpp") is None:
            pytest.skip("xllamacpp, the server's library, is not installed")
        folder.mkdir(parents=True, exist_ok=True)
        self.model = folder / f"{NAME}.gguf"
        self.log = folder / "llama-server.log"
        write_model(self.model, sizes)
        self.port = _free_port()
        program = folder / "llama-server"
        if not program.exists():
            program.symlink_to(sys.executable)
        self._err = self.log.open("ab")
        self.process = subprocess.Popen(
            # The library is found where this interpreter finds it, whatever the program is called.
            [program, "-P", "-c", _started(), _SERVE, self.model, str(self.port), str(slots)],
            stdout=subprocess.PIPE,
            stderr=self._err,
            stdin=subprocess.DEVNULL,
        )

    def __enter__(self) -> Self:
        out = self.process.stdout
        if out is None or not select.select([out], [], [], _READY_S)[0] or not out.readline():
            self.close()
            pytest.fail(f"the server did not start: {self.log.read_text(errors='replace')[-500:]}")
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def address(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def ask(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """What it answers to a request; with a body to a POST."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(  # noqa: S310 - on loopback
            self.address + path, data, {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - on loopback
            return json.load(answer)

    def chat(self, words: str, tokens: int) -> dict[str, Any]:
        """An answer of exactly so many tokens."""
        told = {"messages": [{"role": "user", "content": words}], "max_tokens": tokens, "ignore_eos": True}
        answer: dict[str, Any] = self.ask("/v1/chat/completions", told)
        return answer

    def close(self) -> None:
        """End it and wait until its log is whole."""
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()
        self._err.close()


def _started() -> str:
    folders = [folder for folder in sys.path if folder.endswith("-packages")]
    return (
        f"import runpy, sys; sys.path[:0] = {folders!r}; sys.argv = sys.argv[1:]; "
        "runpy.run_path(sys.argv[0], run_name='__main__')"
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
