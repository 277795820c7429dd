"""What the calls of a sub-agent were asked is read from its own log, however short its name is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from cli.machine import lines
from sources import claude_records as claude

if TYPE_CHECKING:
    from cli.machine import Machine


@pytest.mark.parametrize("agent", ["a2898e3", "acompact-e1f845", "a5d1c0b7e9f20a31c"])
def test_a_sub_agents_calls_tell_what_they_were_asked(machine: Machine, agent: str) -> None:
    own: dict[str, Any] = {"isSidechain": True, "agentId": agent}
    call = claude.tool_use("t1", "Grep", pattern="wick|lamp")
    (machine.project / "S1" / "subagents").mkdir(parents=True)
    machine.log(
        lines([claude.user(2, "look for it", **own), claude.assistant(3, "m2", [call], **own)]),
        f"S1/subagents/agent-{agent}.jsonl",
    )
    machine.ingest()
    (told,) = machine.json("sessions", "show", "S1", "--turn", "0")["calls"]
    assert (told["tool"], told["asked"], told["by_sub_agent"]) == ("Grep", "wick|lamp", True)
