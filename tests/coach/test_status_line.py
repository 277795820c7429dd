"""The status line as a process: in every bad state a short line or none, exit 0, and in no time."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import platformdirs
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tokencoach.coach.assistant import line

if TYPE_CHECKING:
    from collections.abc import Mapping

SOURCE: Final = Path(line.__file__).resolve().parents[3]
SCRIPT: Final = Path(line.__file__).resolve()
HOUR_MS: Final = 3_600_000
DEEP: Final = b"[" * 100_000
HOSTILE: Final = (
    b"", b"\0", b"{", b"[]", b"null", b'"x"', b"NaN", b"\xff\xfe", DEEP, b'{"session_id": 7}', b'{"session_id": null}',
    b'{"context_window": []}', b'{"context_window": {"used_percentage": "9"}}',
    b'{"context_window": {"used_percentage": -1}}',
    b'{"context_window": {"used_percentage": true}}', b'{"context_window": {"used_percentage": NaN}}',
    b'{"context_window": {"current_usage": {"input_tokens": []}, "context_window_size": 0}}',
    b'{"model": {"display_name": "\\u001b]0;x\\u0007"}, "workspace": 4}',
)  # fmt: skip


@pytest.fixture
def state(home: Path) -> Path:
    """The folder of tokencoach's files."""
    folder = home / "tokencoach"
    folder.mkdir()
    return folder


def shown(said: bytes | None = b"", extra: Mapping[str, str] | None = None, *arguments: str) -> str:
    """What ``tokencoach statusline`` prints; it must end well and say nothing on stderr."""
    done = subprocess.run(
        [sys.executable, "-m", "tokencoach", "statusline", *arguments],
        input=said,
        capture_output=True,
        check=False,
        timeout=20,
        env=os.environ | {"PYTHONPATH": str(SOURCE)} | dict(extra or {}),
    )
    assert done.returncode == 0
    assert done.stderr == b""
    return done.stdout.decode()


def left(state: Path, **fields: Any) -> Path:
    """What a watcher leaves for the line."""
    now_ms = time.time_ns() // 1_000_000
    day = {
        "judged_ms": now_ms,
        "until_ms": now_ms + HOUR_MS,
        "shipped": 0.38,
        "cost_nano": 9_400_000_000,
        "tokens": 9,
    }
    body = {
        "version": 1,
        "made_ms": now_ms,
        "day": day | fields.pop("day", {}),
        "contexts": {"S1": [120_000, 200_000], "S2": [10_000, 200_000]},
        "nudges": [{"session": "S1", "title": "The same test command ran 4 times."}],
    }
    file = state / "statusline.json"
    file.write_text(json.dumps(body | fields))
    return file


def said(**fields: Any) -> bytes:
    """What an assistant says."""
    return json.dumps({"session_id": "S1", **fields}).encode()


def test_it_shows_the_share_the_context_and_what_the_coach_says(state: Path) -> None:
    left(state)
    window = {"used_percentage": 71.4, "context_window_size": 200_000}
    assert shown(said(context_window=window)) == (
        "38 % shipped of $9.40 today | ctx 71 % | ! The same test command ran 4 times.\n"
    )


def test_the_context_is_reckoned_from_the_counts_where_no_share_is_said(state: Path) -> None:
    left(state)
    used = {"input_tokens": 20_000, "cache_read_input_tokens": 60_000, "cache_creation_input_tokens": 20_000}
    window = {"used_percentage": None, "current_usage": used, "context_window_size": 200_000}
    assert "ctx 50 %" in shown(said(context_window=window))


def test_without_figures_of_the_assistant_the_context_is_that_of_its_log(state: Path) -> None:
    left(state)
    assert "ctx 60 %" in shown(said())
    assert "ctx 5 %" in shown(json.dumps({"session_id": "S2"}).encode())
    assert "ctx" not in shown(json.dumps({"session_id": "another"}).encode())


def test_what_is_said_of_another_session_is_not_shown_in_this_one(state: Path) -> None:
    left(state)
    assert "!" not in shown(json.dumps({"session_id": "S2"}).encode())
    left(state, nudges=[{"session": None, "title": "Past the month's budget."}])
    assert "! Past" in shown(json.dumps({"session_id": "S2"}).encode())


def test_without_a_watcher_it_says_as_of_when(state: Path) -> None:
    file = left(state)
    os.utime(file, (time.time() - 300, time.time() - 300))
    at = time.strftime("%H:%M", time.gmtime(time.time() - 300))
    assert f"38 % shipped of $9.40 today, at {at}: not watching" in shown()


