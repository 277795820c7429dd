"""Prompts that say the same are found, and no others."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokencoach.clock import DAY_MS
from tokencoach.prompts.mine import Mined, mine
from tokencoach.prompts.typed import Typed, normalised, typed_part

UTC = ZoneInfo("UTC")
ASKED = "Review the change in src/{0} for wrong error handling and list each place with its line number {1}"


def typed(*texts: str, days: float = 1) -> Mined:
    return mine([Typed(text, round(n * days * DAY_MS), n, "p", n) for n, text in enumerate(texts)], UTC)


def test_the_same_request_for_other_files_is_one_group() -> None:
    found = typed(*(ASKED.format(f"part{n}.py", n * 7) for n in range(4)))
    (group,) = found.repeated
    assert (len(group.uses), group.days, group.projects) == (4, 4, 1)
    assert group.template.variables == ("<path>", "<number>")
    assert group.template.text.startswith("review the change in <path> for wrong error handling")


def test_a_word_that_varies_becomes_a_gap() -> None:
    long = "take the {0} module apart, write down what each function promises, and test every one of the "
    long += "promises with a case where it holds and a case where it must not hold"
    (group,) = typed(*(long.format(name) for name in ("billing", "billing", "shipping"))).repeated
    assert "take the <…> module apart" in group.template.text


def test_requests_that_share_a_beginning_only_are_no_group() -> None:
    start = "please look at the service and "
    found = typed(
        start + "tell me which parts of it are slow and why they are",
        start + "write a test for the parser of the configuration file",
        start + "rename every helper whose name says nothing to anybody",
    )
    assert found.repeated == ()


@pytest.mark.parametrize(
    ("is_first", "ending", "sessions", "groups"),
    [(True, "", 6, 0), (False, "", 6, 1), (True, " Now {}.", 6, 1), (True, "", 4, 1)],
)
def test_what_a_script_sends_as_the_first_word_of_each_session_is_not_typed(
    is_first: bool,  # noqa: FBT001 - a case
    ending: str,
    sessions: int,
    groups: int,
) -> None:
    sent = [
        Typed(ASKED + ending.format("abcdefgh"[n]), n * DAY_MS, n, "p", n, is_first=is_first)
        for n in range(sessions)
    ]
    assert len(mine(sent, UTC).repeated) == groups


def test_two_uses_are_not_enough() -> None:
    assert typed(ASKED.format("a.py", 1), ASKED.format("b.py", 2)).repeated == ()


def test_three_uses_on_one_day_are_not_enough() -> None:
    assert typed(*[ASKED.format("a.py", 1)] * 3, days=0.1).repeated == ()


def test_short_prompts_are_reported_apart() -> None:
    found = typed("continue", "Continue", "continue!", ASKED)
    assert found.repeated == ()
    assert [(one.words, len(one.uses)) for one in found.micro] == [("continue", 3)]


def test_days_are_those_of_the_zone() -> None:
    midnight = [Typed(ASKED, at, n, "p") for n, at in enumerate((DAY_MS - 2, DAY_MS - 1, DAY_MS))]
    assert len(mine(midnight, UTC).repeated) == 1
    assert mine(midnight, ZoneInfo("Asia/Tokyo")).repeated == ()


@pytest.mark.parametrize(
    "text",
    [
        "/review the last change and say what you think of it in two lines",
        "<system-reminder>the person has opened a file in the editor now</system-reminder>",
        "Stop hook feedback: the linter found three problems in the files you changed",
        "Operation stopped by hook: another session is active in this folder now",
        "```\n" + "one line of pasted code\n" * 20 + "```",
        "word " * 500,
    ],
)
def test_what_nobody_typed_is_not_mined(text: str) -> None:
    assert typed(*[text] * 3) == Mined(0, (), ())


def test_what_a_terminal_showed_is_left_out_of_what_was_typed() -> None:
    shown = "\u276f mise run test:all\n[test:all] $ go test -v\n=== RUN   TestSync\n--- FAIL: TestSync (9.1s)\nFAIL\n"
    assert typed_part(f"Run it against the mirror\n{shown}") == "Run it against the mirror"
    assert normalised(shown) == []


def test_pasted_lines_are_left_out_of_what_was_typed() -> None:
    text = 'Why does this fail?\n\nTraceback (most recent call last):\n  File "a.py", line 3\n> quoted\n    code()\n'
    assert typed_part(text) == "Why does this fail?"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Fix src/a/b.py:12 and C:\\x\\y.cs", "fix <path> and <path>"),
        ("see https://example.invalid/a?b=1 now", "see <url> now"),
        ("use “that one” or `this_one`", "use <text> or <text>"),
        ("commit 3f2a9c1d and issue #42 at 10%", "commit <hash> and issue <number> at <number>"),
        ("don\u2019t stop", "don't stop"),
        ("the decade of facade", "the decade of facade"),
    ],
)
def test_what_varies_is_masked(text: str, words: str) -> None:
    assert " ".join(normalised(text)) == words


def test_a_long_word_costs_no_time() -> None:
    assert normalised("a" * 5_900) == ["a" * 5_900]
    assert normalised("/" * 5_900 + "a") == ["<path>"] or len(normalised("/" * 5_900 + "a")) < 5_900


@given(st.lists(st.text(max_size=200), max_size=12))
def test_any_text_can_be_mined(texts: list[str]) -> None:
    found = typed(*texts)
    assert found.prompts <= len(texts)
    assert sum(len(group.uses) for group in found.repeated) <= found.prompts


@given(st.permutations([ASKED.format(f"f{n}.py", n) for n in range(5)] + ["go on with it", "go on with it"]))
def test_groups_do_not_depend_on_the_order(texts: list[str]) -> None:
    (group,) = typed(*texts).repeated
    assert len(group.uses) == 5


@given(st.lists(st.sampled_from("abcdefghijklmnop"), min_size=9, max_size=14, unique=True), st.integers(0, 8))
def test_texts_of_which_too_little_is_the_same_are_never_joined(letters: list[str], cut: int) -> None:
    words = [letter * 3 for letter in letters]
    other = [*words[:cut], "other", "words", *words[cut + 2 :]]
    shingles = [{tuple(its[at : at + 5]) for at in range(len(its) - 4)} for its in (words, other)]
    likeness = len(shingles[0] & shingles[1]) / len(shingles[0] | shingles[1])
    found = typed(" ".join(words), " ".join(words), " ".join(other))
    assert bool(found.repeated) == (likeness >= 0.7)
