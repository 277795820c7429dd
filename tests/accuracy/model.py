"""A real repository and, beside it, who wrote each of its lines: both are moved by the same script."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from accuracy.marks import Life, Line, Mark, Tree, is_significant, merged, new_line
from tokencoach.demo.repository import GitFailedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tokencoach.demo.repository import Repository

MAIN = "main"


@dataclass(eq=False, frozen=True, slots=True)
class Commit:
    """A commit of the model; ``parents`` has the first parent first."""

    sha: str
    tree: Tree
    parents: tuple[Commit, ...]
    at_ms: int


class World:
    """What is shared by the worktrees of one repository: refs, marks, what stood on the default branch."""

    def __init__(self) -> None:
        self.refs: dict[str, Commit] = {}
        self.marks: list[Mark] = []
        self.ever_on_main: set[int] = set()
        self.excluded: set[str] = set()


class DriftError(AssertionError):
    """The model and the real files differ: the script is wrong."""


class ModelRepository:
    """A worktree whose every line is known by its identity."""

    def __init__(self, real: Repository, world: World | None = None, head: str = MAIN) -> None:
        self.real = real
        self.world = world or World()
        self.head = head
        self.work: Tree = {}
        self.endings: dict[str, str] = {}
        if head in self.world.refs:
            self.work = dict(self.world.refs[head].tree)

    @property
    def now_ms(self) -> int:
        """The present of the script."""
        return self.real.clock.now_ms

    @property
    def tip(self) -> Commit:
        """What is checked out."""
        return self.world.refs[self.head]

    def put(self, path: str, lines: Sequence[Line]) -> None:
        """Give a file these lines."""
        self.work[path] = tuple(lines)
        file = self.real.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(self.encoded(path))

    def encoded(self, path: str) -> bytes:
        """A file as it stands on the disk."""
        ending = self.endings.get(path, "\n")
        return "".join(line.text + ending for line in self.work[path]).encode()

    def drop(self, path: str) -> None:
        """Delete a file."""
        del self.work[path]
        (self.real.folder / path).unlink()

    def human_write(self, path: str, lines: Iterable[str]) -> None:
        """A person writes a whole file."""
        self.put(path, [new_line(text) for text in lines])

    def commit(self, message: str, *paths: str) -> Commit:
        """Commit some paths, all of them where none is named."""
        sha = self.real.commit(message, *paths)
        parents = (self.tip,) if self.head in self.world.refs else ()
        tree = dict(parents[0].tree) if parents else {}
        for path in paths or {*tree, *self.work}:
            if path in self.work:
                tree[path] = self.work[path]
            else:
                tree.pop(path, None)
        return self._advance(Commit(sha, tree, parents, self.now_ms))

    def amend(self, *paths: str) -> Commit:
        """Fold the changes of some paths into the last commit."""
        last = self.tip
        self.real.git("add", "--all", "--", *paths)
        self.real.git("commit", "--quiet", "--amend", "--no-edit", "--only", "--", *paths)
        tree = dict(last.tree) | {path: self.work[path] for path in paths}
        if self.head == MAIN:
            unsettle(self.world, last)
        return self._advance(Commit(self.real.head(), tree, last.parents, self.now_ms))

    def branch(self, name: str) -> None:
        """Make a branch here and go to it."""
        self.real.branch(name)
        self.world.refs[name] = self.tip
        self.head = name

    def checkout(self, name: str) -> None:
        """Go to a branch; files that are not committed stay as they are."""
        self.real.checkout(name)
        before, after = self.tip.tree, self.world.refs[name].tree
        self.head = name
        self._go(before, after)

    def merge(self, name: str, message: str | None = None, *more: str) -> Commit:
        """Merge a branch, or several at once, with a merge commit."""
        tree, others = self.tip.tree, [self.world.refs[one] for one in (name, *more)]
        for other in others:
            tree = self._three_way(self._base(other), tree, other.tree)
        words = message or f"Merge branch '{name}'"
        self.real.git("merge", "--quiet", "--no-ff", "-m", words, name, *more)
        return self._commit_tree(tree, (self.tip, *others))

    def merge_resolved(self, name: str, path: str, lines: Sequence[Line]) -> Commit:
        """Merge a branch that changed one file at the same place; a person puts it together."""
        other = self.world.refs[name]
        with suppress(GitFailedError):
            self.real.git("merge", "--quiet", "--no-ff", "--no-commit", name)
        self.put(path, lines)
        self.real.git("add", "--", path)
        self.real.git("commit", "--quiet", "-m", f"Merge branch '{name}'")
        made = Commit(
            self.real.head(), dict(self.tip.tree) | {path: tuple(lines)}, (self.tip, other), self.now_ms
        )
        self._advance(made)
        self.verify()
        return made

    def take_back(self) -> None:
        """Drop the last commit as if it had never been."""
        last = self.tip
        self.real.git("reset", "--quiet", "--hard", "HEAD~1")
        unsettle(self.world, last)
        self.world.refs[self.head] = last.parents[0]
        self._go(last.tree, self.tip.tree)

    def fast_forward(self, name: str) -> None:
        """Let this branch go on to where another one is."""
        self.real.git("merge", "--quiet", "--ff-only", name)
        chain = [self.world.refs[name]]
        while chain[-1] is not self.tip:
            chain.append(chain[-1].parents[0])
        before = self.tip.tree
        for commit in reversed(chain[:-1]):
            self._advance(commit)
        self._go(before, self.tip.tree)

    def squash(self, name: str, message: str) -> Commit:
        """Land a branch as one commit."""
        other = self.world.refs[name]
        tree = self._three_way(self._base(other), self.tip.tree, other.tree)
        self.real.git("merge", "--quiet", "--squash", name)
        self.real.git("commit", "--quiet", "-m", message)
        return self._commit_tree(tree, (self.tip,))

    def rebase(self, onto: str) -> None:
        """Replay this branch on top of another one."""
        target, chain = self.world.refs[onto], [self.tip]
        base = self._base(target)
        while chain[-1].sha != base.sha:
            chain.append(chain[-1].parents[0])
        self.real.git("rebase", "--quiet", "--autostash", onto)
        shas = self.real.git("rev-list", "--reverse", f"{onto}..HEAD").split()
        before, tip = self.tip.tree, target
        replayed = list(reversed(chain[:-1]))
        for sha, commit in zip(shas, replayed, strict=True):
            tree = self._three_way(commit.parents[0], tip.tree, commit.tree)
            tip = Commit(sha, tree, (tip,), self.now_ms)
        self.world.refs[self.head] = tip
        self._go(before, tip.tree)

    def land_on_forge(self, name: str, message: str) -> None:
        """The forge squashed a branch: the remote-tracking branch holds it, the local one does not yet."""
        self.branch("on-the-forge")
        landed = self.squash(name, message)
        self.real.git("update-ref", f"refs/remotes/origin/{MAIN}", "HEAD")
        self.checkout(MAIN)
        for gone in ("on-the-forge", name):
            self.delete_branch(gone)
        settle(self.world, landed)

    def history_of(self, path: str) -> Commit:
        """The last commit of this branch that changed a file."""
        commit = self.tip
        while commit.parents and commit.parents[0].tree.get(path) == commit.tree.get(path):
            commit = commit.parents[0]
        return commit

    def cherry_pick(self, commit: Commit) -> Commit:
        """Copy a commit onto this branch."""
        tree = self._three_way(commit.parents[0], self.tip.tree, commit.tree)
        self.real.cherry_pick(commit.sha)
        return self._commit_tree(tree, (self.tip,))

    def revert(self, commit: Commit) -> Commit:
        """Undo a commit with ``git revert``."""
        tree = self._three_way(commit, self.tip.tree, commit.parents[0].tree)
        self.real.revert(commit.sha)
        return self._commit_tree(tree, (self.tip,))

    def rename(self, old: str, new: str) -> None:
        """Move a file; git is told by the next commit of both names."""
        (self.real.folder / new).parent.mkdir(parents=True, exist_ok=True)
        (self.real.folder / old).rename(self.real.folder / new)
        self.work[new] = self.work.pop(old)
        if old in self.endings:
            self.endings[new] = self.endings.pop(old)

    def delete_branch(self, name: str) -> None:
        """Delete a branch, merged or not."""
        self.real.delete_branch(name)
        del self.world.refs[name]

    def worktree(self, name: str, branch: str) -> ModelRepository:
        """Add a worktree on a new branch."""
        folder = self.real.folder.parent / name
        self.world.refs[branch] = self.tip
        return ModelRepository(self.real.worktree(folder, branch), self.world, branch)

    def verify(self) -> None:
        """Fail where a file is not what the model says.

        Raises:
            DriftError: names the first file that differs.
        """
        for path in self.work:
            file = self.real.folder / path
            if not file.is_file() or file.read_bytes() != self.encoded(path):
                raise DriftError(f"{self.real.folder.name}:{path} is not what the script made")

    def _commit_tree(self, tree: Tree, parents: tuple[Commit, ...]) -> Commit:
        before = self.tip.tree
        made = Commit(self.real.head(), tree, parents, self.now_ms)
        self._advance(made)
        self._go(before, tree)
        return made

    def _go(self, before: Tree, after: Tree) -> None:
        for path in {*before, *after}:
            if self.work.get(path) == before.get(path):
                if path in after:
                    self.work[path] = after[path]
                else:
                    self.work.pop(path, None)
        self.verify()

    def _base(self, other: Commit) -> Commit:
        """The youngest commit that both sides hold."""
        mine = set(ancestors(self.tip))
        return next(commit for commit in ancestors(other) if commit in mine)

    def _three_way(self, base: Commit, ours: Tree, theirs: Tree) -> Tree:
        tree: Tree = {}
        for path in {*ours, *theirs}:
            kept = merged(base.tree.get(path, ()), ours.get(path, ()), theirs.get(path, ()))
            if kept:
                tree[path] = kept
        return tree

    def _advance(self, commit: Commit) -> Commit:
        self.world.refs[self.head] = commit
        if self.head == MAIN:
            settle(self.world, commit)
        return commit


def ancestors(commit: Commit) -> list[Commit]:
    """A commit and all before it, youngest first."""
    found = {id(commit): commit}
    waiting = [commit]
    while waiting:
        for parent in waiting.pop().parents:
            if id(parent) not in found:
                found[id(parent)] = parent
                waiting.append(parent)
    return sorted(found.values(), key=lambda one: one.at_ms, reverse=True)


def settle(world: World, commit: Commit) -> None:
    """Write down which marks stand on the default branch after a commit."""
    lines = [line for part in commit.tree.values() for line in part]
    standing: dict[Mark, float] = {}
    for line in lines:
        for mark, credit in line.marks:
            standing[mark] = max(credit, standing.get(mark, 0.0))
    there = frozenset().union(*(line.ids for line in lines)) if lines else frozenset()
    world.ever_on_main |= there
    for mark in world.marks:
        is_gone = mark.target <= world.ever_on_main and mark.target.isdisjoint(there)
        stands = is_gone if mark.is_removal else mark in standing
        life = mark.open_life
        if stands and life is None:
            mark.lives.append(Life(commit.at_ms))
            mark.credit = standing.get(mark, 1.0) if len(mark.lives) == 1 else mark.credit
        elif life is not None and not stands:
            life.died_ms = commit.at_ms


def unsettle(world: World, commit: Commit) -> None:
    """Forget what the last commit of the default branch did: history shows it no longer."""
    for mark in world.marks:
        mark.lives = [life for life in mark.lives if life.landed_ms != commit.at_ms]
        for life in mark.lives:
            if life.died_ms == commit.at_ms:
                life.died_ms = None


def counts(text: str, path: str, world: World) -> bool:
    """Whether a line weighs anything."""
    return is_significant(text) and path not in world.excluded
