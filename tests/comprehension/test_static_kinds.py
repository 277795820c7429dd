"""Kinds of questions beside ways and failures: what they ask, and what keeps them silent."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comprehension.code import Files, asked, changed, of_kind
from tokencoach.comprehension.languages.python_values import UnknownValueError, value_of
from tokencoach.comprehension.prepare import Known, Options, prepare
from tokencoach.comprehension.question import Form, Kind, Part

LOOKUP = """
def first_of(rows, wanted, limit):
    for row in rows:
        if row.name == wanted:
            break
        note(row)
    return limit
"""

FETCH = """import json

def fetch_all(url):
    first = json.loads(url)
    second = json.loads(url)
    return first, second
"""
EVERYBODY = "a dependency that the project declares for everybody"
SOME = "a dependency declared only as an extra or for development"


@given(st.text(max_size=12), st.sampled_from([":", ",", "a"]), st.integers(-3, 3))
def test_values_are_worked_out_as_python_does(text: str, mark: str, place: int) -> None:
    for code in (
        f"t.split({mark!r})[{place}]",
        f"t.rpartition({mark!r})",
        f"t[{place}:].strip()",
        f"t.strip({mark!r}) or 'x'",
    ):
        tree = ast.parse(code, mode="eval").body
        try:
            wanted = eval(code, {"t": text})  # noqa: S307 - the text is made here
        except IndexError:
            with pytest.raises(IndexError):
                value_of(tree, {"t": text})
        else:
            assert value_of(tree, {"t": text}) == wanted


@pytest.mark.parametrize(
    "code",
    ["open(t)", "t.__class__", "t.format(1)", "[x for x in t]", "(lambda: 1)()", "t * 10**9", "'%999999d' % 1", "2 ** 99",
     "t.zfill(10)", "getattr(t, 'x')", "f'{t}'", "t.ljust(10**9)", "__import__('os')", "t @ t", "(yield)", "t.encode()"],
)  # fmt: skip
def test_nothing_but_plain_operations_is_worked_out(code: str) -> None:
    with pytest.raises(UnknownValueError):
        value_of(ast.parse(code, mode="eval").body, {"t": "text"})


def test_a_loop_that_is_left_early_is_counted() -> None:
    (one,) = [one for one in of_kind("G7", LOOKUP) if "How many times" in one.question.prompt]
    first = int(one.question.prompt.partition("true for items ")[2].partition(" ")[0])
    assert one.key.expected == (str(first),)


def test_a_loop_with_a_second_condition_is_not_counted() -> None:
    text = LOOKUP.replace("        note(row)", "        if row.is_old:\n            note(row)")
    assert not [one for one in of_kind("G7", text) if "How many times" in one.question.prompt]


def test_a_default_that_is_shared_is_asked_about_only_where_it_changes() -> None:
    shared = "def collect(item, found=[]):\n    found.append(item.name)\n    return found, item.other\n"
    assert [one.key.expected for one in of_kind("G7", shared)] == [("1",)]
    assert not of_kind("G7", shared.replace("found.append(item.name)", "note(found, item.name)"))


def test_the_argument_that_is_changed_in_place_is_asked_for_unless_another_name_may_stand_for_it() -> None:
    text = "def fill(target, source, amount):\n    target['total'] = amount.value\n    return source.first + amount.rest\n"
    assert [one.key.expected for one in of_kind("G7", text)] == [("target",)]
    assert not of_kind("G7", text.replace("    return", "    other = source\n    return"))


def test_the_limit_itself_is_asked_about() -> None:
    text = "def check(size, limit):\n    if size.total < limit.most:\n        note(size, limit)\n    return limit.rest\n"
    (one,) = of_kind("G7", text)
    assert "is exactly `limit.most`" in one.question.prompt
    assert one.key.expected == ("4",)


def test_the_parameter_that_an_argument_reaches_is_asked_for_across_files() -> None:
    files = Files(
        {
            "app/work.py": "",
            "app/store.py": "def save_row(table, values, is_new=False):\n    return table\n"
            "\ndef drop(key, stamp):\n    pass\n",
        }
    )
    text = (
        "from app.store import save_row\n\ndef book(money, ledger):\n    first = work(ledger)\n"
        "    return save_row(first, money)\n"
    )
    found = of_kind("G14", text, files=files)
    assert [(one.question.form, one.key.expected) for one in found] == [
        (Form.CHOICE, ("values",)),
        (Form.TYPED, ("False",)),
    ]
    decorated = Files(
        {"app/work.py": "", "app/store.py": "@wrapped\ndef save_row(table, values):\n    return table\n"}
    )
    assert not of_kind("G14", text, files=decorated)
    rebound = text.replace("    first =", "    save_row = other\n    first =")
    assert not of_kind("G14", rebound, files=files)


def test_calls_that_a_new_signature_refuses_are_told_from_those_it_takes() -> None:
    old = "def book(ledger, amount, note=None):\n    ledger.add_one(amount)\n    return ledger.add_one(amount, note)\n"
    new = "def book(ledger, *, amount, day=None):\n    ledger.add_one(day)\n    return ledger.add_one(amount, day)\n"
    (one,) = [one for one in of_kind("G9", new, old) if "signature" in one.question.prompt]
    space: dict[str, object] = {}
    exec(new, space)  # noqa: S102 - the text is made here

    class Ledger:
        def add_one(self, *_: object) -> None:
            """Take anything."""

    for option in one.question.options:
        names = dict.fromkeys(("amount", "note", "day", "extra"), 1) | {
            "ledger": Ledger(),
            "book": space["book"],
        }
        try:
            eval(option, names)  # noqa: S307 - the text is made here
            failed = False
        except TypeError:
            failed = True
        assert failed == (option in one.key.expected)


@pytest.mark.parametrize(
    ("manifest", "text", "expected"),
    [
        ("pyproject.toml", '[project]\ndependencies = ["HttpX>=1"]\n', EVERYBODY),
        ("pyproject.toml", '[project.optional-dependencies]\nnet = ["httpx"]\n', SOME),
        ("requirements.txt", "httpx==1.0 ; python_version > '3'\n", EVERYBODY),
        ("pyproject.toml", "[project\n", None),
        ("pyproject.toml", "", None),
    ],
)  # fmt: skip
def test_a_new_dependency_is_asked_about_where_it_is_declared(
    manifest: str, text: str, expected: str | None
) -> None:
    code = FETCH.replace("json.loads", "httpx.get").replace("json", "httpx")
    found = of_kind("G10", code, "import os\n", Files({manifest: text, "app/work.py": code}))
    choices = [one.key.expected[0] for one in found if one.question.form is Form.CHOICE]
    assert choices == ([expected] if expected is not None else [])
    assert [one for one in found if one.question.form is Form.TEXT]


def test_what_everybody_knows_is_not_asked() -> None:
    assert not of_kind("G10", FETCH, "import os\n", Files({"app/work.py": FETCH}))


def test_nothing_is_supposed_that_the_function_rules_out() -> None:
    text = "def first_name(rows):\n    if not rows:\n        return None\n    return rows[0].name.strip()\n"
    assert not of_kind("G5", text)
    filled = "def first_name(rows):\n    rows = list(rows)\n    rows.append('x')\n    return rows[0].name.strip()\n"
    assert not of_kind("G5", filled)
    assert of_kind(
        "G5",
        "def first_name(rows):\n    note(rows, 'first')\n    note(rows, 'again')\n    return rows[0].name.strip()\n",
    )


GUARDED = """
def pick_a_price(account, basket, strict):
    if account.is_closed:
        if basket.total and not strict:
            raise ValueError(account)
        return basket.nothing
    if strict and int(basket.code) > 3:
        return account.highest_price
    return account.usual_price
