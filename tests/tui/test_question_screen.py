"""The question screen, driven by keys: every form of answer, every way out, hostile code, any size."""

from __future__ import annotations

import asyncio

import pytest

from tokencoach.comprehension.question import AnswerKey, CheckedBy, Form
from tokencoach.comprehension.sitting import Ending, Exhibit, Reason, Result
from tui.made_names import HOSTILE
from tui.made_questions import Asking, choice, hold, multiple, prepared, text, typed
from tui.test_goldens import check

LONG = "because it waits longer after every failure so that the server recovers, unless the cap is reached"


def test_a_right_answer_says_how_it_is_known_and_goes_on() -> None:
    async def script(asking: Asking) -> None:
        await asking.type("30.0")
        await asking.press("enter")
        assert "● Right." in asking.text()
        assert "Recorded in your own test run: test_backoff_cap" in asking.text()
        await asking.press("enter")
        assert "2/2" in asking.lines()[0]
        assert "1 question, about 20 s: src/web/retry.py::backoff, 7 AI lines" in asking.lines()[0]

    hold([typed(), choice()], script)


def test_a_wrong_answer_shows_what_happened_beside_the_code_and_asks_once_more_on_another_input() -> None:
    async def script(asking: Asking) -> None:
        await asking.type("7")
        await asking.press("enter")
        shown = asking.text()
        assert "Not so. You said 7; it is 30.0." in shown
        assert "delay = min(cap, base * 2 ** attempt)  ← delay = 30.0" in shown
        assert "the test then compares it with cap" in shown
        await asking.press("enter")
        assert "backoff(1)" in asking.text()
        await asking.type("7")
        await asking.press("enter")
        assert "one more of this kind" not in asking.text()
        await asking.press("enter")

    diary, sitting, app = hold([typed()], script)
    assert app.return_value is Ending.DONE
    assert [(note.result, note.tries) for note in diary.notes] == [(Result.WRONG, 1), (Result.WRONG, 2)]
    assert sitting.results["typed"].given == "7"


def test_without_another_input_a_wrong_answer_goes_on() -> None:
    async def script(asking: Asking) -> None:
        await asking.type("7")
        await asking.press("enter", "enter")

    diary, _, app = hold([typed(with_retry=False)], script)
    assert app.return_value is Ending.DONE
    assert diary.notes[-1].tries == 1


def test_an_answer_that_nothing_here_can_run_is_judged_by_the_person() -> None:
    async def script(asking: Asking) -> None:
        await asking.type("unrunnable")
        await asking.press("enter")
        assert "Nothing can be run here, so nobody checked it. One right answer is 30.0" in asking.text()
        assert "Not so." not in asking.text()
        await asking.press("y")

    diary, _, app = hold([typed(with_retry=False)], script)
    assert app.return_value is Ending.DONE
    assert [(note.right, note.self_grade is not None) for note in diary.notes][-1] == (None, True)


def test_an_empty_line_is_no_answer() -> None:
    async def script(asking: Asking) -> None:
        await asking.press("space", "enter")
        assert asking.diary.notes == []
        assert "1/1" in asking.lines()[0]

    hold([typed()], script)


def test_a_choice_shows_why_each_option_is_right_or_wrong() -> None:
    async def script(asking: Asking) -> None:
        await asking.press("2", "enter")
        shown = asking.text()
        assert "1  attempt < 0   ← right, the guard on line 8" in shown
        assert "2  attempt <= 0   ← your answer, 0 is allowed" in shown

    diary, _, _ = hold([choice()], script)
    assert diary.notes[-1].right is False


@pytest.mark.parametrize(("keys", "right"), [("12", True), ("123", False), ("1", False), ("1233", True)])
def test_a_multiple_choice_wants_all_that_are_right_and_no_other(keys: str, right: bool) -> None:  # noqa: FBT001
    async def script(asking: Asking) -> None:
        await asking.press(*keys, "enter")

    diary, _, _ = hold([multiple()], script)
    assert diary.notes[-1].right is right


def test_a_click_chooses_and_a_second_one_answers() -> None:
    async def script(asking: Asking) -> None:
        await asking.pilot.click("#answer", offset=(6, 1))
        await asking.pilot.pause()
        assert "▸ 2" in asking.text()
        await asking.pilot.click("#answer", offset=(6, 1), times=2)
        await asking.pilot.pause()

    diary, _, _ = hold([choice()], script)
    assert diary.notes[-1].given == "attempt <= 0"


