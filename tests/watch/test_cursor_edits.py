"""Cursor's edits name files below a folder that another of its databases tells, often later."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from sources.rows import create, put
from watch.growing import NOW, Growing, code

if TYPE_CHECKING:
    from pathlib import Path

ITEMS = "key TEXT UNIQUE ON CONFLICT REPLACE, value BLOB"
USER = ".config/Cursor/User"


@pytest.fixture
def growing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Growing:
    monkeypatch.setenv("TOKENCOACH_NOW", NOW)
    return Growing(tmp_path)


def said(growing: Growing, path: str, content: str) -> dict[str, Any]:
    """An answer that wrote a file."""
    done = {
        "name": "edit_file_v2",
        "toolCallId": "t1",
        "status": "completed",
        "rawArgs": json.dumps({"path": path, "contents": content}),
        "result": json.dumps({"beforeContent": "", "afterContent": content}),
    }
    return {"type": 2, "createdAt": growing.clock.now.isoformat(), "toolFormerData": done}


@pytest.mark.parametrize("told", ["first", "afterwards"])
def test_edits_with_relative_paths_land_in_the_repository_of_their_workspace(
    growing: Growing, told: str
) -> None:
    content, home = code("pipe", 6), growing.stage.home
    owner = create(home / USER / "globalStorage/state.vscdb", ItemTable=ITEMS, cursorDiskKV=ITEMS)
    put(owner, "cursorDiskKV", key="bubbleId:C1:b1", value=said(growing, "pipes.py", content))
    workspace = home / USER / "workspaceStorage" / "w1"
    listing = create(workspace / "state.vscdb", ItemTable=ITEMS)
    (workspace / "workspace.json").write_text(json.dumps({"folder": growing.repo.folder.as_uri()}))
    (growing.repo.folder / "pipes.py").write_text(content)
    growing.clock.advance(hours=1)
    growing.repo.commit("Pipes")
    if told == "afterwards":
        other = growing.session()
        other.prompt("Make the repository known")
        assert growing.landed() == 0
    heads = [{"composerId": "C1", "name": "Add the pipes", "createdAt": 1_770_026_400_000}]
    put(listing, "ItemTable", key="composer.composerData", value={"allComposers": heads})
    assert growing.landed() == 6
    assert growing.rebuilt()["landing"] == growing.follow()["landing"]
    owner.close()
    listing.close()
