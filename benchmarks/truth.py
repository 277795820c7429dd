"""What a made history holds, counted while it is written."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from claude_lines import Usage

CLASSES = (
    "input_tokens",
    "cache_read_tokens",
    "cache_write_5m_tokens",
    "cache_write_1h_tokens",
    "output_tokens",
)


class Truth:
    """Unique requests with their tokens; prompts, edits, and where the bytes are."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], Counter[str]] = {}
        self.counts: Counter[str] = Counter()

    def request(self, day: str, model: str, usage: Usage) -> None:
        """Count a request once, on the day of its first line."""
        row = self.rows.setdefault((day, model), Counter())
        row["requests"] += 1
        row.update(
            dict(
                zip(
                    CLASSES,
                    (usage.fresh, usage.cache_read, usage.write_5m, usage.write_1h, usage.output),
                    strict=True,
                )
            )
        )

    def totals(self) -> Counter[str]:
        """All days and models together."""
        whole: Counter[str] = Counter()
        for row in self.rows.values():
            whole.update(row)
        return whole

    def write(self, path: Path) -> None:
        """Write everything as one JSON object."""
        rows = [{"day": day, "model": model, **row} for (day, model), row in sorted(self.rows.items())]
        whole = {"totals": dict(self.totals()), "counts": dict(self.counts), "rows": rows}
        path.write_text(json.dumps(whole, indent=1), encoding="utf-8")
