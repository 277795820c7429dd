"""Questions made before anybody asks for them: a staged tree's, kept whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from tokencoach import __version__
from tokencoach.clock import DAY_MS
from tokencoach.comprehension.prepare import PreparedCheck
from tokencoach.store.check_inbox_rows import prepared
from tokencoach.store.check_writer import forget_prepared, put_prepared

if TYPE_CHECKING:
    from tokencoach.store.connect import Connection

KEPT_MS: Final = 14 * DAY_MS
_ENCODER: Final = msgspec.msgpack.Encoder()
_DECODER: Final = msgspec.msgpack.Decoder(PreparedCheck)
_OF_A_TREE: Final = ""


def stored_check(connection: Connection, place: str, tree: str) -> PreparedCheck | None:
    """What was made ahead for a staged tree; None where nothing was, or another version made it."""
    body = prepared(connection, place, _OF_A_TREE, tree, __version__)
    if body is None:
        return None
    try:
        return _DECODER.decode(body)
    except msgspec.MsgspecError:
        return None


def store_check(connection: Connection, place: str, tree: str, check: PreparedCheck, made_ms: int) -> None:
    """Keep the questions of a staged tree; what is two weeks old is dropped."""
    put_prepared(connection, place, _OF_A_TREE, tree, __version__, made_ms, _ENCODER.encode(check))
    forget_prepared(connection, made_ms - KEPT_MS)
