"""What ``llama-server`` prints of each request it has done, on its own or as Ollama's child.

The lines stand with or without a prefix of time and slot; of a prompt only its length is read.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from tokencoach.sources.decoding import digest64

if TYPE_CHECKING:
    from collections.abc import Iterator

_MARKS: Final = (
    b" time = ",
    b"processing task",
    b"new prompt,",
    b"_rm [",
    b"cache rm [",
    b"stop processing",
    b"print_timing",
    b"loading model '",
    b"general.name",
    b"build",
)
_ELAPSED: Final = re.compile(rb"\s*(\d{1,7})\.(\d\d)\.(\d{3})\.(\d{3}) ")
_SLOT: Final = re.compile(rb"id +(-?\d{1,9}) \| task (-?\d{1,12}) \|")
_TIMING: Final = re.compile(
    rb"(prompt eval|(?<!prompt )eval|total) time = +(\d{1,12}\.\d+) ms / +(\d{1,12}) (?:tokens|runs)"
)
_PROMPT: Final = re.compile(rb"new prompt,.*?(?:task\.n_tokens|n_prompt_tokens) = (\d{1,12})")
_REUSED: Final = re.compile(rb"(?:memory_seq_rm|cache rm) \[(\d{1,12}), ")
_RELEASE: Final = re.compile(rb"stop processing: (?:n_tokens|n_past) = (\d{1,12}), truncated = (\d)")
_MODEL: Final = re.compile(rb"load_model: loading model '([^']{1,1000})'")
_NAME: Final = re.compile(
    rb"(?:llama_model_loader: - kv|print_info:).{0,30} general\.name\s+(?:str\s+)?= (.{1,200})"
)
_BUILD: Final = re.compile(rb"build(?:_info)?: (b?\d{1,9}(?:-\w{1,40})?)")
_MOST_OPEN: Final = 64
_LONGEST_NAME: Final = 120
_PART: Final = re.compile(r"-\d{5}-of-\d{5}$")


class Work(msgspec.Struct):
    """A request while the server tells of it; a count is -1 until it is told."""

    task: str
    total: int = -1
    reused: int = -1
    fresh: int = -1
    output: int = -1
    prompt_ms: float = 0.0
    output_ms: float = 0.0
    print: str = ""
    is_done: bool = False

    @property
    def cached(self) -> int:
        """Prompt tokens that were taken from the cache, as far as is known."""
        return max(0, self.total - self.fresh) if self.total >= 0 else max(0, self.reused)


class TimingState(msgspec.Struct):
    """Requests under way by slot, and which model serves."""

    open: dict[str, Work] = msgspec.field(default_factory=dict)
    last_slot: str = ""
    model: str = ""
    build: str = ""


class Done(NamedTuple):
    """A request that is done, cancelled ones too; told again once more of it is known."""

    key: str
    fresh: int
    cached: int
    output: int
    prompt_ms: float
    output_ms: float
    is_last: bool


class Loaded(NamedTuple):
    """The server began to load a model: what follows is another run of it."""

    model: str


def lines_of(chunk: bytes, base_offset: int) -> Iterator[tuple[bytes, int]]:
    """Each line of a chunk with its offset."""
    offset = base_offset
    for line in chunk.split(b"\n"):
        yield line, offset
        offset += len(line) + 1


def elapsed_ms(line: bytes) -> int | None:
    """Milliseconds since the server began, where the line begins with them."""
    found = _ELAPSED.match(line)
    if found is None:
        return None
    minutes, seconds, milli, _ = (int(part) for part in found.groups())
    return (minutes * 60 + seconds) * 1000 + milli


def has_timing(line: bytes) -> bool:
    """Whether a line may say anything of a request or a model."""
    return any(mark in line for mark in _MARKS)


def take(state: TimingState, line: bytes) -> Done | Loaded | None:
    """What a line says, once a request is done or a model is loaded."""
    # Behind a quote stand words of a prompt or an answer, which verbose servers print.
    if b'"' in line:
        line = line.partition(b'"')[0]
    timing = _TIMING.search(line) if b" time = " in line else None
    slot = _SLOT.search(line) if b"| task " in line else None
    if timing is not None:
        if slot is not None:
            _work(state, slot)
        return _timed(state, timing, line)
    if slot is not None:
        return _of_slot(state, line, slot)
    return _of_server(state, line)


def _work(state: TimingState, slot: re.Match[bytes]) -> Work:
    """The request that a slot is at; another task on the same slot is another request."""
    name, task = slot[1].decode(), slot[2].decode()
    work = state.open.get(name)
    if work is None or work.task != task:
        while len(state.open) >= _MOST_OPEN:
            state.open.pop(next(iter(state.open)))
        work = state.open[name] = Work(task)
    state.last_slot = name
    return work


def _timed(state: TimingState, timing: re.Match[bytes], line: bytes) -> Done | None:
    work = state.open.get(state.last_slot)
    kind, spent, count = timing[1], timing[2], int(timing[3])
    if work is None or (kind == b"prompt eval" and work.is_done):
        # Old servers name neither slot nor task.
        work = state.open[state.last_slot] = Work("")
    if kind == b"prompt eval":
        work.fresh, work.prompt_ms, work.print = count, float(spent), f"{count}/{spent.decode()}"
    elif kind == b"eval":
        work.output, work.output_ms = count, float(spent)
        work.print += f"|{count}/{spent.decode()}"
    elif work.fresh >= 0 or work.output >= 0:
        stamp = _ELAPSED.match(line)
        work.print += f"|{work.task}|{spent.decode()}|{stamp[0].decode().strip() if stamp else ''}"
        work.fresh, work.output, work.is_done = max(0, work.fresh), max(0, work.output), True
        return _done(work, is_last=False)
    return None


def _of_slot(state: TimingState, line: bytes, slot: re.Match[bytes]) -> Done | None:
    if slot[2] == b"-1":
        return None
    work = _work(state, slot)
    if told := _PROMPT.search(line):
        work.total = int(told[1])
    elif told := _REUSED.search(line):
        # Only the first is what the cache held; the next ones tell of progress.
        work.reused = work.reused if work.reused >= 0 else int(told[1])
    elif told := _RELEASE.search(line):
        state.open.pop(state.last_slot, None)
        return _released(work, int(told[1]), is_cut=told[2] != b"0")
    return None


def _released(work: Work, held: int, *, is_cut: bool) -> Done | None:
    """The slot is free: it holds the prompt and all but the last token of the answer."""
    if work.is_done:
        if work.total < 0 and work.output > 0 and not is_cut:
            work.total = max(work.fresh, held + 1 - work.output)
        return _done(work, is_last=True)
    if work.total < 0 or work.fresh >= 0:
        return None
    # Cancelled: no times are told, but the work was done.
    work.fresh = max(0, min(held, work.total) - max(0, work.reused))
    work.output = max(0, held + 1 - work.total) if held >= work.total else 0
    work.total = work.fresh + max(0, work.reused)
    work.print = f"cancelled|{work.task}|{work.total}|{work.reused}|{held}"
    return _done(work, is_last=True) if work.fresh or work.output else None


def _done(work: Work, *, is_last: bool) -> Done:
    return Done(
        f"{digest64(work.print.encode()) & 0xFFFFFFFFFFFFFFFF:016x}",
        work.fresh,
        work.cached,
        work.output,
        work.prompt_ms,
        work.output_ms,
        is_last,
    )


def _of_server(state: TimingState, line: bytes) -> Loaded | None:
    if told := _MODEL.search(line):
        state.open.clear()
        state.model = file_model(told[1].decode("utf-8", "replace"))
        return Loaded(state.model)
    if told := _NAME.search(line):
        name = told[1].decode("utf-8", "replace").strip()
        if name and (not state.model or is_blob(state.model)):
            state.model = name[:_LONGEST_NAME]
    elif told := _BUILD.search(line):
        state.build = told[1].decode()
    return None


def file_model(path: str) -> str:
    """A model's name out of its file's: without folder, ending and number of its part."""
    name = re.split(r"[\\/]", path)[-1].removesuffix(".gguf")
    return _PART.sub("", name)[:_LONGEST_NAME] or "unknown"


def is_blob(model: str) -> bool:
    """Whether a model is named by the hash of its content alone."""
    return model.startswith("sha256-")
