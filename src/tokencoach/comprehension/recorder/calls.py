"""Changed functions, and the calls of them that were seen."""

from __future__ import annotations

import inspect
import json
import threading

from .values import attribute, snapshot

TYPE_CHECKING = False
if TYPE_CHECKING:
    import types
    from typing import Any

    from .run import Recorder

CALLS_A_TEST = 40
_CALLS_A_FUNCTION, _LINES_A_FUNCTION, _LINES_A_CALL = 3000, 150_000, 20_000
_KEPT, _KEPT_OF_A_PATH = 24, 3


class Target:
    """One changed function: what the plan says of it, what was seen so far."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self.plan = plan
        self.first = int(plan["first"])
        self.changed = frozenset(plan["changed"])
        self.covered: set[int] = set()
        self.calls = self.lines = 0
        self.left = CALLS_A_TEST
        self.is_partial = False
        self.kept: dict[str, tuple[Any, dict[str, Any]]] = {}
        self.outcomes: dict[str, str] = {}
        self.unstable: set[str] = set()

    @property
    def is_spent(self) -> bool:
        """Whether no further call is worth its time."""
        return self.calls >= _CALLS_A_FUNCTION or self.lines >= _LINES_A_FUNCTION

    def keep(self, record: dict[str, Any]) -> bool:
        """Take a record if it shows something new; distinct paths come before more of one path."""
        key = json.dumps([record["args"], record["state"]])
        outcome = record["outcome"] + record["result"]
        if self.outcomes.setdefault(key, outcome) != outcome:
            self.unstable.add(key)
            return False
        path = (
            [line for line in record["lines"] if line in self.changed],
            record["outcome"],
            record["exact"],
        )
        alike = [other for other in self.kept.values() if other[0] == path]
        if key in self.kept or len(alike) >= _KEPT_OF_A_PATH or len(self.kept) >= _KEPT:
            return False
        self.kept[key] = (path, record)
        return True

    def written(self) -> dict[str, Any]:
        """All that was seen of the function."""
        told = {name: self.plan[name] for name in ("path", "qualname", "digest")}
        calls = [record for key, (_, record) in self.kept.items() if key not in self.unstable]
        return {
            **told,
            "covered": sorted(self.covered),
            "partial": self.is_partial,
            "seen": self.calls,
            "calls": calls,
        }


class Call:
    """A call under way; what it was given is written down before the function can change it."""

    def __init__(self, recorder: Recorder, target: Target, frame: types.FrameType) -> None:
        self.target, self.frame, self.test = target, frame, recorder.test
        self.thread = threading.get_ident()
        self.lines: set[int] = set()
        self.raised: list[str] = []
        self.last = ""
        self.count = 0
        code = frame.f_code
        flags = bool(code.co_flags & inspect.CO_VARARGS) + bool(code.co_flags & inspect.CO_VARKEYWORDS)
        names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount + flags]
        here = frame.f_locals
        self.args = [[name, *snapshot(here[name])] for name in names if name in here]
        self.state: list[list[Any]] = []
        for name in target.plan["state"] if names and names[0] in here else ():
            found = attribute(here[names[0]], name)
            self.state.append([name, *(found or ("<unknown>", False))])
        self.at = recorder.place(frame.f_back)

    @property
    def is_too_long(self) -> bool:
        """Whether it ran through so many lines that watching it costs too much."""
        return self.count > _LINES_A_CALL

    def record(self, outcome: str, result: str, *, is_exact: bool) -> dict[str, Any]:
        """The call as it is written; line numbers count from the function's first line."""
        first = self.target.first
        return {
            "test": self.test,
            "at": self.at,
            "args": self.args,
            "state": self.state,
            "lines": sorted(line - first for line in self.lines),
            "outcome": outcome,
            "result": result,
            "exact": is_exact,
            "handled": [name for name in dict.fromkeys(self.raised) if name not in (result, "StopIteration")],
        }
