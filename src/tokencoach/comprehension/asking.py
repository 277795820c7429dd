"""What passes between who wants a check held and who has a screen to hold it on."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from tokencoach.comprehension.advice import Adviser
    from tokencoach.comprehension.diary import QuietDiary
    from tokencoach.comprehension.sitting import Ending, Item, Sitting


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


def adviser_for(items: Iterable[Item], folder: Path) -> Adviser | None:
    """The model that a person wants to read explanations, where there is one to write; ``folder`` is ours."""
    from tokencoach.comprehension.question import Form  # noqa: PLC0415 - the app starts without it
    from tokencoach.paths import settings_file  # noqa: PLC0415 - the same

    file = settings_file(folder)
    if all(item.prepared.question.form is not Form.TEXT for item in items) or not file.is_file():
        return None
    from tokencoach.comprehension.advice import adviser_of  # noqa: PLC0415 - a hook opens without it

    return adviser_of(file)


def nobody(asking: Asking) -> Held:
    """Where there is no screen."""
    del asking
    return Held(was_asked=False)
