"""Which folder Cursor's conversations were held in, as each of its versions tells it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from sources.agents import BEGAN, make
from sources.rows import create, put
from tokencoach.sources.base import LogsHome, Shape
from tokencoach.sources.cursor import Cursor
from tokencoach.sources.drift import unknown_fields
from tokencoach.sources.editors import path_of
from tokencoach.watch.whole import Marks, row_chunks

if TYPE_CHECKING:
    import sqlite3
    from pathlib import Path

ITEMS = "key TEXT UNIQUE ON CONFLICT REPLACE, value BLOB"
HEADS = (
    "composerId TEXT PRIMARY KEY, workspaceId TEXT, createdAt INTEGER, lastUpdatedAt INTEGER, "
    "isArchived INTEGER, isSubagent INTEGER, recency INTEGER, checkpointAt INTEGER, value TEXT"
)
USER = ".config/Cursor/User"
Told = dict[str, tuple[str | None, str | None]]


def head(own: str, uri: Any = None, **more: Any) -> dict[str, Any]:
    """What is listed of a conversation, in a workspace where there is a URI."""
    where = {} if uri is None else {"workspaceIdentifier": {"id": "w1", "uri": uri}}
    return {"composerId": own, "name": "Add it", "createdAt": BEGAN, "lastUpdatedAt": BEGAN, **where, **more}


def parts(own: str, scheme: str = "file", **more: str) -> dict[str, Any]:
    """A URI in its parts."""
    return {"$mid": 1, "fsPath": own, "path": own, "scheme": scheme, **more}


class Editor:
    """What Cursor keeps in a home folder, still open in the editor."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.all = create(home / USER / "globalStorage/state.vscdb", ItemTable=ITEMS, cursorDiskKV=ITEMS)
        self.marks: dict[Path, Marks] = {}

    def workspace(self, name: str, told: object, *heads: dict[str, Any]) -> sqlite3.Connection:
        """A workspace that notes what it is of, and lists its conversations."""
        folder = self.home / USER / "workspaceStorage" / name
        owner = create(folder / "state.vscdb", ItemTable=ITEMS)
        if told is not None:
            (folder / "workspace.json").write_text(told if isinstance(told, str) else json.dumps(told))
        put(owner, "ItemTable", key="cursorAuth/token", value="private")
        put(owner, "ItemTable", key="composer.composerData", value={"allComposers": list(heads)})
        return owner

    def read(self) -> Told:
        """Folders and titles told since the last time."""
        told: Told = {}
        for file in Cursor().files(LogsHome(self.home, {})):
            marks = self.marks.setdefault(file.path, Marks())
            for chunk in row_chunks(Cursor(), file, marks):
                facts, marks.inner = Cursor().read(chunk, marks.inner, file, 0)
                told |= {one.session_id: (one.cwd, one.title) for one in facts.sessions}
        return told


@pytest.fixture
def editor(tmp_path: Path) -> Editor:
    return Editor(tmp_path)


def test_a_workspaces_own_database_tells_the_folder_of_what_it_lists(editor: Editor) -> None:
    owner = editor.workspace("w1", {"folder": "file:///home/dev/my%20demo"}, head("C1"), head("C2"))
    editor.workspace("w2", {"folder": "file:///c%3A/Users/dev/demo"}, head("C3", name=None))
    assert editor.read() == {
        "C1": ("/home/dev/my demo", "Add it"),
        "C2": ("/home/dev/my demo", "Add it"),
        "C3": ("c:/Users/dev/demo", None),
    }
    put(
        owner,
        "ItemTable",
        key="composer.composerData",
        value={"allComposers": [head("C1", name="Done"), head("C2")]},
    )
    assert editor.read() == {"C1": ("/home/dev/my demo", "Done")}
    assert editor.read() == {}


def test_a_list_for_all_folders_tells_each_ones(editor: Editor) -> None:
    heads = [
        head("C1", parts("/home/dev/demo")),
        head("C2", parts("c:\\Users\\dev\\demo", path="/c:/Users/dev/demo")),
        head(
            "C3", parts("\\home\\dev\\far", "vscode-remote", path="/home/dev/far", authority="ssh-remote+box")
        ),
    ]
    put(editor.all, "ItemTable", key="composer.composerHeaders", value={"allComposers": heads})
    assert {own: cwd for own, (cwd, _) in editor.read().items()} == {
        "C1": "/home/dev/demo",
        "C2": "c:\\Users\\dev\\demo",
        "C3": "/home/dev/far",
    }


def test_a_table_of_heads_tells_the_folder_once_the_conversation_is_used(editor: Editor) -> None:
    editor.all.execute(f"CREATE TABLE composerHeaders({HEADS})")
    unused = {"workspaceIdentifier": {"id": "w1", "uri": "file:///home/dev/demo"}, "isDraft": False}
    put(editor.all, "composerHeaders", composerId="C1", createdAt=BEGAN, value=unused)
    assert editor.read() == {}
    used = json.dumps(unused | {"name": "Add it"})
    editor.all.execute("UPDATE composerHeaders SET lastUpdatedAt=?, value=?", (BEGAN + 5, used))
    assert editor.read() == {"C1": ("/home/dev/demo", "Add it")}


