"""Processes that may be inference servers, by their names and arguments, and the ports they listen on."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, Final

import msgspec
import psutil

from tokencoach.power.servers.seen import ServerKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_PORT: Final = re.compile(r"--?(?:port|api-port)=(\d+)\Z")
_PORT_NAMES: Final = ("--port", "-port", "--api-port")
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


def candidates() -> list[Candidate]:
    """Every such process of this computer, in the order of their ids."""
    found: list[Candidate] = []
    for process in psutil.process_iter(["name", "cmdline", "create_time", "ppid"]):
        info = process.info
        kind = kind_of(info.get("name") or "", info.get("cmdline") or ())
        if kind is None:
            continue
        ports = _ports(process, info.get("cmdline") or (), kind)
        found.append(Candidate(process.pid, info.get("create_time") or 0.0, kind, ports, info.get("ppid")))
    return found


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
        return tuple(_told(arguments)) or (_DEFAULT_PORT[kind],)
    listening = {
        connection.laddr.port
        for connection in connections
        if connection.status == psutil.CONN_LISTEN and connection.laddr.ip in _HERE
    }
    told = [port for port in _told(arguments) if port in listening]
    return tuple(dict.fromkeys([*told, *sorted(listening)]))


def _told(arguments: Iterable[str]) -> Iterator[int]:
    before = ""
    for argument in arguments:
        match = _PORT.match(argument)
        text = match[1] if match else argument if before in _PORT_NAMES else ""
        if text.isdigit() and 0 < int(text) < 65_536:
            yield int(text)
        before = argument


class Use(msgspec.Struct, frozen=True):
    """What a process and its children took so far: CPU time in seconds, memory in bytes."""

    cpu_seconds: float
    resident_bytes: int


def use_of(pid: int) -> Use | None:
    """What a process uses; None where it has ended or belongs to another user."""
    try:
        process = psutil.Process(pid)
        family = [process, *process.children(recursive=True)]
    except (psutil.Error, OSError):
        return None
    seconds, resident = 0.0, 0
    for member in family:
        try:
            times = member.cpu_times()
            seconds += times.user + times.system
            resident += member.memory_info().rss
        except (psutil.Error, OSError):
            if member is process:
                return None
    return Use(seconds, resident)


def cpu_seconds_of(pid: int) -> float | None:
    """CPU time of one process, without its children; None where it has ended."""
    try:
        times = psutil.Process(pid).cpu_times()
    except (psutil.Error, OSError):
        return None
    return float(times.user + times.system)
