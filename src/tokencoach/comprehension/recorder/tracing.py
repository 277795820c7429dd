"""Watching changed functions by a trace function of their own frames, before Python 3.12.

Their modules are compiled with a probe as the first statement of each. A probe turns tracing on for
its own call and off again at its end, so that all other code runs at full speed.
"""

from __future__ import annotations

import ast
import dis
import functools
import importlib.machinery
import os
import sys
import threading
import types
import warnings

from .calls import Call

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .calls import Target
    from .run import Recorder

_MARK = "tokencoach probe "
# Tests may take it away.
_getframe = sys._getframe
_INNER_CALLS = 20_000
_MOST_ACTIVE = 50
_RETURN = dis.opmap.get("RETURN_VALUE", -1)
_WAITING = {dis.opmap[name] for name in ("YIELD_VALUE", "YIELD_FROM", "SEND", "RESUME") if name in dis.opmap}


class Tracing:
    """The import hook, the probes and the trace function."""

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder
        self.active: dict[int, Call] = {}
        self.inner: dict[int, int] = {}
        self.armed: set[Target] = set()
        self.finder = _Finder(self)
        # One object, so that it can be told from another tool's.
        self.others = self._other_call
        self.own = self._own_event

    def start(self) -> str | None:
        """Wait for the modules of the plan; why not, where another tracer is at work or they are loaded."""
        if sys.gettrace() is not None:
            return "stepped aside: another tracer (a debugger, a coverage tool) is at work"
        loaded = {os.path.realpath(getattr(module, "__file__", None) or "") for module in _modules()}
        early = loaded & self.recorder.files
        if early:
            self.recorder.notes.append("%d changed files were loaded before the tests" % len(early))
        self.armed = set(self.recorder.targets.values())
        sys.meta_path.insert(0, self.finder)
        return None

    def stop(self) -> None:
        """Trace no more; probes stay and do nothing."""
        self.armed.clear()
        if self.finder in sys.meta_path:
            sys.meta_path.remove(self.finder)
        if sys.gettrace() is self.others:
            sys.settrace(None)
        self.active.clear()

    def arm(self, target: Target) -> None:
        """Look at calls of a function."""
        self.armed.add(target)

    def disarm(self, target: Target) -> None:
        """Look at its calls no more: what it does from now on is not known."""
        target.is_partial = True
        self.armed.discard(target)

    def probe(self, target: Target) -> None:
        """The first statement of a changed function."""
        if target not in self.armed:
            return
        if len(self.active) > _MOST_ACTIVE:
            target.is_partial = True
            return
        try:
            before = sys.gettrace()
            if before is not None and before is not self.others:
                target.is_partial = True
                return
            frame = _getframe(1)
            call = Call(self.recorder, target, frame)
            self.active[id(frame)] = call
            if before is None:
                self.inner[call.thread] = 0
            frame.f_trace = self.own
            sys.settrace(self.others)
        except Exception as fault:
            self.recorder.give_up(fault)

    def _other_call(self, _frame: types.FrameType, _event: str, _value: Any) -> None:
        """A call inside a changed function; too many of them, and the rest runs untraced."""
        thread = threading.get_ident()
        self.inner[thread] = self.inner.get(thread, 0) + 1
        if self.inner[thread] > _INNER_CALLS:
            sys.settrace(None)
            for key, call in list(self.active.items()):
                if call.thread == thread:
                    self.active.pop(key, None)
                    call.frame.f_trace = None
                    self.recorder.leave(call)

    def _own_event(self, frame: types.FrameType, event: str, value: Any) -> Any:
        """An event of a changed function's own frame."""
        try:
            call = self.active.get(id(frame))
            if call is None:
                return None
            if event == "line":
                call.reach(frame.f_lineno)
                if call.is_too_long:
                    self._leave(call)
                    return None
            elif event == "exception":
                call.raises(value[0])
            elif event == "return":
                self._ended(call, frame, value)
            call.last = event
        except RecursionError:
            raise
        except Exception as fault:
            self.recorder.give_up(fault)
        return self.own

    def _ended(self, call: Call, frame: types.FrameType, value: Any) -> None:
        """A return, an exception that leaves, or a wait: only the instruction tells them apart."""
        instruction = frame.f_code.co_code[frame.f_lasti] if frame.f_lasti >= 0 else -1
        if instruction == _RETURN:
            self._drop(call)
            text, is_exact = call.gave(value)
            self.recorder.end(call, "returned", text, is_exact=is_exact)
        elif instruction in _WAITING and call.last != "exception":
            return
        elif call.raised and (call.last == "exception" or len(set(call.raised)) == 1):
            self._drop(call)
            self.recorder.end(call, "raised", call.raised[-1], is_exact=True)
        else:
            self._leave(call)

    def _leave(self, call: Call) -> None:
        self._drop(call)
        self.recorder.leave(call)

    def _drop(self, call: Call) -> None:
        self.active.pop(id(call.frame), None)
        call.frame.f_trace = None
        is_last = not any(other.thread == call.thread for other in self.active.values())
        if is_last and sys.gettrace() is self.others:
            sys.settrace(None)

    def compiled(self, source: bytes, path: str) -> types.CodeType:
        """A module's code with its probes."""
        with warnings.catch_warnings():
            # The probe's stand-in is a constant that is called, which the compiler finds odd.
            warnings.simplefilter("ignore")
            tree = ast.parse(source, path)
            probes: dict[str, Any] = {}
            for node in ast.walk(tree):
                if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                    self._insert(node, path, probes)
            return _with_probes(compile(tree, path, "exec", dont_inherit=True), probes)

    def _insert(self, node: Any, path: str, probes: dict[str, Any]) -> None:
        first = min([node.lineno, *(item.lineno for item in node.decorator_list)])
        target = self.recorder.targets.get((os.path.realpath(path), first, node.name))
        if target is None:
            return
        if _suspends(node):
            target.is_partial = True
            return
        mark = _MARK + str(len(probes))
        probes[mark] = functools.partial(self.probe, target)
        call = ast.Expr(ast.Call(ast.Constant(mark), [], []))
        ast.copy_location(call, node)
        call.end_lineno = node.lineno
        ast.fix_missing_locations(call)
        has_text = ast.get_docstring(node, clean=False) is not None
        node.body.insert(1 if has_text else 0, call)


