"""What a source is: a place to look, and a pure reading of bytes into facts."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol, runtime_checkable

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tokencoach.usage.facts import Facts


class LogsHome(NamedTuple):
    """Whose logs are read: a home folder, and the environment that may move an assistant's.

    ``environment`` is empty when another folder than the user's own home is read, so that this
    computer's variables never leak into a copy of another machine.
    """

    folder: Path
    environment: Mapping[str, str]


class LogFile(NamedTuple):
    """One file of a source. ``compressed`` is ``None`` or ``"zstd"`` or ``"gzip"``.

    ``name_hint`` is what the file's own name says of its session (empty where nothing);
    ``is_agent`` marks the file of a sub-agent.
    """

    path: Path
    compressed: str | None = None
    name_hint: str = ""
    is_agent: bool = False


class Source(Protocol):
    """A coding assistant whose logs lie on this computer.

    ``read`` gets whole lines only (each ends in a newline) and the state that the previous
    ``read`` of the same file returned (``b""`` at the file's start). It returns the facts and
    the next state, which is kept in the database between runs. Any cutting of a file into
    chunks of whole lines yields the same facts once merged by their keys.
    ``base_offset`` is where the chunk begins in the (decompressed) file, in bytes.
    ``with_edits=False`` reads usage only: sessions, prompts, requests.
    """

    name: str

    def roots(self, home: LogsHome) -> list[Path]:
        """Folders that are looked into, whether they exist or not."""
        ...

    def files(self, home: LogsHome) -> Iterator[LogFile]:
        """Every log file there is now. Unreadable folders and symlink loops are passed over."""
        ...

    def read(
        self, chunk: bytes, state: bytes, file: LogFile, base_offset: int, *, with_edits: bool = True
    ) -> tuple[Facts, bytes]:
        """Facts of one chunk of whole lines, and the state for the next chunk."""
        ...


@runtime_checkable
class Scanning(Protocol):
    """What a source may offer besides, so that a sweep over many unchanged files costs little."""

    def scan(self, home: LogsHome) -> Iterator[tuple[str, os.stat_result]]:
        """Path and state of each file that ``files`` gives, in its order."""
        ...

    def log_file(self, path: str) -> LogFile:
        """The file that ``files`` gives for a path of ``scan``."""
        ...
