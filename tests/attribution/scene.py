"""A repository and the edits of assistants in it, and what became of their lines."""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

import msgspec

from git.builder import Builder, ms
from tokencoach.attribution.evidence.witnesses import Witnesses
from tokencoach.attribution.facts import AuthoredEdit, Death, Event, Landing, Revival
from tokencoach.attribution.lines import line_keys
from tokencoach.attribution.mainline import Mainline
from tokencoach.attribution.rules import ALL_RULES, Rule
from tokencoach.git.history import first_parent
from tokencoach.usage.words import EditKind

if TYPE_CHECKING:
    from pathlib import Path


@dataclass
class Fate:
    """What happened to lines, by edit and position."""

    events: list[Event]
    line: Mainline

    @property
    def landings(self) -> list[Landing]:
        """Landings of added lines."""
        return [event for event in self.events if isinstance(event, Landing) and not event.is_removal]

    @property
    def removals(self) -> list[Landing]:
        """Landings of removed lines."""
        return [event for event in self.events if isinstance(event, Landing) and event.is_removal]

    @property
    def deaths(self) -> list[Death]:
        """Deaths in order."""
        return [event for event in self.events if isinstance(event, Death)]

    @property
    def revivals(self) -> list[Revival]:
        """Revivals in order."""
        return [event for event in self.events if isinstance(event, Revival)]

    def landed(self, edit: AuthoredEdit) -> list[int]:
        """Positions of the edit's added lines that landed, in order."""
        return sorted(landing.position for landing in self.landings if landing.edit_id == edit.edit_id)

    def alive(self, edit: AuthoredEdit) -> list[int]:
        """Positions that landed and live at the end."""
        state: dict[int, bool] = {}
        for event in self.events:
            if (
                isinstance(event, Landing | Death | Revival)
                and event.edit_id == edit.edit_id
                and not event.is_removal
            ):
                state[event.position] = not isinstance(event, Death)
        return sorted(position for position, lives in state.items() if lives)


@dataclass
class Scene:
    """Edits and commits in one repository."""

    repo: Builder
    edits: list[AuthoredEdit] = field(default_factory=list)
    witnesses: Witnesses | None = None

    @classmethod
    def at(cls, folder: Path) -> Scene:
        """An empty repository under a folder."""
        return cls(Builder(folder / "repo"))

    def edit(
        self,
        at: int,
        path: str | bytes,
        before: str,
        after: str,
        *,
        session: int = 1,
        write: bool = True,
        text: bool = True,
    ) -> AuthoredEdit:
        """An assistant turns one content into another, in the work tree too unless told otherwise."""
        name = path.encode() if isinstance(path, str) else path
        if write:
            self.repo.write(name, after)
        old, new = before.split("\n"), after.split("\n")
        removed: list[str] = []
        added: list[str] = []
        for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
            if tag != "equal":
                removed += old[i1:i2]
                added += new[j1:j2]
        body = "\n".join(added).encode()
        edit = AuthoredEdit(
            edit_id=len(self.edits) + 1,
            session_id=session,
            at_ms=ms(at),
            path=name,
            added=line_keys(body + b"\n" if added else b""),
            removed=line_keys("\n".join(removed).encode() + b"\n" if removed else b""),
            text=body if text else None,
        )
        self.edits.append(edit)
        return edit

    def create(self, at: int, path: str | bytes, content: str, *, session: int = 1) -> AuthoredEdit:
        """An assistant writes a new file."""
        name = path.encode() if isinstance(path, str) else path
        self.repo.write(name, content)
        body = content.removesuffix("\n").encode()
        edit = AuthoredEdit(
            len(self.edits) + 1, session, ms(at), name, line_keys(body + b"\n"), line_keys(b""), body
        )
        self.edits.append(edit)
        return edit

    def touch(self, at: int, path: str, *, moved_from: str | None = None) -> AuthoredEdit:
        """A shell command changes or moves a file, and shows none of its lines."""
        edit = AuthoredEdit(
            len(self.edits) + 1,
            1,
            ms(at),
            path.encode(),
            line_keys(b""),
            line_keys(b""),
            kind=EditKind.SHELL_TOUCH,
            moved_from=moved_from.encode() if moved_from else None,
        )
        self.edits.append(edit)
        return edit

    def sweep(self, at: int, pattern: str, text: str) -> AuthoredEdit:
        """A shell command makes substitutions in every file that a pattern fits."""
        edit = self.touch(at, pattern)
        self.edits[-1] = msgspec.structs.replace(edit, kind=EditKind.SHELL_SWEEP, text=text.encode())
        return self.edits[-1]

    def program(self, at: int, path: str, text: str) -> AuthoredEdit:
        """A command runs a program that names a file."""
        edit = self.touch(at, path)
        self.edits[-1] = msgspec.structs.replace(edit, kind=EditKind.SHELL_PROGRAM, text=text.encode())
        return self.edits[-1]

    def fate(self, rules: frozenset[Rule] = ALL_RULES) -> Fate:
        """What the default branch says of every edit."""
        line = Mainline(self.edits, rules=rules)
        line.witnesses = self.witnesses
        events = []
        for commit in first_parent(self.repo.git_dir, "main", wanted=line.wanted):
            events += line.feed(commit)
        return Fate(events, line)


def code(name: str, count: int = 10) -> str:
    """So many significant lines that occur nowhere else."""
    return "".join(f"    {name}_value_{number} = compute_{name}({number})\n" for number in range(count))
