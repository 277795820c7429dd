"""A prompt read from the tool's own log when someone asks for it; nothing of it is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokencoach import paths
from tokencoach.audit.report import LoggedPrompt
from tokencoach.paths import on_disk
from tokencoach.sources.base import LogFile, Scanning
from tokencoach.store.prompt_rows import PromptPlace, prompt_place
from tokencoach.watch.keying import key_of
from tokencoach.watch.reading import sources_by_name
from tokencoach.watch.tail import CHUNK_BYTES, open_log

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import IO

    from tokencoach.sources.base import Source
    from tokencoach.store.reader import Reader


def read_prompt(reader: Reader, turn: int) -> LoggedPrompt:
    """The prompt of a turn as its log holds it; where the log is gone, what was kept of it."""
    place = prompt_place(reader.connection, turn)
    if place is None:
        return LoggedPrompt(None, "", "no prompt began this turn")
    source = sources_by_name().get(place.source)
    if place.path is None or place.offset is None or place.length is None or not isinstance(source, Scanning):
        # Documents are rewritten and rows change: no place in them stays that of a prompt.
        is_known = place.path is not None
        why = "this assistant's log is not opened again" if is_known else "no log is known for this turn"
        return LoggedPrompt(place.text, paths.shown(place.path) if place.path else "", why)
    where = f"{paths.shown(place.path)} at byte {place.offset:,}"
    try:
        found = _found(place, sources_by_name()[place.source], source.log_file(on_disk(place.path)))
    except FileNotFoundError:
        return LoggedPrompt(place.text, where, "the log is gone")
    except (OSError, KeyError) as error:
        return LoggedPrompt(place.text, where, f"the log cannot be read: {error}")
    if found is None:
        return LoggedPrompt(place.text, where, "the log has changed: the prompt no longer stands there")
    return LoggedPrompt(found, where)


def _found(place: PromptPlace, source: Source, file: LogFile) -> str | None:
    offset, length = place.offset or 0, place.length or 0
    with open_log(file.path, file.compressed) as handle:
        handle.seek(offset)
        record = _exactly(handle, length)
        alone = _prompt_in(place, source, file, [(offset, record)])
        if alone is not None or not offset:
            return alone
        # Some formats name the session only at the head of the file.
        return _prompt_in(place, source, file, _until(handle, offset + length))


def _exactly(handle: IO[bytes], length: int) -> bytes:
    parts = []
    while length and (part := handle.read(length)):
        parts.append(part)
        length -= len(part)
    return b"".join(parts)


def _until(handle: IO[bytes], end: int) -> Iterator[tuple[int, bytes]]:
    """Whole lines from the beginning of a file up to a place in it."""
    handle.seek(0)
    base, rest = 0, b""
    while base + len(rest) < end:
        block = _exactly(handle, min(CHUNK_BYTES, end - base - len(rest)))
        if not block:
            return
        rest += block
        cut = len(rest) if base + len(rest) >= end else rest.rfind(b"\n") + 1
        if cut:
            yield base, rest[:cut]
            base, rest = base + cut, rest[cut:]


def _prompt_in(
    place: PromptPlace,
    source: Source,
    file: LogFile,
    parts: Iterator[tuple[int, bytes]] | list[tuple[int, bytes]],
) -> str | None:
    state = b""
    for base, lines in parts:
        whole = lines if lines.endswith(b"\n") else lines + b"\n"
        facts, state = source.read(whole, state, file, base, with_edits=False)
        for prompt in facts.prompts:
            if key_of(place.source, "turn", prompt.key) == place.key:
                return prompt.text
    return None
