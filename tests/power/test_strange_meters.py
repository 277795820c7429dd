"""What real devices do that their documents do not dwell on: sleep, twins, parts, guests, errors by another name."""

from __future__ import annotations

import errno
import os
import socket
from threading import Thread
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from power.machine import Machine, at
from power.simulated import INFO, Simulation, slot
from power.test_meters import NvmlError, library
from tokencoach.power.holding import holds
from tokencoach.power.meters import averaged, battery, boards, drm, files, nvidia, plug, rapl
from tokencoach.power.reading import Found, Reads, Scope
from tokencoach.power.search import addable

if TYPE_CHECKING:
    from pathlib import Path

CARD = "/sys/class/drm/card0/device"
MONITOR = f"{CARD}/hwmon/hwmon3"


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.mark.parametrize("driver", ["amdgpu", "xe"])
def test_a_sleeping_card_is_not_woken(machine: Machine, driver: str) -> None:
    machine.write(f"{MONITOR}/name", driver)
    machine.write(f"{MONITOR}/power1_average", 9_000_000)
    machine.write(f"{MONITOR}/energy1_input", 77)
    machine.write(f"{CARD}/power/runtime_status", "suspended")
    (meter,) = drm.find(machine.place).meters
    reading = meter.read(at(0))
    assert (reading.power_mw, reading.energy_uj) == (None, None)
    assert reading.why_not == "asleep, and not woken to be measured"
    machine.write(f"{CARD}/power/runtime_status", "active")
    assert meter.read(at(1)).why_not is None


