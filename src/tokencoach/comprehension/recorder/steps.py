"""Single statements that a change touches: what the names they read held, and what came out."""

from __future__ import annotations

import json

from .values import MISSING, NOT_HELD, held_in, snapshot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .calls import Call

_KEPT, _KEPT_OF_A_STEP, _LOOKED_AT = 48, 4, 24
_MOST_KEYS, _PAIR = 200, 2


class Step:
    """One statement: its lines, what it reads whole and in parts, what comes out of it and where that stands."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self.first, self.last = int(plan["first"]), int(plan["last"])
        self.reads: list[list[Any]] = [one for one in (plan["reads"], plan["parts"]) if one]
        self.what: str = plan["what"]
        self.sets: list[Any] = plan["sets"]
        self.looked_at = 0


class Steps:
    """The statements of one function, and what was seen of them."""

    def __init__(self, plan: Any) -> None:
        self.by_line: dict[int, Step] = {}
        for item in plan:
            step = Step(item)
            for line in range(step.first, step.last + 1):
                self.by_line[line] = step
        self.kept: dict[str, dict[str, Any]] = {}
        self.unstable: set[str] = set()

    def reach(self, call: Call, line: int) -> None:
        """A line of a call begins: what was under way is over, unless the line is its own."""
        step = self.by_line.get(line)
        if call.step is not None:
            if call.step[0] is step:
                return
            self._end(call, line)
        if step is not None and step.looked_at < _LOOKED_AT and call.test is not None:
            step.looked_at += 1
            here = call.frame.f_locals
            given = next(filter(None, (read(here, reads) for reads in step.reads)), None)
            if given is not None:
                call.step = (step, given, call.faults)

    def gave(self, call: Call, what: str, text: str, *, is_exact: bool) -> None:
        """The call gives a value: that of the statement under way, if it does that."""
        if call.step is not None and call.step[0].what == what and call.faults == call.step[2] and is_exact:
            self._keep(call, text)
        elif call.step is not None:
            self._end(call, None)
        call.step = None

    def _end(self, call: Call, line: int | None) -> None:
        """The statement under way is over, and another line begins, or none."""
        step, _, faults = call.step
        # An exception on the way leaves the name as it was.
        if call.faults != faults:
            pass
        elif step.what == "next" and line is not None:
            self._keep(call, str(line))
        elif step.what == "set":
            here = call.frame.f_locals
            seen = [
                snapshot(found)
                for found in (_held(here, path) for path in step.sets)
                if found is not NOT_HELD
            ]
            if len(seen) == len(step.sets) and all(is_exact for _, is_exact in seen):
                texts = [text for text, _ in seen]
                self._keep(call, texts[0] if len(texts) == 1 else "(" + ", ".join(texts) + ")")
        call.step = None

    def _keep(self, call: Call, text: str) -> None:
        step, given, _ = call.step
        key = json.dumps([step.first, given])
        if key in self.kept:
            if self.kept[key]["result"] != text:
                self.unstable.add(key)
            return
        alike = sum(other["line"] == step.first for other in self.kept.values())
        if alike < _KEPT_OF_A_STEP and len(self.kept) < _KEPT:
            self.kept[key] = {"test": call.test, "line": step.first, "given": given, "result": text}

    def written(self) -> list[dict[str, Any]]:
        """Those whose outcome the names that they read decide, as far as was seen."""
        return [step for key, step in self.kept.items() if key not in self.unstable]


def read(here: Any, paths: list[Any]) -> list[list[Any]] | None:
    """What paths lead to; None where one thing cannot be shown."""
    found: list[list[Any]] = []
    for path in paths:
        held = _held(here, path)
        if held is NOT_HELD:
            return None
        text, is_exact = snapshot(held)
        if not (is_exact or text[0] != "<" or text.startswith(("<class ", "<function ")) or ": " in text):
            return None
        found.append([path[0], text, is_exact])
    return found


def _held(here: Any, path: list[Any]) -> Any:
    """The value at the end of a path; ``NOT_HELD`` where code of the project would answer, or there is none."""
    _, name, parts = path
    if name not in here:
        return NOT_HELD
    value = here[name]
    for part in parts:
        value = held_in(value, part[1]) if part[0] == "." else _item(value, part)
        if value is NOT_HELD or value is MISSING:
            return NOT_HELD
    return value


def _item(value: Any, part: list[Any]) -> Any:
    """What a plain container holds by a constant key, or ``get`` gives for it."""
    kind, key = part[0], part[1]
    if type(value) is dict and len(value) <= _MOST_KEYS:
        # One by one: a key of the project's may answer the comparison of a look-up.
        for known in value:
            if type(known) is type(key) and known == key:
                return value[known]
        return (part[2] if len(part) > _PAIR else None) if kind == "get" else NOT_HELD
    is_row = type(value) in (list, tuple) and type(key) is int and kind == "["
    return value[key] if is_row and -len(value) <= key < len(value) else NOT_HELD
