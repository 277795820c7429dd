"""Figures for people: three significant digits, thousands grouped."""

from __future__ import annotations

_DAY_DIGITS = 8


def money(cost_nano: int) -> str:
    """Nano-dollars as dollars."""
    dollars = cost_nano / 1e9
    if dollars >= 100:
        return f"${dollars:,.0f}"
    if dollars >= 10:
        return f"${dollars:.1f}"
    if dollars >= 0.01 or dollars == 0:
        return f"${dollars:.2f}"
    return f"${dollars:.4f}" if dollars >= 0.00005 else "<$0.0001"


def count(number: int) -> str:
    """A count: 1,234 or 1.2 M."""
    if number >= 1_000_000_000:
        return f"{number / 1e9:.2f} G"
    if number >= 1_000_000:
        return f"{number / 1e6:.1f} M"
    if number >= 10_000:
        return f"{number / 1e3:.0f} k"
    return f"{number:,}"


def percent(share: float) -> str:
    """A share of 0 to 1 as whole per cent; only nothing is 0, and only all of it is 100."""
    if 0 < share < 0.005:
        return "<1 %"
    if 0.995 <= share < 1:
        return ">99 %"
    return f"{share * 100:.0f} %"


def signed_percent(difference: float) -> str:
    """A difference of shares (-1 to 1) as whole per cent with its sign: ``-15 %``, ``+8 %``."""
    whole = round(difference * 100)
    return f"{whole:+d} %" if whole else "0 %"


def counted(number: int, noun: str) -> str:
    """A number with its noun, which takes an s beyond one: ``1 session``, ``2 commits``."""
    return f"{number:,} {nouns(number, noun)}"


def many(number: int, noun: str) -> str:
    """A count with its noun in the right number, a large one rounded: ``12 k lines``."""
    return f"{count(number)} {nouns(number, noun)}"


def nouns(number: int, noun: str) -> str:
    """The noun as it stands after a number."""
    return noun if number == 1 else f"{noun}s"


def watts(power: float) -> str:
    """Power with its unit; below ten watts to the tenth."""
    return f"{power:.1f} W" if 0 < power < 9.95 else f"{power:.0f} W"


def watt_hours(wh: float) -> str:
    """Energy with its unit: three digits and more of watt-hours are kilowatt-hours."""
    return f"{wh / 1000:.1f} kWh" if wh >= 1000 else f"{wh:.1f} Wh"


def undated(model: str) -> str:
    """A model's name without the day that it was made on: as a person names it to their assistant."""
    name, _, day = model.rpartition("-")
    return name if len(day) == _DAY_DIGITS and day.isdigit() else model


def size(octets: int) -> str:
    """Bytes in the unit that reads best, of a thousand each: ``640 B``, ``24 KB``, ``2.3 MB``, ``118 MB``, ``1.2 GB``."""
    if octets < 1000:
        return f"{octets} B"
    if octets < 999_500:
        return f"{octets / 1000:.0f} KB"
    if octets < 999_500_000:
        return f"{octets / 1e6:.1f} MB" if octets < 9_950_000 else f"{octets / 1e6:.0f} MB"
    return f"{octets / 1e9:.1f} GB"
