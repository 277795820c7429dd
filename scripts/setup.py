"""Brings ``.venv`` to what the lock files say; standard library only.

``setup.py check GROUP`` exits 0 when nothing needs doing. ``setup.py install GROUP`` does it.
The groups build on one another: run, test, check. A stamp in ``.venv`` says what was completed;
while an installation is under way there is none, so an interrupted one begins afresh.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "tokencoach-setup"
LOG = VENV / "setup.log"
GROUPS = {
    "run": ("requirements.lock",),
    "test": ("requirements.lock", "requirements-test.lock"),
    "check": ("requirements.lock", "requirements-test.lock", "requirements-check.lock"),
}

MENDS = (
    (
        ("No space left on device", "Disk quota exceeded"),
        "the disk is full",
        "free about 300 MB and run the same command again",
    ),
    (
        ("DO NOT MATCH THE HASHES",),
        "the package index served a file that is not the one the lock names",
        "see which index pip asks (pip config list) and take a public one, or run: make lock",
    ),
    (
        ("certificate verify failed", "CERTIFICATE_VERIFY_FAILED", "SSLError"),
        "the package index's certificate is not trusted here",
        "name your organisation's certificate: pip config set global.cert /path/to/ca.pem",
    ),
    (
        ("407 Proxy", "ProxyError", "Cannot connect to proxy"),
        "the proxy refused the connection",
        "set it: export HTTPS_PROXY=http://name@proxy:port",
    ),
    (
        ("Connection", "NewConnectionError", "Temporary failure in name resolution", "timed out", "No route"),
        "the package index cannot be reached",
        "check the network; behind a proxy: export HTTPS_PROXY=http://proxy:port",
    ),
    (
        (
            "No matching distribution found",
            "Could not find a version",
            "Failed to build",
            "subprocess-exited",
        ),
        "a package has no ready-made file for this Python or computer, or the index does not have it",
        "use another Python: PYTHON=python3.13 make run (rm -rf .venv first)",
    ),
)


class SetupError(Exception):
    """What went wrong, and what to do about it."""


def fail(message: str) -> NoReturn:
    """Leave with a message and no traceback."""
    raise SetupError(message)


def fingerprint(group: str) -> str:
    """Hash of everything that decides what ``.venv`` must hold for a group, the checkout's place too."""
    digest = hashlib.sha256(os.fsencode(ROOT))
    for name in ("pyproject.toml", *GROUPS[group]):
        digest.update((ROOT / name).read_bytes() + b"\0")
    return digest.hexdigest()


def stamped() -> dict[str, str]:
    """Group to fingerprint, as the last completed installation wrote it."""
    try:
        lines = STAMP.read_text(encoding="ascii").splitlines()
    except (OSError, UnicodeDecodeError):
        return {}
    return dict(line.split(" ", 1) for line in lines if " " in line)


def is_ready(group: str) -> bool:
    """Whether a completed installation fits the files as they are now."""
    stamps = stamped()
    return any(
        stamps.get(one) == fingerprint(one) for one in GROUPS if len(GROUPS[one]) >= len(GROUPS[group])
    )


