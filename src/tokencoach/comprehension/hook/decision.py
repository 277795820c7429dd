"""Whether a commit is worth a question, decided in milliseconds: alone in its process, standard library only.

The shell script ``run.sh`` starts it with the staged changes on standard input, as ``git diff
--cached --raw -z`` prints them. It ends with 0, or becomes the program that asks.
"""

from __future__ import annotations

import os
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

NOTHING = "nothing"
ANYTHING = b"*"
"""In place of staged changes: which files they are is found out later, as for a push."""
_FRESH_S = 15
_PAUSE_S = 20 * 60
_MOST_A_DAY = 5
_MOST_ANCESTORS = 64
AGENT_MARKS = (
    "CLAUDECODE",
    "CLAUDE_CODE_ENTRYPOINT",
    "CODEX_SANDBOX",
    "CODEX_THREAD_ID",
    "GEMINI_CLI",
    "QWEN_CODE",
    "OPENCODE",
    "CURSOR_AGENT",
    "CLINE_ACTIVE",
    "ROO_ACTIVE",
    "GOOSE_TERMINAL",
    "CRUSH",
    "AUGMENT_AGENT",
    "COPILOT_CLI",
    "AGENT",
)
"""Variables that assistants set for the commands they run."""
# The package that was named, before any other of its name, and after the standard library.
START = (
    "import sys; root = sys.argv.pop(1); "
    "place = next((at for at, path in enumerate(sys.path) if path.endswith('-packages')), len(sys.path)); "
    "sys.path.insert(place, root); from tokencoach.__main__ import main; sys.exit(main())"
)
CI_MARKS = (
    "CI",
    "CONTINUOUS_INTEGRATION",
    "GITHUB_ACTIONS",
    "GITLAB_CI",
    "BUILDKITE",
    "JENKINS_URL",
    "TF_BUILD",
)
AGENT_NAMES = frozenset(
    {
        "aider", "amp", "auggie", "claude", "claude-code", "cline", "codex", "copilot", "crush", "cursor-agent",
        "droid", "gemini", "goose", "kilo", "kimi", "opencode", "openhands", "pi", "plandex", "qwen", "roo",
    }
)  # fmt: skip
"""Programs that commit by themselves."""
CLIENT_NAMES = frozenset({"emacs", "gitui", "lazygit", "magit", "nvim", "tig", "vim"})
"""Programs that own the terminal's screen while git runs below them."""


def nothing_to_ask(staged: Mapping[str, str], known: Known) -> bool:
    """Whether no staged file has lines of an assistant that were not asked about yet."""
    return not any(path in known.pending and blob not in known.done for path, blob in staged.items())


class Known:
    """What the watcher left for the hook: paths with an assistant's lines, blobs that are done, read logs."""

    def __init__(self, data: bytes) -> None:
        self.pending: set[str] = set()
        self.done: set[str] = set()
        self.logs: dict[str, str] = {}
        self.is_there = bool(data)
        for record in data.split(b"\0"):
            text = os.fsdecode(record[1:])
            if record[:1] == b"p":
                self.pending.add(text)
            elif record[:1] == b"d":
                self.done.add(text)
            elif record[:1] == b"l":
                stamp, _, path = text.partition(" ")
                self.logs[path] = stamp

    def has_grown(self) -> bool:
        """Whether any log, or folder of logs, is another than when it was read."""
        return any(stamp_of(path) != stamp for path, stamp in self.logs.items())


def stamp_of(path: str) -> str:
    """A mark that changes with a file's bytes or a folder's entries; ``-`` where it is gone."""
    try:
        found = os.stat(path)  # noqa: PTH116
    except OSError:
        return "-"
    return f"{found.st_mtime_ns}:{found.st_size}"


def staged_blobs(raw: bytes) -> dict[str, str]:
    """New blobs by path, of ``git diff --raw -z --no-abbrev``; links and submodules are left out."""
    found: dict[str, str] = {}
    fields = raw.split(b"\0")
    for meta, path in zip(fields[::2], fields[1::2], strict=False):
        said = meta.split(b" ")
        if len(said) == 5 and said[1].startswith(b"100"):
            found[os.fsdecode(path)] = said[3].decode("ascii", "replace")
    return found


def why_not(environment: Mapping[str, str], terminal: int | None) -> str | None:
    """Why nobody can be asked now; None where a person sits at the terminal."""
    if any(environment.get(name) for name in CI_MARKS):
        return "ci"
    if any(environment.get(name) for name in AGENT_MARKS):
        return "assistant"
    if terminal is None or environment.get("TERM", "dumb") == "dumb":
        return "no-terminal"
    return _screen_problem(terminal) or _ancestor()


