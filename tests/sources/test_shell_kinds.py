"""What shell commands do, as assistants write them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokencoach.sources.shell.kinds import ran
from tokencoach.sources.shell.parts import exact_parts, plain_parts
from tokencoach.usage.words import ToolKind

if TYPE_CHECKING:
    from collections.abc import Iterator

COMMANDS = {
    ToolKind.TEST: (
        "pytest -q",
        'cd x && python -m pytest tests -k "a or b" | tail -20',
        "uv run pytest",
        "uv run --with hypothesis python -m unittest",
        "poetry run pytest tests/x.py::test_y",
        "npx jest --ci",
        "npx -p jest jest",
        "npm test",
        "npm run test:unit -- --watch=false",
        "pnpm --filter web test",
        "yarn jest src/a.test.ts",
        "yarn workspace web test",
        "bun test",
        "bunx vitest run",
        "go test ./...",
        "GOFLAGS=-mod=mod go test -run 'TestX|TestY' ./pkg 2>&1 | head -50",
        "cargo test --all",
        "cargo +nightly nextest run",
        "./gradlew :app:testDebugUnitTest",
        "gradle build",
        "mvn -q verify",
        "bundle exec rspec spec/models",
        "bin/rails test",
        "dotnet test --no-build",
        "ctest --output-on-failure",
        "vendor/bin/phpunit",
        "mix test",
        "swift test",
        "make test",
        "make -C build -j8 check",
        "just test",
        "task test",
        "deno test -A",
        "npx playwright test e2e/login.spec.ts",
        "docker compose exec -T app pytest",
        "docker compose -f dev.yml run --rm app npm test",
        'docker run --rm -v "$PWD":/w -w /w python:3.11 pytest -q',
        'docker exec app bash -c "cd /srv && pytest"',
        "timeout 60 pytest",
        "timeout -k 5 60s go test ./...",
        "sudo -u build make test",
        "bash -lc 'PYTHONPATH=. pytest -q'",
        "env FOO=1 BAR=2 pytest",
        "time make test",
        "node --test",
        "python manage.py test app",
        "python tests/test_x.py",
        "./run_tests.sh",
        "bash scripts/test.sh",
        "tox -e py311",
        "nox -s tests",
        "coverage run -m pytest",
        ".\\venv\\Scripts\\python.exe -m pytest",
        "Set-Location D:\\x; go test ./...",
        'cmd /c "npm test"',
        'powershell -Command "dotnet test"',
        "wsl -e sh -c 'cd ~/e2e && /usr/local/go/bin/go test ./...'",
        "mise run test:ci 2>&1 | grep FAIL",
        "hatch run test",
        "pdm run pytest",
        'git add . && git commit -m "x; pytest" && pytest',
    ),
    ToolKind.BUILD: (
        "mvn -DskipTests package",
        "./gradlew build -x test",
        "make",
        "cargo build --release",
        "go build ./... && ls",
        "tsc -p .",
        "npm run build",
        "docker build .",
        "go test -c ./x -o /dev/null",
        "cargo test --no-run",
    ),
    ToolKind.COMMIT: (
        'git commit -m "run pytest && go test"',
        "git -C /x commit -q -F - <<'EOF'",
        "git add a.py && git commit -m \"$(cat <<'EOF'\nfix\n\ngo test ./...\nEOF\n)\" && git push",
        "cd x; git -c user.name=a commit -am wip",
    ),
    ToolKind.EXECUTE: (
        "git commit --dry-run",
        'echo "pytest" > x',
        "echo pytest; printf 'go test'",
        "git push",
        "test -f x && echo y",
        "gh pr view 1 | grep foo",
        "cat > a.txt <<'EOF'\nhello\nEOF",
        "which pytest",
        "command -v golangci-lint",
        "pip install pytest",
        "npm install jest",
        "yarn add jest",
        "apt-get install -y ctest",
        "pytest --version",
        "# run pytest\nls_x",
        'python -c "import pytest"',
        "python - <<'EOF'\nimport pytest\nEOF",
        "rm -rf test",
        "mkdir tests",
        "git checkout test",
        "python build_report.py_x",
        "tail -f log.txt",
        "sed -i 's/a/b/' x.py",
        "curl -s http://x/test",
        "docker ps",
        "kubectl get pods",
        "cp test.sh x",
        "chmod +x run_tests.sh",
        "git log --grep=test",
    ),
    ToolKind.LINT: (
        "tsc --noEmit",
        "npx eslint src --fix",
        "ruff check .",
        "uv run mypy src",
        "npm run lint",
        "npm run check",
        "cargo clippy --all",
        "go vet ./...",
        "gofmt -l .",
        "pre-commit run -a",
        "npx tsc --noEmit && ls",
    ),
    ToolKind.READ: (
        "cat README.md",
        "sed -n '1,80p' src/x.py",
        "nl -ba src/x.py | sed -n '10,20p'",
        "head -50 a/b.c",
        "bash -lc \"sed -n '240,520p' opk/cli/__main__.py\"",
        "Get-Content a.txt -TotalCount 20",
    ),
    ToolKind.SEARCH: (
        "rg -n foo src",
        'cd src && grep -rn "x | y; pytest" . | head',
        "find . -name '*.py'",
        "ls -la",
        "git grep foo",
    ),
}


def _cases() -> Iterator[tuple[ToolKind, str]]:
    return ((kind, command) for kind, commands in COMMANDS.items() for command in commands)


@pytest.mark.parametrize(("kind", "command"), list(_cases()))
def test_a_command_is_known_by_the_most_telling_thing_it_does(kind: ToolKind, command: str) -> None:
    assert ran(command, "/w").kind is kind


@pytest.mark.parametrize(
    ("command", "path"),
    [
        ("cat README.md", "/w/README.md"),
        ("sed -n '1,80p' src/x.py", "/w/src/x.py"),
        ("nl -ba src/x.py | sed -n '10,20p'", "/w/src/x.py"),
        ("cd src && head -n 40 x.py", "/w/src/x.py"),
        ("tail -20 'with space.txt'", "/w/with space.txt"),
        ("bash -lc \"sed -n '240,520p' a/b.py\"", "/w/a/b.py"),
        ("cat /etc/hosts", "/etc/hosts"),
        ("cat a.py b.py", None),
        ("cat *.py", None),
        ('cat "$FILE"', None),
        ("cat ~/notes.md", None),
        ('cd "$DIR" && cat a.py', None),
        ("cd - && cat a.py", None),
    ],
)
def test_a_read_through_the_shell_names_its_file_where_that_is_certain(
    command: str, path: str | None
) -> None:
    assert ran(command, "/w")[:2] == (ToolKind.READ, path)


def test_a_relative_file_is_not_placed_where_the_folder_is_unknown() -> None:
    assert ran("cat a.py", None)[:2] == (ToolKind.READ, None)


def test_a_search_through_windows_is_placed_as_windows_does() -> None:
    assert ran("cat src/x.go", "D:\\work")[:2] == (ToolKind.READ, "D:\\work\\src\\x.go")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("go test ./x -v -count=1 2>&1", "go test ./x 2>&1 | tail -30"),
        ("cd a && npm test", "npm test --silent | grep FAIL"),
        ("FOO=1 timeout 60 pytest tests -q", "pytest tests"),
        ("golangci-lint run ./... > out.txt", "golangci-lint run ./..."),
    ],
)
def test_the_same_run_has_one_subject_whatever_is_shown_of_it(one: str, other: str) -> None:
    assert ran(one, "/w").subject == ran(other, "/w").subject != 0


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("go test ./x", "go test ./y"),
        ("go test ./x", "go vet ./x"),
        ("pytest tests/a.py", "pytest"),
    ],
)
def test_other_runs_have_other_subjects(one: str, other: str) -> None:
    assert ran(one, "/w").subject != ran(other, "/w").subject


@pytest.mark.parametrize(
    "command", ["go test -run 'TestA' ./x", 'pytest "$DIR"', "pytest $DIR", "ls", "cat a"]
)
def test_a_run_of_what_nobody_knows_has_no_subject(command: str) -> None:
    assert ran(command, "/w").subject == 0


@given(st.text(max_size=300), st.none() | st.text(max_size=20))
def test_no_text_raises(command: str, folder: str | None) -> None:
    assert ran(command, folder).kind in ToolKind


WORDS = st.sampled_from(
    ["cd", "x", "&&", "|", ";", "(", ")", "'", '"', "$(", "`", "<<", "<<-EOF", "EOF", "\n", "\\", "#", "bash", "-lc",
     "-c",
     "sudo", "timeout", "npm", "run", "--", "-", "uv", "docker", "compose", "exec", "python", "-m", "cat", "sed",
     "-n", "git",
     "commit", "make", "yarn", "workspace", "cmd", "/c", "&", "{", "}", "=", "a=b", "$X", "*", "\0", "nix", "--run", "xargs"]
)  # fmt: skip


@given(st.lists(WORDS, max_size=40), st.sampled_from(["", " "]))
def test_no_heap_of_shell_words_raises(words: list[str], between: str) -> None:
    assert ran(between.join(words), "/w").kind in ToolKind


PLAIN = st.sampled_from(
    ["pytest", "cat", "a.py", "-q", "npm", "run", "test", "git", "commit", "make", "cd", "x", "sed", "-n", "grep", "ls",
     "uv", "tail"]
)  # fmt: skip
MARKS = st.sampled_from([" ", " && ", " | ", "; ", "\n", " || "])


@given(st.lists(st.tuples(PLAIN, MARKS), min_size=1, max_size=12))
def test_a_script_without_quotes_is_cut_as_it_is_read_word_by_word(parts: list[tuple[str, str]]) -> None:
    script = "".join(word + mark for word, mark in parts)
    fast = [(list(words), is_first) for words, is_first in plain_parts(script)]
    assert fast == [(list(words), is_first) for words, is_first in exact_parts(script)]


def test_a_quoted_command_is_not_run_and_a_named_one_is_not_either() -> None:
    assert ran("echo 'x' # && pytest", "/w").kind is ToolKind.EXECUTE
    assert ran("grep -rn 'pytest && go test' .", "/w").kind is ToolKind.SEARCH


def test_a_very_long_command_takes_no_longer_than_a_long_one() -> None:
    assert ran("x" * 8_192 + "; pytest", "/w").kind is ToolKind.EXECUTE
    assert ran("(" * 100_000, "/w").kind is ToolKind.EXECUTE
    assert ran("cat <<A\n" * 20_000, "/w").kind in ToolKind


@pytest.mark.parametrize(
    ("command", "kind"),
    [
        ("bash -c \"git commit -m ''\"", ToolKind.COMMIT),
        ("bash -c \"pytest -k ''\"", ToolKind.TEST),
        ("powershell -c \"Set-Content a.txt ''\"", ToolKind.EXECUTE),
        ("cat \"a''b\"", ToolKind.READ),
        ("cd \"a''b\" && cat c.py", ToolKind.READ),
        ('bash -c "\x1a"', ToolKind.EXECUTE),
    ],
)
def test_empty_quotes_within_quotes_are_words_like_others(command: str, kind: ToolKind) -> None:
    assert ran(command, "/w").kind is kind
