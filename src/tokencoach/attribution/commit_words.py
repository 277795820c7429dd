"""What a commit's message says about the work in it: its kind, its scope, its pull request, its issues."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from tokencoach.usage.words import WorkKind

_KINDS: Final = {
    **dict.fromkeys(("feat", "feature", "features"), WorkKind.FEATURE),
    **dict.fromkeys(("fix", "fixes", "bug", "bugs", "bugfix", "hotfix", "revert"), WorkKind.FIX),
    **dict.fromkeys(
        "refactor perf test tests docs doc chore build ci style deps cleanup".split(),  # noqa: SIM905
        WorkKind.USEFUL,
    ),
}
_MERGE_REQUEST: Final = re.compile(r"Merge pull request #(\d+) from [^/\s]+/(\S+)")
_MERGED_IN: Final = re.compile(r"Merged in (\S+) \(pull request #(\d+)\)")
_MERGE_BRANCH: Final = re.compile(r"Merge (?:remote-tracking )?(?:branch|commit|tag) '([^']+)'")
_SEE_REQUEST: Final = re.compile(r"^See merge request \S*!(\d+)", re.MULTILINE)
_NUMBER: Final = re.compile(r"\s*\(#(\d+)\)\s*$")
_CONVENTIONAL: Final = re.compile(r"([A-Za-z]+)(?:\(([^()]*)\))?!?:\s*(\S.*)")
_BRANCH_KIND: Final = re.compile(rf"(?:^|/)({'|'.join(_KINDS)})[/_-]", re.IGNORECASE)
_MAIN_LINES: Final = re.compile(r"^(?:\w+/)?(?:main|master|trunk|develop|dev)$")
_REVERT: Final = re.compile(r'^(?:Reapply|Revert) "|^This reverts commit [0-9a-f]{7}', re.MULTILINE)
# A fixture is no fix, and a fixed width is none either.
_FIX: Final = re.compile(
    r"\b(?:fix(?!tur|ed[- ](?:width|size|length|point))|bug|regress|crash)", re.IGNORECASE
)
_NO_BUG: Final = re.compile(
    r"\bfix\w*\b(?:\((?:ci|tests?|lint|typos?|docs?)\)|:?\s+(?:(?:a|an|the|some|more|minor|small|flaky|failing|broken)\s+)*"
    r"(?:typo|lint|tests?\b|ci\b|merge|spelling|format))",
    re.IGNORECASE,
)
# What forges and pull requests' templates leave of an issue's label in the message that closes it.
_LABELLED: Final = re.compile(
    r"^\s*(?:/kind +bug\b|/label +.*~\"?(?:type::)?bug\b|changelog: +fixed\b|[-*] +\[x\] +(?:\S+ +)?bug ?fix\b"
    r"|(?:labels?|type|kind|issue[- ]type): +(?:[\w:/ -]+, *)*(?:type[:/ ]+|kind[:/ ]+)?bug(?: ?fix)?\b)",
    re.IGNORECASE | re.MULTILINE,
)
_REFERRED: Final = re.compile(
    r"\b(?:clos(?:e[sd]?|ing)|fix(?:e[sd]|ing)?|resolv(?:e[sd]?|ing)|refs?|part of|see):?\s+#(\d+)\b",
    re.IGNORECASE,
)
_IN_TITLE: Final = re.compile(r"(?<![\w(])#(\d+)\b")
_TICKET: Final = re.compile(r"\b(?!(?:UTF|SHA|ISO|RFC|CVE|MD|AES|HTTP|TLS|PEP|US)-)[A-Z][A-Z0-9]{1,9}-\d+\b")
_REVIEWER: Final = re.compile(
    r"^(?:Reviewed|Approved)-by:\s*([^<\n]*)(?:<([^>\n]*)>)?\s*$", re.MULTILINE | re.IGNORECASE
)
_NO_TITLE: Final = re.compile(r"^(?:[A-Z][\w-]*-by:|See merge request|Conflicts:|#|\* )", re.IGNORECASE)
_MOST_TITLE: Final = 200


class CommitWords(NamedTuple):
    """A message, understood. ``kind`` is None where it says nothing; ``number`` is a pull request's."""

    title: str
    kind: WorkKind | None = None
    scope: str = ""
    number: int | None = None
    issues: tuple[str, ...] = ()
    is_merge: bool = False
    is_bug_fix: bool = False


def commit_words(message: str, *, is_merge: bool = False) -> CommitWords:
    """Understand a commit's message; ``is_merge`` says that the commit has several parents."""
    subject, _, body = message.strip().partition("\n")
    number, branch, title = _request(subject, body, is_merge=is_merge)
    is_pull = branch is not None and bool(_MAIN_LINES.match(branch))
    found = _NUMBER.search(title) if "#" in title else None
    if found is not None:
        number = number if number is not None else int(found[1])
        title = title[: found.start()]
    kind, scope, plain = _kind_of(title, None if is_pull else branch)
    is_revert = bool(_REVERT.search(message)) and not is_merge
    if is_revert:
        kind = WorkKind.FIX
    says_fix = kind is None and _FIX.search(title) is not None
    is_bug_fix = is_revert or ((kind is WorkKind.FIX or says_fix) and not _NO_BUG.search(title))
    if kind is None and body and _LABELLED.search(body):
        kind, is_bug_fix = WorkKind.FIX, True
    if kind is None and says_fix:
        kind = WorkKind.FIX if is_bug_fix else WorkKind.USEFUL
    issues = tuple(_TICKET.findall(title)) if "-" in title else ()
    if "#" in message:
        issues += tuple(f"#{issue}" for issue in (*_IN_TITLE.findall(title), *_REFERRED.findall(body)))
    return CommitWords(
        plain[:_MOST_TITLE],
        kind,
        scope,
        number,
        tuple(dict.fromkeys(issues)),
        is_merge and not is_pull,
        is_bug_fix,
    )


def reviewers(message: str) -> list[tuple[str, str]]:
    """``(name, mail)`` of everybody whom a trailer names as reviewer."""
    found = _REVIEWER.findall(message) if "ed-by:" in message.lower() else ()
    return [(name.strip(), mail.strip()) for name, mail in found]


def _request(subject: str, body: str, *, is_merge: bool) -> tuple[int | None, str | None, str]:
    """Number, branch and title of what a subject says was merged; of any other commit its subject."""
    seen = _SEE_REQUEST.search(body) if body else None
    number = int(seen[1]) if seen is not None else None
    branch = None
    # Nearly no commit is a merge, and there may be a hundred thousand.
    if not subject.startswith("Merge"):
        return number, None, subject
    if (found := _MERGE_REQUEST.match(subject)) is not None:
        number, branch = int(found[1]), found[2]
    elif (found := _MERGED_IN.match(subject)) is not None:
        number, branch = int(found[2]), found[1]
    elif is_merge and (found := _MERGE_BRANCH.match(subject)) is not None:
        branch = found[1]
    if branch is None:
        return number, None, subject
    said = next((line.strip() for line in body.splitlines() if line.strip()), "")
    return number, branch, said if said and not _NO_TITLE.match(said) else branch


def _kind_of(title: str, branch: str | None) -> tuple[WorkKind | None, str, str]:
    """Kind, scope and bare title: the conventional type says it, else the branch's name."""
    found = _CONVENTIONAL.match(title)
    if found is not None and found[1].lower() in _KINDS:
        return _KINDS[found[1].lower()], (found[2] or "").strip().lower(), found[3]
    named = _BRANCH_KIND.search(branch) if branch is not None else None
    return (_KINDS[named[1].lower()] if named is not None else None), "", title
