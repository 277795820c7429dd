"""Opening Windows' energy meters: device interfaces by SetupAPI, questions by DeviceIoControl."""

from __future__ import annotations

import ctypes
import functools
import struct
import weakref
from typing import TYPE_CHECKING, Any, Final

from tokencoach.power.meters.emi import EmiDevice, channel_names

if TYPE_CHECKING:
    from collections.abc import Iterator

_GUID: Final = struct.pack(
    "<IHH8B", 0x45BD8344, 0x7ED6, 0x49CF, 0xA4, 0x40, 0xC2, 0x76, 0xC9, 0x33, 0xB0, 0x53
)
_PRESENT_INTERFACES: Final = 0x12
_VERSION, _METADATA_SIZE, _METADATA, _MEASUREMENT = 0x224000, 0x224004, 0x224008, 0x22400C
_READ: Final = 0x80000000
_SHARE: Final = 3
_OPEN_EXISTING: Final = 3
_LARGEST: Final = 1 << 20


def opened() -> Iterator[EmiDevice]:
    """Every energy meter that answers.

    Raises:
        OSError: the system lists no devices.
    """
    for path in _paths():
        opened_file = _kernel().CreateFileW(path, _READ, _SHARE, None, _OPEN_EXISTING, 0, None)
        if opened_file in (None, ctypes.c_void_p(-1).value):
            continue
        handle = _Handle(opened_file)
        try:
            (version,) = struct.unpack("<H", _ask(handle, _VERSION, 2))
            (size,) = struct.unpack("<I", _ask(handle, _METADATA_SIZE, 4))
            names = channel_names(version, _ask(handle, _METADATA, min(size, _LARGEST)))
        except (OSError, struct.error):
            continue
        yield EmiDevice(names, functools.partial(_ask, handle, _MEASUREMENT, 16 * len(names)))


class _Handle:
    """An open device, closed with the last meter that reads it: the search for meters comes every minute."""

    def __init__(self, value: int) -> None:
        self.value = ctypes.c_void_p(value)
        weakref.finalize(self, _kernel().CloseHandle, value)


def _windows(name: str) -> Any:
    return ctypes.WinDLL(name, use_last_error=True)  # type: ignore[attr-defined,unused-ignore]


def _kernel() -> Any:
    kernel = _windows("kernel32")
    kernel.CreateFileW.restype = ctypes.c_void_p
    kernel.CreateFileW.argtypes = (
        ctypes.c_wchar_p, ctypes.c_uint32, ctypes.c_uint32, ctypes.c_void_p, ctypes.c_uint32, ctypes.c_uint32,
        ctypes.c_void_p,
    )  # fmt: skip
    kernel.CloseHandle.argtypes = (ctypes.c_void_p,)
    return kernel


def _ask(handle: _Handle, code: int, size: int) -> bytes:
    room, told = ctypes.create_string_buffer(size), ctypes.c_uint32()
    done = _kernel().DeviceIoControl(handle.value, code, None, 0, room, size, ctypes.byref(told), None)
    if not done:
        raise OSError(f"the energy meter refused question {code:#x}")
    return room.raw[: told.value]


class _Interface(ctypes.Structure):
    """SP_DEVICE_INTERFACE_DATA."""

    _fields_ = (
        ("size", ctypes.c_uint32),
        ("guid", ctypes.c_byte * 16),
        ("flags", ctypes.c_uint32),
        ("reserved", ctypes.c_void_p),
    )


def _paths() -> Iterator[str]:
    setup = _windows("setupapi")
    setup.SetupDiGetClassDevsW.restype = ctypes.c_void_p
    guid = ctypes.create_string_buffer(_GUID, 16)
    found = setup.SetupDiGetClassDevsW(guid, None, None, _PRESENT_INTERFACES)
    if found == ctypes.c_void_p(-1).value:
        raise OSError("the system lists no devices")
    handle, index = ctypes.c_void_p(found), 0
    try:
        while True:
            one = _Interface(size=ctypes.sizeof(_Interface))
            if not setup.SetupDiEnumDeviceInterfaces(handle, None, guid, index, ctypes.byref(one)):
                return
            index += 1
            path = _path(setup, handle, one)
            if path:
                yield path
    finally:
        setup.SetupDiDestroyDeviceInfoList(handle)


def _path(setup: Any, handle: ctypes.c_void_p, one: _Interface) -> str:
    needed = ctypes.c_uint32()
    setup.SetupDiGetDeviceInterfaceDetailW(handle, ctypes.byref(one), None, 0, ctypes.byref(needed), None)
    if not 4 < needed.value < _LARGEST:
        return ""
    room = ctypes.create_string_buffer(needed.value)
    # SP_DEVICE_INTERFACE_DETAIL_DATA_W counts its fixed part alone: 8 bytes where pointers have 8, else 6.
    struct.pack_into("<I", room, 0, 8 if ctypes.sizeof(ctypes.c_void_p) == 8 else 6)
    if not setup.SetupDiGetDeviceInterfaceDetailW(handle, ctypes.byref(one), room, needed, None, None):
        return ""
    return room.raw[4:].decode("utf-16-le", "replace").partition("\0")[0]
