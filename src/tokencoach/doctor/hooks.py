"""The doctor's look at the git hooks: in place, running, and what went wrong in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tokencoach import paths, regular_files
from tokencoach.comprehension.hook.manifest import has_global, hooked
from tokencoach.comprehension.hook.status import status
from tokencoach.doctor.report import DoctorItem, DoctorSection
from tokencoach.errors import TokencoachError
from tokencoach.git.hooks import hook_place
from tokencoach.git.locate import find

if TYPE_CHECKING:
    from pathlib import Path

    from tokencoach.comprehension.hook.status import HookStatus

_TAIL: Final = 4096


def examine_hooks(home: Path) -> DoctorSection:
    """The hook of every repository that has one, and of all repositories where there is one for them."""
    items = [_repository(home, place) for place in hooked(home)]
    if has_global(home):
        items.append(_item("every repository", status(home, None)))
    if not items:
        items = [
            DoctorItem("installed", "nowhere: nobody is asked before a commit (tokencoach hook install)")
        ]
    return DoctorSection("hooks", (*items, *_faults(home)))


def _repository(home: Path, common_dir: Path) -> DoctorItem:
    found = find(common_dir)
    if found is None or not found.worktrees:
        return DoctorItem(paths.shown(common_dir), "the repository is gone", None)
    folder = found.worktrees[0]
    try:
        return _item(paths.shown(folder), status(home, hook_place(folder)))
    except TokencoachError as error:
        return DoctorItem(paths.shown(folder), str(error.args[0]), error.mend, ok=False)


def _item(name: str, found: HookStatus) -> DoctorItem:
    if found.problems:
        problem = found.problems[0]
        return DoctorItem(name, problem.what, problem.mend, ok=False)
    mode = found.mode or found.said_mode or "the phase of each repository"
    manager = f", beside {found.manager}" if found.manager else ""
    return DoctorItem(name, f"in place, asks by {mode}{manager}")


def _faults(home: Path) -> list[DoctorItem]:
    """The last thing that went wrong in a hook; the commit went on."""
    try:
        with regular_files.opened(paths.hook_log(home)) as file:
            file.seek(max(0, file.seek(0, 2) - _TAIL))
            lines = file.read().decode("utf-8", "replace").split("\n")
    except OSError:
        return []
    last = next((line for line in reversed(lines) if line.strip()), "")
    mend = f"once it is settled: rm {paths.shown(paths.hook_log(home))}"
    return [DoctorItem("last fault", last, mend, ok=False)] if last else []
