"""What a check is about: a change of a repository, the questions about it, the code to show beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tokencoach.comprehension.languages.parsing import text_of
from tokencoach.comprehension.sitting import Exhibit, Item
from tokencoach.git.notes import note_texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from tokencoach.comprehension.change import ChangedFunction
    from tokencoach.comprehension.prepare import PreparedCheck
    from tokencoach.comprehension.question import Prepared

_MOST_LINES = 50_000


class Subject(NamedTuple):
    """A change that can be asked about. ``place`` is the common git directory, ``name`` the folder's.

    ``tree`` is what was staged, ``sha`` the commit; empty where there is none.
    """

    place: Path
    git_dir: Path
    name: str
    tree: str
    sha: str
    prepared: PreparedCheck


def exhibit_of(function: ChangedFunction, content: bytes | None, origin: str = "") -> Exhibit:
    """The code of a function as it stands in its blob; without its text an empty page."""
    text = text_of(content) if content is not None else None
    lines = tuple((text or "").split("\n")[:_MOST_LINES])
    return Exhibit(
        function.path,
        function.qualname,
        lines,
        function.first,
        function.last,
        function.changed,
        function.ai,
        origin,
    )


def items_of(git_dir: Path, prepared: PreparedCheck, origins: Mapping[str, str] | None = None) -> list[Item]:
    """The questions with their code, in their order; one whose code is gone from git is left out.

    ``origins`` says of paths which session wrote them last.

    Raises:
        GitError: git failed.
    """
    asked = prepared.questions
    functions = {(one.path, one.qualname): one for one in prepared.functions}
    wanted = {
        functions[key].blob
        for one in asked
        if (key := (one.question.path, one.question.qualname)) in functions
    }
    texts = dict(note_texts(git_dir, sorted(wanted)))
    return list(_items(asked, functions, texts, origins or {}))


def _items(
    asked: Iterable[Prepared],
    functions: dict[tuple[str, str], ChangedFunction],
    texts: dict[str, bytes | None],
    origins: Mapping[str, str],
) -> Iterable[Item]:
    shown: dict[tuple[str, str], Exhibit] = {}
    for one in asked:
        key = (one.question.path, one.question.qualname)
        function = functions.get(key)
        if function is None or texts.get(function.blob) is None:
            continue
        if key not in shown:
            shown[key] = exhibit_of(function, texts[function.blob], origins.get(function.path, ""))
        yield Item(one, shown[key])
