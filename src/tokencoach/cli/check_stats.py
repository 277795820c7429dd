"""``tokencoach check --stats``: kinds, rates, what waits, what is owed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from tokencoach.audit.numbers import percent
from tokencoach.cli.output import emit_json, one_line, say
from tokencoach.comprehension.debt import AGES_DAYS
from tokencoach.comprehension.overview import read_overview
from tokencoach.comprehension.question import Kind
from tokencoach.comprehension.verified import said_of
from tokencoach.errors import NothingToReadError
from tokencoach.store.reader import open_reader

if TYPE_CHECKING:
    from tokencoach.cli.context import Context
    from tokencoach.comprehension.debt import Debt
    from tokencoach.comprehension.overview import CheckOverview
    from tokencoach.comprehension.saved import Advised
    from tokencoach.comprehension.verified import AnsweredLine
    from tokencoach.store.checks.stats_rows import KindCount


_AGES = (*(f"under_{days}_days" for days in AGES_DAYS), "older")
_MOST_FOLDERS = 12
_MOST_LINES = 12


def print_stats(context: Context, *, as_json: bool) -> int:
    """Print what checks have shown; 3 where none was held."""
    try:
        with open_reader(context.database) as reader:
            overview = read_overview(reader.connection, context.now_ms, home=context.folder)
    except NothingToReadError:
        overview = None
    has_some = overview is not None and any((overview.past, overview.waiting, overview.kinds, overview.debts))
    if as_json:
        emit_json(_as_json(overview))
        return 0 if has_some else NothingToReadError.exit_code
    if overview is None or not has_some:
        say("No check was held yet. Stage a change that an assistant wrote, then: tokencoach check")
        say("To be asked before each commit: tokencoach hook install")
        return NothingToReadError.exit_code
    _print(overview)
    return 0


def _rate(count: KindCount) -> float | None:
    judged = count.answered - count.shown - count.unsure
    return count.right / judged if judged > 0 else None


def _as_json(overview: CheckOverview | None) -> dict[str, Any]:
    kinds = overview.kinds if overview is not None else ()
    return {
        "kinds": [
            {
                "kind": count.kind,
                "part": count.part,
                "answered": count.answered,
                "right": count.right,
                "shown": count.shown,
                "bad": count.bad,
                "rate": _rate(count),
            }
            for count in kinds
        ],
        "waiting": {
            "checks": len(overview.waiting) if overview is not None else 0,
            "questions": overview.questions if overview is not None else 0,
        },
        "outcomes": _outcomes(overview),
        "answered_lines": [_line_json(line) for line in overview.answered] if overview is not None else [],
        "advice": [_advice_json(said) for said in overview.advice] if overview is not None else [],
        "debt": [_debt_json(debt) for debt in overview.debts] if overview is not None else [],
    }


def _line_json(line: AnsweredLine) -> dict[str, Any]:
    return {
        "repo": line.place,
        "path": line.path,
        "qualname": line.qualname,
        "line": line.line,
        "answer": line.answer,
        "state": str(line.state),
        "test": line.test or None,
    }


def _advice_json(said: Advised) -> dict[str, Any]:
    """One advice of a model on this computer; null is what nobody can tell."""
    return {
        "model": said.model or None,
        "digest": said.digest or None,
        "tokens_in": said.tokens_in,
        "tokens_out": said.tokens_out,
        "seconds": said.seconds,
        "joules": said.joules,
        "joules_quality": said.joules_quality or "NONE",
        "joules_why": said.joules_why or None,
    }


def _debt_json(debt: Debt) -> dict[str, Any]:
    return {
        "repo": debt.path,
        "owed_lines": debt.owed,
        "understood_lines": debt.understood,
        "reviewed_lines": debt.reviewed,
        "folders": [
            {
                "folder": area.area,
                "lines": area.lines,
                "by_age": dict(zip(_AGES, area.by_age, strict=True)),
            }
            for area in debt.areas
        ],
    }


def _outcomes(overview: CheckOverview | None) -> dict[str, int]:
    found: dict[str, int] = {}
    for past in overview.past if overview is not None else ():
        found[str(past.outcome)] = found.get(str(past.outcome), 0) + 1
    return dict(sorted(found.items()))


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _print(overview: CheckOverview) -> None:
    recent = overview.recent
    held = f"{_many(recent.answered, 'answer')} in {_many(recent.checks, 'check')}"
    say(f"Last 30 days: {held}, {recent.right} right, {recent.shown} shown")
    if overview.waiting:
        waits = f"{_many(overview.questions, 'question')} in {_many(len(overview.waiting), 'check')}"
        say(f"Waiting: {waits}; tokencoach, then 4")
    if overview.kinds:
        say()
        say(f"{'kind':<18} {'part':<8} {'answered':>8} {'right':>6} {'shown':>6} {'bad':>4}")
    for count in overview.kinds:
        is_known = count.kind in set(Kind)
        name = Kind(count.kind).name.replace("_", " ").lower() if is_known else one_line(count.kind)
        rate = _rate(count)
        right = "-" if rate is None else percent(rate)
        say(f"{name:<18} {count.part:<8} {count.answered:>8} {right:>6} {count.shown:>6} {count.bad:>4}")
    how = ", ".join(f"{number} {word.replace('_', ' ')}" for word, number in _outcomes(overview).items())
    if how:
        say()
        say(f"How checks ended: {how}")
    _print_advice(overview)
    _print_lines(overview)
    _print_debt(overview)


def _print_advice(overview: CheckOverview) -> None:
    """Which models of this computer read explanations, and what that cost as far as it is known."""
    by_model: dict[tuple[str, str], list[Advised]] = {}
    for said in overview.advice:
        by_model.setdefault((said.model, said.digest), []).append(said)
    if by_model:
        say()
    for (model, digest), many in by_model.items():
        known = [said.joules for said in many if said.joules is not None]
        energy = f"{sum(known):,.1f} J of {len(known)}" if known else "joules unknown"
        tokens = sum((said.tokens_in or 0) + (said.tokens_out or 0) for said in many)
        name = one_line(model)[:40] or "a model without a name"
        told = one_line(digest).partition(":")[2][:12] or "unknown"
        read = _many(len(many), "explanation")
        say(f"{name} (digest {told}) read {read}: {tokens:,} tokens, {energy}")


def _print_lines(overview: CheckOverview) -> None:
    """Lines that no test had reached, and what the next recorded run said of the call that was typed."""
    if not overview.answered:
        return
    say()
    say("Lines that no test had reached when you typed a call for them:")
    for line in overview.answered[:_MOST_LINES]:
        say(f"  {one_line(said_of(line))[:300]}")
    if len(overview.answered) > _MOST_LINES:
        say(f"  and {len(overview.answered) - _MOST_LINES} more; --json lists them all")


def _print_debt(overview: CheckOverview) -> None:
    """Where surviving lines wait for a reader, the most first."""
    rows = [(debt, area) for debt in overview.debts for area in debt.areas]
    if not rows:
        return
    rows.sort(key=lambda row: -row[1].lines)
    say()
    say(f"{overview.owed:,} surviving AI lines that nobody understood or reviewed:")
    first, second, third = (f"<{days} d" for days in AGES_DAYS)
    say(f"{'lines':>7} {first:>7} {second:>7} {third:>7} {'older':>7}  folder")
    for debt, area in rows[:_MOST_FOLDERS]:
        ages = " ".join(f"{count:>7}" for count in area.by_age)
        place = one_line(Path(debt.path).name)
        say(f"{area.lines:>7} {ages}  {place}: {one_line(area.area) or '.'}")
    if len(rows) > _MOST_FOLDERS:
        say(f"and {len(rows) - _MOST_FOLDERS} more folders; --json lists them all")
