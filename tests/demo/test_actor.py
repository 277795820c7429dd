"""What the actor writes agrees with what it does to the disk and with its own truth."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from tokencoach.demo.repository import GitFailedError, Repository
from tokencoach.demo.stage import Stage

if TYPE_CHECKING:
    from pathlib import Path

START = datetime(2026, 2, 2, 10, tzinfo=UTC)


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path, START)


@pytest.fixture
def repo(stage: Stage) -> Repository:
    made = stage.repository("service", "git@git.example.invalid:robin/service.git")
    made.human_write("app.py", "first_setting = 1\nsecond_setting = 2\n")
    made.commit("Start")
    return made


def records(stage: Stage) -> list[dict[str, Any]]:
    """Every record of every log."""
    logs = sorted(stage.home.rglob("*.jsonl"))
    return [json.loads(line) for log in logs for line in log.read_bytes().splitlines()]


def test_an_edit_changes_the_file_and_logs_both_images(stage: Stage, repo: Repository) -> None:
    session = stage.claude(repo)
    session.prompt("Change it")
    act = session.edit("app.py", "second_setting = 2", "second_setting = 22")
    assert repo.read("app.py") == "first_setting = 1\nsecond_setting = 22\n"
    assert [line.text for line in act.lines] == ["second_setting = 22"]
    result = next(record["toolUseResult"] for record in records(stage) if "toolUseResult" in record)
    assert result["originalFile"] == "first_setting = 1\nsecond_setting = 2\n"
    assert "+second_setting = 22" in result["structuredPatch"][0]["lines"]


def test_a_refused_edit_leaves_the_file_alone(stage: Stage, repo: Repository) -> None:
    before = repo.read("app.py")
    for session in (stage.claude(repo), stage.claude(repo, generation="1.0"), stage.codex(repo)):
        session.prompt("Change it")
        act = session.reject_edit("app.py", "first_setting", "last_setting")
        assert act.lines == ()
        assert act.tokens > 0
    assert repo.read("app.py") == before


def test_claude_repeats_usage_on_every_block_up_to_the_highest(stage: Stage, repo: Repository) -> None:
    session = stage.claude(repo)
    session.prompt("Change it")
    act = session.edit("app.py", "first_setting", "the_first_setting", text="I will rename it.")
    answers = [record["message"] for record in records(stage) if record["type"] == "assistant"]
    assert len({answer["id"] for answer in answers}) == 1
    outputs = [answer["usage"]["output_tokens"] for answer in answers]
    assert outputs == sorted(outputs)
    assert len(outputs) > 1
    assert outputs[-1] == act.request.counts.output


def test_codex_totals_run_on_and_hold_the_cached_input(stage: Stage, repo: Repository) -> None:
    session = stage.codex(repo, generation="0.34")
    session.prompt("Look")
    session.read("app.py")
    session.say("Seen.")
    infos = [record["payload"]["info"] for record in records(stage) if "info" in record["payload"]]
    spent = sum(request.tokens for request in stage.truth.requests)
    assert infos[-1]["total_token_usage"]["total_tokens"] == spent
    assert infos[-1]["total_token_usage"]["cached_input_tokens"] > 0


def test_a_fork_bills_only_its_own_requests(stage: Stage, repo: Repository) -> None:
    session = stage.claude(repo)
    session.prompt("Look")
    session.read("app.py")
    twin = session.fork()
    twin.prompt("And now?")
    twin.say("Nothing.")
    owners = [request.session_id for request in stage.truth.requests]
    assert owners == [session.session_id, twin.session_id]
    copies = [record for record in records(stage) if record.get("requestSessionId") == session.session_id]
    assert {copy["sessionId"] for copy in copies} == {twin.session_id}


def test_commits_carry_the_stages_dates(stage: Stage, repo: Repository) -> None:
    stage.clock.advance(days=3, hours=2)
    repo.human_write("new.py", "another_setting = 3\n")
    repo.commit("Later")
    assert repo.git("log", "-1", "--format=%at %ct").split() == [str(stage.clock.now_ms // 1000)] * 2


def test_a_wrong_script_is_told_so(stage: Stage, repo: Repository) -> None:
    session = stage.claude(repo)
    with pytest.raises(ValueError, match="does not hold"):
        session.edit("app.py", "not there", "anything")
    with pytest.raises(GitFailedError, match="nowhere"):
        repo.checkout("nowhere")
