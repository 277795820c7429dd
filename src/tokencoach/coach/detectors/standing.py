"""Standing instructions and tool lists: what is sent before the first word, with every request."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.audit.numbers import count, counted, percent
from tokencoach.coach.evidence import dearest_first, end_of_path, quoted
from tokencoach.coach.finding import Basis, Detector, Evidence, Finding, Quiet, Rate, Threshold
from tokencoach.coach.instructions import instruction_files, mcp_servers
from tokencoach.usage.count_tokens import count_tokens, estimated_tokens

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tokencoach.coach.material import Material, Spent, Trace

ID: Final = "standing"
SHARE: Final = Threshold(
    "standing.share",
    0.05,
    "share",
    "instructions and tools of one's own that take more than a twentieth of all that is sent crowd out the task",
)
SESSIONS: Final = Threshold(
    "standing.sessions",
    3,
    "sessions",
    "the same beginning in three sessions is the standing part, in one it is chance",
)
_MOST_NAMED: Final = 3
_HOME: Final = re.compile(r"(?:/mnt)?(?:/[A-Za-z]|[A-Za-z]:)?/(?:home|Users)/([^/]+)", re.IGNORECASE)
_LEAST_CONTEXT: Final = 1_000


class Standing(NamedTuple):
    """What every session of a project is sent first by one assistant.

    ``tokens`` is the least that any of its first requests had beyond the prompt, ``lowest`` the least
    of that assistant in any project (its own instructions are in there), None where there is only one.
    What lies on disk today explains it, and decides only where nothing else does and the period is not
    over, so that a past month stays as it was:
    ``files`` are instruction files with their estimated tokens, ``unused`` the MCP servers of the
    settings that no call went to.
    """

    source: str
    project: str
    traces: tuple[Trace, ...]
    tokens: int
    lowest: int | None
    files: tuple[tuple[str, int], ...] = ()
    unused: tuple[str, ...] = ()

    @property
    def own(self) -> int:
        """Tokens that the person can do something about: what another project does without."""
        return self.tokens - self.lowest if self.lowest is not None else 0


def find(material: Material) -> Finding | Quiet:
    """What one's own standing instructions and tools cost over all requests of a session (C5)."""
    every = standing_of(material)
    if not every:
        least = material.limit(SESSIONS)
        return Quiet(ID, f"no project with {least:.0f} sessions that began in the period", is_looked=False)
    is_alone = all(one.lowest is None for one in every)
    if is_alone:
        every = _explained(material, every)
        if material.as_of_ms < material.period.until_ms:
            every = [_by_files(one) for one in every]
    shares = [_shares(one) for one in every]
    sent = sum(spent.context for one in every for trace in one.traces for spent in trace.main)
    own = sum(min(one.own, spent.context) for one in every for trace in one.traces for spent in trace.main)
    rate = Rate(own, sent, "tokens sent")
    if all(one.lowest is None for one in every):
        return Quiet(ID, _alone(max(every, key=lambda one: len(one.traces)), sent), is_looked=False)
    if (rate.share or 0.0) < material.limit(SHARE):
        return Quiet(
            ID, f"your own standing part is {percent(rate.share or 0.0)} of what was sent", rate=rate
        )
    parts = {request: part for share in shares for request, part in share.items()}
    told = zip(every if is_alone else _explained(material, every), shares, strict=True)
    evidence = [_told(material, one, share) for one, share in told if one.own]
    nano, tokens = material.cost(parts)
    return Finding(
        id=ID,
        title=f"Standing instructions and tools took {percent(rate.share or 0.0)} of input",
        cost_nano=nano,
        tokens=tokens,
        basis=Basis.ESTIMATED,
        low_nano=0,
        high_nano=nano,
        evidence=dearest_first(evidence),
        why="The least that a project's first requests had beyond the prompt is sent with every request. Yours of it is "
        "what a session of the same assistant in another folder did without, else the instruction files; priced as cache "
        "reads, or as writes where it was written. What it is good for is not measured, hence the range from nothing; "
        f"files and servers are those of today (~). Limit: {SHARE.because}.",
        next="Read the instruction files once as if they were new; cut what code or linters say; drop servers nobody calls.",
        condition="a rule or a server was of no use this month",
        action="delete it from the instructions or the settings",
        rate=rate,
        parts=parts,
    )


def standing_of(material: Material) -> list[Standing]:
    """The standing part of each project and assistant with enough sessions that began in the period."""
    groups: dict[tuple[str, str, str], list[tuple[Trace, int]]] = defaultdict(list)
    people = {_person(trace.facts.folder) for trace in material.traces} - {""}
    for trace in material.traces:
        first = _first(trace)
        if first is not None:
            person = _person(trace.facts.folder) if len(people) > 1 else ""
            groups[trace.facts.source, person, trace.project].append((trace, _beyond_prompt(trace, first)))
    least = {
        key: min(tokens for _, tokens in found)
        for key, found in groups.items()
        if len(found) >= material.limit(SESSIONS) or _is_work(found)
    }
    of_person = Counter(key[:2] for key in least)
    told = []
    for key, found in groups.items():
        if len(found) < material.limit(SESSIONS):
            continue
        source, _, project = key
        traces = tuple(trace for trace, _ in found)
        is_alone = of_person[key[:2]] < 2
        lowest = None if is_alone else min(tokens for other, tokens in least.items() if other[:2] == key[:2])
        told.append(Standing(source, project, traces, least[key], lowest))
    return told


