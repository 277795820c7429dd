"""``tokencoach backup FILE``: the whole database in one file elsewhere, and back."""

from __future__ import annotations

from pathlib import Path

import click

from tokencoach import paths
from tokencoach.audit.numbers import counted, size
from tokencoach.cli.context import Context, verb
from tokencoach.cli.output import emit_json, narrate, one_line, say
from tokencoach.errors import DamagedInputError, NothingToReadError, UsageError
from tokencoach.store.backup import back_up, checked, note_backup, put_back
from tokencoach.watch.lock import is_locked
from tokencoach.watch.word import write_word


@click.command(epilog="Example: tokencoach backup /media/stick/tokencoach.db")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Write over FILE where it is there already.")
@click.option(
    "--restore", "is_restored", is_flag=True, help="The other way: make the database what FILE holds."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
@verb
def backup(context: Context, file: Path, *, force: bool, is_restored: bool, as_json: bool) -> int:
    """Copy the whole database to FILE: closed months, your words and all figures, in one checked file.

    Copied while others work with it, read through, and only then put in its place. The checklist's C20
    remembers when. --restore puts such a file back: it is checked first, words you said since are kept,
    and what was there before is saved beside the database.
    """
    target = file.expanduser().absolute()
    return (
        _restore(context, target, as_json=as_json) if is_restored else _make(context, target, force, as_json)
    )


def _make(context: Context, target: Path, is_forced: bool, as_json: bool) -> int:  # noqa: FBT001 - one use, by position
    if target.is_dir():
        raise UsageError(f"{paths.shown(target)} is a folder", "name a file in it")
    if _is_same(target, context.database):
        raise UsageError("that is the database itself", "name a file elsewhere, best on another disk")
    if target.exists() and not is_forced:
        raise UsageError(f"{paths.shown(target)} is there already", "name another file, or say --force")
    made = back_up(context.database, target, context.now_ms)
    write_word(context.database, context.tz, lambda base: note_backup(base, made))
    if as_json:
        emit_json({"path": made.path, "bytes": made.size, "requests": made.requests})
    else:
        say(
            f"{one_line(paths.shown(target))}: {counted(made.requests, 'request')}, {size(made.size)}, checked"
        )
    if target.stat().st_dev == context.database.stat().st_dev:
        narrate("it lies on the same disk as the database: copy it to another one as well")
    return 0


def _restore(context: Context, source: Path, *, as_json: bool) -> int:
    if _is_same(source, context.database):
        raise UsageError("that is the database itself", "name the backup")
    if is_locked(paths.watcher_lock(context.folder)):
        raise UsageError(
            "a watcher works with the database", "close the app and every  tokencoach watch  first"
        )
    checked(source)
    saved = _saved(context)
    requests = put_back(source, context.database)
    if as_json:
        emit_json(
            {"restored": str(source), "requests": requests, "saved": None if saved is None else str(saved)}
        )
    else:
        say(f"the database holds what {one_line(paths.shown(source))} held: {counted(requests, 'request')}")
    if saved is not None:
        narrate(f"what was there before: {one_line(paths.shown(saved))}")
    return 0


def _saved(context: Context) -> Path | None:
    """What stands there now, once more beside it; None where nothing does, or where it is damaged."""
    if not context.database.exists():
        return None
    saved = context.database.with_name(f"{context.database.name}.before-restore")
    try:
        back_up(context.database, saved, context.now_ms)
    except (DamagedInputError, NothingToReadError):
        return None
    return saved


def _is_same(one: Path, other: Path) -> bool:
    return one.exists() and other.exists() and one.samefile(other)
