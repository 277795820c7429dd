"""Claude Code's settings: what is put in works, what is taken out leaves no trace, and nothing else moves."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.machine import Machine
from tokencoach.coach.assistant import line
from tokencoach.coach.assistant.claude_settings import (
    NUDGES,
    STATUS_LINE,
    apply,
    command_of,
    is_installed,
    planned,
    take_out,
    taken_out,
)
from tokencoach.coach.assistant.settings_text import NotJsonError, parse, put, take
from tokencoach.errors import DamagedInputError, TokencoachError
from tokencoach.sources.base import LogsHome

BOTH: Final = (STATUS_LINE, NUDGES)
FILES: Final = {
    "absent": None,
    "empty": b"",
    "blank": b"\n\n",
    "object": b"{}",
    "object over two lines": b"{\n}\n",
    "one line": b'{"model": "opus", "env": {"A": "1"}}',
    "two spaces": b'{\n  "model": "opus",\n  "permissions": {\n    "allow": ["Bash(ls:*)"]\n  }\n}\n',
    "four spaces": b'{\n    "zeta": 1,\n    "alpha": [\n        1,\n        2\n    ]\n}',
    "tabs": b'{\n\t"model": "opus",\n\t"env": {\n\t\t"A": "1"\n\t}\n}\n',
    "windows": b'{\r\n  "model": "opus",\r\n  "env": {}\r\n}\r\n',
    "byte order mark": b'\xef\xbb\xbf{\n  "model": "opus"\n}\n',
    "comments": b'// mine\n{\n  // the model\n'
    b'  "model": "opus", // not the small one\n  /* and */ "env": {} // last\n}\n// end\n',
    "trailing commas": b'{\n  "model": "opus",\n  "env": {"A": "1",},\n}\n',
    "hooks of others": b'{\n  "hooks": {\n    "PostToolUse": [\n      {\n        "matcher": "Edit",\n'
    b'        "hooks": [\n'
    b'          {"type": "command", "command": "fmt"}\n        ]\n      }\n    ],\n'
    b'    "Stop": []\n  },\n  "model": "opus"\n}\n',
    "empty hooks": b'{\n  "hooks": {}\n}\n',
    "empty events": b'{\n  "hooks": {"UserPromptSubmit": [], "PostToolUse": []}\n}\n',
    "another status line": b'{\n  "statusLine": {\n'
    b'    "type": "command", // mine\n    "command": "~/line.sh"\n  },\n  "a": 1\n}\n',
    "names as bytes": '{\n  "müsli": "\\u00e9 日本",\n  "emoji": "\U0001f980"\n}\n'.encode(),
}  # fmt: skip
BAD: Final = {
    b"model: opus\n": 1,
    b'{\n  "model": "opus"\n  "env": {}\n}\n': 3,
    b'{\n  "model": opus\n}\n': 2,
    b'{\n  "a": 1\n': 3,
    b'{"a": 1} {"b": 2}': 1,
    b"[1, 2]": 1,
    b'{\n  "a": "never ends\n}\n': 2,
    b'{"hooks": []}': 1,
    b'{"hooks": {\n"PostToolUse": {}}}': 2,
    b"[" * 5000: 1,
}


class Settings:
    """A home with settings of Claude Code, and a folder of tokencoach's own."""

    def __init__(self, home: Path) -> None:
        self.home = LogsHome(home, {})
        self.folder = home / "tokencoach"
        self.file = home / ".claude" / "settings.json"

    def write(self, content: bytes | None) -> None:
        """The settings before."""
        if content is not None:
            self.file.parent.mkdir(exist_ok=True)
            self.file.write_bytes(content)

    def read(self) -> bytes | None:
        """The settings now."""
        return self.file.read_bytes() if self.file.exists() else None

    def value(self) -> Any:
        """What the settings say now."""
        return parse(self.file.read_bytes().decode().removeprefix("\ufeff")).value

    def install(self, what: str) -> None:
        """Put it in."""
        apply(planned(what, self.home, self.folder), self.folder)

    def uninstall(self, what: str) -> None:
        """Take it out."""
        change = taken_out(what, self.home, self.folder)
        assert change is not None
        take_out(change, self.folder)