def _is_work(found: Sequence[tuple[Trace, int]]) -> bool:
    """Whether sessions did something: a single one shows what the assistant can begin with, a mere question may not."""
    return any(len(trace.main) > 1 and any(call.agent is None for call in trace.calls) for trace, _ in found)


def _person(folder: str | None) -> str:
    """Whose home folder a folder lies in: a project in those of two people is no second one of either."""
    found = _HOME.match((folder or "").replace("\\", "/"))
    return found[1] if found else ""


def _shares(one: Standing) -> dict[int, float]:
    """The part of each request that the person's own standing tokens were."""
    return {
        spent.step.request_id: spent.part(spent.leading(min(one.own, spent.context)))
        for trace in one.traces
        for spent in trace.main
    }


def _by_files(one: Standing) -> Standing:
    """The same where its instruction files are all that is known to be the person's own."""
    own = sum(size for _, size in one.files)
    return one._replace(lowest=max(0, one.tokens - own)) if own else one


def _alone(one: Standing, sent: int) -> str:
    files = f" (files on disk: {', '.join(_files(one))})" if one.files else ""
    part = sum(min(one.tokens, spent.context) for trace in one.traces for spent in trace.main)
    return (
        f"{count(one.tokens)} tokens before the first word{files}, {percent(part / sent)} of what was sent; begin one "
        "session in an empty folder: what it lacks of them is yours"
    )


def _files(one: Standing) -> list[str]:
    return [f"{name} ~{count(size)}" for name, size in one.files[:_MOST_NAMED]]


def _first(trace: Trace) -> Spent | None:
    """The first request of a session that began in the period, of the model that did most of its work."""
    if not trace.main or trace.facts.first_ms < trace.main[0].step.at_ms - 3_600_000:
        return None
    models = Counter(spent.step.model_id for spent in trace.main)
    usual = models.most_common(1)[0][0]
    first = next(spent for spent in trace.main if spent.step.model_id == usual)
    # Logs that leave out what was sent, or count only a part of it, tell nothing of a beginning.
    return first if first.context >= _LEAST_CONTEXT else None


def _beyond_prompt(trace: Trace, first: Spent) -> int:
    typed = sum(
        estimated_tokens(prompt.text or "") for prompt in trace.prompts if prompt.at_ms <= first.step.at_ms
    )
    return max(0, first.context - typed)


def _explained(material: Material, every: Sequence[Standing]) -> list[Standing]:
    """The same with what lies on disk today; nothing is looked at where the home is not known."""
    home = material.home
    if home is None:
        return list(every)
    told = [(one, instruction_files(home, one.source, _folder(one))) for one in every]
    texts = [file.text for _, files in told for file in files]
    sizes = iter(count_tokens(texts))
    found = []
    for one, files in told:
        sized = [(end_of_path(str(file.path)), next(sizes)) for file in files]
        sized.sort(key=lambda file: -file[1])
        calls = (call.tool for trace in one.traces for call in trace.calls)
        called = {_plain(tool.split("__")[1]) for tool in calls if _is_server(tool)}
        servers = mcp_servers(home, one.source, _folder(one))
        unused = tuple(sorted(name for name in servers if _plain(name) not in called))
        found.append(one._replace(files=tuple(sized), unused=unused))
    return found


def _folder(one: Standing) -> Path | None:
    newest = max(one.traces, key=lambda trace: trace.facts.last_ms)
    named = Path(newest.facts.folder or "")
    return named if named.is_absolute() and named.is_dir() else None


def _is_server(tool: str) -> bool:
    return tool.startswith("mcp__") and tool.count("__") > 1


def _plain(name: str) -> str:
    """A server's name as tools carry it: other signs than letters and digits become underscores."""
    return "".join(sign if sign.isalnum() or sign == "-" else "_" for sign in name).lower()


def _told(material: Material, one: Standing, share: dict[int, float]) -> Evidence:
    nano, tokens = material.cost(share)
    began = counted(len(one.traces), "session")
    said = [
        f"{end_of_path(one.project)}: {count(one.tokens)} tokens before the first word in {began}",
        f"sent {counted(len(share), 'time')}",
    ]
    if one.lowest is not None and one.lowest < one.tokens:
        said.append(f"without yours {count(one.lowest)}")
    said += _files(one)
    if one.unused:
        said.append(f"never called: {', '.join(map(quoted, one.unused[:_MOST_NAMED]))}")
    first = min(trace.facts.first_ms for trace in one.traces)
    return Evidence(words="; ".join(said), at_ms=first, cost_nano=nano, tokens=tokens, path=one.project)


DETECTOR: Final = Detector(ID, find, (SHARE, SESSIONS))
