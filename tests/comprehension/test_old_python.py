"""Python 2 is read line for line; functions of two lines are asked about where there are no larger ones."""

from __future__ import annotations

import ast

import pytest

from comprehension.code import asked, of_kind
from tokencoach.comprehension.change import Skip
from tokencoach.comprehension.languages.old_python import modernised

OLD = """
def told(path, sink):
    try:
        print >>sink, "reading", path  # aloud
        return open(path).read()
    except (IOError, OSError), error:
        print "failed: %s" % (path,
                              error)
        raise ValueError, "no such file"
    finally:
        mode = 0644
        if mode <> 10L:
            exec "pass" in {}
            print `mode`
"""


def test_every_line_stays_in_its_place() -> None:
    again = modernised(OLD)
    assert again is not None
    (function,) = ast.parse(again).body
    assert function.lineno == 2
    assert again.count("\n") == OLD.count("\n")
    raised = [node for node in ast.walk(function) if isinstance(node, ast.Raise)]
    assert [(node.lineno, ast.unparse(node)) for node in raised] == [(9, "raise ValueError('no such file')")]


@pytest.mark.parametrize(
    "text", ["def f(:\n    pass\n", "if x\n", "print 'a' 1 'b'\n", "x = = 1\n", "}{\n", "print (\n"]
)
def test_what_is_no_python_at_all_stays_unread(text: str) -> None:
    assert modernised(text) is None
    assert asked(text).skipped == {"app/work.py": Skip.UNREADABLE}


def test_old_code_is_asked_about_but_never_worked_out() -> None:
    text = (
        OLD
        + "\ndef half(name='a-b'):\n    print 'half of', name\n    return name.split('-')[0].strip() or 'none'\n"
    )
    check = asked(text)
    assert {one.qualname for one in check.functions} == {"told", "half"}
    assert not of_kind("G13", text)
    assert not of_kind("G22", text)


def test_small_functions_are_asked_about_in_company() -> None:
    small = "def first_of(rows):\n    return [row.name for row in rows]\n"
    alone = "\nKEPT = 1\n" + small
    other = small.replace("first_of", "last_of")
    assert {one.skip for one in asked(alone).functions} == {Skip.FEW_LINES}
    assert [one.skip for one in asked(small + "\n\n" + other).functions] == [None, None]
