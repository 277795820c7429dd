"""What stands where there is nothing to show: why, and the one next step with its key."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static


class EmptyState(Static):
    """A reason and one next step. Hidden until it is needed."""

    DEFAULT_CSS = """
    EmptyState { display: none; width: 1fr; height: 1fr; padding: 2 4; }
    EmptyState.-shown { display: block; }
    """

    def explain(self, why: str, step: str, key: str = "") -> None:
        """Show why there is nothing, and what to do about it."""
        parts = [Content.styled(why, "bold"), Content("\n\n")]
        if key:
            parts.append(Content.styled(f" {key} ", "reverse bold"))
            parts.append(Content("  "))
        parts.append(Content(step))
        self.update(Content("").join(parts))
        self.add_class("-shown")

    def hide(self) -> None:
        """There is something to show after all."""
        self.remove_class("-shown")
