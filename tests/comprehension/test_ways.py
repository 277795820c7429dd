"""Answer keys of followed ways against what Python really does."""

from __future__ import annotations

import sys
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from comprehension.code import asked, changed
from tokencoach.comprehension.flow import How
from tokencoach.comprehension.generators.base import Source
from tokencoach.comprehension.languages.python_flow import python_flow
from tokencoach.comprehension.walk import Walker

if TYPE_CHECKING:
    from types import CodeType, FrameType

    from tokencoach.comprehension.question import Prepared

NAMES = "abcde"


@st.composite
def conditions(draw: st.DrawFn, depth: int = 2) -> str:
    """A condition over the names."""
    if depth == 0 or draw(st.booleans()):
        return draw(st.sampled_from(NAMES))
    if draw(st.integers(0, 3)) == 0:
        return f"not ({draw(conditions(depth - 1))})"
    joint = draw(st.sampled_from(["and", "or"]))
    return f"({draw(conditions(depth - 1))} {joint} {draw(conditions(depth - 1))})"


@st.composite
def blocks(draw: st.DrawFn, depth: int = 3) -> list[str]:
    """Lines of a block."""
    found: list[str] = []
    for _ in range(draw(st.integers(1, 3))):
        kind = draw(
            st.sampled_from(["pass", "assign", "return", "raise", "if", "if", "if", "try", "with", "for"])
        )
        inner = [f"    {line}" for line in draw(blocks(depth - 1))] if depth else ["    note = 1"]
        if kind == "pass":
            found.append("note = 0")
        elif kind == "assign":
            found.append(f"value = {draw(st.integers(0, 9))}")
        elif kind == "return":
            return [*found, f"return {draw(st.sampled_from(['1', '2', 'None', 'value', 'note']))}"]
        elif kind == "raise":
            return [*found, "raise ValueError"]
        elif kind == "try":
            found += ["try:", *inner, "finally:", "    note = 2"]
        elif kind == "with":
            found += ["with open(__file__):", *inner]
        elif kind == "for":
            found += ["for item in items:", *inner]
        else:
            found += [f"if {draw(conditions())}:", *inner]
            if draw(st.booleans()) and depth:
                found += ["else:", *(f"    {line}" for line in draw(blocks(depth - 1)))]
    return found


@lru_cache(maxsize=4)
def _compiled(text: str) -> CodeType:
    return compile(text, "<made>", "exec")


def run(text: str, given_values: dict[str, Any]) -> tuple[str, list[int]]:
    """How a call left, and every line it ran."""
    space: dict[str, Any] = {"__file__": __file__}
    exec(_compiled(text), space)  # noqa: S102 - the text is made here
    lines: list[int] = []

    def trace(frame: FrameType, event: str, _: object) -> Any:
        if frame.f_code.co_name != "made":
            return None
        if event == "line":
            lines.append(frame.f_lineno)
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        space["made"](**given_values)
        how = "return"
    except ValueError:
        how = "raise"
    finally:
        sys.settrace(before)
    return how, lines


@settings(max_examples=150, deadline=None)
@given(blocks())
def test_every_way_that_is_told_is_the_way_that_python_takes(body: list[str]) -> None:
    head = [f"def made({', '.join(NAMES)}, items):", "    value = note = 0"]
    text = "\n".join([*head, *(f"    {line}" for line in body)]) + "\n"
    node = Source(changed(text)).node_named("made")
    assert node is not None
    flow = python_flow(node)
    for way in Walker(flow).ways():
        end = way.end
        if end is None or end.how is How.UNSURE:
            continue
        truth = {atom.text: value for atom, value in way.facts if atom.text in NAMES}
        for rest in product((True, False), repeat=2):
            spare = dict(
                zip([name for name in NAMES if name not in truth], [*rest, True, False, True], strict=False)
            )
            items: list[int] = [] if way.empty else [1]
            how, lines = run(text, truth | spare | {"items": items})
            if end.how is How.END:
                assert how == "return"
                assert not any(
                    text.split("\n")[line - 1].strip().startswith(("return", "raise")) for line in lines
                )
            else:
                assert how == end.how.value
                assert end.line in lines


@settings(max_examples=150, deadline=None)
@given(blocks())
def test_every_question_about_a_line_or_a_value_has_the_answer_that_python_gives(body: list[str]) -> None:
    head = [f"def made({', '.join(NAMES)}, items):", "    value = note = 0"]
    text = "\n".join([*head, *(f"    {line}" for line in body)]) + "\n"
    check = asked(text)
    for one in (*check.questions, *check.others):
        facts = _facts(one.question.prompt)
        if (
            one.question.kind not in {"G4", "G6"}
            or " turn of the loop" in one.question.prompt
            or "items" in one.question.prompt
        ):
            continue
        if "is reached" in one.question.prompt:
            _check_part(text, one, facts)
        elif one.question.kind == "G4":
            how, lines = run(text, dict.fromkeys(NAMES, True) | facts | {"items": [1]})
            if one.key.matcher == "line" and one.key.expected != ("end",):
                assert int(one.key.expected[0]) in lines
            assert how == one.key.facts["how"].replace("end", "return")
        else:
            for option in one.question.options:
                values = dict.fromkeys(NAMES, False) | _facts(option.replace("` ", "` (line 0) is "))
                _, lines = run(text, values | {"items": [1]})
                assert (one.question.line in lines) == (option in one.key.expected)


def _check_part(text: str, one: Prepared, facts: dict[str, bool]) -> None:
    """What is said of a part holds in every call that reaches where it begins; some call does."""
    start = int(one.question.prompt.partition("ine ")[2].partition(" ")[0])
    suppositions = (
        [(facts, "")]
        if one.question.kind == "G4"
        else [(_facts(option.replace("` ", "` (line 0) is ")), option) for option in one.question.options]
    )
    for supposed, option in suppositions:
        free = [name for name in NAMES if name not in supposed]
        calls = [dict(zip(free, values, strict=True)) for values in product((True, False), repeat=len(free))]
        reached = [
            (how, lines)
            for spare in calls
            for how, lines in [run(text, supposed | spare | {"items": [1]})]
            if start in lines
        ]
        # Only what no call reaches at all may be reached by none of these.
        assert reached or not _is_alive(text, start)
        for how, lines in reached:
            if option:
                assert (one.question.line in lines) == (option in one.key.expected)
            else:
                assert how == one.key.facts["how"].replace("end", "return")
                if one.key.matcher == "line" and one.key.expected != ("end",):
                    assert int(one.key.expected[0]) in lines


def _is_alive(text: str, line: int) -> bool:
    calls = [dict(zip(NAMES, values, strict=True)) for values in product((True, False), repeat=len(NAMES))]
    return any(line in run(text, call | {"items": [1]})[1] for call in calls)


def _facts(prompt: str) -> dict[str, bool]:
    """Names and their truth as a prompt states them."""
    found = {}
    for part in prompt.replace(", `", "\n`").split("\n"):
        if "` (line " in part and part.rstrip().endswith(("true", "false")):
            name = part.partition("`")[2].partition("`")[0]
            if name in NAMES:
                found[name] = part.rstrip().endswith("true")
    return found
