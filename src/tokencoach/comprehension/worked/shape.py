"""A kind of value, as far as code tells it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Shape:
    """A kind of value. ``kinds`` are all that the uses speak for: one is sure, more are a contradiction.

    ``fields`` are a dict's, ``element`` is a list's; ``optional`` fields are looked for before they
    are used. ``constants`` are what it is compared with, ``sizes`` what its length is.
    """

    kinds: set[str] = field(default_factory=set)
    fields: dict[str, Shape] = field(default_factory=dict)
    optional: set[str] = field(default_factory=set)
    element: Shape | None = None
    constants: list[Any] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)
    sizes: set[int] = field(default_factory=set)
    may_be_none: bool = False
    is_tested: bool = False
    is_opaque: bool = False

    def of_elements(self) -> Shape:
        """The shape of what it holds."""
        if self.element is None:
            self.element = Shape()
        return self.element

    def at(self, key: str) -> Shape:
        """The shape of a field."""
        self.kinds.add("dict")
        return self.fields.setdefault(key, Shape())

    def take(self, other: Shape) -> None:
        """Learn what is known of another shape for the same value."""
        if other is self:
            return
        self.kinds |= other.kinds
        self.may_be_none |= other.may_be_none
        self.is_opaque |= other.is_opaque
        self.is_tested |= other.is_tested
        self.constants += other.constants
        self.marks += other.marks
        self.optional |= other.optional
        self.sizes |= other.sizes
        for key, shape in other.fields.items():
            self.fields.setdefault(key, shape)
        self.element = self.element or other.element
