"""Code behind the kernel's walls: what it computes, what it cannot do, when it is not run at all."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tokencoach.comprehension.languages.parsing import parsed
from tokencoach.comprehension.sandbox.attacks import ATTACKS, got_through, source_of
from tokencoach.comprehension.sandbox.execute import layers, outcomes, run
from tokencoach.comprehension.sandbox.kernel import REQUIRED
from tokencoach.comprehension.sandbox.purity import Slice, sliced

if TYPE_CHECKING:
    from pathlib import Path

HARMFUL = 12
STANDS = layers().refused is None
walled = pytest.mark.skipif(not STANDS, reason="this machine cannot shut a process in")


def piece(text: str, name: str = "f") -> Slice | None:
    """The slice of a function of a module."""
    tree = parsed(text)
    assert tree is not None
    return sliced(tree, text.split("\n"), name)


def shown(text: str, *inputs: str) -> list[str | None]:
    """What a slice gives for each input."""
    cut = piece(text)
    assert cut is not None
    return [None if one is None else f"{one.kind} {one.result}" for one in outcomes(cut, inputs)]


@walled
def test_values_and_exceptions_come_back() -> None:
    text = "import math\nSCALE = 2\ndef g(x):\n    return x * SCALE\ndef f(x):\n    return math.sqrt(g(x))\n"
    assert shown(text, "[8]", "[-1]", "['a']") == ["returned 4.0", "raised ValueError", "raised TypeError"]


@walled
def test_what_differs_from_one_process_to_the_next_is_not_told() -> None:
    text = "def f(words):\n    return list(set(words))\ndef g(): pass\n"
    many = repr([[f"word{number}" for number in range(30)]])
    assert shown(text, many, "[['a']]") == [None, "returned ['a']"]


@walled
def test_a_call_that_takes_too_long_has_no_outcome_and_the_next_has() -> None:
    text = "def f(x):\n    while x:\n        pass\n    return x\n"
    assert shown(text, "[1]", "[0]") == [None, "returned 0"]


@walled
def test_codecs_and_lazily_loaded_parts_of_the_standard_library_work() -> None:
    text = "import datetime\ndef f(x):\n    return (x.encode('cp1252'), str(datetime.datetime.strptime(x, '%Y')))\n"
    assert shown(text, "['2026']") == ["returned (b'2026', '2026-01-01 00:00:00')"]


@walled
def test_lines_are_those_of_the_file() -> None:
    cut = piece("# head\n\nimport re\n\ndef f(x):\n    if x:\n        return 1\n    return 2\n")
    assert cut is not None
    one, two = outcomes(cut, ["[1]", "[0]"])
    assert one is not None
    assert two is not None
    assert (sorted(one.lines), sorted(two.lines)) == ([6, 7], [6, 8])


@walled
def test_all_twenty_attacks_are_held() -> None:
    said = [(attack.name, refused, is_through) for attack, refused, is_through in got_through()]
    assert len(said) == 20
    assert [item for item in said if item[1] is not None or item[2]] == []


@walled
@pytest.mark.parametrize("wall", REQUIRED)
def test_without_any_one_wall_nothing_is_run(wall: str) -> None:
    said = run("def f():\n    return 1\n", "f", ["[]"], missing=[wall])
    assert (said.refused, said.outcomes, said.walls) == (wall, (None,), ())


@walled
def test_without_a_network_of_its_own_the_other_walls_still_hold_the_socket() -> None:
    attack = next(attack for attack in ATTACKS if attack.name == "connects a socket")
    said = run(source_of(attack), "f", ["['/', 1, 1]"], missing=["network namespace"], is_bare=True)
    assert said.refused is None
    assert "network namespace" not in said.walls
    assert said.outcomes == (None,)


@pytest.mark.parametrize("attack", ATTACKS[:HARMFUL], ids=lambda attack: attack.name)
def test_an_attack_would_get_through_where_nothing_is_in_its_way(attack: object, tmp_path: Path) -> None:
    (found,) = (item for item in ATTACKS if item == attack)
    (tmp_path / "secret").write_text("secret", encoding="ascii")
    (tmp_path / "victim").write_text("victim", encoding="ascii")
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        call = f"result = f({str(tmp_path)!r}, {listening.getsockname()[1]}, {os.getpid()})\n"
        script = (
            source_of(found)
            + "import builtins\n__builtins__ = builtins.__dict__\n"
            + call
            + "sys.exit(0 if result else 9)\n"
        )
        done = subprocess.run([sys.executable, "-c", script], check=False, capture_output=True, timeout=30)
    assert done.returncode == 0, done.stderr.decode()


@walled
def test_an_answer_forged_on_another_channel_counts_for_nothing() -> None:
    source = (
        "import os\ndef f():\n    for number in range(3, 40):\n        try:\n"
        '            os.write(number, b\'{"place": 0, "outcome": "returned", "result": "7", "lines": []}\\n\')\n'
        "        except OSError:\n            pass\n    return 1\n"
    )
    assert run(source, "f", ["[]"], is_bare=True).outcomes == (None,)


@pytest.mark.parametrize(
    "text",
    [
        "import os\ndef f(x):\n    return os.getcwd()\n",
        "def f(x):\n    return open(x).read()\n",
        "def f(x):\n    import math\n    return math.pi\n",
        "def f(x):\n    global y\n    y = x\n",
        "def f(x):\n    return ().__class__\n",
        "def f(x):\n    return getattr(x, x)\n",
        "class A: pass\ndef f(x):\n    return A()\n",
        "from . import g\ndef f(x):\n    return g(x)\n",
        "import random\ndef f(x):\n    return random.random()\n",
        "def g(h):\n    return h\n@g\ndef f(x):\n    return x\n",
        "def f(x):\n    yield x\n",
        "async def f(x):\n    return x\n",
        "if True:\n    LIMIT = 1\ndef f(x):\n    return LIMIT\n",
        "LIMIT = 1\nLIMIT = 2\ndef f(x):\n    return LIMIT\n",
        "from datetime import datetime\ndef f(x):\n    return datetime.now()\n",
        "def f(x):\n    return unknown(x)\n",
        "def f(x):\n    return print(x)\n",
    ],
)
def test_what_does_more_than_compute_is_not_cut_out(text: str) -> None:
    assert piece(text) is None


def test_annotations_of_the_projects_own_types_do_not_matter() -> None:
    cut = piece("from .model import Node\ndef f(x: Node) -> Node:\n    y: Node = x\n    return y\n")
    assert cut is not None
    assert "import" not in cut.source
