"""``tokencoach repos``: the repositories behind the logs."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from tokencoach.cli.context import Context, verb
from tokencoach.cli.output import emit_json, narrate, say
from tokencoach.cli.repository import repository_path
from tokencoach.cli.update import bring_up_to_date
from tokencoach.errors import UsageError
from tokencoach.git.locate import find
from tokencoach.store.reader import open_reader
from tokencoach.store.repo_rows import known_repos, links, put_link, set_phase, set_ship
from tokencoach.store.writer import Writer
from tokencoach.usage.words import Phase

if TYPE_CHECKING:
    from collections.abc import Callable


@click.group(epilog="Example: tokencoach repos link 'D:\\work\\api' ~/src/api")
def repos() -> None:
    """The repositories behind the logs: where they are, their phase, what shipping means in them."""


def _listing(context: Context) -> dict[str, Any]:
    with open_reader(context.database) as reader:
        linked = links(reader.connection)
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
                }
                for repo in known_repos(reader.connection)
            ]
        }


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
            for old in repo["links"]:
                say(f"{'':<22} also {old}")
    if not body["repos"]:
        narrate("no repository is named in the logs yet")
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
    """What shipping means in a repository: landed on the default branch, in a tag, or on a ref."""
    if policy not in ("default-branch", "tag") and not (policy.startswith("ref:") and policy[4:]):
        raise UsageError(f"{policy!r} is no policy", "default-branch, tag or ref:NAME")
    bring_up_to_date(context)
    repo_id = _repo_id(context, path)
    kept = None if policy == "default-branch" else policy
    _write(context, lambda connection: set_ship(connection, repo_id, kept))
    bring_up_to_date(context)
    return _show(context, as_json=as_json)


def _repo_id(context: Context, path: str) -> int:
    with open_reader(context.database) as reader:
        named = repository_path(reader, path)
        return next(repo.repo_id for repo in known_repos(reader.connection) if repo.path == named)


def _write(context: Context, change: Callable[[Any], None]) -> None:
    with Writer(context.database, context.tz) as writer, writer.transaction() as connection:
        change(connection)
