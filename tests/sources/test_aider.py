"""Aider: rounded tokens, local times, prompts, and edits that the program says it applied."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from sources.merging import Merged, merge
from sources.reading import read_parts
from tokencoach.sources.aider.source import Aider
from tokencoach.sources.base import LogFile, LogsHome
from tokencoach.usage.words import CallStatus, EditKind, ErrorKind

SOURCE = Aider()
DEMO = "/home/dev/demo"
FILE = LogFile(Path(DEMO) / ".aider.chat.history.md", cwd=DEMO)
START = (
    "\n# aider chat started at 2026-06-17 10:00:00\n\n"
    "> Aider v0.86.2  \n> Main model: openai/gpt-4o with diff edit format  \n\n"
)
ASK = "#### please write hello  \n#### and more  \n\n"
TOKENS = "> Tokens: 2.4k sent, 1.0k cache write, 800 cache hit, 27 received. Cost: $0.0063 message, $0.01 session.  \n"
SEARCH = f"""I will do it.

hello.py
```python
{"<" * 7} SEARCH
print("old")
=======
> print("new")
#### not a prompt
{">" * 7} REPLACE
```

"""
APPLIED = "> Applied edit to hello.py  \n> Commit 66aae53 done  \n"


def read(*parts: str) -> Merged:
    content = "".join([START, *parts]).encode()
    merged = merge(read_parts(SOURCE, content, file=FILE))
    for step in (1, 2, 5):
        assert merge(read_parts(SOURCE, content, range(0, 200, step), FILE)) == merged
    return merged


def test_rounded_tokens_become_a_request_of_the_model() -> None:
    (request,) = read(ASK, SEARCH, TOKENS).requests.values()
    counted = (request.input, request.cache_read, request.cache_write_5m, request.output)
    assert counted == (600, 800, 1000, 27)
    assert (request.model, request.logged_cost_usd) == ("gpt-4o", 0.0063)


@pytest.mark.parametrize(
    ("told", "number"), [("999", 999), ("1.5k", 1500), ("12k", 12_000), ("1.2M", 1_200_000)]
)
def test_every_scale_of_tokens_is_read(told: str, number: int) -> None:
    (request,) = read(ASK, f"> Tokens: {told} sent, 5 received.  \n").requests.values()
    assert (request.input, request.output) == (number, 5)


@pytest.mark.parametrize(
    ("told", "fresh"),
    [
        ("7.0k sent, 2.0k cache write, 3.0k cache hit", 0),
        ("19k sent, 8.2k cache write, 2.0k cache hit", 600),
        ("12k sent, 8.2k cache write, 3.0k cache hit", 800),
        ("5.1k sent, 5.0k cache write", 100),
        ("100 sent, 9.0k cache hit", 100),
        ("1.0k sent, 800 cache hit", 200),
    ],
    ids=["written counted twice", "rounded", "counted once", "first request", "read beside", "read alone"],
)
def test_what_was_written_to_a_cache_is_no_fresh_input_in_any_version(told: str, fresh: int) -> None:
    (request,) = read(ASK, f"> Tokens: {told}, 50 received.  \n").requests.values()
    assert request.input == fresh


def test_a_prompt_of_several_lines_is_one_and_commands_are_none() -> None:
    merged = read(ASK, "#### /add a.py  \n\n", "#### /ask why?  \n\n", "#### a model's heading\n")
    assert [prompt.text for prompt in merged.prompts.values()] == [
        "please write hello\nand more",
        "/ask why?",
    ]


def test_an_applied_search_block_is_an_edit_of_the_request_before() -> None:
    (edit,) = read(ASK, SEARCH, TOKENS, APPLIED).edits.values()
    assert (edit.path, edit.kind, edit.status) == (f"{DEMO}/hello.py", EditKind.STRINGS, CallStatus.OK)
    assert (edit.added, edit.removed) == ('> print("new")\n#### not a prompt', 'print("old")')
    assert edit.request_key is not None
    assert edit.request_key.endswith(":r1")


def test_a_search_block_that_was_not_applied_failed() -> None:
    merged = read(ASK, SEARCH, TOKENS, "> The LLM did not conform to the edit format.  \n", ASK)
    assert [edit.status for edit in merged.edits.values()] == [CallStatus.FAILED]
    assert [result.status for result in merged.results.values()] == [CallStatus.FAILED]


def test_a_file_named_inside_the_fence_is_found() -> None:
    fenced = "```python\nsub/hello.py\n<<<<<<< SEARCH\n=======\nnew\n>>>>>>> REPLACE\n```\n"
    (edit,) = read(ASK, fenced, TOKENS, "> Applied edit to sub/hello.py  \n").edits.values()
    assert (edit.path, edit.added) == (f"{DEMO}/sub/hello.py", "new")


def test_a_whole_file_counts_once_it_is_applied() -> None:
    whole = "hello.py\n````python\nprint(1)\n```\nprint(2)\n````\n\nexample.py\n```\nno edit\n```\n"
    (edit,) = read(ASK, whole, TOKENS, APPLIED, ASK).edits.values()
    assert (edit.kind, edit.added) == (EditKind.WRITE, "print(1)\n```\nprint(2)")


def test_a_unified_diff_without_numbers_gives_its_lines() -> None:
    diff = "```diff\n--- a/hello.py\n+++ b/hello.py\n@@ ... @@\n-old\n+new\n same\n```\n"
    (edit,) = read(ASK, diff, TOKENS, APPLIED).edits.values()
    assert (edit.added, edit.removed) == ("new", "old")


def test_a_patch_gives_its_lines() -> None:
    patch = "```\n*** Begin Patch\n*** Update File: hello.py\n@@\n-old\n+new\n*** End Patch\n```\n"
    (edit,) = read(ASK, patch, TOKENS, APPLIED).edits.values()
    assert (edit.added, edit.removed) == ("new", "old")


def test_failures_and_undos_are_told() -> None:
    said = "> litellm.RateLimitError: slow down  \n> Retrying in 0.2 seconds...  \n> ^C again to exit  \n"
    merged = read(ASK, said, "#### /undo  \n\n")
    kinds = [error.kind for error in merged.errors.values()]
    assert kinds == [ErrorKind.API_ERROR, ErrorKind.RETRY, ErrorKind.ABORTED, ErrorKind.ROLLED_BACK]


def test_each_start_is_a_session_two_in_one_second_too() -> None:
    merged = read(ASK, TOKENS, START, ASK, TOKENS)
    assert sorted(merged.sessions) == ["demo@2026-06-17T10:00:00", "demo@2026-06-17T10:00:00#2"]
    assert len(merged.requests) == 2
    (first, _) = sorted(merged.sessions.values(), key=lambda session: session.session_id)
    assert (first.cwd, first.version) == (DEMO, "0.86.2")


def test_the_start_is_in_the_zone_of_the_computer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        (session,) = read().sessions.values()
    finally:
        monkeypatch.setenv("TZ", "UTC")
        time.tzset()
    assert session.first_ms == 1_781_658_000_000


def test_a_commit_named_in_the_chat_is_a_clue_to_the_repository() -> None:
    (session,) = read(ASK, TOKENS, APPLIED).sessions.values()
    assert session.git_commit == "66aae53"


def test_histories_are_found_in_repositories_and_where_the_variable_points(tmp_path: Path) -> None:
    for folder in ("work/demo", "work/deep/er/repo", ".hidden/repo", "work/demo/node_modules/x"):
        (tmp_path / folder / ".git").mkdir(parents=True)
        (tmp_path / folder / ".aider.chat.history.md").write_text(START)
    (tmp_path / "elsewhere.md").write_text(START)
    home = LogsHome(tmp_path, {"AIDER_CHAT_HISTORY_FILE": str(tmp_path / "elsewhere.md")})
    found = {str(file.path.relative_to(tmp_path)) for file in Aider().files(home)}
    assert found == {
        "elsewhere.md",
        "work/demo/.aider.chat.history.md",
        "work/deep/er/repo/.aider.chat.history.md",
    }
    assert not list(Aider().files(LogsHome(tmp_path / "nothing", {})))


def test_a_copied_repository_counts_its_history_once_and_what_was_said_since_apart(tmp_path: Path) -> None:
    said = "\n# aider chat started at 2026-06-17 10:00:00\n\n> Main model: openai/gpt-4o with diff edit format  \n"
    said += "#### please write it  \n\nhere it is\n\n> Tokens: 1.0k sent, 50 received.  \n"
    told = said + "".join(f"> Added part_{number}.py to the chat.  \n" for number in range(10))
    for name, more in (("demo", ""), ("demo-copy", said.replace("10:00:00", "11:00:00")), ("other", "")):
        place = tmp_path / name
        (place / ".git").mkdir(parents=True)
        own = told.replace("please", name) if name == "other" else told
        (place / ".aider.chat.history.md").write_text(own + more)
    files = list(Aider().files(LogsHome(tmp_path, {})))
    assert [file.name_hint for file in files] == ["demo", "demo", "other"]
    merged = merge(
        [part for file in files for part in read_parts(Aider(), file.path.read_bytes(), file=file)]
    )
    assert len(merged.requests) == len(merged.prompts) == len(merged.sessions) == 3
