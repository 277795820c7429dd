"""What a commit took out, what a line relies on, who reads a field, when an unchanged line runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comprehension.code import Files, of_kind

if TYPE_CHECKING:
    from tokencoach.comprehension.question import Prepared

ELSEWHERE = """
def prune(items):
    validate_items(items)
    return archive_items(items)


def report(items):
    publish_summary(items)
    return count_items(items)
"""


def _sender(calls: str) -> str:
    head = "def send(order, owner):\n    first_step = prepare_order(order)\n"
    return f"{head}{calls}    return first_step, owner, order\n{ELSEWHERE}"


def test_a_call_that_the_commit_took_out_is_the_one_to_pick() -> None:
    old = _sender("    reserve_stock(order, first_step)\n")
    new = _sender(
        "    second_step = (first_step, order)\n    notes = [order, owner, second_step]\n    notes.append(first_step)\n"
    )
    (one,) = of_kind("G17", new, old)
    assert one.key.expected == ("reserve_stock()",)
    assert "prepare_order()" in one.question.options
    # Names that never stood there are among them, so that the screen alone does not tell.
    assert {option.removesuffix("()") for option in one.question.options} & {
        "validate_items",
        "archive_items",
    }


def test_nothing_is_taken_out_where_the_name_is_still_spoken_of() -> None:
    old = _sender("    reserve_stock(order, first_step)\n")
    new = _sender(
        "    later = [reserve_stock, first_step, order]\n    notes = [order, owner, later]\n    more_notes = [notes]\n"
    )
    assert not of_kind("G17", new, old)
    assert not of_kind("G17", new)


HELPER = """
def find_root(folder, depth):
    if depth == 0:
        return None
    listed = list_folder(folder)
    if is_root_folder(listed):
        return folder
    return find_parent(folder)


def find_parent(folder):
    split_folder(folder)
    return False


def other_way(folder):
    return measure_folder(folder)
"""
CALLER = """
from app.paths import find_root

def open_all(folders, depth):
    first_folder = folders[0]
    found_root = find_root(first_folder, depth)
    opened = [found_root, first_folder, depth]
    return opened
"""


def _relied(caller: str = CALLER, helper: str = HELPER) -> list[Prepared]:
    return of_kind("G18", caller, files=Files({"app/paths.py": helper, "app/work.py": caller}))


def test_what_can_come_back_from_a_call_is_what_its_returns_write_down() -> None:
    (one,) = [one for one in _relied() if "come back" in one.question.prompt]
    assert one.key.expected == ("None",)
    assert not {"folder", "None"} & (set(one.question.options) - {"None"})


@pytest.mark.parametrize(
    "helper",
    [
        HELPER.replace("    return find_parent(folder)", "    find_parent(folder)"),
        HELPER.replace("        return None\n", "        yield None\n"),
        HELPER.replace("        return None\n", "        return\n"),
    ],
    ids=["ends without a return", "generator", "bare return"],
)
def test_what_comes_back_is_not_asked_where_not_every_value_is_written(helper: str) -> None:
    assert not [one for one in _relied(helper=helper) if "come back" in one.question.prompt]


def test_a_function_on_the_same_screen_is_not_asked_about() -> None:
    both = CALLER.replace("from app.paths import find_root\n", "") + HELPER
    assert not of_kind("G18", both, files=Files({"app/work.py": both}))


def test_a_name_that_the_function_binds_itself_leads_nowhere() -> None:
    assert not _relied(
        CALLER.replace("def open_all(folders, depth):", "def open_all(folders, depth, find_root):")
    )


STORE = """
class Store:
    def __init__(self, most):
        self.most_items = most
        self.held_items = []

    def add_item(self, item):
        checked_item = normalise(item)
        self.held_items = [*self.held_items, checked_item]
        return checked_item

    def how_many(self):
        return len(self.held_items)

    def last_item(self):
        place_of_it = len(self.describe())
        shown_item = self.held_items[-1]
        return place_of_it, shown_item

    def is_open(self):
        return self.most_items > 0

    def describe(self):
        return repr(self)


