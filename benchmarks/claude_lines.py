"""Records of a Claude Code session file, built as bytes: shapes and order of fields as version 2.1.197 writes them."""

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

    def record(
        self,
        rng: random.Random,
        kind: str,
        at: str,
        *,
        before: bytes = b"",
        after: bytes = b"",
        more: bytes = b"",
    ) -> bytes:
        """A record with fields of its own before its type, after it, and behind its instant."""
        side = f'true,"agentId":"{self.agent}"' if self.agent else "false"
        return b"".join(
            (
                f'{{"parentUuid":"{new_uuid(rng)}","isSidechain":{side},'.encode(),
                before,
                f'"type":"{kind}",'.encode(),
                after,
                f'"uuid":"{new_uuid(rng)}","timestamp":"{at}",'.encode(),
                more,
                f'"userType":"external","entrypoint":"cli","cwd":"{self.cwd}","sessionId":"{self.session}",'
                f'"version":"2.1.197","gitBranch":"{self.branch}"}}\n'.encode(),
            )
        )


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
    return _user(rng, place, at, b'"' + text + b'"', b'"permissionMode":"default","promptSource":"typed",')


def _user(rng: random.Random, place: Place, at: str, content: bytes, more: bytes) -> bytes:
    named = f'"promptId":"{new_uuid(rng)}",'.encode()
    said = b'"message":{"role":"user","content":' + content + b"},"
    return place.record(rng, "user", at, before=named, after=said, more=more)


def attachment(rng: random.Random, place: Place, at: str, text: bytes) -> bytes:
    """What the client sends along: environment, skills, reminders."""
    told = b'"attachment":{"type":"environment","content":"' + text + b'"},'
    return place.record(rng, "attachment", at, before=told)


def assistant(
    rng: random.Random, place: Place, at: str, *, model: str, message_id: str, block: bytes, usage: bytes
) -> bytes:
    """One content block of a reply, with the usage that is repeated on each of its lines."""
    message = (
        f'"message":{{"id":"{message_id}","type":"message","role":"assistant","model":"{model}","content":['.encode(),
        block,
        b'],"stop_reason":"tool_use","stop_sequence":null,"usage":',
        usage,
        f',"stop_details":null}},"requestId":"req_{message_id[4:]}",'.encode(),
    )
    return place.record(rng, "assistant", at, before=b"".join(message))


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
    content = f'[{{"tool_use_id":"{key}","type":"tool_result","content":'.encode() + said + b"}]"
    more = b'"toolUseResult":' + detail + f',"sourceToolAssistantUUID":"{new_uuid(rng)}",'.encode()
    return _user(rng, place, at, content, more)


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
    told = b'{"type":"bash_progress","output":"' + text + b'","elapsedTimeSeconds":3}'
    return _progress(rng, place, at, told, key)


def agent_progress(rng: random.Random, place: Place, at: str, agent: str, line: bytes) -> bytes:
    """A sub-agent's reply as its parent session logs it: the same message once more."""
    inner = line[line.index(b'"message":') : line.rindex(b',"type":"assistant"')]
    told = b"".join(
        (
            f'{{"message":{{"type":"assistant","timestamp":"{at}",'.encode(),
            inner,
            f'}},"type":"agent_progress","agentId":"{agent}"}}'.encode(),
        )
    )
    return _progress(rng, place, at, told, new_uuid(rng))


def _progress(rng: random.Random, place: Place, at: str, told: bytes, key: str) -> bytes:
    more = f'"toolUseID":"{key}","parentToolUseID":"{key}",'.encode()
    return place.record(rng, "progress", at, after=b'"data":' + told + b",", more=more)


def image(rng: random.Random, size: int) -> tuple[bytes, bytes]:
    """A screenshot of about ``size`` bytes as base64: the tool result's content, and its detail."""
    data = base64.b64encode(rng.randbytes(size * 3 // 4))
    said = b'[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"' + data + b'"}}]'
    return said, b'{"type":"image","file":{"base64":"' + data + b'","type":"image/png"}}'
