"""Changes made out of text, as the tests of questions need them."""

from __future__ import annotations

import re
from textwrap import dedent
from typing import TYPE_CHECKING

from tokencoach.comprehension.change import ChangedFile
from tokencoach.comprehension.prepare import Options, PreparedCheck, prepare

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tokencoach.comprehension.question import Prepared


class Files:
    """A repository of texts by path."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = {path: dedent(text) for path, text in texts.items()}

    def text(self, path: str) -> bytes | None:
        """Content of a file."""
        return self._texts[path].encode() if path in self._texts else None

    def paths(self) -> frozenset[str]:
        """Paths of all files."""
        return frozenset(self._texts)

    def mentions(self, word: str) -> Sequence[str]:
        """Paths of the files that hold a word."""
        return sorted(path for path, text in self._texts.items() if word in text)

    def lines_like(self, pattern: str, ending: str) -> Sequence[tuple[str, str]]:
        """Lines that a pattern fits."""
        return sorted(
            (path, line)
            for path, text in self._texts.items()
            for line in text.splitlines()
            if path.endswith(ending) and re.search(pattern, line)
        )

    def read_ahead(self, paths: Sequence[str]) -> None:
        """Nothing: every text is here."""


def noted(text: str) -> str:
    """The text with a remark behind short lines of code, which else would say too little to be asked about."""
    lines = dedent(text).splitlines()
    return "\n".join(f"{line}  # as is" if 0 < len(line.strip()) < 12 else line for line in lines) + "\n"


def changed(text: str, old: str | None = None, path: str = "app/work.py", blob: str = "b1") -> ChangedFile:
    """A file all of whose lines that the old text lacks are an assistant's."""
    new, old = noted(text), noted(old) if old is not None else None
    had = set(old.splitlines()) if old is not None else set()
    added = frozenset(number for number, line in enumerate(new.splitlines(), 1) if line not in had)
    return ChangedFile(
        path,
        blob,
        new.encode(),
        added,
        old=old.encode() if old is not None else None,
        old_blob="a1" if old is not None else None,
        ai=added,
    )


def asked(text: str, old: str | None = None, files: Files | None = None) -> PreparedCheck:
    """What is asked about a file."""
    return prepare([changed(text, old)], repository=files, options=Options(ask="ai"))


def of_kind(kind: str, text: str, old: str | None = None, files: Files | None = None) -> list[Prepared]:
    """All questions of a kind about a file."""
    check = asked(text, old, files)
    return [one for one in (*check.questions, *check.others) if one.question.kind == kind]
