"""Keys that come from running code are proved by other means; a wrong one would be found."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import msgspec

from comprehension.recorded_project import Project
from comprehension.replaying import called, replayed
from tokencoach.comprehension.changes import changed_files
from tokencoach.comprehension.prepare import Options, prepare
from tokencoach.comprehension.question import CheckedBy, Kind
from tokencoach.comprehension.sandbox.execute import layers
from tokencoach.git.staged import staged

if TYPE_CHECKING:
    from pathlib import Path

MODULE = """\
class Bag:
    def __init__(self, most):
        self.most = most
        self.held = []

    def put(self, item, times=1):
        if len(self.held) + times > self.most:
            raise OverflowError(item)
        for _ in range(times):
            self.held.append(item)
        return len(self.held)


def squeeze(words, most):
    done = []
    for word in words:
        if len(word) > most:
            word = word[:most] + "~"
        done.append(word)
    words.sort()
    return "".join(done)


def shipping(order):
    if order.total > order.most or not order.lines[0]:
        return order.total * 2 + len(order.lines[0])
    return order.total


class Label:
    def __init__(self, text):
        self.text = text.strip()
        self.size = len(text) * 2 + 1
        self.room = self.size - len(self.text)
        self.words = text.split()


def labelled(text):
    short = text.strip()[:3] + text.strip()[-1:]
    return Label(short)


def cutter(most):
    def cut(text):
        whole = text.strip()
        ending = "." * most
        return whole[:most] + ending + whole[-1:]

    return cut


def chunks(text, size):
    while text:
        yield text[:size]
        text = text[size:]


def listed(order):
    lines, sums = [], {}
    for part in order.parts:
        if part.get("kind") == "gift" and len(part["name"]) < order.most:
            sums["free"] = sums.get("free", 0) + 1
        elif not part["count"] or part["name"].startswith("-"):
            order.last = part["name"].strip("-")[:3] + "!"
        else:
            lines.append(part["name"][:2] + "x" * part["count"])
    return "+".join(lines[:2] + lines[-1:])
"""
TESTS = """\
import pytest
from pkg.m import Bag, chunks, cutter, labelled, listed, shipping, squeeze

def test_labels():
    assert labelled(" yellow").text == "yelw"
    assert labelled("ab ").text == "abb"

def test_cutter():
    assert cutter(2)("nails") == "na..s"
    assert cutter(3)("screw ") == "scr...w"

def test_bag():
    bag = Bag(3)
    assert bag.put("a") == 1
    assert bag.put("b", 2) == 3
    with pytest.raises(OverflowError):
        bag.put("c")

def test_squeeze():
    assert squeeze(["long", "a"], 2) == "lo~a"
    assert squeeze(["x", "abc", "b"], 1) == "xa~b"
    assert squeeze(["one", "no"], 5) == "oneno"

class Order:
    def __init__(self, most, *parts):
        self.most, self.parts, self.last = most, parts, self

def test_listed():
    held = object()
    order = Order(5, {"kind": "gift", "name": "bow"}, {"name": "nail", "count": 2, "held": held})
    assert listed(order) == "naxx+naxx"
    more = Order(2, {"kind": "gift", "name": "bow", "count": 0}, {"name": "-a", "count": 1, "held": held})
    assert listed(more) == ""

def test_shipping():
    order = Order(3, "nail")
    order.total, order.lines = 4, ["ab", order]
    assert shipping(order) == 10
    order.total = 2
    assert shipping(order) == 2
    order.lines[0] = ""
    assert shipping(order) == 4

def test_chunks():
    assert list(chunks("abcde", 2)) == ["ab", "cd", "e"]
    assert list(chunks("xy", 2)) == ["xy"]
"""


def test_every_key_is_proved_in_the_projects_own_interpreter_and_a_false_one_is_found(tmp_path: Path) -> None:
    project = Project(tmp_path / "project")
    project.write("pkg/m.py", MODULE)
    project.write("tests/test_m.py", TESTS)
    project.record()
    project.git("add", "-A")
    change = changed_files(staged(project.root / ".git"))
    check = prepare(change, recordings=project.recordings, options=Options(ask="all"))
    asked = [one for one in (*check.questions, *check.others) if one.key.checked_by is CheckedBy.RECORDED]
    found = [each for one in asked for each in (one, one.retry) if each is not None]
    assert len({one.question.qualname for one in found}) >= 5
    kinds = ("hold after the call?", "object of the class", "around it", "What does it append?", "runs next?")
    assert [words for words in kinds if not any(words in one.question.prompt for one in found)] == []
    before = (project.root / "pkg/m.py").read_bytes()
    proofs = replayed(project.root, sys.executable, found, tmp_path)
    assert [(one.question.prompt, why) for one, why in proofs if why != "proved"] == []
    assert (project.root / "pkg/m.py").read_bytes() == before
    value = next(one for one in found if one.key.matcher == "literal")
    false = msgspec.structs.replace(value, key=msgspec.structs.replace(value.key, expected=("'never'",)))
    ((_, why),) = replayed(project.root, sys.executable, [false], tmp_path)
    assert why.startswith("WRONG")


CLAMP = """\
def clamp(number, highest):
    if number > highest:
        number = highest
    if number == -99:
        number = highest - number
    return number
"""
UNCLAMPED = "def clamp(number, highest):\n    return number\n"
CLAMP_TEST = "from pkg.m import clamp\ndef test_clamp():\n    assert clamp(2, 3) == 2\n"


def test_computed_keys_are_what_a_plain_import_gives(tmp_path: Path) -> None:
    project = Project(tmp_path / "project")
    project.write("pkg/m.py", UNCLAMPED)
    project.commit()
    project.write("pkg/m.py", CLAMP)
    project.write("tests/test_m.py", CLAMP_TEST)
    project.record()
    project.git("add", "-A")
    change = changed_files(staged(project.root / ".git"))
    check = prepare(change, recordings=project.recordings, options=Options(ask="all"))
    found = [one for one in (*check.questions, *check.others) if one.question.kind is Kind.BEHAVIOUR_DIFF]
    assert found or layers().refused is not None
    for one in found:
        inputs = [f"list({call.removeprefix('clamp')})" for call in one.question.options]
        now = called(project.root, sys.executable, "pkg/m.py", "clamp", inputs, {})
        project.write("pkg/m.py", UNCLAMPED)
        then = called(project.root, sys.executable, "pkg/m.py", "clamp", inputs, {})
        assert len(now) == len(then) == len(inputs)
        differing = {call for call, a, b in zip(one.question.options, now, then, strict=True) if a != b}
        assert differing == set(one.key.expected)
