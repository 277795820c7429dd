"""vLLM and SGLang: counters that move while tokens are written, on a ``/metrics`` page of their own prefix.

Their prompt counters include what the cache held, so that is taken off.
"""

from __future__ import annotations

from tokencoach.power.servers import exposition
from tokencoach.power.servers.asking import Ask, mapping, objects, whole, words
from tokencoach.power.servers.seen import Look, ModelSeen, State


def vllm(ask: Ask) -> Look | None:
    """What a vLLM server says; None where it is none."""
    return _look(ask, "vllm", "num_requests_running", "num_requests_waiting")


def sglang(ask: Ask) -> Look | None:
    """What an SGLang server says; None where it is none (it needs ``--enable-metrics``)."""
    return _look(ask, "sglang", "num_running_reqs", "num_queue_reqs")


def _look(ask: Ask, prefix: str, running_name: str, waiting_name: str) -> Look | None:
    answer = ask("/metrics")
    if answer is None or answer.status != 200:
        return None
    found = exposition.samples(answer.body)
    if not any(name.startswith(f"{prefix}:") for name in found):
        return None
    running = exposition.count(found, f"{prefix}:{running_name}")
    prompt = exposition.count(found, f"{prefix}:prompt_tokens_total", f"{prefix}:prompt_tokens")
    cached = exposition.count(found, f"{prefix}:prefix_cache_hits_total", f"{prefix}:cached_tokens_total")
    return Look(
        state=State.UNKNOWN if running is None else State.PROCESSING if running else State.IDLE,
        models=listed(ask) or _labelled(answer.body),
        running=running,
        waiting=exposition.count(found, f"{prefix}:{waiting_name}"),
        prompt_total=None if prompt is None else max(prompt - (cached or 0), 0),
        cached_total=cached,
        generated_total=exposition.count(
            found, f"{prefix}:generation_tokens_total", f"{prefix}:generation_tokens"
        ),
    )


def listed(ask: Ask) -> tuple[ModelSeen, ...]:
    """Models that a server of OpenAI's shape lists."""
    answer = ask("/v1/models")
    return tuple(
        ModelSeen(name=name, context=whole(item.get("max_model_len")))
        for item in objects(mapping(answer.json if answer else None).get("data"))
        if (name := words(item.get("id")))
    )


def _labelled(body: bytes) -> tuple[ModelSeen, ...]:
    name = exposition.label(body, "model_name")
    return (ModelSeen(name=name),) if name else ()
