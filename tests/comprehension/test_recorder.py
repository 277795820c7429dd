"""What the recorder sees of a project's own tests, and what it leaves alone."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from comprehension.recorded_project import Project, interpreters

if TYPE_CHECKING:
    from pathlib import Path

    from tokencoach.comprehension.recordings import RecordedCall

MODULE = '''\
class Stock:
    """A shelf."""

    unit = "pcs"

    def __init__(self, name):
        self.name = name
        self.held = {}

    def add(self, item, count=1):
        if count <= 0:
            raise ValueError(count)
        self.held[item] = self.held.get(item, 0) + count
        return self.held[item]

    def label(self, item):
        return f"{self.name}: {self.held[item]} {self.unit}"


def fill(items, limit):
    done = 0
    for item in items:
        if done >= limit:
            return "full"
        items[items.index(item)] = item.upper()
        done += 1
    return done


def safe(value):
    try:
        return int(value)
    except ValueError:
        return None
    finally:
        value = None


def careful(value):
    try:
        return 10 // value
    except ZeroDivisionError:
        raise KeyError(value)


async def later(value):
    return value * 2


def never(value):
    if value:
        return 1
    return 2
'''
TESTS = """\
import asyncio
import pytest
from pkg.m import *
from pkg import m

def test_stock():
    stock = Stock("left")
    assert stock.add("nail", 3) == 3
    assert stock.label("nail") == "left: 3 pcs"
    with pytest.raises(ValueError):
        stock.add("nail", 0)

def test_fill():
    assert fill(["a", "b"], 5) == 2
    assert fill(["a", "b", "c"], 1) == "full"

def test_safe():
    assert safe("4") == 4
    assert safe("x") is None
    with pytest.raises(TypeError):
        safe([])

def test_careful():
    assert careful(5) == 2
    with pytest.raises(KeyError):
        careful(0)

def test_later():
    assert asyncio.run(m.later(4)) == 8
