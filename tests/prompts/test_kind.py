"""What a prompt asks for, by its words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokencoach.prompts.kind import PromptKind, prompt_kind

TRACEBACK = """Traceback (most recent call last):
  File "app.py", line 3, in <module>
    part(3)
TypeError: part() missing 1 required positional argument: 'n'"""

SHELL = "\u276f mise run test:all\n[test:all] $ go test ./internal -run TestSync -v\n=== RUN   TestSync\n"
FAILED = (
    "    sync_test.go:82: inspect failed: exit status 1\n\n        container: Exited (1)\n"
    "--- FAIL: TestSync (9.1s)\nFAIL"
)
ERRORS = [
    f"{SHELL}{FAILED}\nFAIL\texample.test/sync/internal\t9.4s\n[test:all] ERROR task failed",
    f"sync on \ue0a0 main via go v1.26 took 12s\n{SHELL}{FAILED}",
    f"still:\n\n{SHELL}{FAILED}",
    "[lint:go] internal/refs.go:108:32: unnecessary conversion (unconvert)\n[lint:go] 1 issues:",
    TRACEBACK,
    f"I get\n{TRACEBACK}",
    f"```\n{TRACEBACK}\n```",
    "now this:\n\nerror[E0308]: mismatched types\n  --> src/main.rs:4:18",
    "--- FAIL: TestParse (0.00s)\n    parse_test.go:21: got 3, want 4",
    "still failing\nsrc/app.ts(12,4): error TS2304: Cannot find name 'x'.",
    "npm ERR! code ELIFECYCLE",
    "Exception in thread main\njava.lang.NullPointerException: null\n\tat app.Main.run(Main.java:12)",
    "noch immer:\nE   AssertionError: assert 3 == 4",
    "panic: runtime error: index out of range [3] with length 3",
]
FIXES = [
    "fix it",
    "Fix this!",
    "please fix the errors",
    "it's still broken",
    "still not working",
    "doesn't work",
    "same error",
    "fix tests",
    "lint fail 😭",
    "the tests are failing again",
    "no, it still crashes",
    "geht immer noch nicht",
    "funktioniert nicht",
    "ça ne marche toujours pas",
    "sigue sin funcionar",
    "ancora non funziona",
    "não funciona",
]
RETRIES = [
    "try again",
    "Try it again",
    "again",
    "retry",
    "nochmal",
    "otra vez",
    "réessaie",
    "please try again",
]
MICRO = [
    "continue",
    "Yes",
    "yes, please",
    "ok",
    "commit",
    "commit this",
    "2",
    "weiter",
    "yes, fix it",
    "LGTM!",
]
TASKS = [
    f"{SHELL}--- PASS: TestSync (6.1s)\nPASS\nok  \texample.test/sync/internal\t6.4s",
    f"{SHELL}    sync_test.go:82: cleanup: exit status 1\n--- PASS: TestSync (6.1s)\nok  \texample.test/sync\t6.4s",
    f"{SHELL}{FAILED}\nhow can I run that against https://example.test/a.git without the container",
    f"{SHELL}{FAILED}\n\nthe container is gone before the port is read; keep it until the test is over",
    "Add a retry to the upload",
    "why does the build fail?",
    "fix the parser so that an empty line ends a record",
    "It fails because the session is closed before the flush; move the flush up",
    f"The argument is optional since yesterday, give it a default of 7\n{TRACEBACK}",
    "Fix 3 and 5 of your list",
    "write a test that fails without the change",
    "The error page needs a link back to the start",
    "Rename part_3 to seventh",
    "エラーを直してください",
]


@pytest.mark.parametrize("text", ERRORS)
def test_a_pasted_error_without_a_direction_is_an_error(text: str) -> None:
    assert prompt_kind(text) is PromptKind.ERROR


@pytest.mark.parametrize("text", FIXES)
def test_words_that_only_say_it_fails_are_a_fix(text: str) -> None:
    assert prompt_kind(text) is PromptKind.FIX


@pytest.mark.parametrize("text", RETRIES)
def test_words_that_only_say_again_are_a_retry(text: str) -> None:
    assert prompt_kind(text) is PromptKind.RETRY


@pytest.mark.parametrize("text", MICRO)
def test_a_word_that_lets_it_go_on_is_micro(text: str) -> None:
    assert prompt_kind(text) is PromptKind.MICRO


@pytest.mark.parametrize("text", TASKS)
def test_a_prompt_with_a_direction_is_a_task(text: str) -> None:
    assert prompt_kind(text) is PromptKind.TASK


def test_only_failures_without_a_direction_are_blind() -> None:
    assert [kind.value for kind in PromptKind if kind.is_blind] == ["error", "fix", "retry"]


@given(st.text(max_size=400))
def test_any_text_has_a_kind(text: str) -> None:
    assert prompt_kind(text) in PromptKind


@given(st.sampled_from(TASKS), st.sampled_from(["  ", "\n", "\t\n"]))
def test_white_space_around_a_prompt_changes_nothing(text: str, space: str) -> None:
    assert prompt_kind(space + text + space) is prompt_kind(text)
