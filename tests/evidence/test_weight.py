"""What outside evidence does to a verdict's confidence and reason, seen through the program's JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from evidence.notes import (
    attest,
    flat_trace,
    landed_lines,
    nested_trace,
    note_text,
    put_note,
    put_traces,
)
from histories.scene import Performance, Scene, code
from tokencoach.clock import iso_utc

if TYPE_CHECKING:
    from collections.abc import Callable

    from histories.program import Json

ORDERED = 0.95
# A file that is as the assistant left it is certain, and no evidence can add to that.
A_PERSONS_LINE = "A_LINE_OF_A_PERSON = 7\n"


def _written(scene: Scene, message: str = "Add the meters", topic: str = "meter") -> str:
    """A session writes a file of six lines; a person adds one, and commits it an hour later."""
    session = scene.session()
    session.prompt("Add it")
    session.write(f"{topic}.py", code(topic, 6))
    scene.repo.human_write(f"{topic}.py", code(topic, 6) + A_PERSONS_LINE)
    scene.clock.advance(hours=1)
    return scene.repo.commit(message)


def plain(scene: Scene) -> None:
    _written(scene)


def noted(scene: Scene) -> None:
    commit = _written(scene)
    attest(scene.repo, commit, "meter.py", "1-4", "claude", scene.sessions[0].session_id)


def noted_by_legacy_key(scene: Scene) -> None:
    commit = _written(scene)
    prompts = {"d9978a8723e02b52": {"agent_id": {"tool": "claude", "id": scene.sessions[0].session_id}}}
    put_note(scene.repo, commit, note_text({"meter.py": {"d9978a8723e02b52": "1,2,3-6"}}, {}, prompts))


def given_to_cursor(scene: Scene) -> None:
    commit = _written(scene)
    attest(scene.repo, commit, "meter.py", "1-6", "cursor", "6ef2299e-a67f-432b-aa80-3d2fb4d28999")


def given_to_an_assistant_whose_record_was_lost(scene: Scene) -> None:
    commit = _written(scene)
    put_note(scene.repo, commit, note_text({"meter.py": {"s_31dce776f88375::t_31dce776f88375": "1-6"}}, {}))


def given_to_a_person(scene: Scene) -> None:
    commit = _written(scene)
    put_note(scene.repo, commit, note_text({"meter.py": {"h_31dce776f88375": "1-6"}}, {}))


def given_to_an_unknown_session_of_the_same_tool(scene: Scene) -> None:
    commit = _written(scene)
    attest(scene.repo, commit, "meter.py", "1-6", "claude", "00000000-1111-2222-3333-444444444444")


def noted_on_a_branch(scene: Scene) -> None:
    scene.repo.branch("topic")
    commit = _written(scene)
    attest(scene.repo, commit, "meter.py", "1-6", "claude", scene.sessions[0].session_id)
    scene.repo.checkout("main")
    scene.clock.advance(hours=1)
    scene.repo.merge("topic")


def signed(scene: Scene) -> None:
    _written(scene, "Add the meters\n\nCo-Authored-By: Claude Opus 4.6 <noreply@anthropic.com>")


def signed_by_another_tool(scene: Scene) -> None:
    _written(scene, "Add the meters\n\nCo-authored-by: Codex <noreply@openai.com>")


def signed_by_a_person_of_that_name(scene: Scene) -> None:
    _written(scene, "Add the meters\n\nCo-authored-by: Claude Martin <claude.martin@example.invalid>")


def session_named(scene: Scene) -> None:
    session = scene.session()
    session.prompt("Add it")
    session.write("meter.py", code("meter", 6))
    scene.repo.human_write("meter.py", code("meter", 6) + A_PERSONS_LINE)
    scene.clock.advance(hours=1)
    scene.repo.commit(f"Add the meters\n\nClaude-Session: {session.session_id}")


def other_session_named(scene: Scene) -> None:
    other = scene.session()
    other.prompt("What is there?")
    other.read("app.py")
    _written(scene, f"Add the meters\n\nClaude-Session: {other.session_id}")
    scene.sessions.reverse()


def checkpoint_named(scene: Scene) -> None:
    _written(scene, "Add the meters\n\nEntire-Checkpoint: ed51f6581660")
    repo, session = scene.repo, scene.sessions[0].session_id
    repo.git("checkout", "--quiet", "--orphan", "entire/checkpoints/v1")
    repo.git("rm", "--quiet", "-rf", ".")
    part = {"checkpoint_id": "ed51f6581660", "session_id": session}
    whole = {"sessions": [{"metadata": "/ed/51f6581660/0/metadata.json"}]}
    for name, record in (("metadata.json", whole), ("0/metadata.json", part)):
        file = repo.folder / "ed" / "51f6581660" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(record), encoding="utf-8")
    repo.commit("Checkpoint")
    repo.checkout("main")


def checkpoint_with_a_ref_of_its_own(scene: Scene) -> None:
    name = "01KX37KN6NXDTV10FKNCBPTP2Y"
    _written(scene, f"Add the meters\n\nEntire-Checkpoint: {name}")
    repo, session = scene.repo, scene.sessions[0].session_id
    repo.git("checkout", "--quiet", "--orphan", "finalized")
    repo.git("rm", "--quiet", "-rf", ".")
    part = {"checkpoint_id": name, "session_id": session}
    whole = {"checkpoint_id": name, "sessions": [{"metadata": "/0/metadata.json"}]}
    for path, record in (("metadata.json", whole), ("0/metadata.json", part)):
        repo.human_write(path, json.dumps(record))
    commit = repo.commit(f"Finalize transcript for Checkpoint: {name}")
    repo.git("update-ref", f"refs/entire/checkpoints/2Y/{name}", commit)
    repo.checkout("main")
    repo.git("branch", "-D", "finalized")


def traced_with_a_revision(scene: Scene) -> None:
    commit = _written(scene)
    at, session = iso_utc(scene.clock.now_ms), scene.sessions[0].session_id
    put_traces(
        scene.repo,
        nested_trace("meter.py", 1, 6, revision=commit, at=at, session=session, tool="claude-code"),
    )


def traced_before_the_commit(scene: Scene) -> None:
    session = scene.session()
    session.prompt("Add it")
    session.write("meter.py", code("meter", 6))
    scene.repo.human_write("meter.py", code("meter", 6) + A_PERSONS_LINE)
    at, base = iso_utc(scene.clock.now_ms), scene.repo.head()
    record = nested_trace(
        "meter.py", 1, 6, revision=base, at=at, session=session.session_id, tool="claude-code"
    )
    put_traces(scene.repo, record)
    scene.clock.advance(hours=1)
    scene.repo.commit("Add the meters")


def traced_flat(scene: Scene) -> None:
    session = scene.session()
    session.prompt("Add it")
    session.write("meter.py", code("meter", 6))
    scene.repo.human_write("meter.py", code("meter", 6) + A_PERSONS_LINE)
    path, at = str(scene.repo.folder / "meter.py"), iso_utc(scene.clock.now_ms)
    put_traces(scene.repo, flat_trace(path, 1, 6, at=at, session=session.session_id, call="toolu_01Abc"))
    scene.clock.advance(hours=1)
    scene.repo.commit("Add the meters")


PLAYS: tuple[Callable[[Scene], None], ...] = (
    plain,
    noted,
    noted_by_legacy_key,
    given_to_an_assistant_whose_record_was_lost,
    given_to_cursor,
    given_to_a_person,
    given_to_an_unknown_session_of_the_same_tool,
    noted_on_a_branch,
    signed,
    signed_by_another_tool,
    signed_by_a_person_of_that_name,
    session_named,
    other_session_named,
    checkpoint_named,
    checkpoint_with_a_ref_of_its_own,
    traced_with_a_revision,
    traced_before_the_commit,
    traced_flat,
)


@pytest.fixture(scope="module")
def performance(tmp_path_factory: pytest.TempPathFactory) -> Performance:
    return Performance(tmp_path_factory.mktemp("weight"), *PLAYS)


def _shown(performance: Performance, play: Callable[[Scene], None]) -> Json:
    session = performance.scenes[play].sessions[0].session_id
    return performance.program.run("sessions", "show", session)


def _evidence(performance: Performance, play: Callable[[Scene], None]) -> set[tuple[float, str | None]]:
    return {(line["confidence"], line["evidence"]) for line in landed_lines(_shown(performance, play))}


def test_without_evidence_the_match_stands_alone(performance: Performance) -> None:
    assert _evidence(performance, plain) == {(ORDERED, None)}


def test_a_note_confirms_the_lines_that_it_covers_and_no_other(performance: Performance) -> None:
    shown = _shown(performance, noted)
    said = [(line["line"], line["confidence"], line["evidence"]) for line in landed_lines(shown)]
    assert said[:4] == [(number, 0.99, "confirmed by git-ai note") for number in range(1, 5)]
    assert said[4:] == [(number, ORDERED, None) for number in (5, 6)]


def test_the_reason_of_line_and_turn_names_the_note(performance: Performance) -> None:
    shown = _shown(performance, noted)
    (turn,) = [turn for turn in shown["turns"] if turn["edits"]]
    assert turn["reason"].endswith("; confirmed by git-ai note (4 of 6 lines)")
    assert landed_lines(shown)[0]["reason"].endswith("; confirmed by git-ai note")
    assert ORDERED < turn["confidence"] < 0.99


def test_a_key_of_the_older_form_confirms_as_well(performance: Performance) -> None:
    assert _evidence(performance, noted_by_legacy_key) == {(0.99, "confirmed by git-ai note")}


def test_a_note_that_names_another_tool_lowers_the_confidence(performance: Performance) -> None:
    assert _evidence(performance, given_to_cursor) == {(0.5, "git-ai note says that Cursor wrote this line")}


def test_a_note_whose_record_was_lost_raises_the_confidence_a_little(performance: Performance) -> None:
    said = {(0.98, "git-ai note says that an assistant wrote this line")}
    assert _evidence(performance, given_to_an_assistant_whose_record_was_lost) == said


def test_a_note_that_names_a_person_lowers_the_confidence(performance: Performance) -> None:
    said = {(0.5, "git-ai note says that a person typed this line")}
    assert _evidence(performance, given_to_a_person) == said


def test_a_note_that_names_a_session_without_log_lowers_less(performance: Performance) -> None:
    ((confidence, said),) = _evidence(performance, given_to_an_unknown_session_of_the_same_tool)
    assert (confidence, said) == (0.7, "git-ai note names another session, 00000000, for this line")


def test_a_note_on_a_merged_branch_confirms_with_less_weight(performance: Performance) -> None:
    said = {(0.97, "confirmed by git-ai note on a commit of the merged branch")}
    assert _evidence(performance, noted_on_a_branch) == said


def test_a_co_author_trailer_raises_the_confidence(performance: Performance) -> None:
    assert _evidence(performance, signed) == {(0.965, "commit says co-authored by Claude Code")}


def test_a_co_author_trailer_of_another_tool_lowers_it(performance: Performance) -> None:
    said = "commit says co-authored by Codex, not by Claude Code"
    assert _evidence(performance, signed_by_another_tool) == {(0.8075, said)}


def test_a_person_called_claude_is_no_assistant(performance: Performance) -> None:
    assert _evidence(performance, signed_by_a_person_of_that_name) == {(ORDERED, None)}


def test_a_session_trailer_confirms_its_session(performance: Performance) -> None:
    assert _evidence(performance, session_named) == {(0.98, "confirmed by the commit's session trailer")}


def test_a_session_trailer_of_another_logged_session_lowers_the_confidence(
    performance: Performance,
) -> None:
    other = performance.scenes[other_session_named].sessions[1].session_id[:8]
    said = f"the commit's trailer names another session, {other}"
    assert _evidence(performance, other_session_named) == {(0.8075, said)}


def test_a_checkpoint_trailer_is_followed_to_its_session(performance: Performance) -> None:
    assert _evidence(performance, checkpoint_named) == {(0.98, "confirmed by Entire checkpoint ed51f6581660")}


def test_a_checkpoint_with_a_ref_of_its_own_is_followed_too(performance: Performance) -> None:
    said = {(0.98, "confirmed by Entire checkpoint 01KX37KN6NXDTV10FKNCBPTP2Y")}
    assert _evidence(performance, checkpoint_with_a_ref_of_its_own) == said


def test_a_trace_record_of_the_commit_confirms_like_a_note(performance: Performance) -> None:
    assert _evidence(performance, traced_with_a_revision) == {(0.99, "confirmed by Agent Trace record")}


@pytest.mark.parametrize("play", [traced_before_the_commit, traced_flat])
def test_a_trace_record_made_before_the_commit_is_a_hint(
    performance: Performance, play: Callable[[Scene], None]
) -> None:
    assert _evidence(performance, play) == {(0.975, "an Agent Trace record names this session here")}


def test_evidence_moves_no_spend_between_buckets(performance: Performance) -> None:
    for play in PLAYS:
        verdict = performance.verdict(play)
        assert set(verdict.buckets) <= {"shipped", "neutral"}
        assert verdict.lines["generated"] == verdict.lines["landed"] == 6
