"""Processes that may be inference servers, by their names and arguments, and the ports they listen on."""

from __future__ import annotations

import itertools
import re
import time
from typing import TYPE_CHECKING, Final

import msgspec
import psutil

from tokencoach.power.servers.seen import ServerKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_PORT: Final = re.compile(r"--?(?:port|api-port)=(\d+)\Z")
_PORT_NAMES: Final = ("--port", "-port", "--api-port")
_HOST: Final = re.compile(r"--?host=(.+)\Z")
_HOST_NAMES: Final = ("--host", "-host")
_AGAIN_S: Final = 60.0
_SETTLED_S: Final = 15.0
_HERE: Final = ("127.0.0.1", "::1", "0.0.0.0", "::", "")  # noqa: S104 - compared with, never bound
_DEFAULT_PORT: Final = {
    ServerKind.LLAMA_SERVER: 8080,
    ServerKind.LLAMAFILE: 8080,
    ServerKind.OLLAMA: 11434,
    ServerKind.LM_STUDIO: 1234,
    ServerKind.VLLM: 8000,
    ServerKind.SGLANG: 30000,
    ServerKind.MLX_LM: 8080,
    ServerKind.KOBOLDCPP: 5001,
    ServerKind.TEXT_GENERATION_WEBUI: 5000,
    ServerKind.LOCALAI: 8080,
    ServerKind.JAN: 1337,
    ServerKind.LOLLMS: 9600,
}
_BY_NAME: Final[tuple[tuple[re.Pattern[str], ServerKind], ...]] = tuple(
    (re.compile(pattern, re.IGNORECASE), kind)
    for pattern, kind in (
        (r"llama-server", ServerKind.LLAMA_SERVER),
        (r"llamafile|.*\.llamafile", ServerKind.LLAMAFILE),
        (r"ollama", ServerKind.OLLAMA),
        (r"lm[ -]?studio|llmster", ServerKind.LM_STUDIO),
        (r"vllm", ServerKind.VLLM),
        (r"sglang", ServerKind.SGLANG),
        (r"mlx_lm\.server", ServerKind.MLX_LM),
        (r"koboldcpp(?:[-_].*)?", ServerKind.KOBOLDCPP),
        (r"local-?ai", ServerKind.LOCALAI),
        (r"jan", ServerKind.JAN),
        (r"lollms(?:[-_].*)?", ServerKind.LOLLMS),
    )
)
_BY_MODULE: Final = {
    "vllm.entrypoints.openai.api_server": ServerKind.VLLM,
    "vllm.entrypoints.cli.main": ServerKind.VLLM,
    "sglang.launch_server": ServerKind.SGLANG,
    "mlx_lm.server": ServerKind.MLX_LM,
    "mlx_lm": ServerKind.MLX_LM,
    "xllamacpp.server": ServerKind.LLAMA_SERVER,
    "lollms_webui": ServerKind.LOLLMS,
}
_NEEDS_WORD: Final = {ServerKind.OLLAMA: ("serve",), ServerKind.VLLM: ("serve", "api_server")}


class Candidate(msgspec.Struct, frozen=True):
    """A process that may serve a model; only its own ports are ever asked."""

    pid: int
    started: float
    kind: ServerKind
    ports: tuple[int, ...]
    parent_pid: int | None = None


class Processes:
    """Looks for such processes again and again; one that is none is looked at once a minute.

    A young process is looked at each time: a shell may become a server under the same id.
    """

    def __init__(self) -> None:
        self._others: set[int] = set()
        self._forget_at = float("-inf")

    def __call__(self) -> list[Candidate]:
        """Every such process of this computer, in the order of their ids."""
        now = time.monotonic()
        if now >= self._forget_at:
            self._forget_at = now + _AGAIN_S
            self._others.clear()
        found = []
        for pid in psutil.pids():
            if pid in self._others:
                continue
            try:
                candidate = self._examined(pid)
            except (psutil.Error, OSError):
                continue
            if candidate is not None:
                found.append(candidate)
        return found

    def _examined(self, pid: int) -> Candidate | None:
        process = psutil.Process(pid)
        with process.oneshot():
            started, arguments = process.create_time(), _arguments(process)
            kind = kind_of(process.name(), arguments)
            if kind is None:
                if time.time() - started > _SETTLED_S:
                    self._others.add(pid)
                return None
            return Candidate(pid, started, kind, _ports(process, arguments, kind), process.ppid())


def _arguments(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.AccessDenied:
        return []


def kind_of(name: str, arguments: Sequence[str]) -> ServerKind | None:
    """What a process may be, told by its name, its program and the module or script it runs."""
    for word in (*_programs(arguments), name.removesuffix(".exe")):
        for pattern, kind in _BY_NAME:
            if pattern.fullmatch(word) and _serves(kind, arguments):
                return kind
    return _by_module(arguments)


def _programs(arguments: Sequence[str]) -> Iterator[str]:
    """The file names of the program and, for an interpreter, of its script."""
    for argument in arguments[:2]:
        if not argument.startswith("-"):
            name = argument.replace("\\", "/").rpartition("/")[2]
            yield name.removesuffix(".exe").removesuffix(".py")


def _serves(kind: ServerKind, arguments: Sequence[str]) -> bool:
    needed = _NEEDS_WORD.get(kind)
    return needed is None or any(word in argument for word in needed for argument in arguments[1:3])


def _by_module(arguments: Sequence[str]) -> ServerKind | None:
    for flag, value in itertools.pairwise(arguments):
        if flag == "-m" and value in _BY_MODULE:
            return _BY_MODULE[value]
    if any("text-generation-webui" in argument for argument in arguments[:2]):
        return ServerKind.TEXT_GENERATION_WEBUI
    return None


def _ports(process: psutil.Process, arguments: Sequence[str], kind: ServerKind) -> tuple[int, ...]:
    """Ports it listens on here; where that may not be asked, the one it was told or its usual one."""
    try:
        connections = process.net_connections("tcp")
    except (psutil.Error, OSError):
        if any(host not in (*_HERE, "localhost") for host in _told_hosts(arguments)):
            return ()
        return tuple(_told(arguments)) or (_DEFAULT_PORT[kind],)
    listening = {
        connection.laddr.port
        for connection in connections
        if connection.status == psutil.CONN_LISTEN and connection.laddr.ip in _HERE
    }
    told = [port for port in _told(arguments) if port in listening]
    return tuple(dict.fromkeys([*told, *sorted(listening)]))


def _told(arguments: Iterable[str]) -> Iterator[int]:
    for text in _values(arguments, _PORT, _PORT_NAMES):
        if text.isascii() and text.isdigit() and 0 < int(text) < 65_536:
            yield int(text)


def _told_hosts(arguments: Iterable[str]) -> Iterator[str]:
    return _values(arguments, _HOST, _HOST_NAMES)


def _values(arguments: Iterable[str], joined: re.Pattern[str], names: tuple[str, ...]) -> Iterator[str]:
    """What follows a name among arguments, in the same one or in the next."""
    before = ""
    for argument in arguments:
        match = joined.match(argument)
        if match or before in names:
            yield match[1] if match else argument
        before = argument
