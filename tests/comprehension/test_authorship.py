"""Which added lines count as an assistant's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from comprehension.code import changed
from git.builder import Builder
from tokencoach.attribution.lines import line_keys
from tokencoach.comprehension.authorship import Said, matched_lines, with_ai_lines
from tokencoach.comprehension.change import Author, ChangedFile, Skip
from tokencoach.comprehension.functions import changed_functions
from tokencoach.comprehension.gather import commit_change
from tokencoach.comprehension.generators.base import Source
from tokencoach.comprehension.prepare import Options, prepare

if TYPE_CHECKING:
    from pathlib import Path

TEXT = """def settle(account, amount):
    account.lock_for_writing()
    if amount.is_negative:
        raise ValueError(amount)
    account.release_the_lock()
    return account.balance
"""


def file(new: str, old: str | None = None) -> ChangedFile:
    """A changed file of which nobody knows who wrote it."""
    had = set(old.splitlines()) if old is not None else set()
    added = frozenset(number for number, line in enumerate(new.splitlines(), 1) if line not in had)
    return ChangedFile("a.py", "b", new.encode(), added, old=old.encode() if old is not None else None)


def test_lines_that_an_assistant_wrote_are_its_own_however_they_are_spaced() -> None:
    keys = line_keys(TEXT.replace("    ", "  ").encode())
    assert matched_lines(file(TEXT), [keys]) == frozenset(range(1, 7))


def test_short_lines_say_nothing() -> None:
    text = "    x = 1\n    y = 2\n    return\n"
    assert not matched_lines(file(text), [line_keys(text.encode())])


def test_a_line_that_the_old_file_held_needs_its_neighbour() -> None:
    old = "account.release_the_lock()\nsomething_else(1)\n"
    new = old + "first_new_line(account)\naccount.release_the_lock()\n"
    added = ChangedFile("a.py", "b", new.encode(), frozenset({3, 4}), old=old.encode())
    assert matched_lines(added, [line_keys(b"account.release_the_lock()")]) == frozenset()
    pair = line_keys(b"first_new_line(account)\naccount.release_the_lock()")
    assert matched_lines(added, [pair]) == frozenset({3, 4})
    turned = line_keys(b"account.release_the_lock()\nfirst_new_line(account)")
    assert matched_lines(added, [turned]) == frozenset({3})


@pytest.mark.parametrize(
    ("written", "author"), [(6, Author.AI), (2, Author.MIXED), (1, Author.HUMAN), (0, Author.HUMAN)]
)
def test_sixty_percent_is_the_assistants_and_twenty_is_mixed(written: int, author: Author) -> None:
    keys = line_keys("\n".join(TEXT.splitlines()[:written]).encode())
    (one,) = with_ai_lines([file(TEXT)], {"a.py": [keys]}, Said())
    (function,) = changed_functions(Source(one))
    assert function.author is author


def test_without_evidence_a_person_wrote_it_and_nothing_is_asked() -> None:
    check = prepare([file(TEXT)])
    assert not check.questions
    assert check.functions[0].skip is Skip.HUMAN
    assert check.nothing_because == "no line of an assistant"
    assert prepare([file(TEXT)], options=Options(ask="all")).functions[0].skip is None


def test_a_formatted_function_is_not_asked_about() -> None:
    old = "def settle(account, amount):\n    return account.book(amount, account.first, account.second)\n"
    new = (
        "def settle(account, amount):\n    # said anew\n    return account.book(\n        amount,\n"
        "        account.first,\n        account.second,\n    )\n"
    )
    (function,) = changed_functions(Source(changed(new, old)))
    assert function.skip is Skip.FORMATTING


def test_a_note_names_lines_and_is_finer_than_a_signature() -> None:
    said = Said(ranges={"a.py": (((2, 3),),)}, human={"a.py": (((3, 3),),)}, is_whole=True)
    (one,) = with_ai_lines([file(TEXT)], {}, said)
    assert one.ai == frozenset({2})


def test_a_commit_that_an_assistant_signed_is_its_work(tmp_path: Path) -> None:
    made = Builder(tmp_path / "repository")
    made.write("a.py", TEXT)
    made.git("add", "-A")
    made.git("commit", "-q", "-m", "work\n\nCo-Authored-By: Claude <noreply@anthropic.com>")
    assert commit_change(None, made.git_dir, made.git_dir, "HEAD").files[0].ai == frozenset(range(1, 7))
    made.write("b.py", TEXT)
    made.git("add", "-A")
    made.git("commit", "-q", "-m", "by hand")
    assert commit_change(None, made.git_dir, made.git_dir, "HEAD").files[0].ai == frozenset()


def test_a_note_of_git_ai_is_read(tmp_path: Path) -> None:
    made = Builder(tmp_path / "repository")
    made.write("a.py", TEXT)
    made.git("add", "-A")
    made.git("commit", "-q", "-m", "work")
    note = (
        'a.py\n  abcdef0123456789 2-4\n---\n{"schema_version": "authorship/3.0.0", "prompts": '
        '{"abcdef0123456789": {"agent_id": {"tool": "claude", "id": "s1"}}}}'
    )
    made.git("notes", "--ref=ai", "add", "-m", note, "HEAD")
    assert commit_change(None, made.git_dir, made.git_dir, "HEAD").files[0].ai == frozenset({2, 3, 4})
