"""Meters of made-up computers: what is found, what is refused and why, what is read."""

from __future__ import annotations

import os
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from power.machine import Machine, at
from tokencoach.power.meters import battery, boards, drm, nvidia, rapl
from tokencoach.power.place import here
from tokencoach.power.reading import Quality, Reads, Scope, worst
from tokencoach.power.search import addable, find_meters

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_packages_dram_and_parts_are_told_apart(machine: Machine) -> None:
    machine.zone("intel-rapl:0", "package-0", 111)
    machine.zone("intel-rapl:0:0", "core", 55)
    machine.zone("intel-rapl:0:1", "uncore", 5)
    machine.zone("intel-rapl:0:2", "dram", 22)
    machine.zone("intel-rapl:1", "psys", 300)
    found = rapl.find(machine.place)
    assert [(meter.info.id, meter.info.part_of) for meter in found.meters] == [
        ("cpu_pkg:0", None),
        ("platform:1", None),
        ("cpu_cores:0", "cpu_pkg:0"),
        ("uncore:0", "cpu_pkg:0"),
        ("dram:0", None),
    ]
    assert [meter.read(at(0)).energy_uj for meter in found.meters] == [111, 300, 55, 5, 22]
    assert [info.id for info in addable(meter.info for meter in found.meters)] == ["cpu_pkg:0", "dram:0"]


def test_a_copy_of_the_package_by_memory_mapping_is_not_counted_twice(machine: Machine) -> None:
    machine.zone("intel-rapl-mmio:0", "package-0", 7)
    machine.zone("intel-rapl:0", "package-0", 111)
    (meter,) = rapl.find(machine.place).meters
    assert meter.info.source == "powercap intel-rapl:0"


def test_dies_that_mirror_one_counter_are_one_meter(machine: Machine) -> None:
    machine.zone("intel-rapl:0", "package-0-die-0", 5_000_400_000)
    machine.zone("intel-rapl:1", "package-0-die-1", 5_000_400_010)
    machine.zone("intel-rapl:2", "package-1-die-0", 9_000_000_000)
    assert [meter.info.name for meter in rapl.find(machine.place).meters] == [
        "package-0-die-0",
        "package-1-die-0",
    ]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_counter_for_root_only_is_refused_with_the_way_to_permit_it(machine: Machine) -> None:
    machine.zone("intel-rapl:0", "package-0", 111).chmod(0)
    (refusal,) = rapl.find(machine.place).refusals
    assert "root only" in refusal.why
    assert refusal.permit is not None
    assert "PLATYPUS" in refusal.permit


