"""LM Studio's streamed answers: their tokens stand in its engine's own lines, of three kinds so far."""

from __future__ import annotations

from pathlib import Path

import pytest

from sources.agents import BEGAN, counted
from sources.merging import Merged, merge
from sources.reading import read_parts
from sources.server_logs import prediction
from tokencoach.sources.base import LogFile
from tokencoach.sources.instants import instant_ms
from tokencoach.sources.lm_studio import LmStudio

STUDIO = LmStudio()
LOG = LogFile(Path("2026-06-17.1.log"), modified_ms=BEGAN)
DAY = "2026-06-17"


def said(clock: str, level: str, words: str) -> str:
    """An entry as files hold it."""
    return f"[{DAY} {clock}][{level}]{words}\n"


def asked(clock: str, model: str = "m-7b") -> str:
    """A request's first entry."""
    return said(clock, "INFO", f"[{model}] Running chat completion on conversation with 3 messages.")


def ended(clock: str, model: str = "m-7b") -> str:
    """The entry that ends a stream."""
    return said(clock, "INFO", f"[{model}] Finished streaming response")


def perf(clock: str, total: int, fresh: int, output: int) -> str:
    """What the first engine measured: the prompt's length, then its times."""
    cached = total - fresh
    return (
        said(
            clock,
            "DEBUG",
            f" Cache reuse summary: {cached}/{total} of prompt (9.1%), {cached} prefix, 0 non-prefix",
        )
        + f"Total prompt tokens: {total}\nPrompt tokens to decode: {fresh}\nBeginProcessingPrompt\n"
        + said(clock, "DEBUG", " Target model llama_perf stats:")
        + "llama_perf_context_print:        load time =    4000.10 ms\n"
        + f"llama_perf_context_print: prompt eval time =     500.25 ms /   {fresh} tokens (    1.34 ms per token)\n"
        + f"llama_perf_context_print:        eval time =    2000.50 ms /   {output} runs   (   15.38 ms per token)\n"
        + f"llama_perf_context_print:       total time =    2600.00 ms /   {fresh + output} tokens\n"
    )


def slots(clock: str, task: int, fresh: int, output: int, total: int) -> str:
    """What the second engine measured, in its server's own words."""
    return (
        said(clock, "DEBUG", f" slot launch_slot_: id  1 | task {task} | processing task, is_child = 0")
        + f"slot update_slots: id  1 | task {task} | new prompt, n_ctx_slot = 4096, n_keep = 0, task.n_tokens = {total}\n"
        + said(clock, "DEBUG", f" slot print_timing: id  1 | task {task} | ")
        + f"prompt eval time =     134.75 ms /     {fresh} tokens (   33.69 ms per token)\n"
        + f"       eval time =   13276.18 ms /   {output} tokens (   44.40 ms per token)\n"
        + f"      total time =   13410.94 ms /   {fresh + output} tokens\n"
        + said(
            clock,
            "DEBUG",
            f" slot      release: id  1 | task {task} | stop processing: n_tokens = {total}, truncated = 0",
        )
    )


def summed(clock: str, sent: str, cached: str, output: str) -> str:
    """What the newest engine sums up in one line."""
    return said(
        clock,
        "DEBUG",
        f" {clock} Done · input {sent} · cached {cached} · output {output} · TTFT 0.5s · 92.9 tok/s",
    )


def read(content: str) -> Merged:
    """The log, in one piece and in every other cutting."""
    merged = merge(read_parts(STUDIO, content.encode(), file=LOG))
    for step in (1, 2, 3, 7):
        assert merge(read_parts(STUDIO, content.encode(), range(0, 80, step), LOG)) == merged
    return merged


