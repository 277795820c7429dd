"""Which files a shell command writes, told by its text alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokencoach.sources.shell.writes import ShellWrite, may_write, shell_writes
from tokencoach.usage.words import EditKind

WRITE, APPEND = EditKind.SHELL_WRITE, EditKind.SHELL_APPEND
TOUCH, CHANGE, PROGRAM = EditKind.SHELL_TOUCH, EditKind.SHELL_CHANGE, EditKind.SHELL_PROGRAM
COPY = EditKind.SHELL_COPY
SWEEP = EditKind.SHELL_SWEEP


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("cat > a.py <<'EOF'\nx = 1\ny = 2\nEOF", ("/w/a.py", WRITE, "x = 1\ny = 2")),
        ("mkdir -p d && cat <<EOF > d/a.py\nx\nEOF\nls", ("/w/d/a.py", WRITE, "x")),
        ("cat <<-END >> a.py\n\tx\n\tEND", ("/w/a.py", APPEND, "x")),
        ('tee "b c.py" <<"E"\nx\nE', ("/w/b c.py", WRITE, "x")),
        ("cat <<EOF | tee -a a.py\nx\nEOF", ("/w/a.py", APPEND, "x")),
        ("cd sub; cat > a.py <<E\nx\nE", ("/w/sub/a.py", WRITE, "x")),
        ("echo 'one two' > a.py", ("/w/a.py", WRITE, "one two")),
        ("printf 'a\\nb\\n' > a.py", ("/w/a.py", WRITE, "a\nb")),
        ("make table 2>&1 > a.py", ("/w/a.py", TOUCH, "")),
        ("sed -i 's/a/b/' a.py", ("/w/a.py", CHANGE, "")),
        ("sed -i -e s/a/b/ -e s/c/d/ a.py", ("/w/a.py", CHANGE, "")),
        ("perl -pi -e 's/a/b/' a.py", ("/w/a.py", CHANGE, "")),
        ("npx prettier --write src/a.ts", ("/w/src/a.ts", CHANGE, "")),
        (
            "python3 - <<'E'\nopen('a.py', 'w').write('x')\nE",
            ("/w/a.py", PROGRAM, "open('a.py', 'w').write('x')\n"),
        ),
        (
            "python3 - <<'E'\njson.dump(told, open('a.json', 'w'))\nE",
            ("/w/a.json", PROGRAM, "json.dump(told, open('a.json', 'w'))\n"),
        ),
        ("git rm -q a.py", ("/w/a.py", TOUCH, "")),
        ("awk 1 b.py > b.tmp && mv b.tmp a.py", ("/w/a.py", COPY, "")),
        ("jq .x a.json > t.$$.json && mv t.$$.json a.json", ("/w/a.json", TOUCH, "")),
        ("jq .x a.json | sponge a.json", ("/w/a.json", TOUCH, "")),
        ("perl -0777pi -e 's/a/b/' a.py", ("/w/a.py", CHANGE, "")),
        ("yq eval -i '.a = 1' a.yaml", ("/w/a.yaml", CHANGE, "")),
        ("gawk -i inplace '{ print }' a.py", ("/w/a.py", CHANGE, "")),
        ("sd one two a.py", ("/w/a.py", CHANGE, "")),
        ("ed -s a.py <<'E'\n1d\nw\nE", ("/w/a.py", PROGRAM, "1d\nw\n")),
        ("npx --yes create-vite@latest web", ("/w/**", SWEEP, "")),
        ("npm create vite@latest web", ("/w/**", SWEEP, "")),
        ("cargo new quay", ("/w/**", SWEEP, "")),
        ("python manage.py makemigrations", ("/w/**", SWEEP, "")),
        ("php artisan make:model Ship", ("/w/**", SWEEP, "")),
        ("git apply ../x.diff", ("/w/**", SWEEP, "")),
        ("OUT=src/a.py\ncat > \"$OUT\" <<'E'\nx = $y\nE", ("/w/src/a.py", WRITE, "x = $y")),
        ("export D=lib; F=$D/a.py; cat <<E >> ${F}\nx\nE", ("/w/lib/a.py", APPEND, "x")),
        (
            "N=quay; cat > a.py <<E\nname = $N\nhome = ${HOME}\ncost = \\$5\nE",
            ("/w/a.py", WRITE, "name = quay\ncost = $5"),
        ),
        ("if [ ! -f a.py ]; then cat > a.py <<'E'\nx\nE\nfi", ("/w/a.py", WRITE, "x")),
        ("cat > a.py <<< 'x = 1'", ("/w/a.py", WRITE, "x = 1")),
        ("dd of=a.py status=none <<'E'\nx\nE", ("/w/a.py", WRITE, "x")),
        ("bash -lc 'cd d && echo \"one two\" > a.py'", ("/w/d/a.py", WRITE, "one two")),
        ("sed -i '3i x = 1' a.py", ("/w/a.py", EditKind.PATCH, "x = 1")),
        (
            "sed -i -e '/^y/a\\x = 1\\nz = 2' -e '$a last' a.py",
            ("/w/a.py", EditKind.PATCH, "x = 1\nz = 2\nlast"),
        ),
        ("sed -i -e '3i x = 1' -e s/a/b/ a.py", ("/w/a.py", CHANGE, "")),
        ("@'\nx = 1\n'@ | Set-Content -Path .\\src\\a.py -Encoding utf8", ("/w/src/a.py", WRITE, "x = 1")),
        ('$t = @"\nx = 1\ny = $z\n"@\nAdd-Content a.py $t', ("/w/a.py", APPEND, "x = 1")),
        ("$f = 'a.py'; 'x = 1' | Out-File -FilePath $f -Append", ("/w/a.py", APPEND, "x = 1")),
        ("[IO.File]::WriteAllText('a.py', $text)", ("/w/a.py", TOUCH, "")),
        ("Set-Content a.py -Value (Get-Content b.py)", ("/w/a.py", TOUCH, "")),
        ("cat > a.ps1 <<'E'\nSet-Content b.py 'x'\nE", ("/w/a.ps1", WRITE, "Set-Content b.py 'x'")),
        ("F=$(pick) ; cat > a.py <<'E'\nx\nE\ncat > $F <<'E'\ny\nE", ("/w/a.py", WRITE, "x")),
    ],
)
def test_a_written_file_is_told_with_its_text_where_that_is_shown(
    command: str, expected: tuple[str, EditKind, str]
) -> None:
    (found,) = shell_writes(command, "/w")
    assert found[:3] == expected
    assert may_write(command.encode())


def test_what_stands_in_a_loop_is_written_for_each_of_its_words() -> None:
    script = (
        "for n in a b; do\ncat > src/$n.py <<E\ndef run_$n(): pass\nE\ndone\ncat > $n.txt <<E\nlast $n\nE"
    )
    assert shell_writes(script, "/w") == [
        ShellWrite("/w/src/a.py", WRITE, "def run_a(): pass"),
        ShellWrite("/w/src/b.py", WRITE, "def run_b(): pass"),
        ShellWrite("/w/b.txt", WRITE, "last b"),
    ]


def test_a_loop_over_very_many_words_is_followed_for_the_first() -> None:
    words = " ".join(f"w{number}" for number in range(300))
    assert len(shell_writes(f"for n in {words}; do echo x > $n.py; done", "/w")) == 24


def test_a_move_tells_where_the_file_lay_before() -> None:
    assert shell_writes("git mv a.py lib/b.py && mv c.py d/", "/w") == [
        ShellWrite("/w/lib/b.py", TOUCH, moved_from="/w/a.py"),
        ShellWrite("/w/d/c.py", TOUCH, moved_from="/w/c.py"),
    ]


_DIFF = """diff --git a/old.py b/lib/new.py
--- a/old.py
+++ b/lib/new.py
@@ -1,2 +1,2 @@
 keep
