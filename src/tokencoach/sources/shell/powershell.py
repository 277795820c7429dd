"""Files that a script of PowerShell writes, with their text where it stands in the script."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_VERBS: Final = re.compile(
    r"\b(?:Set-Content|Add-Content|Out-File|WriteAllText|AppendAllText)\b", re.IGNORECASE
)
_DOCUMENT: Final = re.compile(r"@(['\"])[ \t]*\r?\n(?:(.*?)\r?\n)?\1@", re.DOTALL)
_HEREDOC: Final = re.compile(r"<<-?[ \t]*['\"\\]?[A-Za-z_]")
_EXPANDS: Final = re.compile(r"\$[\w({]|`")
_ASSIGNED: Final = re.compile(r"\$(\w+)\s*=\s*(.+)")
_METHOD: Final = re.compile(
    r"\[(?:System\.)?IO\.File\]::(\w+)\(\s*([^,]+?)\s*,\s*([^,)]+?)\s*[,)]", re.IGNORECASE
)
_PART: Final = re.compile(r"\"[^\"]*\"|'[^']*'|[^\s]+")
_ENDS: Final = re.compile(r"[;\n]")
_VALUED: Final = frozenset({"-encoding", "-width", "-filter", "-stream"})
_MOST_DOCUMENTS: Final = 24


class Written(NamedTuple):
    """A file, the text that it is given where the script shows it, and whether that comes after its last line."""

    path: str
    text: str | None
    appends: bool


def is_powershell(script: str) -> bool:
    """Whether a script writes files in the manner of PowerShell."""
    if _VERBS.search(script) is None:
        return False
    bare = _DOCUMENT.sub("", script)
    # Another shell's here-document may be such a script.
    return _VERBS.search(bare) is not None and _HEREDOC.search(bare) is None


def powershell_writes(script: str) -> Iterator[Written]:
    """The files that a script writes; one whose name only the shell knows is left out."""
    known: dict[str, str] = {}

    def put_aside(found: re.Match[str]) -> str:
        lines = (found[2] or "").replace("\r\n", "\n").split("\n")
        kept = lines if found[1] == "'" else [line for line in lines if _EXPANDS.search(line) is None]
        name = f"__{len(known)}"
        known[name] = "\n".join(kept)
        return f"${name}"

    for statement in _ENDS.split(_DOCUMENT.sub(put_aside, script, count=_MOST_DOCUMENTS)):
        found = _written(statement.strip(), known)
        if found is not None and found.path:
            yield found._replace(path=found.path.replace("\\", "/"))


def _written(statement: str, known: dict[str, str]) -> Written | None:
    assigned = _ASSIGNED.fullmatch(statement)
    if assigned is not None:
        value = _value(assigned[2], known)
        known.pop(assigned[1].lower(), None)
        if value is not None:
            known[assigned[1].lower()] = value
        return None
    method = _METHOD.search(statement)
    if method is not None and _VERBS.search(method[1]):
        path = _value(method[2], known)
        is_more = method[1].lower().startswith("append")
        return None if path is None else Written(path, _value(method[3], known), is_more)
    before, bar, last = statement.rpartition("|")
    words = _PART.findall(last)
    if not words or words[0].lower() not in ("set-content", "add-content", "out-file"):
        return None
    return _by_command(words, _value(before.strip(), known) if bar else None, known)


def _by_command(words: list[str], text: str | None, known: dict[str, str]) -> Written | None:
    """What a command with its options writes; ``text`` is what it is given."""
    path: str | None = None
    appends = words[0].lower() == "add-content"
    option = ""
    for word in words[1:]:
        if word.startswith("-") and not option:
            option = word.lower()
            appends = appends or option == "-append"
            option = option if option in _VALUED or option.endswith("path") or option == "-value" else ""
        elif word.startswith("("):
            return None if path is None else Written(path, None, appends)
        elif option == "-value" or (not option and path is not None):
            text, option = _value(word, known), ""
        elif option in _VALUED:
            option = ""
        else:
            path, option = _value(word, known) or "", ""
    return None if path is None else Written(path, text, appends)


def _value(word: str, known: dict[str, str]) -> str | None:
    """What a word stands for; None where only the shell knows."""
    word = word.strip()
    if word.startswith("$"):
        return known.get(word[1:].lower())
    if len(word) > 1 and word[0] == word[-1] and word[0] in "\"'":
        inner = word[1:-1]
        return None if word[0] == '"' and _EXPANDS.search(inner) else inner
    return None if _EXPANDS.search(word) or word.startswith(("(", "@")) else word
