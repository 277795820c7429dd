"""The four items of the individual engineer."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checklist.made import END
from tokencoach.checklist.bragging import is_total
from tokencoach.checklist.feeds import commands_of, named_feeds, scan
from tokencoach.checklist.item import Basis, State
from tokencoach.clock import DAY_MS, parse_iso_ms
from tokencoach.sources.base import LogsHome
from tokencoach.store.mark_rows import TRIAL, put_mark
from tokencoach.store.tick_rows import TICK, TickRow, say_tick

if TYPE_CHECKING:
    from checklist.made import ListedMonth
    from tokencoach.store.connect import Connection

DAY_3 = datetime(2026, 3, 3, tzinfo=UTC)
DAY_9 = datetime(2026, 3, 9, tzinfo=UTC)


def done_on(day: str) -> str:
    return (
        "INSERT INTO ritual(month, timezone, step, opened_ms, done_ms) "
        f"VALUES('2026-02', 'UTC', 4, {parse_iso_ms(day)}, {parse_iso_ms(day)})"
    )


def test_an_audit_done_in_time_with_most_of_it_known_is_met_and_its_share_is_exact(
    month: ListedMonth,
) -> None:
    month.landed("read.py", message="Add read\n\nReviewed-by: Kim Example <kim@example.invalid>")
    month.landed("unread.py")
    month.write(lambda base: base.execute(done_on("2026-03-02T09:00:00")))
    said = month.judge("C1", DAY_9, "2026-03")
    assert said.state is State.MET
    with month.read() as reader:
        last = month.grounds(reader, DAY_9, "2026-03").last
        read, unread = (trace.ledger.total.cost_nano for trace in last.traces)
        assert said.value == pytest.approx(read / (read + unread))
    assert len(said.evidence) == 1


def test_an_audit_done_late_is_only_partly_met(month: ListedMonth) -> None:
    month.landed("one.py")
    month.write(lambda base: base.execute(done_on("2026-03-08T09:00:00")))
    assert month.judge("C1", DAY_9, "2026-03").state is State.PARTLY


def test_until_the_seventh_the_audit_is_still_open(month: ListedMonth) -> None:
    month.landed("one.py")
    said = month.judge("C1", DAY_3, "2026-03")
    assert said.state is State.PARTLY
    assert "may be done until 2026-03-07" in said.why


def test_a_month_after_one_without_requests_has_nothing_to_audit(month: ListedMonth) -> None:
    month.quiet_sessions(1)
    assert month.judge("C1").state is State.NOT_ENOUGH_DATA


def trial(month: ListedMonth, local: int, cloud: int) -> None:
    side = month.stage.repository("dotfiles")
    for number in range(local + cloud):
        model = "ollama/qwen3-coder:30b" if number < local else "claude-sonnet-4-5-20250929"
        month.clock.advance(hours=1)
        session = month.stage.claude(side, model=model)
        session.prompt("Write the next part")
        session.write(f"part{number}.py", f"def part_number_{number}():\n    return {number}\n")
        session.say("Done.")
        side.commit(f"Part {number}")
    roots = (side.git("rev-list", "--max-parents=0", "HEAD").strip(),)
    month.write(lambda base: put_mark(base, roots, TRIAL, month.clock.now_ms))


def test_a_side_project_made_with_local_models_alone_is_met(month: ListedMonth) -> None:
    trial(month, local=5, cloud=0)
    said = month.judge("C2")
    assert (said.state, said.value, said.evidence) == (State.MET, 1.0, ())


def test_a_cloud_call_in_the_trial_is_told_with_day_tool_and_model(month: ListedMonth) -> None:
    trial(month, local=5, cloud=1)
    said = month.judge("C2")
    assert said.state is State.PARTLY
    assert {one.words for one in said.evidence} == {"claude-code asked claude-sonnet-4-5-20250929"}
    assert all(one.session_id for one in said.evidence)


def test_four_sessions_are_no_project_yet(month: ListedMonth) -> None:
    trial(month, local=4, cloud=0)
    assert month.judge("C2").state is State.NOT_ENOUGH_DATA


def test_a_trial_that_is_old_is_not_the_next_one(month: ListedMonth) -> None:
    trial(month, local=5, cloud=0)
    assert month.judge("C2", datetime(2026, 6, 1, tzinfo=UTC)).state is State.NOT_ENOUGH_DATA


def test_without_a_marked_project_nothing_is_judged(month: ListedMonth) -> None:
    month.quiet_sessions(1)
    said = month.judge("C2")
    assert said.state is State.NOT_ENOUGH_DATA
    assert "repos trial" in said.next


def pledge(base: Connection) -> None:
    now = int(END.timestamp() * 1000)
    say_tick(base, TickRow("C4", TICK, "I publish no totals", now - DAY_MS, now + 30 * DAY_MS))


def now_is(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    monkeypatch.setenv("TOKENCOACH_NOW", moment.isoformat())


def test_a_pledge_with_nothing_found_is_met_by_word(
    month: ListedMonth, monkeypatch: pytest.MonkeyPatch
) -> None:
    now_is(monkeypatch, END)
    month.landed("one.py")
    month.write(pledge)
    said = month.judge("C4", is_here=True)
    assert (said.state, said.basis) == (State.MET, Basis.WORD)


def test_a_pledge_ends_after_its_days(month: ListedMonth, monkeypatch: pytest.MonkeyPatch) -> None:
    month.landed("one.py")
    month.write(pledge)
    later = datetime(2026, 4, 1, tzinfo=UTC)
    now_is(monkeypatch, later)
    said = month.judge("C4", later, "2026-04", is_here=True)
    assert said.state is State.PARTLY
    assert "no pledge" in said.why


@pytest.mark.parametrize(
    "command",
    [
        "npx tokscale@latest submit",
        "bunx tokscale autosubmit",
        "/usr/bin/node ~/.claude/count_tokens.js",
        "npx viberank",
    ],
)
def test_a_hook_that_sends_totals_is_found(
    month: ListedMonth, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    now_is(monkeypatch, END)
    month.quiet_sessions(1)
    settings = {"hooks": {"Stop": [{"hooks": [{"type": "command", "command": command}]}]}}
    (month.stage.home / ".claude" / "settings.json").write_text(json.dumps(settings))
    said = month.judge("T4", is_here=True)
    assert (said.state, said.value) == (State.NOT_MET, 1.0)
    assert command in said.evidence[0].words


@pytest.mark.parametrize(
    "command",
    ["npx tokscale monthly", "ccusage statusline", "echo our leader boards", "cat docs/viberank-notes"],
)
def test_a_counter_that_only_the_person_sees_is_no_feed(
    month: ListedMonth, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    now_is(monkeypatch, END)
    month.quiet_sessions(1)
    settings = {"statusLine": {"type": "command", "command": command}}
    (month.stage.home / ".claude" / "settings.json").write_text(json.dumps(settings))
    assert month.judge("T4", is_here=True).state is State.MET


def test_start_up_files_of_shells_are_read_only_where_the_settings_say_so(
    month: ListedMonth, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tokencoach.settings import Settings  # noqa: PLC0415

    now_is(monkeypatch, END)
    month.quiet_sessions(1)
    (month.stage.home / ".zshrc").write_text("npx tokscale submit\n# npx viberank\n")
    assert month.judge("T4", is_here=True).state is State.MET
    month.settings = Settings(scan_shell=True)
    said = month.judge("T4", is_here=True)
    assert (said.state, len(said.evidence)) == (State.NOT_MET, 1)


def test_how_the_computer_was_set_up_in_the_past_is_not_known(month: ListedMonth) -> None:
    month.quiet_sessions(1)
    assert month.judge("T4").state is State.NOT_ENOUGH_DATA


@pytest.mark.parametrize(
    ("message", "is_total"),
    [
        ("Rewrite it all, 12.5M tokens later", True),
        ("Spent 800k tokens on this", True),
        ("Raise the context window to 200k tokens", False),
        ("Limit prompts to 30k tokens", False),
        ("Parse 5 tokens at once", False),
    ],
)
def test_totals_in_commit_messages_are_bragging_and_limits_are_not(
    month: ListedMonth, message: str, *, is_total: bool
) -> None:
    month.landed("one.py", message=message)
    said = month.judge("C4")
    assert bool(said.evidence) is is_total


def test_a_total_in_the_readme_is_found(month: ListedMonth, monkeypatch: pytest.MonkeyPatch) -> None:
    now_is(monkeypatch, END)
    month.repo.human_write("README.md", "# Service\n\nBuilt with 40M+ tokens.\n")
    month.repo.commit("Describe")
    month.landed("one.py")
    said = month.judge("C4", is_here=True)
    assert any("README.md" in one.words for one in said.evidence)
    assert Path(said.evidence[0].path or "").name == "service"


@given(st.text(max_size=300), st.sampled_from(["settings.json", "config.toml", "run.sh"]))
def test_no_text_of_a_setting_breaks_the_search_for_feeds(text: str, name: str) -> None:
    for command in commands_of(Path(name), text):
        assert all(feed.program for feed in named_feeds(command, Path(name)))


def test_very_long_lines_are_searched_at_once(tmp_path: Path) -> None:
    home = tmp_path / ".claude"
    home.mkdir()
    (home / "settings.json").write_text(json.dumps({"hooks": "tokscale " * 100_000 + "1.1" * 100_000}))
    assert scan(LogsHome(tmp_path, {}), []).feeds == ()
    assert not is_total("1.1" * 500_000 + "k tokens")
