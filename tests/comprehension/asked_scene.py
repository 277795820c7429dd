"""A repository with a staged change, its questions made ahead, and the real program behind the hook."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from comprehension.hook_scene import SOURCE_ROOT, HookScene
from tokencoach.comprehension.ahead import store_check
from tokencoach.comprehension.hook.install import Wish, install, plan
from tokencoach.comprehension.looking import Which, look
from tokencoach.comprehension.prepare import Options
from tokencoach.comprehension.question import Form
from tokencoach.git.hooks import hook_place
from tokencoach.store.checks.inbox_rows import inbox
from tokencoach.store.checks.stats_rows import history, questions_of
from tokencoach.store.reader import open_reader
from tokencoach.store.writer import Writer

if TYPE_CHECKING:
    from pathlib import Path

    from comprehension.terminals import Terminal
    from tokencoach.comprehension.prepare import PreparedCheck
    from tokencoach.store.checks.records import Answer, AskedQuestion, Check

FILE: Final = "ledger.py"
CODE: Final = '''"""Amounts of a ledger."""


def share(amount, total, cap=100):
    """Part of a total in percent."""
    if total < 0:
        raise ValueError(total)
    if total == 0:
        return 0
    part = 100 * amount / total
    if part > cap:
        return cap
    while part < -cap:
        part = part + cap
        if part == -1:
            raise OverflowError(part)
    return part
'''
UTC: Final = ZoneInfo("UTC")


class AskedScene(HookScene):
    """As its parent, but the hook starts the program itself."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.environment |= {"TEXTUAL_ANIMATIONS": "none", "LANG": "C.UTF-8"}
        self.database = self.home / "tokencoach.db"
        with self.inside():
            install(plan(Wish(self.home, hook_place(self.folder), "pre-commit")))
        self.know(FILE)
        self.change(FILE, CODE)
        self.prepared = self.prepare()

    @property
    def place(self) -> str:
        """The common git directory."""
        return str(self.folder / ".git")

    def prepare(self) -> PreparedCheck:
        """Make the questions about what is staged, as the watcher does ahead of the commit."""
        with self.inside(), Writer(self.database, UTC) as writer, writer.transaction() as connection:
            options = Options(ask="all", questions=2)
            subject = look(self.folder, Which(), connection, options)
            store_check(connection, self.place, subject.tree, subject.prepared, time.time_ns() // 1_000_000)
        assert subject.prepared.questions, subject.prepared.nothing_because
        return subject.prepared

    def commit(self, *arguments: str) -> Terminal:
        """``git commit`` at a terminal."""
        return self.terminal("git", "commit", *(arguments or ("-m", "share of a total")))

    def answer(self, terminal: Terminal, *, wrongly: bool = False) -> None:
        """Answer every question by its key, as it comes."""
        for number, one in enumerate(self.prepared.questions, 1):
            terminal.wait_for(f" {number}/{len(self.prepared.questions)} ".encode())
            terminal.read(0.6 if number == 1 else 0.1)
            asked, key = one.question, one.key
            if asked.form is Form.TEXT:
                terminal.heard(b"\x1bOQ")
            elif asked.form is Form.TYPED:
                terminal.heard(b"nothing" if wrongly else key.expected[0].encode())
                terminal.heard(b"\r")
            else:
                terminal.heard(str(asked.options.index(key.expected[0]) + 1).encode())
                terminal.heard(b"\r")
            terminal.heard(b"\r")

    def history(self) -> list[Check]:
        """Checks that were held."""
        with open_reader(self.database) as reader:
            return history(reader.connection)

    def answers(self, check: Check) -> list[tuple[AskedQuestion, Answer | None]]:
        """What was asked and answered in a check."""
        with open_reader(self.database) as reader:
            return questions_of(reader.connection, check.key)

    def waiting(self) -> list[tuple[Check, list[AskedQuestion]]]:
        """The inbox."""
        with open_reader(self.database) as reader:
            return inbox(reader.connection)


__all__ = ["CODE", "FILE", "SOURCE_ROOT", "AskedScene"]
