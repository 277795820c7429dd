"""The status line and the hook of an assistant, as a program of its own: standard library only, never a failure.

``line.py status HOME`` prints one line; ``line.py nudge HOME`` prints at most one nudge in ten minutes as
the answer to a hook. Both read what the watcher left in HOME, and the assistant's JSON from standard input.
"""

from __future__ import annotations

import json
import os
import select
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

STATUS = "status"
NUDGE = "nudge"
EVENTS = ("UserPromptSubmit", "PostToolUse")
"""Hooks of Claude Code whose answer may carry words for the conversation."""
_MOST_BYTES = 1 << 20
_FIRST_BYTE_S = 0.04
_WHOLE_S = 0.15
_ALIVE_S = 30.0
_PAUSE_S = 600.0
_HELD_S = 3600.0
_LONGEST = 72
# Controls and the marks that turn the direction of what follows: no terminal shall obey them.
_HOSTILE = (
    *range(32),
    *range(127, 160),
    0x61C,
    0x200E,
    0x200F,
    *range(0x202A, 0x202F),
    *range(0x2066, 0x206A),
)
_PLAIN = dict.fromkeys(_HOSTILE, " ")


def default_home() -> str:
    """The folder of tokencoach's files: ``TOKENCOACH_HOME``, else the data folder of the system."""
    named = os.environ.get("TOKENCOACH_HOME", "")
    if named:
        return os.path.expanduser(named)  # noqa: PTH111 - pathlib costs time here
    data = os.environ.get("XDG_DATA_HOME", "").strip()
    if not os.path.isabs(data):  # noqa: PTH117
        data = ""
    if sys.platform == "win32":
        data = os.environ.get("LOCALAPPDATA", "") or "~/AppData/Local"
    elif sys.platform == "darwin":
        data = data or "~/Library/Application Support"
    return os.path.join(os.path.expanduser(data or "~/.local/share"), "tokencoach")  # noqa: PTH111, PTH118


