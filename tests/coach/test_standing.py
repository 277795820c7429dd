"""Standing instructions and tool lists: what is sent before the first word."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coach.counted import SONNET, cached, counted
from coach.made import AS_OF
from tokencoach.audit.period import span_period
from tokencoach.coach.detectors.standing import DETECTOR
from tokencoach.coach.finding import Finding, Quiet
from tokencoach.coach.instructions import instruction_files, mcp_servers
from tokencoach.coach.material import Material
from tokencoach.settings import Settings
from tokencoach.sources.base import LogsHome

if TYPE_CHECKING:
    from coach.made import Month


def begin(
    month: Month, patch: pytest.MonkeyPatch, tokens: int, where: Path | None = None, tool: str = ""
) -> None:
    """A session of two requests that both are sent so many tokens from the cache, after an empty prompt."""
    month.clock.advance(hours=1)
    session = month.stage.claude(where or month.repo)
    counted(patch, session, [cached(tokens - 2, 0), cached(tokens - 2, 0)])
    session.prompt("")
    session.bash(tool or "ls", "app.py")
    session.say("Done.")


def ask(month: Month, last: str = "2026-02-28") -> Finding | Quiet:
    """What the detector says where the assistants' settings may be looked at."""
    as_of_ms = int(AS_OF.timestamp() * 1000)
    period = span_period("2026-02-01", last, month.tz, as_of_ms)
    home = LogsHome(month.stage.home, {})
    with month.read() as reader:
        return DETECTOR.find(Material.of_period(reader, period, as_of_ms, Settings(), home=home))


def found(month: Month) -> Finding:
    """As ``ask``, where it must find something."""
    said = ask(month)
    assert isinstance(said, Finding), said
    return said


def test_what_another_project_does_without_is_ones_own(month: Month, monkeypatch: pytest.MonkeyPatch) -> None:
    other = month.stage.folder / "elsewhere"
    for _ in range(3):
        begin(month, monkeypatch, 40_000)
        begin(month, monkeypatch, 25_000, other)
    said = month.found(DETECTOR)
    assert said.cost_nano == pytest.approx(6 * 15_000 * SONNET["read"], rel=1e-6)
    assert said.rate == (6 * 15_000, 6 * 65_000, "tokens sent")
    assert said.low_nano == 0
    assert [one.path for one in said.evidence] == [str(month.repo.folder)]


