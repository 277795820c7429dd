"""Edits of Claude Code: the exact lines where the log has them, the best known ones elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sources.claude_records import assistant, edit_detail, result, tool_use
from sources.reading import jsonl, read_all, read_parts
from tokencoach.sources.claude_code import ClaudeCode
from tokencoach.usage.words import CallStatus, EditKind

if TYPE_CHECKING:
    from tokencoach.usage.facts import EditSeen

SOURCE = ClaudeCode()
PATH = "/home/dev/demo/a.py"


def edit_of(call: dict[str, Any], answer: dict[str, Any] | None = None) -> EditSeen:
    """The edit of a call and its result; reading them in two pieces must say the same."""
    lines = [assistant(1, content=[call])] + ([answer] if answer else [])
    merged = read_all(SOURCE, lines)
    (edit,) = merged.edits.values()
    for part in read_parts(SOURCE, jsonl(lines)):
        assert len(part.edits) == 1, "one edit a chunk"
    return edit


def asked(old: str, new: str, **fields: Any) -> dict[str, Any]:
    return tool_use("t1", "Edit", file_path=PATH, old_string=old, new_string=new, **fields)


def test_a_proposal_without_a_result_has_no_status() -> None:
    edit = edit_of(asked("keep\nold\n", "keep\nnew\nmore\n"))
    assert (edit.kind, edit.added, edit.removed, edit.rank) == (EditKind.STRINGS, "new\nmore", "old", 1)
    assert (edit.status, edit.path, edit.cwd, edit.branch) == (None, PATH, "/home/dev/demo", "main")


def test_a_patch_gives_the_exact_lines() -> None:
    detail = edit_detail(
        "return x+1", "return x + 2\n# end", [" def f(x):", "-    return x+1", "+    return x + 2", "+# end"]
    )
    edit = edit_of(asked("return x+1", "return x + 2\n# end"), result(2, "t1", "ok", detail))
    assert (edit.kind, edit.added, edit.removed) == (
        EditKind.PATCH,
        "    return x + 2\n# end",
        "    return x+1",
    )
    assert (edit.rank, edit.status, edit.request_key) == (2, CallStatus.OK, "m:msg_1")


def test_a_patch_of_twelve_places_has_the_lines_twelve_times() -> None:
    patch = ["-old", "+new"] * 12
    detail = edit_detail("old", "new", patch, replaceAll=True)
    edit = edit_of(asked("old", "new", replace_all=True), result(2, "t1", "ok", detail))
    assert edit.added.split("\n") == ["new"] * 12


def test_replace_all_without_a_patch_counts_the_places_in_the_image() -> None:
    detail = edit_detail("old", "new", replaceAll=True, originalFile="old\nx\nold\ny\nold\n")
    edit = edit_of(asked("old", "new", replace_all=True), result(2, "t1", "ok", detail))
    assert (edit.kind, edit.added) == (EditKind.STRINGS, "new\nnew\nnew")


def test_an_image_that_lacks_the_replaced_text_is_ignored() -> None:
    detail = edit_detail("old", "new", ["-something else", "+new"], originalFile="of another moment\n")
    edit = edit_of(asked("old", "new"), result(2, "t1", "ok", detail))
    assert (edit.kind, edit.added, edit.removed) == (EditKind.STRINGS, "new", "old")


def test_an_image_with_other_line_ends_still_holds_the_text() -> None:
    detail = edit_detail("a\nb", "c", ["-a\r", "-b\r", "+c\r"], originalFile="a\r\nb\r\n")
    edit = edit_of(asked("a\nb", "c"), result(2, "t1", "ok", detail))
    assert (edit.kind, edit.added) == (EditKind.PATCH, "c\r")


def test_a_new_file_is_its_whole_content() -> None:
    call = tool_use("t1", "Write", file_path=PATH, content="a\nb\n")
    detail = {"type": "create", "filePath": PATH, "content": "a\nb\n", "structuredPatch": []}
    edit = edit_of(call, result(2, "t1", "ok", detail))
    assert (edit.kind, edit.added, edit.rank, edit.status) == (EditKind.WRITE, "a\nb\n", 2, CallStatus.OK)


def test_a_rewritten_file_with_an_image_is_only_what_changed() -> None:
    call = tool_use("t1", "Write", file_path=PATH, content="a\nb\nnew\n")
    detail = {"type": "update", "filePath": PATH, "content": "a\nb\nnew\n", "originalFile": "a\nb\nold\n"}
    edit = edit_of(call, result(2, "t1", "ok", detail | {"structuredPatch": []}))
    assert (edit.kind, edit.added, edit.removed) == (EditKind.PATCH, "new", "old")


def test_a_rewritten_file_with_a_patch_has_the_patchs_lines() -> None:
    call = tool_use("t1", "Write", file_path=PATH, content="a\nnew\n")
    hunk = {"lines": [" a", "-old", "+new"]}
    detail = {"type": "update", "filePath": PATH, "content": "a\nnew\n", "structuredPatch": [hunk]}
    edit = edit_of(call, result(2, "t1", "ok", detail))
    assert (edit.kind, edit.added, edit.removed) == (EditKind.PATCH, "new", "old")


def test_all_parts_of_a_multi_edit_are_one_edit() -> None:
    parts = [{"old_string": "a", "new_string": "b"}, {"old_string": "c", "new_string": "d\ne"}]
    call = tool_use("t1", "MultiEdit", file_path=PATH, edits=parts)
    edit = edit_of(call)
    assert (edit.added, edit.removed) == ("b\nd\ne", "a\nc")
    detail = {"filePath": PATH, "edits": parts, "originalFileContents": "a\nc\n", "structuredPatch": []}
    done = edit_of(call, result(2, "t1", "ok", detail))
    assert (done.added, done.removed, done.rank) == ("b\nd\ne", "a\nc", 2)


def test_a_notebook_cell_is_an_edit_of_the_notebook() -> None:
    text = "import os\nprint('é')"
    call = tool_use("t1", "NotebookEdit", notebook_path="/a.ipynb", new_source=text, cell_id="c1")
    edit = edit_of(call, result(2, "t1", "ok", {"new_source": text, "edit_mode": "insert"}))
    assert (edit.path, edit.added, edit.status) == (
        "/a.ipynb",
        '"import os\\n",\n"print(\'é\')"',
        CallStatus.OK,
    )


@pytest.mark.parametrize(
    ("name", "arguments", "kind", "added"),
    [
        ("write_file", {"path": PATH, "content": "a\nb\n"}, EditKind.WRITE, "a\nb"),
        ("write_file", {"path": PATH, "content": "a\n", "mode": "append"}, EditKind.STRINGS, "a"),
        (
            "edit_file",
            {"path": "a.py", "edits": [{"oldText": "x\ny", "newText": "x\nz"}]},
            EditKind.STRINGS,
            "z",
        ),
        (
            "insert_after_symbol",
            {"relative_path": "a.py", "name_path": "f", "body": "z"},
            EditKind.STRINGS,
            "z",
        ),
        ("replace_regex", {"relative_path": "a.py", "regex": "x.*", "repl": "z"}, EditKind.STRINGS, "z"),
    ],
)
def test_a_servers_tool_that_changes_a_file_is_an_edit(
    name: str, arguments: dict[str, Any], kind: EditKind, added: str
) -> None:
    edit = edit_of(tool_use("t1", f"mcp__files__{name}", **arguments), result(2, "t1", "ok"))
    assert (edit.path, edit.kind, edit.added, edit.status) == (PATH, kind, added, CallStatus.OK)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("edit_file", {"path": "a.py", "edits": [{"oldText": "x", "newText": "y"}], "dryRun": True}),
        ("create_issue", {"path": "a.py", "content": "a"}),
        ("move_file", {"source": "a.py", "destination": "b.py"}),
    ],
)
def test_a_servers_tool_that_writes_no_lines_is_none(name: str, arguments: dict[str, Any]) -> None:
    call = assistant(1, content=[tool_use("t1", f"mcp__files__{name}", **arguments)])
    assert not read_all(SOURCE, [call]).edits


def test_the_oldest_name_of_the_write_tool_is_known() -> None:
    edit = edit_of(tool_use("t1", "Replace", file_path=PATH, content="a\n"))
    assert edit.kind is EditKind.WRITE


def test_a_rejected_edit_keeps_the_proposed_lines() -> None:
    edit = edit_of(asked("a", "b"), result(2, "t1", "no", is_error=True, toolDenialKind="user-rejected"))
    assert (edit.added, edit.rank, edit.status) == ("b", 1, CallStatus.REJECTED)


def test_a_failed_edit_keeps_the_proposed_lines() -> None:
    text = "<tool_use_error>String to replace not found in file."
    edit = edit_of(asked("a", "b"), result(2, "t1", text, f"Error: {text}", is_error=True))
    assert (edit.added, edit.rank, edit.status) == ("b", 1, CallStatus.FAILED)


def test_a_proposal_that_the_person_changed_is_marked() -> None:
    detail = edit_detail("a", "b", ["-a", "+mine"], userModified=True)
    edit = edit_of(asked("a", "b"), result(2, "t1", "ok", detail))
    assert edit.is_human_modified
    assert edit.added == "mine"


def test_a_result_in_a_later_chunk_raises_the_rank_of_the_same_edit() -> None:
    detail = edit_detail("a", "b", ["-a", "+b"])
    lines = jsonl([assistant(1, content=[asked("a", "b")]), result(2, "t1", "ok", detail)])
    first, second = read_parts(SOURCE, lines, cuts=[1])
    assert [edit.rank for edit in (*first.edits, *second.edits)] == [1, 2]
    assert second.edits[0].request_key == "m:msg_1"
    assert second.edits[0].at_ms == first.edits[0].at_ms


def test_an_edit_outside_a_branch_has_none() -> None:
    lines = [assistant(1, content=[asked("a", "b")], gitBranch="HEAD")]
    (edit,) = read_all(SOURCE, lines).edits.values()
    assert edit.branch is None


def test_a_windows_path_stays_as_it_was_logged() -> None:
    call = tool_use("t1", "Edit", file_path="D:\\demo\\a.py", old_string="a", new_string="b")
    assert edit_of(call).path == "D:\\demo\\a.py"
