"""What is owed to understanding, as JSON and as text: lines of assistants nobody answered about or reviewed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tokencoach.cli.output import one_line, say
from tokencoach.clock import iso_utc
from tokencoach.comprehension.debt import AGES_DAYS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tokencoach.comprehension.debt import Debt

_MOST: Final = 8


def debt_json(debts: Sequence[Debt]) -> dict[str, Any]:
    """Every repository and folder; ``by_age`` counts lines up to 7, 30, 90 days old, and older."""
    return {
        "lines": sum(debt.owed for debt in debts),
        "understood": sum(debt.understood for debt in debts),
        "reviewed": sum(debt.reviewed for debt in debts),
        "folders": [
            {
                "repo": debt.path,
                "folder": area.area,
                "lines": area.lines,
                "by_age": list(area.by_age),
                "oldest_at": iso_utc(area.oldest_ms),
            }
            for debt in debts
            for area in debt.areas
        ],
    }


def print_debt(debts: Sequence[Debt]) -> None:
    """The folders that owe most, with the age of their lines."""
    rows = sorted(
        ((debt, area) for debt in debts for area in debt.areas), key=lambda row: (-row[1].lines, row[1].area)
    )
    if not rows:
        return
    owed, understood = sum(debt.owed for debt in debts), sum(debt.understood for debt in debts)
    reviewed = sum(debt.reviewed for debt in debts)
    say()
    say(f"Living lines of assistants: {understood} understood, {reviewed} reviewed, {owed} neither")
    ages = "".join(f"{f'<{days} d':>7}" for days in AGES_DAYS) + f"{'older':>7}"
    say(f"{'lines':>7}{ages}  folder")
    for debt, area in rows[:_MOST]:
        name = debt.path.rstrip("/").rpartition("/")[2]
        counts = "".join(f"{count:>7}" for count in area.by_age)
        say(f"{area.lines:>7}{counts}  {one_line(f'{name}/{area.area}')}")
    if len(rows) > _MOST:
        say(f"{'':>7}  and {len(rows) - _MOST} more folders")
