"""The records of Claude Code's logs, all generations; every field may be missing."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from tokencoach.sources.decoding import Count, TolerantDecoder

EMPTY: Final = msgspec.Raw()


class CacheCreation(msgspec.Struct, gc=False):
    """Cache writes by how long the entry lives."""

    ephemeral_5m_input_tokens: Count | None = None
    ephemeral_1h_input_tokens: Count | None = None


class Usage(msgspec.Struct, gc=False):
    """Tokens of one response, repeated on each of its lines."""

    input_tokens: Count | None = None
    cache_creation_input_tokens: Count | None = None
    cache_read_input_tokens: Count | None = None
    output_tokens: Count | None = None
    cache_creation: CacheCreation | None = None
    output_tokens_details: OutputDetails | None = None
    service_tier: str | None = None
    speed: str | None = None
    iterations: msgspec.Raw = EMPTY


class OutputDetails(msgspec.Struct, gc=False):
    """What output tokens were spent on."""

    thinking_tokens: Count | None = None


class Iteration(Usage):
    """One of several model calls behind a response; an advisor is a second model."""

    type: str | None = None
    model: str | None = None


class CallBlock(msgspec.Struct, gc=False):
    """One block of a message's content, as far as it calls a tool."""

    type: str = ""
    id: str | None = None
    name: str | None = None
    input: msgspec.Raw = EMPTY


class Block(CallBlock):
    """One block of a message's content."""

    tool_use_id: str | None = None
    content: msgspec.Raw = EMPTY
    is_error: bool | None = None
    text: str | None = None
    thinking: str | None = None


class Message(msgspec.Struct, gc=False):
    """The API's message; content is a text or a list of blocks."""

    id: str | None = None
    model: str | None = None
    content: str | list[Block] | None = None
    stop_reason: str | None = None
    usage: Usage | None = None


class ToolDetail(msgspec.Struct, rename="camel", gc=False):
    """What a tool told the program itself about its work (``toolUseResult``)."""

    type: str | None = None
    file_path: str | None = None
    old_string: msgspec.Raw = EMPTY
    new_string: msgspec.Raw = EMPTY
    original_file: msgspec.Raw = EMPTY
    original_file_contents: msgspec.Raw = EMPTY
    content: msgspec.Raw = EMPTY
    structured_patch: msgspec.Raw = EMPTY
    edits: msgspec.Raw = EMPTY
    user_modified: bool | None = None
    replace_all: bool | None = None
    interrupted: bool | None = None
    agent_id: str | None = None


class Hunk(msgspec.Struct, gc=False):
    """One hunk of a structured patch."""

    lines: list[str] = []


class EditPart(msgspec.Struct, gc=False):
    """One replacement of an edit; ``MultiEdit`` has several."""

    old_string: str = ""
    new_string: str = ""
    replace_all: bool | None = None


class CommandInput(msgspec.Struct, gc=False):
    """What the model asked a shell to run."""

    command: str = ""


class SkillInput(msgspec.Struct, gc=False):
    """The skill that the model loads; earlier versions named it as a command."""

    skill: str = ""
    command: str = ""


class ReadInput(msgspec.Struct, gc=False):
    """What the model asked of a tool that reads a file."""

    file_path: str | None = None
    notebook_path: str | None = None
    path: str | None = None


class EditInput(msgspec.Struct, gc=False):
    """What the model asked of an edit tool."""

    file_path: str | None = None
    notebook_path: str | None = None
    old_string: str = ""
    new_string: str = ""
    replace_all: bool | None = None
    content: str | None = None
    new_source: str | None = None
    edits: list[EditPart] = []


class Kind(msgspec.Struct, gc=False):
    """An object of which only a kind or a decision matters."""

    kind: str | None = None
    decision: str | None = None


class Attachment(msgspec.Struct, rename="camel", gc=False):
    """Something put beside the conversation; a prompt typed while the model works is one."""

    type: str | None = None
    prompt: str | list[Block] | None = None
    command_mode: str | None = None
    origin: Kind | None = None


class CompactMetadata(msgspec.Struct, rename="camel", gc=False):
    """Context tokens around a compaction."""

    pre_tokens: Count | None = None
    post_tokens: Count | None = None


class ModelCost(msgspec.Struct, rename="camel", gc=False):
    """What the program booked for one model; cumulative."""

    input_tokens: Count | None = None
    output_tokens: Count | None = None
    cache_read_input_tokens: Count | None = None
    cache_creation_input_tokens: Count | None = None
    cache_creation_ephemeral5m: Count | None = msgspec.field(
        default=None, name="cacheCreationEphemeral5mInputTokens"
    )
    cache_creation_ephemeral1h: Count | None = msgspec.field(
        default=None, name="cacheCreationEphemeral1hInputTokens"
    )
    cost_usd: float | None = msgspec.field(default=None, name="costUSD")


