"""The doctor's report as frozen values; pasteable and redacted."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace
from typing import Final

NONE_FOUND: Final = "assistants"
"""The name of the item that says that no assistant's logs are here."""


@dataclass(frozen=True, slots=True)
class DoctorItem:
    """One thing looked at. ``mend`` is the command or step that puts it right.

    ``lack`` says what figures do without because of it, where nothing is at fault: ``2 folders of the
    logs are not on this computer``. ``is_absent`` is an assistant of which nothing is here, as most are of
    anybody: it may be shown together with the others.
    """

    name: str
    value: str
    mend: str | None = None
    ok: bool = True
    lack: str | None = None
    is_absent: bool = False


@dataclass(frozen=True, slots=True)
class DoctorSection:
    """A group of items; ok where every item is."""

    name: str
    items: tuple[DoctorItem, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing in this section needs a person."""
        return all(item.ok for item in self.items)


@dataclass(frozen=True, slots=True)
class DoctorReport:
    """Everything the doctor looked at."""

    sections: tuple[DoctorSection, ...]

    @property
    def ok(self) -> bool:
        """Whether every section is."""
        return all(section.ok for section in self.sections)

    @property
    def wrong(self) -> tuple[DoctorItem, ...]:
        """What needs a person."""
        return tuple(item for section in self.sections for item in section.items if not item.ok)

    @property
    def lacking(self) -> tuple[DoctorItem, ...]:
        """What is in order and yet leaves figures unknown."""
        return tuple(item for section in self.sections for item in section.items if item.ok and item.lack)


def verdict_lines(report: DoctorReport) -> tuple[str, ...]:
    """The report in a sentence each: what is wrong, else what is lacking with its next step."""
    wrong, lacking = len(report.wrong), report.lacking
    if wrong:
        return (
            f"{wrong} {'thing needs' if wrong == 1 else 'things need'} a person; each line says its mend.",
        )
    if not lacking:
        return ("All is well.",)
    said = "; ".join(item.lack or item.name for item in lacking)
    return (f"Nothing is broken, but {said}.", f"Next: {lacking[0].mend}")


def pasteable(section: DoctorSection) -> DoctorSection:
    """A section whose texts show the home folder as ``~``, in the words of others too."""
    own = os.path.expanduser("~")  # noqa: PTH111 - a string is replaced
    # Another's home may begin as one's own does: /home/al and /home/alice.
    whole = re.compile(re.escape(own) + r"(?![\w.-])")

    def hidden(text: str) -> str:
        return whole.sub("~", text) if len(own) > 1 else text

    items = tuple(
        replace(
            item,
            name=hidden(item.name),
            value=hidden(item.value),
            mend=hidden(item.mend) if item.mend is not None else None,
            lack=hidden(item.lack) if item.lack is not None else None,
        )
        for item in section.items
    )
    return replace(section, items=items)
