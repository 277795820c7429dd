"""What pytest calls. Without a plan nothing is done."""

from __future__ import annotations

import json
import os

from .run import Recorder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

PLAN = "TOKENCOACH_RECORD_PLAN"


class _State:
    """The recorder of this process, and the pytest run that it belongs to."""

    recorder: Recorder | None = None
    config: Any = None


def pytest_load_initial_conftests(early_config: Any) -> None:
    """Start before a ``conftest.py`` loads what is to be watched."""
    pytest_configure(early_config)


def pytest_configure(config: Any) -> None:
    """Start with the outermost run of this process."""
    plan = os.environ.get(PLAN)
    if _State.config is not None or not plan:
        return
    _State.config = config
    try:
        with open(plan, encoding="utf-8") as file:
            recorder = Recorder(json.load(file))
        _State.recorder = recorder
        recorder.start()
    except Exception as fault:
        if _State.recorder is not None:
            _State.recorder.give_up(fault)


def pytest_runtest_setup(item: Any) -> None:
    """A test begins."""
    _tell(item, item.nodeid)


def pytest_runtest_teardown(item: Any) -> None:
    """A test has been run."""
    _tell(item, None)


def _tell(item: Any, test: Any) -> None:
    recorder = _State.recorder
    # A test may run pytest within itself.
    if recorder is not None and item.config is _State.config:
        try:
            recorder.begin_test(test)
        except Exception as fault:
            recorder.give_up(fault)


def pytest_sessionfinish(session: Any) -> None:
    """Write already here: a worker of a distributed run may not live to its very end."""
    recorder = _State.recorder
    if recorder is not None and session.config is _State.config:
        recorder.flush()


def pytest_unconfigure(config: Any) -> None:
    """Write at the end of the run that we started with."""
    recorder = _State.recorder
    if recorder is not None and config is _State.config:
        _State.recorder = _State.config = None
        try:
            recorder.stop()
        except Exception as fault:
            recorder.give_up(fault)
