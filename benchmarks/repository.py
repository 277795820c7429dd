"""Makes a git repository and the session logs of the assistant that wrote part of it."""

from __future__ import annotations

import json
import random
import subprocess
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import claude_lines as lines
from claude_lines import Place, Usage
from source_text import NEWLINE, Library, Module, Slice

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

START_S = 1_764_000_000
STEP_S = 3_000
COMMITS_PER_SESSION = 20
AUTHOR = "Bench Author <bench@example.invalid>"
USAGE = Usage(12, 40_000, 600, 100, 900)


class Change(NamedTuple):
    """What one commit does to one file; ``before`` is None where the file is new."""

    name: str
    before: Slice | None
    after: list[bytes]
    content: bytes


@lru_cache(maxsize=200_000)
def unescaped(line: bytes) -> bytes:
    """A line as it stands in a file."""
    return str(json.loads(b'"' + line + b'"')).encode()


class RepositoryMaker:
    """Commits to one repository and logs the assistant's part; the same seed gives the same text."""

    def __init__(self, repository: Path, logs_home: Path, seed: int, env: dict[str, str]) -> None:
        self._rng = random.Random(seed)
        self._library = Library(self._rng)
        self._repository = repository
        self._logs = logs_home / ".claude" / "projects" / "bench"
        self._env = env
        self._files: dict[str, list[bytes]] = {}
        self._made = 0
        self._log: list[bytes] = []
        self._place = self._new_place()
        repository.mkdir(parents=True)
        self._logs.mkdir(parents=True)
        self._git("init", "--quiet", "--initial-branch=main")

    def grow(self, count: int) -> None:
        """Add commits, the working tree and the logs that belong to them."""
        self._import(count)
        self._git("reset", "--quiet", "--hard", "main")
        self._end_session()

    def _git(self, *arguments: str) -> None:
        subprocess.run(["git", *arguments], check=True, cwd=self._repository, env=self._env)

    def _import(self, count: int) -> None:
        # Streamed: a child's peak memory is never reported below that of the process that started it.
        command = ["git", "fast-import", "--quiet", "--force"]
        with subprocess.Popen(
            command, cwd=self._repository, env=self._env, stdin=subprocess.PIPE
        ) as importer:
            if importer.stdin is not None:
                importer.stdin.writelines(self._commits(count))
        if importer.returncode:
            raise subprocess.CalledProcessError(importer.returncode, command)

    def _commits(self, count: int) -> Iterator[bytes]:
        for index in range(count):
            number = self._made + index
            parent = f":{number}\n" if index else "refs/heads/main^0\n"
            changes = [self._change() for _ in range(self._rng.randrange(1, 4))]
            at_s = START_S + number * STEP_S
            if self._rng.random() < 0.4:
                for change in changes:
                    self._log_edit(change, at_s - self._rng.randrange(60, 1_200))
            if number % COMMITS_PER_SESSION == COMMITS_PER_SESSION - 1:
                self._end_session()
            yield self._commit(number, at_s, parent if number else "", changes)
        self._made += count

    def _commit(self, number: int, at_s: int, parent: str, changes: list[Change]) -> bytes:
        message = f"change {number}\n"
        head = (
            f"commit refs/heads/main\nmark :{number + 1}\nauthor {AUTHOR} {at_s} +0000\n"
            f"committer {AUTHOR} {at_s} +0000\ndata {len(message)}\n{message}"
        )
        parts = [head.encode(), f"from {parent}".encode() if parent else b""]
        for change in changes:
            name = change.name
            parts.append(
                f"M 100644 inline {name}\ndata {len(change.content)}\n".encode() + change.content + b"\n"
            )
        return b"".join(parts)

    def _change(self) -> Change:
        count = self._rng.randrange(3, 26)
        fresh = self._library.slice(self._library.module(), count).lines
        if len(self._files) < 300 and self._rng.random() < 0.15:
            name = f"src/part_{len(self._files):03d}.py"
            self._files[name] = list(fresh)
            return Change(name, None, fresh, self._content(name))
        if not self._files:
            self._files["src/part_000.py"] = []
        name = self._rng.choice(list(self._files))
        old = self._files[name]
        removed = min(len(old), self._rng.randrange(1, 9))
        if len(old) > 400:
            removed = 60
        start = self._rng.randrange(len(old) - removed + 1)
        module = Module(name, old, NEWLINE.join(old) + NEWLINE)
        before = Slice(module, start + 1, old[start : start + removed])
        self._files[name] = old[:start] + fresh + old[start + removed :]
        return Change(name, before, fresh, self._content(name))

    def _content(self, name: str) -> bytes:
        return b"".join(unescaped(line) + b"\n" for line in self._files[name])

    def _new_place(self) -> Place:
        return Place(lines.new_uuid(self._rng), str(self._repository), "main")

    def _log_edit(self, change: Change, at_s: int) -> None:
        at = datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
        rng, place = self._rng, self._place
        if not self._log:
            self._log.append(lines.prompt(rng, place, at, b"go on with the parts"))
        path = f"{self._repository}/{change.name}".encode()
        new = NEWLINE.join(change.after) + NEWLINE
        key = f"toolu_{rng.getrandbits(96):024x}"
        if change.before is None or not change.before.lines:
            call = lines.call(key, "Write", b'"file_path":"' + path + b'","content":"' + new + b'"')
            detail = b'{"type":"create","filePath":"%s","content":"%s","structuredPatch":[]}' % (path, new)
        else:
            inside = b'"file_path":"%s","old_string":"%s","new_string":"%s"'
            call = lines.call(key, "Edit", inside % (path, change.before.text, new))
            detail = lines.edit_detail(path, change.before, change.after)
        message_id = f"msg_{rng.getrandbits(96):024x}"
        model = "claude-sonnet-4-5-20250929"
        self._log.append(
            lines.assistant(
                rng,
                place,
                at,
                model=model,
                message_id=message_id,
                block=call.block,
                usage=USAGE.json(USAGE.output),
            )
        )
        self._log.append(lines.result(rng, place, at, key=key, said=b'"done"', detail=detail))

    def _end_session(self) -> None:
        if self._log:
            (self._logs / f"{self._place.session}.jsonl").write_bytes(b"".join(self._log))
        self._log = []
        self._place = self._new_place()
