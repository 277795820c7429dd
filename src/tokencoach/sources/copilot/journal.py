"""A chat of Copilot in VS Code: its journal replayed, its requests into facts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tokencoach.sources.copilot.events import TOOLS
from tokencoach.sources.decoding import UnreadableLineError, digest64, is_blank
from tokencoach.sources.diffs import LineChange, split_lines
from tokencoach.sources.fields import (
    ANYTHING,
    count,
    decoded,
    first_text,
    items,
    model_name,
    moment_ms,
    objects_of,
    record,
    records,
    text,
)
from tokencoach.sources.file_tools import CallAt, FileChange, proposed, tell_call, tell_change, tell_result
from tokencoach.sources.logged_paths import resolve
from tokencoach.usage.facts import PromptSeen, RequestSeen, UncountedSeen
from tokencoach.usage.words import CallStatus, EditKind, ErrorKind

if TYPE_CHECKING:
    from tokencoach.sources.gathering import Gathering

_DENIED: Final = (0, 5)


def replayed(content: bytes, into: Gathering) -> dict[str, Any]:
    """The chat as its journal leaves it; an older chat is one object.

    Raises:
        UnreadableLineError: the content is neither.
    """
    try:
        whole = ANYTHING.decode(content, into.odd)
        if isinstance(whole, dict) and "kind" not in whole:
            return whole
    except UnreadableLineError:
        if b"\n" not in content.strip():
            raise
    root: Any = {}
    offset = 0
    for line in content.split(b"\n"):
        if not is_blank(line):
            try:
                for step in objects_of(line, into.odd):
                    root = _stepped(root, step, into)
            except UnreadableLineError as error:
                into.unread(offset, len(line), error)
        offset += len(line) + 1
    return record(root)


def _stepped(root: Any, step: dict[str, Any], into: Gathering) -> Any:
    kind, path, value = step.get("kind"), items(step.get("k")), step.get("v")
    if kind == 0:
        return value
    if kind not in (1, 2, 3) or not path:
        into.unseen(f"step/{kind}")
        return root
    spot = root
    for key in path[:-1]:
        spot = _inner(spot, key)
    key = path[-1]
    if kind == 2:
        known = _inner(spot, key)
        start = step.get("i")
        kept = items(known)[: start if isinstance(start, int) and start >= 0 else None]
        value = [*kept, *items(value)]
    if isinstance(spot, dict):
        if kind == 3:
            spot.pop(key, None)
        else:
            spot[key] = value
    elif isinstance(spot, list) and isinstance(key, int) and 0 <= key < len(spot):
        spot[key] = value
    return root


def _inner(spot: Any, key: Any) -> Any:
    if isinstance(spot, dict) and isinstance(key, str):
        return spot.get(key)
    if isinstance(spot, list) and isinstance(key, int) and 0 <= key < len(spot):
        return spot[key]
    return None


class ChatReading:
    """Reads the requests of one chat; ``has_tokens`` is false where traces hold them."""

    def __init__(self, into: Gathering, cwd: str | None, *, has_tokens: bool) -> None:
        self._into = into
        self._cwd = cwd
        self._has_tokens = has_tokens
        self._selected: str | None = None
        self._title: str | None = None

    def session(self, root: dict[str, Any], name: str, length: int) -> None:
        """Every request of the chat."""
        selected = record(record(root.get("inputState")).get("selectedModel"))
        self._selected = text(selected.get("identifier"))
        self._title = text(root.get("customTitle"))
        own = text(root.get("sessionId")) or name
        for request in records(root.get("requests")):
            self._request(request, own, length)

    def _request(self, told: dict[str, Any], chat: str, length: int) -> None:
        result = record(told.get("result"))
        metadata = record(result.get("metadata"))
        at_ms, own = moment_ms(told.get("timestamp")), text(told.get("requestId"))
        if at_ms is None or own is None:
            return
        # Traces know the chat by the extension's own name for it.
        session = text(metadata.get("sessionId")) or chat
        at = CallAt(own, session, at_ms, own, cwd=self._cwd)
        self._into.session(session, at_ms, cwd=self._cwd, title=self._title)
        typed = text(record(told.get("message")).get("text"))
        if typed:
            self._into.prompt(PromptSeen(prompt_key(session, typed), session, at_ms, typed, 0, length))
        self._usage(told, metadata, at)
        self._failure(told, result, at)
        if not self._calls(told, metadata, at):
            self._groups(told, at)

    def _usage(self, told: dict[str, Any], metadata: dict[str, Any], at: CallAt) -> None:
        # Versions differ in where they tell them; some places tell but one of the two.
        places = (metadata, record(record(told.get("result")).get("usage")), told)
        sent = next((tokens for place in places if (tokens := count(place.get("promptTokens")))), 0)
        output = count(metadata.get("outputTokens")) or next(
            (tokens for place in places if (tokens := count(place.get("completionTokens")))), 0
        )
        if self._has_tokens and (sent or output):
            # Of a prompt that took several calls the last call alone is told.
            is_more = len(records(metadata.get("toolCallRounds"))) > 1
            counts = (sent, 0, 0, 0, output, 0)
            model = self._model(told, metadata)
            self._into.request(
                RequestSeen(at.key, at.session_id, at.at_ms, model, *counts, is_undercounted=is_more)
            )
        elif self._has_tokens:
            said = (
                text(piece.get("value")) or ""
                for piece in records(told.get("response"))
                if piece.get("kind") in (None, "markdownContent", "thinking")
            )
            self._into.uncounted(UncountedSeen(at.key, at.session_id, at.at_ms, sum(map(len, said))))

    def _model(self, told: dict[str, Any], metadata: dict[str, Any]) -> str:
        names = [text(told.get("modelId")), text(metadata.get("resolvedModel")), self._selected]
        found = next((name for name in names if name and not name.endswith("/auto")), None)
        if found is None:
            # Chosen by the service; the answer's details name it in words.
            details = first_text(record(told.get("result")), "details") or "unknown"
            return details.split(" \u2022 ")[0].strip().lower().replace(" ", "-")
        return model_name(found)

    def _failure(self, told: dict[str, Any], result: dict[str, Any], at: CallAt) -> None:
        details = record(result.get("errorDetails"))
        if told.get("isCanceled") is True:
            self._into.error(at.key, at.session_id, at.at_ms, ErrorKind.ABORTED, ("cancelled", ""))
        elif details:
            said = (details.get("code") or "error", details.get("message"))
            self._into.error(at.key, at.session_id, at.at_ms, ErrorKind.API_ERROR, said)

    def _calls(self, told: dict[str, Any], metadata: dict[str, Any], at: CallAt) -> bool:
        """Tool calls of every round; gives whether one of them changed a file."""
        answers = record(metadata.get("toolCallResults"))
        denied = _denied(told)
        has_edit = False
        for turn in records(metadata.get("toolCallRounds")):
            for call in records(turn.get("toolCalls")):
                name, own = text(call.get("name")), text(call.get("id"))
                if name is None or own is None:
                    continue
                arguments = record(decoded(call.get("arguments"), self._into.odd))
                at_call = at.but(key=call_key(own))
                tell_call(self._into, at_call, name, arguments, TOOLS)
                has_edit = has_edit or (name in TOOLS.edits and bool(proposed(arguments, self._cwd)))
                if own in answers or own in denied:
                    status = CallStatus.REJECTED if own in denied else CallStatus.OK
                    tell_result(self._into, at_call, status, answers.get(own))
        return has_edit

    def _groups(self, told: dict[str, Any], at: CallAt) -> None:
        """Edits that stand in the answer itself: what is new, but not what it replaced."""
        for number, group in enumerate(records(told.get("response"))):
            uri = record(group.get("uri"))
            path = first_text(uri, "fsPath", "path")
            if group.get("kind") != "textEditGroup" or path is None:
                continue
            texts = [
                piece
                for edits in items(group.get("edits"))
                for edit in records(edits)
                if (piece := text(edit.get("text")))
            ]
            if not texts:
                continue
            added = "\n".join("\n".join(split_lines(piece)) for piece in texts)
            at_call = at.but(key=f"{at.key}:{number}")
            tell_call(self._into, at_call, "textEditGroup", {"path": path, "text": added}, TOOLS)
            tell_result(self._into, at_call, CallStatus.OK)
            kind = EditKind.WRITE if _is_whole(group) else EditKind.STRINGS
            change = FileChange(resolve(path, self._cwd), kind, LineChange(added, ""))
            tell_change(self._into, at_call, [change])


def _is_whole(group: dict[str, Any]) -> bool:
    """Whether one text replaces a file from its first line on."""
    pieces = [edit for edits in items(group.get("edits")) for edit in records(edits)]
    place = record(pieces[0].get("range")) if len(pieces) == 1 else {}
    return place.get("startLineNumber") == 1 and place.get("startColumn") == 1


def _denied(told: dict[str, Any]) -> set[str]:
    """Calls that the person refused or skipped."""
    found = set()
    for item in records(told.get("response")):
        confirmed = item.get("isConfirmed")
        is_denied = confirmed is False or record(confirmed).get("type") in _DENIED
        own = text(item.get("toolCallId"))
        if item.get("kind") == "toolInvocationSerialized" and is_denied and own:
            found.add(own)
    return found


def call_key(own: str) -> str:
    """A call's own id, without what the editor puts behind it."""
    return own.split("__vscode-", maxsplit=1)[0]


def prompt_key(session: str, typed: str) -> str:
    """The key of a prompt, which chats and traces tell without a common id."""
    return f"{session}:{digest64(typed.strip().encode('utf-8', 'surrogatepass'))}"
