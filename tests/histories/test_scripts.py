"""Scripts that write files under names of their own: variables, loops, blocks, programs that take what they are given."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from histories.harbour import part, parts
from histories.scene import Performance, Scene

if TYPE_CHECKING:
    from collections.abc import Callable

    Play = Callable[[Scene], None]

TEXT = parts("anchor", "barge")


def _ran(scene: Scene, script: str, **files: str) -> None:
    session = scene.asked("0.169" if len(script) % 2 else "2.1")
    session.bash(script, "")
    for name, text in files.items():
        file = scene.repo.folder / "lib" / f"{name}.py"
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    scene.committed()


def to_a_file_that_a_variable_names(scene: Scene) -> None:
    _ran(scene, f"OUT=lib/one.py\nmkdir -p lib\ncat > \"$OUT\" <<'EOF'\n{TEXT}EOF", one=TEXT)


def for_each_of_some_names(scene: Scene) -> None:
    text = part("anchor").replace("anchor", "${n}")
    script = f"for n in crane dock; do\n  cat > lib/$n.py <<EOF\n{text}EOF\ndone"
    _ran(scene, script, **{name: text.replace("${n}", name) for name in ("crane", "dock")})


def where_there_is_none_yet(scene: Scene) -> None:
    _ran(scene, f"if [ ! -f lib/one.py ]; then\ncat > lib/one.py <<'EOF'\n{TEXT}EOF\nfi", one=TEXT)


def with_lines_that_only_the_shell_knows(scene: Scene) -> None:
    known = f"{TEXT}harbour_name = 'north quay'\n"
    script = f"NAME='north quay'\ncat > lib/one.py <<EOF\n{TEXT}harbour_name = '$NAME'\nharbour_home = '$HOME'\nEOF"
    _ran(scene, script, one=f"{known}harbour_home = '/home/dev'\n")


def by_dd(scene: Scene) -> None:
    _ran(scene, f"dd of=lib/one.py status=none <<'EOF'\n{TEXT}EOF", one=TEXT)


def given_to_another_shell(scene: Scene) -> None:
    quoted = TEXT.replace("'", "'\\''")
    _ran(scene, f"bash -lc 'cat > lib/one.py <<\"EOF\"\n{quoted}EOF\n'", one=TEXT)


def by_powershell(scene: Scene) -> None:
    _ran(scene, f"$text = @'\n{TEXT}'@\nSet-Content -Path lib\\one.py -Value $text -Encoding utf8", one=TEXT)


def inserted_by_an_editor_of_streams(scene: Scene) -> None:
    added = "HARBOUR_MASTER = read_setting('master of the harbour')"
    lines = scene.repo.read("app.py").splitlines()
    session = scene.asked()
    session.bash(f'sed -i "3i {added}" app.py', "")
    mine = "SETTING_OF_A_PERSON = read_by_hand(7)"
    scene.repo.human_write("app.py", "\n".join([*lines[:2], added, *lines[2:], mine, ""]))
    scene.committed()


PLAYS = {
    to_a_file_that_a_variable_names: 8,
    for_each_of_some_names: 8,
    where_there_is_none_yet: 8,
    with_lines_that_only_the_shell_knows: 9,
    by_dd: 8,
    given_to_another_shell: 8,
    by_powershell: 8,
    inserted_by_an_editor_of_streams: 1,
}


@pytest.fixture(scope="module")
def performance(tmp_path_factory: pytest.TempPathFactory) -> Performance:
    return Performance(tmp_path_factory.mktemp("scripts"), *PLAYS)


@pytest.mark.parametrize(("play", "lines"), PLAYS.items())
def test_what_a_script_writes_ships(performance: Performance, play: Play, lines: int) -> None:
    verdict = performance.verdict(play)
    assert verdict.buckets == {"shipped": verdict.scene.tokens}
    assert verdict.lines["landed"] == verdict.lines["generated"] == lines
