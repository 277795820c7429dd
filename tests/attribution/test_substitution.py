"""What a sweep's text makes of a line is what the program itself makes of it."""

from __future__ import annotations

import shutil
import subprocess
import time

import pytest

from tokencoach.attribution.substitution import substitution

LINES = (
    "first = tide.at(sunrise)  # the tide, the Tide",
    "x(a)y{2}|z+? [tide] $1 & \\ /tide/ $",
    "\tab aab aaab 12 345",
    "",
)
SCRIPTS = (
    "s/tide/ebb/g",
    "s/tide/ebb/",
    "s/tide/ebb/gI",
    "s|/tide/|/ebb/|",
    r"s/\btide\b/<&>/g",
    r"s/\<tide\>/\&/g",
    r"s/\(tide\)\.\(at\)/\2.\1/",
    r"s/[[:digit:]]\+/N/g",
    r"s/a\{2\}b/Z/g",
    "s/(a)/b/; s/z+/w/",
    r"s/^\s*\(.*\)$/[\1]/",
    "/sunrise/s/tide/ebb/g",
    r"s/\[tide\] \$1/\t/",
)


@pytest.mark.skipif(shutil.which("sed") is None, reason="no sed here")
@pytest.mark.parametrize("how", ["sed", "sed -E"])
@pytest.mark.parametrize("script", SCRIPTS)
def test_a_script_makes_of_lines_what_sed_makes_of_them(how: str, script: str) -> None:
    asked = [*how.split(), "-e", script]
    done = subprocess.run(asked, input="\n".join(LINES) + "\n", capture_output=True, text=True, check=False)
    made = substitution(f"{how}\n{script}".encode())
    if done.returncode == 0 and made is not None:
        assert [made(line.encode()).decode() for line in LINES] == done.stdout.split("\n")[:-1]
    assert how == "sed -E" or made is not None


@pytest.mark.parametrize(
    ("text", "line", "made"),
    [
        (b"perl\ns/(tide)\\.(at)/$2.$1/", b"tide.at", b"at.tide"),
        (b"perl\ns/(\\w+)\\(x\\)/${1}()/g", b"f(x) g(x)", b"f() g()"),
        (b"perl\ns/tide/&/", b"tide", b"&"),
        (b"literal\na.b\nc\nd\ne", b"a.b axb d", b"c axb e"),
        (b"sed\ns/a/b/\n\nsed\ns/b/c/", b"a", b"c"),
        (b"perl\ns\x01a/b\x01c\x01g", b"a/b a/b", b"c c"),
    ],
)
def test_other_programs_write_theirs_otherwise(text: bytes, line: bytes, made: bytes) -> None:
    make = substitution(text)
    assert make is not None
    assert make(line) == made


@pytest.mark.parametrize(
    "text",
    [
        b"sed\n/tide/d",
        b"sed\ny/ab/cd/",
        b"sed\ns/a/b",
        b"sed\ns/a/b/w out",
        b"sed -E\ns/(a+)+b/c/",
        b"sed -E\ns/a+?b/c/",
        b"perl\ns/.*a.*b.*c/d/",
        b"perl\ns/(a/b/",
        b"perl\ns/a/b/e",
        b"sed",
        b"",
    ],
)
def test_what_is_no_plain_substitution_or_could_take_long_is_left_alone(text: bytes) -> None:
    assert substitution(text) is None


def test_the_longest_that_is_tried_is_done_at_once() -> None:
    make = substitution(b"perl\ns/\\w*a\\w*b/c/")
    assert make is not None
    begun = time.process_time()
    assert make(b"a" * 400) == b"a" * 400
    assert time.process_time() - begun < 5