def test_the_same_project_in_two_peoples_homes_is_no_second_project_of_either(
    month: Month, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        begin(month, monkeypatch, 40_000, Path("/home/ann/src/api"))
        begin(month, monkeypatch, 25_000, Path("/Users/ben/api"))
    said = ask(month)
    assert isinstance(said, Quiet), said
    assert "begin one session in an empty folder" in said.why
    for _ in range(3):
        begin(month, monkeypatch, 20_000, Path("/Users/ben/web"))
    assert [one.path for one in found(month).evidence] == ["/Users/ben/api"]


def test_files_on_disk_explain_and_change_no_figure(month: Month, monkeypatch: pytest.MonkeyPatch) -> None:
    other = month.stage.folder / "elsewhere"
    for _ in range(3):
        begin(month, monkeypatch, 40_000)
        begin(month, monkeypatch, 25_000, other)
    without = month.found(DETECTOR)
    (month.repo.folder / "CLAUDE.md").write_text("Run the tests first.\n" * 800)
    said = found(month)
    assert (said.cost_nano, said.rate) == (without.cost_nano, without.rate)
    assert "CLAUDE.md ~4,000" in said.evidence[0].words


def test_a_small_standing_part_is_no_finding(month: Month, monkeypatch: pytest.MonkeyPatch) -> None:
    other = month.stage.folder / "elsewhere"
    for _ in range(3):
        begin(month, monkeypatch, 20_500)
        begin(month, monkeypatch, 20_000, other)
    assert month.quiet(DETECTOR).is_looked


def test_one_project_alone_can_not_be_told_from_its_assistant(
    month: Month, monkeypatch: pytest.MonkeyPatch
) -> None:
    (month.repo.folder / "CLAUDE.md").write_text("Run the tests first.\n" * 800)
    for _ in range(4):
        begin(month, monkeypatch, 40_000)
    said = ask(month)
    assert isinstance(said, Quiet)
    assert not said.is_looked
    assert "40 k tokens before the first word" in said.why
    assert "CLAUDE.md ~4,000" in said.why
    assert "100 % of what was sent; begin one session in an empty folder" in said.why


def test_in_a_running_month_instruction_files_are_ones_own_where_there_is_one_project(
    month: Month, monkeypatch: pytest.MonkeyPatch
) -> None:
    (month.repo.folder / "CLAUDE.md").write_text("Run the tests first.\n" * 800)
    for _ in range(3):
        begin(month, monkeypatch, 40_000)
    said = ask(month, last="2026-03-31")
    assert isinstance(said, Finding), said
    assert said.rate.times == pytest.approx(6 * 4_000, rel=0.01)
    assert said.rate.of == 6 * 40_000
    assert said.cost_nano == pytest.approx(6 * 4_000 * SONNET["read"], rel=0.01)
    assert "40 k tokens before the first word" in said.evidence[0].words
    (month.repo.folder / "CLAUDE.md").unlink()
    assert isinstance(ask(month, last="2026-03-31"), Quiet)


def test_one_session_elsewhere_shows_what_the_assistant_begins_with(
    month: Month, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        begin(month, monkeypatch, 40_000)
    begin(month, monkeypatch, 25_000, month.stage.folder / "empty")
    said = month.found(DETECTOR)
    assert said.rate == (6 * 15_000, 6 * 40_000, "tokens sent")


def test_one_question_elsewhere_shows_nothing_of_what_work_begins_with(
    month: Month, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        begin(month, monkeypatch, 40_000)
    month.clock.advance(hours=1)
    session = month.stage.claude(month.stage.folder / "empty")
    counted(monkeypatch, session, [cached(5_000, 0)])
    session.prompt("")
    session.say("Forty-two.")
    assert not month.quiet(DETECTOR).is_looked


def test_two_sessions_show_no_standing_part(month: Month, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(2):
        begin(month, monkeypatch, 40_000)
        begin(month, monkeypatch, 20_000, month.stage.folder / "elsewhere")
    assert not month.quiet(DETECTOR).is_looked


def test_a_server_that_no_call_went_to_is_named(month: Month, monkeypatch: pytest.MonkeyPatch) -> None:
    servers = {"weather": {"command": "weather"}}
    (month.stage.home / ".claude.json").write_text(json.dumps({"mcpServers": servers}))
    for _ in range(3):
        begin(month, monkeypatch, 40_000)
        begin(month, monkeypatch, 20_000, month.stage.folder / "elsewhere")
    assert "never called: weather" in found(month).evidence[0].words


def test_imports_are_followed_within_the_project_and_the_home_only(tmp_path: Path) -> None:
    home, project = tmp_path / "home", tmp_path / "project"
    for folder in (home / ".claude", project / "docs"):
        folder.mkdir(parents=True)
    (tmp_path / "secret.md").write_text("secret")
    (home / ".claude" / "CLAUDE.md").write_text("mine")
    (project / "CLAUDE.md").write_text("See @docs/style.md and @../secret.md, not `@docs/code.md`.")
    (project / "docs" / "style.md").write_text("Short lines. @../CLAUDE.md")
    (project / "docs" / "code.md").write_text("code")
    found = instruction_files(LogsHome(home, {}), "claude-code", project)
    assert [one.path.name for one in found] == ["CLAUDE.md", "CLAUDE.md", "style.md"]


def test_settings_of_each_assistant_name_their_servers(tmp_path: Path) -> None:
    home, project = tmp_path / "home", tmp_path / "project"
    (home / ".codex").mkdir(parents=True)
    project.mkdir()
    (home / ".codex" / "config.toml").write_text('[mcp_servers.docs]\ncommand = "docs"\n')
    settings = {
        "mcpServers": {"a": {}},
        "projects": {str(project): {"mcpServers": {"b": {}}}, "/x": {"mcpServers": {"c": {}}}},
    }
    (home / ".claude.json").write_text(json.dumps(settings))
    (project / ".mcp.json").write_text(json.dumps({"mcpServers": {"d": {}}}))
    assert mcp_servers(LogsHome(home, {}), "claude-code", project) == {"a", "b", "d"}
    assert mcp_servers(LogsHome(home, {}), "codex", project) == {"docs"}


@given(content=st.binary(max_size=200))
def test_any_settings_file_is_read_without_harm(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    home = tmp_path_factory.mktemp("home")
    (home / ".claude.json").write_bytes(content)
    assert isinstance(mcp_servers(LogsHome(home, {}), "claude-code", None), set)


def test_a_log_that_does_not_count_what_was_sent_is_no_lowest(
    month: Month, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        begin(month, monkeypatch, 40_000)
        begin(month, monkeypatch, 12, month.stage.folder / "elsewhere")
    assert not month.quiet(DETECTOR).is_looked