@pytest.mark.parametrize(
    ("engine", "expected"),
    [
        (perf("10:00:05", 433, 373, 130), (373, 60, 0, 130, 0)),
        (slots("10:00:05", 7, 40, 299, 3797), (40, 3757, 0, 299, 0)),
        (summed("10:00:05", "1,536", "1,024", "1,092"), (512, 1024, 0, 1092, 0)),
    ],
)
def test_a_stream_has_the_tokens_that_its_engine_measured(engine: str, expected: tuple[int, ...]) -> None:
    merged = read(asked("10:00:01") + engine + ended("10:00:06"))
    assert counted(merged) == [expected]
    (request,) = merged.requests.values()
    assert (request.model, request.at_ms) == ("m-7b", instant_ms(f"{DAY}T10:00:06Z"))


def test_times_that_the_engine_measured_belong_to_the_answer_that_told_its_tokens() -> None:
    answer = prediction(100, 30)
    bare = answer[: answer.index('"stats": {') + 10] + "}\n}\n"
    log = asked("09:59:01") + perf("09:59:05", 100, 90, 30) + bare
    facts, _ = STUDIO.read(log.encode(), b"", LOG, 0)
    assert [(one.prompt_ms, one.output_ms) for one in facts.served] == [(500.25, 2000.5)]
    assert counted(read(log)) == [(90, 10, 0, 30, 0)]


def test_two_streams_at_once_have_each_its_own_model_and_tokens() -> None:
    log = asked("10:00:01", "a") + asked("10:00:02", "b")
    log += summed("10:00:05", "20", "0", "2") + ended("10:00:05", "b")
    log += summed("10:00:09", "10", "0", "1") + ended("10:00:09", "a")
    told = {one.model: (one.input, one.output) for one in read(log).requests.values()}
    assert told == {"a": (10, 1), "b": (20, 2)}


def test_an_answer_that_a_setting_hides_is_one_request() -> None:
    hidden = said("10:00:06", "INFO", "[m-7b] Generated prediction: [Sensitive]")
    assert counted(read(asked("10:00:01") + summed("10:00:05", "9", "4", "3") + hidden)) == [(5, 4, 0, 3, 0)]
    assert counted(read(asked("10:00:01") + hidden)) == [(0, 0, 0, 0, 0)]


def test_an_answer_broken_off_leaves_what_its_engine_measured() -> None:
    gone = said("10:00:04", "INFO", "[LM STUDIO SERVER] Client disconnected. Stopping generation...")
    log = asked("10:00:01") + gone + perf("10:00:05", 50, 50, 7) + asked("10:01:00")
    log += summed("10:01:02", "8", "0", "2") + ended("10:01:02")
    assert sorted(counted(read(log))) == [(8, 0, 0, 2, 0), (50, 0, 0, 7, 0)]


def test_what_is_copied_from_the_window_reads_like_a_file() -> None:
    log = asked("10:00:01") + slots("10:00:05", 7, 40, 299, 3797) + ended("10:00:06")
    lines = [
        line.replace("[2026", "2026").replace("][", " [", 1).replace("]", "]\n", 1)
        for line in log.splitlines()
    ]
    copied = "\n".join(
        line if line.startswith("2026") else old for line, old in zip(lines, log.splitlines(), strict=True)
    )
    assert copied.startswith("2026-06-17 10:00:01 [INFO]\n[m-7b] Running")
    assert counted(read(copied + "\n")) == counted(read(log))


def test_tags_of_other_parts_are_no_models() -> None:
    other = said("10:00:02", "DEBUG", "[INFO] num_draft_tokens setting '2' ignored")
    other += said("10:00:02", "DEBUG", "[Client=lms-cli] Client created.")
    plain = said("10:00:06", "INFO", " Finished streaming response")
    (request,) = read(asked("10:00:01") + other + plain).requests.values()
    assert request.model == "m-7b"


def test_words_of_a_conversation_are_not_taken_for_the_engines() -> None:
    body = said("10:00:00", "DEBUG", " Received request: POST to /v1/chat/completions with body {")
    body += (
        '  "messages": [\n    {"content": "Total prompt tokens: 9 eval time = 5.0 ms / 70 tokens"}\n  ]\n}\n'
    )
    log = body + asked("10:00:01") + perf("10:00:05", 20, 20, 3) + ended("10:00:06")
    assert counted(read(log)) == [(20, 0, 0, 3, 0)]
