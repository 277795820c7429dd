"""NVIDIA graphics by the driver's management library (NVML).

``nvmlDeviceGetTotalEnergyConsumption`` counts millijoules since the driver was loaded (Volta and newer);
where it is not supported, power is a gauge: field values with a scope of the GPU alone, else
``nvmlDeviceGetPowerUsage``. Reading keeps a sleeping laptop card awake, so a caller asks only while a
program computes on it. On A100 and H100 the sensor looks only a quarter of the time (arXiv 2312.02741).
Source: NVIDIA's NVML reference.
"""

from __future__ import annotations

import importlib
import os
from typing import TYPE_CHECKING, Any, Final

import msgspec

from tokencoach.power.reading import Found, MeterInfo, Quality, Reading, Reads, Refusal, Scope

if TYPE_CHECKING:
    from collections.abc import Callable

    from tokencoach.power.instant import Instant
    from tokencoach.power.place import Place

_AVERAGED_MS: Final = 1000
_SCOPE_GPU: Final = 0
_SELDOM: Final = ("A100", "H100")
_SIGNS: Final = ("/proc/driver/nvidia/version", "/dev/nvidiactl", "/usr/lib/wsl/lib/libnvidia-ml.so.1")
_MOST_MW: Final = 2_000_000


class Computing(msgspec.Struct, frozen=True):
    """A process that computes on a GPU; its share of the last sampling time where the driver tells it."""

    pid: int
    memory_bytes: int | None
    sm_percent: int | None = None


class NvidiaMeter:
    """One GPU: its energy counter, else its gauge."""

    def __init__(
        self, nvml: Any, handle: Any, info: MeterInfo, instant_field: int | None, *, is_guest: bool = False
    ) -> None:
        self._nvml = nvml
        self._handle = handle
        self._info = info
        self._field = instant_field
        self._is_guest = is_guest
        self._newest = 0
        self._told = False
        self._computing: tuple[Computing, ...] | None = None
        self.is_partitioned = _is_partitioned(nvml, handle)

    @property
    def info(self) -> MeterInfo:
        """What it measures and how."""
        return self._info

    def read(self, at: Instant) -> Reading:
        """Energy or power now."""
        self._told = False
        try:
            if self._info.reads is Reads.COUNTER:
                millijoules = self._nvml.nvmlDeviceGetTotalEnergyConsumption(self._handle)
                return Reading(at, energy_uj=int(millijoules) * 1000)
            return Reading(at, power_mw=self.power_mw())
        except self._nvml.NVMLError as error:
            return Reading(at, why_not=_said(error))

    def power_mw(self) -> int:
        """The gauge, whether or not the counter is used.

        Raises:
            NVMLError: of the library, where the device does not answer.
        """
        if self._field is not None:
            value = _field_value(self._nvml, self._handle, self._field)
            if value is not None:
                return value
        return int(self._nvml.nvmlDeviceGetPowerUsage(self._handle))

    def computing(self) -> tuple[Computing, ...] | None:
        """Processes that compute on it; None where the driver does not tell. One answer for each reading.

        Inside a container or WSL the list is empty, or has the ids that processes have outside.
        """
        if not self._told:
            self._told, self._computing = True, self._asked()
        return self._computing

    def _asked(self) -> tuple[Computing, ...] | None:
        try:
            running = self._nvml.nvmlDeviceGetComputeRunningProcesses(self._handle)
        except self._nvml.NVMLError:
            return None
        if self._is_guest and not (running and all(_is_here(int(it.pid)) for it in running)):
            return None
        shares = self._shares() if len(running) > 1 else None
        # Of those that it samples, the driver leaves out the ones that did nothing.
        idle = None if shares is None else 0
        return tuple(
            Computing(int(it.pid), _bytes(it.usedGpuMemory), (shares or {}).get(int(it.pid), idle))
            for it in running
        )

    def _shares(self) -> dict[int, int] | None:
        """Percent by process since the last question; None where the driver does not sample."""
        try:
            samples = self._nvml.nvmlDeviceGetProcessUtilization(self._handle, self._newest)
        except self._nvml.NVMLError as error:
            return {} if "not found" in str(error).lower() else None
        newest: dict[int, tuple[int, int]] = {}
        for sample in samples:
            pid, stamp = int(sample.pid), int(sample.timeStamp)
            if stamp >= newest.get(pid, (0, 0))[0]:
                newest[pid] = (stamp, int(sample.smUtil))
        self._newest = max([self._newest, *(stamp for stamp, _ in newest.values())])
        return {pid: share for pid, (_, share) in newest.items()}


