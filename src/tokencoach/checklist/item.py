"""What an item of the checklist is, and how it stands in a month."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.coach.finding import Evidence

if TYPE_CHECKING:
    from collections.abc import Callable

    from tokencoach.checklist.grounds import Grounds
    from tokencoach.coach.finding import Threshold


class State(StrEnum):
    """How an item stands. ``NOT_ENOUGH_DATA`` wherever its rule has too little to go by, or cannot be seen."""

    MET = "met"
    PARTLY = "partly"
    NOT_MET = "not_met"
    NOT_ENOUGH_DATA = "not_enough_data"
    SNOOZED = "snoozed"


class Basis(StrEnum):
    """What a state rests on: ``EVIDENCE`` that opens, or the person's own ``WORD``, which expires."""

    EVIDENCE = "evidence"
    WORD = "word"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What an item's rule says of a month.

    ``why`` is one sentence with the figures, ``next`` one step. ``value`` is in the item's unit, ``target``
    what it is held against; None where there is none. ``until_ms`` is when the word that it rests on ends.
    """

    state: State
    why: str
    next: str
    value: float | None = None
    target: float | None = None
    evidence: tuple[Evidence, ...] = ()
    basis: Basis = Basis.EVIDENCE
    until_ms: int | None = None


class Subject(NamedTuple):
    """Something for which no evidence can exist, so that the person's word may stand for it.

    ``name`` is empty where it is the item as a whole; ``meaning`` completes "You say that ...".
    """

    name: str
    meaning: str
    is_of_repository: bool = False


class Item(NamedTuple):
    """One item. ``rule`` is its formula in words; ``unit`` is what ``value`` counts (``share``, ``artifacts``).

    ``thresholds`` are its numbers, the one that ``value`` is held against first. ``detector`` is the finding
    that a plan against it is made of.
    """

    id: str
    title: str
    rule: str
    judge: Callable[[Grounds], Judgement]
    thresholds: tuple[Threshold, ...] = ()
    subjects: tuple[Subject, ...] = ()
    unit: str = "share"
    detector: str = ""


def too_little(why: str, step: str, evidence: tuple[Evidence, ...] = ()) -> Judgement:
    """An item that cannot be judged: what is lacking, and what would give it."""
    return Judgement(State.NOT_ENOUGH_DATA, why, step, evidence=evidence)


NOT_SEEN_AFTERWARDS: Final = "how this computer was set up in a month that is over was not looked at then"
