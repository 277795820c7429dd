"""History 40 and its kin: what a shell command wrote, moved or changed instead of an edit tool."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from histories.program import tokens_by_bucket, waste_by_kind
from histories.scene import Generation, Performance, Scene, code, human_code

if TYPE_CHECKING:
    from collections.abc import Callable


def _shell(scene: Scene, generation: Generation, command: str, path: str, content: str) -> None:
    """A session of one turn whose only deed is a shell command that leaves ``content`` in a file."""
    session = scene.session(generation)
    session.prompt("Make it with the shell")
    session.bash(command, "")
    file = scene.repo.folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(content, encoding="utf-8")
    session.say("It is made.")
    scene.clock.advance(hours=1)
    scene.repo.commit("Add what the shell made")


def cat_heredoc(scene: Scene) -> None:
    text = code("heredoc", 10)
    _shell(scene, "2.1", f"mkdir -p src && cat > src/table.py <<'EOF'\n{text}EOF", "src/table.py", text)


def cat_heredoc_of_codex(scene: Scene) -> None:
    text = code("codexdoc", 10)
    _shell(scene, "0.169", f"cat <<'EOF' > table.py\n{text}EOF\npython -m compileall .", "table.py", text)


def cat_heredoc_of_early_codex(scene: Scene) -> None:
    text = code("earlydoc", 10)
    _shell(scene, "0.34", f"cat > table.py << EOF\n{text}EOF", "table.py", text)


def tee_heredoc(scene: Scene) -> None:
    text = code("teedoc", 10)
    _shell(scene, "1.0", f"tee 'my table.py' >/dev/null <<\"EOF\"\n{text}EOF", "my table.py", text)


def appended_heredoc(scene: Scene) -> None:
    text = code("appended", 6)
    _shell(scene, "2.1", f"cat >> app.py <<'END'\n{text}END", "app.py", human_code(8) + text)


def heredoc_after_cd(scene: Scene) -> None:
    text = code("changed", 7)
    _shell(scene, "2.1", f"cd pkg && cat > inner.py <<'EOF'\n{text}EOF", "pkg/inner.py", text)


def two_heredocs(scene: Scene) -> None:
    one, two = code("firstdoc", 5), code("seconddoc", 5)
    (scene.repo.folder / "one.py").write_text(one, encoding="utf-8")
    command = f"cat > one.py <<'EOF'\n{one}EOF\ncat > two.py <<'EOF'\n{two}EOF"
    _shell(scene, "2.1", command, "two.py", two)


def echoed(scene: Scene) -> None:
    line = "GREETING_OF_THE_SERVICE = read_setting(hello)"
    _shell(scene, "2.1", f'echo "{line}" > greeting.py', "greeting.py", line + "\n")


def python_program_writes(scene: Scene) -> None:
    text = code("pywritten", 8)
    command = f"python3 - <<'PY'\nfrom pathlib import Path\nPath('made.py').write_text('''{text}''')\nPY"
    _shell(scene, "2.1", command, "made.py", text)


def redirected_generator(scene: Scene) -> None:
    text = code("generated", 9)
    _shell(scene, "2.1", "python3 make_table.py --size 9 > table.py", "table.py", text)


def sed_in_place(scene: Scene) -> None:
    changed = human_code(8).replace("read_setting(", "fetch_setting_now(")
    _shell(scene, "2.1", "sed -i 's/read_setting(/fetch_setting_now(/' app.py", "app.py", changed)


def sed_in_place_of_codex(scene: Scene) -> None:
    changed = human_code(8).replace("read_setting(", "fetch_setting_later(")
    _shell(scene, "0.169", "sed -i -e s/read_setting/fetch_setting_later/ ./app.py", "app.py", changed)


def python_program_changes_a_line_beside_a_persons_work(scene: Scene) -> None:
    program = (
        "from pathlib import Path\nfile = Path('app.py')\ntext = file.read_text()\n"
        "file.write_text(text.replace(\"SETTING_3 = read_setting('name_3')\","
        " \"SETTING_3 = read_vault('name_3')\\nTHIRD_READER = open_vault(SETTING_3)\"))\n"
    )
    changed = human_code(8).replace(
        "SETTING_3 = read_setting('name_3')",
        "SETTING_3 = read_vault('name_3')\nTHIRD_READER = open_vault(SETTING_3)",
    )
    session = scene.session()
    session.prompt("Put the third one into the vault")
    session.bash(f"python3 - <<'PY'\n{program}PY", "")
    scene.clock.advance(minutes=30)
    own = (
        "def check_all_doors(guard):\n    for door in guard.doors:\n        door.must_be_locked(twice=True)\n"
    )
    scene.repo.human_write("app.py", own + changed)
    scene.repo.commit("The vault, and my doors")


HEREDOCS = (
    cat_heredoc,
    cat_heredoc_of_codex,
    cat_heredoc_of_early_codex,
    tee_heredoc,
    appended_heredoc,
    heredoc_after_cd,
    two_heredocs,
    echoed,
    python_program_writes,
)
BY_PATH = (redirected_generator, sed_in_place, sed_in_place_of_codex)


def heredoc_never_committed(scene: Scene) -> None:
    session = scene.session()
    session.prompt("Make it with the shell")
    session.bash(f"cat > lost.py <<'EOF'\n{code('lost', 8)}EOF", "")


def generator_never_committed(scene: Scene) -> None:
    session = scene.session()
    session.prompt("Make it with the shell")
    session.bash("python3 make_table.py > table.py", "")


def bugs_in_what_a_command_wrote(scene: Scene) -> None:
    session = scene.session()
    session.prompt("Rename it everywhere")
    session.bash("sed -i 's/read_setting(/fetch_setting(/' app.py", "")
    text = human_code(8).replace("read_setting(", "fetch_setting(")
    (scene.repo.folder / "app.py").write_text(text, encoding="utf-8")
    scene.clock.advance(hours=1)
    scene.repo.commit("feat: fetch the settings")
    scene.clock.advance(days=20)
    lines = text.splitlines(keepends=True)
    scene.repo.human_write("app.py", "".join(lines[:4] + lines[5:]))
    scene.repo.commit("fix: the fourth setting crashed")
    scene.clock.advance(days=1)
    scene.repo.human_write("app.py", "".join(lines[:4]) + "GUARD_OF_IT = 1\n" + "".join(lines[5:]))
    scene.repo.commit("fix: guard the fifth setting")


def much_typed_beside_a_change_in_place(scene: Scene) -> None:
    session = scene.session()
    session.prompt("Rename it")
    session.bash("sed -i 's/name_3/third_name/' app.py", "")
    text = human_code(8).replace("name_3", "third_name")
    mine = "".join(f"TYPED_BY_A_PERSON_{n} = read_by_hand({n})\n" for n in range(30))
    scene.clock.advance(minutes=30)
    scene.repo.human_write("app.py", text + mine)
    scene.repo.commit("Rename it, and much more")


def moved_by_the_shell_and_edited_by_a_person(scene: Scene) -> None:
    session = scene.session()
    session.prompt("Move the service into a package, and add a module")
    session.bash("mkdir -p pkg && git mv app.py pkg/app.py", "")
    scene.repo.rename("app.py", "pkg/app.py")
    session.write("pkg/extra.py", code("extra", 5))
    scene.clock.advance(hours=1)
    scene.repo.human_write("pkg/app.py", scene.repo.read("pkg/app.py") + "LINE_OF_A_PERSON = read_it(1)\n")
    scene.repo.commit("Make it a package")


def heredoc_into_tmp(scene: Scene) -> None:
    session = scene.session()
    session.prompt("How fast is it?")
    session.bash(f"cat > /tmp/speed.py <<'EOF'\n{code('speed', 8)}EOF\npython3 /tmp/speed.py", "fast")
    session.say("Fast.")


def questions_with_redirections(scene: Scene) -> None:
    session = scene.session()
    session.prompt("Do the tests pass?")
    session.bash("make test > /dev/null 2>&1; echo $?", "0")
    session.bash("make test 2>&1 | tee test.log | tail -3", "ok")
    session.bash('if [ "$a" -gt 3 ]; then echo "x > y"; fi', "")
    session.say("They do.")


def failed_heredoc(scene: Scene) -> None:
    session = scene.session()
    session.prompt("Make it")
    session.bash(f"cat > /nowhere/x.py <<'EOF'\n{code('failing', 4)}EOF", "no such folder", exit_code=1)
    session.write("made.py", code("made", 6))
    scene.clock.advance(hours=1)
    scene.repo.commit("Add it")


def heredoc_overwritten_by_an_edit(scene: Scene) -> None:
    session = scene.session()
    session.prompt("Draft it")
    session.bash(f"cat > plan.py <<'EOF'\n{code('draftdoc', 8)}EOF", "")
    (scene.repo.folder / "plan.py").write_text(code("draftdoc", 8), encoding="utf-8")
    session.prompt("Write it anew")
    session.write("plan.py", code("finaldoc", 8))
    scene.marks["first"] = scene.turn_tokens(session, 1)
    scene.clock.advance(hours=1)
    scene.repo.commit("Add the plan")


def script_that_generates(scene: Scene) -> None:
    session = scene.session()
    session.prompt("Write a generator for the tables")
    session.write("make_tables.py", code("maker", 6))
    session.bash("python3 make_tables.py", "wrote tables.py")
    (scene.repo.folder / "tables.py").write_text(code("tables", 30), encoding="utf-8")
    scene.clock.advance(hours=1)
    scene.repo.commit("Add the tables")


def human_line_beside_sed(scene: Scene) -> None:
    session = scene.session()
    session.prompt("Rename it")
    session.bash("sed -i 's/name_3/third_name/' app.py", "")
    text = human_code(8).replace("name_3", "third_name")
    (scene.repo.folder / "app.py").write_text(text, encoding="utf-8")
    scene.clock.advance(hours=1)
    scene.repo.commit("Rename it")
    scene.clock.advance(hours=3)
    scene.repo.human_write("app.py", text + "LATER_LINE_OF_A_PERSON = 1\nANOTHER_ONE_OF_THEM = 2\n")
    scene.repo.commit("My own lines")


OTHERS = (
    heredoc_never_committed,
    generator_never_committed,
    heredoc_into_tmp,
    questions_with_redirections,
    failed_heredoc,
    heredoc_overwritten_by_an_edit,
    script_that_generates,
    human_line_beside_sed,
    moved_by_the_shell_and_edited_by_a_person,
    bugs_in_what_a_command_wrote,
    much_typed_beside_a_change_in_place,
    python_program_changes_a_line_beside_a_persons_work,
)


@pytest.fixture(scope="module")
def performance(tmp_path_factory: pytest.TempPathFactory) -> Performance:
    return Performance(tmp_path_factory.mktemp("shell"), *HEREDOCS, *BY_PATH, *OTHERS)


@pytest.mark.parametrize("play", HEREDOCS)
def test_lines_that_stand_in_a_shell_command_ship_with_a_low_confidence(
    performance: Performance, play: Callable[[Scene], None]
) -> None:
    verdict = performance.verdict(play)
    assert verdict.buckets == {"shipped": verdict.scene.tokens}
    assert verdict.lines["landed"] > 0
    (session,) = verdict.scene.sessions
    assert 0.4 <= performance.session(session)["confidence"] <= 0.6


@pytest.mark.parametrize("play", BY_PATH)
def test_what_a_shell_command_made_of_a_file_it_names_ships_with_the_lowest_confidence(
    performance: Performance, play: Callable[[Scene], None]
) -> None:
    verdict = performance.verdict(play)
    assert verdict.buckets == {"shipped": verdict.scene.tokens}
    (session,) = verdict.scene.sessions
    assert performance.session(session)["confidence"] == pytest.approx(0.4, abs=0.01)


def test_a_heredoc_that_was_never_committed_is_waste(performance: Performance) -> None:
    verdict = performance.verdict(heredoc_never_committed)
    assert verdict.waste == {"uncommitted": verdict.scene.tokens}


def test_a_generators_lost_output_is_unknown_and_never_waste(performance: Performance) -> None:
    verdict = performance.verdict(generator_never_committed)
    assert verdict.buckets == {"unknown": verdict.scene.tokens}
    young = performance.verdict(generator_never_committed, as_of="2026-02-10")
    assert young.buckets == {"pending": young.scene.tokens}


@pytest.mark.parametrize("play", [heredoc_into_tmp, questions_with_redirections])
def test_commands_that_touch_no_file_of_the_project_stay_neutral(
    performance: Performance, play: Callable[[Scene], None]
) -> None:
    verdict = performance.verdict(play)
    assert verdict.buckets == {"neutral": verdict.scene.tokens}


def test_a_command_that_failed_wrote_nothing(performance: Performance) -> None:
    verdict = performance.verdict(failed_heredoc)
    assert verdict.buckets == {"shipped": verdict.scene.tokens}
    assert verdict.lines["generated"] == 6


def test_a_heredoc_that_an_edit_replaced_is_overwritten(performance: Performance) -> None:
    verdict = performance.verdict(heredoc_overwritten_by_an_edit)
    first = verdict.scene.marks["first"]
    assert verdict.waste == {"overwritten": first}
    assert verdict.buckets == {"not_landed": first, "shipped": verdict.scene.tokens - first}


def test_a_generator_script_ships_whatever_becomes_of_its_output(performance: Performance) -> None:
    verdict = performance.verdict(script_that_generates)
    assert verdict.buckets == {"shipped": verdict.scene.tokens}


def test_a_shell_command_owns_no_line_of_a_later_commit(performance: Performance) -> None:
    verdict = performance.verdict(human_line_beside_sed)
    assert verdict.buckets == {"shipped": verdict.scene.tokens}
    assert verdict.lines["landed"] == 1


def test_a_change_in_place_owns_no_line_that_came_beside_it(performance: Performance) -> None:
    verdict = performance.verdict(much_typed_beside_a_change_in_place)
    assert verdict.lines["generated"] == verdict.lines["landed"] == 1
    assert verdict.buckets == {"shipped": verdict.scene.tokens}


def test_a_program_owns_no_line_of_an_old_file_whose_words_it_does_not_hold(performance: Performance) -> None:
    verdict = performance.verdict(python_program_changes_a_line_beside_a_persons_work)
    assert verdict.lines["generated"] == verdict.lines["landed"] == 2
    assert verdict.buckets == {"shipped": verdict.scene.tokens}


def test_a_bug_fix_may_suspect_lines_that_a_command_wrote(performance: Performance) -> None:
    verdict = performance.verdict(bugs_in_what_a_command_wrote)
    assert verdict.buckets == {"shipped": verdict.scene.tokens}
    assert verdict.audit["features"]["bug_suspects"] > 0


def test_a_move_by_the_shell_writes_no_line(performance: Performance) -> None:
    verdict = performance.verdict(moved_by_the_shell_and_edited_by_a_person)
    assert verdict.lines["generated"] == verdict.lines["landed"] == 5
    assert verdict.buckets == {"shipped": verdict.scene.tokens}


def test_no_shell_command_is_called_waste_without_its_text(performance: Performance) -> None:
    for play in (*BY_PATH, generator_never_committed):
        for session in performance.scenes[play].sessions:
            row = performance.session(session)
            assert tokens_by_bucket(row).keys() <= {"shipped", "unknown"}
        assert waste_by_kind(performance.verdict(play).audit) == {}
