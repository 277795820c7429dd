"""Shutting a process in by the kernel: no new rights, no files, no network, no other process.

Standard library only, Python 3.8 and later: it runs in the child, in the project's own interpreter.
Every wall must stand; where one cannot be raised, ``Unavailable`` says which, and nothing is run.
"""

from __future__ import annotations

import ctypes
import os
import platform
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

REQUIRED = ("limits", "no new rights", "files (Landlock)", "system calls (seccomp)")
NETWORK = "network namespace"
_MEMORY, _CPU_SECONDS, _DESCRIPTORS = 512 << 20, 2, 32
_SET_NO_NEW_PRIVS, _SET_SECCOMP, _FILTER, _SET_DUMPABLE = 38, 22, 2, 4
_NEW_USER, _NEW_NET = 0x10000000, 0x40000000
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_READ_FILE, _READ_FOLDER = 1 << 2, 1 << 3
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | 1
_LOAD, _EQUAL, _RETURN = 0x20, 0x15, 0x06
# What an interpreter needs to compute, to read the standard library and to answer on an open pipe:
# by name the numbers on x86-64 and on arm64, None where there is none.
_CALLS = {
    "read": (0, 63),
    "write": (1, 64),
    "close": (3, 57),
    "stat": (4, None),
    "fstat": (5, 80),
    "lstat": (6, None),
    "lseek": (8, 62),
    "mmap": (9, 222),
    "mprotect": (10, 226),
    "munmap": (11, 215),
    "brk": (12, 214),
    "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139),
    "pread64": (17, 67),
    "sched_yield": (24, 124),
    "mremap": (25, 216),
    "madvise": (28, 233),
    "nanosleep": (35, 101),
    "setitimer": (38, 103),
    "getpid": (39, 172),
    "exit": (60, 93),
    "uname": (63, 160),
    "getcwd": (79, 17),
    "readlink": (89, None),
    "gettimeofday": (96, 169),
    "getrusage": (98, 165),
    "times": (100, 153),
    "getuid": (102, 174),
    "getgid": (104, 176),
    "geteuid": (107, 175),
    "getegid": (108, 177),
    "sigaltstack": (131, 132),
    "gettid": (186, 178),
    "time": (201, None),
    "futex": (202, 98),
    "getdents64": (217, 61),
    "restart_syscall": (219, 128),
    "clock_gettime": (228, 113),
    "clock_getres": (229, 114),
    "clock_nanosleep": (230, 115),
    "exit_group": (231, 94),
    "openat": (257, 56),
    "open": (2, None),
    "newfstatat": (262, 79),
    "readlinkat": (267, 78),
    "getrandom": (318, 278),
    "membarrier": (324, 283),
    "statx": (332, 291),
    "rseq": (334, 293),
}
_MACHINES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}


class Unavailable(Exception):  # noqa: N818 - a fact about the machine, not an error of the caller
    """A wall cannot be raised on this machine."""


def shut_in(readable: list[str], missing: frozenset[str] = frozenset()) -> list[str]:
    """Raise every wall around this process; the names of those that stand.

    ``readable`` are folders whose files may still be read. ``missing`` names walls to do without, to
    show what happens then: it is refused.

    Raises:
        Unavailable: a required wall cannot be raised. The process must run nothing then.
    """
    library = ctypes.CDLL(None, use_errno=True)
    standing = []
    if NETWORK not in missing and _leave_network(library):
        standing.append(NETWORK)
    steps: tuple[Callable[[ctypes.CDLL], None], ...]
    steps = (_limit, _refuse_new_rights, lambda used: _hide_files(used, readable), _filter_calls)
    for name, step in zip(REQUIRED, steps):
        if name in missing:
            raise Unavailable(name)
        try:
            step(library)
        except (OSError, ValueError, AttributeError) as error:
            raise Unavailable(name) from error
        standing.append(name)
    return standing


def _leave_network(library: ctypes.CDLL) -> bool:
    """A network of its own without any way out, where the system lets an ordinary process have one."""
    return bool(library.unshare(_NEW_NET) == 0 or library.unshare(_NEW_USER | _NEW_NET) == 0)


def _limit(_library: ctypes.CDLL) -> None:
    import resource

    for name, most in (
        (resource.RLIMIT_AS, _MEMORY),
        (resource.RLIMIT_CPU, _CPU_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, _DESCRIPTORS),
        (resource.RLIMIT_NPROC, 0),
    ):
        resource.setrlimit(name, (most, most))


def _refuse_new_rights(library: ctypes.CDLL) -> None:
    _checked(library.prctl(_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    _checked(library.prctl(_SET_DUMPABLE, 0, 0, 0, 0))


def _hide_files(library: ctypes.CDLL, readable: list[str]) -> None:
    version = library.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), 1)
    _checked(version)
    files = (1 << (13 if version < 2 else 14 if version < 3 else 15 if version < 5 else 16)) - 1
    fields = [files] + ([0b11] if version >= 4 else []) + ([0b11] if version >= 6 else [])
    attributes = struct.pack("=%dQ" % len(fields), *fields)
    rules = library.syscall(_CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), 0)
    _checked(rules)
    for folder in readable:
        descriptor = os.open(folder, os.O_PATH | os.O_CLOEXEC)
        rule = struct.pack("=Qi", _READ_FILE | _READ_FOLDER, descriptor)
        _checked(library.syscall(_ADD_RULE, rules, 1, rule, 0))
        os.close(descriptor)
    _checked(library.syscall(_RESTRICT_SELF, rules, 0))
    os.close(rules)


def _filter_calls(library: ctypes.CDLL) -> None:
    machine = _MACHINES.get(platform.machine())
    if machine is None or struct.calcsize("P") != 8:
        raise OSError("no table of system calls for this machine")
    architecture, column = machine
    numbers = sorted(number for pair in _CALLS.values() for number in [pair[column]] if number is not None)
    steps: list[tuple[int, int, int, int]] = [
        (_LOAD, 0, 0, 4),
        (_EQUAL, 1, 0, architecture),
        (_RETURN, 0, 0, _REFUSE),
        (_LOAD, 0, 0, 0),
    ]
    for number in numbers:
        steps += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _ALLOW)]
    steps.append((_RETURN, 0, 0, _REFUSE))
    program = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *step) for step in steps))
    header = struct.pack("HxxxxxxP", len(steps), ctypes.addressof(program))
    _checked(library.prctl(_SET_SECCOMP, _FILTER, header, 0, 0))


def _checked(result: int) -> None:
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