@pytest.fixture
def settings(home: Path) -> Settings:
    """A home without settings yet."""
    return Settings(home)


@pytest.mark.parametrize("what", BOTH)
@pytest.mark.parametrize("name", FILES)
def test_taken_out_again_every_byte_is_as_before(settings: Settings, name: str, what: str) -> None:
    settings.write(FILES[name])
    settings.install(what)
    assert is_installed(what, settings.home, settings.folder)
    settings.uninstall(what)
    assert settings.read() == FILES[name]
    assert not is_installed(what, settings.home, settings.folder)


@pytest.mark.parametrize("what", BOTH)
@pytest.mark.parametrize("name", FILES)
def test_what_the_person_wrote_stays_and_keeps_its_order(settings: Settings, name: str, what: str) -> None:
    settings.write(FILES[name])
    before = said_by(FILES[name])
    settings.install(what)
    after = said_by(settings.read())
    ours = {"statusLine", "hooks"}
    assert [one for one in after.items() if one[0] not in ours] == [
        one for one in before.items() if one[0] not in ours
    ]
    for event, groups in before.get("hooks", {}).items():
        assert after["hooks"][event][: len(groups)] == groups


@pytest.mark.parametrize("what", BOTH)
@pytest.mark.parametrize(
    "name", ["two spaces", "four spaces", "tabs", "windows", "comments", "names as bytes"]
)
def test_every_line_of_the_person_is_there_as_it_was(settings: Settings, name: str, what: str) -> None:
    settings.write(FILES[name])
    settings.install(what)
    rest = iter((settings.read() or b"").splitlines())
    for old in (FILES[name] or b"").splitlines():
        # Only a comma may have come to the last one.
        assert any(
            new in (old, old + b",") or new.replace(b",", b"") == old.replace(b",", b"") for new in rest
        ), old


def said_by(content: bytes | None) -> dict[str, Any]:
    """What a file of settings says; a blank one says nothing."""
    text = (content or b"").decode().removeprefix("\ufeff")
    said = parse(text).value if text.strip() else {}
    assert isinstance(said, dict)
    return said


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("first", BOTH)
def test_both_are_put_in_and_taken_out_in_any_order(settings: Settings, name: str, first: str) -> None:
    settings.write(FILES[name])
    before = json.dumps(settings.value()) if (FILES[name] or b"").strip() else "{}"
    settings.install(STATUS_LINE)
    settings.install(NUDGES)
    second = NUDGES if first == STATUS_LINE else STATUS_LINE
    settings.uninstall(first)
    assert is_installed(second, settings.home, settings.folder)
    settings.uninstall(second)
    now = settings.read()
    assert (json.dumps(settings.value()) if (now or b"").strip() else "{}") == before


def test_after_a_change_of_the_persons_own_only_ours_goes(settings: Settings) -> None:
    settings.write(FILES["hooks of others"])
    for what in BOTH:
        settings.install(what)
    text = (settings.read() or b"").decode().replace('"opus"', '"sonnet"')
    settings.write(text.encode())
    for what in BOTH:
        settings.uninstall(what)
    assert settings.read() == (FILES["hooks of others"] or b"").replace(b'"opus"', b'"sonnet"')


def test_another_status_line_is_put_back_though_other_things_changed(settings: Settings) -> None:
    settings.write(FILES["another status line"])
    settings.install(STATUS_LINE)
    settings.write((settings.read() or b"").replace(b'"a": 1', b'"a": 2'))
    settings.uninstall(STATUS_LINE)
    assert settings.read() == (FILES["another status line"] or b"").replace(b'"a": 1', b'"a": 2')


def test_what_somebody_else_put_in_its_place_stays(settings: Settings) -> None:
    settings.install(STATUS_LINE)
    settings.write(b'{"statusLine": {"type": "command", "command": "theirs"}}')
    assert taken_out(STATUS_LINE, settings.home, settings.folder) is None