def _suspends(function: Any) -> bool:
    """Whether a function is a generator; what a nested function yields is its own."""
    waiting = list(function.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, (ast.Yield, ast.YieldFrom)):
            return True
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            waiting.extend(ast.iter_child_nodes(node))
    return False


def _with_probes(code: types.CodeType, probes: dict[str, Any]) -> types.CodeType:
    """The code with each stand-in replaced by its probe."""
    constants = []
    for constant in code.co_consts:
        if type(constant) is str and constant in probes:
            constants.append(probes[constant])
        elif type(constant) is types.CodeType:
            constants.append(_with_probes(constant, probes))
        else:
            constants.append(constant)
    return code.replace(co_consts=tuple(constants))


def _modules() -> list[types.ModuleType]:
    return [module for module in list(sys.modules.values()) if type(module) is types.ModuleType]


class _Finder:
    """Gives the modules of the plan a loader that inserts probes; all others are left to their own."""

    def __init__(self, tracing: Tracing) -> None:
        self.tracing = tracing
        self.names = {_module_name(file) for file in tracing.recorder.files}

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """The specification that the other finders give, with our loader where it is a plain source file."""
        if name.rpartition(".")[2] not in self.names:
            return None
        for finder in sys.meta_path:
            find = getattr(finder, "find_spec", None)
            spec = find(name, path, target) if find is not None and finder is not self else None
            if spec is not None:
                plain = type(spec.loader) is importlib.machinery.SourceFileLoader
                if plain and os.path.realpath(spec.origin or "") in self.tracing.recorder.files:
                    spec.loader = _Loader(spec.loader.name, spec.loader.path)
                    spec.loader.tracing = self.tracing
                return spec
        return None


class _Loader(importlib.machinery.SourceFileLoader):
    """Compiles with probes, from source and without touching the cache of compiled files."""

    tracing: Tracing

    def get_code(self, fullname: str) -> Any:
        """The module's code; without probes where they cannot be put in."""
        try:
            return self.tracing.compiled(self.get_data(self.path), self.path)
        except Exception as fault:
            self.tracing.recorder.give_up(fault)
            return super().get_code(fullname)


def _module_name(file: str) -> str:
    folder, name = os.path.split(file)
    return os.path.basename(folder) if name == "__init__.py" else name[: -len(".py")]
