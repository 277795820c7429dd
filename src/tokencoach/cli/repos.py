"""``tokencoach repos``: the repositories behind the logs."""

from __future__ import annotations

import os
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

import click

from tokencoach.cli.context import Context, ShowingGroup, verb
from tokencoach.cli.output import emit_json, narrate, one_line, say
from tokencoach.cli.repository import repository_path
from tokencoach.cli.update import bring_up_to_date
from tokencoach.clock import iso_utc
from tokencoach.errors import UsageError
from tokencoach.git.identity import describe
from tokencoach.git.locate import find
from tokencoach.store.mark_rows import TRIAL, UNDISCLOSED, drop_mark, marked_with, marks, put_mark
from tokencoach.store.reader import open_reader
from tokencoach.store.repo_rows import gone_folders, known_repos, links, put_link, set_phase, set_ship
from tokencoach.store.writer import Writer
from tokencoach.usage.words import Phase

if TYPE_CHECKING:
    from collections.abc import Callable


@click.group(
    cls=ShowingGroup, shows="list", epilog="Example: tokencoach repos link 'D:\\work\\api' ~/src/api"
)
def repos() -> None:
    """The repositories behind the logs: where they are, their phase, what shipping means in them."""


def _listing(context: Context) -> dict[str, Any]:
    with open_reader(context.database) as reader:
        linked, marked = links(reader.connection), marks(reader.connection)
        return {
            "repos": [
                {
                    "path": repo.path,
                    "root_commits": list(repo.roots),
                    "remotes": list(repo.remotes),
                    "default_branch": repo.default_branch,
                    "phase": repo.phase or Phase.PRODUCTION,
                    "ship": repo.ship or "default-branch",
                    "links": [old for old, new in linked.items() if _holds(repo.path, new)],
                    "state": repo.state,
                    "local_trial_since": _since(marked_with(marked, repo.roots, TRIAL)),
                    "disclosure": marked_with(marked, repo.roots, UNDISCLOSED) is None,
                }
                for repo in known_repos(reader.connection)
            ],
            "gone_folders": gone_folders(reader.connection),
        }


def _since(at_ms: int | None) -> str | None:
    return None if at_ms is None else iso_utc(at_ms)


def _holds(repo: str, folder: str) -> bool:
    return folder == repo or folder.startswith(repo.rstrip("/") + "/")


def _show(context: Context, *, as_json: bool) -> int:
    body = _listing(context)
    if as_json:
        emit_json(body)
    else:
        for repo in body["repos"]:
            branch = repo["default_branch"] or "no default branch"
            say(f"{repo['state']:<10} {repo['phase']:<11} {repo['path']}  {branch}  ships by {repo['ship']}")
            if repo["local_trial_since"]:
                say(f"{'':<22} on trial with local models only since {repo['local_trial_since'][:10]}")
            if not repo["disclosure"]:
                say(f"{'':<22} wants no word about assistants in its commits")
            for old in repo["links"]:
                say(f"{'':<22} also {old}")
        for folder in body["gone_folders"]:
            say(f"{'gone':<10} {'':<11} {one_line(folder)}")
    if body["gone_folders"] and not as_json:
        first = one_line(quote(body["gone_folders"][0]))
        narrate(f"what is gone here may lie elsewhere: tokencoach repos link {first} NEW")
    if not body["repos"]:
        narrate(
            "no repository of the logs is on this computer"
            if body["gone_folders"]
            else "no repository is named in the logs yet"
        )
        return 3
    return 0


@repos.command(name="list", epilog="Example: tokencoach repos list --json")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
@verb
def list_(context: Context, *, as_json: bool) -> int:
    """Every repository that the logs name."""
    bring_up_to_date(context)
    return _show(context, as_json=as_json)


@repos.command(epilog="Example: tokencoach repos link 'D:\\work\\api' ~/src/api")
@click.argument("old")
@click.argument("new")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
@verb
def link(context: Context, old: str, new: str, *, as_json: bool) -> int:
    """Logs that say OLD speak of the repository now at NEW.

    OLD is a folder as it was, or was on another machine; Windows paths are fine.
    """
    target = os.path.realpath(os.path.expanduser(new))  # noqa: PTH111 - stored as text
    if not os.path.isdir(target):  # noqa: PTH112
        raise UsageError(f"{new} is no folder", "NEW is where the repository is on this computer")
    found = find(context.folder.__class__(target))
    if found is None:
        raise UsageError(f"{new} is in no git repository", "NEW is where the repository is on this computer")
    root = str(found.common_dir) if found.main_worktree is None else target
    _write(context, lambda connection: put_link(connection, old, root))
    bring_up_to_date(context)
    return _show(context, as_json=as_json)