def find(load: Callable[[], Any] | None = None, *, is_guest: bool = False) -> Found:
    """Every GPU that NVML knows; ``load`` gives the library and is replaced in tests.

    ``is_guest`` says that processes may have other ids here than the driver knows them by.
    """
    try:
        nvml = (load or library)()
    except ImportError:
        return Found((), (Refusal("NVML", "the library nvidia-ml-py is not installed"),))
    if not hasattr(nvml, "_nvmlGetFunctionPointer"):
        why = "another package named pynvml hides NVIDIA's own"
        return Found((), (Refusal("NVML", why, "uninstall the package pynvml, then reinstall nvidia-ml-py"),))
    try:
        nvml.nvmlInit()
        count = int(nvml.nvmlDeviceGetCount())
    except nvml.NVMLError as error:
        said = _said(error)
        why = f"no NVIDIA driver answers ({said})" if "not found" in said else said
        return Found((), (Refusal("NVML", why),))
    meters: list[NvidiaMeter] = []
    refusals: list[Refusal] = []
    for index in range(count):
        try:
            meters.append(_meter(nvml, index, is_guest=is_guest))
        except nvml.NVMLError as error:
            refusals.append(Refusal(f"NVIDIA GPU {index}", _said(error)))
    return Found(tuple(meters), tuple(refusals))


def library() -> Any:
    """NVIDIA's library.

    Raises:
        ImportError: it is not installed.
    """
    return importlib.import_module("pynvml")


def waiting(place: Place) -> Found:
    """What is said in place of cards that are not asked, where there is a driver for some."""
    system = place.file(os.environ.get("SYSTEMROOT", "C:/Windows")) / "System32"
    signs = (system / "nvml.dll",) if place.system == "windows" else tuple(map(place.file, _SIGNS))
    if not any(sign.exists() for sign in signs):
        return Found()
    why = "not asked while no inference server runs: asking keeps a sleeping card awake"
    return Found((), (Refusal("NVML", why, "tokencoach power doctor  asks it once"),))


def _meter(nvml: Any, index: int, *, is_guest: bool) -> NvidiaMeter:
    handle = nvml.nvmlDeviceGetHandleByIndex(index)
    name = nvml.nvmlDeviceGetName(handle)
    counts = _counts(nvml, handle)
    field = None if counts else _instant_field(nvml, handle)
    if not counts and field is None:
        nvml.nvmlDeviceGetPowerUsage(handle)
    whole_module = "GH200" in str(name) and field is None and not counts
    info = MeterInfo(
        id=f"{Scope.GPU}:{index}",
        scope=Scope.MODULE if whole_module else Scope.GPU,
        quality=Quality.SENSOR,
        reads=Reads.COUNTER if counts else Reads.GAUGE,
        name=name if isinstance(name, str) else name.decode("utf-8", "replace"),
        source=("NVML energy counter" if counts else "NVML power gauge") + _seldom(str(name)),
        most_mw=_limit(nvml, handle),
        period_ms=100 if counts or field is not None else _AVERAGED_MS,
    )
    return NvidiaMeter(nvml, handle, info, _instant_field(nvml, handle), is_guest=is_guest)


def _is_partitioned(nvml: Any, handle: Any) -> bool:
    """Whether the card is cut into slices (MIG), which have no power of their own."""
    try:
        return bool(nvml.nvmlDeviceGetMigMode(handle)[0])
    except (nvml.NVMLError, AttributeError, IndexError):
        return False


def _is_here(pid: int) -> bool:
    import psutil  # noqa: PLC0415 - slow to import, and asked inside guests only

    return psutil.pid_exists(pid)


def _seldom(name: str) -> str:
    return ", whose sensor looks a quarter of the time" if any(chip in name for chip in _SELDOM) else ""


def _counts(nvml: Any, handle: Any) -> bool:
    try:
        nvml.nvmlDeviceGetTotalEnergyConsumption(handle)
    except nvml.NVMLError:
        return False
    return True


def _limit(nvml: Any, handle: Any) -> int:
    """Twice the power that the card may be set to, since short peaks go above it."""
    try:
        return 2 * int(nvml.nvmlDeviceGetPowerManagementLimitConstraints(handle)[1])
    except (nvml.NVMLError, AttributeError, IndexError):
        return _MOST_MW


def _instant_field(nvml: Any, handle: Any) -> int | None:
    field = getattr(nvml, "NVML_FI_DEV_POWER_INSTANT", None)
    if field is None or _field_value(nvml, handle, field) is None:
        return None
    return int(field)


def _field_value(nvml: Any, handle: Any, field: int) -> int | None:
    """Milliwatts of a field in the scope of the GPU alone, or None where it is not supported."""
    try:
        value = nvml.nvmlDeviceGetFieldValues(handle, [(field, _SCOPE_GPU)])[0]
    except (nvml.NVMLError, AttributeError, TypeError, IndexError):
        return None
    return int(value.value.uiVal) if value.nvmlReturn == 0 else None


def _bytes(count: Any) -> int | None:
    return None if count is None else int(count)


def _said(error: Exception) -> str:
    """The library's own words for an error, as one line."""
    return " ".join(str(error).split()).lower() or type(error).__name__
