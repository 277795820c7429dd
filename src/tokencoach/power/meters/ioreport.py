"""A binding of macOS's private libIOReport, group "Energy Model": names, values and units of its channels.

Each channel has a unit of its own (mJ, uJ or nJ), which is read. The chip's total of its processors ends in
"CPU Energy" on every generation, so that new names of single cores change nothing; a machine of several
dies has one of each, with the die before the name.
"""

from __future__ import annotations

import ctypes
import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tokencoach.power.reading import Scope

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_LIBRARY: Final = "/usr/lib/libIOReport.dylib"
_FOUNDATION: Final = "/System/Library/Frameworks/CoreFoundation.framework/CoreFoundation"
_UTF8: Final = 0x08000100
_GROUP: Final = "Energy Model"
_UNITS: Final = {"mj": 1000.0, "uj": 1.0, "μj": 1.0, "µj": 1.0, "nj": 0.001}
_CHANNELS: Final = (
    (re.compile(r"(?:DIE_\d+_)?CPU Energy\Z"), Scope.CPU_PACKAGE),
    (re.compile(r"(?:DIE_\d+_)?GPU Energy\Z"), Scope.GPU),
    (re.compile(r"(?:DIE_\d+_)?DRAM\d*\Z"), Scope.DRAM),
    (re.compile(r"(?:DIE_\d+_)?ANE\d*\Z"), Scope.NPU),
)


class Channel(NamedTuple):
    """One channel of a sample."""

    name: str
    value: int
    unit: str


def energies(channels: Iterable[Channel]) -> dict[Scope, int]:
    """Microjoules by what they were spent in, added over dies; other channels are left out."""
    found: dict[Scope, float] = {}
    for name, value, unit in channels:
        scale = _UNITS.get(unit.strip().lower())
        scope = next((scope for pattern, scope in _CHANNELS if pattern.match(name)), None)
        if scale is not None and scope is not None:
            found[scope] = found.get(scope, 0.0) + value * scale
    return {scope: round(value) for scope, value in found.items()}


def opened() -> Callable[[], list[Channel]]:
    """A function that takes a sample of all channels.

    Raises:
        OSError: there is no such library.
        RuntimeError: the group is unknown to it.
    """
    report, foundation = ctypes.CDLL(_LIBRARY), ctypes.CDLL(_FOUNDATION)
    _declare(report, foundation)
    group = _string(foundation, _GROUP)
    channels = report.IOReportCopyChannelsInGroup(group, None, 0, 0, 0)
    if not channels:
        raise RuntimeError("no channels of the energy model")
    subscribed = ctypes.c_void_p()
    subscription = report.IOReportCreateSubscription(None, channels, ctypes.byref(subscribed), 0, None)
    if not subscription:
        raise RuntimeError("no subscription to the energy model")
    key = _string(foundation, "IOReportChannels")

    def sample() -> list[Channel]:
        taken = report.IOReportCreateSamples(subscription, subscribed, None)
        if not taken:
            raise RuntimeError("no sample")
        try:
            array = foundation.CFDictionaryGetValue(taken, key)
            count = foundation.CFArrayGetCount(array) if array else 0
            items = (foundation.CFArrayGetValueAtIndex(array, index) for index in range(count))
            return [_channel(report, foundation, item) for item in items]
        finally:
            foundation.CFRelease(taken)

    return sample


def _declare(report: Any, foundation: Any) -> None:
    pointer: Any = ctypes.c_void_p
    integer, whole = ctypes.c_int64, ctypes.c_uint64
    of_report: tuple[tuple[str, Any, tuple[Any, ...]], ...] = (
        ("IOReportCopyChannelsInGroup", pointer, (pointer, pointer, whole, whole, whole)),
        ("IOReportCreateSubscription", pointer, (pointer, pointer, pointer, whole, pointer)),
        ("IOReportCreateSamples", pointer, (pointer, pointer, pointer)),
        ("IOReportChannelGetChannelName", pointer, (pointer,)),
        ("IOReportChannelGetUnitLabel", pointer, (pointer,)),
        ("IOReportSimpleGetIntegerValue", integer, (pointer, ctypes.c_int32)),
    )
    of_foundation: tuple[tuple[str, Any, tuple[Any, ...]], ...] = (
        ("CFStringCreateWithCString", pointer, (pointer, ctypes.c_char_p, ctypes.c_uint32)),
        ("CFStringGetCString", ctypes.c_bool, (pointer, ctypes.c_char_p, ctypes.c_long, ctypes.c_uint32)),
        ("CFDictionaryGetValue", pointer, (pointer, pointer)),
        ("CFArrayGetCount", ctypes.c_long, (pointer,)),
        ("CFArrayGetValueAtIndex", pointer, (pointer, ctypes.c_long)),
        ("CFRelease", None, (pointer,)),
    )
    for library, functions in ((report, of_report), (foundation, of_foundation)):
        for name, result, arguments in functions:
            function = getattr(library, name)
            function.restype, function.argtypes = result, arguments


def _string(foundation: Any, text: str) -> Any:
    return foundation.CFStringCreateWithCString(None, text.encode(), _UTF8)


def _text(foundation: Any, string: Any) -> str:
    room = ctypes.create_string_buffer(256)
    if not string or not foundation.CFStringGetCString(string, room, len(room), _UTF8):
        return ""
    return room.value.decode("utf-8", "replace")


def _channel(report: Any, foundation: Any, item: Any) -> Channel:
    name = _text(foundation, report.IOReportChannelGetChannelName(item))
    unit = _text(foundation, report.IOReportChannelGetUnitLabel(item))
    return Channel(name, int(report.IOReportSimpleGetIntegerValue(item, 0)), unit)
