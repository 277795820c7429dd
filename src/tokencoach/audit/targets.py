"""What a word is about, from what a person points at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokencoach.errors import UsageError
from tokencoach.store.session_rows import turn_prompts
from tokencoach.store.word_rows import BEFORE_ANY_PROMPT, edit_keys, session_target, turn_keys

if TYPE_CHECKING:
    from tokencoach.audit.report import SessionDetail, TurnDetail
    from tokencoach.store.reader import Reader
    from tokencoach.store.word_rows import Target


def target_of(
    reader: Reader,
    session: int,
    turn_id: int | None = None,
    edit_id: int | None = None,
    lines: tuple[int, int] | None = None,
) -> Target:
    """A session, a turn of it (0 is before any prompt), an edit, or some of an edit's lines, by rows.

    Raises:
        UsageError: there is no such session, turn or edit.
    """
    connection = reader.connection
    target = session_target(connection, session)
    if edit_id is not None:
        key = edit_keys(connection, session).get(edit_id)
        if key is None:
            raise UsageError("that edit is no longer in the database")
        first, last = lines if lines is not None else (None, None)
        return target._replace(edit_key=key, first_line=first, last_line=last)
    if turn_id is None:
        return target
    if turn_id == 0:
        return target._replace(turn_key=BEFORE_ANY_PROMPT)
    key = turn_keys(connection, session).get(turn_id)
    if key is None:
        raise UsageError("that turn is no longer in the database")
    return target._replace(turn_key=key)


def turn_by_number(reader: Reader, session: int, number: int) -> int:
    """Row of a session's turn by its number; 0 is what came before any prompt.

    Raises:
        UsageError: there is no such turn.
    """
    prompts = turn_prompts(reader.connection, session)
    if number == 0:
        return 0
    if not 1 <= number <= len(prompts):
        raise UsageError(
            f"no turn {number}: the session has {len(prompts)}", "sessions show ID  numbers them"
        )
    return prompts[number - 1].turn


def edit_by_number(detail: SessionDetail, turn_id: int, number: int) -> int:
    """Row of a turn's edit by its place in ``sessions show``, counted from 1.

    Raises:
        UsageError: there is no such edit.
    """
    turn: TurnDetail | None = next((turn for turn in detail.turns if turn.turn_id == turn_id), None)
    edits = turn.edits if turn is not None else ()
    if not 1 <= number <= len(edits):
        raise UsageError(f"no edit {number}: the turn has {len(edits)}", "sessions show ID  lists them")
    return edits[number - 1].edit_id