def test_a_text_is_hinted_at_only_once_it_was_handed_in_then_graded_in_full_and_by_the_person() -> None:
    async def script(asking: Asking) -> None:
        await asking.type("too short")
        assert "2 words of at least 25" in asking.text()
        assert "substance" not in asking.text()
        await asking.press("enter")
        assert "no  substance: 2 words, 8 wanted" in asking.text()
        await asking.paste(f" {LONG}")
        await asyncio.sleep(0.4)
        await asking.pilot.pause()
        assert "ok  substance" in asking.text()
        await asking.press("enter")
        assert "Is what you wrote true?" in asking.text()
        assert "decisions: attempt < 0, delay >= cap" in asking.text()
        await asking.press("p")

    diary, sitting, app = hold([text()], script)
    assert app.return_value is Ending.DONE
    assert sitting.results["text"].self_grade == "partly"
    assert sitting.results["text"].given == f"too short {LONG}"
    assert diary.notes[-1].self_grade == "partly"


@pytest.mark.parametrize("key", ["f2", "question_mark"])
def test_show_me_teaches_and_is_no_failure(key: str) -> None:
    async def script(asking: Asking) -> None:
        await asking.press(key)
        assert "Learned, not failed. The answer: 30.0" in asking.text()
        assert "← delay = 30.0" in asking.text()
        await asking.press("enter")

    diary, _, app = hold([typed()], script)
    assert app.return_value is Ending.DONE
    assert [note.result for note in diary.notes] == [Result.SHOWN]


def test_a_question_mark_inside_an_answer_is_a_letter() -> None:
    async def script(asking: Asking) -> None:
        await asking.type("'what")
        await asking.press("question_mark", "apostrophe", "enter")

    diary, _, _ = hold([typed()], script)
    assert diary.notes[0].given == "'what?'"


@pytest.mark.parametrize(
    ("key", "reason", "ending", "left"),
    [
        ("1", Reason.TRIVIAL, None, 1),
        ("2", Reason.REVIEWED, Ending.SKIPPED, 0),
        ("3", Reason.HOTFIX, Ending.SKIPPED, 0),
        ("4", Reason.BAD, None, 1),
        ("5", Reason.LATER, Ending.SKIPPED, 0),
        ("escape", Reason.LATER, Ending.SKIPPED, 0),
    ],
)
def test_a_skip_has_a_reason_and_reaches_as_far_as_it_says(
    key: str, reason: Reason, ending: Ending | None, left: int
) -> None:
    async def script(asking: Asking) -> None:
        await asking.press("escape")
        assert "Leave it out" in asking.text()
        await asking.press(key)
        assert asking.sitting.ending is ending
        assert len(asking.sitting.items) - len(asking.sitting.results) == left

    diary, _, _ = hold([typed(), choice()], script)
    assert diary.notes[0].reason is reason


def test_the_skip_window_leads_back_with_enter() -> None:
    async def script(asking: Asking) -> None:
        await asking.type("30")
        await asking.press("escape", "enter")
        await asking.type(".0")
        await asking.press("enter")
        assert "Right." in asking.text()

    hold([typed()], script)


def test_the_letters_are_keys_where_nothing_is_typed() -> None:
    async def script(asking: Asking) -> None:
        assert "s skip" in asking.lines()[-1]
        await asking.press("s")
        assert "Leave it out" in asking.text()

    hold([choice()], script)


def test_stopping_a_commit_ends_at_once_and_keeps_what_was_answered() -> None:
    async def script(asking: Asking) -> None:
        await asking.type("30.0")
        await asking.press("enter", "enter", "a")

    diary, _, app = hold([typed(), choice()], script)
    assert app.return_value is Ending.ABORTED
    assert diary.ending == (Ending.ABORTED, None)
    assert len(diary.notes) == 1


def test_there_is_nothing_to_stop_where_nothing_waits() -> None:
    async def script(asking: Asking) -> None:
        assert "stop" not in asking.lines()[-1]
        await asking.press("a", "f4")
        assert asking.sitting.ending is None
        await asking.press("s")
        assert "Stop the commit" not in asking.text()
        await asking.press("a")
        assert asking.sitting.ending is None

    hold([choice()], script, can_abort=False)


@pytest.mark.parametrize("keys", [("ctrl+c",), ("ctrl+q",), ("escape", "ctrl+q")])
def test_ctrl_c_leaves_everything_for_later(keys: tuple[str, ...]) -> None:
    async def script(asking: Asking) -> None:
        await asking.type("30")
        await asking.press(*keys)

    diary, _, app = hold([typed(), choice()], script)
    assert app.return_value is Ending.SKIPPED
    assert diary.ending == (Ending.SKIPPED, Reason.LATER)


def test_a_bad_question_is_marked_and_left() -> None:
    async def script(asking: Asking) -> None:
        await asking.press("f5")
        assert "2/2" in asking.lines()[0]
        await asking.press("2", "enter", "b")

    diary, _, app = hold([typed(), choice()], script)
    assert app.return_value is Ending.DONE
    assert [note.result for note in diary.notes] == [Result.BAD, Result.WRONG, Result.BAD]


