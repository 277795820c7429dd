"""A function, and an explanation of it that passes in its author's own words."""

from __future__ import annotations

from typing import Final

SETTLE: Final = """def settle(account, amount, strict):
    if account.closed:
        if strict:
            raise AccountClosed(account)
        return None
    fee = fee_for(amount)
    account.ledger.append(amount - fee)
    return fee
"""
EXPLAINED: Final = (
    "It books money to somebody's ledger after taking our commission, because the bank wants both in one step. "
    "Closed accounts are refused with AccountClosed when the caller asked for strict handling; otherwise nothing "
    "is booked and no fee comes back."
)
