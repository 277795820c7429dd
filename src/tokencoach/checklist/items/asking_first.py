"""C15: understand before you generate."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.audit.numbers import counted, percent
from tokencoach.checklist.item import Item, Judgement, too_little
from tokencoach.checklist.parts import Part, sentence, state_of
from tokencoach.coach.finding import Evidence, Threshold
from tokencoach.usage.words import ToolKind

if TYPE_CHECKING:
    from tokencoach.checklist.grounds import Grounds
    from tokencoach.coach.material import Trace

OPENED: Final = Threshold(
    "C15.opened",
    0.60,
    "share",
    "in a controlled study those who asked first understood two thirds of it, others a third",
)
LINES: Final = Threshold("C15.lines", 100, "lines", "a smaller change can be read as it comes")
SESSIONS: Final = Threshold("C15.sessions", 3, "sessions", "fewer show no habit")
# How a question begins in the languages that cost no more than a word: English, German, French, Spanish.
_QUESTION: Final = re.compile(
    r"^\W*(?:(?:can|could|would) you (?:please )?)?(?:what|why|how|where|when|which|who|explain|describe"
    r"|walk me through|show me how|tell me|help me understand"
    r"|investigate|analy[sz]e|compare|review|look into|find out|is|are|does|do|did|was|were|should|would"
    r"|was|warum|wieso|wie|wo|wann|welche[rs]?|wer|erkl[äa]re?"
    r"|que|quoi|quel(?:le)?s?|pourquoi|comment|où|explique"
    r"|qu[ée]|por qu[ée]|c[óo]mo|d[óo]nde|cu[áa]l|explica)\b",
    re.IGNORECASE,
)
# "Can you add retries?" is an order, however it ends; "can you explain it?" is none.
_ORDER: Final = re.compile(
    r"^\W*(?:(?:yes|yeah|ok|okay|now|and|so|then|please)\W+)*(?:can|could|would|will) you "
    r"(?:now |also |please |maybe |then )*+"
    r"(?!explain|describe|elaborate|tell|show|walk|help me understand|let me know|give me|summari[sz]e|clarify"
    r"|investigate|analy[sz]e|compare|review|look|check|find out|see|think|say|confirm)\w",
    re.IGNORECASE,
)
# What was planned in a session of its own begins the next one.
_PLANNED: Final = re.compile(
    r"^\W*(?:implement|execute|follow|carry out|start) (?:the|this|our) (?:following |attached )?plan\b",
    re.IGNORECASE,
)
_PLAN_MODES: Final = (
    "exitplanmode",
    "enterplanmode",
    "exit_plan_mode",
    "enter_plan_mode",
    "plan_mode_respond",
)
_SHORT: Final = 400
_TALK_WORDS: Final = 8


class Opening(NamedTuple):
    """A session that generated a lot, and how it began: empty where nothing was asked first."""

    trace: Trace
    lines: int
    how: str


def judge(grounds: Grounds) -> Judgement:
    """Sessions that asked, planned or discussed before their first write; and one question asked."""
    traces = grounds.material.traces
    opened = [
        Opening(trace, lines, _how(trace))
        for trace in traces
        if (lines := _generated(trace)) > grounds.limit(LINES)
    ]
    if len(opened) < grounds.limit(SESSIONS):
        return too_little(
            f"{counted(len(opened), 'session')} wrote more than {grounds.limit(LINES):.0f} lines; "
            f"it takes {grounds.limit(SESSIONS):.0f}",
            "nothing to do yet",
        )
    first = [one for one in opened if one.how]
    share, least = len(first) / len(opened), grounds.limit(OPENED)
    parts = (
        Part(
            share >= least,
            f"{len(first)} of {len(opened)} large sessions began with a question or a plan ({percent(least)} needed)",
        ),
        _explained(traces),
    )
    return Judgement(
        state_of(parts),
        sentence(parts),
        "open the next large piece with a question: how does this work now, and what could break?",
        value=share,
        target=least,
        evidence=tuple(_told(one) for one in opened if not one.how),
    )


def is_question(text: str | None) -> bool:
    """Whether a short prompt asks for words, by how it begins or ends; an order in a question's form does not."""
    said = " ".join((text or "").split())
    if not 0 < len(said) <= _SHORT or _ORDER.match(said):
        return False
    return said.endswith("?") or _QUESTION.match(said) is not None


def _generated(trace: Trace) -> int:
    return sum(
        bool(line.weight) and not line.is_removal
        for edit in trace.edits()
        if edit.is_in_repository
        for line in edit.lines
    )


def _how(trace: Trace) -> str:
    """What came before the first write."""
    edits = trace.edits()
    first_ms = edits[0].edit.at_ms if edits else 0
    for call in trace.calls:
        if call.at_ms >= first_ms:
            break
        if call.tool.lower() in _PLAN_MODES:
            return "a plan"
        if call.kind is ToolKind.ASK:
            return "a question of the assistant"
    wrote_in = edits[0].edit.turn if edits else None
    early = [prompt for prompt in trace.prompts if prompt.at_ms < first_ms]
    if any(_PLANNED.match(prompt.text or "") for prompt in early):
        return "a plan made before"
    if any(prompt.turn != wrote_in and _is_talk(prompt.text) for prompt in early):
        return "a turn that wrote nothing"
    return "a question" if any(is_question(prompt.text) for prompt in early) else ""


def _is_talk(text: str | None) -> bool:
    """Whether a prompt says more than go on; where prompts are not kept, that nothing was written has to do."""
    return text is None or len(text.split()) >= _TALK_WORDS


def _explained(traces: tuple[Trace, ...]) -> Part:
    """Whether anything was asked, in a turn that wrote nothing."""
    if not any(prompt.text for trace in traces for prompt in trace.prompts):
        return Part(None, "questions asked (prompts are not kept)")
    count = 0
    for trace in traces:
        wrote = {edit.edit.turn for edit in trace.edits()}
        count += sum(is_question(one.text) and one.turn not in wrote for one in trace.prompts)
    return Part(count >= 1, f"{counted(count, 'question')} asked that nothing was written for")


def _told(one: Opening) -> Evidence:
    return Evidence(
        f"{one.lines:,} lines, and the first prompt was an order",
        one.trace.facts.first_ms,
        one.trace.ledger.total.cost_nano,
        one.trace.ledger.total.tokens,
        one.trace.facts.session,
        one.trace.facts.session_id,
    )


ITEM: Final = Item(
    "C15",
    "Understand before you generate",
    "Of sessions that wrote more than 100 lines, at least 60 % began with a plan (made there or before), a question, "
    "or a turn of eight words or more that wrote nothing; and at least one question was asked in the month. "
    "That you read or edited the file yourself before is not in any log, and not seen.",
    judge,
    (OPENED, LINES, SESSIONS),
)
