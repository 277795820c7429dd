"""What ``tokencoach check`` is about, with the logs read first so that the newest lines are known."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

from tokencoach.cli.output import narrate
from tokencoach.cli.update import bring_up_to_date
from tokencoach.comprehension.looking import Which, look
from tokencoach.errors import NothingToReadError, TokencoachError
from tokencoach.store.reader import open_reader

if TYPE_CHECKING:
    from tokencoach.cli.context import Context
    from tokencoach.comprehension.prepare import Options
    from tokencoach.comprehension.subject import Subject


def subject_of(context: Context, which: Which, options: Options) -> Subject:
    """The questions about a change of the repository here.

    Raises:
        UsageError: no repository here, or no such range.
        GitError: no such commit, or git failed.
    """
    try:
        bring_up_to_date(context, with_verdicts=False)
    except TokencoachError as error:
        narrate(f"tokencoach: the newest logs were not read: {error}")
    with contextlib.ExitStack() as stack:
        try:
            connection = stack.enter_context(open_reader(context.database)).connection
        except NothingToReadError:
            connection = None
        return look(Path.cwd(), which, connection, options, home=context.folder)
