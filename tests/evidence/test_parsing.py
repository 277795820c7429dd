"""The pure parsers: notes, records, trailers; whatever the bytes, an answer or a named error."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.notes import agent, flat_trace, nested_trace, note_text
from tokencoach.attribution.evidence.agent_trace import parse_trace
from tokencoach.attribution.evidence.authorship_log import parse_authorship_log
from tokencoach.attribution.evidence.facts import (
    HUMAN,
    SOMEONE,
    Agent,
    Hint,
    HintKind,
    clean,
    holds,
    merged,
    ranges_of,
    session_name,
    written,
)
from tokencoach.attribution.evidence.tools import assistant_of
from tokencoach.attribution.evidence.trailers import Signature, hints_of
from tokencoach.errors import DamagedInputError

UUID = "0f6ab1c2-1234-4bcd-8eef-0123456789ab"
SPANS = st.lists(
    st.tuples(st.integers(1, 5000), st.integers(0, 50)).map(lambda pair: (pair[0], pair[0] + pair[1])),
    min_size=1,
    max_size=40,
)


def _hints(message: str, author: str = "Robin", mail: str = "robin@example.invalid") -> set[Hint]:
    return set(hints_of(Signature(author, mail, author, message)))


@given(SPANS)
def test_ranges_hold_exactly_their_lines_and_survive_writing(spans: list[tuple[int, int]]) -> None:
    ranges = merged(spans)
    lines = {line for first, last in spans for line in range(first, last + 1)}
    assert {line for line in range(1, 5100) if holds(ranges, line)} == lines
    assert ranges_of(written(ranges)) == ranges


@pytest.mark.parametrize("text", ["", "0", "3-2", "1-", "-1", "1 -2", "a", "1,,2", "٣", "1-99999999999"])
def test_what_is_no_range_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match="no range of lines"):
        ranges_of(text)


@given(st.binary(max_size=400))
def test_any_bytes_are_a_note_or_a_named_error(note: bytes) -> None:
    with contextlib.suppress(DamagedInputError):
        parse_authorship_log(note)
    with contextlib.suppress(DamagedInputError):
        parse_authorship_log(b"a.py\n  s_1::t_1 1\n---\n" + note)


@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "files",
                        "path",
                        "file_path",
                        "conversations",
                        "ranges",
                        "contributor",
                        "type",
                        "vcs",
                        "revision",
                        "timestamp",
                        "tool",
                        "name",
                        "metadata",
                        "start_line",
                        "end_line",
                    ]
                ),
                inner,
            )
        ),
        max_leaves=20,
    )
)
def test_any_object_is_a_record_or_a_named_error(said: object) -> None:
    with contextlib.suppress(DamagedInputError):
        for traced in parse_trace(json.dumps(said).encode()):
            assert traced.ranges


def test_a_note_may_mix_all_forms_of_keys() -> None:
    files = {
        "src/main.rs": {
            "s_c9883b05a2487d::t_1": "1-10",
            "s_c9883b05a2487d::t_2": "11,30-35",
            "h_31d": "15-20",
        },
        '"src/my file.rs"': {"abcd1234abcd1234": "1-50", "d9978a8": "51"},
    }
    prompts = {"abcd1234abcd1234": agent("cursor", "old"), "d9978a8": agent("codex", "older")}
    log = parse_authorship_log(
        note_text(files, {"s_c9883b05a2487d": agent("claude", UUID)}, prompts).encode()
    )
    assert {(item.path, item.agent, written(item.ranges)) for item in log.attested} == {
        (b"src/main.rs", Agent("claude-code", UUID), "1-11,30-35"),
        (b"src/main.rs", HUMAN, "15-20"),
        (b"src/my file.rs", Agent("cursor", "old"), "1-50"),
        (b"src/my file.rs", Agent("codex", "older"), "51"),
    }
    assert log.strange == 0


def test_an_entry_whose_key_nobody_knows_is_counted() -> None:
    log = parse_authorship_log(note_text({"a.py": {"s_1::t_1": "1", "human": "2"}}, {}).encode())
    assert (log.strange, [item.agent for item in log.attested]) == (1, [HUMAN])


def test_a_key_whose_record_was_lost_still_says_that_an_assistant_wrote_the_lines() -> None:
    keys = {"s_c9883b05a2487d::t_9f8e7d6c5b4a32": "1-3", "d9978a8723e02b52": "5", "7e48331": "7", "zz": "9"}
    log = parse_authorship_log(note_text({"a.py": keys}, {}).encode())
    assert [(item.agent, written(item.ranges)) for item in log.attested] == [(SOMEONE, "1-3,5,7")]
    assert log.strange == 1


def test_a_note_without_attestations_is_sound() -> None:
    assert parse_authorship_log(note_text({}, {}).encode()) == ((), 0)


def test_both_dialects_of_records_say_the_same() -> None:
    at = "2026-06-12T09:53:38.874838+00:00"
    nested = nested_trace("a.py", 3, 9, revision="ABC1234", at=at, session=UUID, tool="claude-code")
    (one,) = parse_trace(nested.encode())
    (other,) = parse_trace(flat_trace("/w/a.py", 3, 9, at=at, session=UUID, call="toolu_01J1").encode())
    assert one.agent == other.agent == Agent("claude-code", UUID)
    assert one.ranges == other.ranges == ((3, 9),)
    assert one.at_ms == other.at_ms == 1_781_258_018_875
    assert (one.revision, other.revision) == ("abc1234", "")


def test_a_record_of_a_persons_or_an_unknown_hand() -> None:
    talk = {"ranges": [{"start_line": 1, "end_line": 2}]}
    for kind, agents in (("human", [HUMAN]), ("unknown", []), ("mixed", [Agent("codex", "")])):
        who = {"type": kind, "model_id": "openai/gpt-5"}
        said = {"files": [{"path": "a.py", "conversations": [talk | {"contributor": who}]}]}
        assert [traced.agent for traced in parse_trace(json.dumps(said).encode())] == agents


@pytest.mark.parametrize(
    ("name", "mail", "tool"),
    [
        ("Claude", "noreply@anthropic.com", "claude-code"),
        ("Claude Opus 4.6", "", "claude-code"),
        ("Claude Martin", "claude@example.invalid", None),
        ("Claudette", "", None),
        ("Codex", "noreply@openai.com", "codex"),
        ("Copilot", "1+Copilot@users.noreply.github.com", "copilot"),
        ("Cursor", "cursoragent@cursor.com", "cursor"),
        ("aider (gpt-4o)", "aider@aider.chat", "aider"),
        ("devin-ai-integration[bot]", "1+devin-ai-integration[bot]@users.noreply.github.com", "devin"),
        ("Robin", "robin@users.noreply.github.com", None),
        ("dependabot[bot]", "49699333+dependabot[bot]@users.noreply.github.com", None),
    ],
)
def test_assistants_are_told_from_people(name: str, mail: str, tool: str | None) -> None:
    assert assistant_of(name, mail) == tool


def test_trailers_are_read_and_prose_is_not() -> None:
    message = (
        "Add it\n\nThe Claude-Session: key is described here.\n\n"
        f"Claude-Session: {UUID}\nEntire-Checkpoint: ed51f6581660\nEntire-Checkpoint: no\n"
        "Co-Authored-By: Claude <noreply@anthropic.com>\nSigned-off-by: Robin <robin@example.invalid>"
    )
    assert _hints(message) == {
        Hint(HintKind.SESSION, "claude-code", UUID),
        Hint(HintKind.CHECKPOINT, "", "ed51f6581660"),
        Hint(HintKind.CO_AUTHOR, "claude-code", ""),
    }


def test_a_generated_with_line_is_a_signature() -> None:
    message = "Add it\n\n🤖 Generated with [Claude Code](https://example.invalid)"
    assert _hints(message) == {Hint(HintKind.CO_AUTHOR, "claude-code", "")}


@pytest.mark.parametrize(
    ("message", "author"),
    [
        ("Add it", "Robin (aider)"),
        ("aider: Add it", "Robin"),
        ("Add it\n\nCo-authored-by: aider (gpt-4o) <aider@aider.chat>", "Robin"),
    ],
)
def test_aider_marks_its_commits_in_three_ways(message: str, author: str) -> None:
    assert _hints(message, author) == {Hint(HintKind.AIDER, "aider", "")}


def test_a_commit_about_aider_is_not_aiders() -> None:
    assert _hints("Mention aider: it is a tool", "Robin") == set()


@given(st.text(max_size=300))
def test_any_message_is_read(message: str) -> None:
    for hint in _hints(message, message, message):
        assert hint.name == clean(hint.name)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (UUID, UUID),
        (f"2026-01-06-{UUID}", UUID),
        (f"file:///home/robin/.claude/projects/-w/{UUID}.jsonl", UUID),
        ("https://claude.ai/code/session_01Qiyv", "https://claude.ai/code/session_01Qiyv"),
        (None, ""),
        ("\x1b[2J", "2J"),
    ],
)
def test_a_sessions_name_is_that_of_the_logs(text: object, name: str) -> None:
    assert session_name(text) == name
