"""The doctor's report as frozen values; pasteable and redacted."""

from __future__ import annotations

from dataclasses import dataclass


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
