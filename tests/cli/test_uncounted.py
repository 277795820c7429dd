"""Answers whose logs tell no tokens: never in a total, always beside it, as a range marked as an estimate."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from cli.machine import requests
from cli.test_drift import items
from sources.agents import BEGAN, stamp
from sources.rows import create, put

if TYPE_CHECKING:
    from cli.machine import Machine

STORE = ".config/Cursor/User/globalStorage"
CHATS = ".config/Code/User/workspaceStorage/w1/chatSessions"


def cursor(machine: Machine, *answers: tuple[str, dict[str, int]]) -> None:
    """Cursor's database with answers and the tokens that they tell."""
    owner = create(machine.home / STORE / "state.vscdb", cursorDiskKV="key PRIMARY KEY, value")
    for number, (words, tokens) in enumerate(answers):
        bubble = {"type": 2, "createdAt": stamp(number), "text": words, "tokenCount": tokens}
        put(owner, "cursorDiskKV", key=f"bubbleId:C1:b{number}", value=bubble)
    owner.close()


def chat(machine: Machine, **told: Any) -> None:
    """A chat of Copilot in VS Code with one answer."""
    place = machine.home / CHATS
    place.mkdir(parents=True)
    asked = {"requestId": "r1", "timestamp": BEGAN, "message": {"text": "please"}}
    answer = {"response": [{"value": "x" * 1000}, {"kind": "toolInvocationSerialized", "value": "y" * 9000}]}
    (place / "c1.json").write_text(json.dumps({"sessionId": "c1", "requests": [asked | answer | told]}))


def test_answers_without_counts_enter_no_total_and_stand_beside_it(machine: Machine) -> None:
    cursor(machine, ("x" * 1000, {"inputTokens": 0, "outputTokens": 0}), ("y" * 500, {"outputTokens": 7}))
    said = machine.json("usage", "--by", "source")
    assert (said["totals"]["requests"], said["totals"]["output_tokens"]) == (1, 7)
    (one,) = said["uncounted"]
    assert one == {
        "source": "cursor",
        "answers": 1,
        "characters": 1000,
        "output_tokens_low": 200,
        "output_tokens_high": 400,
        "basis": "estimated",
    }
    text = machine.run("usage").stdout.decode()
    assert "~ cursor: 1 answer without counts of tokens; by the length of their text about 200 to 400" in text
    assert "an estimate" in items(machine)["cursor answers without counts"]["value"]


def test_a_chat_without_counts_is_told_by_what_the_model_said_in_it(machine: Machine) -> None:
    chat(machine)
    (one,) = machine.json("usage", "--by", "source", code=3)["uncounted"]
    assert (one["source"], one["answers"], one["characters"]) == ("copilot-chat", 1, 1000)


def test_a_chat_with_counts_is_not_estimated(machine: Machine) -> None:
    chat(machine, result={"metadata": {"promptTokens": 5, "outputTokens": 3}})
    assert machine.json("usage", "--by", "source")["uncounted"] == []


@pytest.mark.parametrize(("since", "found"), [("2026-06-17", 1), ("2026-06-18", 0)])
def test_only_answers_of_the_span_are_told(machine: Machine, since: str, found: int) -> None:
    cursor(machine, ("x" * 1000, {}))
    machine.log(requests(1))
    said = machine.json("usage", "--since", since, "--by", "day", code=3)
    assert len(said["uncounted"]) == found


def test_reading_again_a_longer_answer_counts_it_once(machine: Machine) -> None:
    cursor(machine, ("x" * 1000, {}))
    machine.json("ingest")
    (machine.home / STORE / "state.vscdb").unlink()
    cursor(machine, ("x" * 1200, {}))
    (one,) = machine.json("usage", code=3)["uncounted"]
    assert (one["answers"], one["characters"]) == (1, 1200)


def test_a_session_whose_log_counts_no_prompt_is_told_and_no_other(machine: Machine) -> None:
    cursor(machine, ("x" * 1000, {"inputTokens": 0, "outputTokens": 7}))
    machine.log(requests(2))
    said = machine.json("usage", "--by", "source")
    assert said["without_prompts"] == [{"source": "cursor", "sessions": 1, "requests": 1}]
    assert (
        "~ cursor: 1 answer in 1 session whose log counts no prompt" in machine.run("usage").stdout.decode()
    )
    assert "in truth it is more" in items(machine)["cursor prompts without counts"]["value"]


def test_a_session_with_any_prompt_counted_is_whole(machine: Machine) -> None:
    cursor(
        machine,
        ("x" * 1000, {"inputTokens": 0, "outputTokens": 7}),
        ("y", {"inputTokens": 9, "outputTokens": 1}),
    )
    assert machine.json("usage", "--by", "source")["without_prompts"] == []
