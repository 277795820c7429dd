"""G22: pieces of code are worked out as Python does, and asked about only where there is something to follow."""

from __future__ import annotations

import ast
import re
from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comprehension.code import of_kind
from tokencoach.comprehension.languages.python_values import UnknownValueError
from tokencoach.comprehension.question import Form
from tokencoach.comprehension.worked.bench import Bench, Surroundings, told
from tokencoach.comprehension.worked.statements import Left, Ways, Worker

PIECES = (
    """
    found = []
    for word in words:
        if not word:
            continue
        head, *rest = word.split(mark)
        found.append((head.strip(), len(rest)))
    """,
    """
    found = {}
    for place, word in enumerate(words):
        found.setdefault(word[:1], []).append(place)
    found = {key: sum(places) for key, places in found.items() if key != mark}
    """,
    """
    found = mark.join(sorted({word.lower() for word in words if mark not in word})) or "none"
    """,
    """
    try:
        found = int(words[0].partition(mark)[2])
    except (IndexError, ValueError):
        found = -1 if words else None
    """,
    """
    found, size = "", 0
    while size < len(words):
        found += f"{words[size]!r:>3}|"
        size += 1
        if mark in found:
            break
    else:
        found = found.removesuffix("|")
    """,
    """
    match words:
        case ["a" | "b" as first, *_] if False:
            found = first
        case _:
            found = [*words[::2], max(words, key=len, default=mark)]
    """,
)
LABEL = """
def label(name: str, limit: int) -> str:
    parts = name.split("-")
    kept = [part for part in parts if part]
    if len(kept) > limit:
        kept = kept[:limit] + ["more"]
    return " ".join(kept).title()
"""
TRUST = """
def gathered(store, reply):
    found = []
    if store.is_open:
        found.append("open")
    for word in reply.split(","):
        if word.strip():
            found.append(word.strip().upper())
    return found
"""


@pytest.mark.parametrize("piece", PIECES)
@settings(max_examples=25, deadline=None)
@given(words=st.lists(st.text("ab-,1 ", max_size=5), max_size=4), mark=st.sampled_from(["-", ",", "a"]))
def test_a_piece_comes_to_what_python_makes_of_it(piece: str, words: list[str], mark: str) -> None:
    code = dedent(piece)
    names: dict[str, object] = {"words": list(words), "mark": mark}
    bench = Bench(Surroundings(), {"words": words, "mark": mark})
    try:
        Worker(bench).block(ast.parse(code).body)
    except UnknownValueError:
        assert "match" in code
        return
    exec(code, names)  # noqa: S102 - the code stands above
    assert told(bench.names["found"]) == told(names["found"])


@pytest.mark.parametrize(
    "code",
    ["x = (1).__class__", "x = 'a' * 10**9", "x = [0] * 999999", "x = 9 ** 99", "x = '{0.real}'.format(1)", "del x",
     "x = ''.join({'a', 'b'})", "for one in {'a', 'b'}: x = one", "x = [y for y in range(10**6)]", "global x",
     "while True: x = 1", "x = '%9999999d' % 1", "x = f'{1:>99999}'", "import os",
     "import re\nre.match('(a+)+b', 'a' * 40)", "x = re.match('(a|a)*b', w)", "x = '' is ''", "x = [1] == y"],
)  # fmt: skip
def test_what_is_large_endless_or_without_order_is_not_worked_out(code: str) -> None:
    worker = Worker(Bench(Surroundings(modules=frozenset({"re"})), {"w": "a" * 60}))
    with pytest.raises(UnknownValueError):
        worker.block(ast.parse(code).body)


def test_a_piece_leaves_with_what_it_returns() -> None:
    body = ast.parse(
        "def f():\n    for one in (1, 2, 3):\n        if one > 1:\n            return one * 10"
    ).body[0]
    assert isinstance(body, ast.FunctionDef)
    assert Worker(Bench(Surroundings(), {})).block(body.body) == Left(Ways.RETURN, 20)


def test_the_result_is_what_the_function_gives_for_the_supposed_values() -> None:
    found = of_kind("G22", LABEL)
    assert found
    space: dict[str, object] = {}
    exec(LABEL, space)  # noqa: S102 - the code stands above
    label = space["label"]
    assert callable(label)
    for one in found:
        values = dict(re.findall(r"`(\w+)` is (.+)", one.question.prompt))
        result = label(ast.literal_eval(values["name"]), int(values.get("limit", "0")))
        if "return" in one.question.prompt and values.keys() >= {"name", "limit"}:
            assert one.key.expected == (repr(result),)
        assert one.question.form is Form.TYPED or one.key.expected[0] in one.question.options


def test_two_questions_about_a_function_have_different_answers() -> None:
    found = of_kind("G22", LABEL)
    assert len({one.key.expected for one in found}) == len(found)


def test_a_condition_on_an_object_is_supposed_and_said() -> None:
    assert any("`store.is_open` is " in one.question.prompt for one in of_kind("G22", TRUST))


def test_what_is_a_constant_whatever_comes_in_is_not_asked() -> None:
    text = LABEL.replace('return " ".join(kept).title()', 'return "done" if kept else "done"')
    assert not [one for one in of_kind("G22", text) if "return?" in one.question.prompt]


def test_nothing_is_supposed_against_a_condition_that_led_there() -> None:
    text = """
def cut(words: list[str], mark: str) -> str:
    if len(words) < 3:
        return mark
    kept = [word.strip(mark) for word in words[1:] if word]
    return mark.join(kept + ["end"])
"""
    for one in of_kind("G22", text):
        given = dict(re.findall(r"`(\w+)` is (.+)", one.question.prompt))
        first = int(one.question.prompt.partition("line")[2].strip("s ").split()[0])
        assert first <= 3 or len(ast.literal_eval(given["words"])) >= 3