def _screen_problem(terminal: int) -> str | None:
    """Whether the commit runs in the background, or in a terminal that nobody sees."""
    try:
        is_foreground = os.tcgetpgrp(terminal) == os.getpgrp()
        is_seen = all(os.get_terminal_size(terminal))
    except OSError:
        return "no-terminal"
    if not is_foreground:
        return "background"
    return None if is_seen else "no-screen"


def _ancestor() -> str | None:
    """``assistant`` or ``client`` where one stands above this process, as far as ``/proc`` tells."""
    process = os.getppid()
    for _ in range(_MOST_ANCESTORS):
        if process <= 1:
            return None
        try:
            with open(f"/proc/{process}/stat", "rb") as file:  # noqa: PTH123 - pathlib costs time here
                process_next = int(file.read().rpartition(b")")[2].split()[1])
            with open(f"/proc/{process}/cmdline", "rb") as file:  # noqa: PTH123
                words = file.read(4096).split(b"\0")[:3]
        except (OSError, ValueError, IndexError):
            return None
        said = reason_of([os.fsdecode(word) for word in words])
        if said is not None:
            return said
        process = process_next
    return None


def reason_of(command: list[str]) -> str | None:
    """What a command line is: an ``assistant``, a ``client`` of git with a screen, or None."""
    for word in command:
        if word.startswith("-"):
            continue
        name = word.replace("\\", "/").rpartition("/")[2]
        name = name.removesuffix(".exe").removesuffix(".js").removesuffix(".py")
        if name in AGENT_NAMES:
            return "assistant"
        if name in CLIENT_NAMES:
            return "client"
    return None


def is_too_often(asked: bytes, now_s: float) -> bool:
    """Whether the person was asked within 20 minutes, or five times today."""
    times = [int(line) for line in asked.split() if line.isdigit()]
    day = time.localtime(now_s)[:3]
    today = sum(time.localtime(at)[:3] == day for at in times)
    return today >= _MOST_A_DAY or any(0 <= now_s - at < _PAUSE_S for at in times)


def is_fresh(beat: bytes, now_s: float) -> bool:
    """Whether a watcher had read everything a moment ago."""
    return beat.strip().isdigit() and -_FRESH_S <= now_s - int(beat) <= _FRESH_S


def read(path: str) -> bytes:
    """A small file; empty where it cannot be read. A pipe in its place is not waited for."""
    try:
        if not os.path.isfile(path):  # noqa: PTH113
            return b""
        with open(path, "rb") as file:  # noqa: PTH123
            return file.read()
    except OSError:
        return b""


def decide(hooks: str, state: str, terminal: int | None, raw: bytes) -> str | None:
    """Why nothing is asked; None where the person is to be asked."""
    now_s = time.time()
    known = Known(read(f"{state}/known"))
    is_settled = is_fresh(read(f"{hooks}/beat"), now_s) or (known.is_there and not known.has_grown())
    is_nothing = not known.pending if raw == ANYTHING else nothing_to_ask(staged_blobs(raw), known)
    if is_settled and is_nothing:
        return NOTHING
    said = why_not(os.environ, terminal)
    if said is None and is_too_often(read(f"{hooks}/asked"), now_s):
        said = "too-often"
    return said


def _terminal() -> int | None:
    try:
        return os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
    except OSError:
        return None


def main(arguments: list[str]) -> int:
    """Decide, and either end or become the program that asks; 0 where nobody is asked.

    The arguments: the hook's home, the state folder of the repository and of the worktree, the
    commit at HEAD, the package's root, then what is to be run.
    """
    hooks, state, own, head, root, *asking = arguments
    terminal = _terminal()
    said = decide(hooks, state, terminal, sys.stdin.buffer.read())
    os.makedirs(own, exist_ok=True)  # noqa: PTH103
    last = f"{own}/last"
    if os.path.exists(last) and not os.path.isfile(last):  # noqa: PTH110, PTH113
        return 0
    with open(last, "w", encoding="ascii") as file:  # noqa: PTH123
        file.write(f"{head} {said or 'unanswered'}\n")
    if said is not None or terminal is None:
        return 0
    os.dup2(terminal, 0)
    os.execv(sys.executable, [sys.executable, "-E", "-P", "-c", START, root, *asking])  # noqa: S606
    return 0


def run() -> None:
    """What the script starts: whatever is wrong here, the commit goes on."""
    try:
        sys.exit(main(sys.argv[1:]))
    except Exception:  # noqa: BLE001 - a commit is worth more than a question
        sys.exit(0)
