"""Makes a synthetic Claude Code history with its truth: ``history.py OUT --mib 1024 --seed 7``.

OUT becomes a home folder (``OUT/.claude/projects``) with ``OUT/truth.json`` beside it. File sizes
follow published quantiles of a real history (median 105 KB, p90 654 KB, p99 5.4 MB, largest 87 MB);
about seven bytes of eight lie in lines without usage. The same seed and Python give the same bytes.
"""

from __future__ import annotations

import argparse
import bisect
import math
import random
import re
import shutil
import time
from pathlib import Path

import claude_lines
from claude_lines import Place
from session_file import SessionFile, World
from source_text import Library
from truth import Truth

MIB = 1024 * 1024
QUANTILES = (
    (0.0, 4_000),
    (0.5, 105_000),
    (0.9, 654_000),
    (0.99, 4_900_000),
    (0.9995, 34_000_000),
    (1.0, 87_000_000),
)
MODELS = (
    "claude-opus-4-6",
    "claude-sonnet-4-5-20250929",
    "claude-sonnet-4-5-20250929",
    "claude-haiku-4-5-20251001",
)
PROJECTS = 40
DAY_MS = 86_400_000
FIRST_MS = 1_763_769_600_000  # 2025-11-22T00:00:00Z
# A file ends with the record that reaches its planned size, on average half a record beyond it.
HALF_A_RECORD = 22_000
AGENT_SHARE = 0.12
RESUMED_SHARE = 0.05


def size_at(quantile: float) -> int:
    """File size in bytes at a quantile; log-linear between the published ones."""
    index = bisect.bisect_right([point for point, _ in QUANTILES], quantile)
    (low, small), (high, large) = QUANTILES[index - 1], QUANTILES[min(index, len(QUANTILES) - 1)]
    if high == low:
        return large
    return round(math.exp(math.log(small) + (quantile - low) / (high - low) * math.log(large / small)))


def planned_sizes(rng: random.Random, total: int) -> list[int]:
    """Sizes that add up to about ``total`` bytes and follow the quantiles, in random order."""
    count = 1
    while sum(sizes := [size_at((index + 0.5) / count) for index in range(count)]) < total:
        count = max(count + 1, count * 21 // 20)
    rng.shuffle(sizes)
    return sizes


class History:
    """The folder being filled: sessions in projects, sub-agents beside them, a few resumed."""

    def __init__(self, out: Path, seed: int) -> None:
        self._rng = random.Random(seed)
        self.truth = Truth()
        self._world = World(self._rng, Library(self._rng), self.truth)
        self._projects = out / ".claude" / "projects"
        self._last: tuple[Place, SessionFile] | None = None

    def fill(self, total: int) -> None:
        """Write files until they have ``total`` bytes together."""
        sizes = planned_sizes(self._rng, total)
        for index, size in enumerate(sizes):
            kind = self._rng.random()
            start_ms = FIRST_MS + int(364 * DAY_MS * index / len(sizes)) + self._rng.randrange(DAY_MS // 2)
            if self._last and kind < AGENT_SHARE and size < 2_000_000:
                self._agent(*self._last, size)
            else:
                self._session(size, start_ms, is_resumed=kind > 1 - RESUMED_SHARE)
        if self._last:
            self._last[1].close()

    def _folder(self, cwd: str) -> Path:
        return self._projects / re.sub(r"[^A-Za-z0-9]", "-", cwd)

    def _session(self, size: int, start_ms: int, *, is_resumed: bool) -> None:
        before = self._last
        cwd = (
            before[0].cwd
            if is_resumed and before
            else f"/home/dev/src/project-{self._rng.randrange(PROJECTS):02d}"
        )
        place = Place(claude_lines.new_uuid(self._rng), cwd, self._rng.choice(("main", "feature/x", "fix")))
        if before:
            before[1].close()
        path = self._folder(cwd) / f"{place.session}.jsonl"
        session = SessionFile(self._world, place, path, self._rng.choice(MODELS), start_ms)
        if is_resumed and before:
            session.copy(before[1].kept, before[0].session)
            self.truth.counts["resumed"] += 1
        session.fill(size - HALF_A_RECORD)
        self.truth.counts["files"] += 1
        self._last = (place, session)

    def _agent(self, parent: Place, session: SessionFile, size: int) -> None:
        name = f"{self._rng.getrandbits(32):08x}"
        place = parent._replace(agent=name)
        path = self._folder(parent.cwd) / parent.session / "subagents" / f"agent-{name}.jsonl"
        agent = SessionFile(self._world, place, path, self._rng.choice(MODELS), session.clock_ms)
        agent.fill(size - HALF_A_RECORD)
        agent.close()
        # The parent logs the reply when it has it: not before it was given.
        session.clock_ms = max(session.clock_ms, agent.clock_ms)
        if agent.last_reply:
            session.progress_of(name, agent.last_reply)
        self.truth.counts["files"] += 1
        self.truth.counts["agents"] += 1


def make_history(out: Path, mib: int, seed: int) -> Truth:
    """Fill an empty folder, write its truth, return it.

    Raises:
        FileExistsError: the folder holds something else already.
    """
    if out.exists() and any(out.iterdir()):
        if not (out / "truth.json").exists():
            raise FileExistsError(f"{out} is not empty and was not made by this program")
        shutil.rmtree(out)
    out.mkdir(parents=True, exist_ok=True)
    (out / "truth.json").write_text("{}", encoding="utf-8")
    history = History(out, seed)
    history.fill(mib * MIB)
    history.truth.write(out / "truth.json")
    return history.truth


def main() -> None:
    """Read the arguments, make the history, say what it holds."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path)
    parser.add_argument("--mib", type=int, default=1024)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    start = time.monotonic()
    truth = make_history(options.out, options.mib, options.seed)
    counts = truth.counts
    print(f"{counts['bytes'] / 1e9:.3f} GB in {time.monotonic() - start:.1f} s")
    print(" ".join(f"{name}={value}" for name, value in sorted(counts.items())))
    quiet = 1 - counts["usage_bytes"] / counts["bytes"]
    print(f"requests={truth.totals()['requests']} without_usage={quiet:.3f}")


if __name__ == "__main__":
    main()
