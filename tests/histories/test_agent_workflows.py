"""How engineers work with several assistants at once: worktrees, stacks, other programs' tools, patches, notebooks."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from histories.harbour import WORDS, part, parts
from histories.retold import notebook, retold
from histories.scene import Performance, Scene

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from histories.scene import Generation

GENERATIONS: tuple[Generation, ...] = ("2.1", "0.169")
OWN = "def keeper(lamp):\n    lamp.trim(wick='short')\n    return lamp.lit_by_hand\n"


def _log(scene: Scene) -> None:
    scene.repo.human_write("log.py", parts("mast", "net"))
    scene.repo.commit("A log")
    scene.clock.advance(hours=1)


def picked_from_worktrees_that_are_gone(scene: Scene) -> None:
    folder = scene.repo.folder
    for number, generation in enumerate(GENERATIONS):
        tree = scene.repo.worktree(folder.with_name(f"{folder.name}-{number}"), f"agent-{number}")
        session = scene.session(generation, tree)
        session.prompt("Build it")
        session.write(f"part{number}.py", parts(*WORDS[number * 3 : number * 3 + 3]))
        scene.clock.advance(minutes=20)
        tree.commit(f"Part {number}")
    for number in range(2):
        scene.repo.cherry_pick(f"agent-{number}")
        scene.repo.git("worktree", "remove", "--force", f"{folder}-{number}")
        scene.repo.delete_branch(f"agent-{number}")


def edited_in_worktrees_beside_that_are_gone(scene: Scene) -> None:
    folder = scene.repo.folder
    session = scene.asked("0.169")
    for number, place in enumerate((f"{folder.name}.worktrees/fix", f"{folder.name}__worktrees/feat/new")):
        tree = scene.repo.worktree(folder.parent / place, f"topic-{number}")
        session.edit(
            str(tree.folder / "app.py"),
            f"read_setting('name_{number}')",
            f"vault_of_harbour('name_{number}')",
        )
        session.write(str(tree.folder / f"part{number}.py"), parts(*WORDS[number * 3 : number * 3 + 3]))
        scene.clock.advance(minutes=20)
        tree.commit(f"Part {number}")
        scene.repo.git("worktree", "remove", "--force", str(tree.folder))
        scene.repo.merge(f"topic-{number}")


def written_in_a_folder_that_the_copy_does_not_name(scene: Scene) -> None:
    (scene.repo.folder / "src").mkdir()
    session = scene.claude("2.1", scene.repo.folder / "src")
    session.prompt("Write it")
    text = parts(*WORDS[:3])
    (scene.repo.folder / "src" / "part.py").write_text(text, encoding="utf-8")
    session.bash(f"cat > part.py <<'EOF'\n{text}EOF")
    scene.committed()
    for name in ("0-copy", "z-copy"):
        copied = [
            {**record, "sessionId": name, "cwd": str(scene.repo.folder)}
            | ({"requestSessionId": session.session_id} if record["type"] == "assistant" else {})
            for record in session.log.records
        ]
        told = "".join(f"{json.dumps(record)}\n" for record in copied)
        session.log.path.with_name(f"{name}.jsonl").write_text(told, encoding="utf-8")


def stacked_and_restacked(scene: Scene) -> None:
    scene.repo.branch("one")
    scene.asked().write("one.py", parts(*WORDS[:4]))
    scene.committed("One")
    scene.repo.branch("two")
    second = scene.asked("0.169")
    second.write("two.py", parts(*WORDS[4:8]))
    second.edit("one.py", part("dock"), part("dock") + part("mast"))
    scene.committed("Two")
    below = scene.repo.git("rev-parse", "one").strip()
    scene.repo.checkout("one")
    first = "    first = log.anchors_before(sunrise)\n"
    text = parts(*WORDS[:4]).replace(first, "    berth = self.lamp.position_at_noon(7)\n")
    scene.repo.human_write("one.py", text)
    scene.repo.amend()
    scene.repo.git("rebase", "--quiet", "--onto", "one", below, "two")
    amended = scene.repo.git("rev-parse", "one").strip()
    scene.repo.checkout("main")
    scene.repo.squash("one", "One (#1)")
    scene.repo.git("rebase", "--quiet", "--onto", "main", amended, "two")
    scene.repo.checkout("main")
    scene.repo.squash("two", "Two (#2)")
    for name in ("one", "two"):
        scene.repo.delete_branch(name)


def fixed_up_and_squashed(scene: Scene) -> None:
    scene.repo.branch("topic")
    session = scene.asked()
    session.write("one.py", parts(*WORDS[:4]))
    first = scene.committed("One")
    session.edit("one.py", "return merge_dock(first, limit=28)", "return merge_quay(first, later, limit=99)")
    scene.repo.git("commit", "--quiet", "--all", "--fixup", first)
    scene.repo.git("-c", "sequence.editor=true", "rebase", "--quiet", "-i", "--autosquash", "main")
    scene.repo.checkout("main")
    scene.repo.merge("topic")


def rebased_every_week_with_new_dates(scene: Scene) -> None:
    scene.repo.branch("topic")
    for week in range(5):
        scene.asked(GENERATIONS[week % 2]).write(f"week{week}.py", parts(*WORDS[week * 2 : week * 2 + 2]))
        scene.committed(f"Week {week}")
        scene.clock.advance(days=7)
        scene.repo.checkout("main")
        scene.repo.human_write(f"own{week}.py", OWN.replace("keeper", f"keeper_{week}"))
        scene.repo.commit(f"Own {week}")
        scene.repo.checkout("topic")
        scene.repo.git("rebase", "--quiet", "--ignore-date", "main")
    scene.repo.checkout("main")
    scene.repo.merge("topic")


def written_by_a_server_of_files(scene: Scene) -> None:
    session = scene.asked()
    session.write("one.py", parts(*WORDS[:4]))
    scene.committed()
    retold(
        session,
        "mcp__files__write_file",
        lambda told: {"path": told["file_path"], "content": told["content"]},
    )


def edited_by_a_server_of_files(scene: Scene) -> None:
    _log(scene)
    session = scene.asked()
    session.edit("log.py", part("net"), part("net") + parts("oar", "pier"))
    scene.committed()
    retold(
        session,
        "mcp__files__edit_file",
        lambda told: {
            "path": told["file_path"],
            "edits": [{"oldText": told["old_string"], "newText": told["new_string"]}],
        },
    )


def function_replaced_by_its_name(scene: Scene) -> None:
    _log(scene)
    session = scene.asked()
    text = part("net").replace("limit=21", "limit=22")
    session.edit("log.py", part("net"), text)
    scene.committed()
    retold(
        session,
        "mcp__code__replace_symbol_body",
        lambda _: {"name_path": "net_of", "relative_path": "log.py", "body": text.strip()},
    )


def diff_given_to_git_apply(scene: Scene) -> None:
    _log(scene)
    session = scene.asked("0.169")
    (scene.repo.folder / "log.py").write_text(parts("mast", "net", "oar"), encoding="utf-8")
    (scene.repo.folder / "new.py").write_text(part("pier"), encoding="utf-8")
    scene.repo.git("add", "--intent-to-add", "new.py")
    session.bash(f"git apply <<'EOF'\n{scene.repo.git('diff')}EOF\ngit status --short")
    scene.committed()


def diff_put_into_a_file_and_patched(scene: Scene) -> None:
    _log(scene)
    session = scene.asked()
    (scene.repo.folder / "log.py").write_text(parts("mast", "net", "oar"), encoding="utf-8")
    session.bash(f"cat > /tmp/x.patch <<'EOF'\n{scene.repo.git('diff')}EOF\npatch -p1 < /tmp/x.patch")
    scene.committed()


def cell_replaced_in_a_notebook(scene: Scene) -> None:
    before, after = (
        parts("oar", "pier"),
        parts("oar", "pier").replace("limit=21", "limit=22") + "print('done')\n",
    )
    scene.repo.human_write("n.ipynb", notebook(parts("mast"), before))
    scene.repo.commit("A notebook")
    session = scene.asked()
    session.edit("n.ipynb", notebook(parts("mast"), before), notebook(parts("mast"), after))
    scene.committed()
    told = {"new_source": after, "cell_id": "c1", "cell_type": "code", "edit_mode": "replace"}
    retold(session, "NotebookEdit", lambda edit: {**told, "notebook_path": edit["file_path"]}, told)


def kept_elsewhere_or_generated_by_a_macro(scene: Scene) -> None:
    attributes = "[attr]made linguist-generated\n*.csv filter=lfs diff=lfs merge=lfs -text\napi/** made\n"
    scene.repo.human_write(".gitattributes", attributes)
    scene.repo.commit("Attributes")
    session = scene.asked()
    session.write("data/table.csv", "".join(f"harbour{row},berth{row * 7}\n" for row in range(40)))
    session.write("api/client.py", parts(*WORDS[6:12]))
    session.write("one.py", parts(*WORDS[:2]))
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 12345\n"
    scene.repo.human_write("data/table.csv", pointer)
    scene.committed()


def plan_that_git_ignores(scene: Scene) -> None:
    scene.repo.human_write(".gitignore", "docs/plans\n.env*\n!.env.example\n")
    scene.repo.commit("Ignore plans")
    session = scene.asked()
    session.write("docs/plans/harbour.md", parts(*WORDS[6:9]))
    session.prompt("Now build it")
    session.write("one.py", parts(*WORDS[:3]))
    session.write(".env.example", "HARBOUR_OF_THIS=1\n")
    scene.committed()


def keywords_written_in_capitals(scene: Scene) -> None:
    text = "".join(f"select {word}_id from {word}s where {word}_at > 7;\n" for word in WORDS[:8])
    scene.asked().write("one.sql", text)
    scene.committed()
    scene.clock.advance(days=3)
    for word in ("select", "from", "where"):
        text = text.replace(f"{word} ", f"{word.upper()} ")
    scene.repo.human_write("one.sql", text)
    scene.repo.commit("Keywords in capitals")


def byte_order_mark_added(scene: Scene) -> None:
    text = part("mast")
    scene.asked("0.169").write("one.py", text)
    (scene.repo.folder / "one.py").write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    scene.committed()


SHIPPED = {"shipped": 1.0}
ENDS: tuple[tuple[Callable[[Scene], None], list[dict[str, float]]], ...] = (
    (picked_from_worktrees_that_are_gone, [SHIPPED] * 2),
    (edited_in_worktrees_beside_that_are_gone, [SHIPPED]),
    (written_in_a_folder_that_the_copy_does_not_name, [SHIPPED]),
    (stacked_and_restacked, [{"shipped": 15 / 16, "not_landed": 1 / 16}, SHIPPED]),
    (fixed_up_and_squashed, [{"shipped": 16 / 17, "not_landed": 1 / 17}]),
    (rebased_every_week_with_new_dates, [SHIPPED] * 5),
    (written_by_a_server_of_files, [SHIPPED]),
    (edited_by_a_server_of_files, [SHIPPED]),
    (function_replaced_by_its_name, [SHIPPED]),
    (diff_given_to_git_apply, [SHIPPED]),
    (diff_put_into_a_file_and_patched, [SHIPPED]),
    (cell_replaced_in_a_notebook, [SHIPPED]),
    (kept_elsewhere_or_generated_by_a_macro, [SHIPPED]),
    (keywords_written_in_capitals, [SHIPPED]),
    (byte_order_mark_added, [SHIPPED]),
)


@pytest.fixture(scope="module")
def performance(tmp_path_factory: pytest.TempPathFactory) -> Performance:
    return Performance(
        tmp_path_factory.mktemp("workflows"), *(play for play, _ in ENDS), plan_that_git_ignores
    )


@pytest.mark.parametrize(("play", "expected"), ENDS)
def test_each_session_has_the_share_that_is_its_own(
    performance: Performance, play: Callable[[Scene], None], expected: list[dict[str, float]]
) -> None:
    for said, shares in zip(performance.shares(play), expected, strict=True):
        assert said == pytest.approx(shares, abs=0.002)


@pytest.mark.parametrize(
    ("play", "lines"),
    [
        (function_replaced_by_its_name, 1),
        (diff_given_to_git_apply, 8),
        (cell_replaced_in_a_notebook, 2),
        (kept_elsewhere_or_generated_by_a_macro, 8),
    ],
)
def test_only_what_came_new_is_generated(
    performance: Performance, play: Callable[[Scene], None], lines: int
) -> None:
    row = performance.session(performance.scenes[play].sessions[0])
    assert (row["lines"]["generated"], row["lines"]["landed"]) == (lines, lines)


def test_a_plan_that_git_ignores_is_no_waste(performance: Performance) -> None:
    scene = performance.scenes[plan_that_git_ignores]
    (session,) = scene.sessions
    verdict = performance.verdict(plan_that_git_ignores)
    planned, built = scene.turn_tokens(session, 1), scene.turn_tokens(session, 2)
    assert verdict.buckets == {"neutral": planned, "shipped": built}


def test_a_plan_that_git_takes_in_later_ships(tmp_path: Path) -> None:
    performance = Performance(tmp_path, plan_that_git_ignores)
    scene = performance.scenes[plan_that_git_ignores]
    performance.verdict(plan_that_git_ignores)
    scene.clock.advance(days=1)
    scene.repo.human_write(".gitignore", ".env\n")
    scene.repo.commit("Plans are for all")
    performance.program.forget_answers()
    performance.program.ingest()
    assert performance.verdict(plan_that_git_ignores).buckets == {"shipped": scene.tokens}
