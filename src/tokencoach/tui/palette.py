"""The command palette's entries, made from the table of keys."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from textual.app import SystemCommand

from tokencoach.tui.keys import EVERYWHERE, LIST, Action, key_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from textual.app import App
    from textual.screen import Screen

_NOT_HERE = frozenset({"app.palette"})
_OF_LISTS = frozenset({"list.open", "list.find", "list.sort-next", "list.sort-before"})
"""What a list does by name; moving its cursor is done by keys, and would only hide what is looked for."""


def commands(app: App[str], screen: Screen[Any], actions: Iterable[Action]) -> Iterator[SystemCommand]:
    """An entry for each action that works on a screen; the key stands in its title."""
    scope = getattr(screen, "SCOPE", "")
    has_list = getattr(screen, "HAS_LIST", False)
    for action in actions:
        in_list = action.scope == LIST and has_list and action.id in _OF_LISTS
        works = action.scope in {EVERYWHERE, scope} or in_list
        if works and action.id not in _NOT_HERE:
            title = f"{action.label[:1].upper()}{action.label[1:]}  ({key_name(action)})"
            yield SystemCommand(title, action.help, partial(_run, app, screen, action))


async def _run(app: App[str], screen: Screen[Any], action: Action) -> None:
    target = screen.focused if action.scope == LIST else screen
    if action.scope == LIST and not hasattr(target, f"action_{action.action.split('(')[0]}"):
        target = next(iter(screen.query("LedgerList")), screen)
    await app.run_action(action.action, default_namespace=target)
