"""Histories 21, 40 to 42, 51 to 54: which turn and session pays for what."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from histories.program import tokens_by_bucket, waste_by_kind
from histories.scene import AS_OF, Generation, Performance, Scene, code

if TYPE_CHECKING:
    from collections.abc import Callable


def sub_agent_edits(scene: Scene) -> None:
    session = scene.claude()
    session.prompt("Build the parser, with help")
    with session.subagent("Write the parser") as agent:
        agent.read("app.py")
        agent.write("parser.py", code("parser", 7))
    session.say("The parser stands.")
    session.prompt("Draft something else")
    session.write("draft.py", code("draft", 3))
    (scene.repo.folder / "draft.py").unlink()
    scene.clock.advance(hours=1)
    scene.repo.commit("Add the parser")


def sub_agent_edits_inline(scene: Scene) -> None:
    session = scene.claude("1.0")
    session.prompt("Build the parser, with help")
    with session.subagent("Write the parser") as agent:
        agent.read("app.py")
        agent.write("parser.py", code("parser", 7))
    session.say("The parser stands.")
    scene.clock.advance(hours=1)
    scene.repo.commit("Add the parser")


def resumed_with_copies(scene: Scene) -> None:
    _continued(scene, "1.0")


def forked_with_copies(scene: Scene) -> None:
    _continued(scene, "2.1")


def codex_forked(scene: Scene) -> None:
    _continued(scene, "0.169")


def codex_forked_with_replay(scene: Scene) -> None:
    _continued(scene, "0.34")


def _continued(scene: Scene, generation: Generation) -> None:
    session = scene.session(generation)
    session.prompt("Add the first part")
    session.write("first.py", code("first", 6))
    session.say("The first part stands.")
    scene.clock.advance(hours=1)
    scene.repo.commit("First part")
    scene.clock.advance(days=2)
    twin = session.fork()
    scene.sessions.append(twin)
    twin.prompt("Add the second part")
    twin.write("second.py", code("second", 5))
    scene.clock.advance(hours=1)
    scene.repo.commit("Second part")


def two_edits_in_one_call(scene: Scene) -> None:
    session = scene.session()
    session.prompt("Rename two settings")
    steps = [
        ("read_setting('name_1')", "fetch_setting('one')"),
        ("read_setting('name_6')", "fetch_setting('six')"),
    ]
    session.multi_edit("app.py", steps)
    scene.clock.advance(hours=1)
    scene.repo.commit("Rename two")


def twelve_places(scene: Scene) -> None:
    scene.repo.human_write("many.py", "".join(f"value_{n} = old_name(number={n})\n" for n in range(12)))
    scene.repo.commit("Many calls", at_ms=scene.clock.now_ms - 86_400_000)
    session = scene.session()
    session.prompt("Rename the function")
    session.edit("many.py", "old_name(", "new_name(", replace_all=True)
    scene.clock.advance(hours=1)
    scene.repo.commit("Rename the function")


def only_deletions(scene: Scene) -> None:
    scene.repo.human_write("big.py", code("legacy", 320))
    scene.repo.commit("The legacy", at_ms=scene.clock.now_ms - 5 * 86_400_000)
    session = scene.session()
    session.prompt("Delete the dead code")
    text = scene.repo.read("big.py").splitlines(keepends=True)
    session.edit("big.py", "".join(text[10:310]), "")
    session.say("Three hundred lines less.")
    scene.clock.advance(hours=1)
    scene.repo.commit("Delete dead code")


def turns_without_edits(scene: Scene) -> None:
    session = scene.session()
    session.prompt("How is it built?")
    session.read("app.py")
    session.prompt("Then add the meters")
    session.write("meters.py", code("meter", 6))
    session.prompt("Thank you, explain it")
    session.say("It measures.")
    scene.clock.advance(hours=1)
    scene.repo.commit("Add meters")


def five_equal_calls(scene: Scene) -> None:
    session = scene.session()
    session.prompt("Make the test pass")
    calls = [session.bash("make test-unit", "1 failed", exit_code=0).tokens for _ in range(5)]
    scene.marks["looped"] = sum(calls[1:])
    session.write("fix.py", code("fix", 6))
    scene.clock.advance(hours=1)
    scene.repo.commit("Fix the test")


def error_storm(scene: Scene) -> None:
    session = scene.claude()
    session.prompt("Add the meters")
    session.api_errors(6)
    session.write("meters.py", code("meter", 6))
    scene.clock.advance(hours=1)
    scene.repo.commit("Add meters")


def two_sessions_same_line(scene: Scene) -> None:
    left, right = scene.session(), scene.session("0.169")
    left.prompt("Add the meters")
    right.prompt("Add the meters")
    left.write("meters.py", code("meter", 6))
    (scene.repo.folder / "meters.py").unlink()
    right.write("meters.py", code("meter", 6))
    scene.clock.advance(hours=1)
    scene.repo.commit("Add meters")


def written_by_the_shell(scene: Scene) -> None:
    session = scene.session()
    session.prompt("Generate the table")
    session.bash("python3 make_table.py > table.py", "")
    scene.repo.folder.joinpath("table.py").write_text(code("table", 10), encoding="utf-8")
    scene.clock.advance(hours=1)
    scene.repo.commit("Add the table")


PLAYS = (
    sub_agent_edits,
    sub_agent_edits_inline,
    resumed_with_copies,
    forked_with_copies,
    codex_forked,
    codex_forked_with_replay,
    two_edits_in_one_call,
    twelve_places,
    only_deletions,
    turns_without_edits,
    five_equal_calls,
    error_storm,
    two_sessions_same_line,
    written_by_the_shell,
)


@pytest.fixture(scope="module")
def performance(tmp_path_factory: pytest.TempPathFactory) -> Performance:
    return Performance(tmp_path_factory.mktemp("turns"), *PLAYS)


def test_a_sub_agents_work_is_paid_by_the_prompt_that_started_it(performance: Performance) -> None:
    verdict = performance.verdict(sub_agent_edits)
    (session,) = verdict.scene.sessions
    first = verdict.scene.turn_tokens(session, 1)
    assert verdict.buckets == {"shipped": first, "not_landed": verdict.scene.tokens - first}
    assert verdict.lines["landed"] == 7


def test_an_inline_sub_agents_work_counts_as_the_sessions(performance: Performance) -> None:
    verdict = performance.verdict(sub_agent_edits_inline)
    assert verdict.buckets == {"shipped": verdict.scene.tokens}
    assert verdict.lines["generated"] == verdict.lines["landed"] == 7


def test_sub_agent_files_are_no_sessions(performance: Performance) -> None:
    known = {session.session_id for scene in performance.scenes.values() for session in scene.sessions}
    assert performance.program.sessions(as_of="2026-04-20").keys() == known


@pytest.mark.parametrize(
    "play", [resumed_with_copies, forked_with_copies, codex_forked, codex_forked_with_replay]
)
def test_a_copied_history_is_counted_once(performance: Performance, play: Callable[[Scene], None]) -> None:
    verdict = performance.verdict(play)
    assert verdict.buckets == {"shipped": verdict.scene.tokens}
    assert verdict.lines["generated"] == verdict.lines["landed"] == 11
    truth = performance.stage.truth.by_session()
    for session in verdict.scene.sessions:
        row = performance.session(session)
        assert row["requests"] == truth[session.session_id].requests
        assert row["tokens"] == truth[session.session_id].counts.total


def test_two_edits_of_one_call_are_both_credited(performance: Performance) -> None:
    verdict = performance.verdict(two_edits_in_one_call)
    assert verdict.lines["generated"] == verdict.lines["landed"] == 2
    assert verdict.buckets == {"shipped": verdict.scene.tokens}


def test_replacing_in_twelve_places_generates_twelve_lines(performance: Performance) -> None:
    verdict = performance.verdict(twelve_places)
    assert verdict.lines["generated"] == verdict.lines["landed"] == 12
    assert verdict.buckets == {"shipped": verdict.scene.tokens}


def test_deleting_300_lines_is_output_that_ships(performance: Performance) -> None:
    verdict = performance.verdict(only_deletions)
    assert verdict.lines["generated"] == 0
    assert verdict.buckets == {"shipped": verdict.scene.tokens}


def test_turns_without_edits_follow_the_edits_of_their_session(performance: Performance) -> None:
    verdict = performance.verdict(turns_without_edits)
    assert verdict.buckets == {"shipped": verdict.scene.tokens}


def test_of_five_equal_calls_four_are_looped(performance: Performance) -> None:
    verdict = performance.verdict(five_equal_calls)
    looped = verdict.scene.marks["looped"]
    assert verdict.waste == {"looped": looped}
    assert verdict.buckets == {"not_landed": looped, "shipped": verdict.scene.tokens - looped}


def test_an_error_storm_that_bills_nothing_wastes_nothing(performance: Performance) -> None:
    verdict = performance.verdict(error_storm)
    assert verdict.buckets == {"shipped": verdict.scene.tokens}


def test_a_line_that_two_sessions_wrote_lands_once(performance: Performance) -> None:
    verdict = performance.verdict(two_sessions_same_line)
    assert verdict.lines["landed"] <= 6
    assert 0 < verdict.bucket("shipped") < verdict.scene.tokens


def test_an_equal_line_of_two_sessions_is_split(performance: Performance) -> None:
    rows = [performance.session(one) for one in performance.scenes[two_sessions_same_line].sessions]
    for row in rows:
        buckets = tokens_by_bucket(row)
        assert buckets["shipped"] == pytest.approx(row["tokens"] / 2, abs=2)
        assert buckets["unknown"] == row["tokens"] - buckets["shipped"]
        assert row["confidence"] < 0.5


def test_lines_of_two_sessions_say_that_nobody_can_tell_them_apart(performance: Performance) -> None:
    session = performance.scenes[two_sessions_same_line].sessions[0]
    shown = performance.program.run("sessions", "show", session.session_id, "--as-of", AS_OF)
    reasons = {line["reason"] for turn in shown["turns"] for edit in turn["edits"] for line in edit["lines"]}
    assert reasons == {"two sessions wrote the same line within minutes: each has half of it"}
    verdict = performance.verdict(two_sessions_same_line)
    assert [row["reason"] for row in verdict.audit["unknown"]] == ["ambiguous"]


def test_what_a_shell_wrote_is_unknown_or_shipped_but_never_waste(performance: Performance) -> None:
    (session,) = performance.scenes[written_by_the_shell].sessions
    row = performance.session(session)
    assert tokens_by_bucket(row).keys() <= {"unknown", "shipped", "neutral"}
    assert waste_by_kind(performance.verdict(written_by_the_shell).audit) == {}
