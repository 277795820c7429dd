"""``tokencoach ingest``: read what the assistants logged."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import click

from tokencoach.audit.numbers import count, many, size
from tokencoach.cli.context import Context, verb
from tokencoach.cli.output import emit_json, narrate, say
from tokencoach.cli.update import bring_up_to_date, known_source
from tokencoach.store.drift_rows import unknown_fields_of
from tokencoach.store.reader import open_reader
from tokencoach.store.source_rows import source_rows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tokencoach.watch.ingest import IngestResult


@click.command(epilog="Example: tokencoach ingest --source claude-code --json")
@click.option("--source", "sources", multiple=True, metavar="S", help="Only this source; may be repeated.")
@click.option("--usage-only", is_flag=True, help="Tokens and prompts, no edits: faster, but no verdicts.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
@verb
def ingest(context: Context, sources: tuple[str, ...], *, usage_only: bool, as_json: bool) -> int:
    """Read what the assistants logged into the database, then git.

    Only what is new since the last time is read. Nothing is ever lost because a log vanishes.
    """
    for name in sources:
        known_source(name)
    began = time.monotonic()
    # Whoever shows verdicts judges first; here nothing is shown that needs them.
    result = bring_up_to_date(
        context, only=sources, with_git=not usage_only, with_edits=not usage_only, with_verdicts=False
    )
    body = _body(context, result, sources, time.monotonic() - began)
    if as_json:
        emit_json(body)
    else:
        _tell(body)
    if not any(row["files"] or row["requests"] for row in body["sources"]):
        narrate(
            f"no logs found in {context.home.folder}: tokencoach doctor says where it looked, "
            "tokencoach demo shows a demonstration"
        )
        return 3
    return 0


def _body(context: Context, result: IngestResult, only: tuple[str, ...], seconds: float) -> dict[str, Any]:
    with open_reader(context.database) as reader:
        rows = source_rows(reader.connection)
        fields = unknown_fields_of(reader.connection)
    listed = []
    for row in rows:
        if only and row.source not in only:
            continue
        listed.append(
            {
                "source": row.source,
                "files": result.files.get(row.source, 0) or row.files,
                "bytes": row.bytes,
                "requests": row.requests,
                "new_requests": result.new_by_source.get(row.source, 0),
                "sessions": row.sessions,
                "edits": row.edits,
                "quarantined": row.quarantined,
                "unseen_kinds": row.unseen_kinds,
                "unseen_fields": fields.get(row.source, {}),
            }
        )
    return {
        "sources": listed,
        "seconds": round(seconds, 3),
        "database_bytes": context.database.stat().st_size,
    }


def _tell(body: Mapping[str, Any]) -> None:
    for row in body["sources"]:
        say(
            f"{row['source']:<14} {many(row['files'], 'file')}  {many(row['requests'], 'request')} "
            f"({count(row['new_requests'])} new)  {many(row['sessions'], 'session')}  {many(row['edits'], 'edit')}"
        )
        if row["quarantined"]:
            say(f"{'':<14} {many(row['quarantined'], 'record')} could not be read: tokencoach doctor")
    say(f"{body['seconds']:.1f} s, database {size(body['database_bytes'])}")
