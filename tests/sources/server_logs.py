"""Logs of inference servers in the shapes that their generations write, made line by line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final, NamedTuple

from sources.agents import BEGAN
from sources.samples import Sample
from tokencoach.sources.base import LogFile

MODEL: Final = "/models/qwen2.5-coder-7b-instruct-q4_k_m.gguf"
NAME: Final = "qwen2.5-coder-7b-instruct-q4_k_m"
LOAD: Final = f"build_info: b8680-15f786e65\nsrv    load_model: loading model '{MODEL}'\n"


class Work(NamedTuple):
    """A request that a server has done: prompt tokens computed and reused, tokens generated, milliseconds."""

    task: int
    fresh: int
    cached: int
    output: int
    prompt_ms: float = 120.5
    output_ms: float = 900.25

    def launched(self, *, slot: int = 0, is_told: bool = True) -> str:
        """The lines of its beginning; by default newer servers tell no length of the prompt."""
        head = f"id {slot:2d} | task {self.task} |"
        told = f"slot launch_slot_: {head} processing task, is_child = 0\n"
        if is_told:
            told += (
                f"slot update_slots: {head} new prompt, n_ctx_slot = 4096, n_keep = 0, "
                f"task.n_tokens = {self.fresh + self.cached}\n"
                f"slot update_slots: {head} n_tokens = {self.cached}, memory_seq_rm [{self.cached}, end)\n"
            )
        return told

    def timings(self, *, unit: str = "tokens") -> list[str]:
        """The three lines of its end, bare."""
        total = self.prompt_ms + self.output_ms
        return [
            f"prompt eval time = {self.prompt_ms:10.2f} ms / {self.fresh:5d} tokens (    2.68 ms per token)\n",
            f"       eval time = {self.output_ms:10.2f} ms / {self.output:5d} {unit} (   53.19 ms per token)\n",
            f"      total time = {total:10.2f} ms / {self.fresh + self.output:5d} tokens\n",
        ]

    def released(self, *, slot: int = 0, held: int | None = None) -> str:
        """The line that frees its slot."""
        held = self.fresh + self.cached + self.output - 1 if held is None else held
        return (
            f"slot      release: id {slot:2d} | task {self.task} | stop processing: "
            f"n_tokens = {held}, truncated = 0\n"
        )

    def plain(self, *, slot: int = 0) -> str:
        """As servers wrote it until 2026: one head, then three bare lines."""
        head = f"slot print_timing: id {slot:2d} | task {self.task} | \n"
        return self.launched(slot=slot) + head + "".join(self.timings()) + self.released(slot=slot)

    def stamped(self, at_ms: int, *, slot: int = 0) -> str:
        """As newer ones do: every line with the time since the start, its level and its slot."""
        head = f"slot print_timing: id {slot:2d} | task {self.task} | "
        lines = [
            *self.launched(slot=slot, is_told=False).splitlines(keepends=True),
            *(head + line for line in self.timings()),
            self.released(slot=slot),
        ]
        return "".join(f"{elapsed(at_ms)} I {line}" for line in lines)


def elapsed(at_ms: int) -> str:
    """Time since a server's start as it stands before a line."""
    return f"{at_ms // 60_000}.{at_ms // 1000 % 60:02d}.{at_ms % 1000:03d}.417"


def access(clock: str, spent: str, path: str = "/api/chat", status: int = 200) -> str:
    """A line of Ollama's access log."""
    return f'[GIN] 2026/06/17 - {clock} | {status} | {spent:>13} |       127.0.0.1 | POST     "{path}"\n'


OLLAMA_START: Final = (
    "time=2026-06-17T09:59:00.079Z level=INFO source=routes.go:1810 "
    'msg="Listening on 127.0.0.1:11434 (version 0.31.0)"\n'
)
OLLAMA_LOAD: Final = (
    'time=2026-06-17T09:59:30.000Z level=INFO source=llama_server.go:91 msg="starting llama-server" '
    'cmd="/usr/lib/ollama/llama-server --model /home/dev/.ollama/models/blobs/sha256-2af3b81862c6be03c769683a --port 4"\n'
    "srv    load_model: loading model '/home/dev/.ollama/models/blobs/sha256-2af3b81862c6be03c769683a'\n"
    "llama_model_loader: - kv   5:       general.name str              = Qwen2.5 Coder 7B Instruct\n"
)


