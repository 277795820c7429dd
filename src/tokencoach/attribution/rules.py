"""The rules of matching by name, so that each can be switched off and its worth be seen."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Rule(StrEnum):
    """One rule. Without it the other rules stay as they are."""

    ONCE = "a line lands once, however often its text is committed"
    REMOVED = "lines that an edit took away land when they go"
    BRANCH_DATES = "a merge holds what was written since the first author date of its branch"
    COMMIT_DATE = "an amended commit holds what was written up to its committer date"
    NEXT_LINE = "of equal lines the next of the same edit, else of the one that fits furthest"
    BRACKETS = "a line without letters lands beside one with them"
    LATE = "edits of 8 to 30 days before the commit"
    VERY_LATE = "edits of 31 to 60 days before the commit, if half of them is in it"
    WRONG_CLOCK = "edits of up to 15 minutes after the commit, or after its wrong date, if all but a tenth of them is in it"
    BACKDATED = "a commit that is dated before edits may hold them all the same"
    TIES = "two sessions that wrote the same line share it"
    ATTEMPTS = "of sessions that wrote like lines, one whose lines all came goes before one whose did not"
    WITNESSED = "a note, a checkpoint or a trailer that names a session decides"
    REPLAYED = "a file that is as its edits left it, line for line, is certain"
    PEOPLES_MOVES = "lines that a person only moves are no assistant's"
    OVERWRITTEN = "a removal of what never landed is void, and what it removed lands last"
    REWRAPPED = "lines wrapped anew before the commit"
    REENCODED = "lines that stand in another encoding than UTF-8"
    IMPORTS = "imports that are sorted, joined or taken apart are the same imports"
    HUMAN_MODIFIED = "lines changed by a person before the commit"
    GROWN = "a line that holds all of another and more is that line"
    SHOWN = "lines that are only alike count of edits that show in the file elsewhere"
    GIT_RENAMES = "a file that git says was renamed keeps its edits and its lines"
    RENAMED = "a file renamed, split or joined before git ever saw it"
    MOVED_BY_COMMAND = "a file that the assistant moved with a command"
    MOVED = "blocks that land in another file than they were written in"
    TOUCHED = "what a command left behind in a file that it names"
    PROGRAMS = "what the replacements of a program make of lines, whatever else changed"
    SWEPT = "what a substitution made in files that its command does not name"
    KEPT_WRAPPED = "landed lines that are wrapped anew live on"
    KEPT_WITHIN = "landed lines that move within a file live on"
    KEPT_BETWEEN = "landed lines that move to another file live on"
    TAKEN_UP = "news that a release writes into a longer line of a document live on"
    KEPT_COPIED = "landed lines that a person copied live on in the copy alone"
    REVERT_NAMED = "a message names the commit that is reverted"
    REVERT_PATCH = "a change is the inverse of the landing"
    REVERT_BLOB = "a file is again as it was before the landing"
    RESTORED = "lines that a landing replaced stand in its place again"
    REVIVED = "a dead line whose text comes back lives again"


ALL_RULES: Final = frozenset(Rule)
