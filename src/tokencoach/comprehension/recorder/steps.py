"""Single statements that a change touches: what the names they read held, and what came out."""

from __future__ import annotations

import json

from .values import attribute, snapshot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .calls import Call

_KEPT, _KEPT_OF_A_STEP, _LOOKED_AT = 24, 4, 24


class Step:
    """One statement: its lines, the names and attributes it reads, and the name it sets (None: it returns)."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self.first, self.last = int(plan["first"]), int(plan["last"])
        self.reads: list[str] = plan["reads"]
        self.sets: str | None = plan["sets"]
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
            self._end(call)
        if step is not None and step.looked_at < _LOOKED_AT and call.test is not None:
            step.looked_at += 1
            given = _read(call.frame.f_locals, step.reads)
            if given is not None:
                call.step = (step, given, call.faults)

    def returned(self, call: Call, text: str, *, is_exact: bool) -> None:
        """The call gave a value back: that of the statement under way, if it is a return."""
        if call.step is not None and call.step[0].sets is None and call.faults == call.step[2] and is_exact:
            self._keep(call, text)
        elif call.step is not None:
            self._end(call)
        call.step = None

    def _end(self, call: Call) -> None:
        step, _, faults = call.step
        # An exception on the way leaves the name as it was.
        if step.sets is not None and call.faults == faults:
            here = call.frame.f_locals
            if step.sets in here:
                text, is_exact = snapshot(here[step.sets])
                if is_exact:
                    self._keep(call, text)
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


def _read(here: Any, names: list[str]) -> list[list[Any]] | None:
    """What names and attributes of names hold; None where one holds what cannot be shown."""
    found: list[list[Any]] = []
    for name in names:
        base, _, field = name.partition(".")
        if base not in here:
            return None
        value = attribute(here[base], field) if field else snapshot(here[base])
        if value is None or not (
            value[1] or value[0].startswith(("<class ", "<function ")) or ": " in value[0]
        ):
            return None
        found.append([name, *value])
    return found
