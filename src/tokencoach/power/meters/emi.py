"""Windows' Energy Meter Interface: counters of the processor package in picowatt-hours, without any right.

Source: the structures EMI_METADATA_V1, EMI_METADATA_V2 and EMI_CHANNEL_MEASUREMENT_DATA of the Windows driver
kit (emi.h). Some systems show one device a core: only packages and DRAM are kept, and of counters that are
equal the first, since dies of one processor mirror each other.
"""

from __future__ import annotations

import re
import struct
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.power.reading import Found, MeterInfo, Quality, Reading, Reads, Refusal, Scope

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tokencoach.power.instant import Instant
    from tokencoach.power.place import Place

_NAME: Final = re.compile(r"RAPL_Package(\d+)_(PKG|DRAM)\Z", re.IGNORECASE)
_NAMES_V1: Final = 64
_HEAD_V2: Final = 68
_MIRROR: Final = 1e-6


class Measurement(NamedTuple):
    """A channel's counter: energy in picowatt-hours, time in units of 100 ns."""

    energy_pwh: int
    time: int


class EmiDevice(NamedTuple):
    """A device that answers: its channels by name, and a function that reads their counters in order."""

    channels: tuple[str, ...]
    read: Callable[[], bytes]


class EmiMeter:
    """One channel of a device."""

    def __init__(self, device: EmiDevice, channel: int, scope: Scope, package: str) -> None:
        self._device = device
        self._channel = channel
        self.info = MeterInfo(
            id=f"{scope}:{package}",
            scope=scope,
            quality=Quality.VENDOR_MODEL if scope is Scope.DRAM else Quality.SENSOR,
            reads=Reads.COUNTER,
            name=device.channels[channel],
            source="Windows energy meter",
        )

    def read(self, at: Instant) -> Reading:
        """Microjoules now."""
        try:
            energy = measurements(self._device.read())[self._channel].energy_pwh
        except (OSError, IndexError, struct.error) as error:
            return Reading(at, why_not=f"the energy meter does not answer: {type(error).__name__}")
        return Reading(at, energy_uj=energy * 36 // 10_000)


def channel_names(version: int, metadata: bytes) -> tuple[str, ...]:
    """Names of a device's channels by its metadata of version 1 or 2; none where it is damaged."""
    try:
        if version == 1:
            (size,) = struct.unpack_from("<H", metadata, 4 + _NAMES_V1 + 2)
            return (_wide(metadata[4 + _NAMES_V1 + 4 :][:size]),)
        (count,) = struct.unpack_from("<H", metadata, _HEAD_V2 - 2)
        names, at = [], _HEAD_V2
        for _ in range(count):
            (size,) = struct.unpack_from("<H", metadata, at + 4)
            names.append(_wide(metadata[at + 6 :][:size]))
            at += 6 + size
    except struct.error:
        return ()
    return tuple(names)


def _wide(raw: bytes) -> str:
    return raw.decode("utf-16-le", "replace").rstrip("\0")


def measurements(raw: bytes) -> list[Measurement]:
    """The counters of an answer, in the order of the channels."""
    return [Measurement._make(pair) for pair in struct.iter_unpack("<QQ", raw[: len(raw) // 16 * 16])]


def find(place: Place, devices: Callable[[], Iterable[EmiDevice]] | None = None) -> Found:
    """Packages and DRAM; ``devices`` lists what answers and is replaced in tests."""
    if place.system != "windows":
        return Found()
    try:
        there = list((devices or _opened)())
    except OSError as error:
        return Found((), (Refusal("Windows energy meter", str(error)),))
    meters = _meters(there)
    why = (
        "no channel of a processor package" if there else "no energy meter: Windows 11 on bare metal has one"
    )
    return Found(tuple(meters), () if meters else (Refusal("Windows energy meter", why),))


def _opened() -> Iterable[EmiDevice]:
    from tokencoach.power.meters.emi_devices import opened  # noqa: PLC0415 - Windows alone has it

    return opened()


def _meters(devices: Iterable[EmiDevice]) -> list[EmiMeter]:
    meters: list[EmiMeter] = []
    seen: set[tuple[str, str]] = set()
    counters: list[tuple[str, int]] = []
    for device in devices:
        try:
            counted = measurements(device.read())
        except OSError:
            continue
        for channel, (name, now) in enumerate(zip(device.channels, counted, strict=False)):
            match = _NAME.match(name)
            key = (match[1], match[2].upper()) if match else ("", "")
            if match is None or key in seen or _mirrors(key[1], now.energy_pwh, counters):
                continue
            seen.add(key)
            counters.append((key[1], now.energy_pwh))
            scope = Scope.DRAM if key[1] == "DRAM" else Scope.CPU_PACKAGE
            meters.append(EmiMeter(device, channel, scope, key[0]))
    return meters


def _mirrors(kind: str, energy: int, counters: Iterable[tuple[str, int]]) -> bool:
    return any(kind == other and abs(energy - seen) <= _MIRROR * max(seen, 1) for other, seen in counters)
