"""Words about verdicts that several screens share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokencoach.tui import figures
from tokencoach.usage.words import Bucket, WasteKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tokencoach.audit.report import BucketSpend, LineCounts, Said
    from tokencoach.tui.theme import Glyphs


def bucket_of(kind: WasteKind) -> Bucket:
    """The bucket that a waste kind is a part of."""
    return Bucket.REWORKED if kind in {WasteKind.REVERTED, WasteKind.REWORKED} else Bucket.NOT_LANDED


def share_of_bucket(buckets: Iterable[BucketSpend], bucket: Bucket, unit: str) -> float | None:
    """The share of one bucket in a unit; None where there is no spend at all."""
    spends = tuple(buckets)
    whole = sum(spend.tokens for spend in spends)
    found = next((spend for spend in spends if spend.bucket is bucket), None)
    if found is None or not whole:
        return None
    return found.tokens / whole if unit == "tokens" else found.share


def verdict_word(bucket: Bucket, glyphs: Glyphs) -> str:
    """Glyph and word of a bucket."""
    look = glyphs.looks[bucket]
    return f"{look.glyph} {look.word}"


def marked_word(bucket: Bucket, said: Said | None, glyphs: Glyphs) -> str:
    """Glyph and word of a bucket, with a star where it is the person's own word."""
    return f"{verdict_word(bucket, glyphs)}{'*' if said is not None else ''}"


def word_sentence(said: Said | None, glyphs: Glyphs) -> str:
    """The person's own word with its reason, and the machine's verdict beside it."""
    if said is None:
        return ""
    machine = "" if said.machine is None else f" (machine: {verdict_word(said.machine, glyphs)})"
    return f"your word: {said.because}{machine}"


def tone_of(bucket: Bucket) -> str:
    """The tone a bucket is drawn in."""
    return bucket.value.replace("_", "-")


def lines_sentence(lines: LineCounts) -> str:
    """What became of the generated lines, in words."""
    if not lines.generated:
        return "no significant line written"
    parts = [figures.many(lines.generated, "line"), f"{figures.count(lines.landed)} landed"]
    parts.append(f"{figures.count(lines.survived)} lived 14 d")
    if lines.reworked:
        parts.append(f"{figures.count(lines.reworked)} reworked")
    if lines.unknown and not lines.landed:
        parts.append(f"{figures.count(lines.unknown)} unknown")
    return ", ".join(parts)


def shares_by_bucket(buckets: Iterable[BucketSpend], unit: str) -> dict[str, str]:
    """The share of each bucket with any spend, as it is drawn, by its name."""
    spends = tuple(buckets)
    return {
        str(spend.bucket): figures.percent(share_of_bucket(spends, spend.bucket, unit))
        for spend in spends
        if spend.tokens
    }


def shares_sentence(buckets: Iterable[BucketSpend], glyphs: Glyphs, unit: str, width: int = 0) -> str:
    """Glyph and share of each bucket with any spend: ``✓ 41 %  ✗ 52 %``, with its word where all fit ``width``."""
    spends = tuple(buckets)
    parts = [
        (glyphs.looks[spend.bucket], figures.percent(share_of_bucket(spends, spend.bucket, unit)))
        for spend in spends
        if spend.tokens
    ]
    said = "  ".join(f"{look.glyph} {look.word} {share}" for look, share in parts)
    return said if len(said) <= width else "  ".join(f"{look.glyph} {share}" for look, share in parts)