def test_a_driver_that_refuses_because_the_card_sleeps_says_so(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.write(f"{MONITOR}/name", "amdgpu")
    file = machine.write(f"{MONITOR}/power1_average", 9_000_000)
    (meter,) = drm.find(machine.place).meters

    def refuse(_: Path) -> bytes:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(type(file), "read_bytes", refuse)
    assert meter.read(at(0)).why_not == "power1_average: asleep"


def test_a_file_that_the_chip_does_not_support_gives_way_to_the_other(machine: Machine) -> None:
    machine.write(f"{MONITOR}/name", "amdgpu")
    machine.write(f"{MONITOR}/power1_average", "")
    machine.write(f"{MONITOR}/power1_input", 31_000_000)
    (meter,) = drm.find(machine.place).meters
    assert (meter.info.source, meter.read(at(0)).power_mw) == ("hwmon power1_input", 31_000)


def test_intel_cards_without_a_counter_of_the_card_are_read_by_that_of_their_package(
    machine: Machine,
) -> None:
    machine.write(f"{MONITOR}/name", "xe")
    machine.write(f"{MONITOR}/energy2_input", 5_000)
    (meter,) = drm.find(machine.place).meters
    assert (meter.info.reads, meter.read(at(0)).energy_uj) == (Reads.COUNTER, 5_000)


@pytest.mark.parametrize(
    ("label", "metrics", "scope"),
    [
        ("vddnb", None, Scope.SOC),
        (None, b"\x80\x00\x02\x02", Scope.SOC),
        (None, b"\x08\x01\x03\x00", Scope.SOC),
        (None, b"\x78\x00\x01\x03", Scope.GPU),
        (None, b"\x00", Scope.GPU),
    ],
)
def test_a_chip_with_much_memory_of_its_own_is_known_as_a_whole_chip(
    machine: Machine, label: str | None, metrics: bytes | None, scope: Scope
) -> None:
    machine.write(f"{CARD}/mem_info_vram_total", 96 << 30)
    machine.write(f"{CARD}/mem_info_gtt_total", 16 << 30)
    machine.write(f"{MONITOR}/name", "amdgpu")
    machine.write(f"{MONITOR}/power1_average", 55_000_000)
    if label:
        machine.write(f"{MONITOR}/in1_label", label)
    if metrics:
        machine.write(f"{CARD}/gpu_metrics", "").write_bytes(metrics)
    (meter,) = drm.find(machine.place).meters
    assert meter.info.scope is scope


def test_twins_are_known_on_both_sides_of_a_joule(machine: Machine) -> None:
    machine.zone("intel-rapl:0", "package-0-die-0", 5_000_999_990)
    machine.zone("intel-rapl:1", "package-0-die-1", 5_001_000_010)
    assert len(rapl.find(machine.place).meters) == 1


def test_what_only_root_may_read_is_one_card_for_all_zones(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number, name in (("0", "package-0"), ("0:0", "core"), ("0:1", "dram"), ("1", "psys")):
        machine.zone(f"intel-rapl:{number}", name, 1)
    monkeypatch.setattr(os, "access", lambda *_: False)
    (refusal,) = rapl.find(machine.place).refusals
    assert refusal.interface == "RAPL package-0, psys, core, dram"
    assert refusal.permit is not None
    rules = [line for line in refusal.permit.splitlines() if line.startswith("z ")]
    assert rules == [
        f"z /sys/class/powercap/intel-rapl:{number}/energy_uj 0440 root power" for number in (0, 1)
    ]


def test_a_processor_of_another_maker_has_no_rapl_and_one_without_the_module_is_told_its_name(
    machine: Machine,
) -> None:
    assert "Intel's and AMD's" in rapl.find(machine.place).refusals[0].why
    machine.write("/proc/cpuinfo", "processor : 0\nvendor_id : AuthenticAMD")
    assert rapl.find(machine.place).refusals[0].permit == "sudo modprobe intel_rapl_msr"


def battery_folder(machine: Machine, number: int, **files: object) -> None:
    for name, value in ({"type": "Battery"} | files).items():
        machine.write(f"/sys/class/power_supply/BAT{number}/{name}", value)


def test_two_batteries_are_one_meter_and_their_powers_are_added(machine: Machine) -> None:
    battery_folder(machine, 0, status="Discharging", power_now=5_000_000)
    battery_folder(machine, 1, status="Discharging", power_now=4_000_000)
    (meter,) = battery.find(machine.place).meters
    assert meter.read(at(0)).power_mw == 9_000
    battery_folder(machine, 1, status="Not charging", power_now=0)
    assert meter.read(at(1)).power_mw == 5_000
    battery_folder(machine, 1, status="Charging", power_now=4_000_000)
    assert meter.read(at(2)).power_mw is None


def test_a_battery_in_use_that_tells_zero_tells_nothing(machine: Machine) -> None:
    battery_folder(machine, 0, status="Discharging", power_now=0)
    (meter,) = battery.find(machine.place).meters
    assert meter.read(at(0)).why_not == "the battery tells no power"


def rails(machine: Machine, monitor: int, *names: str) -> None:
    folder = f"/sys/class/hwmon/hwmon{monitor}"
    machine.write(f"{folder}/name", "ina3221")
    for number, name in enumerate(names, 1):
        machine.write(f"{folder}/in{number}_label", name)
        machine.write(f"{folder}/in{number}_input", 5000)
        machine.write(f"{folder}/curr{number}_input", 1000 * number)
    machine.write(f"{folder}/in7_label", "sum of shunt voltages")
    machine.write(f"{folder}/in7_input", 3)


def test_a_jetson_without_an_input_rail_adds_the_rails_that_make_it_up(machine: Machine) -> None:
    rails(machine, 1, "VDD_GPU_SOC", "VDD_CPU_CV", "VIN_SYS_5V0")
    rails(machine, 2, "VDDQ_VDD2_1V8AO")
    (meter,) = boards.find(machine.place).meters
    assert meter.info.name == "VDD_GPU_SOC + VDD_CPU_CV + VIN_SYS_5V0"
    assert meter.read(at(0)).power_mw == 5_000 + 10_000 + 15_000


def test_rails_that_nobody_knows_are_refused_by_name(machine: Machine) -> None:
    rails(machine, 1, "CARRIER_12V")
    found = boards.find(machine.place)
    assert not found.meters
    assert "CARRIER_12V" in found.refusals[0].why


@pytest.mark.parametrize(
    ("model", "has_meter"),
    [
        ("Raspberry Pi 5 Model B Rev 1.0", True),
        ("Raspberry Pi 500 Rev 1.0", True),
        ("Raspberry Pi Compute Module 5 Rev 1.0", True),
        ("Raspberry Pi 4 Model B Rev 1.5", False),
        ("Raspberry Pi Compute Module 4 Rev 1.1", False),
    ],
)
def test_boards_with_the_power_chip_are_known_by_their_models(
    machine: Machine, model: str, *, has_meter: bool
) -> None:
    machine.write("/proc/device-tree/model", model)
    machine.write("/dev/vcio", "")
    found = boards.find(machine.place, lambda _: "/usr/bin/vcgencmd")
    assert bool(found.meters) is has_meter


def test_a_raspberry_pi_says_what_it_lacks(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.write("/proc/device-tree/model", "Raspberry Pi 5 Model B Rev 1.0")
    machine.write("/dev/vcio", "")
    assert boards.find(machine.place, lambda _: None).refusals[0].permit == "sudo apt install raspi-utils"
    monkeypatch.setattr(os, "access", lambda *_: False)
    refusal = boards.find(machine.place, lambda _: "/usr/bin/vcgencmd").refusals[0]
    assert refusal.why == "vcgencmd may be used by the group video only"


def test_the_rails_of_a_raspberry_pi_are_read_as_its_program_lists_them() -> None:
    listed = (
        " 3V7_WL_SW_A current(0)=0.00390372A\n   3V3_SYS_A current(1)=0.04342888A\n"
        "  VDD_CORE_A current(7)=0.95672000A\n 3V7_WL_SW_V volt(8)=3.70143200V\n"
        "   3V3_SYS_V volt(9)=3.31070200V\n  VDD_CORE_V volt(15)=0.72112500V\n"
        "     EXT5V_V volt(24)=5.15300000V\n      BATT_V volt(25)=0.00683760V\n"
    )
    reading = boards.RaspberryPi(lambda: listed).read(at(0))
    watts = 0.00390372 * 3.701432 + 0.04342888 * 3.310702 + 0.95672 * 0.721125
    assert reading.power_mw == round(watts * 1145.1 + 587.9)


def running(*pids: int) -> list[SimpleNamespace]:
    return [SimpleNamespace(pid=pid, usedGpuMemory=None) for pid in pids]


def gpu(*, is_guest: bool = False, **functions: Any) -> nvidia.NvidiaMeter:
    made = library(nvmlDeviceGetTotalEnergyConsumption=lambda _: 1, **functions)
    (meter,) = nvidia.find(lambda: made, is_guest=is_guest).meters
    assert isinstance(meter, nvidia.NvidiaMeter)
    return meter


def test_inside_a_guest_an_empty_list_and_ids_of_the_host_tell_nothing() -> None:
    nobody = gpu(is_guest=True, nvmlDeviceGetComputeRunningProcesses=lambda _: [])
    assert nobody.computing() is None
    elsewhere = gpu(is_guest=True, nvmlDeviceGetComputeRunningProcesses=lambda _: running(2**30))
    assert elsewhere.computing() is None
    own = gpu(is_guest=True, nvmlDeviceGetComputeRunningProcesses=lambda _: running(os.getpid()))
    assert own.computing() == (nvidia.Computing(os.getpid(), None),)
    bare = gpu(nvmlDeviceGetComputeRunningProcesses=lambda _: [])
    assert bare.computing() == ()


def test_shares_are_asked_since_the_last_ones_and_none_found_means_that_all_rest() -> None:
    asked: list[int] = []

    def sampled(_: object, since: int) -> list[SimpleNamespace]:
        asked.append(since)
        if len(asked) == 2:
            raise NvmlError("Not Found")
        return [SimpleNamespace(pid=7, timeStamp=500, smUtil=60)]

    meter = gpu(
        nvmlDeviceGetComputeRunningProcesses=lambda _: running(7, 9), nvmlDeviceGetProcessUtilization=sampled
    )
    for percents in ([60, 0], [0, 0]):
        meter.read(at(0))
        assert [it.sm_percent for it in meter.computing() or ()] == percents
        assert [it.sm_percent for it in meter.computing() or ()] == percents
    assert asked == [0, 500]
    silent = gpu(nvmlDeviceGetComputeRunningProcesses=lambda _: running(7, 9))
    assert [it.sm_percent for it in silent.computing() or ()] == [None, None]


def test_a_card_in_slices_is_known_and_one_that_looks_seldom_says_so() -> None:
    assert gpu(nvmlDeviceGetMigMode=lambda _: [1, 1]).is_partitioned
    assert not gpu().is_partitioned
    named = gpu(nvmlDeviceGetName=lambda _: "NVIDIA H100 80GB HBM3")
    assert "a quarter of the time" in named.info.source


def test_a_card_that_is_not_asked_is_told_where_there_is_a_driver(machine: Machine) -> None:
    assert nvidia.waiting(machine.place).refusals == ()
    machine.write("/proc/driver/nvidia/version", "NVRM version")
    (refusal,) = nvidia.waiting(machine.place).refusals
    assert "keeps a sleeping card awake" in refusal.why


def test_whether_a_device_sleeps_is_read_from_its_own_word(machine: Machine) -> None:
    assert not files.is_asleep(machine.root / "nowhere")
    assert files.is_asleep(machine.write("/runtime_status", "suspending"))


class OneClient:
    """A plug's answer to one question of a real connection."""

    def __init__(self, raw: bytes) -> None:
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]
        self.asked = b""
        Thread(target=self._answer, args=(raw,), daemon=True).start()

    def _answer(self, raw: bytes) -> None:
        with self.listening, self.listening.accept()[0] as to:
            self.asked = to.recv(4096)
            to.sendall(raw)


def answered(status: str, body: str) -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()


@pytest.mark.parametrize(
    ("raw", "milliwatts", "why"),
    [
        (answered("200 OK", '{"state":"0.25","attributes":{"unit_of_measurement":"kW"}}'), 250_000, None),
        (answered("200 OK", '{"state":"41.5","attributes":{"unit_of_measurement":"W"}}'), 41_500, None),
        (
            answered("200 OK", '{"state":"unavailable","attributes":{"unit_of_measurement":"W"}}'),
            None,
            "the plug is unavailable",
        ),
        (
            answered("200 OK", '{"state":"3","attributes":{"unit_of_measurement":"kWh"}}'),
            None,
            "the plug tells kWh, not W: name its entity of power",
        ),
        (
            answered("401 Unauthorized", ""),
            None,
            "the plug asks for a right (status 401); of Home Assistant a token in TOKENCOACH_HOME_ASSISTANT_TOKEN",
        ),
        (answered("200 OK", "<html>"), None, "the plug's answer is none of a home-assistant that measures"),
        (answered("404 Not Found", "{}"), None, "the plug answers with status 404"),
    ],
)
def test_home_assistant_is_read_in_its_own_unit_and_says_what_is_wrong(
    monkeypatch: pytest.MonkeyPatch, raw: bytes, milliwatts: int | None, why: str | None
) -> None:
    monkeypatch.delenv("TOKENCOACH_HOME_ASSISTANT_TOKEN", raising=False)
    made = OneClient(raw)
    (meter,) = plug.find([f"home-assistant:localhost:{made.port}/sensor.desk"]).meters
    reading = meter.read(at(0))
    assert (reading.power_mw, reading.why_not) == (milliwatts, why)
    assert made.asked.startswith(b"GET /api/states/sensor.desk ")


def test_a_plug_of_several_sockets_is_their_sum() -> None:
    body = '{"StatusSNS":{"ENERGY":{"Power":[12,30.5]}}}'
    made = OneClient(answered("200 OK", body))
    (meter,) = plug.find([f"tasmota:127.0.0.1:{made.port}"]).meters
    assert meter.read(at(0)).power_mw == 42_500


def test_a_name_with_one_address_outside_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(None, None, None, "", (address, 0)) for address in ("192.168.1.4", "203.0.113.9")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    assert plug.find(["shelly:plug.example"]).meters == ()
    asked: list[str] = []
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found[:1])

    def connect(host: str, _port: int, _token: str | None) -> Any:
        asked.append(host)
        return lambda _: {"apower": 1}

    plug.find(["shelly:plug.example"], connect)
    assert asked == ["192.168.1.4"]


def test_what_a_service_publishes_is_read_while_it_is_fresh_and_gives_way_to_the_counter(
    machine: Machine,
) -> None:
    assert averaged.find(machine.place).meters == ()
    file = machine.write(averaged.FILE, 23_500)
    (meter,) = averaged.find(machine.place).meters
    assert meter.read(at(0)).power_mw == 23_500
    file.write_text("-262143328\n", encoding="utf-8")
    assert meter.read(at(1)).why_not == "the service published no figure"
    os.utime(file, (1, 1))
    assert "has not done so" in (meter.read(at(2)).why_not or "")
    file.unlink()
    assert "is gone" in (meter.read(at(3)).why_not or "")
    machine.zone("intel-rapl:0", "package-0", 111)
    counter = rapl.find(machine.place).meters[0].info
    assert addable([meter.info, counter]) == [counter]
    assert addable([meter.info]) == [meter.info]


def test_a_server_that_has_not_opened_a_card_is_charged_nothing_of_it(machine: Machine) -> None:
    machine.write(f"{MONITOR}/name", "amdgpu")
    machine.write(f"{MONITOR}/power1_average", 20_000_000)
    for node in ("card0", "renderD128", "controlD64"):
        machine.write(f"{CARD}/drm/{node}/dev", "226:0")
    (meter,) = drm.find(machine.place).meters
    assert isinstance(meter, files.FileMeter)
    assert meter.nodes == ("/dev/dri/card0", "/dev/dri/renderD128")
    folder = machine.root / "proc" / "7" / "fd"
    folder.mkdir(parents=True)
    (folder / "0").symlink_to("/dev/null")
    assert holds(machine.place, [7], meter.nodes) is False
    assert holds(machine.place, [9], meter.nodes) is None
    (folder / "5").symlink_to("/dev/dri/renderD128")
    assert holds(machine.place, [9, 7], meter.nodes) is True


@pytest.mark.parametrize(("opened", "total_uj"), [("/dev/null", 0), ("/dev/dri/renderD128", 200_000_000)])
def test_the_energy_of_a_card_goes_to_who_has_it_open(machine: Machine, opened: str, total_uj: int) -> None:
    made = Simulation(machine.root)
    drawn = machine.write("/card", 20_000)
    card = files.FileMeter(
        msgspec.structs.replace(INFO, id="gpu:amdgpu0", reads=Reads.GAUGE),
        (drawn,),
        int,
        nodes=("/dev/dri/renderD128",),
    )
    made.sampler._search = lambda *_, **__: Found((card,))
    made.sampler._family = lambda pid: {pid}
    made.sampler._searched = None
    folder = machine.root / "proc" / "1" / "fd"
    folder.mkdir(parents=True)
    (folder / "4").symlink_to(opened)
    made.idle()
    made.run(3)
    made.work(slot(0, 1))
    for second in range(10):
        drawn.write_text(f"{20_000 + second}\n", encoding="utf-8")
        made.run(1, tokens=9)
    made.idle()
    made.run(3)
    (request,) = made.sampler.take().served
    assert request.energy.total_uj == pytest.approx(total_uj, rel=0.15)
    assert (request.energy.assumes is not None) is (total_uj > 0)
