"""The events of Copilot's sessions; what tools were given and answered stays undecoded."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from tokencoach.sources.decoding import TolerantDecoder

NOTHING: Final = msgspec.Raw(b"null")


class Asked(msgspec.Struct, frozen=True):
    """A call that an answer asks for."""

    name: Any = None
    call: Any = msgspec.field(default=None, name="toolCallId")
    arguments: msgspec.Raw = NOTHING


class Data(msgspec.Struct, frozen=True):
    """What an event tells, of whatever kind it is."""

    agent: Any = msgspec.field(default=None, name="agentId")
    parent_call: Any = msgspec.field(default=msgspec.UNSET, name="parentToolCallId")
    content: msgspec.Raw = NOTHING
    source: Any = None
    usage: msgspec.Raw = NOTHING
    model: Any = None
    api_call: Any = msgspec.field(default=None, name="apiCallId")
    message_id: Any = msgspec.field(default=None, name="messageId")
    output: Any = msgspec.field(default=None, name="outputTokens")
    asked: list[Asked] | None = msgspec.field(default=None, name="toolRequests")
    tool: Any = msgspec.field(default=None, name="toolName")
    call: Any = msgspec.field(default=None, name="toolCallId")
    arguments: msgspec.Raw = NOTHING
    success: Any = None
    result: msgspec.Raw = NOTHING
    error: msgspec.Raw = NOTHING
    is_continued: Any = msgspec.field(default=None, name="isAutopilotContinuation")
    metered: Any = msgspec.field(default=None, name="toolUsage")
    ran: msgspec.Raw = msgspec.field(default=NOTHING, name="shellExecution")
    edits: msgspec.Raw = msgspec.field(default=NOTHING, name="fileEdits")


class Event(msgspec.Struct, frozen=True):
    """One event of a session."""

    type: Any = None
    id: Any = None
    timestamp: Any = None
    agent: Any = msgspec.field(default=None, name="agentId")
    data: Data | None = None


class Result(msgspec.Struct, frozen=True):
    """What a tool answered, to the model and in detail."""

    content: msgspec.Raw = NOTHING
    detail: msgspec.Raw = msgspec.field(default=NOTHING, name="detailedContent")


NO_DATA: Final = Data()
NO_RESULT: Final = Result()
EVENTS: Final[TolerantDecoder[Event]] = TolerantDecoder(Event)
RESULTS: Final[TolerantDecoder[Result | None]] = TolerantDecoder(Result | None)
