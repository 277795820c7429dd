"""Figures of git: cold histories against ``git log -p`` of the same repository, and new commits."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

from long_history import LongHistoryMaker
from measure import Row, environment, run_child, tokencoach
from repository import RepositoryMaker

if TYPE_CHECKING:
    from pathlib import Path

    from measure import Cost, Room

COMMITS = 10_000
MANY_COMMITS = 100_000
NEW_COMMITS = 50
ROUNDS = 3


def git_history(room: Room) -> list[Row]:
    """What the history adds to an ingest, over git's own CPU for the same patches; then 50 commits more."""
    count = 1_000 if room.is_quick else COMMITS
    for name in ("git-home", "git-repository", "git-away", "git-state", "git-without"):
        shutil.rmtree(room.folder / name, ignore_errors=True)
    home, repository = room.sub("git-home"), room.folder / "git-repository"
    env = environment(room.sub("git-state"), home)
    maker = RepositoryMaker(repository, home, 3, env)
    maker.grow(count)
    own = _git_log(repository, env)
    # The same logs while the repository is not there: start-up and log reading alone.
    away = repository.rename(room.folder / "git-away")
    without = run_child(tokencoach("ingest"), environment(room.sub("git-without"), home))
    away.rename(repository)
    cold = run_child(tokencoach("ingest"), env)
    landed = _landed(env)
    detail = (
        f"{count} commits: {cold.cpu_s:.2f} s CPU with them, {without.cpu_s:.2f} s without, "
        f"git log -p -U0 -M {own.cpu_s:.2f} s; {landed} lines landed; "
        f"{(cold.wall_s - without.wall_s) / own.wall_s:.2f}x by the clock"
    )
    ratio = (cold.cpu_s - without.cpu_s) / own.cpu_s
    rows = [
        Row("cold git history", ratio, 3, "x git log -p", detail, is_wrong=landed == 0),
        Row("git history, peak memory", cold.own_peak_mb or cold.peak_mb, 120, "MB a process"),
    ]
    return [*rows, _new_commits(maker, env)]


def long_history(room: Room) -> list[Row]:
    """Memory and time on a large repository with branches, merges and renames."""
    count = 3_000 if room.is_quick else MANY_COMMITS
    for name in ("long-home", "long-repository", "long-state"):
        shutil.rmtree(room.folder / name, ignore_errors=True)
    home, repository = room.sub("long-home"), room.folder / "long-repository"
    env = environment(room.sub("long-state"), home)
    LongHistoryMaker(repository, home, 5, env).grow(count)
    own = _git_log(repository, env, runs=1).cpu_s
    cold = run_child(tokencoach("ingest"), env)
    landed = _landed(env)
    detail = (
        f"{count} commits: {cold.cpu_s:.1f} s CPU and {cold.wall_s:.1f} s wall with the logs, "
        f"git log -p -U0 -M {own:.1f} s; {landed} lines landed"
    )
    return [
        Row("long git history", cold.cpu_s / own, 3, "x git log -p", detail, is_wrong=landed == 0),
        Row("long history, peak memory", cold.own_peak_mb or cold.peak_mb, 300, "MB", "our own process"),
        Row("long history, git's memory", cold.git_peak_mb, 300, "MB", "the largest git that we started"),
    ]


def _git_log(repository: Path, env: dict[str, str], runs: int = 2) -> Cost:
    command = ["git", "-C", str(repository), "--no-pager", "log", "-p", "-U0", "-M", "main"]
    return min((run_child(command, env) for _ in range(runs)), key=lambda cost: cost.cpu_s)


def _landed(env: dict[str, str]) -> int:
    said = json.loads(
        run_child(tokencoach("audit", "--since", "2024-01-01", "--until", "2027-01-01", "--json"), env).output
    )
    return int(said["lines"]["landed"])


def _new_commits(maker: RepositoryMaker, env: dict[str, str]) -> Row:
    maker.grow(1)
    run_child(tokencoach("ingest"), env)
    idle = min(run_child(tokencoach("ingest"), env).wall_s for _ in range(ROUNDS))
    walls = []
    for _ in range(ROUNDS):
        maker.grow(NEW_COMMITS)
        walls.append(run_child(tokencoach("ingest"), env).wall_s)
    moved = min(walls)
    detail = f"{moved:.2f} s wall (largest of {ROUNDS}: {max(walls):.2f}), without any {idle:.2f} s"
    return Row("50 new commits", moved - idle, 0.3, "s over idle", detail)