def test_a_head_that_names_its_workspace_is_of_that_ones_folder(editor: Editor) -> None:
    editor.workspace("w1", {"folder": "file:///home/dev/demo"})
    editor.all.execute(f"CREATE TABLE composerHeaders({HEADS})")
    for own, named in (("C1", "w1"), ("C2", "gone")):
        told = {"name": "Add it", "agentLocation": {"type": "local"}}
        put(
            editor.all, "composerHeaders", composerId=own, workspaceId=named, createdAt=BEGAN,
            lastUpdatedAt=BEGAN, value=told,
        )  # fmt: skip
    heads = [head(own, workspaceIdentifier={"id": named}) for own, named in (("C3", "w1"), ("C4", "gone"))]
    put(editor.all, "ItemTable", key="composer.composerHeaders", value={"allComposers": heads})
    assert set(editor.read()) == {"C1", "C3"}


def test_lists_and_heads_have_no_field_that_is_not_known(editor: Editor) -> None:
    editor.workspace("w1", {"folder": "file:///home/dev/demo"}, head("C1"))
    editor.all.execute(f"CREATE TABLE composerHeaders({HEADS})")
    told = head("C2", "file:///home/dev/demo", type="head", subtitle="a.py", isDraft=False)
    put(editor.all, "composerHeaders", composerId="C2", createdAt=BEGAN, lastUpdatedAt=BEGAN, value=told)
    put(editor.all, "ItemTable", key="composer.composerHeaders", value={"allComposers": [told]})
    chunks = [
        chunk
        for file in Cursor().files(LogsHome(editor.home, {}))
        for chunk in row_chunks(Cursor(), file, Marks())
    ]
    assert chunks
    assert not [unknown for chunk in chunks if (unknown := unknown_fields("cursor", chunk))]


def test_a_list_stored_as_bytes_is_read(editor: Editor) -> None:
    raw = json.dumps({"allComposers": [head("C1", parts("/home/dev/demo"))]}).encode()
    put(editor.all, "ItemTable", key="composer.composerHeaders", value=raw)
    assert editor.read() == {"C1": ("/home/dev/demo", "Add it")}


@pytest.mark.parametrize(
    "told",
    [
        head("C1"),
        head("C1", workspaceIdentifier={"id": "empty-window"}),
        head("C1", workspaceIdentifier={"id": "w", "configPath": parts("/home/dev/two.code-workspace")}),
        head("C1", parts("/owner/demo", "vscode-vfs")),
        head("C1", "vscode-vfs://github/owner/demo"),
        head("C1", 7),
        head("C1", parts("/home/dev/demo"), isDraft=True),
        head("C1", parts("/home/dev/demo"), name=None, lastUpdatedAt=None),
        head("C1", parts("/home/dev/demo"), createdAt="never"),
        {"createdAt": BEGAN},
    ],
    ids=[
        *("nothing", "empty window", "several folders", "code host", "code host's text", "number"),
        *("draft", "unused", "no instant", "no name"),
    ],
)
def test_a_conversation_of_no_known_folder_is_given_none(editor: Editor, told: dict[str, Any]) -> None:
    put(editor.all, "ItemTable", key="composer.composerHeaders", value={"allComposers": [told, 3]})
    assert editor.read() == {}


@pytest.mark.parametrize(
    "note",
    [None, "{", '"x"', {"folder": 3}, {"workspace": "file:///home/dev/two.code-workspace"}],
    ids=["missing", "cut", "no object", "no text", "several folders"],
)
def test_a_workspace_of_no_known_folder_tells_nothing(editor: Editor, note: object) -> None:
    editor.workspace("w1", note, head("C1"))
    (file,) = Cursor().files(LogsHome(editor.home, {}))
    assert file.path.parent.name == "globalStorage"
    assert editor.read() == {}


def test_transcripts_belong_to_the_folder_that_was_trusted(tmp_path: Path) -> None:
    project = tmp_path / ".cursor" / "projects" / "home-dev-my-demo"
    make(tmp_path, ".cursor/projects/other/agent-transcripts/C2/C2.jsonl")
    script = project / "agent-transcripts" / "C1" / "C1.jsonl"
    script.parent.mkdir(parents=True)
    use = {"type": "tool_use", "name": "Write", "input": {"path": "a.py", "contents": "one\n"}}
    script.write_text(json.dumps({"role": "assistant", "message": {"content": [use]}}) + "\n")
    (project / ".workspace-trusted").write_text(json.dumps({"workspacePath": "/home/dev/my-demo"}))
    files = {file.name_hint: file for file in Cursor().files(LogsHome(tmp_path, {}))}
    assert {name: file.cwd for name, file in files.items()} == {"C1": "/home/dev/my-demo", "C2": None}
    facts, _ = Cursor().read(script.read_bytes(), b"", files["C1"], 0)
    assert [edit.path for edit in facts.edits] == ["/home/dev/my-demo/a.py"]
    assert [one.cwd for one in facts.sessions] == ["/home/dev/my-demo"]
    assert files["C1"].shape is Shape.LINES


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("file:///home/dev/%E4%B8%AD%20a%23b", "/home/dev/中 a#b"),
        ("file:///D%3A/code/demo", "D:/code/demo"),
        ("file:///d:/", "d:/"),
        ("file://localhost/home/dev", "/home/dev"),
        ("file://wsl.localhost/Ubuntu/home/dev", "//wsl.localhost/Ubuntu/home/dev"),
        ("vscode-remote://ssh-remote%2Bbox/c%3A/code/demo", "c:/code/demo"),
        ("vscode-remote://dev-container%2B7b22/workspaces/demo", "/workspaces/demo"),
        ("C:\\code\\demo", "C:\\code\\demo"),
        ("/home/dev/a%20b", "/home/dev/a%20b"),
        ("untitled:one", None),
        ("file://[bad/x", None),
        ("", None),
        ([], None),
    ],
)
def test_a_uri_names_a_path_where_it_is_of_a_disk(uri: object, path: str | None) -> None:
    assert path_of(uri) == path
