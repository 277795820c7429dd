"""Nothing moves by itself in these tests; what an app has to do is waited for, and done once for all of them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from tui.quiet import quiet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.css.stylesheet import Stylesheet

os.environ["TEXTUAL_ANIMATIONS"] = "none"  # read when textual is imported


@pytest.fixture(scope="session", autouse=True)
def _driven_without_waste() -> Iterator[None]:
    """Style sheets are parsed once for all apps, and a key is over when the app has dealt with it."""
    from textual.css import stylesheet  # noqa: PLC0415 - after the variable above

    parse = stylesheet.Stylesheet._parse_rules
    known: dict[Any, Any] = {}

    def parse_once(self: Stylesheet, css: str, *places: Any, **more: Any) -> Any:
        # Within one app textual remembers them in the same way.
        key = (css, places, *sorted(more.items()), *sorted(self._variables.items()))
        if key not in known:
            known[key] = parse(self, css, *places, **more)
        return known[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stylesheet.Stylesheet, "_parse_rules", parse_once)
        patch.setattr("textual.app.wait_for_idle", quiet)
        patch.setattr("textual.pilot.wait_for_idle", quiet)
        yield
