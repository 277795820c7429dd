"""Records of a Claude Code session file, built as bytes: shapes as version 2.x writes them."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import random

    from source_text import Slice


class Place(NamedTuple):
    """What every record of a session carries."""

    session: str
    cwd: str
    branch: str
    agent: str | None = None

    def head(self, rng: random.Random, kind: bytes, at: str) -> bytes:
        """The fields that open a record, up to and including its type's own comma."""
        side = f'"isSidechain":true,"agentId":"{self.agent}"' if self.agent else '"isSidechain":false'
        return (
            f'{{"parentUuid":"{new_uuid(rng)}",{side},"userType":"external","cwd":"{self.cwd}",'
            f'"sessionId":"{self.session}","version":"2.1.330","gitBranch":"{self.branch}",'
            f'"uuid":"{new_uuid(rng)}","timestamp":"{at}","type":"'
        ).encode() + kind


class Usage(NamedTuple):
    """Tokens of one request, as the provider counts them."""

    fresh: int
    cache_read: int
    write_5m: int
    write_1h: int
    output: int

    def json(self, output: int) -> bytes:
        """The usage object of one line; ``output`` grows from line to line."""
        return (
            f'{{"input_tokens":{self.fresh},"cache_creation_input_tokens":{self.write_5m + self.write_1h},'
            f'"cache_read_input_tokens":{self.cache_read},"cache_creation":{{"ephemeral_5m_input_tokens":'
            f'{self.write_5m},"ephemeral_1h_input_tokens":{self.write_1h}}},"output_tokens":{output},'
            '"service_tier":"standard"}'
        ).encode()


class Call(NamedTuple):
    """A tool call: its id and its block's JSON."""

    key: str
    block: bytes


def new_uuid(rng: random.Random) -> str:
    """A random UUID in its usual form."""
    text = f"{rng.getrandbits(128):032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def prompt(rng: random.Random, place: Place, at: str, text: bytes) -> bytes:
    """A prompt that a person typed."""
    return (
        place.head(rng, b'user","promptId":"', at)
        + new_uuid(rng).encode()
        + b'","message":{"role":"user","content":"'
        + text
        + b'"}}\n'
    )


def attachment(rng: random.Random, place: Place, at: str, text: bytes) -> bytes:
    """What the client sends along: environment, skills, reminders."""
    return (
        place.head(rng, b'attachment","attachment":{"type":"environment","content":"', at) + text + b'"}}\n'
    )


def assistant(
    rng: random.Random, place: Place, at: str, *, model: str, message_id: str, block: bytes, usage: bytes
) -> bytes:
    """One content block of a reply, with the usage that is repeated on each of its lines."""
    return b"".join(
        (
            place.head(rng, b'assistant","requestId":"req_', at),
            message_id[4:].encode(),
            b'","message":{"model":"',
            model.encode(),
            b'","id":"',
            message_id.encode(),
            b'","type":"message","role":"assistant","content":[',
            block,
            b'],"stop_reason":"tool_use","stop_sequence":null,"usage":',
            usage,
            b"}}\n",
        )
    )


def text_block(rng: random.Random, text: bytes) -> bytes:
    """Prose, or thinking with its signature."""
    if rng.random() < 0.5:
        return b'{"type":"text","text":"' + text + b'"}'
    signature = base64.b64encode(rng.randbytes(rng.randrange(150, 900)))
    return b'{"type":"thinking","thinking":"' + text + b'","signature":"' + signature + b'"}'


def call(key: str, name: str, inside: bytes) -> Call:
    """A tool_use block."""
    return Call(key, f'{{"type":"tool_use","id":"{key}","name":"{name}","input":{{'.encode() + inside + b"}}")


def result(rng: random.Random, place: Place, at: str, *, key: str, said: bytes, detail: bytes) -> bytes:
    """A tool's answer: once as the model reads it, once as the client keeps it."""
    return b"".join(
        (
            place.head(rng, b'user","message":{"role":"user","content":[{"tool_use_id":"', at),
            key.encode(),
            b'","type":"tool_result","content":',
            said,
            b'}]},"toolUseResult":',
            detail,
            b"}\n",
        )
    )


def edit_detail(path: bytes, before: Slice, after: list[bytes]) -> bytes:
    """What the client keeps of an edit: both texts, the file as it was, the patch."""
    start = before.start
    lines = [b'"-' + line + b'"' for line in before.lines] + [b'"+' + line + b'"' for line in after]
    patch = (
        f'[{{"oldStart":{start},"oldLines":{len(before.lines)},"newStart":{start},'
        f'"newLines":{len(after)},"lines":['.encode()
        + b",".join(lines)
        + b"]}]"
    )
    new = b"\\n".join(after) + b"\\n"
    return b"".join(
        (
            b'{"filePath":"',
            path,
            b'","oldString":"',
            before.text,
            b'","newString":"',
            new,
            b'","originalFile":"',
            before.module.whole,
            b'","structuredPatch":',
            patch,
            b',"userModified":false,"replaceAll":false}',
        )
    )


def progress(rng: random.Random, place: Place, at: str, key: str, text: bytes) -> bytes:
    """A running command's output so far: no usage in it."""
    return b"".join(
        (
            place.head(rng, b'progress","data":{"type":"bash_progress","output":"', at),
            text,
            b'","elapsedTimeSeconds":3},"toolUseID":"',
            key.encode(),
            b'","parentToolUseID":"',
            key.encode(),
            b'"}\n',
        )
    )


def agent_progress(rng: random.Random, place: Place, at: str, agent: str, line: bytes) -> bytes:
    """A sub-agent's reply as its parent session logs it: the same message once more."""
    inner = line[line.index(b'"requestId"') : -2]
    return b"".join(
        (
            place.head(rng, b'progress","data":{"type":"agent_progress","agentId":"', at),
            agent.encode(),
            f'","message":{{"type":"assistant","timestamp":"{at}",'.encode(),
            inner,
            b"}}}\n",
        )
    )


def image(rng: random.Random, size: int) -> tuple[bytes, bytes]:
    """A screenshot of about ``size`` bytes as base64: the tool result's content, and its detail."""
    data = base64.b64encode(rng.randbytes(size * 3 // 4))
    said = b'[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"' + data + b'"}}]'
    return said, b'{"type":"image","file":{"base64":"' + data + b'","type":"image/png"}}'
