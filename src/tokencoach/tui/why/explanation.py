"""One figure explained, and the arithmetic that all explanations share."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tokencoach.tui import figures
from tokencoach.usage.words import Bucket

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tokencoach.audit.report import BucketSpend, LineCounts, Said, WasteSpend

Inputs = tuple[tuple[str, str], ...]

FROM_REQUESTS = (
    "the assistants' logs: usage of each request (tables request, request_cut); prices (table price)."
)
FROM_LINES = (
    "edits from the logs (table edit), their landings and deaths from git's first-parent history"
    " (tables landing, side_sighting, void_line, git_commit)."
)
FROM_BOTH = f"{FROM_REQUESTS[:-1]}; {FROM_LINES}"
SHARE = "the spend of this bucket / all spend. A turn's spend is spread over the significant lines it wrote."
MEANING = {
    Bucket.SHIPPED: "Landed on the default branch, and alive or lived at least 14 days; younger ones are provisional.",
    Bucket.REWORKED: "Landed, and died within 14 days: reverted or rewritten. A move or a reformat is no death.",
    Bucket.NOT_LANDED: "Never reached the default branch in time; rejected, failed and looped calls are part of it.",
    Bucket.PENDING: "Not landed yet: younger than 14 days, or on a branch that moved in the last 30 days.",
    Bucket.NEUTRAL: "Reading, planning, questions, work outside a repository, exploration and prototypes.",
    Bucket.UNKNOWN: "No evidence either way: each reason stands below with what mends it.",
}
LINES = {
    "generated": "Significant lines that edits of this time added to files of a repository: at least 6 letters or digits.",
    "landed": "Generated lines that git shows on the default branch, matched in order by their text; each lands once.",
    "survived": "Generated lines that landed and are alive after 14 days, or lived that long.",
    "reworked": "Generated lines that landed and died within 14 days.",
    "unknown": "Generated lines without evidence either way.",
}


class Explanation(NamedTuple):
    """One figure explained. ``inputs`` are the values it was made of; ``opens`` is what enter leads to."""

    title: str
    formula: str
    source: str
    inputs: Inputs = ()
    opens: str = ""


def exact(tokens: int, cost_nano: int) -> str:
    """A spend to the token and the hundredth of a cent."""
    return f"{figures.exact_money(cost_nano)}, {figures.count(tokens)} tokens"


def quotient(part: int, whole: int, unit: str) -> str:
    """A share with its numbers filled in."""
    if not whole:
        return "no spend: no share"
    written = [
        f"{value:,} tokens" if unit == "tokens" else figures.exact_money(value) for value in (part, whole)
    ]
    return f"{written[0]} / {written[1]} = {figures.exact_percent(part / whole)}"


def share_filled(spends: Iterable[BucketSpend], bucket: Bucket, unit: str, share_of: str = "cost") -> str:
    """A bucket's share with its numbers filled in."""
    found = tuple(spends)
    one = next((spend for spend in found if spend.bucket is bucket), None)
    if one is None:
        return figures.UNKNOWN
    if unit == "tokens":
        return quotient(one.tokens, sum(spend.tokens for spend in found), unit)
    if share_of != "cost":
        share = figures.exact_percent(one.share)
        return f"{share} of the weighted tokens: requests without a price, or free ones, weigh too"
    return quotient(one.cost_nano, sum(spend.cost_nano for spend in found), unit)


def bucket_inputs(spends: Iterable[BucketSpend]) -> Inputs:
    """Each bucket with any spend, exactly."""
    return tuple(
        (
            str(spend.bucket).replace("_", " "),
            f"{figures.exact_percent(spend.share)}, {exact(spend.tokens, spend.cost_nano)}",
        )
        for spend in spends
        if spend.tokens
    )


def waste_inputs(wastes: Iterable[WasteSpend]) -> Inputs:
    """Each waste kind with any spend, exactly."""
    return tuple((str(waste.kind), exact(waste.tokens, waste.cost_nano)) for waste in wastes if waste.tokens)


def lines_explained(name: str, lines: LineCounts, whose: str) -> Explanation | None:
    """One of the counts of generated lines."""
    if name not in LINES:
        return None
    fates = ("landed", "survived", "reworked", "pending", "not_landed", "unknown")
    shown = [(fate.replace("_", " "), figures.count(getattr(lines, fate))) for fate in fates]
    inputs = (("generated", figures.count(lines.generated)), *shown)
    return Explanation(
        f"Lines {name}, {whose}", LINES[name], FROM_LINES, inputs, "the sessions that wrote them"
    )


def said_inputs(said: Said | None) -> Inputs:
    """The person's word and the machine's verdict, where there is one."""
    if said is None:
        return ()
    machine = str(said.machine or figures.UNKNOWN).replace("_", " ")
    return (
        ("your word", f"{str(said.bucket).replace('_', ' ')}: {said.because}"),
        ("the machine says", machine),
    )
