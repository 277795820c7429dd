"""Writes one session file, turn by turn, until it has the size it was planned for."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

import claude_lines as lines
from claude_lines import Call, Place, Usage

if TYPE_CHECKING:
    import random
    from pathlib import Path

    from source_text import Library
    from truth import Truth

KEPT_FOR_RESUME = 256 * 1024
LARGEST_IMAGE = 4 * 1024 * 1024
PROMPTS = (
    "make the parser accept a trailing comma",
    "why does this fail on an empty list? fix it and add a test",
    "split this function, it does two things",
    "go on",
    "read the module and tell me where the cache is filled",
    "rename the option as we said, keep the old one for a release",
)


class World(NamedTuple):
    """What all files of a history share."""

    rng: random.Random
    library: Library
    truth: Truth


class SessionFile:
    """One file being written. ``clock_ms`` is the time of its last record."""

    def __init__(self, world: World, place: Place, path: Path, model: str, clock_ms: int) -> None:
        self._rng, self._library, self._truth = world
        self._place = place
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("xb", buffering=1 << 20)
        self._model = model
        self.clock_ms = clock_ms
        self.size = 0
        self.kept: list[bytes] = []
        self.last_reply = b""

    def close(self) -> None:
        """No more records follow."""
        self._file.close()

    def fill(self, target: int) -> None:
        """Write turns until the file has ``target`` bytes."""
        while self.size < target:
            self._turn(target)

    def copy(self, earlier: list[bytes], session: str) -> None:
        """Begin as a resumed session does: with another's records under this one's id."""
        old, new = f'"sessionId":"{session}"'.encode(), f'"sessionId":"{self._place.session}"'.encode()
        origin = f',"requestSessionId":"{session}","requestId"'.encode()
        for line in earlier:
            self._write(line.replace(old, new, 1).replace(b',"requestId"', origin, 1))

    def progress_of(self, agent: str, reply: bytes) -> None:
        """Log a sub-agent's reply once more, as a parent session does."""
        self._write(lines.agent_progress(self._rng, self._place, self._at(), agent, reply))

    def _write(self, line: bytes) -> None:
        self._file.write(line)
        self._truth.counts["bytes"] += len(line)
        self._truth.counts["lines"] += 1
        if b'"type":"assistant"' in line[-700:]:
            self._truth.counts["usage_bytes"] += len(line)
            self._truth.counts["usage_lines"] += 1
        if self.size + len(line) < KEPT_FOR_RESUME and not self._place.agent:
            self.kept.append(line)
        self.size += len(line)

    def _at(self) -> str:
        moment = datetime.fromtimestamp(self.clock_ms / 1000, UTC)
        return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{self.clock_ms % 1000:03d}Z"

    def _later(self, low_ms: int, high_ms: int) -> str:
        self.clock_ms += self._rng.randrange(low_ms, high_ms)
        return self._at()

    def _slice_text(self, low: int, high: int) -> bytes:
        return self._library.slice(self._library.module(), self._rng.randrange(low, high)).text

    def _turn(self, target: int) -> None:
        at = self._later(20_000, 600_000)
        # A sub-agent's first record is its task, no person's prompt.
        self._truth.counts["agent_prompts" if self._place.agent else "prompts"] += 1
        self._write(lines.prompt(self._rng, self._place, at, self._rng.choice(PROMPTS).encode()))
        self._write(lines.attachment(self._rng, self._place, at, self._slice_text(40, 160)))
        for _ in range(self._rng.randrange(4, 20)):
            if self.size >= target:
                return
            self._request()

    def _usage(self) -> Usage:
        rng = self._rng
        return Usage(
            fresh=rng.randrange(1, 40),
            cache_read=rng.randrange(8_000, 150_000),
            write_5m=rng.randrange(4_000),
            write_1h=rng.randrange(3_000),
            output=rng.randrange(40, 2_400),
        )

    def _request(self) -> None:
        at = self._later(1_500, 15_000)
        usage = self._usage()
        message_id = f"msg_{self._rng.getrandbits(96):024x}"
        self._truth.request(at[:10], self._model, usage)
        call, said, detail = self._tool()
        blocks = [lines.text_block(self._rng, self._slice_text(4, 62)), call.block]
        if self._rng.random() < 0.03:
            blocks.insert(0, lines.text_block(self._rng, self._slice_text(2, 10)))
        for index, block in enumerate(blocks, 1):
            grown = usage.json(usage.output if index == len(blocks) else max(1, usage.output * index // 8))
            self.last_reply = lines.assistant(
                self._rng,
                self._place,
                at,
                model=self._model,
                message_id=message_id,
                block=block,
                usage=grown,
            )
            self._write(self.last_reply)
            at = self._later(5, 400)
        if call.block.find(b'"name":"Bash"') >= 0:
            for _ in range(self._rng.randrange(2)):
                self._write(lines.progress(self._rng, self._place, at, call.key, self._slice_text(4, 30)))
        self._write(
            lines.result(
                self._rng, self._place, self._later(30, 4_000), key=call.key, said=said, detail=detail
            )
        )

    def _tool(self) -> tuple[Call, bytes, bytes]:
        key = f"toolu_{self._rng.getrandbits(96):024x}"
        kind = self._rng.random()
        if kind < 0.215:
            return self._edit(key)
        if kind < 0.252:
            return self._create(key)
        if kind < 0.65:
            return self._read(key)
        if kind < 0.6515:
            block = lines.call(key, "Read", self._path(b"shot.png"))
            size = min(LARGEST_IMAGE, int(200_000 * self._rng.paretovariate(0.9)))
            return block, *lines.image(self._rng, size)
        return self._shell(key)

    def _path(self, name: bytes) -> bytes:
        return b'"file_path":"' + self._place.cwd.encode() + b"/src/" + name + b'"'

    def _edit(self, key: str) -> tuple[Call, bytes, bytes]:
        self._truth.counts["edits"] += 1
        before = self._library.slice(self._library.module(), self._rng.randrange(2, 25))
        after = self._library.slice(self._library.module(), self._rng.randrange(3, 90)).lines
        new = b"\\n".join(after) + b"\\n"
        inside = b'%s,"old_string":"%s","new_string":"%s"' % (
            self._path(before.module.name.encode()),
            before.text,
            new,
        )
        path = f"{self._place.cwd}/src/{before.module.name}".encode()
        said = b'"The file %s has been updated successfully."' % path
        return lines.call(key, "Edit", inside), said, lines.edit_detail(path, before, after)

    def _create(self, key: str) -> tuple[Call, bytes, bytes]:
        self._truth.counts["edits"] += 1
        name = f"made_{self._rng.getrandbits(40):x}.py".encode()
        text = self._slice_text(20, 250)
        path = self._path(name)
        said = b'"File created successfully at: ' + path[13:]
        detail = b'{"type":"create","filePath":%s,"content":"%s","structuredPatch":[],"originalFile":null}'
        block = lines.call(key, "Write", path + b',"content":"' + text + b'"')
        return block, said, detail % (path[12:], text)

    def _read(self, key: str) -> tuple[Call, bytes, bytes]:
        module = self._library.module()
        part = self._library.slice(module, self._rng.randrange(40, 940))
        numbered = b"\\n".join(
            b"%6d\\u2192%s" % (number, line) for number, line in enumerate(part.lines, part.start)
        )
        detail = b'{"type":"text","file":{"filePath":%s,"content":"%s","numLines":%d,"startLine":%d}}' % (
            self._path(module.name.encode())[12:],
            part.text,
            len(part.lines),
            part.start,
        )
        return lines.call(key, "Read", self._path(module.name.encode())), b'"' + numbered + b'"', detail

    def _shell(self, key: str) -> tuple[Call, bytes, bytes]:
        output = self._slice_text(3, 180)
        block = lines.call(key, "Bash", b'"command":"python -m pytest -q","description":"Run the tests"')
        detail = b'{"stdout":"%s","stderr":"","interrupted":false,"isImage":false}' % output
        return block, b'"' + output + b'"', detail