def test_a_counter_that_cannot_be_read_is_refused(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.zone("intel-rapl:0", "package-0", 111)
    monkeypatch.setattr(os, "access", lambda *_: False)
    found = rapl.find(machine.place)
    assert not found.meters
    assert found.refusals[0].permit is not None


def test_a_guest_has_no_rapl_and_says_why(tmp_path: Path) -> None:
    (refusal,) = rapl.find(Machine(tmp_path, guest="a virtual machine (KVM)").place).refusals
    assert refusal.why == "inside a virtual machine (KVM): no sensor is shown to guests"


def test_a_zone_that_vanishes_while_running_gives_a_reason(machine: Machine) -> None:
    counter = machine.zone("intel-rapl:0", "package-0", 111)
    (meter,) = rapl.find(machine.place).meters
    counter.unlink()
    reading = meter.read(at(1))
    assert (reading.energy_uj, reading.why_not) == (None, "energy_uj: no such file or directory")
    counter.write_text("no number\n", encoding="utf-8")
    assert meter.read(at(2)).why_not == "energy_uj: no number"


def test_amd_graphics_are_read_by_their_average_else_by_their_input(machine: Machine) -> None:
    card = "/sys/class/drm/card0/device/hwmon/hwmon3"
    machine.write(f"{card}/name", "amdgpu")
    machine.write(f"{card}/power1_input", 91_000_000)
    (meter,) = drm.find(machine.place).meters
    assert meter.read(at(0)).power_mw == 91_000
    machine.write(f"{card}/power1_average", 88_000_000)
    (meter,) = drm.find(machine.place).meters
    assert (meter.read(at(0)).power_mw, meter.info.scope) == (88_000, Scope.GPU)


def test_an_amd_chip_with_graphics_measures_the_whole_chip_and_is_not_added_to_its_cpu(
    machine: Machine,
) -> None:
    machine.zone("intel-rapl:0", "package-0", 111)
    card = "/sys/class/drm/card1/device"
    machine.write(f"{card}/mem_info_vram_total", 512 << 20)
    machine.write(f"{card}/mem_info_gtt_total", 16 << 30)
    machine.write(f"{card}/hwmon/hwmon0/name", "amdgpu")
    machine.write(f"{card}/hwmon/hwmon0/power1_input", 15_000_000)
    infos = [meter.info for meter in find_meters(machine.place, with_gpu=False).meters]
    assert [info.scope for info in addable(infos)] == [Scope.SOC]


def test_intel_graphics_are_a_counter(machine: Machine) -> None:
    card = "/sys/class/drm/card0/device/hwmon/hwmon1"
    machine.write(f"{card}/name", "xe")
    machine.write(f"{card}/energy1_input", 123_456)
    (meter,) = drm.find(machine.place).meters
    assert (meter.info.reads, meter.read(at(0)).energy_uj) == (Reads.COUNTER, 123_456)


def test_a_card_whose_driver_shows_nothing_is_refused(machine: Machine) -> None:
    machine.write("/sys/class/drm/card0/device/hwmon/hwmon1/name", "amdgpu")
    assert "no power" in drm.find(machine.place).refusals[0].why


def test_a_battery_tells_watts_only_while_it_is_used(machine: Machine) -> None:
    folder = "/sys/class/power_supply/BAT0"
    machine.write(f"{folder}/type", "Battery")
    machine.write(f"{folder}/status", "Discharging")
    machine.write(f"{folder}/power_now", 11_500_000)
    machine.write("/sys/class/power_supply/AC/type", "Mains")
    machine.write("/sys/class/power_supply/hid-mouse/type", "Battery")
    machine.write("/sys/class/power_supply/hid-mouse/scope", "Device")
    (meter,) = battery.find(machine.place).meters
    assert meter.read(at(0)).power_mw == 11_500
    machine.write(f"{folder}/status", "Charging")
    assert meter.read(at(1)).why_not == "the battery is charging: it tells watts on battery only"


def test_a_battery_without_power_is_current_times_voltage(machine: Machine) -> None:
    folder = "/sys/class/power_supply/BAT1"
    for name, value in {"type": "Battery", "status": "Discharging", "current_now": 1_000_000}.items():
        machine.write(f"{folder}/{name}", value)
    (meter,) = battery.find(machine.place).meters
    assert meter.read(at(0)).why_not == "the battery tells no power"
    machine.write(f"{folder}/voltage_now", 12_000_000)
    assert meter.read(at(0)).power_mw == 12_000


def test_a_jetson_is_read_at_its_input_rail(machine: Machine) -> None:
    folder = "/sys/class/hwmon/hwmon2"
    machine.write(f"{folder}/name", "ina3221")
    for number, label in (("1", "VDD_IN"), ("2", "VDD_CPU_GPU_CV")):
        machine.write(f"{folder}/in{number}_label", label)
        machine.write(f"{folder}/in{number}_input", 5000)
        machine.write(f"{folder}/curr{number}_input", 1200)
    (meter,) = boards.find(machine.place).meters
    assert (meter.info.name, meter.read(at(0)).power_mw) == ("VDD_IN", 6000)


def test_a_raspberry_pi_5_sums_its_rails_and_a_pi_4_has_none(machine: Machine) -> None:
    pi = boards.RaspberryPi(
        lambda: "  3V7_A current(0)=1.00000000A\n  3V7_V volt(8)=3.70000000V\n X_A current(1)=9A\n"
    )
    reading = pi.read(at(0))
    assert reading.power_mw == round(3.7 * 1145.1 + 587.9)
    assert pi.info.quality is Quality.VENDOR_MODEL
    machine.write("/proc/device-tree/model", "Raspberry Pi 4 Model B")
    assert boards.find(machine.place).refusals[0].why == "this board has no current sensor"


class NvmlError(Exception):
    """The library's own error."""


def library(**functions: Any) -> SimpleNamespace:
    """A made-up NVML with one GPU; what is not given is not supported."""

    def refuse(*_: object) -> Any:
        raise NvmlError("Not Supported")

    names = (
        "nvmlDeviceGetTotalEnergyConsumption",
        "nvmlDeviceGetPowerUsage",
        "nvmlDeviceGetFieldValues",
        "nvmlDeviceGetPowerManagementLimitConstraints",
        "nvmlDeviceGetComputeRunningProcesses",
        "nvmlDeviceGetProcessUtilization",
    )
    made: dict[str, Any] = dict.fromkeys(names, refuse)
    made |= {
        "NVMLError": NvmlError,
        "_nvmlGetFunctionPointer": None,
        "nvmlInit": lambda: None,
        "nvmlDeviceGetCount": lambda: 1,
        "nvmlDeviceGetHandleByIndex": lambda index: index,
        "nvmlDeviceGetName": lambda _: "Made-up 9000",
        "NVML_FI_DEV_POWER_INSTANT": 186,
    }
    return SimpleNamespace(**(made | functions))


def test_a_gpu_with_a_counter_is_read_by_it() -> None:
    (meter,) = nvidia.find(lambda: library(nvmlDeviceGetTotalEnergyConsumption=lambda _: 42)).meters
    assert (meter.info.reads, meter.read(at(0)).energy_uj) == (Reads.COUNTER, 42_000)


def test_a_gpu_without_a_counter_is_a_gauge_that_averages_a_second() -> None:
    (meter,) = nvidia.find(lambda: library(nvmlDeviceGetPowerUsage=lambda _: 212_345)).meters
    assert (meter.info.reads, meter.info.period_ms, meter.read(at(0)).power_mw) == (
        Reads.GAUGE,
        1000,
        212_345,
    )


def test_a_gpu_that_stops_answering_is_a_reason() -> None:
    answers = iter([1, 1])
    nvml = library(nvmlDeviceGetTotalEnergyConsumption=lambda _: next(answers))

    def lost(_: object) -> int:
        raise NvmlError("GPU is lost")

    (meter,) = nvidia.find(lambda: nvml).meters
    nvml.nvmlDeviceGetTotalEnergyConsumption = lost
    assert meter.read(at(1)).why_not == "gpu is lost"


def test_no_driver_no_library_and_a_false_library_are_refusals() -> None:
    def no_driver() -> None:
        raise NvmlError("NVML Shared Library Not Found")

    def missing() -> Any:
        raise ImportError

    (refusal,) = nvidia.find(lambda: library(nvmlInit=no_driver)).refusals
    assert refusal.why == "no NVIDIA driver answers (nvml shared library not found)"
    assert "not installed" in nvidia.find(missing).refusals[0].why
    assert nvidia.find(SimpleNamespace).refusals[0].permit is not None


def test_processes_that_compute_are_told_with_their_newest_share() -> None:
    running = [SimpleNamespace(pid=7, usedGpuMemory=1 << 30), SimpleNamespace(pid=9, usedGpuMemory=None)]
    samples = [SimpleNamespace(pid=7, timeStamp=2, smUtil=60), SimpleNamespace(pid=7, timeStamp=1, smUtil=5)]
    nvml = library(
        nvmlDeviceGetTotalEnergyConsumption=lambda _: 1,
        nvmlDeviceGetComputeRunningProcesses=lambda _: running,
        nvmlDeviceGetProcessUtilization=lambda *_: samples,
    )
    (meter,) = nvidia.find(lambda: nvml).meters
    assert isinstance(meter, nvidia.NvidiaMeter)
    assert meter.computing() == (nvidia.Computing(7, 1 << 30, 60), nvidia.Computing(9, None, 0))


@pytest.mark.parametrize(
    ("path", "text", "guest"),
    [
        ("/proc/cpuinfo", "processor : 0\nflags\t\t: fpu vme hypervisor sse", "a virtual machine"),
        ("/proc/cpuinfo", "flags : fpu vme", None),
        ("/.dockerenv", "", "a container"),
        ("/proc/sys/kernel/osrelease", "6.6.1-microsoft-standard-WSL2", "Windows Subsystem for Linux"),
        ("/proc/1/cgroup", "0::/system.slice/docker-1.scope", "a container"),
    ],
)
def test_a_guest_is_known_by_its_files(machine: Machine, path: str, text: str, guest: str | None) -> None:
    machine.write(path, text)
    assert here(machine.root).guest == guest


def test_this_computer_is_searched_without_an_error() -> None:
    found = find_meters()
    for meter in found.meters:
        reading = meter.read(at(0))
        assert (reading.energy_uj is None and reading.power_mw is None) == (reading.why_not is not None)


def test_what_is_derived_inherits_the_worst_badge() -> None:
    assert worst([Quality.SENSOR, Quality.CALIBRATED, Quality.VENDOR_MODEL]) is Quality.CALIBRATED
    assert worst([]) is Quality.NONE
