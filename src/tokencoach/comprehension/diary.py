"""A diary that never makes the person wait: what is noted is written by a thread of its own."""

from __future__ import annotations

import queue
import threading
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tokencoach.comprehension.advice import Advice
    from tokencoach.comprehension.question import Prepared
    from tokencoach.comprehension.sitting import Answered, Diary, Ending, Reason

_LAST_WAIT_S = 3.0


class QuietDiary:
    """Passes everything on, in order. ``problem`` is the first thing that could not be written.

    The thread does not keep the program from ending: a database that is locked for good costs
    ``finish`` a few seconds, and no commit.
    """

    def __init__(self, diary: Diary) -> None:
        self._diary = diary
        self._waiting: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self.problem: Exception | None = None

    def begin(self) -> None:
        """The first question is seen."""
        self._put(self._diary.begin)

    def note(self, answered: Answered) -> None:
        """Keep what became of a question."""
        self._put(partial(self._diary.note, answered))

    def advise(self, prepared: Prepared, advice: Advice) -> None:
        """Keep which model read an explanation."""
        self._put(partial(self._diary.advise, prepared, advice))

    def close(self, ending: Ending, reason: Reason | None) -> None:
        """The check is over."""
        self._put(partial(self._diary.close, ending, reason))

    def finish(self, limit_s: float = _LAST_WAIT_S) -> bool:
        """Wait until all is written; False where it took too long or failed."""
        if self._thread is not None:
            self._waiting.put(None)
            self._thread.join(limit_s)
            if self._thread.is_alive():
                return False
        return self.problem is None

    def _put(self, task: Callable[[], None]) -> None:
        # Begun with the first answer: a thread does not outlive a fork.
        if self._thread is None:
            self._thread = threading.Thread(target=self._write, name="diary", daemon=True)
            self._thread.start()
        self._waiting.put(task)

    def _write(self) -> None:
        while (task := self._waiting.get()) is not None:
            try:
                task()
            except Exception as error:  # noqa: BLE001 - said at the end; the person's commit goes on
                self.problem = self.problem or error
