"""Right-sizing as tables of text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tokencoach.audit.numbers import count, counted, money, percent
from tokencoach.coach.interval import signed_words
from tokencoach.coach.right_sizing.claim import MARGIN
from tokencoach.coach.right_sizing.survival import LEAST_TASKS
from tokencoach.coach.tasks import SMALL_LINES, TaskKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tokencoach.coach.interval import Interval
    from tokencoach.coach.right_sizing.claim import Claim
    from tokencoach.coach.right_sizing.tables import Cell, RightSize
    from tokencoach.coach.right_sizing.useful_output import Output

_NAME: Final = 32
_TITLES: Final = {
    TaskKind.QUESTION: "Questions and chores (nothing changed)",
    TaskKind.SMALL_EDIT: f"Small edits (at most {SMALL_LINES} lines of one file)",
    TaskKind.LARGER_EDIT: f"Larger edits (over {SMALL_LINES} lines of one file)",
    TaskKind.MULTI_FILE: "Edits of several files",
}


def right_size_lines(said: RightSize) -> Iterator[str]:
    """Claims, useful output, then survival by kind. Names of models are a log's: print through ``cli.output``."""
    for claim in said.claims:
        yield from _claim_lines(claim)
    yield ""
    if said.outputs:
        yield "Useful output: lines alive after 14 days (open: of no known end; they and their spend are in no rate)"
        yield f"  {'':<{_NAME}} {'tasks':>5} {'lines':>7} {'open':>7} {'per $':>8} {'per Wh':>8} {'per M tokens':>13}"
        yield from (_output_line(one) for one in said.outputs)
        yield ""
    for table in said.kinds:
        yield f"{_TITLES[table.kind]}: {counted(table.tasks, 'task')}"
        is_edit = table.kind is not TaskKind.QUESTION
        for label, cells in (
            ("model", table.by_model),
            ("prompt", table.by_words),
            ("context", table.by_context),
        ):
            yield (
                f"  {'by ' + label:<{_NAME}} {'tasks':>5} {'again':>5} {'median':>9}"
                + (f"  {'alive after 14 days':<22} reworked" if is_edit else "")
            ).rstrip()
            yield from (_cell_line(cell, is_edit=is_edit) for cell in cells)
        yield ""
    out = ", ".join(f"{tasks} {why}" for why, tasks in sorted(said.left_out.items()))
    if out:
        yield f"Of {said.tasks} tasks left out: {out}."
    yield "A task is a prompt with its follow-ups; (a to b) is the 90 % interval, lines of one task counted as one case."
    yield f"Which task went to which model was your choice: compare within a kind. It takes {LEAST_TASKS} tasks each."


def _claim_lines(claim: Claim) -> Iterator[str]:
    yield f'"{claim.name[0].upper()}{claim.name[1:]} for most tasks": {claim.verdict.value} ({claim.why})'
    tests = [test for test in claim.kinds if test.small.tasks + test.large.tasks]
    if tests:
        yield f"    small: {claim.small}; as well: at most {percent(MARGIN)} fewer lines survive"
    for test in tests:
        if test.difference is None:
            yield f"    {test.kind.value:<12} {test.verdict.value}: {test.why}"
        else:
            gap = signed_words(test.difference)
            yield f"    {test.kind.value:<12} {gap}: {test.verdict.value}, {test.why}"


def _output_line(one: Output) -> str:
    if not one.is_told:
        return (
            f"  {_short(one.model, _NAME):<{_NAME}} {one.tasks:>5} not enough data (of {LEAST_TASKS} tasks)"
        )
    lines = f"{_short(one.model, _NAME):<{_NAME}} {one.tasks:>5} {count(round(one.lines)):>7} {count(one.open_lines):>7}"
    return f"  {lines} {_rate(one.per_dollar):>8} {_rate(one.per_wh):>8} {_rate(one.per_million_tokens):>13}"


def _rate(rate: float | None) -> str:
    if rate is None:
        return "-"
    return f"{rate:,.0f}" if rate >= 10 else f"{rate:.1f}"


def _cell_line(cell: Cell, *, is_edit: bool) -> str:
    spent = f"{count(cell.tokens)} tok" if cell.cost_nano is None else money(cell.cost_nano)
    head = f"  {_short(cell.name, _NAME):<{_NAME}} {cell.tasks:>5} {cell.resumed:>5} {spent:>9}"
    if not is_edit:
        return head
    if cell.survival.survived is None or cell.survival.reworked is None:
        return f"{head}  {cell.survival.words}"
    return f"{head}  {_share(cell.survival.survived):<22} {_share(cell.survival.reworked)}"


def _share(found: Interval) -> str:
    return f"{percent(found.value)} ({percent(found.low)} to {percent(found.high)})"


def _short(name: str, width: int) -> str:
    flat = " ".join(name.split())
    return flat if len(flat) <= width else f"{flat[: width - 1]}…"
