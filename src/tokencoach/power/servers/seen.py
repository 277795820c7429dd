"""The nouns of local inference: what a server says of itself at one moment."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class ServerKind(StrEnum):
    """The program that serves a model."""

    LLAMA_SERVER = "llama-server"
    LLAMAFILE = "llamafile"
    OLLAMA = "ollama"
    LM_STUDIO = "lm-studio"
    VLLM = "vllm"
    SGLANG = "sglang"
    MLX_LM = "mlx-lm"
    KOBOLDCPP = "koboldcpp"
    TEXT_GENERATION_WEBUI = "text-generation-webui"
    LOCALAI = "localai"
    JAN = "jan"
    LOLLMS = "lollms"


class State(StrEnum):
    """What a server does; ``UNKNOWN`` where it has no word for it."""

    LOADING = "loading"
    PROCESSING = "processing"
    IDLE = "idle"
    SLEEPING = "sleeping"
    EMPTY = "no model loaded"
    UNKNOWN = "unknown"


class Slot(msgspec.Struct, frozen=True):
    """One place where a request is worked on: its task, tokens of the prompt read, tokens written."""

    id: int
    task: int | None = None
    prompt: int = 0
    cached: int = 0
    decoded: int = 0
    is_processing: bool = False


class ModelSeen(msgspec.Struct, frozen=True):
    """A model in memory; ``gpu_bytes`` is the part of it on a graphics card."""

    name: str
    context: int | None = None
    bytes: int | None = None
    gpu_bytes: int | None = None
    parameters: int | None = None


class Look(msgspec.Struct, frozen=True):
    """A server's own words; a None is what this kind of server does not tell.

    Token totals count since the server started; ``prompt_total`` leaves out tokens from its cache.
    ``slots`` is None where the server does not show them.
    """

    state: State
    models: tuple[ModelSeen, ...] = ()
    slots: tuple[Slot, ...] | None = None
    running: int | None = None
    waiting: int | None = None
    prompt_total: int | None = None
    cached_total: int | None = None
    generated_total: int | None = None
    version: str | None = None
    why_not: str | None = None


class ServerSeen(msgspec.Struct, frozen=True):
    """A server process that answered as what it is.

    ``started`` is the process's start (seconds since 1970): with ``pid`` it names the process.
    ``cpu_seconds`` and ``resident_bytes`` are the process's own, children included.
    """

    kind: ServerKind
    pid: int
    started: float
    port: int
    look: Look
    cpu_seconds: float | None = None
    resident_bytes: int | None = None
    parent_pid: int | None = None


class Unanswered(msgspec.Struct, frozen=True):
    """A process that looks like a server and answers as none; ``why`` goes on after its name."""

    kind: ServerKind
    pid: int
    why: str
