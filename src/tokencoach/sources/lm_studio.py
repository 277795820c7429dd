"""LM Studio: its server's log, and the chats of its own window."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tokencoach import regular_files
from tokencoach.sources.base import LogFile, Shape
from tokencoach.sources.carried import Carrier
from tokencoach.sources.discovery import files_below
from tokencoach.sources.fields import count, first_text, moment_ms, record, records, text
from tokencoach.sources.gathering import Gathering
from tokencoach.sources.lines import whole
from tokencoach.sources.llama_timings import lines_of
from tokencoach.sources.lm_studio_log import LogReading, ServerState
from tokencoach.sources.server_runs import UNKNOWN_MODEL, named_logs
from tokencoach.usage.facts import RequestSeen

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tokencoach.sources.base import LogsHome
    from tokencoach.usage.facts import Facts

_VERSION: Final = 2
_CARRIER: Final = Carrier(ServerState, _VERSION)


class LmStudio:
    """LM Studio, by the logs of its server and the chats of its window."""

    name = "lm-studio"

    def roots(self, home: LogsHome) -> list[Path]:
        """The folders of its logs and chats, at its old place too, or where its pointer file says."""
        bases = [home.folder / ".lmstudio", home.folder / ".cache" / "lm-studio"]
        try:
            told = (
                regular_files.content(home.folder / ".lmstudio-home-pointer")
                .decode("utf-8", "replace")
                .strip()
            )
        except OSError:
            told = ""
        if told and "\0" not in told and (home.folder / told).is_relative_to(home.folder):
            bases.insert(0, home.folder / told)
        return [base / name for base in dict.fromkeys(bases) for name in ("server-logs", "conversations")]

    def files(self, home: LogsHome) -> Iterator[LogFile]:
        """Every server log and every chat."""
        roots = self.roots(home)
        logs = [*named_logs(home, self.name), *files_below(roots[::2], lambda name: name.endswith(".log"))]
        for path in dict.fromkeys(logs):
            yield LogFile(path, None, path.stem)
        for path in files_below(roots[1::2], lambda name: name.endswith(".conversation.json")):
            yield LogFile(path, None, path.name.removesuffix(".conversation.json"), shape=Shape.DOCUMENT)

    def read(
        self,
        chunk: bytes,
        state: bytes,
        file: LogFile,
        base_offset: int,
        *,
        with_edits: bool = True,
    ) -> tuple[Facts, bytes]:
        """Facts of whole lines of a server's log, or of one chat."""
        into = Gathering(with_edits=with_edits)
        if file.shape is Shape.DOCUMENT:
            _chat(into, whole(into, chunk), file)
            return into.finish(), state
        carried = _CARRIER.load(state)
        carried.version = _VERSION
        reading = LogReading(into, carried)
        for line, _ in lines_of(chunk, base_offset):
            reading.line(line)
        return into.finish(), _CARRIER.dump(carried)


def _chat(into: Gathering, content: Any, file: LogFile) -> None:
    """A chat in the application's own window: its answers with their counts, nothing of what was said."""
    told = record(content)
    created = moment_ms(told.get("createdAt"))
    if created is None:
        into.unseen("chat without an instant")
        return
    session = file.name_hint
    last = moment_ms(told.get("assistantLastMessagedAt")) or created
    into.session(session, created, title=text(told.get("name")))
    for number, step in enumerate(_steps(told)):
        info = record(step.get("genInfo"))
        stats = record(info.get("stats"))
        sent, output = count(stats.get("promptTokensCount")), count(stats.get("predictedTokensCount"))
        if not (sent or output):
            continue
        stamp = str(step.get("stepIdentifier")).partition("-")[0]
        at_ms = moment_ms(stamp) if len(stamp) == 13 else None
        at_ms = at_ms or min(last, created + number)
        model = first_text(info, "identifier", "indexedModelIdentifier") or UNKNOWN_MODEL
        into.session(session, at_ms)
        into.request(
            RequestSeen(f"{session}:{number}", session, at_ms, model, sent, 0, 0, 0, output, 0)
        )  # fmt: skip


def _steps(told: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for message in records(told.get("messages")):
        for version in records(message.get("versions")):
            yield from records(version.get("steps"))
