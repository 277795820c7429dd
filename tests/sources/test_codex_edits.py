"""Edits and commands of Codex: three generations of reports, one edit each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from sources.codex_records import custom_call, event, function_call, item, meta, output, turn
from sources.reading import read_all
from tokencoach.sources.codex import Codex
from tokencoach.sources.codex.patches import parse_patch
from tokencoach.sources.logged_paths import resolve
from tokencoach.usage.words import CallStatus, EditKind

if TYPE_CHECKING:
    from tokencoach.usage.facts import EditSeen

SOURCE = Codex()
DEMO = "/home/dev/demo"
PATCH = """*** Begin Patch
*** Update File: src/a.py
@@ def f(x):
 def f(x):
-    return x+1
+    return x + 2
+    # end
*** End Patch"""
DIFF = (
    "--- a/src/a.py\n+++ b/src/a.py\n@@ -1,2 +1,3 @@\n"
    " def f(x):\n-    return x+1\n+    return x + 2\n+    # end\n"
)


def edits_of(*records: Any) -> list[EditSeen]:
    return list(read_all(SOURCE, [meta(), turn(1), *records]).edits.values())


def update(diff: str = DIFF, moved_to: str | None = None) -> dict[str, Any]:
    return {"type": "update", "unified_diff": diff, "move_path": moved_to}


def test_a_patch_call_is_an_edit_with_its_exact_lines() -> None:
    (edit,) = edits_of(custom_call(2, "c1", "apply_patch", PATCH))
    assert (edit.path, edit.kind) == (f"{DEMO}/src/a.py", EditKind.PATCH)
    assert (edit.added, edit.removed) == ("    return x + 2\n    # end", "    return x+1")
    assert (edit.rank, edit.status, edit.cwd, edit.branch) == (1, None, DEMO, "main")


@pytest.mark.parametrize(
    "call",
    [
        function_call(2, "c1", "shell", command=["apply_patch", PATCH]),
        function_call(2, "c1", "shell", command=["bash", "-lc", f"apply_patch <<'EOF'\n{PATCH}\nEOF"]),
        function_call(2, "c1", "exec_command", cmd=f"apply_patch <<'EOF'\n{PATCH}\nEOF"),
        function_call(
            2, "c1", "shell_command", command=f"cd {DEMO} && apply_patch <<'EOF'\n{PATCH}\nEOF", workdir="/"
        ),
        function_call(2, "c1", "apply_patch", patch=PATCH),
    ],
)
def test_a_patch_inside_a_command_is_the_same_edit(call: dict[str, Any]) -> None:
    (edit,) = edits_of(call)
    assert (edit.path, edit.added) == (f"{DEMO}/src/a.py", "    return x + 2\n    # end")


def test_a_relative_path_is_of_the_commands_own_folder() -> None:
    (edit,) = edits_of(
        function_call(2, "c1", "exec_command", cmd=f"apply_patch <<E\n{PATCH}\nE", workdir="/srv/app")
    )
    assert edit.path == "/srv/app/src/a.py"


def test_the_report_of_a_patch_replaces_its_proposal() -> None:
    done = event(3, "patch_apply_end", call_id="c1", success=True, changes={f"{DEMO}/src/a.py": update()})
    (edit,) = edits_of(custom_call(2, "c1", "apply_patch", PATCH), done)
    assert (edit.rank, edit.status) == (2, CallStatus.OK)
    assert (edit.added, edit.removed) == ("    return x + 2\n    # end", "    return x+1")


def test_a_finished_file_change_under_another_id_is_the_same_edit() -> None:
    done = item(3, "FileChange", id="item_7", status="completed", changes={f"{DEMO}/src/a.py": update()})
    (edit,) = edits_of(custom_call(2, "c1", "apply_patch", PATCH), done)
    assert (edit.key, edit.rank, edit.status) == ("c1", 2, CallStatus.OK)


def test_a_file_change_without_any_call_is_an_edit_and_a_call() -> None:
    done = item(
        3,
        "FileChange",
        id="item_7",
        status="completed",
        changes={f"{DEMO}/b.py": {"type": "add", "content": "x\n"}},
    )
    merged = read_all(SOURCE, [meta(), turn(1), done])
    (edit,) = merged.edits.values()
    assert (edit.kind, edit.added) == (EditKind.WRITE, "x")
    assert merged.calls["item_7"].is_edit


@pytest.mark.parametrize(
    ("word", "status"),
    [("declined", CallStatus.REJECTED), ("failed", CallStatus.FAILED), ("completed", CallStatus.OK)],
)
def test_a_file_change_says_how_it_ended(word: str, status: CallStatus) -> None:
    (edit,) = edits_of(item(3, "FileChange", id="i", status=word, changes={f"{DEMO}/a.py": update()}))
    assert edit.status is status


def test_a_failed_patch_keeps_the_proposed_lines() -> None:
    text = "apply_patch verification failed: Failed to find expected lines in src/a.py"
    (edit,) = edits_of(custom_call(2, "c1", "apply_patch", PATCH), output(3, "c1", text))
    assert (edit.status, edit.added) == (CallStatus.FAILED, "    return x + 2\n    # end")


def test_a_patch_of_several_files_is_one_edit_each_under_one_call() -> None:
    body = (
        "*** Begin Patch\n*** Add File: new.py\n+one\n+two\n*** Delete File: old.py\n"
        "*** Update File: a.py\n*** Move to: b.py\n@@\n-x\n+y\n*** End of File\n*** End Patch\n"
    )
    first, second, third = edits_of(custom_call(2, "c1", "apply_patch", body))
    assert {edit.call_key for edit in (first, second, third)} == {"c1"}
    assert (first.kind, first.added, first.path) == (EditKind.WRITE, "one\ntwo", f"{DEMO}/new.py")
    assert (second.added, second.path) == ("", f"{DEMO}/old.py")
    assert (third.path, third.moved_from, third.added, third.removed) == (
        f"{DEMO}/b.py",
        f"{DEMO}/a.py",
        "y",
        "x",
    )
    changes = {
        f"{DEMO}/new.py": {"type": "add", "content": "one\ntwo\n"},
        f"{DEMO}/old.py": {"type": "delete", "content": "gone\n"},
        f"{DEMO}/a.py": update("@@ -1 +1 @@\n-x\n+y\n", f"{DEMO}/b.py"),
    }
    done = event(3, "patch_apply_end", call_id="c1", success=True, changes=changes)
    reported = edits_of(custom_call(2, "c1", "apply_patch", body), done)
    assert [edit.rank for edit in reported] == [2, 2, 2]
    assert reported[1].removed == "gone"
    assert reported[2].moved_from == f"{DEMO}/a.py"


def test_a_patch_that_comes_back_to_a_file_keeps_both_changes() -> None:
    body = "*** Begin Patch\n*** Update File: a.py\n-1\n+2\n*** Update File: a.py\n-3\n+4\n*** End Patch"
    (edit,) = edits_of(custom_call(2, "c1", "apply_patch", body))
    assert (edit.added, edit.removed) == ("2\n4", "1\n3")


def test_lines_that_look_like_file_headers_inside_a_hunk_are_lines() -> None:
    (edit,) = edits_of(
        item(3, "FileChange", id="i", changes={"/a.sql": update("@@ -1 +1 @@\n--- old note\n+++ new note\n")})
    )
    assert (edit.added, edit.removed) == ("++ new note", "-- old note")


def test_a_patch_without_an_end_gives_what_is_there() -> None:
    (file,) = parse_patch("\n*** Update File: a.py\n@@\n-x\n+y", "/srv")
    assert (file.path, file.change.added) == ("/srv/a.py", "y")


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("Chunk ID: 1\nProcess exited with code 0\nOutput:\nok", CallStatus.OK),
        ("Process exited with code 2\nOutput:\nno", CallStatus.FAILED),
        ("Exit code: 1\nWall time: 0 seconds", CallStatus.FAILED),
        ('{"output":"ok","metadata":{"exit_code":0}}', CallStatus.OK),
        ('{"output":"no","metadata":{"exit_code":127}}', CallStatus.FAILED),
        ("exec command rejected by user", CallStatus.REJECTED),
        ("patch rejected by user", CallStatus.REJECTED),
        ("aborted by user after 3.2s", CallStatus.INTERRUPTED),
        ("failed to parse function arguments: missing field", CallStatus.FAILED),
        ({"content": "no", "success": False}, CallStatus.FAILED),
        ([{"type": "input_text", "text": "a.txt"}], CallStatus.OK),
        ("{ not json, but a file", CallStatus.OK),
    ],
)
def test_how_a_command_ended_is_read_in_every_generation(text: Any, status: CallStatus) -> None:
    records = [meta(), function_call(1, "c1", "exec_command", cmd="ls"), output(2, "c1", text)]
    merged = read_all(SOURCE, records)
    assert merged.results["c1"].status is status
    assert merged.calls["c1"].is_shell
    assert not merged.unseen


def test_a_finished_command_says_how_it_ended() -> None:
    done = item(
        2, "CommandExecution", id="c1", command=["ls"], exit_code=2, status="completed", aggregated_output=""
    )
    merged = read_all(SOURCE, [meta(), function_call(1, "c1", "shell", command=["ls"]), done])
    assert merged.results["c1"].status is CallStatus.FAILED
    assert list(merged.calls) == ["c1"]


def test_a_windows_folder_resolves_in_its_own_manner() -> None:
    assert resolve("src\\a.py", "C:\\demo") == "C:\\demo\\src\\a.py"
    assert resolve("D:\\x.py", "C:\\demo") == "D:\\x.py"
    assert resolve("../b.py", "/srv/app") == "/srv/b.py"
    assert resolve("a.py", None) == "a.py"