@repos.command(epilog="Example: tokencoach repos phase ~/src/notebooks exploration")
@click.argument("path")
@click.argument("phase", type=click.Choice([str(item) for item in Phase]))
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
@verb
def phase(context: Context, path: str, phase: str, *, as_json: bool) -> int:
    """How finished a repository is meant to be; exploration and prototype spend is never waste."""
    bring_up_to_date(context)
    repo_id = _repo_id(context, path)
    _write(context, lambda connection: set_phase(connection, repo_id, phase))
    return _show(context, as_json=as_json)


@repos.command(epilog="Example: tokencoach repos ship ~/src/api tag")
@click.argument("path")
@click.argument("policy", metavar="default-branch|tag|ref:NAME")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
@verb
def ship(context: Context, path: str, policy: str, *, as_json: bool) -> int:
    """What shipping means in a repository: landed on the default branch, in a tag, or on a ref; that alone counts.

    Until you say so the default branch does, and what a final version's tag holds beside it (at 0.8).
    """
    if policy not in ("default-branch", "tag") and not (policy.startswith("ref:") and policy[4:]):
        raise UsageError(f"{policy!r} is no policy", "default-branch, tag or ref:NAME")
    bring_up_to_date(context)
    repo_id = _repo_id(context, path)
    if policy.startswith("ref:"):
        _must_be_there(context, repo_id, policy.removeprefix("ref:"))
    _write(context, lambda connection: set_ship(connection, repo_id, policy))
    bring_up_to_date(context)
    return _show(context, as_json=as_json)


@repos.command(epilog="Example: tokencoach repos trial ~/src/dotfiles")
@click.argument("path")
@click.option("--off", is_flag=True, help="It is no trial any more.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
@verb
def trial(context: Context, path: str, *, off: bool, as_json: bool) -> int:
    """Mark a side project that is to be made with models on this computer only.

    checklist C2 and the coach then list every cloud call in it. The mark goes by its first commits, so it survives a move.
    """
    return _mark(context, path, TRIAL, is_on=not off, as_json=as_json)


@repos.command(epilog="Example: tokencoach repos disclosure ~/src/api off")
@click.argument("path")
@click.argument("wanted", type=click.Choice(["on", "off"]))
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
@verb
def disclosure(context: Context, path: str, wanted: str, *, as_json: bool) -> int:
    """Whether commits of a repository are to say that an assistant took part; off where its owners forbid it."""
    return _mark(context, path, UNDISCLOSED, is_on=wanted == "off", as_json=as_json)


def _mark(context: Context, path: str, mark: str, *, is_on: bool, as_json: bool) -> int:
    """Put a mark on a repository or take it away.

    Raises:
        UsageError: no known repository, or one without a commit.
    """
    bring_up_to_date(context)
    with open_reader(context.database) as reader:
        named = repository_path(reader, path)
        roots = next(repo.roots for repo in known_repos(reader.connection) if repo.path == named)
    if not roots:
        raise UsageError(f"{path} has no commit yet", "commit something first")
    now_ms = context.now_ms
    if is_on:
        _write(context, lambda connection: put_mark(connection, roots, mark, now_ms))
    else:
        _write(context, lambda connection: drop_mark(connection, roots, mark))
    return _show(context, as_json=as_json)


def _repo_id(context: Context, path: str) -> int:
    with open_reader(context.database) as reader:
        named = repository_path(reader, path)
        return next(repo.repo_id for repo in known_repos(reader.connection) if repo.path == named)


def _must_be_there(context: Context, repo_id: int, name: str) -> None:
    """Refuse the name of a ref that a repository which can be read does not have.

    Raises:
        UsageError: there is none.
    """
    with open_reader(context.database) as reader:
        git_dir = next(one.common_dir for one in known_repos(reader.connection) if one.repo_id == repo_id)
    found = find(Path(git_dir))
    if found is None:
        return
    facts = describe(found, name)
    if facts.refs and facts.asked is None:
        raise UsageError(f"{git_dir} has no ref {name!r}", "git for-each-ref  lists them")


def _write(context: Context, change: Callable[[Any], object]) -> None:
    with Writer(context.database, context.tz) as writer, writer.transaction() as connection:
        change(connection)
