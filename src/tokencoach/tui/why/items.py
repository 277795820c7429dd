"""The value of an item of the checklist, explained by its rule and numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokencoach.checklist.as_text import WORDS, value_words
from tokencoach.tui.why.explanation import Explanation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tokencoach.checklist.judge import Judged

_SOURCE = "logs, git and your own words, in this database; the evidence stands on the item's page."


def item_explained(judged: Judged, limits: Mapping[str, float]) -> Explanation:
    """Value, target, and each number that the rule turns on with its reason."""
    inputs = [
        ("value", value_words(judged.value, judged.item.unit)),
        ("target", value_words(judged.target, judged.item.unit)),
        ("stands", WORDS[judged.state]),
    ]
    inputs += [
        (one.name, f"{limits.get(one.name, one.value):g} {one.unit}: {one.because}")
        for one in judged.item.thresholds
    ]
    title = f"{judged.item.id} {judged.item.title}"
    return Explanation(title, judged.item.rule, _SOURCE, tuple(inputs), "its evidence")
