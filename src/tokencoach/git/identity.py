"""Who a repository is: roots, remotes, default branch, and in what state it can be read."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.git.errors import GitError, GitMissingError, ObjectsMissingError
from tokencoach.git.graph import first_parent_line, graph, milliseconds
from tokencoach.git.locate import head_of
from tokencoach.git.refs import Ref, existing_commits, refs
from tokencoach.git.run import probe, run

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tokencoach.git.locate import Repository

_HEADS: Final = "refs/heads/"
_REMOTES: Final = "refs/remotes/"
_REMOTE_HEAD: Final = "refs/remotes/origin/HEAD"
_USUAL: Final = ("main", "master", "trunk")
_MOST_BRANCHES: Final = 50
_SCP: Final = re.compile(r"(?:[^@/]*@)?([^/:]{2,}):(?!//)(.*)")
_URL: Final = re.compile(r"[a-z][a-z0-9+.-]*://(?:[^@/]*@)?([^/:]*)(?::\d+)?/(.*)", re.IGNORECASE)


class RepositoryState(StrEnum):
    """How far a repository can be read."""

    OK = "ok"
    MISSING = "missing"
    EMPTY = "empty"
    SHALLOW = "shallow"
    PARTIAL = "partial"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class RepositoryFacts:
    """What is known of a repository. ``remotes`` are normalised, ``problem`` says why it is unreadable.

    ``default_tips`` are the default branch and its remote-tracking twins: the one that holds the
    other first, else the one with the newer commit. ``oldest_root_ms`` is when the first of the root
    commits was made; 0 where that was not looked up. ``asked`` is the ref that was asked for by name.
    """

    state: RepositoryState
    root_commits: tuple[str, ...] = ()
    remotes: tuple[str, ...] = ()
    default_branch: str | None = None
    default_tips: tuple[Ref, ...] = ()
    refs: tuple[Ref, ...] = ()
    problem: str | None = None
    oldest_root_ms: int = 0
    asked: Ref | None = None


class KnownRoots(NamedTuple):
    """The root commits of what a commit reaches, from an earlier look."""

    tip: str
    roots: tuple[str, ...]


def describe(
    repository: Repository, branch: str | None = None, known: KnownRoots | None = None
) -> RepositoryFacts:
    """Facts about a repository; a ``branch``, or any other ref, overrides the choice of the default branch.

    With ``known`` only what came since is searched for roots.

    Raises:
        GitMissingError: there is no git program. Every other failure is a state.
    """
    git_dir = repository.common_dir
    if not repository.exists:
        return RepositoryFacts(RepositoryState.MISSING)
    try:
        probe(repository.worktrees[0] if repository.worktrees else git_dir)
        return _described(git_dir, branch, known)
    except GitMissingError:
        raise
    except ObjectsMissingError as problem:
        return RepositoryFacts(RepositoryState.PARTIAL, problem=str(problem))
    except GitError as problem:
        return RepositoryFacts(RepositoryState.UNREADABLE, problem=str(problem))


def normalised_remote(url: str) -> str:
    """``host/path`` of a remote: no scheme, no credentials, no port, no ``.git``; a path stays a path."""
    url = url.strip()
    match = _URL.fullmatch(url) or _SCP.fullmatch(url)
    if match is None:
        return url.removeprefix("file://").rstrip("/").removesuffix(".git")
    path = match[2].strip("/").removesuffix(".git").rstrip("/")
    return f"{match[1].lower()}/{path}" if match[1] else f"/{path}"


def _described(git_dir: Path, branch: str | None, known: KnownRoots | None) -> RepositoryFacts:
    config = _config(git_dir)
    remotes = sorted({normalised_remote(url) for key, url in config if re.fullmatch(r"remote\..*\.url", key)})
    all_refs = {ref.name: ref for ref in refs(git_dir)}
    asked = None if branch is None else named_ref(all_refs, branch)
    name = default_branch(git_dir, all_refs, None if asked is None else branch_name(asked.name))
    tips = _tips(git_dir, name, all_refs, dict(config))
    has_commits = bool(tips)
    roots, oldest_root_ms = _roots(git_dir, tips, known)
    return RepositoryFacts(
        state=_state(git_dir, config, has_commits=has_commits),
        root_commits=roots,
        remotes=tuple(remotes),
        default_branch=name,
        default_tips=tips,
        refs=tuple(all_refs.values()),
        oldest_root_ms=oldest_root_ms,
        asked=asked,
    )


def named_ref(all_refs: Mapping[str, Ref], name: str) -> Ref | None:
    """The ref that a person means: by its whole name, as a branch, a tag, or a branch of some remote."""
    forms = (name, f"refs/{name}", f"{_HEADS}{name}", f"refs/tags/{name}", f"{_REMOTES}{name}")
    whole = next((all_refs[form] for form in forms if form in all_refs), None)
    return whole or next((ref for ref in all_refs.values() if branch_name(ref.name) == name), None)


def default_branch(git_dir: Path, all_refs: Mapping[str, Ref], wanted: str | None = None) -> str | None:
    """Name of the default branch: the one asked for, the remote's, a usual one, else the longest."""
    names = {name for ref in all_refs if (name := branch_name(ref)) is not None}
    if wanted is not None and wanted in names:
        return wanted
    pointed = head_of_remote(git_dir) if _REMOTE_HEAD in all_refs else None
    if pointed is not None and pointed in names:
        return pointed
    usual = next((name for name in _USUAL if name in names), None)
    return usual or _longest(git_dir, all_refs)


def head_of_remote(git_dir: Path) -> str | None:
    """The branch that ``origin/HEAD`` names."""
    listing = run(git_dir, "for-each-ref", "--format=%(symref)", _REMOTE_HEAD)
    target = listing.decode("utf-8", "surrogateescape").strip()
    return target.removeprefix("refs/remotes/origin/") or None


