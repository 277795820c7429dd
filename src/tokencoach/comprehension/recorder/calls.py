"""Changed functions, and the calls of them that were seen."""

from __future__ import annotations

import inspect
import json
import threading

from .steps import Steps, read
from .values import attribute, fields, plain, snapshot, type_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    import types
    from typing import Any

    from .run import Recorder

_CALLS_A_TEST, _LEAST_A_TEST = 20, 3
_CALLS_A_FUNCTION, _LINES_A_FUNCTION, _LINES_A_CALL = 400, 30_000, 8_000
_CALLS_WITHOUT_NEWS, _LEAST_WITHOUT_NEWS = 60, 6
# So many functions are watched in full; where more have changed, each gets its share of the work.
_IN_FULL = 25
_NAMES_LOOKED_AT, _MOST_NAMED, _LETTERS_OF_A_NAMED = 24, 8, 120
_KEPT, _KEPT_OF_A_PATH, _MOST_YIELDED, _MOST_RAISED = 24, 3, 20, 20


class Target:
    """One changed function of so many: what the plan says of it, what was seen so far."""

    def __init__(self, plan: dict[str, Any], functions: int = 1) -> None:
        self.plan = plan
        share = min(1.0, _IN_FULL / functions)
        self.most_idle = max(int(_CALLS_WITHOUT_NEWS * share), _LEAST_WITHOUT_NEWS)
        self.most_calls, self.most_lines = _CALLS_A_FUNCTION * share, _LINES_A_FUNCTION * share
        self.calls_a_test = max(int(_CALLS_A_TEST * share), _LEAST_A_TEST)
        self.first = int(plan["first"])
        self.changed = frozenset(plan["changed"])
        self.covered: set[int] = set()
        self.calls = self.lines = self.idle = 0
        self.left = self.calls_a_test
        self.is_partial = False
        self.kept: dict[str, tuple[Any, dict[str, Any]]] = {}
        self.outcomes: dict[str, str] = {}
        self.ways: dict[str, list[Any]] = {}
        self.unstable: set[str] = set()
        self.wavering: set[str] = set()
        self.steps = Steps(plan.get("steps") or ())

    @property
    def is_spent(self) -> bool:
        """Whether no further call is worth its time."""
        return self.idle >= self.most_idle or self.calls >= self.most_calls or self.lines >= self.most_lines

    def keep(self, record: dict[str, Any]) -> bool:
        """Take a record if it shows something new; distinct paths come before more of one path."""
        given = record["args"] + record["state"] + record["free"] + record["parts"]
        is_plain = all(item[2] for item in given)
        # What cannot be read may differ though it looks the same: there only the place tells calls apart.
        where = None if is_plain else [record["test"], record["at"], record["around"]]
        key = json.dumps([given, where])
        outcome = record["outcome"] + record["result"]
        if self.outcomes.setdefault(key, outcome) != outcome:
            self.unstable.add(key)
            return False
        way = [record["lines"], record["counts"], record["exit"]]
        if self.ways.setdefault(key, way) != way:
            self.wavering.add(key)
        path = (
            [line for line in record["lines"] if line in self.changed],
            record["outcome"],
            record["exact"],
        )
        alike = [other for other in self.kept.values() if other[0] == path]
        if key in self.kept or len(alike) >= _KEPT_OF_A_PATH or len(self.kept) >= _KEPT:
            return False
        self.kept[key] = (path, record)
        self.idle = 0
        return True

    def written(self) -> dict[str, Any]:
        """All that was seen of the function."""
        told = {name: self.plan[name] for name in ("path", "qualname", "digest")}
        calls = [
            dict(record, steady=key not in self.wavering)
            for key, (_, record) in self.kept.items()
            if key not in self.unstable
        ]
        return {
            **told,
            "covered": sorted(self.covered),
            "partial": self.is_partial,
            "seen": self.calls,
            "calls": calls,
            "steps": self.steps.written(),
        }


