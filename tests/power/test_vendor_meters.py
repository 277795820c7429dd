"""Apple's and Windows' own meters, by recorded answers and made-up libraries: none of the two is at hand here."""

from __future__ import annotations

import struct
import time
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from power.machine import at
from tokencoach.power.meters import apple, emi
from tokencoach.power.meters.ioreport import Channel, energies
from tokencoach.power.place import Place
from tokencoach.power.reading import Quality, Reads, Scope

if TYPE_CHECKING:
    from collections.abc import Callable

MAC = Place(Path("/nowhere"), "darwin")
WINDOWS = Place(Path("/nowhere"), "windows")


def test_channels_are_known_on_every_generation_and_added_over_dies() -> None:
    one_die = [
        Channel("CPU Energy", 5, "mJ"),
        Channel("GPU Energy", 7_000, "nJ"),
        Channel("PCPU0", 99, "mJ"),
        Channel("DRAM", 3, "mJ"),
        Channel("ANE0", 2_000, "uJ"),
        Channel("GPU SRAM0", 50, "mJ"),
    ]
    assert energies(one_die) == {Scope.CPU_PACKAGE: 5000, Scope.GPU: 7, Scope.DRAM: 3000, Scope.NPU: 2000}
    ultra = [
        Channel("DIE_0_CPU Energy", 5, "mJ"),
        Channel("DIE_1_CPU Energy", 6, "mJ"),
        Channel("MCPU0", 1, "mJ"),
    ]
    assert energies(ultra) == {Scope.CPU_PACKAGE: 11_000}


def test_a_channel_of_an_unknown_unit_is_left_out() -> None:
    assert energies([Channel("CPU Energy", 5, "fortnights")]) == {}


def library(**fields: Any) -> Callable[[str], Any]:
    metrics = SimpleNamespace(
        **({"cpu_total_mj": None, "gpu_mj": None, "dram_mj": None, "ane_mj": None} | fields)
    )
    monitor = SimpleNamespace(get_cumulative_energy=lambda: metrics)
    return lambda _: SimpleNamespace(AppleEnergyMonitor=lambda: monitor)


def absent(*_: object) -> Any:
    raise ImportError("no module named zeus_apple_silicon")


def no_library() -> Callable[[], list[Channel]]:
    raise OSError("no such library")


def test_the_extra_is_used_where_it_is_installed() -> None:
    found = apple.find(MAC, library(cpu_total_mj=10, gpu_mj=20), no_library, lambda _: None)
    assert [(meter.info.id, meter.info.quality) for meter in found.meters] == [
        ("cpu_pkg:apple", Quality.VENDOR_MODEL),
        ("gpu:apple", Quality.VENDOR_MODEL),
    ]
    assert [meter.read(at(0)).energy_uj for meter in found.meters] == [10_000, 20_000]


def test_without_the_extra_our_own_binding_answers() -> None:
    found = apple.find(MAC, absent, lambda: lambda: [Channel("CPU Energy", 5, "mJ")], lambda _: None)
    (meter,) = found.meters
    assert (meter.info.source, meter.read(at(0)).energy_uj) == ("libIOReport", 5000)
    assert found.refusals == ()


def test_a_chip_that_stops_answering_is_a_reason() -> None:
    answers = iter([[Channel("CPU Energy", 5, "mJ")]])
    (meter,) = apple.find(MAC, absent, lambda: lambda: next(answers), lambda _: None).meters
    reading = meter.read(at(1))
    assert reading.why_not == "the chip does not answer: StopIteration"


