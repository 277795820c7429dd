"""The person's word over the machine's verdicts: the narrower one wins, the machine's stays beside it."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from tokencoach.attribution.verdict import Verdict
from tokencoach.audit.judgement import (
    JudgedEdit,
    JudgedLine,
    Outcome,
    SessionJudgement,
    TurnJudgement,
    add_edit,
)
from tokencoach.audit.report import Said
from tokencoach.store.word_rows import BEFORE_ANY_PROMPT
from tokencoach.usage.words import Bucket, WasteKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tokencoach.store.word_rows import Word

REASON = "your_word"
_KINDS = {Bucket.NOT_LANDED: WasteKind.UNCOMMITTED, Bucket.REWORKED: WasteKind.REWORKED}


def said_of(word: Word, machine: Bucket | None) -> Said:
    """A word as it is shown, beside the machine's verdict."""
    return Said(Bucket(word.bucket), word.because, word.said_ms, machine)


def word_on(words: Iterable[Word], turn: int | None = None, *, is_turn: bool = False) -> Word | None:
    """The word on the whole session, or with ``is_turn`` the one on that whole turn."""
    for word in words:
        target = word.target
        if target.edit_key is not None:
            continue
        if is_turn and target.turn_key is not None and _is_turn(word, turn):
            return word
        if not is_turn and target.turn_key is None:
            return word
    return None


def word_on_edit(words: Iterable[Word], edit: int) -> Word | None:
    """The word on a whole edit."""
    return next((word for word in words if word.edit == edit and word.target.first_line is None), None)


def word_on_line(words: Iterable[Word], edit: int, position: int) -> Word | None:
    """The newest word on a span of an edit's added lines that holds this one."""
    found = None
    for word in words:
        first, last = word.target.first_line, word.target.last_line
        if word.edit == edit and first is not None and last is not None and first <= position <= last:
            found = word
    return found


def _is_turn(word: Word, turn: int | None) -> bool:
    return word.turn == turn if turn is not None else word.target.turn_key == BEFORE_ANY_PROMPT


def outcome_of(word: Word, machine: Verdict | None = None) -> Outcome:
    """Where a word sends spend; a waste kind that the machine saw in the same bucket is kept."""
    bucket = Bucket(word.bucket)
    if machine is not None and machine.bucket is bucket:
        return Outcome(bucket, machine.kind, REASON)
    return Outcome(bucket, _KINDS.get(bucket), REASON)


def ruled(judged: SessionJudgement, words: Sequence[Word]) -> SessionJudgement:
    """A session's judgement with the person's words on it, its turns, edits and lines."""
    whole = word_on(words)
    narrow = {word.edit for word in words if word.target.edit_key is not None}
    turns: defaultdict[int | None, TurnJudgement] = defaultdict(TurnJudgement)
    rulings: dict[int | None, Outcome] = {}
    for turn in dict.fromkeys([*judged.order, *judged.turns]):
        word = word_on(words, turn, is_turn=True) or whole
        own = judged.turns.get(turn)
        edits = own.edits if own is not None else []
        if own is not None:
            turns[turn] = TurnJudgement()
            for edit in edits:
                add_edit(turns[turn], _ruled_edit(edit, words, word))
        if word is not None and not any(edit.edit.edit_id in narrow for edit in edits):
            rulings[turn] = outcome_of(word)
    return SessionJudgement(
        judged.facts, judged.phase, turns, judged.order, judged.has_edits, rulings, judged.untold
    )


def _ruled_edit(judged: JudgedEdit, words: Sequence[Word], wider: Word | None) -> JudgedEdit:
    edit = judged.edit.edit_id
    own = word_on_edit(words, edit) or wider
    return judged._replace(lines=[_ruled_line(line, edit, words, own) for line in judged.lines])


def _ruled_line(line: JudgedLine, edit: int, words: Sequence[Word], wider: Word | None) -> JudgedLine:
    word = wider if line.is_removal else word_on_line(words, edit, line.position) or wider
    if word is None:
        return line
    outcome = outcome_of(word, line.verdict)
    return line._replace(verdict=Verdict(outcome.bucket, outcome.kind, REASON, 1.0), machine=line.verdict)