def branch_name(ref: str) -> str | None:
    """The branch that a ref of this repository or of a remote is; None where it is something else."""
    if ref.startswith(_HEADS):
        return ref.removeprefix(_HEADS)
    if ref.startswith(_REMOTES) and not ref.endswith("/HEAD"):
        return ref.removeprefix(_REMOTES).partition("/")[2] or None
    return None


def _longest(git_dir: Path, all_refs: Mapping[str, Ref]) -> str | None:
    """The branch with the longest line of first parents; of equals the one checked out, then by name."""
    local = [ref for ref in all_refs.values() if ref.name.startswith(_HEADS)]
    some = local or [ref for ref in all_refs.values() if branch_name(ref.name) is not None]
    if not some:
        return None
    # A branch that nobody touched for years is hardly the default one.
    some.sort(key=lambda ref: -ref.committed_ms)
    here = head_of(git_dir)
    best = max(
        sorted(some[:_MOST_BRANCHES], key=lambda ref: ref.name),
        key=lambda ref: (_length(git_dir, ref.sha), ref.name == here),
    )
    return branch_name(best.name)


def _length(git_dir: Path, sha: str) -> int:
    return int(run(git_dir, "rev-list", "--first-parent", "--count", sha))


def _tips(
    git_dir: Path, name: str | None, all_refs: Mapping[str, Ref], config: Mapping[str, str]
) -> tuple[Ref, ...]:
    if name is None:
        return _detached(git_dir)
    # The remote that the branch follows may be another than origin; a fork's work lands in upstream.
    remotes = dict.fromkeys([config.get(f"branch.{name}.remote", "origin"), "origin", "upstream"])
    names = [_HEADS + name, *(f"{_REMOTES}{remote}/{name}" for remote in remotes)]
    found = [all_refs[ref] for ref in names if ref in all_refs]
    if not found:
        found = [ref for ref in all_refs.values() if branch_name(ref.name) == name][:1]
    if len({ref.sha for ref in found}) > 1:
        ahead = {ref.name: _ahead(git_dir, ref, found) for ref in found}
        found.sort(key=lambda ref: (not ahead[ref.name], -ref.committed_ms))
    return tuple(found)


def _detached(git_dir: Path) -> tuple[Ref, ...]:
    """The commit checked out where there is no branch at all."""
    named = existing_commits(git_dir, [head_of(git_dir) or ""])
    return tuple(Ref("HEAD", sha, first_parent_line(git_dir, sha)[-1].commit_ms) for sha in named)


def _ahead(git_dir: Path, ref: Ref, others: list[Ref]) -> bool:
    """Whether the ref holds all the others."""
    return not graph(git_dir, [*(other.sha for other in others), f"^{ref.sha}"])


def _roots(git_dir: Path, tips: tuple[Ref, ...], known: KnownRoots | None) -> tuple[tuple[str, ...], int]:
    """Root commits, and when the first of them was made, if all were searched for."""
    if not tips:
        return (), 0
    shas = [ref.sha for ref in tips]
    if known is not None and known.roots and not is_shallow(git_dir):
        try:
            new = _new_roots(git_dir, shas, known.tip)
            if new is not None:
                return tuple(sorted({*known.roots, *new})), 0
        except GitError:
            # The commit that was known is gone: everything is searched.
            pass
    listing = run(git_dir, "log", "--max-parents=0", "--no-show-signature", "--format=%H %ct", *shas, "--")
    found = [line.split(b" ") for line in listing.splitlines()]
    roots = tuple(sorted(sha.decode("ascii", "replace") for sha, _ in found))
    return roots, min((milliseconds(seconds) for _, seconds in found), default=0)


def _new_roots(git_dir: Path, shas: list[str], tip: str) -> list[str] | None:
    """Root commits that are reached from the ``shas`` and not from a commit that was known; None where they lost that."""
    if len({*shas, tip}) == 1:
        return []
    if len(shas) > 1:
        is_older = tip in shas or not run(git_dir, "rev-list", "-1", tip, "--not", *shas)
        new = run(git_dir, "rev-list", "--max-parents=0", *shas, "--not", tip) if is_older else b""
        return new.decode("ascii", "replace").split() if is_older else None
    # What either of two reaches alone: one call tells both.
    told = run(git_dir, "rev-list", "--left-right", "--parents", f"{tip}...{shas[0]}")
    lines = [line.split() for line in told.decode("ascii", "replace").splitlines()]
    if any(commit.startswith("<") for commit, *_ in lines):
        return None
    return [commit[1:] for commit, *parents in lines if not parents]


def is_shallow(git_dir: Path) -> bool:
    """Whether history was cut off when the repository was cloned; its roots move when it is deepened."""
    return (git_dir / "shallow").exists()


def _config(git_dir: Path) -> list[tuple[str, str]]:
    """The repository's own settings, none where the file is missing; names of sections are lower case."""
    if not (git_dir / "config").exists():
        return []
    listing = run(git_dir, "config", "--local", "--list", "-z").decode("utf-8", "surrogateescape")
    return [(key, value) for key, _, value in (item.partition("\n") for item in listing.split("\0") if item)]


def _state(git_dir: Path, config: list[tuple[str, str]], *, has_commits: bool) -> RepositoryState:
    if not has_commits:
        return RepositoryState.EMPTY
    if is_shallow(git_dir):
        return RepositoryState.SHALLOW
    if any(key == "extensions.partialclone" or key.endswith(".promisor") for key, _ in config):
        return RepositoryState.PARTIAL
    return RepositoryState.OK