"""


@pytest.fixture(params=sorted(interpreters()))
def project(request: pytest.FixtureRequest, tmp_path: Path) -> Project:
    """A project with an uncommitted module, for each interpreter at hand."""
    made = Project(tmp_path / "project", interpreters()[request.param])
    made.write("pkg/m.py", MODULE)
    made.write("tests/test_m.py", TESTS)
    return made


def by_input(calls: tuple[RecordedCall, ...], name: str) -> dict[str, str]:
    """Outcome of each call by one of its arguments."""
    return {
        next(item.text for item in call.args if item.name == name): f"{call.outcome} {call.result}"
        for call in calls
    }


def test_values_exceptions_state_and_paths_are_what_the_tests_did(project: Project) -> None:
    done = project.record()
    assert done.returncode == 0, done.stdout + done.stderr
    assert by_input(project.seen("Stock.add").calls, "count") == {"3": "returned 3", "0": "raised ValueError"}
    assert by_input(project.seen("safe").calls, "value") == {
        "'4'": "returned 4",
        "'x'": "returned None",
        "[]": "raised TypeError",
    }
    assert by_input(project.seen("careful").calls, "value") == {"5": "returned 2", "0": "raised KeyError"}
    assert by_input(project.seen("later").calls, "value") == {"4": "returned 8"}
    (label,) = project.seen("Stock.label").calls
    assert {(item.name, item.text) for item in label.state} == {
        ("held", "{'nail': 3}"),
        ("name", "'left'"),
        ("unit", "'pcs'"),
    }
    assert label.at == ("tests/test_m.py", 9)
    assert label.test == "tests/test_m.py::test_stock"


def test_an_exception_that_is_handled_inside_is_told_from_one_that_leaves(project: Project) -> None:
    project.record()
    calls = {call.args[0].text: call for call in project.seen("safe").calls}
    assert (calls["'x'"].outcome, calls["'x'"].handled) == ("returned", ("ValueError",))
    assert (calls["[]"].outcome, calls["[]"].handled) == ("raised", ())
    assert [call.handled for call in project.seen("careful").calls if call.raises] == [("ZeroDivisionError",)]


def test_arguments_are_those_before_the_call_changed_them(project: Project) -> None:
    project.record()
    calls = {call.result: call for call in project.seen("fill").calls}
    assert calls["2"].args[0].text == "['a', 'b']"
    assert [(item.name, item.text) for item in calls["2"].after] == [("items", "['A', 'B']")]
    assert calls["'full'"].args[0].text == "['a', 'b', 'c']"


def test_lines_count_from_the_functions_first_and_turns_are_counted(project: Project) -> None:
    project.record()
    seen = project.seen("fill")
    full = next(call for call in seen.calls if call.result == "'full'")
    assert full.lines == (1, 2, 3, 4, 5, 6)
    assert dict(full.counts)[3] == 2
    assert full.exit == 4
    assert seen.covered == {1, 2, 3, 4, 5, 6, 7}


def test_functions_that_did_not_change_are_not_watched(project: Project) -> None:
    project.commit()
    project.write("pkg/m.py", MODULE.replace("return value * 2", "return value + value"))
    done = project.record()
    assert "1 calls of 1 changed functions" in done.stderr
    assert project.seen("later").calls[0].result == "8"
    assert project.recordings.of(project.source(), "fill") is None


def test_the_commands_output_and_exit_code_are_its_own(project: Project) -> None:
    project.write("tests/test_m.py", TESTS + "\ndef test_wrong():\n    assert later is None\n")
    done = project.record()
    assert done.returncode == 1
    assert "1 failed, 6 passed" in done.stdout
    assert "tokencoach" not in done.stdout


def test_no_code_of_a_value_is_called(project: Project) -> None:
    project.write(
        "pkg/m.py",
        "class Loud(type):\n"
        "    @property\n    def __name__(cls):\n        raise SystemExit('name asked')\n"
        "class Value(metaclass=Loud):\n"
        "    def __repr__(self):\n        raise SystemExit('shown')\n"
        "    def __eq__(self, other):\n        raise SystemExit('compared')\n"
        "    __hash__ = None\n"
        "    def __getattr__(self, name):\n        raise SystemExit('asked')\n"
        "class Text(str):\n    def __repr__(self):\n        raise SystemExit('shown')\n"
        "def take(value, text):\n    return [value, text]\n",
    )
    project.write(
        "tests/test_m.py",
        "from pkg.m import Text, Value, take\ndef test_take():\n    assert len(take(Value(), Text('a'))) == 2\n",
    )
    done = project.record()
    assert done.returncode == 0, done.stdout
    (call,) = project.seen("take").calls
    assert [item.text for item in call.args] == ["<Value>", "<Text>"]
    assert (call.result, call.exact) == ("<list>", False)


def test_a_test_that_takes_the_interpreters_functions_away_costs_nothing(project: Project) -> None:
    project.write("pkg/m.py", "def f(n):\n    return n + 1\n")
    project.write(
        "tests/test_m.py",
        "import sys\nfrom pkg.m import f\ndef test_f(monkeypatch):\n"
        "    monkeypatch.delattr(sys, '_getframe')\n    assert f(1) == 2\n",
    )
    done = project.record()
    assert "turned itself off" not in done.stderr
    assert [call.result for call in project.seen("f").calls] == ["2"]


def test_a_hot_function_is_looked_at_a_few_times_and_runs_on_unwatched(project: Project) -> None:
    project.write(
        "pkg/m.py",
        "def hot(number):\n    if number == 99_999:\n        return 'last'\n    return number % 7\n",
    )
    project.write(
        "tests/test_m.py",
        "from pkg.m import hot\ndef test_hot():\n    assert {hot(n) for n in range(100_000)} == {*range(7), 'last'}\n",
    )
    assert project.record().returncode == 0
    seen = project.seen("hot")
    assert seen.seen < 200
    assert len(seen.calls) <= 24
    # Only the newer engine goes on counting lines; the older one says that it did not.
    assert seen.is_partial or 2 in seen.covered


def test_a_recursion_without_end_is_the_same_with_and_without(project: Project) -> None:
    project.write("pkg/m.py", "def deep(number):\n    return deep(number + 1)\n")
    project.write(
        "tests/test_m.py",
        "import pytest\nfrom pkg.m import deep\ndef test_deep():\n"
        "    with pytest.raises(RecursionError):\n        deep(0)\n",
    )
    done = project.record()
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_a_generator_yields_is_told_where_the_interpreter_can(project: Project) -> None:
    project.write("pkg/m.py", "def pairs(most):\n    for number in range(most):\n        yield number * 2\n")
    project.write(
        "tests/test_m.py",
        "from pkg.m import pairs\ndef test_pairs():\n    assert list(pairs(3)) == [0, 2, 4]\n"
        "    assert next(pairs(9)) == 0\n",
    )
    assert project.record().returncode == 0
    seen = project.recordings.of(project.source(), "pairs")
    calls = by_input(seen.calls, "most") if seen is not None else {}
    is_old = project.python == sys.executable and sys.version_info < (3, 12)
    assert calls == ({} if is_old else {"3": "yielded [0, 2, 4]"})


def test_threads_and_forks_are_recorded_too(project: Project) -> None:
    project.write("pkg/m.py", "def double(number):\n    return number * 2\n")
    project.write(
        "tests/test_m.py",
        "import os, threading\nfrom pkg.m import double\n"
        "def test_threads():\n    workers = [threading.Thread(target=double, args=(n,)) for n in range(3)]\n"
        "    [worker.start() for worker in workers]\n    [worker.join() for worker in workers]\n"
        "def test_fork():\n    child = os.fork()\n    if not child:\n        os._exit(double(21))\n"
        "    assert os.WEXITSTATUS(os.waitpid(child, 0)[1]) == 42\n",
    )
    done = project.record("-W", "ignore")
    assert done.returncode == 0, done.stdout + done.stderr
    assert {"0", "1", "2"} <= set(by_input(project.seen("double").calls, "number"))


def test_the_same_input_with_another_outcome_tells_nothing_and_is_left_out(project: Project) -> None:
    project.write("pkg/m.py", "seen = []\n\ndef count(word):\n    seen.append(word)\n    return len(seen)\n")
    project.write(
        "tests/test_m.py",
        "from pkg.m import count\ndef test_count():\n    assert [count('a'), count('a'), count('b')] == [1, 2, 3]\n",
    )
    project.record()
    assert by_input(project.seen("count").calls, "word") == {"'b'": "returned 3"}


def test_what_looks_like_a_secret_is_not_kept(project: Project) -> None:
    project.write("pkg/m.py", "def head(token):\n    return token[:3]\n")
    project.write(
        "tests/test_m.py",
        "from pkg.m import head\ndef test_head():\n"
        "    assert head('ghp_' + 'a1' * 18) == 'ghp'\n    assert head('plain') == 'pla'\n",
    )
    project.record()
    assert by_input(project.seen("head").calls, "token") == {"'plain'": "returned 'pla'"}


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="newer interpreters let several tools watch")
def test_it_steps_aside_for_another_tracer_and_says_so(project: Project) -> None:
    project.write("conftest.py", "import sys\nsys.settrace(lambda frame, event, value: None)\n")
    trace = "import sys, pytest; sys.settrace(lambda *a: None); sys.exit(pytest.main(['-q', '-p', 'no:cacheprovider']))"
    done = project.record(command=(sys.executable, "-c", trace))
    assert done.returncode == 0, done.stdout
    if project.python == sys.executable:
        assert "stepped aside" in done.stderr
