"""Between the nouns of a check and the rows that keep it: a question is kept whole, with its key."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import msgspec

from tokencoach.comprehension.question import Prepared
from tokencoach.store.checks.records import AskedQuestion, Check, Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tokencoach.comprehension.advice import Advice
    from tokencoach.comprehension.change import ChangedFunction
    from tokencoach.store.checks.answered_rows import AnsweredRow
    from tokencoach.store.checks.records import Card


class Advised(msgspec.Struct, frozen=True):
    """That a model of this computer read an explanation: which one, and what it cost. Its words are not kept.

    ``digest`` is empty and ``joules`` None where nobody can tell; ``joules_why`` says why, or what they rest on.
    """

    model: str
    digest: str
    tokens_in: int | None
    tokens_out: int | None
    seconds: float
    joules: float | None
    joules_quality: str
    joules_why: str
    said_ms: int


class _Kept(Prepared, frozen=True):
    """A question as it is stored once a model has read what was answered."""

    advice: Advised | None = None


_KEPT = msgspec.json.Decoder(_Kept)
_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(Prepared)


def new_check(place: str, mode: str, started_ms: int, *, tree: str = "", sha: str = "") -> Check:
    """A check that waits; ``place`` is the common git directory, ``mode`` where it is held."""
    return Check(secrets.token_hex(8), place, started_ms, mode, Outcome.WAITING, tree=tree, sha=sha)


def rows_of(
    check: Check, questions: Iterable[Prepared], functions: Iterable[ChangedFunction]
) -> list[AskedQuestion]:
    """The questions of a check as rows; each with the span of the function that it is about."""
    known = {(function.path, function.qualname): function for function in functions}
    return [
        _row(check, position, prepared, known.get((prepared.question.path, prepared.question.qualname)))
        for position, prepared in enumerate(questions)
    ]


def _row(check: Check, position: int, prepared: Prepared, function: ChangedFunction | None) -> AskedQuestion:
    asked = prepared.question
    return AskedQuestion(
        check.key,
        asked.id,
        position,
        str(asked.kind),
        str(asked.part),
        asked.path,
        asked.qualname,
        asked.line if function is None else function.first,
        asked.line if function is None else function.last,
        0 if function is None else len(function.ai),
        "" if function is None else function.blob,
        "" if function is None else function.body_hash,
        _ENCODER.encode(prepared).decode(),
    )


def prepared_of(row: AskedQuestion | Card | AnsweredRow) -> Prepared | None:
    """The question of a row with its key; None where another version wrote it in a way not understood."""
    try:
        return _DECODER.decode(row.body)
    except msgspec.MsgspecError:
        return None


def with_advice(row: AskedQuestion, advice: Advice, said_ms: int) -> AskedQuestion | None:
    """The row with what is kept of an advice; None where another version wrote it in a way not understood."""
    try:
        kept = _KEPT.decode(row.body)
    except msgspec.MsgspecError:
        return None
    noted = Advised(
        advice.model,
        advice.digest,
        advice.tokens_in,
        advice.tokens_out,
        round(advice.seconds, 3),
        advice.joules,
        advice.joules_quality,
        advice.joules_why,
        said_ms,
    )
    return row._replace(body=_ENCODER.encode(msgspec.structs.replace(kept, advice=noted)).decode())


def advised(row: AskedQuestion) -> Advised | None:
    """Which model read the explanation of a question; None where none did."""
    try:
        return _KEPT.decode(row.body).advice if '"advice":{' in row.body else None
    except msgspec.MsgspecError:
        return None