def test_macmon_is_asked_last(tmp_path: Path) -> None:
    program = tmp_path / "macmon"
    program.write_text(
        '#!/bin/sh\necho \'{"cpu_power": 4.5, "gpu_power": 1, "sys_power": 11}\'\nexec sleep 30\n'
    )
    program.chmod(0o755)
    found = apple.find(MAC, absent, no_library, lambda _: str(program))
    assert {meter.info.reads for meter in found.meters} == {Reads.GAUGE}
    cpu = next(meter for meter in found.meters if meter.info.scope is Scope.CPU_PACKAGE)
    dram = next(meter for meter in found.meters if meter.info.scope is Scope.DRAM)
    assert isinstance(cpu, apple.MacmonMeter)
    macmon = cpu._macmon
    for _ in range(200):
        if cpu.read(at(0)).power_mw is not None:
            break
        time.sleep(0.05)
    try:
        assert cpu.read(at(0)).power_mw == 4500
        assert dram.read(at(0)).why_not is not None
    finally:
        assert macmon._process is not None
        macmon._process.kill()
        macmon._process.wait()
        for _ in range(200):
            if macmon._process.stdout is None or macmon._process.stdout.closed:
                break
            time.sleep(0.05)
    assert cpu.read(at(1)).why_not == "macmon has not told it yet"


def test_nothing_at_all_says_what_was_tried() -> None:
    found = apple.find(MAC, absent, no_library, lambda _: None)
    assert [refusal.interface for refusal in found.refusals] == [
        "zeus-apple-silicon",
        "libIOReport",
        "macmon",
    ]
    assert apple.find(Place(Path("/"), "linux")).refusals == ()


def wide(text: str) -> bytes:
    return text.encode("utf-16-le") + b"\0\0"


def metadata(*names: str) -> bytes:
    head = wide("Maker").ljust(32, b"\0") + wide("Model").ljust(32, b"\0") + struct.pack("<HH", 1, len(names))
    return head + b"".join(struct.pack("<IH", 0, len(wide(name))) + wide(name) for name in names)


def device(names: tuple[str, ...], *counters: int) -> emi.EmiDevice:
    return emi.EmiDevice(names, lambda: b"".join(struct.pack("<QQ", counter, 1) for counter in counters))


def test_names_of_channels_are_read_from_both_versions() -> None:
    assert emi.channel_names(2, metadata("RAPL_Package0_PKG", "RAPL_Package0_DRAM")) == (
        "RAPL_Package0_PKG",
        "RAPL_Package0_DRAM",
    )
    name = wide("RAPL_Package0_PKG")
    first = struct.pack("<I", 0) + bytes(64) + struct.pack("<HH", 1, len(name)) + name
    assert emi.channel_names(1, first) == ("RAPL_Package0_PKG",)


@given(st.integers(1, 2), st.binary(max_size=200))
def test_damaged_metadata_names_nothing_and_is_no_error(version: int, raw: bytes) -> None:
    assert isinstance(emi.channel_names(version, raw), tuple)


def test_packages_are_kept_and_their_mirrors_and_cores_are_not() -> None:
    names = ("RAPL_Package0_PKG", "RAPL_Package0_PP0", "RAPL_Package0_DRAM")
    first = device(names, 10**15, 5, 10**12)
    mirror = device(("RAPL_Package1_PKG",), 10**15 + 10)
    found = emi.find(WINDOWS, lambda: [first, mirror])
    assert [meter.info.id for meter in found.meters] == ["cpu_pkg:0", "dram:0"]
    assert found.meters[0].read(at(0)).energy_uj == 3_600_000_000_000


def test_no_energy_meter_and_one_that_fails_say_so() -> None:
    assert "bare metal" in emi.find(WINDOWS, list).refusals[0].why

    def failing() -> bytes:
        raise OSError("gone")

    broken = emi.EmiDevice(("RAPL_Package0_PKG",), failing)
    assert emi.find(WINDOWS, lambda: [broken]).meters == ()
    meter = emi.EmiMeter(broken, 0, Scope.CPU_PACKAGE, "0")
    assert meter.read(at(0)).why_not == "the energy meter does not answer: OSError"
    assert emi.find(Place(Path("/"), "linux")) == emi.find(Place(Path("/"), "darwin"))


@pytest.mark.parametrize("raw", [b"", b"\0" * 15])
def test_a_short_answer_has_no_measurement(raw: bytes) -> None:
    assert emi.measurements(raw) == []
