"""What git waits for: the newest lines are read, the person is asked, and the commit goes on in any case."""

from __future__ import annotations

import os
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tokencoach import paths
from tokencoach.cli.main import cli
from tokencoach.clock import DAY_MS
from tokencoach.comprehension.hook import decision, state
from tokencoach.comprehension.hook.places import beat_file, state_of
from tokencoach.comprehension.hook.shim import STOPPED
from tokencoach.comprehension.hook.spool import NO_TIME
from tokencoach.git.locate import find
from tokencoach.git.run import run
from tokencoach.git.staged import own_git_dir
from tokencoach.store.checks.inbox_rows import check_by_key, checks_since
from tokencoach.store.checks.records import Outcome
from tokencoach.store.checks.writer import bind, end_check
from tokencoach.store.reader import open_reader
from tokencoach.store.writer import Writer

if TYPE_CHECKING:
    from tokencoach.cli.context import Context

_TAILS_S: Final = 1.0
_MOST_MS: Final = 1_500
_MOST_LOGGED: Final = 64 << 10
_ENDED: Final = {
    Outcome.ASKED: "checked",
    Outcome.SKIPPED: "skipped",
    Outcome.ABORTED: "nothing",
    Outcome.WAITING: "unanswered",
    Outcome.NOT_ASKED: "nothing",
}


def ask_now(context: Context, mode: str, pushed: str, over: str) -> int:
    """``STOPPED`` where the person stops the commit or push; 0 in every other case, errors among them."""
    try:
        return _ask(context, mode, pushed, over)
    except Exception:  # noqa: BLE001 - a commit is worth more than a question
        _log(context)
        return 0


def _ask(context: Context, mode: str, pushed: str, over: str) -> int:
    found, git_dir = find(Path.cwd()), own_git_dir(Path.cwd())
    if found is None or git_dir is None or _is_below_assistant():
        return 0
    began, is_all = context.now_ms, True
    if not _is_known(context, found.common_dir):
        from tokencoach.cli.update import upkeep_of  # noqa: PLC0415 - slow, and most often the logs are read
        from tokencoach.watch.hooked import catch_up  # noqa: PLC0415 - the same

        is_all = catch_up(upkeep_of(context), Writer(context.database, context.tz), _TAILS_S)
    if mode == "pre-commit":
        arguments = ["check", "--staged", "--from-hook"]
    else:
        arguments = ["check", "--range", f"{_base(found.common_dir, pushed, over)}..{pushed}", "--from-hook"]
    code = cli.main(args=arguments, prog_name="tokencoach", standalone_mode=False, obj=context)
    if is_all and code != 1:
        # Without a question asked by then, the making of them has run out of its time.
        is_all = context.now_ms - began < _MOST_MS
    _conclude(context, found.common_dir, git_dir, began, otherwise=decision.NOTHING if is_all else NO_TIME)
    return STOPPED if code == 1 else 0


def _is_known(context: Context, common_dir: Path) -> bool:
    """Whether the logs are read as far as they have grown."""
    home = context.folder
    if decision.is_fresh(decision.read(str(beat_file(home))), context.now_ms / 1000):
        return True
    known = decision.Known(decision.read(str(state_of(home, common_dir) / "known")))
    return known.is_there and not known.has_grown()


def _is_below_assistant() -> bool:
    """Where there is no ``/proc`` the decision could not tell who started git."""
    if os.path.isdir("/proc/self"):  # noqa: PTH112 - a string is wanted
        return False
    import psutil  # noqa: PLC0415 - only where /proc is missing

    try:
        commands = [parent.cmdline()[:3] for parent in psutil.Process().parents()]
    except psutil.Error:
        return False
    return any(decision.reason_of(command) is not None for command in commands)


def _base(git_dir: Path, pushed: str, over: str) -> str:
    """Where a push begins: what the remote has, else where the branch left what any remote has."""
    if over.strip("0"):
        return over
    listed = run(git_dir, "rev-list", "--max-count=1", "--boundary", pushed, "--not", "--remotes")
    line = next((item for item in listed.decode("ascii").split() if item.startswith("-")), "")
    return line.removeprefix("-") or f"{pushed}^"


def _conclude(context: Context, common_dir: Path, git_dir: Path, began_ms: int, *, otherwise: str) -> None:
    """Tell the hooks that follow what came of it, and count the interruption."""
    # After the question: nothing that it does not need may stand between a commit and its screen.
    from tokencoach.cli.update import upkeep_of  # noqa: PLC0415
    from tokencoach.watch.hooked import tell_hooks  # noqa: PLC0415

    with open_reader(context.database) as reader:
        held = checks_since(reader.connection, str(common_dir), began_ms)
        if held:
            state.note_asked(context.folder, began_ms)
        state.conclude(context.folder, git_dir, _ENDED[held[0].outcome] if held else otherwise)
        tell_hooks(reader.connection, upkeep_of(context), [common_dir])


def bind_now(context: Context, sha: str, place: str) -> int:
    """Bind the checks of a commit's tree to it, and leave the note."""
    from tokencoach.comprehension.hook.note import leave_note  # noqa: PLC0415 - only after a commit

    try:
        git_dir = Path(place)
        tree = run(git_dir, "rev-parse", "--verify", f"{sha}^{{tree}}").decode("ascii").strip()
        with Writer(context.database, context.tz) as writer:
            with writer.transaction() as connection:
                keys = bind(connection, place, tree, sha, context.now_ms - DAY_MS)
                found = [check_by_key(connection, key) for key in keys]
                held = [
                    check for check in found if check is not None and check.outcome is not Outcome.WAITING
                ]
                for check in found:
                    if held and check is not None and check not in held:
                        # Broken off, and then held again of the same tree.
                        end_check(connection, check.key, Outcome.NOT_ASKED, "asked again")
            leave_note(writer.connection, git_dir, sha, held)
    except Exception:  # noqa: BLE001 - the commit is made: nothing here may trouble the person
        _log(context)
    return 0


def _log(context: Context) -> None:
    """Keep what went wrong for the doctor; where that fails too, nothing is said."""
    place = paths.hook_log(context.folder)
    try:
        before = place.read_bytes()[-_MOST_LOGGED:] if place.exists() else b""
        place.write_bytes(before + traceback.format_exc().encode("utf-8", "backslashreplace"))
    except OSError:
        return
