"""What our own proxy before a local server counted: one line of JSON a request, without any text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tokencoach import paths
from tokencoach.sources.base import LogFile
from tokencoach.sources.discovery import files_below
from tokencoach.sources.fields import amount, count, moment_ms, text
from tokencoach.sources.gathering import Gathering
from tokencoach.sources.lines import objects
from tokencoach.sources.server_runs import Served, tell

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tokencoach.sources.base import LogsHome
    from tokencoach.usage.facts import Facts

_ELSEWHERE: Final = (
    ".local/share/tokencoach/meter",
    "Library/Application Support/tokencoach/meter",
    "AppData/Local/tokencoach/meter",
)


class Meter:
    """``tokencoach meter``, a file for each time that it ran."""

    name = "meter"

    def roots(self, home: LogsHome) -> list[Path]:
        """Its folder beside the database; in another home's copy where it commonly lies."""
        if home.environment:
            return [paths.meter_logs()]
        return [home.folder / name for name in _ELSEWHERE]

    def files(self, home: LogsHome) -> Iterator[LogFile]:
        """Every run's file."""
        for path in files_below(self.roots(home), lambda name: name.endswith(".jsonl"), depth=0):
            yield LogFile(path, None, path.stem)

    def read(
        self,
        chunk: bytes,
        state: bytes,
        file: LogFile,
        base_offset: int,
        *,
        with_edits: bool = True,
    ) -> tuple[Facts, bytes]:
        """Facts of whole lines."""
        into = Gathering(with_edits=with_edits)
        for said, _, _ in objects(into, chunk, base_offset):
            key, at_ms = text(said.get("id")), moment_ms(said.get("at_ms"))
            if key is None or not at_ms:
                into.unseen("request without id or time")
                continue
            has_counts = said.get("output") is not None and said.get("input") is not None
            total, prompt = amount(said.get("total_ms")) or 0.0, amount(said.get("prompt_ms")) or 0.0
            served = Served(
                key,
                at_ms,
                text(said.get("model")) or "",
                count(said.get("input")),
                count(said.get("cached")),
                count(said.get("output")),
                prompt,
                amount(said.get("output_ms")) or max(0.0, total - prompt),
                has_counts=has_counts,
            )
            tell(into, file.name_hint, served)
        return into.finish(), state
