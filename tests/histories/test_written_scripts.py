"""Scripts written to a file of their own that change the project when they are run, and paths as scripts tell them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from histories.harbour import part, parts
from histories.scene import Performance, Scene, human_code

if TYPE_CHECKING:
    from collections.abc import Callable

    Play = Callable[[Scene], None]

MODULES = 30
SWEEP = (
    "import pathlib\nfor file in pathlib.Path('pkg').glob('*.py'):\n    text = file.read_text()\n"
    "    file.write_text(text.replace('legacy.fetch(', 'modern.load('))\n"
)
PATTERN = (
    "import pathlib, re\nfor file in pathlib.Path('.').rglob('*.py'):\n    text = file.read_text()\n"
    "    file.write_text(re.sub(r'legacy\\.fetch\\((\\w+)', r'modern.load(\\1', text))\n"
)
SCRIPT = (
    "const fs = require('fs');\nfor (const name of fs.readdirSync('pkg'))\n  fs.writeFileSync(`pkg/${name}`, "
    "fs.readFileSync(`pkg/${name}`, 'utf8').replace(/legacy\\.fetch\\((\\w+)/g, 'modern.load($1'));\n"
)
TEXT = parts("anchor", "barge")


def _modules(scene: Scene) -> None:
    for number in range(MODULES):
        text = (
            f"import legacy_{number}\nvalue_{number} = legacy.fetch(source_{number}, retries={number})\n"
            f"other_{number} = keep_{number}(alpha)\n"
        )
        scene.repo.human_write(f"pkg/m{number}.py", text)
    scene.committed("Many modules")


def _changed(scene: Scene) -> None:
    for number in range(MODULES):
        file = scene.repo.folder / "pkg" / f"m{number}.py"
        file.write_text(file.read_text("utf-8").replace("legacy.fetch(", "modern.load("), encoding="utf-8")


def _run_aside(name: str, program: str, command: str) -> Play:
    """A script outside the repository changes a line of each of many files."""

    def play(scene: Scene) -> None:
        _modules(scene)
        place = scene.stage.folder / "aside" / scene.repo.name / name
        session = scene.asked("0.169" if len(program) % 2 else "2.1")
        session.write(str(place), program)
        session.bash(f"{command} {place}", "")
        _changed(scene)
        scene.committed("Modern")

    play.__name__ = f"run_aside_{name}_{len(program)}"
    return play


def run_from_the_project_and_thrown_away(scene: Scene) -> None:
    _modules(scene)
    session = scene.asked()
    session.write("scripts/mod.py", SWEEP)
    session.bash("python3 scripts/mod.py && rm scripts/mod.py", "")
    (scene.repo.folder / "scripts" / "mod.py").unlink()
    _changed(scene)
    scene.committed("Modern")


def with_the_text_of_a_file_in_it(scene: Scene) -> None:
    place = scene.stage.folder / "aside" / scene.repo.name / "make.py"
    session = scene.asked()
    session.write(str(place), f"from pathlib import Path\nPath('lib/one.py').write_text('''{TEXT}''')\n")
    session.bash(f"python3 {place}", "")
    scene.repo.human_write("lib/one.py", TEXT)
    scene.committed()


def never_run(scene: Scene) -> None:
    _modules(scene)
    session = scene.asked()
    session.write(str(scene.stage.folder / "aside" / scene.repo.name / "mod.py"), SWEEP)
    session.say("Run it when you like.")
    scene.repo.human_write("pkg/m1.py", scene.repo.read("pkg/m1.py") + "line_of_a_person = other_1 + 7\n")
    scene.committed()


def only_looking(scene: Scene) -> None:
    place = scene.stage.folder / "aside" / scene.repo.name / "count.py"
    session = scene.asked()
    session.write(
        str(place), "import sys\nsettings = open('app.py').read()\nsys.stdout.write(str(len(settings)))\n"
    )
    session.bash(f"python3 {place}", "312")
    scene.repo.human_write("app.py", human_code(8) + "settings_of_a_person = open_it(sys)\n")
    scene.committed()


def from_the_top_of_the_repository(scene: Scene) -> None:
    scene.repo.human_write("svc/a.py", part("mast"))
    scene.repo.commit("A service")
    session = scene.session("2.1", scene.repo.folder / "svc")
    session.prompt("Go on")
    session.bash(f"cat > \"$(git rev-parse --show-toplevel)/lib.py\" <<'EOF'\n{TEXT}EOF", "")
    scene.repo.human_write("lib.py", TEXT)
    scene.committed()


def after_a_subshell_elsewhere(scene: Scene) -> None:
    session = scene.asked("0.169")
    session.bash(f"(mkdir -p web && cd web && npm test)\ncat > lib.py <<'EOF'\n{TEXT}EOF", "")
    scene.repo.human_write("lib.py", TEXT)
    scene.committed()


ASIDE = (
    _run_aside("mod.py", SWEEP, "python3"),
    _run_aside("mod.py", PATTERN, "python3"),
    _run_aside("mod.cjs", SCRIPT, "node"),
    _run_aside("mod.sh", "git ls-files | xargs sed -i 's/legacy.fetch(/modern.load(/'\n", "sh"),
)
LINES = {
    **dict.fromkeys(ASIDE, MODULES),
    with_the_text_of_a_file_in_it: 8,
    from_the_top_of_the_repository: 8,
    after_a_subshell_elsewhere: 8,
}


@pytest.fixture(scope="module")
def performance(tmp_path_factory: pytest.TempPathFactory) -> Performance:
    others = (run_from_the_project_and_thrown_away, never_run, only_looking)
    return Performance(tmp_path_factory.mktemp("written-scripts"), *LINES, *others)


@pytest.mark.parametrize(("play", "lines"), LINES.items(), ids=lambda told: getattr(told, "__name__", ""))
def test_what_a_script_made_ships_with_all_the_spend_of_writing_it(
    performance: Performance, play: Play, lines: int
) -> None:
    verdict = performance.verdict(play)
    assert verdict.buckets == {"shipped": verdict.scene.tokens}
    assert verdict.lines["landed"] == lines


def test_a_script_thrown_away_weighs_its_own_lines_beside_what_it_made(performance: Performance) -> None:
    (said,) = performance.shares(run_from_the_project_and_thrown_away)
    assert said == pytest.approx(
        {"shipped": MODULES / (MODULES + 4), "not_landed": 4 / (MODULES + 4)}, abs=0.002
    )


@pytest.mark.parametrize("play", [never_run, only_looking])
def test_a_script_owns_nothing_that_it_did_not_make(performance: Performance, play: Play) -> None:
    assert performance.shares(play) == [{"neutral": 1.0}]