def test_yesterdays_share_is_not_shown_as_todays(state: Path) -> None:
    left(state, day={"until_ms": time.time_ns() // 1_000_000 - 1})
    assert shown().startswith("tokencoach: nothing read today")


def test_a_day_without_spend_has_no_share(state: Path) -> None:
    left(state, day={"shipped": None, "cost_nano": 0, "tokens": 0})
    assert shown().startswith("nothing spent today | ctx 60 %")


@pytest.mark.parametrize("words", HOSTILE, ids=range(len(HOSTILE)))
def test_no_input_of_the_assistant_makes_it_fail(state: Path, words: bytes) -> None:
    left(state)
    line = shown(words)
    assert line.count("\n") == 1
    assert line.isprintable() or line[:-1].isprintable()


@pytest.mark.parametrize("words", HOSTILE, ids=range(len(HOSTILE)))
def test_no_damage_of_its_file_makes_it_fail(state: Path, words: bytes) -> None:
    (state / "statusline.json").write_bytes(words)
    assert shown() == "tokencoach: nothing read yet\n"


@pytest.mark.parametrize("field", ["day", "contexts", "nudges", "made_ms"])
@pytest.mark.parametrize("value", [None, 7, "x", [], [[]], {"S1": [1]}, {"S1": ["a", {}]}, [{"title": 3}]])
def test_fields_of_another_shape_are_passed_over(state: Path, field: str, value: Any) -> None:
    left(state, **({} if field == "day" else {field: value}))
    if field == "day":
        body = json.loads((state / "statusline.json").read_text())
        (state / "statusline.json").write_text(json.dumps(body | {"day": value}))
    assert shown(said()).count("\n") == 1


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["day", "nudges", "contexts", "title", "session", "S1", "shipped"]), inner
        )
    ),
    max_leaves=12,
)


@given(JSON, JSON)
@example([{"title": "\U00018cd6"}], None)
def test_any_json_of_either_side_gives_one_line_that_no_terminal_obeys(kept: Any, words: Any) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(line, "asked", lambda: words if isinstance(words, dict) else {})
        body = kept if isinstance(kept, dict) else {"day": kept, "nudges": kept, "contexts": kept}
        Path(folder, "statusline.json").write_text(json.dumps(body | {"version": 1}))
        assert line.status(folder).isprintable()


def test_controls_in_a_title_reach_no_terminal(state: Path) -> None:
    left(state, nudges=[{"session": None, "title": "\x1b]0;owned\x07 \u202e\x9b1m" + "x" * 500}])
    line = shown()
    assert line[:-1].isprintable()
    assert len(line) < 160


def test_no_home_no_database_and_a_newer_or_locked_one_are_all_the_same_to_it(state: Path) -> None:
    assert shown(extra={"TOKENCOACH_HOME": str(state / "nowhere")}) == "tokencoach: nothing read yet\n"
    left(state)
    with contextlib.closing(sqlite3.connect(state / "tokencoach.db", isolation_level=None)) as database:
        database.execute("PRAGMA user_version=999")
        database.execute("BEGIN EXCLUSIVE")
        assert "38 % shipped" in shown()
    (state / "tokencoach.db").write_bytes(b"no database at all")
    assert "38 % shipped" in shown()


def test_a_reader_that_has_gone_and_an_input_that_never_ends_are_no_failure(state: Path) -> None:
    left(state)
    ours, theirs = os.pipe()
    out_read, out_write = os.pipe()
    os.close(out_read)
    try:
        began = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-I", "-S", str(SCRIPT), "status", str(state)],
            stdin=ours,
            stdout=out_write,
            stderr=subprocess.PIPE,
            check=False,
            timeout=20,
        )
        assert time.monotonic() - began < 5
        assert (done.returncode, done.stderr) == (0, b"")
    finally:
        for descriptor in (ours, theirs, out_write):
            os.close(descriptor)


@pytest.mark.parametrize("data", ["", "/data/of/mine", "relative", "  "])
def test_its_home_is_the_one_that_the_program_uses(monkeypatch: pytest.MonkeyPatch, data: str) -> None:
    monkeypatch.delenv("TOKENCOACH_HOME")
    monkeypatch.setenv("XDG_DATA_HOME", data)
    assert line.default_home() == platformdirs.user_data_dir("tokencoach", appauthor=False)


def test_it_answers_in_a_fraction_of_a_second(state: Path) -> None:
    left(state)
    walls = []
    for _ in range(10):
        began = time.perf_counter()
        shown(said())
        walls.append(time.perf_counter() - began)
    # The bar of 80 ms is measured by the benchmark, on a machine that does nothing else.
    assert min(walls) < 0.2
