"""llama.cpp's server, alone, inside a llamafile, or as Ollama's child.

``/props`` confirms it, ``/slots`` moves while it writes, ``/metrics`` (only with ``--metrics``) moves at the
end of a request. ``/slots`` may wake a sleeping server, so it is asked only when ``/props`` says awake.
Only ids and counts are read from a slot: other fields may hold parts of a prompt. Its
``n_prompt_tokens`` grows with what is written in newer builds; processed and cached are the prompt.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from tokencoach.power.servers import exposition
from tokencoach.power.servers.asking import Ask, mapping, objects, whole, words
from tokencoach.power.servers.seen import Look, ModelSeen, Slot, State

if TYPE_CHECKING:
    from tokencoach.power.servers.asking import Answer


def look(ask: Ask) -> Look | None:
    """What the server says; None where it is no llama.cpp server."""
    answer = ask("/props")
    if answer is None:
        return None
    if answer.status == 503 and _is_loading(answer):
        return Look(State.LOADING)
    props = mapping(answer.json)
    if "total_slots" not in props or not ("build_info" in props or "default_generation_settings" in props):
        return None
    version = words(props.get("build_info"))
    if props.get("is_sleeping") is True:
        return Look(State.SLEEPING, version=version)
    slots = _slots(ask("/slots"))
    totals = _totals(ask("/metrics"))
    busy = None if slots is None else sum(slot.is_processing for slot in slots)
    if busy is None:
        busy = exposition.count(totals, "llamacpp:requests_processing")
    return Look(
        state=State.UNKNOWN if busy is None else State.PROCESSING if busy else State.IDLE,
        models=_models(ask("/v1/models"), props),
        slots=slots,
        running=busy,
        waiting=exposition.count(totals, "llamacpp:requests_deferred"),
        prompt_total=exposition.count(totals, "llamacpp:prompt_tokens_total"),
        cached_total=exposition.count(totals, "llamacpp:prompt_tokens_cached_total"),
        generated_total=exposition.count(totals, "llamacpp:tokens_predicted_total"),
        version=version,
        why_not=_why_not(slots, totals),
    )


def glance(ask: Ask, before: Look) -> Look | None:
    """The slots alone, while the same requests are worked on as before; None where more must be asked.

    Nothing else on the other pages moves until one of them ends.
    """
    if before.state is not State.PROCESSING or before.slots is None:
        return None
    slots = _slots(ask("/slots"))
    if slots is None or _at_work(slots) != _at_work(before.slots):
        return None
    return msgspec.structs.replace(before, slots=slots)


def _at_work(slots: tuple[Slot, ...]) -> set[tuple[int, int | None]]:
    return {(slot.id, slot.task) for slot in slots if slot.is_processing}


def _is_loading(answer: Answer) -> bool:
    return b"Loading model" in answer.body


def _why_not(slots: tuple[Slot, ...] | None, totals: dict[str, float]) -> str | None:
    if slots is None:
        return "it was started without slots or with an API key: no live tokens"
    return None if totals else "it was started without --metrics: totals are what we saw"


def _slots(answer: Answer | None) -> tuple[Slot, ...] | None:
    if answer is None or answer.status != 200:
        return None
    return tuple(_slot(item) for item in objects(answer.json))


def _slot(item: dict[str, Any]) -> Slot:
    decoded = max((whole(part.get("n_decoded")) or 0 for part in objects(item.get("next_token"))), default=0)
    processing = item.get("is_processing") is True
    processed, cached = whole(item.get("n_prompt_tokens_processed")), whole(item.get("n_prompt_tokens_cache"))
    return Slot(
        id=whole(item.get("id")) or 0,
        task=whole(item.get("id_task")) if processing else None,
        prompt=processed or 0,
        cached=cached or 0,
        decoded=decoded,
        is_processing=processing,
    )


def _totals(answer: Answer | None) -> dict[str, float]:
    return exposition.samples(answer.body) if answer is not None and answer.status == 200 else {}


def _models(answer: Answer | None, props: dict[str, Any]) -> tuple[ModelSeen, ...]:
    found = []
    for item in objects(mapping(answer.json if answer else None).get("data")):
        meta = mapping(item.get("meta"))
        found.append(
            ModelSeen(
                name=_short(words(item.get("id"))) or "a model without a name",
                context=whole(meta.get("n_ctx")),
                bytes=whole(meta.get("size")),
                parameters=whole(meta.get("n_params")),
            )
        )
    if not found and (name := words(props.get("model_alias")) or words(props.get("model_path"))):
        found.append(ModelSeen(name=_short(name) or name))
    return tuple(found)


def _short(name: str | None) -> str | None:
    """A model that is called by its file without the folders: they are the user's own business."""
    if name is None or not name.endswith(".gguf"):
        return name
    return name.replace("\\", "/").rpartition("/")[2]