def test_a_second_installation_changes_nothing(settings: Settings) -> None:
    settings.write(FILES["comments"])
    for what in BOTH:
        settings.install(what)
        once = settings.read()
        change = planned(what, settings.home, settings.folder)
        assert change.before == change.after
        apply(change, settings.folder)
        assert settings.read() == once


@pytest.mark.parametrize(
    ("content", "what"),
    [(one, what) for one in BAD for what in BOTH if what == NUDGES or b"hooks" not in one],
)
def test_what_is_no_json_is_refused_with_its_line_and_stays(
    settings: Settings, content: bytes, what: str
) -> None:
    settings.write(content)
    with pytest.raises(DamagedInputError, match=f"line {BAD[content]}:"):
        planned(what, settings.home, settings.folder)
    assert settings.read() == content


def test_a_link_is_followed_and_stays_a_link_and_the_mode_is_kept(settings: Settings) -> None:
    real = settings.file.parent.parent / "dotfiles.json"
    real.write_bytes(FILES["tabs"] or b"")
    real.chmod(0o640)
    settings.file.parent.mkdir()
    settings.file.symlink_to(real)
    settings.install(STATUS_LINE)
    assert settings.file.is_symlink()
    assert b"statusLine" in real.read_bytes()
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    settings.uninstall(STATUS_LINE)
    assert real.read_bytes() == FILES["tabs"]


def test_a_change_between_the_preview_and_the_word_is_never_overwritten(settings: Settings) -> None:
    settings.write(b"{}")
    change = planned(STATUS_LINE, settings.home, settings.folder)
    settings.write(b'{"new": 1}')
    with pytest.raises(TokencoachError, match="changed meanwhile"):
        apply(change, settings.folder)
    assert settings.read() == b'{"new": 1}'


def test_the_settings_as_they_were_are_kept_beside(settings: Settings) -> None:
    settings.write(FILES["two spaces"])
    settings.install(NUDGES)
    assert (settings.folder / "assistant" / "settings.json.before-nudge").read_bytes() == FILES["two spaces"]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(st.text(), VALUES, max_size=4), st.sampled_from([None, 0, 1, 2, 4, "\t"]), VALUES)
def test_put_and_take_are_inverse_on_any_object(value: dict[str, Any], indent: Any, new: Any) -> None:
    value.pop("statusLine", None)
    text = json.dumps(value, indent=indent)
    after = put(text, parse(text), "statusLine", new)
    assert json.loads(after) == value | {"statusLine": new}
    root = parse(after)
    assert take(after, root, len(root.entries) - 1) == text


def is_json(text: str) -> bool:
    """Whether the standard library takes it for JSON."""
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


@given(st.text() | st.text('{}[]",:/* \n1a'))
def test_any_text_is_read_or_refused_with_a_line_and_no_json_is_refused(text: str) -> None:
    lines = []
    try:
        parse(text)
    except NotJsonError as error:
        lines.append(error.line)
    assert all(1 <= line <= text.count("\n") + 1 for line in lines)
    assert not (lines and is_json(text))


def waiting(settings: Settings, **fields: Any) -> Path:
    """A nudge that waits to be told."""
    now_ms = time.time_ns() // 1_000_000
    body = {
        "version": 1,
        "session": "S1",
        "at_ms": now_ms,
        "title": "The same command ran 3 times.",
        "next": "Read it.",
    }
    settings.folder.mkdir(exist_ok=True)
    file = settings.folder / "nudge.json"
    file.write_text(json.dumps(body | fields))
    return file


