"""The first day on seven kinds of computers: the doctor, one look, and the screen, from the files to the words."""

from __future__ import annotations

import contextlib
import json
import time
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from power import computers
from power.computers import Computer
from tokencoach.cli import power as power_verb
from tokencoach.cli.main import run
from tokencoach.paths import database, power_figures
from tokencoach.power import sampler
from tokencoach.power.live import publish
from tokencoach.store.connect import connect_writer
from tokencoach.tui.ledger import LedgerBackend
from tui.driving import LARGE, screen_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CASES: dict[str, tuple[Callable[[Computer], None], str, tuple[str, ...], tuple[str, ...]]] = {
    "rtx-and-ollama": (
        computers.rtx_with_ollama,
        "SENSOR",
        ("✓ NVML energy counter: ", "✗ RAPL package-0: energy_uj may be read by root only", "groupadd"),
        ("W SENSOR (gpu", "ollama", "qwen3:30b", "processing"),
    ),
    "macbook": (
        computers.macbook,
        "VENDOR-MODEL",
        ("✓ zeus-apple-silicon: ", "VENDOR-MODEL of the cpu_pkg", "VENDOR-MODEL of the gpu"),
        ("VENDOR-MODEL (cpu_pkg, gpu, npu", "none runs"),
    ),
    "macbook-without-the-extra": (
        computers.bare_macbook,
        "NONE",
        ("✗ zeus-apple-silicon: not installed", "tokencoach[apple]", "✗ macmon: not installed", "brew"),
        ("NONE: no meter answers", "power.plugs"),
    ),
    "ryzen": (
        computers.ryzen,
        "SENSOR",
        ("✓ hwmon power1_input: 15.0 W SENSOR of the soc", "✗ power_supply BAT0: the battery is full"),
        ("15 W SENSOR (soc", "none runs"),
    ),
    "raspberry-pi-5": (
        computers.raspberry_pi,
        "VENDOR-MODEL",
        ("✓ vcgencmd pmic_read_adc: 2.3 W VENDOR-MODEL of the system", "✗ RAPL: this processor has none"),
        ("2.3 W VENDOR-MODEL (system",),
    ),
    "windows": (
        computers.windows,
        "SENSOR",
        ("✓ Windows energy meter: ", "SENSOR of the cpu_pkg", "✗ NVML: no NVIDIA driver answers"),
        ("SENSOR (cpu_pkg",),
    ),
    "wsl": (
        computers.wsl,
        "SENSOR",
        ("inside Windows Subsystem for Linux", "✓ NVML power gauge: 145.0 W", "no sensor is shown to guests"),
        ("145 W SENSOR (gpu", "processing"),
    ),
    "container": (
        computers.container,
        "NONE",
        ("inside a container", "✗ RAPL: inside a container: no sensor is shown to guests", "✗ NVML"),
        ("NONE: inside a container no sensor is shown", "none runs"),
    ),
}


ON_SCREEN = ("rtx-and-ollama", "macbook", "wsl", "container")


class Acted:
    """A computer on which the verbs and the screen are tried."""

    def __init__(self, name: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder / "home"
        self.folder.mkdir()
        self.computer = Computer(folder / "root", monkeypatch)
        CASES[name][0](self.computer)
        monkeypatch.setenv("TOKENCOACH_HOME", str(self.folder))
        monkeypatch.setattr(power_verb, "here", lambda: self.computer.place)
        monkeypatch.setattr(sampler, "Observer", self.computer.observer)
        monkeypatch.setattr(time, "sleep", self._pass)

    def _pass(self, _: float) -> None:
        self._wait(0.02)
        self.computer.pass_time()

    def _wait(self, seconds: float) -> None:
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            pass

    def verb(self, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
        """A verb's exit code and what it says."""
        code = run(["power", *words], lambda _: 0)
        return code, capsys.readouterr().out

    def screen(self) -> str:
        """The Power screen, fed as the watcher does."""
        with contextlib.closing(connect_writer(database(self.folder))):
            pass
        watched = sampler.Sampler(self.computer.place)
        for _ in range(3):
            watched.step()
            self._pass(0)
        publish(watched.live(), power_figures(self.folder))
        backend = LedgerBackend(database(self.folder), ZoneInfo("UTC"))
        try:
            return screen_text(backend, "5", size=LARGE)
        finally:
            backend.release()


@pytest.mark.parametrize("name", CASES)
def test_the_first_day_says_what_is_measured_and_why_the_rest_is_not(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    acted = Acted(name, tmp_path, monkeypatch)
    _, badge, doctor_says, look_says = CASES[name]
    code, text = acted.verb(capsys, "doctor")
    assert [words for words in doctor_says if words not in text] == [], text
    assert code == (1 if badge == "NONE" else 0)
    _, text = acted.verb(capsys, "--once")
    assert [words for words in look_says if words not in text] == [], text
    _, text = acted.verb(capsys, "--once", "--json")
    said: dict[str, Any] = json.loads(text)
    assert (said["quality"], said["simulated"]) == (badge, False)
    assert (said["watts"] is None) == (badge == "NONE")
    if name not in ON_SCREEN:
        return
    shown = acted.screen()
    assert badge in shown, shown
    assert ("No inference server runs" in shown) == (not acted.computer.servers), shown
