"""Which texts a program puts for others, as far as it says so itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokencoach.sources.literal_replacements import Replacement, difference, only_replaces, replacements
from tokencoach.sources.shell.writes import ShellWrite, shell_writes
from tokencoach.usage.words import EditKind

JOINED = (
    "from pathlib import Path\nroot = Path('src')\nfile = root / 'a.py'\nt = file.read_text()\n"
    "for old, new in [('tide', 'ebb'), ('sea', 'lake')]:\n    t = t.replace(old, new)"
)
OPENED = "p = 'a.py'\ns = open(p).read()\n"


@pytest.mark.parametrize(
    ("program", "found"),
    [
        (OPENED + "s = s.replace('tide', 'ebb')", [("tide", "ebb", "a.py")]),
        (
            OPENED + "s = s.replace('tide', 'ebb').replace('sea', 'lake')",
            [("tide", "ebb", "a.py"), ("sea", "lake", "a.py")],
        ),
        (OPENED + "old = 'a' 'b'\nnew = old + 'c'\ns.replace(old, new, 1)", [("ab", "abc", "a.py")]),
        (OPENED + "n = 'x'\ns.replace('tide', f'{n} ebb')", [("tide", "x ebb", "a.py")]),
        (OPENED + "import re\ns = re.sub(r'\\btide\\b', 'ebb', s)", [("tide", "ebb", "a.py")]),
        (OPENED + "import re\ns = re.sub(r'ti(d)e', 'ebb', s)", []),
        (OPENED + "s = s.replace(sys.argv[1], 'ebb')", []),
        (OPENED + "s = s.replace(b'tide', b'ebb')", [("tide", "ebb", "a.py")]),
        (
            "for f in ['a.py', 'b.py']:\n    t = open(f).read()\n    open(f, 'w').write(t.replace('tide', 'ebb'))",
            [("tide", "ebb", "a.py"), ("tide", "ebb", "b.py")],
        ),
        (
            JOINED,
            [("tide", "ebb", "src/a.py"), ("sea", "lake", "src/a.py")],
        ),
        ("s.replaceAll('tide', `ebb`)\nlet x = 1;", [("tide", "ebb", None)]),
        ("s.replace('tide', 'tide')", []),
        ("print('nothing')", []),
    ],
)
def test_replacements_are_read_where_both_texts_stand_in_the_program(
    program: str, found: list[tuple[str, str, str | None]]
) -> None:
    assert replacements(program) == tuple(Replacement(*one) for one in found)


@pytest.mark.parametrize(
    ("program", "is_all"),
    [
        (OPENED + "open(p, 'w').write(s.replace('tide', 'ebb'))", True),
        (OPENED + "s = s.replace('tide', 'ebb')\nopen(p, 'w').write(s + '\\nend = 1')", False),
        (OPENED + "s = s.replace('tide', other)\ns = s.replace('a', 'b')\nopen(p, 'w').write(s)", False),
        (OPENED + "s = s.replace('tide', 'ebb')\ns += 'end = 1'\nopen(p, 'w').write(s)", False),
        ("let x = s.replace('tide', 'ebb');", False),
    ],
)
def test_a_program_that_does_more_than_replace_is_not_told_whole(program: str, is_all: bool) -> None:  # noqa: FBT001
    assert only_replaces(program) is is_all


def test_whole_lines_are_told_apart_from_parts_of_a_line() -> None:
    found = [Replacement("tide = 1", "tide = 2"), Replacement("a\nb\nc\n", "a\nnew\nc\nlast\n")]
    told = difference(found)
    assert (told.added, told.removed) == (["new", "last"], ["b"])
    assert told.within == [Replacement("tide = 1", "tide = 2")]


def test_what_a_later_replacement_changes_again_is_told_as_it_is_in_the_end() -> None:
    told = difference([Replacement("a\nb", "a\ntide\nb"), Replacement("tide", "ebb")])
    assert (told.added, told.within) == (["ebb"], [Replacement("tide", "ebb")])


def test_a_command_tells_the_lines_that_its_program_changes() -> None:
    program = "s = open('a.py').read()\nopen('a.py', 'w').write(s.replace('x = 1\\n', 'x = 1\\ny = 2\\n'))\n"
    assert ShellWrite("/w/a.py", EditKind.PATCH, "y = 2") in shell_writes(f'python -c "{program}"', "/w")


def test_two_programs_of_one_command_are_told_together() -> None:
    one = "python - <<'E'\ns = open('a.py').read()\nopen('a.py', 'w').write(s.replace('{0}\\n', '{0}\\n{1}\\n'))\nE\n"
    writes = shell_writes(one.format("a", "new_one") + one.format("b", "new_two"), "/w")
    assert ShellWrite("/w/a.py", EditKind.PATCH, "new_one\nnew_two") in writes


@pytest.mark.parametrize("undone", ["git checkout -- a.py", "git restore a.py", "cp a.bak a.py"])
def test_a_file_that_the_command_brings_back_was_not_changed(undone: str) -> None:
    program = "s = open('a.py').read()\nopen('a.py', 'w').write(s.replace('x\\n', 'x\\ny\\n'))"
    writes = shell_writes(f'cp a.py a.bak; python -c "{program}"; pytest; {undone}', "/w")
    assert [write.path for write in writes] == ["/w/a.bak"]


@given(
    st.lists(
        st.sampled_from(
            [
                "s",
                ".replace(",
                "re.sub(",
                "'a'",
                '"b"',
                "\n",
                "(",
                ")",
                ",",
                " + ",
                "=",
                "for x in ",
                "[",
                "]",
                ":",
                "f'{x}'",
                "\\",
            ]
        ),
        max_size=30,
    ).map("".join)
)
def test_no_program_is_too_odd_to_be_read(program: str) -> None:
    for one in replacements(program):
        assert one.old != one.new
    difference(replacements(program))


def test_a_program_nested_too_deep_tells_nothing() -> None:
    assert replacements("x = " + "(" * 5_000 + "s.replace('a', 'b')" + ")" * 5_000) in (
        (),
        (Replacement("a", "b"),),
    )
