"""Watching changed functions by the interpreter's own monitoring, Python 3.12 and later."""

from __future__ import annotations

import gc
import inspect
import sys
import types

from .calls import Call
from .values import type_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .calls import Target
    from .run import Recorder

_AGAIN = 20
_MOST_ACTIVE = 500
_CODE = types.CodeType
# Tests may take it away.
_getframe = sys._getframe


class Monitoring:
    """Two tools: one for calls, turned off where they had their share, one that sees each line once."""

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder
        self.monitoring: Any = getattr(sys, "monitoring", None)
        self.tools: list[int] = []
        # By identity: code objects compare, and hash, by all they hold.
        self.watched: dict[int, tuple[types.CodeType, Target]] = {}
        self.codes: dict[Target, list[types.CodeType]] = {}
        self.active: dict[int, Call] = {}
        self.local = 0

    def start(self) -> str | None:
        """Take two free tools and wait for modules; why not, where there are none."""
        free = [tool for tool in (3, 4) if self.monitoring.get_tool(tool) is None]
        if len(free) < 2:
            return "stepped aside: other tools hold the interpreter's monitoring"
        events = self.monitoring.events
        for tool in free:
            self.monitoring.use_tool_id(tool, "tokencoach")
        self.tools = free
        calls, lines = free
        self.local = events.PY_START | events.PY_YIELD | events.PY_RETURN | events.LINE
        for tool, event, callback in (
            (calls, events.PY_START, self._entered),
            (calls, events.LINE, self._line),
            (calls, events.PY_YIELD, self._yielded),
            (calls, events.PY_RETURN, self._returned),
            (calls, events.PY_UNWIND, self._unwound),
            (calls, events.RAISE, self._raised),
            (lines, events.PY_START, self._met),
            (lines, events.LINE, self._reached),
        ):
            self.monitoring.register_callback(tool, event, callback)
        # A module's first event is its own start: its functions are watched before they exist.
        self.monitoring.set_events(lines, events.PY_START)
        self.monitoring.set_events(calls, events.PY_UNWIND | events.RAISE)
        for function in gc.get_objects():
            if type(function) is types.FunctionType:
                self._look(function.__code__)
        return None

    def stop(self) -> None:
        """Give the tools back."""
        tools, self.tools = self.tools, []
        for code, _ in self.watched.values():
            for tool in tools:
                self.monitoring.set_local_events(tool, code, 0)
        for tool in tools:
            self.monitoring.set_events(tool, 0)
            for event in (
                "PY_START",
                "LINE",
                "PY_YIELD",
                "PY_RETURN",
                "PY_UNWIND",
                "RAISE",
            ):
                self.monitoring.register_callback(tool, getattr(self.monitoring.events, event), None)
            self.monitoring.free_tool_id(tool)
        self.active.clear()

    def arm(self, target: Target) -> None:
        """Look at calls of a function."""
        self._set(target, self.local)

    def disarm(self, target: Target) -> None:
        """Look at its calls no more; its lines stay counted."""
        self._set(target, 0)

    def _set(self, target: Target, events: int) -> None:
        for code in self.codes.get(target, ()) if self.tools else ():
            self.monitoring.set_local_events(self.tools[0], code, events)

    def _look(self, code: types.CodeType) -> None:
        """Watch a code object of a planned file, and those inside it."""
        if id(code) in self.watched or not self.recorder.is_planned(code):
            return
        target = self.recorder.target(code)
        if target is not None:
            self.watched[id(code)] = (code, target)
            self.monitoring.set_local_events(self.tools[1], code, self.monitoring.events.LINE)
            # What an asynchronous generator gives passes through too many hands to be told from the rest.
            if not code.co_flags & inspect.CO_ASYNC_GENERATOR:
                self.codes.setdefault(target, []).append(code)
                self.monitoring.set_local_events(self.tools[0], code, self.local)
        for inner in code.co_consts:
            if type(inner) is _CODE:
                self._look(inner)

    def _met(self, code: types.CodeType, _offset: int) -> Any:
        try:
            self._look(code)
        except Exception as fault:
            self.recorder.give_up(fault)
        return self.monitoring.DISABLE

    def _reached(self, code: types.CodeType, line: int) -> Any:
        """A line for the first time; a new changed one makes the function's next calls worth a look."""
        try:
            found = self.watched.get(id(code))
            if found is not None:
                target = found[1]
                place = line - target.first
                target.covered.add(place)
                if place in target.changed:
                    self.recorder.is_dirty = True
                    target.idle = 0
                    if target.left <= 0 and not target.is_spent:
                        target.left = _AGAIN
                        self.arm(target)
        except Exception as fault:
            self.recorder.give_up(fault)
        return self.monitoring.DISABLE

    def _entered(self, code: types.CodeType, _offset: int) -> None:
        try:
            found = self.watched.get(id(code))
            if found is None or len(self.active) > _MOST_ACTIVE:
                return
            frame = _getframe(1)
            self.active[id(frame)] = Call(self.recorder, found[1], frame)
        except Exception as fault:
            self.recorder.give_up(fault)

    def _line(self, _code: types.CodeType, line: int) -> None:
        call = self.active.get(id(_getframe(1)))
        if call is not None:
            try:
                call.reach(line)
            except Exception as fault:
                self.recorder.give_up(fault)
            if call.is_too_long:
                self.active.pop(id(call.frame), None)
                self.recorder.leave(call)

    def _yielded(self, code: types.CodeType, _offset: int, value: Any) -> None:
        if code.co_flags & inspect.CO_GENERATOR:
            try:
                call = self.active.get(id(_getframe(1)))
                if call is not None:
                    call.give(value)
            except Exception as fault:
                self.recorder.give_up(fault)

    def _returned(self, code: types.CodeType, _offset: int, value: Any) -> None:
        try:
            call = self.active.pop(id(_getframe(1)), None)
            if call is None:
                return
            if code.co_flags & inspect.CO_GENERATOR:
                text, is_exact = call.produced()
                self.recorder.end(call, "yielded", text, is_exact=is_exact)
            else:
                text, is_exact = call.gave(value)
                self.recorder.end(call, "returned", text, is_exact=is_exact)
        except Exception as fault:
            self.recorder.give_up(fault)

    def _raised(self, code: types.CodeType, _offset: int, error: BaseException) -> None:
        if id(code) in self.watched:
            try:
                call = self.active.get(id(_getframe(1)))
                if call is not None:
                    call.raises(type(error))
            except Exception as fault:
                self.recorder.give_up(fault)

    def _unwound(self, code: types.CodeType, _offset: int, error: BaseException) -> None:
        if id(code) in self.watched:
            try:
                call = self.active.pop(id(_getframe(1)), None)
                if call is not None:
                    self.recorder.end(call, "raised", type_name(type(error)), is_exact=True)
            except Exception as fault:
                self.recorder.give_up(fault)