def asked() -> dict[str, Any]:
    """What the assistant says on standard input; empty where it says nothing that can be understood."""
    try:
        if os.isatty(0):
            return {}
        said = json.loads(_input())
    except (OSError, ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _input() -> bytes:
    """All of standard input, but no more than a moment's wait for it: nobody may ever close the other end."""
    if sys.platform == "win32":
        return os.read(0, _MOST_BYTES)
    found = b""
    until = time.monotonic() + _FIRST_BYTE_S
    while len(found) < _MOST_BYTES and select.select([0], [], [], max(0.0, until - time.monotonic()))[0]:
        block = os.read(0, 1 << 16)
        if not block:
            break
        if not found:
            until = time.monotonic() + _WHOLE_S
        found += block
    return found


def left(path: str) -> tuple[dict[str, Any], float]:
    """A file that the watcher left, and the seconds since it was last said to be current; empty where there is none."""
    try:
        age_s = time.time() - os.stat(path).st_mtime  # noqa: PTH116
        with open(path, "rb") as file:  # noqa: PTH123
            said = json.loads(file.read(_MOST_BYTES))
    except (OSError, ValueError, RecursionError):
        return {}, 0.0
    return (said, age_s) if isinstance(said, dict) and said.get("version") == 1 else ({}, 0.0)


def status(home: str) -> str:
    """The line: what of today's spend shipped, the context in use, what the coach would say now."""
    said, told = asked(), left(os.path.join(home, "statusline.json"))  # noqa: PTH118
    kept, age_s = told
    session = said.get("session_id")
    parts = [_day(kept, age_s)]
    share = _context(said, kept, session)
    if share is not None:
        parts.append(f"ctx {share * 100:.0f} %")
    title = _nudge_title(kept, session) if age_s < _HELD_S else None
    if title:
        parts.append(f"! {title}")
    return " | ".join(parts)


def _day(kept: dict[str, Any], age_s: float) -> str:
    """Today's share, and since when it is so where nobody keeps it current."""
    if not kept:
        return "tokencoach: nothing read yet"
    day = kept.get("day")
    day = day if isinstance(day, dict) else {}
    until, shipped, cost = (_number(day.get(name)) for name in ("until_ms", "shipped", "cost_nano"))
    is_over = until is None or time.time() * 1000 >= until
    stale = ""
    if age_s >= _ALIVE_S:
        stale = f", at {time.strftime('%H:%M', time.localtime(time.time() - age_s))}: not watching"
    if is_over:
        return f"tokencoach: nothing read today{', not watching' if stale else ''}"
    if shipped is None:
        return f"nothing spent today{stale}"
    spent = f" of ${cost / 1e9:,.2f}" if cost else ""
    return f"{shipped * 100:.0f} % shipped{spent} today{stale}"


def _context(said: dict[str, Any], kept: dict[str, Any], session: object) -> float | None:
    """The part of the window in use: as the assistant says, else as its log said last."""
    window = said.get("context_window")
    window = window if isinstance(window, dict) else {}
    percent = _number(window.get("used_percentage"))
    if percent is not None:
        return percent / 100
    used = window.get("current_usage")
    size = _number(window.get("context_window_size"))
    if isinstance(used, dict) and size:
        names = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
        return sum(_number(used.get(name)) or 0.0 for name in names) / size
    contexts = kept.get("contexts")
    contexts = contexts if isinstance(contexts, dict) else {}
    known = contexts.get(session) if isinstance(session, str) else next(iter(contexts.values()), None)
    if isinstance(known, list) and len(known) == 2:
        tokens, size = _number(known[0]), _number(known[1])
        if tokens is not None and size:
            return tokens / size
    return None


def _nudge_title(kept: dict[str, Any], session: object) -> str | None:
    """The newest nudge that holds for this session, or for none in particular."""
    nudges = kept.get("nudges")
    for one in nudges if isinstance(nudges, list) else ():
        if not isinstance(one, dict) or not isinstance(one.get("title"), str):
            continue
        if session is None or one.get("session") in (None, session):
            return one_line(one["title"])
    return None


def nudge(home: str) -> str:
    """The answer to a hook: words for the conversation and for the person, or nothing."""
    pending = os.path.join(home, "nudge.json")  # noqa: PTH118
    kept, _ = left(pending)
    at_ms = _number(kept.get("at_ms"))
    if os.environ.get("TOKENCOACH") == "0":
        return ""
    if at_ms is None or time.time() - at_ms / 1000 > _HELD_S:
        return ""
    said = asked()
    event = said.get("hook_event_name")
    if event not in EVENTS or kept.get("session") not in (None, said.get("session_id")):
        return ""
    told = os.path.join(home, "nudge.told")  # noqa: PTH118
    try:
        if time.time() - os.stat(told).st_mtime < _PAUSE_S:  # noqa: PTH116
            return ""
    except OSError:
        pass
    # Of several hooks at one time only the first can take it.
    os.rename(pending, told)  # noqa: PTH104
    os.utime(told)
    words = f"{one_line(str(kept.get('title', '')), 200)} {one_line(str(kept.get('next', '')), 200)}"
    answer = {
        "systemMessage": f"tokencoach: {words}",
        "hookSpecificOutput": {
            "hookEventName": event,
            "additionalContext": f"A note by tokencoach, which measures this session for the person: {words}",
        },
    }
    return json.dumps(answer)


def one_line(text: str, longest: int = _LONGEST) -> str:
    """Text of a file as one short line that no terminal obeys."""
    plain = text.translate(_PLAIN)
    words = " ".join("".join(sign if sign.isprintable() else " " for sign in plain).split())
    return words if len(words) <= longest else f"{words[: longest - 1]}…"


def _number(value: object) -> float | None:
    """A finite number from zero on; None of anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value) if 0 <= value < 1e18 else None


def run(mode: str, home: str) -> int:
    """Print what there is to say; whatever is wrong, nothing is said and it ends well."""
    try:
        text = nudge(home) if mode == NUDGE else status(home)
        if text:
            os.write(1, f"{text}\n".encode("utf-8", "replace"))
    except Exception:  # noqa: BLE001 - an assistant's screen is no place for our faults
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(run(sys.argv[1], sys.argv[2]))