class Call:
    """A call under way; what it was given is written down before the function can change it."""

    def __init__(self, recorder: Recorder, target: Target, frame: types.FrameType) -> None:
        self.target, self.frame, self.test = target, frame, recorder.test
        self.thread = threading.get_ident()
        self.lines: dict[int, int] = {}
        self.line = 0
        self.raised: list[str] = []
        self.faults = 0
        self.yielded: list[tuple[str, bool]] = []
        self.last = ""
        self.count = 0
        code = frame.f_code
        flags = bool(code.co_flags & inspect.CO_VARARGS) + bool(code.co_flags & inspect.CO_VARKEYWORDS)
        names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount + flags]
        here = frame.f_locals
        self.args: list[Any] = [[name, *snapshot(here[name])] for name in names if name in here]
        # What can be changed in place is looked at again when the call ends.
        self.held = [
            (item[0], item[1], here[item[0]])
            for item in self.args
            if item[2] and type(here[item[0]]) in (list, dict, set)
        ]
        self.free = [[name, *snapshot(here[name])] for name in code.co_freevars if name in here]
        is_method = names and names[0] in here and (target.plan["state"] or target.plan.get("sets"))
        self.own = here[names[0]] if is_method else None
        self.state = self._of_own(target.plan["state"])
        self.parts = self._parts(here)
        self.at, there = recorder.place(frame)
        is_plain = all(item[2] for item in self.args + self.state + self.free + self.parts)
        self.around = _told(there) if there is not None and not is_plain else []
        self.step: Any = None
        self.fields: list[tuple[str, str, bool]] = []

    def _of_own(self, names: Any) -> list[list[Any]]:
        """Attributes of the method's object as they are now."""
        if self.own is None:
            return []
        return [[name, *(attribute(self.own, name) or ("<unknown>", False))] for name in names]

    def _parts(self, here: Any) -> list[list[Any]]:
        """What is used of arguments that cannot be shown whole: of each all of it, or nothing."""
        opaque = {
            name for name, text, is_exact in self.args if not is_exact or len(text) > _LETTERS_OF_A_NAMED
        }
        by_name: dict[str, list[Any]] = {}
        for path in self.target.plan.get("parts") or ():
            if path[1] in opaque:
                by_name.setdefault(path[1], []).append(path)
        return [item for paths in by_name.values() for item in read(here, paths) or ()]

    def _changed(self) -> list[list[Any]]:
        """Arguments that the call changed in place, as they are now."""
        now = [[name, before, *snapshot(value)] for name, before, value in self.held]
        return [[name, text, is_exact] for name, before, text, is_exact in now if text != before]

    def raises(self, error: type) -> None:
        """An exception begins in the function or comes through it."""
        self.faults += 1
        if len(self.raised) < _MOST_RAISED:
            self.raised.append(type_name(error))

    def gave(self, value: Any) -> tuple[str, bool]:
        """The value that the call returns; of a plain object what it holds is noted too."""
        text, is_exact = snapshot(value)
        if not is_exact:
            self.fields = fields(value)
        self.target.steps.gave(self, "return", text, is_exact=is_exact)
        return text, is_exact

    def produced(self) -> tuple[str, bool]:
        """What a generator gave until its end, as a list."""
        few = len(self.yielded) <= _MOST_YIELDED
        text = "[" + ", ".join(text for text, _ in self.yielded) + "]"
        return text, few and all(is_exact for _, is_exact in self.yielded)

    def give(self, value: Any) -> None:
        """A generator yields."""
        if len(self.yielded) <= _MOST_YIELDED:
            text, is_exact = snapshot(value)
            self.yielded.append((text, is_exact))
            if self.step is not None:
                self.target.steps.gave(self, "yield", text, is_exact=is_exact)

    def reach(self, line: int) -> None:
        """A line begins."""
        self.count += 1
        self.line = line
        self.lines[line] = self.lines.get(line, 0) + 1
        if self.target.steps.by_line:
            self.target.steps.reach(self, line - self.target.first)

    @property
    def is_too_long(self) -> bool:
        """Whether it ran through so many lines that watching it costs too much."""
        return self.count > _LINES_A_CALL

    def record(self, outcome: str, result: str, *, is_exact: bool) -> dict[str, Any]:
        """The call as it is written; line numbers count from the function's first line."""
        first = self.target.first
        return {
            "free": self.free,
            "left": [] if outcome == "raised" else self._of_own(self.target.plan.get("sets") or ()),
            "fields": self.fields,
            "test": self.test,
            "at": self.at,
            "around": self.around,
            "args": self.args,
            "state": self.state,
            "parts": self.parts,
            "lines": sorted(line - first for line in self.lines),
            "counts": [[line - first, count] for line, count in self.lines.items() if count > 1],
            "exit": self.line - first,
            "after": self._changed(),
            "outcome": outcome,
            "result": result,
            "exact": is_exact,
            "handled": [name for name in dict.fromkeys(self.raised) if name not in (result, "StopIteration")],
        }


def _told(frame: types.FrameType) -> list[list[Any]]:
    """Plain values that a test has names for, short ones only; the first few."""
    found: list[list[Any]] = []
    for name, value in list(frame.f_locals.items())[:_NAMES_LOOKED_AT]:
        text = plain(value) if name.isidentifier() else None
        if text is not None and len(text) <= _LETTERS_OF_A_NAMED:
            found.append([name, text, True])
    return found[:_MOST_NAMED]
