"""Run as a program: has imported ``tokencoach`` once, and runs it in a fork of itself for each request.

Half a second of imports is saved for each of some thousand runs; each is a process of its own all the
same, with its own environment, folder, arguments and exit code. What a start from nothing must import
is seen by the tests of ``cli`` and ``architecture``.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import pkgutil
import runpy
import socket
import sys
import time
import traceback
from threading import _shutdown  # type: ignore[attr-defined]  # what the interpreter calls at its end
from typing import Any

import tokencoach

ROOMS = (
    "cli",
    "watch",
    "doctor",
    "coach",
    "checklist",
    "audit",
    "prompts",
    "store",
    "attribution",
    "sources",
)
HEADER_BYTES = 8


def import_rooms() -> None:
    """Import what verbs import while they run."""
    for room in ROOMS:
        package = importlib.import_module(f"{tokencoach.__name__}.{room}")
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(found.name)


def serve(asked: socket.socket) -> None:
    """Answer each request with the exit code of its run, until the asker is gone."""
    while True:
        header, files, _, _ = socket.recv_fds(asked, HEADER_BYTES, 2)
        if not header:
            return
        request = json.loads(asked.recv(int.from_bytes(header), socket.MSG_WAITALL))
        child = os.fork()
        if child == 0:
            asked.close()
            run(request, files)
        for file in files:
            os.close(file)
        _, status = os.waitpid(child, 0)
        asked.sendall(os.waitstatus_to_exitcode(status).to_bytes(HEADER_BYTES, signed=True))


def run(request: dict[str, Any], files: list[int]) -> None:
    """Become the program, and end as it ends."""
    for stream, file in enumerate(files, start=1):
        os.dup2(file, stream)
        os.close(file)
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["environment"])
    time.tzset()
    for name, value in request["constants"].items():
        module, _, attribute = name.rpartition(".")
        setattr(importlib.import_module(module), attribute, value)
    sys.argv = ["tokencoach", *request["arguments"]]
    code: object = 1
    try:
        runpy.run_module("tokencoach", run_name="__main__", alter_sys=True)
        code = 0
    except SystemExit as ending:
        code = ending.code
        if isinstance(code, str):
            sys.stderr.write(f"{code}\n")
    except BaseException:  # noqa: BLE001 - as the interpreter ends on any of them
        traceback.print_exc()
    _shutdown()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code if isinstance(code, int) else int(code is not None))


if __name__ == "__main__":
    with socket.socket(fileno=int(sys.argv[1])) as given:
        given.set_inheritable(False)
        import_rooms()
        gc.collect()
        gc.freeze()
        serve(given)