class Shelf:
    def held(self):
        return self.held_items
"""


def test_methods_that_read_a_field_are_told_from_those_that_are_silent() -> None:
    found = of_kind("G19", STORE, files=Files({"app/work.py": STORE}))
    (one,) = [
        one for one in found if one.question.qualname == "Store.add_item" and "sets" in one.question.prompt
    ]
    readers = {"Store.how_many (app/work.py)", "Store.last_item (app/work.py)"}
    assert readers == set(one.key.expected)
    # Another class's field of the same name is another field.
    assert not any("Shelf" in option for option in one.question.options)


def test_who_sets_a_field_is_asked_where_others_only_read_it() -> None:
    store = STORE.replace(
        "class Shelf", "    def newest(self):\n        return self.held_items[0]\n\n\nclass Shelf"
    )
    found = of_kind("G19", store, files=Files({"app/work.py": store}))
    (one,) = [one for one in found if one.question.qualname == "Store.last_item"]
    assert "set a field of that name themselves" in one.question.prompt
    assert set(one.key.expected) == {"Store.__init__ (app/work.py)", "Store.add_item (app/work.py)"}
    assert {"Store.how_many (app/work.py)", "Store.newest (app/work.py)"} <= set(one.question.options)


def _guarded(guard: str) -> str:
    return f"""
def send(order, owner, place):
    note_arrival(order, owner, place)
{guard}    if order:
        deliver_order(order, place)
    write_history(order, owner, place)
    return place
"""


def test_an_added_guard_is_asked_about_by_what_no_longer_runs() -> None:
    new = _guarded(
        "    if owner and not place:\n        warn_about(owner, 'no place to send to')\n        return None\n"
    )
    (one,) = [one for one in of_kind("G16", new, _guarded("")) if "when it runs" in one.question.prompt]
    assert "did it run before and does not now" in one.question.prompt
    assert [_truth(option) for option in one.key.expected if "`order`" not in option] == [
        {"owner": True, "place": False}
    ]


def test_a_renamed_condition_is_no_change_of_when_a_line_runs() -> None:
    old = _guarded("    if not recipient:\n        return None\n").replace("owner", "recipient")
    new = _guarded("    if not owner:\n        return None\n")
    assert not [one for one in of_kind("G16", new, old) if "when it runs" in one.question.prompt]


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(["owner", "not owner", "owner and place", "owner or not place", "not (owner and place)"]),
    st.booleans(),
)
def test_the_key_is_what_python_does_before_and_after(condition: str, is_taken_out: bool) -> None:  # noqa: FBT001 - drawn
    with_guard = _guarded(
        f"    if {condition}:\n        warn_about(owner, 'will not be sent')\n        return None\n"
    )
    old, new = (with_guard, _guarded("")) if is_taken_out else (_guarded(""), with_guard)
    for one in of_kind("G16", new, old):
        code = one.question.prompt.split("\n")[1].strip()
        for option in one.question.options:
            values = {"order": True, "owner": False, "place": False} | _truth(option)
            assert (_runs(old, code, values) is not _runs(new, code, values)) == (option in one.key.expected)


def _truth(option: str) -> dict[str, bool]:
    pairs = (part.rpartition(" ") for part in option.split(", "))
    return {name.strip("`"): value == "true" for name, _, value in pairs}


def _runs(text: str, code: str, values: dict[str, bool]) -> bool:
    """Whether a call with some values comes to the one line of a text."""
    ran: list[str] = []
    name = code.partition("(")[0]
    words = ("note_arrival", "deliver_order", "write_history", "warn_about")
    space: dict[str, Any] = {word: (lambda *_, word=word: ran.append(word)) for word in words}
    exec(text, space)  # noqa: S102 - the text is made here
    result = space["send"](**values)
    return name in ran or (code.startswith("return") and result is not None)
