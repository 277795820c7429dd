"""Prompts that are typed again and again instead of being kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tokencoach.audit.numbers import counted
from tokencoach.coach.finding import Basis, Detector, Evidence, Finding, Quiet, Rate, Threshold
from tokencoach.prompts.mine import LEAST_DAYS, LEAST_USES, LEAST_WORDS, mine
from tokencoach.prompts.typed import BYTES_PER_TOKEN, Typed, typed_tokens

if TYPE_CHECKING:
    from tokencoach.coach.material import Material
    from tokencoach.prompts.mine import Mined, Repeated

ID: Final = "retyped-prompt"
USES: Final = Threshold(
    "retyped-prompt.uses", LEAST_USES, "times", "what was typed three times will be typed a fourth time"
)
DAYS: Final = Threshold(
    "retyped-prompt.days", LEAST_DAYS, "days", "said again on one day it may be one stubborn piece of work"
)
WORDS: Final = Threshold(
    "retyped-prompt.words", LEAST_WORDS, "words", "a shorter one is typed faster than its name is remembered"
)
PROMPTS: Final = Threshold("retyped-prompt.prompts", 20, "prompts", "fewer prompts repeat nothing yet")
_FINEST, _COARSEST = 3, 5
_SHOWN: Final = 80


def find(material: Material) -> Finding | Quiet:
    """Groups of prompts that say the same; what typing them once would have left out.

    Bytes per token range from three to five: that is the range of the cost.
    """
    mined = mined_prompts(material)
    least = material.limit(PROMPTS)
    if mined.prompts < least:
        return Quiet(ID, f"{mined.prompts} typed prompts are kept; it takes {least:.0f}", is_looked=False)
    again = sum(len(one.uses) - 1 for one in mined.repeated)
    rate = Rate(again, mined.prompts, "prompts")
    if not mined.repeated:
        return Quiet(
            ID, f"none of {mined.prompts} prompts was typed {material.limit(USES):.0f} times", rate=rate
        )
    told = [_told(one, material) for one in mined.repeated]
    parts = {request: part for own, _ in told for request, part in own.items()}
    nano, tokens = material.cost(parts)
    dearest = max(mined.repeated, key=lambda one: len(one.uses))
    return Finding(
        id=ID,
        title=f"{counted(len(told), 'prompt')} typed {again + len(told)} times; "
        f"~{sum(one.tokens for one in mined.repeated):,} tokens of typing",
        cost_nano=nano,
        tokens=tokens,
        basis=Basis.ESTIMATED,
        low_nano=round(nano * BYTES_PER_TOKEN / _COARSEST),
        high_nano=round(nano * BYTES_PER_TOKEN / _FINEST),
        evidence=tuple(evidence for _, evidence in told),
        why=f"Prompts of at least {material.limit(WORDS):.0f} words of which 70 % of the five-word runs are the same, "
        f"paths, numbers and quotations apart, typed at least {material.limit(USES):.0f} times on "
        f"{material.limit(DAYS):.0f} days: {USES.because}. The cost is the price of the words typed again, "
        f"{BYTES_PER_TOKEN} bytes a token; the larger part of it is your own time. {_micro(mined)}",
        next=f'Keep "{_clipped(dearest.template.text)}" as a command of your assistant, and type its name.',
        condition="I type something for the third time",
        action="save it as a command or skill first",
        rate=rate,
        parts=parts,
    )


def typed_prompts(material: Material) -> list[Typed]:
    """Every prompt of a period that is kept."""
    return [
        Typed(prompt.text, prompt.at_ms, prompt.session, trace.project, prompt.turn, is_first=not place)
        for trace in material.traces
        for place, prompt in enumerate(trace.prompts)
        if prompt.text is not None
    ]


def mined_prompts(material: Material) -> Mined:
    """What repeats among the prompts of a period, by the person's own limits."""
    return mine(
        typed_prompts(material),
        material.period.tz,
        least_uses=int(material.limit(USES)),
        least_days=int(material.limit(DAYS)),
        least_words=int(material.limit(WORDS)),
    )


def _told(one: Repeated, material: Material) -> tuple[dict[int, float], Evidence]:
    parts = {}
    for use in one.uses[1:]:
        request = material.first_request(use.turn)
        if request is not None and request.counts.total:
            parts[request.step.request_id] = min(1.0, typed_tokens(use.text) / request.counts.total)
    nano, tokens = material.cost(parts)
    varies = f"; varies: {', '.join(one.template.variables)}" if one.template.variables else ""
    last = one.uses[-1]
    return parts, Evidence(
        words=f'"{_clipped(one.template.text)}" {len(one.uses)} times on {one.days} days, ~{one.tokens:,} tokens{varies}',
        at_ms=one.uses[0].at_ms,
        cost_nano=nano,
        tokens=tokens,
        session=last.session,
        session_id=material.session_id(last.session),
        turn=last.turn,
    )


def _micro(mined: Mined) -> str:
    if not mined.micro:
        return ""
    named = ", ".join(f'"{_clipped(one.words)}" {len(one.uses)}' for one in mined.micro[:3])
    return f"Short ones, which need no keeping: {named}."


def _clipped(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _SHOWN else flat[: _SHOWN - 1] + "…"


DETECTOR: Final = Detector(ID, find, (USES, DAYS, WORDS, PROMPTS))