def clean_environment() -> dict[str, str]:
    """The environment without what would send packages elsewhere; index settings stay."""
    dropped = {"PYTHONPATH", "PYTHONHOME", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_REQUIRE_VIRTUALENV"}
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    return kept | {"PIP_USER": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1"}


def works() -> bool:
    """Whether ``.venv`` has a Python that still runs and is new enough, and a pip."""
    probe = "import sys, pip; sys.exit(sys.version_info < (3, 11))"
    try:
        run = subprocess.run([PYTHON, "-I", "-c", probe], check=False, capture_output=True)
    except OSError:
        return False
    return run.returncode == 0


def make_venv() -> None:
    """A fresh ``.venv`` made by the Python that runs this."""
    if VENV.is_symlink():
        VENV.unlink()
    shutil.rmtree(VENV, ignore_errors=True)
    try:
        venv.create(VENV, with_pip=True, symlinks=True)
    except subprocess.CalledProcessError as error:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        fail(
            f"Python {version} could not make a virtual environment ({error})\n"
            f"  Debian, Ubuntu:  sudo apt install python{version}-venv\n"
            "  Fedora:          sudo dnf install python3 python3-pip\n"
            "  macOS:           brew install python@3.13\n"
            "  Windows:         inside WSL: sudo apt install python3-venv"
        )
    except OSError as error:
        fail(f"{VENV} cannot be written: {error}\n  mend: free space, or make the folder yours: chown")


def pip(what: str, *arguments: str) -> None:
    """Run pip in ``.venv``, its whole output kept in a log file.

    Raises:
        SetupError: pip failed; the message says why and what mends it.
    """
    print(f"tokencoach set-up: {what} ...", file=sys.stderr, flush=True)
    command = [
        str(PYTHON),
        "-I",
        "-m",
        "pip",
        "install",
        "--retries",
        "3",
        "--progress-bar",
        "off",
        *arguments,
    ]
    with LOG.open("ab") as log:
        start = log.tell()
        run = subprocess.run(
            command,
            check=False,
            cwd=ROOT,
            env=clean_environment(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    if run.returncode == 0:
        return
    said = LOG.read_bytes()[start:].decode("utf-8", "replace")
    last = [line for line in said.splitlines() if line.strip() and not line.startswith("[notice]")][-4:]
    for signs, cause, mend in MENDS:
        if any(sign in said for sign in signs):
            fail(f"{cause}\n  mend: {mend}\n  all of it: {LOG}\n  " + "\n  ".join(last))
    fail(f"pip failed with code {run.returncode}; all of it: {LOG}\n  " + "\n  ".join(last))


def require_git() -> None:
    """Require that git runs: the audit reads history with it.

    Raises:
        SetupError: there is no git that works.
    """
    try:
        subprocess.run(["git", "--version"], check=True, capture_output=True, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError):
        fail(
            "git is missing, or does not run\n"
            "  Debian, Ubuntu:  sudo apt install git\n"
            "  Fedora:          sudo dnf install git\n"
            "  macOS:           xcode-select --install\n"
            "  Windows:         wsl --install -d Ubuntu, then inside it: sudo apt install git"
        )


def install(group: str) -> None:
    """Install a group's locks and the project itself, then write the stamp."""
    before = stamped()
    if not before or not works():
        before = {}
        make_venv()
    STAMP.unlink(missing_ok=True)
    locks = [argument for name in GROUPS[group] for argument in ("-r", name)]
    try:
        pip("installing the locked packages (once; about a minute)", "--require-hashes", *locks)
    except SetupError:
        # pip fetches everything before it replaces anything: what was there still stands.
        write_stamp(before)
        raise
    pip("installing tokencoach", "--no-deps", "--no-build-isolation", "--no-index", "--editable", ".")
    done = {one: fingerprint(one) for one in GROUPS if len(GROUPS[one]) <= len(GROUPS[group])}
    write_stamp(done)


def write_stamp(stamps: dict[str, str]) -> None:
    """Replace the stamp at one blow; nothing is written for nothing."""
    if not stamps:
        return
    fresh = STAMP.with_suffix(".new")
    fresh.write_text("".join(f"{group} {value}\n" for group, value in stamps.items()), encoding="ascii")
    fresh.replace(STAMP)


def main(arguments: list[str]) -> int:
    """0 done or nothing to do, 1 failed, 3 (check) something to do, 130 interrupted."""
    verb, group = arguments
    if verb == "check":
        return 0 if is_ready(group) else 3
    try:
        require_git()
        # Two set-ups at once wait for each other on the checkout's own folder.
        folder = os.open(ROOT, os.O_RDONLY)
        fcntl.flock(folder, fcntl.LOCK_EX)
        if not (is_ready(group) and works()):
            install(group)
    except SetupError as error:
        print(f"tokencoach set-up failed: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ntokencoach set-up interrupted; the same command takes it up again", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
