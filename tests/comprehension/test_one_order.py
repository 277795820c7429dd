"""The same change gives the same questions, whatever a process makes of hashes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import tokencoach

SCRIPT = """
from tokencoach.comprehension.change import Author, ChangedFunction
from tokencoach.comprehension.flow import Atom, Plain
from tokencoach.comprehension.generators.base import shuffled

none = frozenset()
function = ChangedFunction("a.py", "b1", "f", "python", 1, 2, none, none, Author.AI, "")
names = ["alpha", "beta", "gamma", "delta", "epsilon"]
items = [(Atom(f"c{n}", n, frozenset(names[n:] + names[:3])), True) for n in range(5)]
lines = [Plain(n, n, (), frozenset(names[n:] + names[:3])) for n in range(5)]
print([one.line for one, _ in shuffled(items, function, "x")], [one.line for one in shuffled(lines, function, "y")])
"""


def test_what_holds_sets_is_put_into_the_same_order_by_every_process() -> None:
    source = str(Path(tokencoach.__file__).parent.parent)
    said = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            env={**os.environ, "PYTHONHASHSEED": str(seed), "PYTHONPATH": source},
            capture_output=True,
            check=True,
        ).stdout
        for seed in (1, 2, 3)
    }
    assert len(said) == 1
