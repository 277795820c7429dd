"""Work beside the loop in threads that never keep the program from ending."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

P = ParamSpec("P")
T = TypeVar("T")


async def in_background(
    release: Callable[[], None], function: Callable[P, T], /, *arguments: P.args, **options: P.kwargs
) -> T:
    """What a function returns or raises, run in a thread of its own; ``release`` ends the thread's work.

    The loop's own pool of threads would be waited for when the app ends: a long audit would hold
    up the person who quits.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[T] = loop.create_future()

    def give(value: T | None, error: BaseException | None) -> None:
        if answer.done():
            return
        if error is not None:
            answer.set_exception(error)
        else:
            answer.set_result(value)  # type: ignore[arg-type]

    def work() -> None:
        value: T | None = None
        error: BaseException | None = None
        try:
            value = function(*arguments, **options)
        except BaseException as raised:  # noqa: BLE001 - it is raised again where the answer is awaited
            error = raised
        finally:
            release()
        # The loop is closed where the app has ended meanwhile.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(give, value, error)

    threading.Thread(target=work, name=f"fetch-{function.__name__}", daemon=True).start()
    return await answer
