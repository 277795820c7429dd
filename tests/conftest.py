"""Every test runs in a world of its own: home, zone, git identity, no assistant, no network."""

from __future__ import annotations

import itertools
import os
import signal
import socket
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent

# Started in the background a shell's child ignores Ctrl-C, and so would every program tested here.
signal.signal(signal.SIGINT, signal.default_int_handler)

# How long an example takes says more of the computer's load than of the code.
settings.register_profile("load", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("load")

# Everything by which a shell, an assistant or git could lead a test to the person's own files.
FOREIGN_PREFIXES = (
    "AIDER_",
    "AMP_",
    "ANTHROPIC_",
    "CLAUDE",
    "CLINE_",
    "CODEX_",
    "CONTINUE_",
    "COPILOT_",
    "CRUSH_",
    "FACTORY_",
    "GEMINI_",
    "GIT_",
    "GOOSE_",
    "KIMI_",
    "OLLAMA_",
    "OPENAI_",
    "OPENCODE_",
    "PI_",
    "QWEN_",
    "TOKENCOACH",
    "VSCODE_",
    "XDG_",
)
FOREIGN_NAMES = (
    "AGENT",
    "APPDATA",
    "AUGMENT_AGENT",
    "BUILDKITE",
    "CI",
    "CONTINUOUS_INTEGRATION",
    "CRUSH",
    "CURSOR_AGENT",
    "GITHUB_ACTIONS",
    "GITLAB_CI",
    "JENKINS_URL",
    "OPENCODE",
    "ROO_ACTIVE",
    "TF_BUILD",
    "LOCALAPPDATA",
    "LANGUAGE",
    "LC_CTYPE",
    "NO_COLOR",
    "FORCE_COLOR",
    "COLUMNS",
    "LINES",
)

FIXED = {
    "TZ": "UTC",
    "LANG": "C.UTF-8",
    "LC_ALL": "C.UTF-8",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ALLOW_PROTOCOL": "file",
    "GIT_AUTHOR_NAME": "Test Author",
    "GIT_AUTHOR_EMAIL": "author@example.invalid",
    "GIT_COMMITTER_NAME": "Test Author",
    "GIT_COMMITTER_EMAIL": "author@example.invalid",
}

_FOLDERS = itertools.count()

LOOPBACK = ("127.", "::1", "localhost", "0.0.0.0")  # noqa: S104 - compared with, never bound


class NetworkUsedError(RuntimeError):
    """A test tried to reach another computer."""


def _refuse_others(family: int, address: Any) -> None:
    if family == socket.AF_UNIX:
        return
    host = address[0] if isinstance(address, tuple) else address
    if not str(host).startswith(LOOPBACK):
        raise NetworkUsedError(f"a test tried to reach {address!r}")


class _LocalSocket(socket.socket):
    """A socket that reaches this computer only."""

    def connect(self, address: Any) -> None:
        _refuse_others(self.family, address)
        super().connect(address)

    def connect_ex(self, address: Any) -> int:
        _refuse_others(self.family, address)
        return super().connect_ex(address)

    def sendto(self, *arguments: Any) -> int:
        _refuse_others(self.family, arguments[-1])
        return super().sendto(*arguments)


def _isolate(environ: pytest.MonkeyPatch, home: Path) -> None:
    for name in list(os.environ):
        if name.startswith(FOREIGN_PREFIXES) or name in FOREIGN_NAMES:
            environ.delenv(name)
    for name, value in FIXED.items():
        environ.setenv(name, value)
    environ.setenv("HOME", str(home))
    environ.setenv("USERPROFILE", str(home))
    environ.setenv("TOKENCOACH_HOME", str(home / "tokencoach"))
    time.tzset()


@pytest.fixture(scope="session", autouse=True)
def _whole_run_isolated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What session-wide fixtures see, before any test's own world exists."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "socket", _LocalSocket)
        _isolate(patch, tmp_path_factory.mktemp("session-home"))
        yield
    time.tzset()


def _own_folder(factory: pytest.TempPathFactory, name: str) -> Path:
    """A new empty folder; pytest's own way reads all the earlier ones to find a free number."""
    folder = factory.getbasetemp() / f"{next(_FOLDERS)}-{name}"
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """This test's own HOME; ``TOKENCOACH_HOME`` lies in it."""
    folder = _own_folder(tmp_path_factory, "home")
    _isolate(monkeypatch, folder)
    return folder


@pytest.fixture
def tmp_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This test's own empty folder."""
    return _own_folder(tmp_path_factory, "test")


@pytest.fixture(scope="session")
def project_root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real logs beside the checkout; tests that want them skip where they are not."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the real logs (../shared/data) are not on this computer")
    return folder