class Line(msgspec.Struct, rename="camel", gc=False):
    """One record of a log."""

    parent_uuid: str | None = None
    is_sidechain: bool | None = None
    prompt_id: str | None = None
    type: str = ""
    subtype: str | None = None
    message: Message | None = None
    agent_id: str | None = None
    request_id: str | None = None
    request_session_id: str | None = None
    is_meta: bool | None = None
    uuid: str | None = None
    timestamp: str | None = None
    tool_use_result: ToolDetail | str | list[msgspec.Raw] | None = None
    tool_denial_kind: str | None = None
    permission_decision: Kind | None = None
    is_api_error_message: bool | None = None
    is_compact_summary: bool | None = None
    is_visible_in_transcript_only: bool | None = None
    origin: Kind | None = None
    prompt_source: str | None = None
    cwd: str | None = None
    session_id: str | None = None
    version: str | None = None
    git_branch: str | None = None
    cost_usd: float | None = msgspec.field(default=None, name="costUSD")
    attachment: Attachment | None = None
    data: Progress | None = None
    parent_tool_use_id: str | None = msgspec.field(default=None, name="parentToolUseID")
    error: msgspec.Raw = EMPTY
    api_error_status: int | str | None = None
    retry_in_ms: float | None = None
    retry_attempt: int | None = None
    compact_metadata: CompactMetadata | None = None
    model_usage: dict[str, ModelCost] | None = None
    custom_title: str | None = None
    ai_title: str | None = None
    title: str | None = None
    summary: str | None = None


class TerseMessage(msgspec.Struct, gc=False):
    """A response's message with the tools that it calls, and none of its text."""

    model: str | None = None
    id: str | None = None
    content: str | list[CallBlock] | None = None
    stop_reason: str | None = None
    usage: Usage | None = None


class UnreadMessage(msgspec.Struct, gc=False):
    """A response's message, what it says left as it stands in the log."""

    model: str | None = None
    id: str | None = None
    content: msgspec.Raw = EMPTY
    stop_reason: str | None = None
    usage: Usage | None = None


class Envelope(msgspec.Struct, rename="camel", gc=False):
    """What is read of a response beside its message: most records are one, and few fields cost less."""

    parent_uuid: str | None = None
    is_sidechain: bool | None = None
    agent_id: str | None = None
    request_session_id: str | None = None
    request_id: str | None = None
    type: str = ""
    uuid: str | None = None
    timestamp: str | None = None
    cwd: str | None = None
    session_id: str | None = None
    version: str | None = None
    git_branch: str | None = None
    cost_usd: float | None = msgspec.field(default=None, name="costUSD")
    is_api_error_message: bool | None = None


class Reply(Envelope):
    """A response."""

    message: Message | None = None


class TerseReply(Envelope):
    """A response that has ended: its text is of no use."""

    message: TerseMessage | None = None


class UnreadReply(Envelope):
    """A response of which only the usage is wanted."""

    message: UnreadMessage | None = None


class Progress(msgspec.Struct, rename="camel"):
    """A record of a running tool; of a sub-agent it holds the sub-agent's own record."""

    message: Line | None = None
    type: str | None = None
    agent_id: str | None = None


LINES: Final[TolerantDecoder[Line]] = TolerantDecoder(Line)
REPLIES: Final[TolerantDecoder[Reply]] = TolerantDecoder(Reply)
TERSE_REPLIES: Final[TolerantDecoder[TerseReply]] = TolerantDecoder(TerseReply)
UNREAD_REPLIES: Final[TolerantDecoder[UnreadReply]] = TolerantDecoder(UnreadReply)
CONTENTS: Final[TolerantDecoder[str | list[Block] | None]] = TolerantDecoder(str | list[Block] | None)
BLOCKS: Final[TolerantDecoder[list[Block]]] = TolerantDecoder(list[Block])
HUNKS: Final[TolerantDecoder[list[Hunk]]] = TolerantDecoder(list[Hunk])
PARTS: Final[TolerantDecoder[list[EditPart]]] = TolerantDecoder(list[EditPart])
INPUTS: Final[TolerantDecoder[EditInput]] = TolerantDecoder(EditInput)
READS: Final[TolerantDecoder[ReadInput]] = TolerantDecoder(ReadInput)
COMMANDS: Final[TolerantDecoder[CommandInput]] = TolerantDecoder(CommandInput)
SKILLS: Final[TolerantDecoder[SkillInput]] = TolerantDecoder(SkillInput)
ITERATIONS: Final[TolerantDecoder[list[Iteration]]] = TolerantDecoder(list[Iteration])
TEXTS: Final[TolerantDecoder[str]] = TolerantDecoder(str)
ANYTHING: Final[TolerantDecoder[Any]] = TolerantDecoder(Any)
