"""The doctor says of every hook whether it is in place, and what went wrong in one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from comprehension.hook_scene import HookScene
from tokencoach.doctor.hooks import examine_hooks

if TYPE_CHECKING:
    from pathlib import Path


def _items(scene: HookScene) -> dict[str, Any]:
    with scene.inside():
        return {item.name: item for item in examine_hooks(scene.home).items}


def test_without_a_hook_it_says_how_to_get_one(tmp_path: Path) -> None:
    assert "tokencoach hook install" in _items(HookScene(tmp_path))["installed"].value


def test_a_hook_in_place_is_told_with_its_mode_and_a_displaced_one_with_its_mend(tmp_path: Path) -> None:
    scene = HookScene(tmp_path)
    assert scene.program("hook", "install", "--mode", "inbox", "--yes").returncode == 0
    (item,) = _items(scene).values()
    assert (item.ok, item.value) == (True, "in place, asks by inbox")
    (scene.folder / ".git/hooks/pre-commit").write_text("#!/bin/sh\n")
    (item,) = _items(scene).values()
    assert not item.ok
    assert "replaced by somebody else" in item.value
    assert item.mend == "tokencoach hook install"


def test_the_last_fault_of_a_hook_is_shown(tmp_path: Path) -> None:
    scene = HookScene(tmp_path)
    scene.home.mkdir()
    (scene.home / "hook.log").write_text("Traceback\n  line\nValueError: why\n\n")
    fault = _items(scene)["last fault"]
    assert not fault.ok
    assert fault.value == "ValueError: why"


def test_debt_stands_in_the_figures_of_checks(tmp_path: Path) -> None:
    scene = HookScene(tmp_path)
    said = scene.program("check", "--stats", "--json")
    assert said.returncode == 3
    assert json.loads(said.stdout)["debt"] == []