def hooked(settings: Settings, said: object, event: str = "UserPromptSubmit") -> str:
    """What the hook of an event answers, run as Claude Code runs it."""
    [group] = settings.value()["hooks"][event]
    words = said if isinstance(said, bytes) else json.dumps(said).encode()
    done = subprocess.run(
        ["/bin/sh", "-c", group["hooks"][0]["command"]], input=words, capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout.decode()


def test_a_hook_tells_what_waits_once_and_to_its_session_only(settings: Settings) -> None:
    settings.install(NUDGES)
    file = waiting(settings)
    assert hooked(settings, {"session_id": "S2", "hook_event_name": "UserPromptSubmit"}) == ""
    assert file.exists()
    answer = json.loads(
        hooked(settings, {"session_id": "S1", "hook_event_name": "PostToolUse"}, "PostToolUse")
    )
    assert answer["hookSpecificOutput"]["hookEventName"] == "PostToolUse"
    assert "The same command ran 3 times. Read it." in answer["hookSpecificOutput"]["additionalContext"]
    assert "decision" not in answer
    assert hooked(settings, {"session_id": "S1", "hook_event_name": "PostToolUse"}) == ""


def test_a_second_one_within_ten_minutes_is_not_told(settings: Settings) -> None:
    settings.install(NUDGES)
    said = {"session_id": "S1", "hook_event_name": "UserPromptSubmit"}
    waiting(settings)
    assert hooked(settings, said)
    waiting(settings, title="Another thing.")
    assert hooked(settings, said) == ""
    os.utime(settings.folder / "nudge.told", (time.time() - 601, time.time() - 601))
    assert "Another thing." in hooked(settings, said)


def test_silenced_it_tells_nothing(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.install(NUDGES)
    waiting(settings)
    monkeypatch.setenv("TOKENCOACH", "0")
    assert hooked(settings, {"session_id": "S1", "hook_event_name": "UserPromptSubmit"}) == ""


def test_a_nudge_of_hours_ago_is_not_told(settings: Settings) -> None:
    settings.install(NUDGES)
    waiting(settings, at_ms=(time.time_ns() // 1_000_000) - 3_700_000)
    assert hooked(settings, {"session_id": "S1", "hook_event_name": "UserPromptSubmit"}) == ""


@pytest.mark.parametrize(
    "said", [b"", b"{", b"[]", b'{"hook_event_name": "Stop"}', b"\xff" * 99, b"[" * 90_000]
)
def test_whatever_a_hook_is_told_the_assistant_goes_on(settings: Settings, said: bytes) -> None:
    settings.install(NUDGES)
    waiting(settings)
    assert hooked(settings, said) == ""


def test_a_hook_whose_program_is_gone_never_stops_the_assistant(settings: Settings, tmp_path: Path) -> None:
    moved = tmp_path / "line.py"
    shutil.copy(line.__file__, moved)
    command = command_of(NUDGES, settings.folder).replace(str(Path(line.__file__).resolve()), str(moved))
    waiting(settings)
    moved.unlink()
    done = subprocess.run(["/bin/sh", "-c", command], input=b"{}", capture_output=True, check=False)
    assert done.returncode == 0, "2 would stop it"


def test_the_status_line_that_was_installed_is_the_one_of_the_program(settings: Settings) -> None:
    settings.install(STATUS_LINE)
    command = settings.value()["statusLine"]["command"]
    done = subprocess.run(["/bin/sh", "-c", command], input=b"{}", capture_output=True, check=True)
    assert done.stdout == b"tokencoach: nothing read yet\n"


def test_the_verbs_show_the_change_and_write_only_with_a_word(home: Path) -> None:
    machine = Machine(home)
    file = home / ".claude" / "settings.json"
    file.write_bytes(FILES["two spaces"] or b"")
    refused = machine.run("statusline", "install")
    assert refused.returncode == 2
    assert b'+  "statusLine"' in refused.stderr
    assert file.read_bytes() == FILES["two spaces"]
    for verb in (("statusline",), ("coach", "nudge")):
        assert machine.run(*verb, "install", "--yes").returncode == 0
        assert machine.json(*verb, "status")["installed"]
    assert machine.run("statusline", "install", "--assistant", "codex", "--yes").returncode == 2
    for verb in (("coach", "nudge"), ("statusline",)):
        assert machine.run(*verb, "uninstall", "--yes").returncode == 0
    assert file.read_bytes() == FILES["two spaces"]
    assert sys.platform == "win32" or stat.S_IMODE((machine.state).stat().st_mode) == 0o700
