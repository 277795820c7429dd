"""How far the replay of first parents agrees with ``git blame --first-parent``, on repositories of anybody.

``blame_agreement.py REPO...`` replays the whole history of each repository's HEAD with the
product's own provenance, for every file, blames every file of HEAD (or ``--files N`` of them,
drawn by chance), compares line by line and names the mechanism behind each difference.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src"))

from tokencoach.attribution.mainline import Mainline
from tokencoach.git.blobs import contents
from tokencoach.git.errors import ObjectsMissingError
from tokencoach.git.history import first_parent
from tokencoach.git.paths import unquoted
from tokencoach.git.run import run

if TYPE_CHECKING:
    from tokencoach.git.patch import FileChange

CAUSES: Final = {
    "pairing": "of several alike files log -M pairs each vanished with one new; blame asks for one file alone",
    "tie": "equal lines stand beside each other, and the two diffs pick different ones of them",
    "binary": "the file was no text at one of its commits, so it has no hunks there",
    "length": "the replay knows fewer lines, or more, than the file has",
}
_REGULAR: Final = b"100"
# git takes for binary what holds a NUL among so many first bytes.
_LOOKED_AT: Final = 8_000


@dataclass(slots=True)
class Replayed:
    """A branch after its replay: names of its commits, each file's line of changes, the provenance."""

    line: Mainline
    shas: list[str] = field(default_factory=list)
    merges: int = 0
    renames: int = 0
    lives: dict[bytes, dict[int, str]] = field(default_factory=dict)
    names: dict[bytes, list[bytes]] = field(default_factory=dict)

    def take(self, change: FileChange) -> None:
        """Note what the newest commit does to a file, under the name that it has afterwards."""
        number = len(self.shas) - 1
        kind = "binary" if change.is_binary or not change.is_complete else "changed"
        if change.is_deleted:
            self.lives.pop(change.path, None)
            return
        if change.old_path is not None and not change.is_copy:
            self.renames += 1
            self.lives[change.path] = self.lives.pop(change.old_path, {})
            self.names[change.path] = [*self.names.pop(change.old_path, []), change.old_path]
            kind = "renamed"
        elif change.is_new:
            self.lives[change.path] = {}
            self.names.pop(change.path, None)
            kind = "new" if kind == "changed" else kind
        self.lives.setdefault(change.path, {})[number] = kind


@dataclass(slots=True)
class Agreement:
    """Lines compared and lines that differ, by cause; examples of each."""

    files: int = 0
    unreadable: int = 0
    lines: int = 0
    differing: Counter[str] = field(default_factory=Counter)
    examples: dict[str, list[str]] = field(default_factory=dict)

    def differ(self, why: str, example: str, count: int = 1) -> None:
        """Note lines that differ."""
        self.differing[why] += count
        self.examples.setdefault(why, []).append(example)

    @property
    def share(self) -> float:
        """Equal lines of all lines."""
        return 1 - sum(self.differing.values()) / self.lines if self.lines else 1.0


def replayed(git_dir: Path, revision: str) -> Replayed:
    """The history up to a revision, with the provenance of every line of every file."""
    found = Replayed(Mainline(track_all=True))
    for commit in first_parent(git_dir, revision):
        found.shas.append(commit.sha)
        found.merges += commit.is_merge
        for change in commit.changes:
            found.take(change)
        found.line.feed(commit)
    return found


def blamed(git_dir: Path, revision: str, path: bytes) -> dict[int, tuple[str, bytes]]:
    """The commit of each line of a file by ``git blame --first-parent``, and the file's name there."""
    options = ("--first-parent", "--root", "--no-textconv", "--incremental")
    found: dict[int, tuple[str, bytes]] = {}
    head: list[bytes] = []
    for row in run(git_dir, "blame", *options, revision, "--", path).split(b"\n"):
        word, _, rest = row.partition(b" ")
        if not head:
            head = row.split(b" ")
        elif word == b"filename":
            sha, first, count = head[0].decode(), int(head[2]), int(head[3])
            found |= dict.fromkeys(range(first, first + count), (sha, unquoted(rest)))
            head = []
    return found


def cause(known: Replayed, path: bytes, said: int, blame: int, name: bytes) -> str:
    """Which mechanism makes a line differ: another file taken for the former one, or other lines of it."""
    life = known.lives.get(path, {})
    if "binary" in life.values():
        return "binary"
    is_other_file = name != path and name not in known.names.get(path, ())
    is_paired = is_other_file or life.get(max(said, blame)) in ("new", "renamed")
    return "pairing" if is_paired else "tie"


def compare(git_dir: Path, revision: str, known: Replayed, paths: list[bytes]) -> Agreement:
    """Every line of the files, replay against blame."""
    agreement = Agreement()
    numbers = {sha: number for number, sha in enumerate(known.shas)}
    for path in paths:
        try:
            theirs = blamed(git_dir, revision, path)
        except ObjectsMissingError:
            agreement.unreadable += 1
            continue
        ours = known.line.provenance(path)
        agreement.files += 1
        agreement.lines += len(theirs)
        for place, (sha, name) in sorted(theirs.items()):
            said = ours[place - 1] if place <= len(ours) else -1
            if known.shas[said] != sha:
                why = "length" if said < 0 else cause(known, path, said, numbers.get(sha, -1), name)
                agreement.differ(why, f"{path!r}:{place} {known.shas[said][:12]} {sha[:12]} {name!r}")
        if len(ours) > len(theirs):
            agreement.differ("length", f"{path!r} {len(ours)} {len(theirs)}", len(ours) - len(theirs))
    return agreement


def files_of(git_dir: Path, revision: str) -> list[bytes]:
    """Every file of a revision that has lines: regular, text as git sees it, and there to be read."""
    rows = run(git_dir, "ls-tree", "-r", "-z", revision).split(b"\0")
    regular = [(revision, row.split(b"\t", 1)[1]) for row in rows if row.startswith(_REGULAR)]
    return [
        path
        for (_, path), content in contents(git_dir, regular)
        if content is not None and b"\0" not in content[:_LOOKED_AT]
    ]


def main() -> int:
    """0 where every repository agrees on at least 99.9 % of its lines."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("repository", type=Path, nargs="+", help="a git directory")
    parser.add_argument("--revision", default="HEAD")
    parser.add_argument("--files", type=int, help="so many files, drawn by chance; default: all")
    parser.add_argument("--examples", type=int, default=0, help="lines shown of each cause")
    options = parser.parse_args()
    print("repository           commits  merges renames  files    lines     equal  differing")
    worst = 1.0
    for repository in options.repository:
        known = replayed(repository, options.revision)
        paths = files_of(repository, options.revision)
        if options.files and options.files < len(paths):
            paths = random.Random(1).sample(paths, options.files)
        found = compare(repository, options.revision, known, paths)
        if found.unreadable:
            print(f"{repository.parent.name}: git blame lacks objects for {found.unreadable} files")
        counts = (
            f"{len(known.shas):>8} {known.merges:>7} {known.renames:>7} {found.files:>6} {found.lines:>8}"
        )
        causes = ", ".join(f"{name} {count}" for name, count in found.differing.most_common())
        print(f"{repository.parent.name[:20]:<20} {counts} {found.share:>9.4%}  {causes or '-'}", flush=True)
        for name, rows in found.examples.items():
            print(*(f"    {name}: {row}" for row in rows[: options.examples]), sep="\n", flush=True)
        worst = min(worst, found.share)
    print(*(f"{name:<9}{words}" for name, words in CAUSES.items()), sep="\n")
    return 0 if worst >= 0.999 else 1


if __name__ == "__main__":
    sys.exit(main())
