"""The sentences of the monthly ritual, and the figures in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content

from tokencoach.coach.as_text import STATE_WORDS, again_on, look_words
from tokencoach.tui import figures
from tokencoach.tui.safe_text import clean
from tokencoach.tui.screens.audit_columns import amount, written
from tokencoach.tui.screens.finding_list import finding_cost

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from tokencoach.audit.report import PeriodAudit
    from tokencoach.checklist.ritual import Ritual
    from tokencoach.coach.finding import Finding
    from tokencoach.coach.habits import Habits
    from tokencoach.coach.plans import Measured
    from tokencoach.tui.theme import Glyphs

_TONES = {"worked": "shipped", "partly": "pending", "not": "not-landed"}
_HOUR = 60


def spent_words(ritual: Ritual, unit: str) -> dict[str, str]:
    """The figures of what was spent, by name, as they are drawn."""
    spend = ritual.audit.spend
    out = {
        "spend": written(spend.counts.total, spend.cost_nano, unit),
        "requests": figures.count(spend.requests),
    }
    if ritual.before is not None:
        before = ritual.before.spend
        out["before_spend"] = written(before.counts.total, before.cost_nano, unit)
    if unit != "tokens":
        out["tokens"] = figures.tokens(spend.counts.total)
    if spend.human_minutes is not None:
        hours, minutes = divmod(spend.human_minutes, _HOUR)
        out["human_minutes"] = f"{hours} h {minutes:02d}" if hours else f"{minutes} min"
    if spend.energy_wh is not None:
        out["energy_wh"] = f"{spend.energy_wh:.1f} Wh"
    return out


def spent_lines(ritual: Ritual, unit: str, glyphs: Glyphs) -> list[Content]:
    """What was spent, and what the month before."""
    said, audit = spent_words(ritual, unit), ritual.audit
    month = figures.month_title(audit.month or audit.label).split()[0]
    first = f"{said['spend']}{' tokens' * (unit == 'tokens')} in {month}"
    before = ""
    if ritual.before is not None:
        name = figures.month_title(ritual.before.month or "").split()[0]
        before = f"{name} {said['before_spend']}{_change(ritual.before, audit, unit)}."
    parts = [f"{said['requests']} requests"]
    parts += [f"{said['tokens']} tokens"] if "tokens" in said else []
    parts += [f"your time {said['human_minutes']}"] if "human_minutes" in said else []
    parts += [f"{said['energy_wh']} on this computer"] if "energy_wh" in said else []
    return [
        Content("").join([Content.styled(f"{first}. ", "bold"), Content.styled(before, "$tone-muted")]),
        Content.styled(f" {glyphs.separator} ".join(parts), "$tone-muted"),
    ]


def _change(before: PeriodAudit, audit: PeriodAudit, unit: str) -> str:
    was, now = (amount(one.spend.counts.total, one.spend.cost_nano, unit) for one in (before, audit))
    if not was:
        return ""
    return f", {figures.percent(abs(now / was - 1))} {'more' if now >= was else 'less'} now"


def held_words(measured: Measured | None) -> dict[str, str]:
    """Whether the last plan held, by name, as it is drawn."""
    if measured is None:
        return {}
    out = {"held": STATE_WORDS[measured.state].capitalize()}
    for name, look in (("held.before", measured.before), ("held.after", measured.after)):
        if look is not None:
            out[name] = look_words(look)
    return out


def held_lines(measured: Measured | None, tz: ZoneInfo) -> list[Content]:
    """The last plan, whether it held, and the two spans that say so."""
    if measured is None:
        return []
    tone = _TONES.get(measured.state, "muted")
    said = held_words(measured)
    lines = [
        Content("").join(
            [Content("Your plan: "), Content.styled(clean(measured.plan.sentence), "bold")],
        ),
        Content.styled(f"{said['held']}: {clean(measured.why)}.", f"bold $tone-{tone}"),
    ]
    spans = [said[name] for name in ("held.before", "held.after") if name in said]
    if measured.is_open:
        spans.append(f"measured {'again ' * bool(spans)}after {again_on(measured, tz)}")
    lines += [Content.styled(f"  {clean(span)}", "$tone-muted") for span in spans]
    return lines


def choice_lines(ritual: Ritual, finding: Finding | None, unit: str) -> list[Content]:
    """What the third screen asks, and the habit under the cursor."""
    habits = ritual.habits
    if habits is None or not habits.found:
        why = (
            "This month was closed before habits were looked for."
            if ritual.audit.closing is not None and habits is None
            else _nothing_found(habits)
        )
        return [Content.styled(why, "bold"), Content.styled("x finishes without a plan.", "$tone-muted")]
    lines = [Content.styled("Which one of these do you want to stop? One is enough.", "bold")]
    if finding is not None:
        lines += [
            Content(""),
            Content.styled(f"{clean(finding.title)}: {finding_cost(finding, unit)}", "$tone-not-landed"),
            Content(f"Next: {clean(finding.next)}"),
            Content.styled(clean(finding.why), "$tone-muted"),
        ]
    return lines


def _nothing_found(habits: Habits | None) -> str:
    if habits is None or not habits.unjudged:
        return "No habit was found that cost you something: nothing to stop."
    needing = f"{habits.unjudged} habit{'s' if habits.unjudged > 1 else ''}"
    return f"No habit was found that cost you something; for {needing} the month has too few data."


def plan_lines(ritual: Ritual, finding: Finding | None, tz: ZoneInfo, note: str) -> list[Content]:
    """What the fourth screen offers, or what the ritual ended in."""
    if ritual.is_done:
        lines = held_lines(ritual.chosen, tz) or [Content("You finished without a plan.")]
        done = Content.styled("This month's ritual is done.", "bold $tone-shipped")
        return [done, Content(""), *lines, *([Content(clean(note))] if note else [])]
    if finding is None:
        return [
            Content.styled("No habit is chosen.", "bold"),
            Content.styled("b goes back to choose one; x finishes without a plan.", "$tone-muted"),
        ]
    lines = [
        Content.styled(clean(finding.title), "$tone-not-landed"),
        Content(""),
        Content.styled(f"If {clean(finding.condition)},", "bold"),
        Content.styled(f"I {clean(finding.action)}.", "bold"),
        Content(""),
        Content.styled("Enter: word it as you like, and accept it.", "$tone-muted"),
    ]
    if ritual.followed is not None:
        stands = f"It takes the place of your plan: {clean(ritual.followed.sentence)}"
        lines.append(Content.styled(stands, "$tone-alert"))
    return lines
