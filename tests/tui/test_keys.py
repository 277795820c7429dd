"""One table of keys feeds everything, and no key means two things."""

from __future__ import annotations

from collections import Counter

import pytest

from tokencoach.tui.keys import ACTIONS, EVERYWHERE, LIST, WINDOWS, Action, actions_of, bindings, key_name
from tokencoach.tui.palette import commands
from tui.driving import Driver, drive
from tui.made_values import MadeBackend

TAKEN = {"ctrl+b", "ctrl+a", "ctrl+s", "ctrl+z", "ctrl+c"}
SCOPES = sorted({action.scope for action in ACTIONS} - {EVERYWHERE, LIST, *WINDOWS})
PAGES = {"audit": "2", "today": "1", "check": "4", "power": "5", "sessions": "6", "doctor": "7"}


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.id)
def test_each_action_has_a_key_a_name_and_a_help(action: Action) -> None:
    assert action.keys
    assert action.label
    assert action.help
    assert key_name(action)


def test_ids_are_unique() -> None:
    assert max(Counter(action.id for action in ACTIONS).values()) == 1


@pytest.mark.parametrize("scope", SCOPES)
def test_no_key_means_two_things_on_a_screen(scope: str) -> None:
    scopes = (EVERYWHERE, scope) if scope == "welcome" else (EVERYWHERE, LIST, scope)
    keys = Counter(key for action in actions_of(*scopes) for key in action.keys.split(","))
    assert [key for key, times in keys.items() if times > 1] == []


def test_no_action_needs_a_key_that_shells_and_multiplexers_own() -> None:
    assert not TAKEN & {key for action in ACTIONS for key in action.keys.split(",")}


@pytest.mark.parametrize("scope", [EVERYWHERE, LIST, *WINDOWS, *SCOPES])
def test_bindings_come_from_the_table(scope: str) -> None:
    assert [binding.id for binding in bindings(scope)] == [action.id for action in actions_of(scope)]  # type: ignore[union-attr]


def test_every_action_of_a_page_exists_and_is_in_its_palette() -> None:
    async def script(driver: Driver) -> None:
        for scope, key in PAGES.items():
            await driver.press(key)
            page = driver.app.page
            assert page is not None
            assert scope == page.SCOPE
            titles = " ".join(command.title for command in commands(driver.app, page, ACTIONS))
            for action in actions_of(EVERYWHERE, LIST, scope):
                owners = {EVERYWHERE: driver.app, LIST: page.query_one("LedgerList")}
                owner = owners.get(action.scope, page)
                name = action.action.removeprefix("app.").split("(")[0]
                assert hasattr(owner, f"action_{name}"), action.id
                is_motion = action.scope == LIST and action.action.split("(")[0] not in (
                    "open",
                    "find",
                    "sort",
                )
                is_offered = f"({key_name(action)})" in titles
                assert is_offered != (is_motion or action.id == "app.palette"), action.id

    drive(MadeBackend(), script)


def test_the_keys_window_names_every_key_of_the_page() -> None:
    async def script(driver: Driver) -> None:
        await driver.press("f1")
        body = driver.app.screen.query_one("#window Static").render()
        for action in actions_of(EVERYWHERE, LIST, "audit"):
            assert action.help in str(body), action.id
        await driver.press("escape")
        assert driver.app.screen is driver.app.page

    drive(MadeBackend(), script, size=(100, 60))


def test_the_footer_keeps_why_where_little_fits() -> None:
    async def script(driver: Driver) -> None:
        assert "? why" in driver.lines()[-1]
        assert "F1" not in driver.lines()[-1]

    drive(MadeBackend(), script, size=(34, 20))
