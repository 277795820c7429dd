"""Which substitutions a command makes in files that it does not name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokencoach.sources.shell.sweeps import sweeps
from tokencoach.sources.shell.words import pipelines
from tokencoach.sources.shell.writes import ShellWrite, may_write, shell_writes
from tokencoach.usage.words import EditKind

SWEEP = EditKind.SHELL_SWEEP
SED = "sed\ns/tide/ebb/g"


@pytest.mark.parametrize(
    ("command", "pattern", "text"),
    [
        ("grep -rl tide . | xargs sed -i 's/tide/ebb/g'", "**", SED),
        ("git grep -lz tide | xargs -0 -n 1 sed -i s/tide/ebb/g", "**", SED),
        ("rg -l tide | xargs -I{} sed -i 's/tide/ebb/g' {}", "**", SED),
        ("find . -name '*.py' -exec sed -i 's/tide/ebb/g' {} +", "**", SED),
        ("find src -type f -exec sed -i '' -e 's/tide/ebb/g' {} \\;", "**", SED),
        ("fd -e py -x sed -i 's/tide/ebb/g'", "**", SED),
        ("sed -i 's/tide/ebb/g' src/*.py", "src/*.py", SED),
        ("shopt -s globstar; sed -i 's/tide/ebb/g' **/*.py", "**/*.py", SED),
        ("sed -i 's/tide/ebb/g' $(git ls-files)", "**", SED),
        ("for f in $(git grep -l tide); do sed -i 's/tide/ebb/g' \"$f\"; done", "**", SED),
        ("grep -rl tide | while read f; do sed -i 's/tide/ebb/g' $f; done", "**", SED),
        ("sed -Ei 's/(a)b/\\1/' -e 's/c/d/' *.go", "*.go", None),
        (
            "find . -name '*.c' | xargs sed -E -i -e 's/(a)b/\\1/' -e s/c/d/",
            "**",
            "sed -E\ns/(a)b/\\1/\ns/c/d/",
        ),
        ("rg -l tide | xargs perl -pi -e 's/\\btide\\b/ebb/g'", "**", "perl\ns/\\btide\\b/ebb/g"),
        ("sd tide ebb $(fd -e rs)", "**", "perl\ns\x01tide\x01ebb\x01g"),
        ("sd -F 'a.b' 'c' src/*.rs", "src/*.rs", "literal\na.b\nc"),
        (
            "python - <<'E'\nfor p in Path('.').rglob('*.py'):\n    p.write_text(p.read_text().replace('tide', \"ebb\"))\nE",
            "**",
            "literal\ntide\nebb",
        ),
    ],
)
def test_a_sweep_is_told_with_its_paths_and_its_substitutions(
    command: str, pattern: str, text: str | None
) -> None:
    found = [write for write in shell_writes(command, "/w") if write.kind is SWEEP]
    assert [write.path for write in found] == [f"/w/{pattern}"]
    assert text is None or found[0].added == text
    assert may_write(command.encode())


@pytest.mark.parametrize(
    "command",
    [
        "grep -rl tide . | xargs sed -n 's/tide/ebb/p'",
        "find . -name '*.py' -exec wc -l {} +",
        'grep -rl tide | xargs sed -i "s/tide/$NEW/g"',
        "sed -i 's/tide/ebb/g' a.py b.py",
        "python -c \"open('a.py', 'w').write(text.replace('tide', 'ebb'))\"",
        "xargs",
        "find . -exec",
    ],
)
def test_what_is_named_or_prints_only_is_no_sweep(command: str) -> None:
    assert not [write for write in shell_writes(command, "/w") if write.kind is SWEEP]


def test_two_sweeps_of_one_command_are_told_together() -> None:
    command = "git grep -l tide | xargs sed -i s/tide/ebb/; git grep -l ebb | xargs sed -i s/ebb/flow/"
    assert shell_writes(command, "/w") == [ShellWrite("/w/**", SWEEP, "sed\ns/tide/ebb/\n\nsed\ns/ebb/flow/")]


@given(
    st.lists(
        st.sampled_from(["xargs", "-I", "{}", "sed", "-i", "-e", "s/a/b/", "*", "find", "-exec", "sd", ";"])
    )
)
def test_no_words_break_the_reading_of_a_sweep(words: list[str]) -> None:
    for pipeline in pipelines(" ".join(words)):
        for command in pipeline:
            assert all(sweep.text for sweep in sweeps(command.words))
