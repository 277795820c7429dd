"""One turn: the whole prompt, why the verdict, and the edits it made."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.content import Content
from textual.widgets import Static

from tokencoach.tui import figures
from tokencoach.tui.backend import Pointed
from tokencoach.tui.keys import bindings
from tokencoach.tui.safe_text import clean, lines_of
from tokencoach.tui.screens.audit_columns import written
from tokencoach.tui.screens.call_columns import call_columns, made_by
from tokencoach.tui.screens.session_columns import bucket_of_edit, edit_columns, place_name
from tokencoach.tui.screens.speaking import SpeakingPage
from tokencoach.tui.verdicts import shares_by_bucket, shares_sentence, tone_of, verdict_word, word_sentence
from tokencoach.tui.widgets.empty_state import EmptyState
from tokencoach.tui.widgets.ledger_list import LedgerList

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.widget import Widget

    from tokencoach.audit.report import EditDetail, SessionDetail, TurnDetail
    from tokencoach.store.trace_rows import CallStep
    from tokencoach.tui.why.explanation import Explanation
    from tokencoach.watch.asked import AskedOf

_PROMPT_LINES = 6
_NO_PROMPT, _BEFORE_ANY = "(the prompt is not kept)", "(before any prompt)"


class TurnPage(SpeakingPage["SessionDetail"]):
    """A prompt and all it caused."""

    SCOPE = "turn"
    CSS_PATH = "turn.tcss"
    BINDINGS: ClassVar = bindings("turn")

    def __init__(self, crumbs: tuple[str, ...], detail: SessionDetail, turn_id: int, mode: str) -> None:
        super().__init__(crumbs, detail, mode)
        self.turn_id = turn_id
        self.calls: tuple[CallStep, ...] = ()
        self.asked: dict[int, AskedOf] = {}
        self.made: dict[int, EditDetail] = {}
        self.row_id = detail.row.row_id
        self.folder = detail.row.repo or detail.row.folder

    @property
    def turn(self) -> TurnDetail | None:
        """The turn, in the newest reading of its session."""
        turns = self.value.turns if self.value else ()
        return next((turn for turn in turns if turn.turn_id == self.turn_id), None)

    def compose_page(self) -> Iterable[Widget]:
        """The prompt, the verdict, the edits."""
        glyphs = self.coach.glyphs
        edits: LedgerList[EditDetail] = LedgerList(
            edit_columns(glyphs, self.folder), lambda edit: edit.edit_id, glyphs=glyphs, id="edits"
        )
        calls: LedgerList[CallStep] = LedgerList((), lambda call: call.key, glyphs=glyphs, id="calls")
        yield Static("", id="about")
        yield edits
        yield calls

    def on_mount(self) -> None:
        """The edits have the focus, where there are some."""
        super().on_mount()
        self.query_one("#edits" if self.turn is not None and self.turn.edits else "#calls").focus()

    def fetch(self) -> SessionDetail:
        """The session again."""
        return self.coach.backend.session_detail(self.row_id)

    def show_value(self, value: SessionDetail) -> None:
        """Put the turn on the screen."""
        calls = self.query_one("#calls", LedgerList)
        self.value = value
        turn, empty = self.turn, self.query_one(EmptyState)
        edits = self.query_one("#edits", LedgerList)
        edits.display = bool(turn and turn.edits)
        if turn is None:
            empty.explain("This turn is no longer in the database.", "Go back to the session.", "esc")
            return
        self.query_one("#about", Static).update(self._about(turn))
        empty.hide()
        edits.set_rows(turn.edits)
        # The screen is shared: the edits have what they need, at most half of it, the calls the rest.
        edits.styles.height = min(len(turn.edits) + 1, max(self.size.height // 2 - 4, 4))
        folders = (self.folder, value.row.folder)
        self.made = made_by(self.calls, turn.edits)
        calls.set_columns(
            call_columns(self.coach.backend.tz, folders, self.made, self.asked, len(self.calls))
        )
        calls.set_rows(self.calls)
        calls.set_class(not self.calls, "-none")

    async def load(self) -> None:
        """The turn, then what was done in it, then the words of that out of the log."""
        await super().load()
        backend = self.coach.backend
        calls = await self.aside(backend.turn_calls, self.row_id, self.turn_id)
        if calls == self.calls or self.value is None:
            return
        self.calls = calls
        self.show_value(self.value)
        self.asked = await self.aside(backend.asked_of, self.row_id, self.turn_id, calls)
        if self.asked:
            self.show_value(self.value)

    def _about(self, turn: TurnDetail) -> Content:
        glyphs, unit = self.coach.glyphs, self.coach.unit
        prompt = lines_of(turn.prompt or "", _PROMPT_LINES) or [_NO_PROMPT if turn.turn else _BEFORE_ANY]
        why = word_sentence(turn.said, glyphs) or turn.reason
        word, sure = verdict_word(turn.verdict, glyphs), f"sure {figures.percent(turn.confidence)}"
        spend = f"{written(turn.tokens, turn.cost_nano, unit)} in {figures.many(turn.requests, 'request')}"
        lost = [
            f"{kind.kind} {written(kind.tokens, kind.cost_nano, unit)}" for kind in turn.waste if kind.tokens
        ]
        shares = shares_sentence(turn.buckets, glyphs, unit, self.size.width - len(spend) - 8)
        nothing = "" if turn.edits else "; no file changed"
        return Content("\n").join(
            [
                Content.styled(f"{word}, {sure}: {clean(why)}", f"bold $tone-{tone_of(turn.verdict)}"),
                Content.styled(
                    f"{shares}   {spend}{'; ' if lost else ''}{', '.join(lost)}{nothing}", "$tone-muted"
                ),
                Content(""),
                *(Content(line) for line in prompt),
            ]
        )

    def on_resize(self) -> None:
        """The lists share another height."""
        if self.is_attached and self.value is not None:
            self.show_value(self.value)

    @on(LedgerList.Opened, "#calls")
    def open_call(self, event: LedgerList.Opened) -> None:
        """The edit that a call made; of another all that it was asked to do."""
        call: CallStep | None = event.ledger.row
        edits = self.query_one("#edits", LedgerList)
        edit = None if call is None else self.made.get(call.key)
        if edit is not None and self.turn is not None:
            edits.cursor = self.turn.edits.index(edit)
            edits.action_open()
        elif call is not None and call.key in self.asked:
            from tokencoach.audit.report import LoggedPrompt  # noqa: PLC0415 - built when first shown
            from tokencoach.tui.screens.prompt import PromptWindow  # noqa: PLC0415

            asked = self.asked[call.key]
            title = f"{clean(call.tool, 40)}: what it was asked to do"
            self.app.push_screen(PromptWindow(title, LoggedPrompt(asked.text, asked.where)))
        else:
            self.notify("What this call was asked stands in the assistant's own log only.", markup=False)

    @on(LedgerList.Opened, "#edits")
    def open_edit(self, event: LedgerList.Opened) -> None:
        """The lines of an edit."""
        edit: EditDetail | None = event.ledger.row
        if edit is not None and self.value is not None:
            from tokencoach.tui.screens.lines import LinesPage  # noqa: PLC0415 - built when first shown

            crumbs = (*self.crumbs, place_name(edit.path))
            self.app.push_screen(LinesPage(crumbs, self.value, self.turn_id, edit.edit_id, mode=self.mode))

    def action_overrule(self) -> None:
        """Say what became of this turn."""
        turn = self.turn
        if turn is not None:
            about = Pointed(self.row_id, turn.turn_id)
            self.ask_word(about, f"turn {turn.turn}", turn.verdict, turn.said)

    def action_edit(self) -> None:
        """Open the file of the edit under the cursor in the person's editor."""
        edit: EditDetail | None = self.query_one("#edits", LedgerList).row
        if edit is not None:
            self.edit_file(edit.path, 1)

    def action_overrule_edit(self) -> None:
        """Say what became of the edit under the cursor."""
        edit: EditDetail | None = self.query_one("#edits", LedgerList).row
        if edit is not None:
            about = Pointed(self.row_id, None, edit.edit_id)
            self.ask_word(about, place_name(edit.path), bucket_of_edit(edit), edit.said)

    def action_prompt(self) -> None:
        """The whole prompt, from its log."""
        if self.turn is not None:
            self.show_prompt(self.turn_id, f"Prompt of turn {self.turn.turn}")

    def explained(self, figure: str) -> Explanation | None:
        """What stands behind a figure of the turn or of an edit."""
        from tokencoach.tui.why.sessions import call_explained, edit_explained, turn_explained  # noqa: PLC0415

        made = self.query_one("#calls", LedgerList).row_of(figure)
        if made is not None:
            return call_explained(made[1], made[0])
        found = self.query_one("#edits", LedgerList).row_of(figure)
        if found is not None:
            return edit_explained(found[1], found[0])
        return None if self.turn is None else turn_explained(figure, self.turn, self.coach.unit)

    def open_figure(self, figure: str) -> None:
        """The edit under the cursor."""
        del figure
        self.query_one("#edits", LedgerList).action_open()

    def figures(self) -> dict[str, str]:
        """The turn's spend, its edits' numbers and its calls'."""
        out = self.query_one("#edits", LedgerList).figures() | self.query_one("#calls", LedgerList).figures()
        if self.turn is not None:
            out["spend"] = written(self.turn.tokens, self.turn.cost_nano, self.coach.unit)
            out["requests"] = figures.count(self.turn.requests)
            out["sure"] = figures.percent(self.turn.confidence)
            out.update(shares_by_bucket(self.turn.buckets, self.coach.unit))
        return out
