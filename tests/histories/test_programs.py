"""Programs in a command that replace texts in files which they name: whole lines, parts of lines, in vain, undone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from histories.harbour import part, parts
from histories.scene import Performance, Scene

if TYPE_CHECKING:
    from collections.abc import Callable

    from tokencoach.demo.session import Session

    Play = Callable[[Scene], None]

LOG = parts("mast", "net", "oar", "pier")
OWN = "def keeper(lamp):\n    lamp.trim(wick='short')\n    return lamp.lit_by_hand\n"


def _asked(scene: Scene) -> Session:
    scene.repo.human_write("log.py", LOG)
    scene.repo.commit("A log")
    scene.clock.advance(hours=1)
    session = scene.session()
    session.prompt("Change the log")
    return session


def _run(scene: Scene, session: Session, program: str, text: str, after: str = "") -> None:
    scene.repo.human_write("log.py", text)
    session.bash(f"python3 - <<'EOF'\n{program}EOF{after}", "")


def a_function_replaced(scene: Scene) -> None:
    old, new = part("net"), part("anchor")
    program = (
        f"from pathlib import Path\npath = Path('log.py')\ntext = path.read_text()\nold = '''{old}'''\n"
        f"assert old in text\npath.write_text(text.replace(old, '''{new}'''))\n"
    )
    _run(scene, _asked(scene), program, LOG.replace(old, new))
    scene.committed()


def a_function_replaced_in_vain(scene: Scene) -> None:
    program = f"s = open('log.py').read()\ns = s.replace('''{part('net')}''', '''{part('anchor')}''')\n"
    _run(scene, _asked(scene), program + "open('log.py', 'w').write(s)\n", LOG)
    scene.repo.human_write("own.py", OWN)
    scene.committed()


def words_replaced(scene: Scene) -> None:
    program = (
        "with open('log.py') as file:\n    text = file.read()\n"
        "for old, new in (('limit=28', 'limit=7, is_sorted=True'), ('nets_before', 'nets_after')):\n"
        "    text = text.replace(old, new)\nwith open('log.py', 'w') as file:\n    file.write(text)\n"
    )
    text = LOG.replace("limit=28", "limit=7, is_sorted=True").replace("nets_before", "nets_after")
    _run(scene, _asked(scene), program, text)
    scene.repo.human_write("log.py", text.replace("limit=21", "limit=7"))
    scene.committed()


def words_replaced_twice(scene: Scene) -> None:
    session = _asked(scene)
    program = (
        "import re\np = 'log.py'\ns = open(p).read()\nopen(p, 'w').write(re.sub(r'\\b{}\\b', '{}', s))\n"
    )
    _run(scene, session, program.format("sunrise", "daybreak"), LOG.replace("sunrise", "daybreak"))
    session.prompt("And the limits")
    text = LOG.replace("sunrise", "daybreak").replace("limit", "most")
    _run(scene, session, program.format("limit", "most"), text)
    scene.committed()


def replaced_by_node(scene: Scene) -> None:
    session = _asked(scene)
    scene.repo.human_write("log.py", LOG.replace("sunrise", "daybreak"))
    session.bash(
        "node -e \"const fs = require('fs'); const s = fs.readFileSync('log.py', 'utf8'); "
        "fs.writeFileSync('log.py', s.replaceAll('sunrise', 'daybreak'))\"",
        "",
    )
    scene.committed()


def tried_and_copied_back(scene: Scene) -> None:
    session = _asked(scene)
    session.write("own.py", OWN)
    session.bash(
        "cp log.py /tmp/log.bak && python3 - <<'EOF'\np = 'log.py'\ns = open(p).read()\n"
        "open(p, 'w').write(s.replace('    first = log.nets_before(sunrise)\\n', ''))\nEOF\n"
        "pytest -q; cp /tmp/log.bak log.py",
        "1 failed",
    )
    scene.committed()


def swept_on_a_branch(scene: Scene) -> None:
    session = _asked(scene)
    scene.repo.branch("topic")
    scene.repo.human_write("log.py", LOG.replace("sunrise", "daybreak"))
    session.bash("grep -rl sunrise . | xargs sed -i 's/sunrise/daybreak/g'", "")
    scene.committed()
    scene.repo.checkout("main")


def replaced_on_a_branch(scene: Scene) -> None:
    session = _asked(scene)
    scene.repo.branch("topic")
    program = "s = open('log.py').read()\nopen('log.py', 'w').write(s.replace('sunrise', 'daybreak'))\n"
    _run(scene, session, program, LOG.replace("sunrise", "daybreak"))
    scene.committed()
    scene.repo.checkout("main")


@pytest.fixture(scope="module")
def performance(tmp_path_factory: pytest.TempPathFactory) -> Performance:
    return Performance(
        tmp_path_factory.mktemp("programs"),
        a_function_replaced,
        a_function_replaced_in_vain,
        words_replaced,
        words_replaced_twice,
        replaced_by_node,
        tried_and_copied_back,
        swept_on_a_branch,
        replaced_on_a_branch,
    )


@pytest.mark.parametrize(
    ("play", "landed", "confidence"),
    [(words_replaced, 3, 0.5), (words_replaced_twice, 8, 0.5), (replaced_by_node, 4, 0.5)],
)
def test_a_program_has_the_lines_that_its_replacements_make(
    performance: Performance, play: Play, landed: int, confidence: float
) -> None:
    row = performance.session(performance.scenes[play].sessions[0])
    assert performance.shares(play) == [{"shipped": 1.0}]
    assert (row["lines"]["landed"], row["confidence"]) == (landed, confidence)


def test_whole_lines_that_a_program_replaces_are_an_edit_like_another(performance: Performance) -> None:
    assert performance.shares(a_function_replaced) == [{"shipped": 1.0}]
    row = performance.session(performance.scenes[a_function_replaced].sessions[0])
    assert row["lines"]["generated"] == row["lines"]["landed"] == 4
    assert row["confidence"] > 0.8


def test_whole_lines_that_never_came_about_are_waste(performance: Performance) -> None:
    assert performance.shares(a_function_replaced_in_vain) == [{"not_landed": 1.0}]


def test_what_one_command_tries_and_undoes_is_no_edit(performance: Performance) -> None:
    assert performance.shares(tried_and_copied_back) == [{"shipped": 1.0}]


@pytest.mark.parametrize("play", [swept_on_a_branch, replaced_on_a_branch])
def test_what_a_command_changed_on_a_branch_has_that_branchs_fate(
    performance: Performance, play: Play
) -> None:
    (session,) = performance.scenes[play].sessions
    shares = {day: performance.session(session, day)["verdict"] for day in ("2026-02-25", "2026-04-20")}
    assert shares == {"2026-02-25": "pending", "2026-04-20": "not_landed"}
    assert performance.verdict(play).waste.keys() == {"stranded"}