--- gone
+++ come
@@ -9,0 +10 @@
+last
--- /dev/null
+++ b/c.py
@@ -0,0 +1,2 @@
+one
+two
\\ No newline at end of file
"""
_PATCHED = [
    ShellWrite("/w/lib/new.py", EditKind.PATCH, "++ come\nlast", "/w/old.py", "-- gone"),
    ShellWrite("/w/c.py", EditKind.PATCH, "one\ntwo"),
]


@pytest.mark.parametrize(
    "command",
    [
        f"git apply <<'E'\n{_DIFF}E",
        f"cat <<'E' | git apply --index -\n{_DIFF}E\ngit status",
        f"cd /w && patch -p1 <<'E'\n{_DIFF}E",
        f"cat > /tmp/x.diff <<'E'\n{_DIFF}E\npatch -p 1 -i /tmp/x.diff && make test",
        f"cat > x.diff <<'E'\n{_DIFF}E\ngit apply --check x.diff; git apply x.diff",
    ],
)
def test_a_diff_that_a_command_applies_tells_the_lines_of_each_file(command: str) -> None:
    assert shell_writes(command, "/w") == _PATCHED


def test_a_diff_applied_backwards_takes_what_it_gave() -> None:
    (_, made) = shell_writes(f"git apply -R <<'E'\n{_DIFF}E", "/w")
    assert (made.path, made.added, made.removed) == ("/w/c.py", "", "one\ntwo")


@pytest.mark.parametrize(
    "command",
    [
        f"git apply --check <<'E'\n{_DIFF}E",
        "make test > /dev/null 2>&1; echo $?",
        "make test 2>&1 | tee test.log | tail -3",
        'if [ "$a" -gt 3 ]; then echo "x > y"; fi',
        "git commit -m \"$(cat <<'EOF'\nfeat: a > b\nEOF\n)\"",
        "for i in $(ls); do echo $i > f$i; done",
        "grep -n 'a > b' src | head",
        "apply_patch <<'P'\n*** Begin Patch\nP",
        "cat ~/notes.md > ~/other.md",
        "sort <<< 'x'",
        "echo 'never closed > a.py",
        "npm init -y",
        "python3 -c \"import json; print(json.dumps(json.load(open('a.json'))))\"",
        "python3 - <<'E'\nimport sys\nsys.stdout.write(open('a.py').read().replace('a', 'b'))\nE",
        "node -e \"console.log('a.js'.replace(/a/, 'b'))\"",
        "cargo build --release",
        "git apply --check x.diff",
        "gh pr create --title new",
        "jq .x a.json | less",
        "ls # > a.py",
    ],
)
def test_a_command_that_writes_no_known_file_tells_none(command: str) -> None:
    assert shell_writes(command, "/w") == []


@pytest.mark.parametrize("named", ["/d/app/b.py", "/mnt/d/app/b.py", "app/b.py"])
def test_a_posix_shell_on_windows_names_drives_in_its_own_way(named: str) -> None:
    (write,) = shell_writes(f"echo a > {named}", "D:\\")
    assert write.path == "D:\\app\\b.py"


def test_without_a_folder_only_absolute_names_are_known() -> None:
    assert [write.path for write in shell_writes("echo a > b; echo a > /c/d.py", None)] == ["/c/d.py"]


@given(st.text(alphabet="ab \n\t'\"\\<>|&;()$#-EOF>cattee", max_size=200))
def test_no_command_line_breaks_the_reading(command: str) -> None:
    for write in shell_writes(command, "/w"):
        assert write.path.startswith("/")
        assert write.kind.is_shell or write.kind is EditKind.PATCH


TOP = "/home/dev/src/x/:/"


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ('echo a > "$(git rev-parse --show-toplevel)/a.py"', [f"{TOP}a.py"]),
        ("echo a > $(git rev-parse --show-toplevel)/a.py", [f"{TOP}a.py"]),
        ('cd "$(git rev-parse --show-toplevel)" && echo a > lib/a.py', [f"{TOP}lib/a.py"]),
        ("ROOT=$(git rev-parse --show-toplevel)\necho a > $ROOT/a.py", [f"{TOP}a.py"]),
        ("echo a > $PWD/a.py; echo b > `pwd`/b.py", ["/home/dev/src/x/a.py", "/home/dev/src/x/b.py"]),
        ("cd lib; echo a > ${OLDPWD}/a.py; cd -; echo b > b.py", ["/home/dev/src/x/a.py", "/home/dev/src/x/b.py"]),
        ("echo a > ~/src/x/a.py; echo b > $HOME/b.py; echo c > ~other/c.py", ["/home/dev/src/x/a.py", "/home/dev/b.py"]),
        ("echo a > ${OUT:-lib/a.py}", ["/home/dev/src/x/lib/a.py"]),
        ('OUT=lib/x/a.py; cd "$(dirname "$OUT")"; echo a > $(basename $OUT)', ["/home/dev/src/x/lib/x/a.py"]),
        ('cd "$(dirname "$0")"; echo a > a.py', []),
        ("(cd web && echo a > a.ts); echo b > b.py", ["/home/dev/src/x/web/a.ts", "/home/dev/src/x/b.py"]),
        ("X=$(cd web && pwd); echo b > b.py", ["/home/dev/src/x/b.py"]),
        (
            "for d in a b; do cd $d; echo $d > x.py; cd ..; done; echo y > y.py",
            ["/home/dev/src/x/a/x.py", "/home/dev/src/x/b/x.py", "/home/dev/src/x/y.py"],
        ),
    ],
)  # fmt: skip
def test_paths_count_from_the_folder_in_which_the_command_runs(command: str, expected: list[str]) -> None:
    assert [write.path for write in shell_writes(command, "/home/dev/src/x")] == expected


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("cp /d/a.py lib/", [("lib/a.py", "/d/a.py")]),
        ("install -Dm644 /d/a.py lib/b.py", [("lib/b.py", "/d/a.py")]),
        ("cp -t lib /d/a.py /d/b.py", [("lib/a.py", "/d/a.py"), ("lib/b.py", "/d/b.py")]),
        ("cat /d/a /d/b > c.py", [("c.py", "/d/a"), ("c.py", "/d/b")]),
        ("tee c.py < /d/a", [("c.py", "/d/a")]),
        ("cp -r /d/gen/. lib/", [("lib", "/d/gen")]),
        ("cp -r /d/gen lib/", [("lib/gen", "/d/gen")]),
        ("cp /d/gen/*.py lib/", [("lib", "/d/gen/*.py")]),
        ("rsync -a --exclude x.py /d/gen/ lib/", [("lib", "/d/gen")]),
        ("rsync -a host:/d/gen/ lib/; rsync -a lib/ host:/d/", []),
        ("install -d lib/a lib/b; cp lib/*.py old/", []),
    ],
)
def test_a_copy_tells_which_file_it_is_of(command: str, expected: list[tuple[str, str]]) -> None:
    found = shell_writes(command, "/w")
    assert all(write.kind is COPY for write in found)
    assert [(write.path.removeprefix("/w/"), write.moved_from) for write in found] == expected
