"""What of a prompt a person typed, and the same words whatever they spoke of."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

BYTES_PER_TOKEN: Final = 4
_MOST_WORDS: Final = 400
_MOST_LETTERS: Final = 6000
_FENCE: Final = re.compile(r"(```|~~~).*?(?:\1|\Z)", re.DOTALL)
_PLACEHOLDER: Final = re.compile(r"\[(?:Pasted text|Image|Truncated text)[^\]\n]{0,60}\]", re.IGNORECASE)
_PASTED_LINE: Final = re.compile(
    # Indented code, quotations, stack frames, log lines, diffs, shell prompts, table rules.
    r"^(?:\t| {4,}|>|\s*at \S+\(|\s*File \"|Traceback|\d{4}-\d\d-\d\d[T ]\d|\[?\d\d:\d\d:\d\d|"
    r"[+-]{3} |@@ |\$ |[|+][-=|+ ]+$)"
)
TERMINAL_LINE: Final = re.compile(
    # What a terminal shows around a command: prompts of shells and their themes, task runners, test runs.
    r"^(?:[\u276f\u279c\u27a4\u03bb] ?\S|[^\n]{0,80}[\ue0a0-\ue0d7]|\[[\w.-]+:[\w.:-]+\] |\[[\w.-]+\] (?:\$ |ERROR\b)|"
    r"=== (?:RUN|PAUSE|CONT|NAME)\b|--- (?:PASS|FAIL|SKIP)\b|(?:PASS|FAIL)\s*$|FAIL\s+\S|ok\s{2,}\S)"
)
_COMMAND: Final = re.compile(r"/[\w:-]+(?:\s|$)")
_HOOK: Final = re.compile(
    r"[^\n]{0,60}\bhooks? (?:feedback|blocked|stopped|error|failed)|operation stopped by hook"
)
_TAG: Final = re.compile(r"<[a-z][\w-]*[ >]")
_QUOTES: Final = ('"', "“", "`", "'")
_DIGITS: Final = tuple("0123456789")
_MASKS: Final[tuple[tuple[str, re.Pattern[str], tuple[str, ...]], ...]] = (
    ("<url>", re.compile(r"\b(?:https?|ssh|git|file)://\S+"), ("://",)),
    (
        "<text>",
        re.compile(r"\"[^\"\n]{1,300}\"|“[^”\n]{1,300}”|`[^`\n]{1,300}`|(?<!\w)'[^'\n]{1,300}'(?!\w)"),
        _QUOTES,
    ),
    (
        "<path>",
        # It starts where a word does, so that a long word without a slash is looked through once.
        re.compile(
            r"(?<![\w.@+~:\\/-])(?:[a-z]:(?=\\)|~)?(?:[\w.@+-]*+[/\\])+[\w.@+-]*(?::\d+)*|"
            r"(?<!\w)@[\w./-]+|(?<![\w-])[\w-]++\.[a-z]{1,5}(?::\d+)*\b"
        ),
        ("/", "\\", "@", "."),
    ),
    ("<hash>", re.compile(r"\b(?=[a-f]*\d)[0-9a-f]{7,64}\b"), _DIGITS),
    ("<number>", re.compile(r"(?<!\w)[#$]?\d[\d.,:%]*(?:[a-z]{1,2}\b)?"), _DIGITS),
)
_TOKEN: Final = re.compile(r"<(?:url|text|path|hash|number)>|[^\W_][\w'-]*")


class Typed(NamedTuple):
    """A prompt as it was logged: when, in which session (a row of the database) and project.

    ``is_first`` says that its session began with it.
    """

    text: str
    at_ms: int
    session: int
    project: str
    turn: int = 0
    is_first: bool = False


def typed_part(text: str) -> str:
    """The text without what was pasted: code blocks, quoted, indented and logged lines, terminals, placeholders."""
    plain = _FENCE.sub("\n", text) if "```" in text or "~~~" in text else text
    plain = _PLACEHOLDER.sub(" ", plain) if "[" in plain else plain
    own = (line for line in plain.splitlines() if not (_PASTED_LINE.match(line) or TERMINAL_LINE.match(line)))
    return "\n".join(own).strip()


def normalised(text: str) -> list[str]:
    """The words of a prompt in small letters, with masks for paths, numbers, hashes and quoted strings.

    Empty where nobody typed it as a sentence: a slash command, text in tags that a program or a hook
    wrote, a pasted body.
    """
    start = text[:200].lstrip().lower()
    if _COMMAND.match(start) or _TAG.match(start) or _HOOK.match(start):
        return []
    plain = typed_part(text).lower().replace("\u2019", "'")
    if len(plain) > _MOST_LETTERS:
        return []
    for mask, pattern, signs in _MASKS:
        # Most prompts hold none of them: a look for the sign costs a tenth of the pattern.
        if any(sign in plain for sign in signs):
            plain = pattern.sub(f" {mask} ", plain)
    words = _TOKEN.findall(plain)
    return words if len(words) <= _MOST_WORDS else []


def is_mask(word: str) -> bool:
    """Whether a word of ``normalised`` stands for something that was there."""
    return word.startswith("<")


def typed_tokens(text: str) -> int:
    """About how many tokens the typed part has, by its bytes."""
    return -(-len(typed_part(text).encode(errors="replace")) // BYTES_PER_TOKEN)