"""


def test_the_four_parts_take_turns() -> None:
    parts = []
    last: tuple[Part, ...] = ()
    for _ in range(4):
        check = prepare([changed(GUARDED)], options=Options(questions=1, last_parts=last))
        parts.append(check.questions[0].question.part)
        last = (*last, parts[-1])
    assert Part.EXPLAIN in parts
    assert len(set(parts)) == 3  # the text has nothing to ask why about


def test_a_check_has_at_most_four_questions_about_three_functions_in_ninety_seconds() -> None:
    text = "\n".join(GUARDED.replace("pick_a_price", f"pick_{number}") for number in range(8))
    check = asked(text)
    assert 1 <= len(check.questions) <= 4
    assert len({one.question.qualname for one in check.questions}) <= 3
    assert sum(one.question.seconds for one in check.questions) <= 90
    full = prepare([changed(text)], options=Options(is_full=True))
    assert {one.question.part for one in full.questions} >= {Part.TRACE, Part.EDGES, Part.EXPLAIN}


def test_what_was_answered_or_called_bad_is_not_asked_again() -> None:
    first = asked(GUARDED)
    every = frozenset(one.question.id for one in (*first.questions, *first.others))
    assert not prepare([changed(GUARDED)], known=Known(asked=every)).questions
    bad = frozenset({("G4", "app/work.py", "pick_a_price")})
    check = prepare([changed(GUARDED)], known=Known(bad=bad))
    assert Kind.PATH_TO_EXIT not in {one.question.kind for one in (*check.questions, *check.others)}


def test_functions_are_ranked_by_change_tangle_risk_and_memory() -> None:
    text = (
        GUARDED
        + "\ndef simple_one(value):\n    note(value, 'one')\n    note(value, 'two')\n    return value.first\n"
    )
    check = asked(text)
    assert [function.qualname for function in check.functions] == ["pick_a_price", "simple_one"]
    weak = prepare(
        [changed(text)],
        known=Known(weak={("app", Kind.GUARD): 0.9}, uncovered=frozenset({"app/work.py::simple_one"})),
    )
    assert all(
        after.score > before.score for after, before in zip(weak.functions, check.functions, strict=True)
    )


def test_the_time_that_is_given_is_kept() -> None:
    text = "\n".join(GUARDED.replace("pick_a_price", f"pick_{number}") for number in range(60))
    check = prepare([changed(text)], options=Options(budget_s=1e-9))
    assert not check.questions


@pytest.mark.parametrize(
    "last",
    ["    return first, rows.connection", "    return first, rows['log'].columns", "    rows.execute(first)"],
)
def test_what_is_used_as_more_than_a_dict_is_not_supposed_to_be_one(last: str) -> None:
    text = (
        "def fetch(rows, other):\n    first = rows['name']\n    note(first, other)\n    return first, other\n"
    )
    assert any("is a dict without the key" in one.question.prompt for one in of_kind("G5", text))
    text = text.replace("    return first, other", last)
    assert not any("is a dict without the key" in one.question.prompt for one in of_kind("G5", text))


def test_what_is_used_as_a_dict_of_texts_may_lack_a_key() -> None:
    text = "def fetch(rows):\n    first = rows['name'].strip()\n    note(first, rows.get('rest'))\n    return first, first\n"
    assert any("is a dict without the key" in one.question.prompt for one in of_kind("G5", text))