def test_why_me_says_why_and_lists_the_keys() -> None:
    async def script(asking: Asking) -> None:
        await asking.press("f1")
        shown = asking.text()
        assert "24 of 31 added lines are an assistant's." in shown
        assert "recorded in your own test run" in shown
        assert "Answer with what is typed or chosen" in shown
        assert "One option down" not in shown, "nothing is chosen from here"
        assert "F1 f1" not in shown
        await asking.press("escape")
        assert "Why me" not in asking.text()

    hold([typed()], script)


def test_nobody_there_is_no_end_of_the_commit() -> None:
    async def script(_: Asking) -> None:
        await asyncio.sleep(0.4)

    diary, _, app = hold([typed()], script, pause_s=0.2)
    assert app.return_value is Ending.SKIPPED
    assert diary.ending == (Ending.SKIPPED, Reason.LATER)


def test_what_was_typed_stands_after_the_terminal_has_changed_its_size() -> None:
    async def script(asking: Asking) -> None:
        await asking.type("30.")
        for size in ((120, 40), (40, 12), (20, 6), (80, 24)):
            await asking.pilot.resize_terminal(*size)
            await asking.pilot.pause()
        assert "30." in asking.text()
        await asking.press("0", "enter")
        assert "Right." in asking.text()

    hold([typed()], script)


def test_hostile_code_and_answers_reach_no_terminal_and_no_markup() -> None:
    code = Exhibit(
        f"src/{HOSTILE}.py",
        f"{HOSTILE}",
        ("def f():", f"    x = '{HOSTILE}'", "    # [bold red]\x1b[2J\x07", "\treturn x"),
        1,
        4,
        frozenset({2}),
        frozenset({2}),
        HOSTILE,
    )
    key = AnswerKey(
        (HOSTILE,), CheckedBy.RECORDED, f"[link=x]{HOSTILE}", trace=(f"line 2: {HOSTILE}", HOSTILE)
    )
    asked = prepared("evil", Form.TYPED, f"What is [b]x[/b]?\n{HOSTILE}", key, line=2)

    async def script(asking: Asking) -> None:
        await asking.type("[red]no")
        await asking.press("enter")
        shown = asking.text()
        assert "[bold red]" in shown
        assert "What is [b]x[/b]?" in shown
        assert "You said [red]no" in shown
        assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(shown)

    hold([asked], script, exhibit=code, size=(80, 40))


def test_a_question_deep_in_a_long_function_shows_its_line() -> None:
    lines = ("def f():", *(f"    x{number} = {number}" for number in range(2, 400)))
    code = Exhibit("a.py", "f", lines, 1, 399, frozenset({300}), frozenset({300}))
    asked = prepared("deep", Form.TYPED, "What is x300?", AnswerKey(("300",), CheckedBy.SYNTAX, ""), line=300)

    async def script(asking: Asking) -> None:
        assert "▸█ 300     x300 = 300" in asking.text()

    hold([asked], script, exhibit=code, size=(80, 40))


def test_the_code_scrolls_while_an_answer_is_typed() -> None:
    async def script(asking: Asking) -> None:
        await asking.type("30")
        await asking.press("pagedown")
        assert "again(call, attempts=5)" in asking.text()
        assert "def backoff" not in asking.text()
        await asking.type(".0")
        await asking.press("pageup", "pageup", "enter")
        assert "Right." in asking.text()

    hold([typed()], script, size=(80, 16))


def test_tab_goes_into_the_code_where_letters_are_keys() -> None:
    async def script(asking: Asking) -> None:
        await asking.press("shift+tab")
        assert "s skip" in asking.lines()[-1]
        await asking.press("j", "j")
        assert "   8     if attempt" in asking.lines()[2]
        await asking.press("l")
        await asking.press("tab")
        await asking.type("s")
        assert "F3 skip" in asking.lines()[-1]

    hold([typed()], script, size=(80, 18))


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["small", "large"])
@pytest.mark.parametrize("form", ["typed", "wrong", "choice", "multiple", "text", "judged", "skip"])
def test_the_question_looks_as_it_did(form: str, size: tuple[int, int]) -> None:
    keys = {
        "typed": (),
        "wrong": ("7", "enter"),
        "choice": ("3", "enter"),
        "multiple": ("1", "4"),
        "text": ("w", "enter"),
        "judged": ("w", "enter", "x", "enter"),
        "skip": ("escape",),
    }[form]
    item = {"choice": choice, "multiple": multiple, "text": text, "judged": text}.get(form, typed)()

    async def script(asking: Asking) -> None:
        await asking.press(*keys)
        suffix = "-large" if size[0] > 80 else ""
        check(f"question-{form}{suffix}", asking.text())

    hold([item, choice()], script, size=size)


def test_a_plain_terminal_shows_no_glyph_beyond_ascii() -> None:
    async def script(asking: Asking) -> None:
        await asking.press("7", "enter")
        drawn = asking.text().translate({ord(bar): "" for bar in "─▁▂▃▄▅▆▇█"})
        assert drawn.isascii()

    hold([typed()], script, is_ascii=True)
