"""The records of Gemini CLI and Qwen Code; what tools were given and answered stays undecoded."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from tokencoach.sources.decoding import Count, TolerantDecoder

NOTHING: Final = msgspec.Raw(b"null")


class Tokens(msgspec.Struct, frozen=True, gc=False):
    """Tokens of an answer of Gemini CLI."""

    whole: Count | None = msgspec.field(default=None, name="input")
    output: Count | None = None
    cached: Count | None = None
    thoughts: Count | None = None
    tool: Count | None = None
    total: Count | None = None


class UsageMetadata(msgspec.Struct, frozen=True, gc=False):
    """Tokens of an answer of Qwen Code."""

    whole: Count | None = msgspec.field(default=None, name="promptTokenCount")
    output: Count | None = msgspec.field(default=None, name="candidatesTokenCount")
    cached: Count | None = msgspec.field(default=None, name="cachedContentTokenCount")
    thoughts: Count | None = msgspec.field(default=None, name="thoughtsTokenCount")
    tool: Count | None = msgspec.field(default=None, name="toolUsePromptTokenCount")
    total: Count | None = msgspec.field(default=None, name="totalTokenCount")


class Call(msgspec.Struct, frozen=True):
    """A call of a tool, and how it ended."""

    id: Any = None
    name: Any = None
    args: msgspec.Raw = NOTHING
    result: msgspec.Raw = NOTHING
    status: Any = None
    timestamp: Any = None
    agent: Any = msgspec.field(default=None, name="agentId")
    shown: msgspec.Raw = msgspec.field(default=NOTHING, name="resultDisplay")


class Message(msgspec.Struct, frozen=True):
    """A prompt, an answer, or a remark of the program; ``typed`` is a prompt without the files that it names."""

    type: Any = None
    id: Any = None
    timestamp: Any = None
    content: msgspec.Raw = NOTHING
    typed: msgspec.Raw = msgspec.field(default=NOTHING, name="displayContent")
    model: Any = None
    tokens: Tokens | None = None
    calls: list[Call] | None = msgspec.field(default=None, name="toolCalls")


class Head(msgspec.Struct, frozen=True):
    """What is said of a session, with all its messages in older files."""

    session: Any = msgspec.field(default=msgspec.UNSET, name="sessionId")
    kind: Any = None
    summary: Any = None
    began: Any = msgspec.field(default=None, name="startTime")
    updated: Any = msgspec.field(default=None, name="lastUpdated")
    messages: list[Message] | msgspec.UnsetType | None = msgspec.UNSET


class Line(Message, frozen=True):
    """A line: a message, a head, a change of the head, a step back."""

    type: Any = msgspec.UNSET
    session: Any = msgspec.field(default=msgspec.UNSET, name="sessionId")
    kind: Any = None
    summary: Any = None
    began: Any = msgspec.field(default=None, name="startTime")
    updated: Any = msgspec.field(default=None, name="lastUpdated")
    messages: list[Message] | msgspec.UnsetType | None = msgspec.UNSET
    change: Head | msgspec.UnsetType | None = msgspec.field(default=msgspec.UNSET, name="$set")
    rewound: Any = msgspec.field(default=msgspec.UNSET, name="$rewindTo")


class Shown(msgspec.Struct, frozen=True):
    """What the person is shown of an edit or a command; the file before and after is seldom needed beside the diff."""

    path: Any = msgspec.field(default=None, name="filePath")
    name: Any = msgspec.field(default=None, name="fileName")
    counts: Any = msgspec.field(default=None, name="diffStat")
    diff: Any = msgspec.field(default=None, name="fileDiff")
    code: Any = msgspec.field(default=None, name="exitCode")
    before: msgspec.Raw = msgspec.field(default=NOTHING, name="originalContent")
    after: msgspec.Raw = msgspec.field(default=NOTHING, name="newContent")


class FunctionCall(msgspec.Struct, frozen=True):
    """A call that an answer of Qwen Code asks for."""

    id: Any = None
    name: Any = None
    args: msgspec.Raw = NOTHING


class FunctionResponse(msgspec.Struct, frozen=True):
    """What a tool answered."""

    id: Any = None
    response: msgspec.Raw = NOTHING


class Part(msgspec.Struct, frozen=True):
    """A part of a message of Qwen Code: what is said, a call, or an answer of a tool."""

    text: msgspec.Raw = NOTHING
    asked: FunctionCall | None = msgspec.field(default=None, name="functionCall")
    answered: FunctionResponse | None = msgspec.field(default=None, name="functionResponse")


class QwenMessage(msgspec.Struct, frozen=True):
    """A message of Qwen Code."""

    parts: list[Part] | None = None


class Ended(msgspec.Struct, frozen=True):
    """How a call of Qwen Code ended."""

    call: Any = msgspec.field(default=None, name="callId")
    status: Any = None
    shown: msgspec.Raw = msgspec.field(default=NOTHING, name="resultDisplay")


class QwenLine(msgspec.Struct, frozen=True):
    """A line of Qwen Code."""

    uuid: Any = None
    session: Any = msgspec.field(default=None, name="sessionId")
    timestamp: Any = None
    type: Any = None
    subtype: Any = None
    cwd: Any = None
    version: Any = None
    model: Any = None
    branch: Any = msgspec.field(default=None, name="gitBranch")
    agent: Any = msgspec.field(default=None, name="agentId")
    forked: Any = msgspec.field(default=None, name="forkedFrom")
    is_sidechain: Any = msgspec.field(default=None, name="isSidechain")
    message: QwenMessage | None = None
    used: UsageMetadata | None = msgspec.field(default=None, name="usageMetadata")
    ended: Ended | None = msgspec.field(default=None, name="toolCallResult")
    payload: msgspec.Raw = msgspec.field(default=NOTHING, name="systemPayload")


LINES: Final[TolerantDecoder[Line]] = TolerantDecoder(Line)
QWEN_LINES: Final[TolerantDecoder[QwenLine]] = TolerantDecoder(QwenLine)
NOT_SHOWN: Final = Shown()
SHOWN: Final[TolerantDecoder[Shown | str | None]] = TolerantDecoder(Shown | str | None)
