"""What the only caller makes of a result."""

from __future__ import annotations

import pytest

from comprehension.code import Files, of_kind
from tokencoach.comprehension.change import ChangedFile
from tokencoach.comprehension.generators.result_use import ResultUse, result_use
from tokencoach.comprehension.prepare import Options, prepare
from tokencoach.comprehension.question import Form

RATES = "def fetch_rates(place):\n    first = work(place)\n    second = work(first)\n    return second\n"
OTHERS = "".join(f"def other{number}():\n    return work({number})\n\n" for number in range(4))


@pytest.mark.parametrize(
    ("statement", "wanted"),
    [
        ("fetch_rates(1)", ResultUse.DROPPED),
        ("return fetch_rates(1)", ResultUse.RETURNED),
        ("found = fetch_rates(1)", ResultUse.KEPT),
        ("first, second = fetch_rates(1)", ResultUse.KEPT),
        ("self.rates = fetch_rates(1)", ResultUse.KEPT),
        ("if not fetch_rates(1): work()", ResultUse.TESTED),
        ("while fetch_rates(1) > 2 and work(): pass", ResultUse.TESTED),
        ("work(fetch_rates(1))", ResultUse.PASSED),
        ("work(rates=fetch_rates(1))", ResultUse.PASSED),
        ("for one in fetch_rates(1): work(one)", ResultUse.LOOPED),
        ("found = [one for one in fetch_rates(1)]", ResultUse.LOOPED),
        ("fetch_rates(1).close()", ResultUse.PART),
        ("found = fetch_rates(1)[0]", ResultUse.PART),
        ("found = fetch_rates(1) or work()", None),
        ("found = fetch_rates(1) + fetch_rates(2)", None),
        ("found = f'{fetch_rates(1)}'", None),
        ("with fetch_rates(1) as found: work(found)", None),
    ],
)
def test_a_result_is_told_by_where_the_call_stands(statement: str, wanted: ResultUse | None) -> None:
    text = f"def caller(self):\n    {statement}\n"
    assert result_use(text, "python", "caller", "fetch_rates") is wanted


def test_what_an_awaited_call_gives_is_told_as_well() -> None:
    text = "async def caller():\n    return await fetch_rates(1)\n"
    assert result_use(text, "python", "caller", "fetch_rates") is ResultUse.RETURNED


@pytest.mark.parametrize(
    ("statement", "wanted"),
    [
        ("priceOf(1)", ResultUse.DROPPED),
        ("return priceOf(1)", ResultUse.RETURNED),
        ("found := priceOf(1)", ResultUse.KEPT),
        ("found = priceOf(1)", ResultUse.KEPT),
        ("if priceOf(1) > 2 { work() }", ResultUse.TESTED),
        ("work(priceOf(1))", ResultUse.PASSED),
        ("for _, one := range priceOf(1) { work(one) }", ResultUse.LOOPED),
        ("work2 := priceOf(1).total", ResultUse.PART),
        ("priceOf(1).close()", ResultUse.PART),
        ("defer priceOf(1)", None),
        ("found := priceOf(1) + 2", None),
        ("priceOf(1); priceOf(2)", None),
    ],
)
def test_a_result_in_go_is_told_by_where_the_call_stands(statement: str, wanted: ResultUse | None) -> None:
    text = f"package a\n\nfunc caller() int {{\n\t{statement}\n}}\n"
    assert result_use(text, "go", "caller", "priceOf") is wanted


@pytest.mark.parametrize(
    ("language", "text", "wanted"),
    [
        ("javascript", "function caller() { if (!fetchRates(1)) { work() } }", ResultUse.TESTED),
        ("javascript", "async function caller() { const found = await fetchRates(1); }", ResultUse.KEPT),
        ("typescript", "function caller(): void { fetchRates(1); }", ResultUse.DROPPED),
        ("java", "class A { int caller() { return fetchRates(1).size(); } }", ResultUse.PART),
        ("java", "class A { int caller() { int found = fetchRates(1); return found; } }", ResultUse.KEPT),
        ("c", "int caller(void) { while (fetchRates(1)) { work(); } return 0; }", ResultUse.TESTED),
        ("c", "int caller(void) { return work(fetchRates(1)); }", ResultUse.PASSED),
        ("rust", "fn caller() -> i32 { let found = fetchRates(1); found }", ResultUse.KEPT),
        ("rust", "fn caller() -> i32 { fetchRates(1)?; 2 }", None),
        ("rust", "fn caller() -> i32 { fetchRates(1) }", None),
        ("ruby", "def caller\n  fetchRates(1)\nend\n", None),
    ],
)
def test_a_result_in_other_languages_is_told_only_where_it_is_plain(
    language: str, text: str, wanted: ResultUse | None
) -> None:
    assert result_use(text, language, "A.caller" if language == "java" else "caller", "fetchRates") is wanted


def test_one_caller_is_asked_for_what_it_makes_of_the_result() -> None:
    one = OTHERS + "def caller():\n    work(fetch_rates(2))\n"
    (found,) = of_kind("G9", RATES, files=Files({"app/work.py": RATES, "app/use.py": one}))
    assert found.question.form is Form.CHOICE
    assert found.key.expected == (ResultUse.PASSED,)
    assert len(found.question.options) >= 4


def test_what_returns_nothing_is_not_asked_about() -> None:
    silent = RATES.replace("return second", "return None")
    one = OTHERS + "def caller():\n    work(fetch_rates(2))\n"
    assert not of_kind("G9", silent, files=Files({"app/work.py": silent, "app/use.py": one}))


def test_one_caller_of_another_language_is_asked_about() -> None:
    own = "package a\n\nfunc priceOf(a int) int {\n\tfirst := work(a)\n\tsecond := work(first)\n\treturn second\n}\n"
    user = "package a\n\nfunc caller() int {\n\treturn priceOf(2)\n}\n\nfunc other() int {\n\treturn 1\n}\n"
    file = ChangedFile("a.go", "b1", own.encode(), frozenset(range(1, 8)))
    check = prepare([file], repository=Files({"a.go": own, "b.go": user}), options=Options(ask="all"))
    (found,) = [one for one in (*check.questions, *check.others) if one.question.kind == "G9"]
    assert found.key.expected == (ResultUse.RETURNED,)
