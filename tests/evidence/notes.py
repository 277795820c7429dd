"""Notes, trace records and trailers as the tools write them, put onto acted commits."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tokencoach.demo.repository import run_git

if TYPE_CHECKING:
    from histories.program import Json
    from tokencoach.demo.repository import Repository

TRACE = "t_9f8e7d6c5b4a32"


def agent(tool: str, session: str) -> Json:
    """A session record of a note."""
    return {"agent_id": {"tool": tool, "id": session, "model": "some-model"}}


def note_text(
    files: dict[str, dict[str, str]], sessions: dict[str, Json], prompts: dict[str, Json] | None = None
) -> str:
    """An authorship log: for each file the ranges of each key, then who the keys are."""
    lines = []
    for path, entries in files.items():
        lines.append(path)
        lines += [f"  {key} {ranges}" for key, ranges in entries.items()]
    said = {
        "schema_version": "authorship/3.0.0",
        "base_commit_sha": "0" * 40,
        "prompts": prompts or {},
        "sessions": sessions,
    }
    return "\n".join([*lines, "---", json.dumps(said, indent=2), ""])


def attest(repo: Repository, commit: str, path: str, ranges: str, tool: str, session: str) -> None:
    """Put a note onto a commit that gives lines of a file to one session."""
    key = "s_c9883b05a2487d"
    put_note(repo, commit, note_text({path: {f"{key}::{TRACE}": ranges}}, {key: agent(tool, session)}))


def put_note(repo: Repository, commit: str, text: str) -> None:
    """Put any text onto a commit as its note."""
    run_git(
        repo.folder,
        *("-c", "user.name=Robin Example", "-c", "user.email=robin@example.invalid"),
        *("notes", "--ref=ai", "add", "--force", "-F", "-", commit),
        stdin=text.encode(),
    )


def nested_trace(path: str, first: int, last: int, *, revision: str, at: str, session: str, tool: str) -> str:
    """A record in the dialect of the specification."""
    talk = {
        "url": f"file:///home/robin/.logs/{session}.jsonl",
        "contributor": {"type": "ai"},
        "ranges": [{"start_line": first, "end_line": last}],
    }
    record = {
        "version": "0.1.0",
        "id": "550e8400-e29b-41d4-a716-446655440000",
        "timestamp": at,
        "vcs": {"type": "git", "revision": revision},
        "tool": {"name": tool},
        "files": [{"path": path, "conversations": [talk]}],
        "metadata": {"session_id": session},
    }
    return json.dumps(record)


def flat_trace(path: str, first: int, last: int, *, at: str, session: str, call: str) -> str:
    """A record in the flat dialect: an absolute path, a call's id, no revision."""
    record = {
        "schema": "agent-trace/v0.1.0",
        "session_id": session,
        "file_path": path,
        "start_line": first,
        "end_line": last,
        "content_hash": "murmur3:230fc3bfc538458e99b236198cebd76a",
        "confidence": "high",
        "tool": "Edit",
        "tool_use_id": call,
        "timestamp": at,
    }
    return json.dumps(record)


def put_traces(repo: Repository, *records: str) -> None:
    """Write the repository's trace file, which is no part of its history."""
    folder = repo.folder / ".agent-trace"
    folder.mkdir(exist_ok=True)
    (folder / "traces.jsonl").write_text("".join(f"{record}\n" for record in records), encoding="utf-8")
    exclude = repo.folder / ".git" / "info" / "exclude"
    exclude.parent.mkdir(exist_ok=True)
    exclude.write_text(".agent-trace/\n", encoding="utf-8")


def landed_lines(shown: Json) -> list[Json]:
    """Significant added lines of a session with the commit that they landed in."""
    return [
        line
        for turn in shown["turns"]
        for edit in turn["edits"]
        for line in edit["lines"]
        if line["commit"] and line["significant"] and not line["removal"]
    ]
