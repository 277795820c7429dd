"""What the quick commands must not import, asked of real processes."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {
    "textual",
    "rich",
    "sqlite_utils",
    "watchdog",
    "tiktoken",
    "psutil",
    "msgspec",
    "genai_prices",
    "pydantic",
}
VERSION_ALLOWED_BEYOND_A_BARE_START = {"tokencoach", "tokencoach.__main__"}

MODULES_OF_OS = {"os", "os.path", "posixpath", "genericpath", "stat", "_stat", "_collections_abc"}

PROBE = """
import sys
from pathlib import Path
before = set(sys.modules)
sys.argv = ["tokencoach", *{arguments!r}]
from tokencoach.__main__ import main
try:
    main()
except SystemExit:
    pass
sys.stderr.write(repr(sorted(set(sys.modules) - before)))
"""


def imported_by(*arguments: str) -> set[str]:
    """Modules that a run of tokencoach adds to a bare interpreter's."""
    run = subprocess.run(
        [sys.executable, "-c", PROBE.format(arguments=arguments)],
        check=True,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )
    names = ast.literal_eval(run.stderr.splitlines()[-1])
    return {str(name) for name in names}


@pytest.mark.parametrize("flag", ["--version", "-V"])
def test_the_version_is_answered_without_any_import(flag: str) -> None:
    assert imported_by(flag) - {"__future__"} <= VERSION_ALLOWED_BEYOND_A_BARE_START


@pytest.mark.parametrize(("flag", "allowed"), [("--version", set()), ("--help", {"msgspec"})])
def test_quick_answers_load_no_heavy_library(flag: str, allowed: set[str]) -> None:
    roots = {name.partition(".")[0] for name in imported_by(flag)}
    assert roots & HEAVY <= allowed


def test_the_status_line_uses_the_standard_library_only() -> None:
    roots = {name.partition(".")[0] for name in imported_by("statusline")}
    assert roots <= {*sys.stdlib_module_names, "tokencoach"}
    ours = {name for name in imported_by("statusline") if name.startswith("tokencoach.")}
    assert ours == {
        "tokencoach.__main__",
        "tokencoach.coach",
        "tokencoach.coach.assistant",
        "tokencoach.coach.assistant.line",
    }


def test_the_hooks_decision_adds_next_to_nothing_to_a_bare_interpreter() -> None:
    here = Path(__file__).parents[2] / "src" / "tokencoach" / "comprehension" / "hook"
    script = (
        "import sys; sys.path.append(sys.argv[1]); before = set(sys.modules); import decision; "
        "print(sorted(set(sys.modules) - before))"
    )
    run = subprocess.run(
        [sys.executable, "-I", "-S", "-c", script, str(here)], check=True, capture_output=True, text=True
    )
    assert set(ast.literal_eval(run.stdout)) <= {"__future__", "decision", "time", *MODULES_OF_OS}
