"""What is said of answers and prompts whose logs tell no tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokencoach.audit.numbers import count, counted, many

if TYPE_CHECKING:
    from tokencoach.store.uncounted_rows import Promptless, Uncounted


def estimate(one: Uncounted) -> str:
    """How many tokens such answers may have had, as a range that names itself an estimate."""
    low, high = one.tokens
    return (
        f"{many(one.answers, 'answer')} without counts of tokens; by the length of their text about "
        f"{count(low)} to {count(high)} tokens of output (an estimate, in no total)"
    )


def promptless(one: Promptless) -> str:
    """How much was asked without the log telling of any prompt's tokens, and what that means for the cost."""
    return (
        f"{counted(one.requests, 'answer')} in {counted(one.sessions, 'session')} whose log counts no prompt (some tools do "
        "so when a session is closed): the cost is that of the answers alone, in truth it is more"
    )
