"""What a computer has for running a model: memory, graphics memory, and how fast both are read.

Writing an answer reads every active weight once a token, so that memory bandwidth over the bytes of
the weights is the ceiling of tokens per second. Graphics bandwidth is what the driver's clock and bus
give (two transfers a clock), main memory's is measured by copying. Sources: NVIDIA's NVML reference,
the kernel's amdgpu documentation (``mem_info_vram_total``), cgroup v2 (``memory.max``).
"""

from __future__ import annotations

import ctypes
import os
import re
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

import msgspec

from tokencoach.power.meters.nvidia import library
from tokencoach.power.place import read_int

if TYPE_CHECKING:
    from collections.abc import Callable

    from tokencoach.power.place import Place

_COPIED_BYTES: Final = 64 << 20
_ROUNDS: Final = 40
_MOST_THREADS: Final = 8
# macOS lets the graphics part wire about two thirds of a small and three quarters of a large memory.
_APPLE_LARGE: Final = 36 << 30
_MEMINFO: Final = re.compile(r"^MemTotal:\s+(\d+) kB", re.MULTILINE)


class Accelerator(msgspec.Struct, frozen=True):
    """A graphics processor. ``bandwidth`` is bytes per second, None where the driver does not tell."""

    name: str
    memory_bytes: int
    bandwidth: float | None
    is_unified: bool = False


class Machine(msgspec.Struct, frozen=True):
    """A computer. ``memory_bytes`` is what this process may use, ``bandwidth`` what a copy reached, bytes per second."""

    memory_bytes: int | None
    bandwidth: float | None
    cores: int
    accelerators: tuple[Accelerator, ...] = ()
    refusals: tuple[str, ...] = ()


def describe(
    place: Place,
    *,
    load_nvml: Callable[[], Any] | None = None,
    copy: Callable[[], float | None] | None = None,
) -> Machine:
    """The computer at a place. ``load_nvml`` and ``copy`` are replaced in tests."""
    memory = _memory(place)
    nvidia, refusals = _nvidia(load_nvml or library)
    found = [*nvidia, *_amd(place)]
    if place.system == "darwin" and memory is not None:
        share = 3 / 4 if memory > _APPLE_LARGE else 2 / 3
        found.append(Accelerator("unified memory", int(memory * share), None, is_unified=True))
    return Machine(
        memory, (copy or copy_rate)(), os.cpu_count() or 1, tuple(found), () if found else tuple(refusals)
    )


def copy_rate() -> float | None:
    """Bytes per second that main memory reads and writes while several threads copy; None where too little is free.

    The fastest of some short rounds: whatever else runs meanwhile can only slow one down.
    """
    threads = min(_MOST_THREADS, os.cpu_count() or 1)
    each = _COPIED_BYTES // threads
    try:
        blocks = [ctypes.create_string_buffer(2 * each) for _ in range(threads)]
    except MemoryError:
        return None
    with ThreadPoolExecutor(threads) as pool:
        return max(_round(pool, blocks, each) for _ in range(_ROUNDS))


def _round(pool: ThreadPoolExecutor, blocks: list[ctypes.Array[ctypes.c_char]], each: int) -> float:
    # A foreign call lets other threads run meanwhile.
    began = time.perf_counter()
    for done in [pool.submit(ctypes.memmove, block, ctypes.byref(block, each), each) for block in blocks]:
        done.result()
    return 2 * each * len(blocks) / (time.perf_counter() - began)


def _memory(place: Place) -> int | None:
    told = _MEMINFO.search(place.text("/proc/meminfo") or "")
    if told is None:
        return None if place.system == "linux" else _elsewhere()
    total = int(told[1]) * 1024
    limit = read_int(place.file("/sys/fs/cgroup/memory.max"))
    return min(total, limit) if limit else total


def _elsewhere() -> int | None:
    try:
        import psutil  # noqa: PLC0415 - slow to import, and not needed on Linux
    except ImportError:
        return None
    return int(psutil.virtual_memory().total)


def _nvidia(load: Callable[[], Any]) -> tuple[list[Accelerator], list[str]]:
    try:
        nvml = load()
    except ImportError:
        return [], ["NVIDIA: the library nvidia-ml-py is not installed"]
    try:
        nvml.nvmlInit()
        return [_card(nvml, index) for index in range(int(nvml.nvmlDeviceGetCount()))], []
    except nvml.NVMLError as error:
        return [], [f"NVIDIA: {error}"]


def _card(nvml: Any, index: int) -> Accelerator:
    handle = nvml.nvmlDeviceGetHandleByIndex(index)
    name = nvml.nvmlDeviceGetName(handle)
    text = name.decode("utf-8", "replace") if isinstance(name, bytes) else str(name)
    try:
        width = int(nvml.nvmlDeviceGetMemoryBusWidth(handle))
        megahertz = int(nvml.nvmlDeviceGetMaxClockInfo(handle, nvml.NVML_CLOCK_MEM))
        bandwidth: float | None = 2e6 * megahertz * width / 8
    except nvml.NVMLError:
        bandwidth = None
    return Accelerator(text, int(nvml.nvmlDeviceGetMemoryInfo(handle).total), bandwidth or None)


def _amd(place: Place) -> list[Accelerator]:
    found = []
    for folder in sorted(place.file("/sys/class/drm").glob("card[0-9]*/device")):
        total = read_int(folder / "mem_info_vram_total")
        if total:
            found.append(Accelerator(f"AMD graphics ({folder.parent.name})", total, None))
    return found
