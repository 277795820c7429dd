"""``check --from-hook``: git waits. Whatever happens here, only the person's own word stops the commit."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from tokencoach import paths

if TYPE_CHECKING:
    from tokencoach.cli.context import Context
    from tokencoach.comprehension.looking import Which
    from tokencoach.comprehension.subject import Subject

_BUDGET_S = 1.0
_MOST_LOGGED = 64 << 10


def ask_from_hook(context: Context, which: Which) -> int:
    """1 where the person pressed "stop, I want to fix this"; 0 in every other case, errors among them."""
    try:
        return _ask(context, which)
    except Exception:  # noqa: BLE001 - a commit is worth more than a question
        _log(context)
        return 0


def _ask(context: Context, which: Which) -> int:
    subject = _subject(context, which)
    if not subject.prepared.questions:
        return 0
    from tokencoach.cli.check_flow import hold_check  # noqa: PLC0415 - only where someone is asked

    return hold_check(context, subject, mode="pre-push" if which.range else "pre-commit")


def _subject(context: Context, which: Which) -> Subject:
    from tokencoach.comprehension.looking import look_ahead  # noqa: PLC0415 - reads git
    from tokencoach.comprehension.prepare import Options  # noqa: PLC0415 - the same
    from tokencoach.store.reader import open_reader  # noqa: PLC0415 - the same

    with open_reader(context.database) as reader:
        return look_ahead(Path.cwd(), which, reader.connection, Options(budget_s=_BUDGET_S))


def _log(context: Context) -> None:
    """Keep what went wrong for the doctor; where that fails too, nothing is said."""
    place = paths.hook_log(context.folder)
    try:
        before = place.read_bytes()[-_MOST_LOGGED:] if place.exists() else b""
        place.write_bytes(before + traceback.format_exc().encode("utf-8", "backslashreplace"))
    except OSError:
        return
