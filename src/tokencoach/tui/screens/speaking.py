"""What pages with verdicts share: the person's word, marks of phase, and the prompt behind a line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from textual import work

from tokencoach.tui.safe_text import clean
from tokencoach.tui.screens.page import Page

if TYPE_CHECKING:
    from tokencoach.audit.report import Said
    from tokencoach.tui.backend import Pointed
    from tokencoach.tui.screens.mark import Marked
    from tokencoach.tui.screens.overrule import Spoken
    from tokencoach.usage.words import Bucket

Value = TypeVar("Value")


class SpeakingPage(Page[Value], Generic[Value]):
    """A page on which the person may say what they know better."""

    def ask_word(self, about: Pointed, title: str, machine: Bucket, said: Said | None) -> None:
        """Open the window for a word on something."""
        from tokencoach.tui.screens.overrule import OverruleWindow  # noqa: PLC0415 - built when first used

        def answer(spoken: Spoken | None) -> None:
            if spoken is not None:
                self.speak(about, spoken)

        stood = said.machine if said is not None and said.machine is not None else machine
        self.app.push_screen(OverruleWindow(title, stood, said, self.coach.glyphs), answer)

    @work(group="word")
    async def speak(self, about: Pointed, spoken: Spoken) -> None:
        """Write a word, show what it changes, then judge everything else that it touches."""
        backend = self.coach.backend
        try:
            if spoken.bucket is None:
                await self.aside(backend.take_back, about)
                self.notify("Taken back: the machine's verdict stands again.", markup=False)
            else:
                await self.aside(backend.overrule, about, spoken.bucket, spoken.because)
                word = self.coach.glyphs.looks[spoken.bucket].word
                self.notify(f"Your word: {word}. v and u take it back.", markup=False)
        except Exception as error:  # noqa: BLE001 - a locked database must not end the app
            self.refuse(error)
            return
        await self._settle()

    def edit_file(self, file: str, line: int, text: str | None = None) -> None:
        """Give the terminal to the person's editor, at a line of a file that holds a text, until they leave it."""
        import os  # noqa: PLC0415 - when first asked for
        from pathlib import Path  # noqa: PLC0415

        from textual.app import SuspendNotSupported  # noqa: PLC0415

        from tokencoach.errors import UsageError  # noqa: PLC0415
        from tokencoach.watch import editor  # noqa: PLC0415

        try:
            command = editor.editor_command(os.environ, Path(file), line, text)
            with self.app.suspend():
                editor.edit(command)
        except (UsageError, OSError, SuspendNotSupported) as error:
            why = clean(" ".join(str(error).split()), 300)
            self.notify(f"Not opened: {why}", severity="warning", markup=False)

    def copy_text(self, text: str) -> None:
        """Put a text on the clipboard, and say so."""
        self.app.copy_to_clipboard(clean(text, 1000))
        self.notify(f"Copied {clean(text, 60)}", markup=False)

    def refuse(self, error: Exception) -> None:
        """Say that nothing was written, and why."""
        why = clean(" ".join(str(error).split()), 300)
        self.notify(f"Not written: {why}", severity="error", markup=False)

    async def _settle(self) -> None:
        self.reload()
        try:
            await self.aside(self.coach.backend.settle_word)
        except Exception as error:  # noqa: BLE001 - the word is kept; whoever judges next takes it up
            self.log(str(error))

    @work(group="word")
    async def ask_phase(self, session: int, title: str | None) -> None:
        """Open the window that marks a session, by what it was about, its branch or its folder."""
        from tokencoach.tui.screens.mark import MarkWindow  # noqa: PLC0415

        try:
            markables = await self.aside(self.coach.backend.markables, session)
        except Exception as error:  # noqa: BLE001
            self.refuse(error)
            return

        def answer(marked: Marked | None) -> None:
            if marked is not None:
                self.mark_phase(marked)

        self.app.push_screen(MarkWindow(markables, title, self.coach.glyphs), answer)

    @work(group="word")
    async def mark_phase(self, marked: Marked) -> None:
        """Write a mark, show what it changes, then judge everything else that it touches."""
        phase = None if marked.phase is None else str(marked.phase)
        try:
            await self.aside(self.coach.backend.mark, marked.kind, marked.name, phase)
        except Exception as error:  # noqa: BLE001
            self.refuse(error)
            return
        what = f"{marked.kind} {clean(marked.name, 60)}"
        self.notify(f"Marked {what}: {phase}." if phase else f"No longer marked: {what}.", markup=False)
        await self._settle()

    @work(group="prompt", exclusive=True)
    async def show_prompt(self, turn_id: int, title: str) -> None:
        """Read the prompt of a turn from its log and show it."""
        from tokencoach.tui.screens.prompt import PromptWindow  # noqa: PLC0415

        try:
            prompt = await self.aside(self.coach.backend.prompt, turn_id)
        except Exception as error:  # noqa: BLE001
            self.notify(clean(str(error), 300), severity="error", markup=False)
            return
        self.app.push_screen(PromptWindow(title, prompt))
