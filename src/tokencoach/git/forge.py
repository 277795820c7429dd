"""Reviews of a pull request, asked of GitHub by the person's own ``gh``; only where they opted in."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tokencoach.errors import TokencoachError
from tokencoach.git.run import trusted_program

if TYPE_CHECKING:
    from collections.abc import Iterable

_SECONDS: Final = 20
_MOST_BYTES: Final = 4 << 20
_SLUG: Final = re.compile(r"github\.com/([A-Za-z0-9][\w.-]*/[A-Za-z0-9_.][\w.-]*)")
_FIELDS: Final = "author,createdAt,mergedAt,reviews"
# What gh needs to find its login; nothing that could make it run another program.
_KEPT: Final = (
    *(
        "PATH",
        "HOME",
        "XDG_CONFIG_HOME",
        "APPDATA",
        "SYSTEMROOT",
        "GH_TOKEN",
        "GITHUB_TOKEN",
        "GH_CONFIG_DIR",
    ),
    *("HTTPS_PROXY", "NO_PROXY", "SSL_CERT_FILE", "DBUS_SESSION_BUS_ADDRESS"),
)
_QUIET: Final = {
    "GH_PROMPT_DISABLED": "1",
    "GH_NO_UPDATE_NOTIFIER": "1",
    "GH_PAGER": "cat",
    "GH_BROWSER": "false",
    "GH_EDITOR": "false",
    "NO_COLOR": "1",
    "LC_ALL": "C",
}


class ForgeError(TokencoachError):
    """The forge gave no answer: no ``gh``, no login, no network, or nonsense."""


class RequestReviews(NamedTuple):
    """When somebody other than the author reviewed a pull request; all in UTC milliseconds."""

    created_ms: int
    merged_ms: int | None
    reviewed_ms: tuple[int, ...]


def github_name(remotes: Iterable[str]) -> str | None:
    """``owner/name`` of the one repository on GitHub among normalised remotes; None of none or several."""
    found = {match[1] for remote in remotes if (match := _SLUG.fullmatch(remote)) is not None}
    return found.pop() if len(found) == 1 else None


def request_reviews(name: str, number: int) -> RequestReviews:
    """Reviews of a pull request of ``owner/name``.

    Raises:
        ForgeError: there is no answer, or none that makes sense.
    """
    program = trusted_program("gh")
    if program is None:
        raise ForgeError("gh is not installed", "install gh, or set review_from_gh = false")
    command = [program, "pr", "view", str(number), "--repo", f"github.com/{name}", "--json", _FIELDS]
    own = {variable: os.environ[variable] for variable in _KEPT if variable in os.environ}
    try:
        # An empty folder: gh must not read the configuration of a repository that nobody trusts.
        with tempfile.TemporaryDirectory() as nowhere:
            done = subprocess.run(
                command,
                env=own | _QUIET,
                cwd=nowhere,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=False,
                timeout=_SECONDS,
            )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ForgeError(f"gh did not answer about {name}#{number}", "try: gh auth status") from error
    if done.returncode or len(done.stdout) > _MOST_BYTES:
        said = " ".join(done.stderr.decode("utf-8", "replace").split())[-200:]
        raise ForgeError(f"gh cannot tell about {name}#{number}: {said}", "try: gh auth status")
    try:
        return _understood(json.loads(done.stdout))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ForgeError(f"gh's answer about {name}#{number} makes no sense", "update gh") from error


def _understood(answer: dict[str, Any]) -> RequestReviews:
    author = _login(answer["author"])
    reviews = [
        _ms(review["submittedAt"])
        for review in answer["reviews"] or ()
        if review.get("submittedAt") and _login(review.get("author")) not in ("", author)
    ]
    merged = answer["mergedAt"]
    return RequestReviews(_ms(answer["createdAt"]), _ms(merged) if merged else None, tuple(sorted(reviews)))


def _login(person: dict[str, Any] | None) -> str:
    """A login; empty for somebody who is gone, and for a program."""
    login = str((person or {}).get("login") or "")
    return "" if login.endswith("[bot]") or (person or {}).get("is_bot") else login


def _ms(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)
