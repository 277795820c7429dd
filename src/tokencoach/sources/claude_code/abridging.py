"""Long tool results without the texts that nothing is read of, so that decoding them costs little.

A quote inside a JSON string is escaped, so a key with its quotes and colon is a real key wherever
it stands. A record is abridged only where its layout proves what was left out; every other
record is decoded whole.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from typing import Literal

#: Decoding a shorter record whole costs less than looking for what to leave out.
LONG: Final = 12 << 10

_HEAD: Final = 700
_TAIL: Final = 1500
_KEY: Final = b'"tool_use_id":"'
_ANSWER: Final = b'","type":"tool_result","content":'
_LONGEST_KEY: Final = 100
_NOT_WRONG: Final = b',"is_error":false}'
_AFTER_MESSAGE: Final = (b'"uuid":"', b'"toolUseResult":{')
_DETAIL: Final = b'"toolUseResult":{'
_MESSAGE_END: Final = b']},"'
_NEXT_BLOCK: Final = b'},{"'
_LONGEST_REMARK: Final = 1024
_NEAR: Final = 1000
_NEARER: Final = 150
_BACKSLASH: Final = 0x5C
_NUMBERED: Final = re.compile(rb'" *[0-9]{1,6}(?:\xe2\x86\x92|\\u2192|\\t)')
_LINES: Final = re.compile(rb'","numLines":([0-9]{1,7}),')
_HUNKS: Final = b':[{"'
_IMAGE: Final = b'"originalFile":"'
_PATCH: Final = b',"structuredPatch"'
#: How the detail of a tool begins, the key of its long text, and what follows that text near its end.
_LONG_TEXTS: Final = (
    (b'"type":"text","file":{', b'"content":"', b'","numLines":'),
    (b'"stdout":"', b'"stdout":"', b'","stderr":"'),
    (b'"type":"image","file":{"base64":"', b'"base64":"', b'","type":"image/'),
)


class Abridged(NamedTuple):
    """A record's JSON without its long texts, and where those lie in the chunk: starts and ends.

    ``answer`` is what the tool answered, ``image`` the file as it was before an edit, each with
    its quotes or brackets; both are (0, 0) where the record itself still holds them.
    """

    line: bytes
    answer: tuple[int, int]
    image: tuple[int, int]


def abridged(chunk: bytes, start: int, end: int) -> Abridged | None:
    """A long tool result abridged, or ``None`` where it has to be decoded whole."""
    key = chunk.find(_KEY, start, start + _HEAD)
    if key < 0:
        return None
    key += len(_KEY)
    opened = chunk.find(_ANSWER, key, key + _LONGEST_KEY)
    if opened < 0:
        return None
    opened += len(_ANSWER)
    detail = _detail(chunk, opened, end)
    if detail < 0:
        return None
    after = chunk.rfind(_MESSAGE_END, max(opened, detail - _HEAD), detail + 1) + 3
    if after < 3 or not chunk.startswith(_AFTER_MESSAGE, after):
        return None
    closed = _answer_end(chunk, opened, after - 3)
    if not closed:
        return None
    cut, resumed, is_image = _long_text(chunk, detail + len(_DETAIL), end)
    brackets: Literal[b'""', b"[]"] = b'""' if chunk.startswith(b'"', opened) else b"[]"
    line = b"".join((chunk[start:opened], brackets, chunk[closed:cut], chunk[resumed:end]))
    return Abridged(line, (opened, closed), (cut - 1, resumed + 1) if is_image else (0, 0))


def _detail(chunk: bytes, opened: int, end: int) -> int:
    """Where the detail's key stands, -1 where there is none.

    The detail says again what the answer said, so it mostly begins in the middle; a numbered file
    is longer in the answer, by as much as its numbers take.
    """
    near = min(end, opened + _NEAR)
    quote = chunk.find(b'"', opened + 1, near)
    # One quote is looked for twenty times as fast as a key; a long text goes on behind its first, escaped one.
    if quote >= 0 and chunk[quote - 1] != _BACKSLASH:
        found = chunk.find(_DETAIL, quote, near)
        if found >= 0:
            return found
    middle = (opened + end) // 2
    numbered = _NUMBERED.match(chunk, opened)
    if numbered is not None:
        counted = _LINES.search(chunk, max(opened, end - _HEAD), end)
        if counted is not None:
            middle += int(counted[1]) * (numbered.end() - opened) // 2
    for reach in (_NEARER, _NEAR):
        found = chunk.find(_DETAIL, max(opened, middle - reach), min(end, middle + reach))
        if found >= 0:
            return found
    # No quote within a text looks like the end of a message; a short needle is looked for faster.
    after = chunk.find(_MESSAGE_END, opened, end)
    return -1 if after < 0 else chunk.find(_DETAIL, after, after + _HEAD)


def _answer_end(chunk: bytes, opened: int, after: int) -> int:
    """Where the answer ends, given where its list of blocks does; 0 where that is not certain."""
    if chunk.startswith(b"}", after - 1):
        closed = after - 1
        if chunk.startswith(_NOT_WRONG, after - len(_NOT_WRONG)):
            closed = after - len(_NOT_WRONG)
        if closed - opened > 2:
            ending = chunk[closed - 2 : closed]
            first = chunk[opened : opened + 1]
            # A quote after a backslash may be a part of the text.
            if first == b'"' and ending[1:] == b'"' and ending[:1] != b"\\":
                # What the person typed meanwhile stands in a block behind the answer's.
                since = max(opened, closed - _LONGEST_REMARK)
                # One byte is looked for ten times as fast as four, and many texts have none of it.
                beside = chunk.find(b"}", since, closed)
                return closed if beside < 0 or chunk.find(_NEXT_BLOCK, beside, closed) < 0 else 0
            if first == b"[" and ending == b"}]":
                return closed
    return 0


def _long_text(chunk: bytes, detail: int, end: int) -> tuple[int, int, bool]:
    """Where the detail's long text begins and ends without its quotes, and whether it is a file's image."""
    for beginning, key, ending in _LONG_TEXTS:
        if chunk.startswith(beginning, detail):
            cut = chunk.find(key, detail, detail + _TAIL) + len(key)
            resumed = chunk.rfind(ending, max(cut, end - _TAIL), end)
            return (cut, resumed, False) if cut >= detail + len(key) and resumed > 0 else (end, end, False)
    cut = chunk.find(_IMAGE, detail, end)
    if cut >= 0:
        cut += len(_IMAGE)
        # The patch is about as long as the texts before the image, which is a whole file.
        for since in (max(cut, end - _TAIL - 2 * (cut - detail)), cut):
            resumed = chunk.find(_HUNKS, since, end) - len(_PATCH) - 1
            if resumed > cut and chunk.startswith(b'"' + _PATCH, resumed):
                return cut, resumed, True
    return end, end, False
