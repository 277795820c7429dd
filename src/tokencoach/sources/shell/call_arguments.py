"""The script in the arguments of a call to a shell, by the names that assistants have for it."""

from __future__ import annotations

import shlex
from typing import Any, Final

SCRIPT_ARGUMENTS: Final = ("command", "cmd", "script")


def command_line(arguments: Any) -> str:
    """The script that a shell call runs; of a bare list of words, these joined as a shell would read them."""
    asked = arguments
    for name in SCRIPT_ARGUMENTS:
        if isinstance(asked, dict) and name in asked:
            asked = asked[name]
    if isinstance(asked, list) and all(isinstance(word, str) for word in asked):
        is_script = len(asked) > 2 and asked[1] in ("-c", "-lc")
        return asked[2] if is_script else shlex.join(asked)
    return asked if isinstance(asked, str) else ""
