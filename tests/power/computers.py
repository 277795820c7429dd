"""Whole computers as their owners have them on the first day: files, vendors' libraries, servers."""

from __future__ import annotations

import os
import struct
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from power.machine import Machine
from power.test_meters import library
from power.test_servers import BUSY, PROPS, answers
from tokencoach.power.meters import emi, emi_devices, nvidia
from tokencoach.power.place import Place, here
from tokencoach.power.servers.observer import Observer
from tokencoach.power.servers.processes import Candidate
from tokencoach.power.servers.seen import ServerKind
from tokencoach.power.servers.use import Use

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tokencoach.power.servers.asking import Ask

CPUINFO = "processor\t: 0\nvendor_id\t: GenuineIntel\nflags\t\t: fpu vme sse"
RAILS = "  VDD_CORE_A current(7)=2.00000000A\n  VDD_CORE_V volt(15)=0.75000000V\n"


class Computer:
    """A made-up computer; ``pass_time`` moves its counters on."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.files = Machine(root)
        self.patch = monkeypatch
        self.energy_uj = 10**9
        self.system = "linux"
        self.pages: dict[int, dict[str, Any]] = {}
        self.servers: list[Candidate] = []
        self.patch.setattr(nvidia, "library", lambda: library(nvmlInit=_no_driver))

    @property
    def place(self) -> Place:
        """Where it is probed."""
        if self.system == "linux":
            return here(self.files.root)
        return Place(self.files.root, self.system)

    def observer(self) -> Observer:
        """Its own servers alone."""

        def connect(port: int) -> Ask:
            return answers(self.pages.get(port, {}))

        return Observer(lambda: self.servers, connect, lambda _: Use(3.0, 2 << 30), lambda _: 3.0)

    def pass_time(self, _: float = 0.0) -> None:
        """Some energy is drawn."""
        self.energy_uj += 2_000_000
        for zone in (self.files.root / "sys/class/powercap").glob("*/energy_uj"):
            zone.write_text(f"{self.energy_uj}\n", encoding="utf-8")


def _no_driver() -> None:
    from power.test_meters import NvmlError  # noqa: PLC0415 - the library's own error

    raise NvmlError("NVML Shared Library Not Found")


def _root_only(computer: Computer) -> None:
    access = os.access
    computer.patch.setattr(
        os, "access", lambda path, mode: "energy_uj" not in str(path) and access(path, mode)
    )


def rtx_with_ollama(computer: Computer) -> None:
    """A desktop: an NVIDIA card, a processor whose counter is root's, Ollama with its child at work."""
    computer.files.write("/proc/cpuinfo", CPUINFO)
    computer.files.write("/proc/driver/nvidia/version", "NVRM version: made up")
    computer.files.zone("intel-rapl:0", "package-0", 1)
    _root_only(computer)
    made = library(
        nvmlDeviceGetTotalEnergyConsumption=lambda _: computer.energy_uj // 1000,
        nvmlDeviceGetComputeRunningProcesses=lambda _: [SimpleNamespace(pid=8, usedGpuMemory=None)],
        nvmlDeviceGetName=lambda _: "NVIDIA GeForce RTX 4090",
    )
    computer.patch.setattr(nvidia, "library", lambda: made)
    models = [{"model": "qwen3:30b", "size": 100, "size_vram": 100, "context_length": 8192}]
    computer.pages = {
        11434: {"/api/version": {"version": "0.13.0"}, "/api/ps": {"models": models}},
        40001: {"/props": PROPS, "/slots": [BUSY]},
    }
    computer.servers = [
        Candidate(7, 1.0, ServerKind.OLLAMA, (11434,)),
        Candidate(8, 2.0, ServerKind.LLAMA_SERVER, (40001,), parent_pid=7),
    ]


def macbook(computer: Computer) -> None:
    """Apple Silicon with the extra installed."""
    computer.system = "darwin"

    def counted() -> SimpleNamespace:
        millijoules = computer.energy_uj // 1000
        return SimpleNamespace(cpu_total_mj=millijoules, gpu_mj=millijoules, dram_mj=None, ane_mj=0)

    monitor = SimpleNamespace(get_cumulative_energy=counted)
    made = SimpleNamespace(AppleEnergyMonitor=lambda: monitor)
    computer.patch.setitem(sys.modules, "zeus_apple_silicon", made)


def bare_macbook(computer: Computer) -> None:
    """Apple Silicon without the extra, and where its private library does not answer."""
    computer.system = "darwin"
    computer.patch.setenv("PATH", str(computer.files.root))


def ryzen(computer: Computer) -> None:
    """A laptop on mains whose graphics are a part of its processor."""
    computer.files.write("/proc/cpuinfo", CPUINFO.replace("GenuineIntel", "AuthenticAMD"))
    computer.files.zone("intel-rapl:0", "package-0", 1)
    _root_only(computer)
    card = "/sys/class/drm/card1/device"
    computer.files.write(f"{card}/hwmon/hwmon0/name", "amdgpu")
    computer.files.write(f"{card}/hwmon/hwmon0/in1_label", "vddnb")
    computer.files.write(f"{card}/hwmon/hwmon0/power1_input", 15_000_000)
    for name, value in {"type": "Battery", "status": "Full", "power_now": 0}.items():
        computer.files.write(f"/sys/class/power_supply/BAT0/{name}", value)


def raspberry_pi(computer: Computer) -> None:
    """A Raspberry Pi 5 with its own program."""
    computer.files.write("/proc/device-tree/model", "Raspberry Pi 5 Model B Rev 1.0")
    computer.files.write("/dev/vcio", "")
    program = computer.files.write("/bin/vcgencmd", f"#!/bin/sh\nprintf '{RAILS}'")
    program.chmod(0o755)
    computer.patch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")


def windows(computer: Computer) -> None:
    """Windows 11 on bare metal without an NVIDIA card."""
    computer.system = "windows"

    def read() -> bytes:
        return struct.pack("<QQ", computer.energy_uj * 10_000 // 36, 1)

    device = emi.EmiDevice(("RAPL_Package0_PKG",), read)
    computer.patch.setattr(emi_devices, "opened", lambda: [device])


def wsl(computer: Computer) -> None:
    """WSL2: the card comes through, its processes and the processor's counters do not."""
    computer.files.write("/proc/sys/kernel/osrelease", "6.6.87-microsoft-standard-WSL2")
    computer.files.write("/usr/lib/wsl/lib/libnvidia-ml.so.1", "")
    made = library(nvmlDeviceGetPowerUsage=lambda _: 145_000)
    computer.patch.setattr(nvidia, "library", lambda: made)
    computer.servers = [Candidate(8, 2.0, ServerKind.LLAMA_SERVER, (40001,))]
    computer.pages = {40001: {"/props": PROPS, "/slots": [BUSY]}}


def container(computer: Computer) -> None:
    """A container without devices."""
    computer.files.write("/.dockerenv", "")
    computer.files.write("/proc/cpuinfo", CPUINFO)
