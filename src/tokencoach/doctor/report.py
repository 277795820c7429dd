"""The doctor's report as frozen values; pasteable and redacted."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class DoctorItem:
    """One thing looked at. ``mend`` is the command or step that puts it right."""

    name: str
    value: str
    mend: str | None = None
    ok: bool = True


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


def pasteable(section: DoctorSection) -> DoctorSection:
    """A section whose texts show the home folder as ``~``, in the words of others too."""
    own = os.path.expanduser("~")  # noqa: PTH111 - a string is replaced

    def hidden(text: str) -> str:
        return text.replace(own, "~") if len(own) > 1 else text

    items = tuple(
        replace(
            item,
            name=hidden(item.name),
            value=hidden(item.value),
            mend=hidden(item.mend) if item.mend is not None else None,
        )
        for item in section.items
    )
    return replace(section, items=items)
