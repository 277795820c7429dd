"""What a message is understood to say, case by case."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokencoach.attribution.commit_words import commit_words, reviewers
from tokencoach.attribution.path_kinds import PathKind, is_comment, path_kind
from tokencoach.usage.words import WorkKind

FEATURE, USEFUL, FIX = WorkKind.FEATURE, WorkKind.USEFUL, WorkKind.FIX


@pytest.mark.parametrize(
    ("message", "kind", "scope", "title"),
    [
        ("feat(api)!: add paging", FEATURE, "api", "add paging"),
        ("FEAT: shout", FEATURE, "", "shout"),
        ("fix: a crash", FIX, "", "a crash"),
        ("perf(core): faster", USEFUL, "core", "faster"),
        (
            'Revert "feat: add paging"\n\nThis reverts commit 0123456789abcdef.',
            FIX,
            "",
            'Revert "feat: add paging"',
        ),
        ("Fixes the crash on start", FIX, "", "Fixes the crash on start"),
        ("Add fixtures for the parser", None, "", "Add fixtures for the parser"),
        ("Debug output goes away", None, "", "Debug output goes away"),
        ("Use a fixed-width font", None, "", "Use a fixed-width font"),
        ("Fix typo", USEFUL, "", "Fix typo"),
        ("note: no type of ours", None, "", "note: no type of ours"),
        ("", None, "", ""),
    ],
)
def test_kind_scope_and_title(message: str, kind: WorkKind | None, scope: str, title: str) -> None:
    words = commit_words(message)
    assert (words.kind, words.scope, words.title) == (kind, scope, title)


@pytest.mark.parametrize(
    ("message", "is_bug_fix"),
    [
        ("fix(api): wrong total", True),
        ("hotfix: wrong total", True),
        ("A regression in the parser", True),
        ("Bugs everywhere", True),
        ("feat: report crashes", False),
        ("docs: fix the link", False),
        ("fix typo in README", False),
        ("Fix lint", False),
        ("Fixed some flaky tests", False),
        ("fix(ci): cache", False),
        ("fix: merge conflict", False),
        ("Fix CI", False),
        ("Totals of nothing (#12)\n\nCloses #9\n\n/kind bug\n", True),
        ("Totals of nothing\n\nCloses #9\nLabels: area: totals, bug", True),
        ("Totals of nothing\n\nChangelog: fixed", True),
        ("Totals of nothing\n\n- [ ] New feature\n- [x] Bug fix (non-breaking)", True),
        ("Totals of nothing\n\n- [x] New feature\n- [ ] Bug fix", False),
        ("feat: totals\n\nCloses #9\n\n/kind bug", False),
        ("Totals of nothing\n\nCloses #9", False),
        ("Totals of nothing\n\nLabels: debugging", False),
        ("Add a page", False),
    ],
)
def test_which_commits_mend_a_bug(message: str, is_bug_fix: bool) -> None:  # noqa: FBT001 - a case of the table
    assert commit_words(message).is_bug_fix is is_bug_fix


@pytest.mark.parametrize(
    ("message", "number", "title", "kind"),
    [
        ("Merge pull request #12 from robin/feat/paging\n\nPaging for all", 12, "Paging for all", FEATURE),
        ("Merge pull request #12 from robin/fix-it", 12, "fix-it", FIX),
        ("Merged in feature/paging (pull request #3)", 3, "feature/paging", FEATURE),
        (
            "Merge branch 'chore/deps' into 'main'\n\nNew versions\n\nSee merge request a/b!44",
            44,
            "New versions",
            USEFUL,
        ),
        ("Merge branch 'hotfix/total'", None, "hotfix/total", FIX),
        ("Merge branch 'bug/9-total'", None, "bug/9-total", FIX),
    ],
)
def test_what_a_merge_brings(message: str, number: int | None, title: str, kind: WorkKind) -> None:
    words = commit_words(message, is_merge=True)
    assert (words.number, words.title, words.kind, words.is_merge) == (number, title, kind, True)


@pytest.mark.parametrize("branch", ["main", "origin/master", "develop"])
def test_pulling_the_default_branch_is_no_piece_of_work(branch: str) -> None:
    assert not commit_words(f"Merge branch '{branch}'", is_merge=True).is_merge


@pytest.mark.parametrize(
    ("message", "issues"),
    [
        ("Paging, see #4", ("#4",)),
        ("API-12: paging", ("API-12",)),
        ("Use UTF-8 and SHA-256", ()),
        ("Paging\n\nCloses #8, not #9", ("#8",)),
        ("Paging (#5)", ()),
    ],
)
def test_which_issues_a_message_names(message: str, issues: tuple[str, ...]) -> None:
    assert commit_words(message).issues == issues


def test_reviewers_are_read_from_trailers_only() -> None:
    message = (
        "Paging\n\nReviewed-by the team\nReviewed-by: Sam Example <sam@example.invalid>\nApproved-By: Kim"
    )
    assert reviewers(message) == [("Sam Example", "sam@example.invalid"), ("Kim", "")]


@given(st.text(max_size=300), st.booleans())
def test_no_message_is_too_odd(message: str, is_merge: bool) -> None:  # noqa: FBT001 - drawn
    words = commit_words(message, is_merge=is_merge)
    assert len(words.title) <= 200
    assert words.is_merge <= is_merge


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("src/app.py", PathKind.CODE),
        ("tests/test_app.py", PathKind.TEST),
        ("src/app.spec.ts", PathKind.TEST),
        ("pkg/app_test.go", PathKind.TEST),
        ("docs/app.py", PathKind.DOCS),
        ("README.md", PathKind.DOCS),
        (".github/workflows/ci.yml", PathKind.CONFIG),
        ("Makefile", PathKind.CONFIG),
        ("src/latest/protest.py", PathKind.CODE),
    ],
)
def test_what_a_file_is_for(path: str, kind: PathKind) -> None:
    assert path_kind(path) is kind


@pytest.mark.parametrize(
    ("line", "path", "is_one"),
    [
        (b"    # words", "a.py", True),
        (b"#include <stdio.h>", "a.c", False),
        (b"#[derive(Debug)]", "a.rs", False),
        (b"// words", "a.go", True),
        (b" * words", "a.ts", True),
        (b"*pointer = 3;", "a.c", False),
        (b"-- words", "a.sql", True),
        (b"--count;", "a.c", False),
        (b"total = 1  # words", "a.py", False),
    ],
)
def test_which_lines_are_comments(line: bytes, path: str, is_one: bool) -> None:  # noqa: FBT001 - a case of the table
    assert is_comment(line, path) is is_one
