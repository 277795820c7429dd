"""What passes between who wants a check held and who has a screen to hold it on."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from tokencoach.comprehension.diary import QuietDiary
    from tokencoach.comprehension.sitting import Ending, Sitting


class Asking(NamedTuple):
    """A check to be held on the terminal that the person sits at.

    ``can_abort``: something waits that the person may stop, such as a commit. ``place`` names the
    project, ``because`` says why just these questions are asked.
    """

    sitting: Sitting
    diary: QuietDiary
    can_abort: bool = False
    place: str = ""
    because: str = ""


class Held(NamedTuple):
    """How it ended; ``ending`` is None where it was broken off, or nobody could be asked.

    ``problem`` says what went wrong: a screen that failed, answers that could not be kept.
    """

    was_asked: bool
    ending: Ending | None = None
    words: str = ""
    problem: str = ""


def nobody(asking: Asking) -> Held:
    """Where there is no screen."""
    del asking
    return Held(was_asked=False)
