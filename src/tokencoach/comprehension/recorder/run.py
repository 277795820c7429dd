"""One recorded run: what to watch, which test is on, and where the records go."""

from __future__ import annotations

import json
import os
import sys
import time

from .calls import Target

TYPE_CHECKING = False
if TYPE_CHECKING:
    import types
    from typing import Any

    from .calls import Call
    from .monitoring import Monitoring
    from .tracing import Tracing

_FLUSH_SECONDS = 2.0
_MOST_FRAMES = 25
# What says more about the run than about the function.
_OF_THE_MACHINE = ("GeneratorExit", "RecursionError", "MemoryError", "KeyboardInterrupt", "CancelledError")


class Recorder:
    """One run: the plan, its functions by place, and where the records go."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self.folder, self.root = str(plan["out"]), os.path.join(os.path.realpath(str(plan["root"])), "")
        self.targets: dict[tuple[str, int, str], Target] = {}
        self.files: set[str] = set()
        for item in plan["functions"]:
            file = os.path.realpath(os.path.join(self.root, item["path"]))
            self.files.add(file)
            self.targets[file, int(item["first"]), item["name"]] = Target(item, len(plan["functions"]))
        self.test: str | None = None
        self.tests = 0
        self.notes: list[str] = []
        self.process = os.getpid()
        self.is_dirty = True
        self.flushed = time.monotonic()
        self.engine: Monitoring | Tracing | None = None
        self._names: dict[str, str | None] = {}
        self._planned: dict[str, bool] = {}

    def start(self) -> None:
        """Begin; a reason not to is noted."""
        if sys.version_info >= (3, 12):
            from .monitoring import Monitoring as Engine
        else:
            from .tracing import Tracing as Engine
        self.engine = Engine(self)
        why = self.engine.start()
        if why:
            self.notes.append(why)
            self.engine = None

    def stop(self) -> None:
        """End and write."""
        engine, self.engine = self.engine, None
        if engine is not None:
            engine.stop()
        self.flush()

    def give_up(self, fault: BaseException) -> None:
        """Turn everything off: no fault of ours may reach a test."""
        if type(fault) is RecursionError:
            return
        self.notes.append("turned itself off: " + type(fault).__name__ + _where(fault))
        self.is_dirty = True
        engine, self.engine = self.engine, None
        if engine is not None:
            engine.stop()

    def is_planned(self, code: types.CodeType) -> bool:
        """Whether the code stands in a file of the plan."""
        name = code.co_filename
        found = self._planned.get(name)
        if found is None:
            found = self._planned[name] = os.path.realpath(name) in self.files
        return found

    def target(self, code: types.CodeType) -> Target | None:
        """What the plan says of a code object."""
        return self.targets.get((os.path.realpath(code.co_filename), code.co_firstlineno, code.co_name))

    def place(self, frame: types.FrameType) -> tuple[list[Any] | None, types.FrameType | None]:
        """Path and line in the test's own file from which a call came, and the frame there.

        Else those of its caller in the project, without a frame.
        """
        caller: list[Any] | None = None
        back = frame.f_back
        for _ in range(_MOST_FRAMES):
            if back is None:
                break
            path = self._path(back.f_code.co_filename)
            if path is not None:
                here = [path, back.f_lineno]
                if self.test is not None and self.test.startswith(path + "::"):
                    return here, back
                caller = caller or here
            back = back.f_back
        return caller, None

    def _path(self, name: str) -> str | None:
        if name not in self._names:
            path = os.path.realpath(name)
            own = path[len(self.root) :].replace(os.sep, "/") if path.startswith(self.root) else None
            self._names[name] = own
        return self._names[name]

    def begin_test(self, test: str | None) -> None:
        """Another test: functions that had their share may be looked at again."""
        self.test = test
        if test is None:
            self._flush_sometimes()
            return
        self.tests += 1
        for target in self.targets.values():
            if target.left <= 0 and not target.is_spent:
                target.left = target.calls_a_test
                if self.engine is not None:
                    self.engine.arm(target)

    def end(self, call: Call, outcome: str, result: str, *, is_exact: bool) -> None:
        """A call has ended: keep it if it reached a changed line in a test."""
        target = call.target
        reached = any(line - target.first in target.changed for line in call.lines)
        is_told = reached and call.test is not None and result not in _OF_THE_MACHINE
        if is_told and target.keep(call.record(outcome, result, is_exact=is_exact)):
            self.is_dirty = True
        self.leave(call)

    def leave(self, call: Call) -> None:
        """A call is looked at no more, ended or not: what it cost is counted."""
        target = call.target
        target.calls += 1
        target.idle += 1
        target.left -= 1
        target.lines += call.count
        target.covered.update(line - target.first for line in call.lines)
        if (target.left <= 0 or target.is_spent) and self.engine is not None:
            self.engine.disarm(target)

    def _flush_sometimes(self) -> None:
        is_child = os.getpid() != self.process
        if self.is_dirty and (is_child or time.monotonic() - self.flushed > _FLUSH_SECONDS):
            self.flush()

    def flush(self) -> None:
        """Write all there is: a process that dies later has lost nothing."""
        self.flushed, self.is_dirty = time.monotonic(), False
        name = os.path.join(self.folder, "%d-%d.json" % (os.getpid(), id(self)))
        body = {
            "version": 1,
            "python": ".".join(map(str, sys.version_info[:3])),
            "executable": sys.executable,
            "mode": "tracing" if sys.version_info < (3, 12) else "monitoring",
            "tests": self.tests,
            "notes": self.notes,
            "functions": [target.written() for target in self.targets.values() if target.covered],
        }
        try:
            with open(name + ".part", "w", encoding="utf-8") as file:
                # In one piece: only so does json write by its compiled part, ten times as fast.
                file.write(json.dumps(body))
            os.replace(name + ".part", name)
        except (OSError, ValueError):
            pass


def _where(fault: BaseException) -> str:
    trace, line = fault.__traceback__, 0
    while trace is not None:
        line, trace = trace.tb_lineno, trace.tb_next
    return " at line %d of the recorder" % line