def prediction(prompt: int, output: int, name: str = "chatcmpl-1", clock: str = "09:59:10") -> str:
    """An answer as LM Studio's server logs it."""
    return f"""[2026-06-17 {clock}][INFO][qwen2.5-coder] Generated prediction:  {{
  "id": "{name}",
  "object": "chat.completion",
  "created": 1781690350,
  "model": "qwen2.5-coder-7b",
  "choices": [
    {{
      "index": 0,
      "message": {{
        "role": "assistant",
        "content": "it says \\"prompt_tokens\\": 999999"
      }}
    }}
  ],
  "usage": {{
    "prompt_tokens": {prompt},
    "completion_tokens": {output},
    "total_tokens": {prompt + output}
  }},
  "stats": {{
    "tokens_per_second": 20.5,
    "time_to_first_token": 0.25,
    "generation_time": 1.5
  }}
}}
"""


def asked(clock: str = "09:59:08") -> str:
    """The line with which LM Studio's server begins a request."""
    return f"[2026-06-17 {clock}][INFO][LM STUDIO SERVER] Running chat completion on conversation with 2 messages.\n"


def chat() -> dict[str, Any]:
    """A chat in LM Studio's own window: two versions of an answer, both of which were made."""

    def step(at_ms: int, prompt: int, output: int) -> dict[str, Any]:
        stats = {"promptTokensCount": prompt, "predictedTokensCount": output, "stopReason": "eosFound"}
        info = {"identifier": "qwen2.5-coder-7b", "stats": stats}
        return {"type": "contentBlock", "stepIdentifier": f"{at_ms}-0.53", "genInfo": info}

    versions = [
        {"steps": [step(BEGAN + 1000, 50, 9)]},
        {"steps": [step(BEGAN + 9000, 50, 12), {"type": "x"}]},
    ]
    typed = {
        "versions": [{"type": "singleStep", "role": "user", "content": [{"type": "text", "text": "hi"}]}]
    }
    return {
        "name": "A chat",
        "createdAt": BEGAN,
        "assistantLastMessagedAt": BEGAN + 9500,
        "messages": [typed, {"versions": versions, "currentlySelected": 1}],
    }


def rates(clock: str, prompt: float, output: float, running: int = 0) -> str:
    """A line of rates as vLLM writes it."""
    return (
        f"INFO 06-17 {clock} [loggers.py:123] Engine 000: Avg prompt throughput: {prompt} tokens/s, "
        f"Avg generation throughput: {output} tokens/s, Running: {running} reqs, Waiting: 0 reqs, "
        "GPU KV cache usage: 0.5%, Prefix cache hit rate: 0.0%\n"
    )


VLLM_START: Final = (
    "INFO 06-17 09:50:00 [api_server.py:1289] vLLM API server version 0.9.1\n"
    "INFO 06-17 09:50:01 [core.py:55] Initializing a V1 LLM engine (v0.9.1) with config: "
    "model='Qwen/Qwen2.5-Coder-7B', speculative_config=None, served_model_name=qwen-coder, seed=0\n"
)
ANSWERED: Final = 'INFO:     127.0.0.1:51234 - "POST /v1/chat/completions HTTP/1.1" 200 OK\n'


def log(source: str, name: str, *parts: str) -> Sample:
    """A log of one server as a sample, written and begun at known instants."""
    file = LogFile(Path(name), None, Path(name).stem, modified_ms=BEGAN + 60_000, began_ms=BEGAN)
    return Sample(source, file, "".join(parts).encode())


def counted(number: int, fresh: int | None, output: int | None) -> str:
    """A line that our own proxy leaves."""
    said = {
        "id": f"{number:032x}",
        "at_ms": BEGAN + 1_000 * number,
        "model": "m-7b",
        "input": fresh,
        "cached": 0,
    }
    said |= {"output": output, "prompt_ms": 5.5, "output_ms": 70.0, "total_ms": 90.25, "first_ms": 7.0}
    return json.dumps(said) + "\n"


def server_samples() -> list[Sample]:
    """One small log of each server."""
    first, second = Work(0, 300, 0, 20), Work(21, 40, 320, 9)
    return [
        log("llama-server", "llama.log", LOAD, first.plain(), second.plain(slot=1)),
        log(
            "ollama",
            "server.log",
            OLLAMA_START,
            OLLAMA_LOAD,
            first.plain(),
            access("09:59:40", "1.3s"),
            second.plain(),
            access("09:59:50", "2.1s"),
            access("09:59:55", "500ms", "/api/generate"),
        ),
        log("lm-studio", "2026-06-17.1.log", asked(), prediction(100, 30), asked("09:59:20")),
        log("vllm", "vllm.log", VLLM_START, ANSWERED, ANSWERED, rates("09:50:11", 30.0, 4.5)),
        log(
            "meter", "20260617-095000-7.jsonl", counted(1, 300, 20), counted(2, 40, 9), counted(3, None, None)
        ),
    ]
