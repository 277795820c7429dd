"""Holds a check on the person's terminal, from a hook or from the command line."""

from __future__ import annotations

import gc
import os
from typing import TYPE_CHECKING

from tokencoach.comprehension.asking import Held
from tokencoach.comprehension.sitting import Ending, summary
from tokencoach.tui.check.terminal import at_terminal, is_capable

if TYPE_CHECKING:
    from tokencoach.comprehension.asking import Asking

_DEAF_S = 0.25
_GAP = "\0"


def hold(asking: Asking) -> Held:
    """Ask on the controlling terminal; whatever happens there, this returns."""
    if not is_capable(os.environ):
        return Held(was_asked=False)
    asker, sitting = os.getpid(), asking.sitting

    def screen() -> str:
        # Until the question stands there, looking for circles in what is only being made costs a tenth.
        gc.disable()
        from tokencoach.tui.check.app import CheckApp  # noqa: PLC0415 - textual is slow to import
        from tokencoach.tui.theme import choose_glyphs  # noqa: PLC0415 - the same

        app = CheckApp(
            sitting,
            choose_glyphs(os.environ, "utf-8" if _speaks_utf8() else None),
            can_abort=asking.can_abort,
            place=asking.place,
            because=asking.because,
            deaf_s=_DEAF_S,
            is_wanted=lambda: os.getppid() == asker or os.getpid() == asker,
        )
        app.run()
        if app.failure is not None:
            asking.diary.finish()
            said = f"{type(app.failure).__name__}: {app.failure}"
            return _GAP.join(("", "", f"the question screen failed ({said})"))
        if sitting.ending is None:
            sitting.leave()
        is_kept = asking.diary.finish()
        why = asking.diary.problem or "the database did not answer in time"
        problem = "" if is_kept else f"the answers were not kept: {why}"
        return _GAP.join((sitting.ending or Ending.SKIPPED, summary(sitting), problem))

    held = at_terminal(screen)
    if held.word is None:
        return Held(was_asked=held.had_terminal)
    ending, words, problem = held.word.split(_GAP, 2)
    return Held(was_asked=True, ending=Ending(ending) if ending else None, words=words, problem=problem)


def _speaks_utf8() -> bool:
    """Whether the locale of the terminal does; Python's own streams may be a pipe's."""
    named = os.environ.get("LC_ALL") or os.environ.get("LC_CTYPE") or os.environ.get("LANG") or ""
    return "utf-8" in named.lower() or "utf8" in named.lower()
