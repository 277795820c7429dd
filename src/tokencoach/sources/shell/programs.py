"""What the programs of a shell do: runners of tests, builders, linters, readers, and what only starts another."""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING, Final

from tokencoach.usage.words import ToolKind

if TYPE_CHECKING:
    from collections.abc import Iterable


class Rest(Enum):
    """What the words after a verb are."""

    #: A command of its own.
    COMMAND = auto()
    #: A place, then a command that runs there.
    PLACED = auto()
    #: A package of the project, then words for the same program there.
    PACKAGE = auto()
    #: Names of tasks that the project has defined.
    TASKS = auto()
    #: One task of the project, then words for it.
    SCRIPT = auto()
    #: The verb itself begins another command, or is a task of the project.
    ITSELF = auto()


_T, _B, _L, _X = ToolKind.TEST, ToolKind.BUILD, ToolKind.LINT, ToolKind.EXECUTE
Verbs = dict[str, ToolKind | Rest]

_BY_KIND: Final[dict[ToolKind, Iterable[str]]] = {
    ToolKind.TEST: (
        "pytest", "py.test", "tox", "nox", "nose2", "nosetests", "unittest", "doctest", "ward", "green", "stestr",
        "trial",
        "jest", "vitest", "mocha", "ava", "tap", "jasmine", "karma", "testcafe", "wdio", "nightwatch", "uvu", "qunit",
        "c8",
        "rspec", "minitest", "cucumber", "parallel_rspec", "ctest", "gotestsum", "ginkgo", "richgo", "phpunit",
        "paratest",
        "pest", "codecept", "behat", "behave", "busted", "bats", "shellspec", "prove", "elm-test", "elm-test-rs",
        "xctest",
        "invoke-pester", "vstest.console", "xunit.console", "cargo-nextest", "molecule", "robot", "newman", "runtests",
        "web-test-runner", "wtr", "pytest-3", "lein-test", "testem", "japa", "cargo-tarpaulin", "grcov", "xcresulttool",
    ),
    ToolKind.BUILD: (
        "ninja", "samu", "javac", "kotlinc", "scalac", "gcc", "g++", "cc", "c++", "clang", "clang++", "rustc", "ghc",
        "tsc",
        "tsup", "webpack", "rollup", "esbuild", "swc", "babel", "parcel", "rspack", "rsbuild", "unbuild", "ncc",
        "tsdown",
        "msbuild", "nmake", "devenv", "protoc", "maturin", "pyinstaller", "nuitka", "sphinx-build", "latexmk",
        "pdflatex",
        "xelatex", "ng-packagr", "electron-builder", "gox", "goreleaser", "xmake", "scons", "kaniko", "tinygo", "nvcc",
        "emcc", "wasm-pack", "cython", "mxmlc", "elm-make", "vite-build", "hugo", "eleventy", "mdbook", "csc", "fpc",
        "ocamlc",
    ),
    ToolKind.LINT: (
        "eslint", "prettier", "biome", "stylelint", "oxlint", "dprint", "standard", "xo", "tslint", "jshint", "knip",
        "cspell",
        "svelte-check", "vue-tsc", "markdownlint", "markdownlint-cli2", "ruff", "flake8", "pylint", "mypy", "dmypy",
        "pyright",
        "basedpyright", "pyrefly", "ty", "black", "isort", "autopep8", "yapf", "pydocstyle", "pycodestyle", "bandit",
        "vulture",
        "lint-imports", "codespell", "typos", "vale", "golangci-lint", "gofmt", "goimports", "gofumpt", "golint",
        "staticcheck",
        "revive", "govulncheck", "rustfmt", "rubocop", "standardrb", "reek", "brakeman", "shellcheck", "shfmt",
        "hadolint",
        "yamllint", "actionlint", "zizmor", "clang-format", "clang-tidy", "cppcheck", "cpplint", "ktlint", "detekt",
        "swiftlint", "swiftformat", "swift-format", "phpstan", "psalm", "phpcs", "phpcbf", "php-cs-fixer", "pint",
        "tflint",
        "tfsec", "checkov", "sqlfluff", "djlint", "ansible-lint", "luacheck", "stylua", "selene", "scalafmt",
        "scalafix",
        "nixfmt", "alejandra", "taplo", "semgrep", "ajv", "jsonlint", "htmlhint", "commitlint", "pre-commit",
        "lefthook",
        "lint-staged", "invoke-scriptanalyzer", "checkstyle", "spotbugs", "pmd", "ormolu", "fourmolu", "hlint", "credo",
        "dialyzer", "solhint", "slither", "publint", "attw", "depcheck", "madge", "dependency-cruiser", "depcruise",
        "buf-lint",
        "pyflakes", "interrogate", "refurb", "docformatter", "blacken-docs", "bundle-audit", "pyupgrade", "cargo-deny",
    ),
    ToolKind.READ: (
        "cat", "head", "tail", "sed", "nl", "less", "more", "bat", "batcat", "tac", "get-content", "gc", "type", "gsed",
    ),
    ToolKind.SEARCH: (
        "rg", "grep", "egrep", "fgrep", "zgrep", "ag", "ack", "ugrep", "find", "fd", "fdfind", "ls", "ll", "tree",
        "eza", "exa",
        "lsd", "locate", "select-string", "sls", "findstr", "get-childitem", "gci", "dir", "ast-grep", "sg", "semble",
    ),
    ToolKind.EXECUTE: ("test", "echo", "printf", "cd", "rm", "mv", "cp", "mkdir", "export", "python", "gh", "jq",
    "sleep"),
}  # fmt: skip
PROGRAMS: Final = {name: kind for kind, names in _BY_KIND.items() for name in names if name != "python"}
"""Programs that do one thing, whatever their arguments are."""

_PACKAGES: Final[Verbs] = {
    "test": _T, "t": _T, "tst": _T, "run": Rest.SCRIPT, "run-script": Rest.SCRIPT, "rum": Rest.SCRIPT,
    "exec": Rest.COMMAND,
    "x": Rest.COMMAND, "dlx": Rest.COMMAND, "it": _T, "build": _B, "workspace": Rest.PACKAGE, "pack": _B, "install": _X,
    "i": _X, "add": _X, "ci": _X, "remove": _X, "create": _X, "init": _X, "install-test": _T, "run:": Rest.SCRIPT,
}  # fmt: skip
_SCRIPTS: Final[Verbs] = {**_PACKAGES, "": Rest.ITSELF}
_ENVIRONMENTS: Final[Verbs] = {
    "run": Rest.COMMAND, "exec": Rest.COMMAND, "build": _B, "test": _T, "fmt": _L, "check": _L, "lint": _L,
    "tool": Rest.PLACED,
    "format": _L,
}  # fmt: skip
_TASKS: Final[Verbs] = {"": Rest.TASKS}
_COMPOSE: Final[Verbs] = {"exec": Rest.PLACED, "run": Rest.PLACED, "build": _B}
_CMAKE: Final[Verbs] = {"--build": _B, "--install": _X, "": _X}
_GIT: Final[Verbs] = {"commit": ToolKind.COMMIT, "grep": ToolKind.SEARCH, "ls-files": ToolKind.SEARCH,
                      "ls-tree": ToolKind.SEARCH}  # fmt: skip

VERBS: Final[dict[str, Verbs]] = {
    "git": _GIT, "hg": {"commit": ToolKind.COMMIT, "ci": ToolKind.COMMIT}, "jj": {"commit": ToolKind.COMMIT},
    "sl": {"commit": ToolKind.COMMIT}, "svn": {"commit": ToolKind.COMMIT, "ci": ToolKind.COMMIT},
    "npm": _PACKAGES, "pnpm": _SCRIPTS, "yarn": _SCRIPTS, "bun": {**_SCRIPTS, "x": Rest.COMMAND}, "yarnpkg": _SCRIPTS,
    "nr": {"": Rest.SCRIPT}, "vp": {**_SCRIPTS, "check": _L, "lint": _L, "fmt": _L},
    "deno": {"test": _T, "lint": _L, "fmt": _L, "check": _L, "compile": _B, "bundle": _B, "task": Rest.SCRIPT,
    "bench": _X},
    "composer": {**_PACKAGES, "test": _T, "": Rest.TASKS}, "artisan": {"test": _T}, "drush": {"phpunit": _T},
    "go": {"test": _T, "build": _B, "install": _B, "generate": _B, "vet": _L, "fmt": _L, "tool": Rest.COMMAND},
    "cargo": {
        "test": _T, "t": _T, "nextest": _T, "tarpaulin": _T, "llvm-cov": _T, "mutants": _T, "build": _B, "b": _B,
        "rustc": _B,
        "check": _L, "c": _L, "clippy": _L, "fmt": _L, "doc": _B, "make": Rest.TASKS, "xtask": Rest.TASKS, "insta": _T,
        "deny": _L, "machete": _L, "miri": _T,
    },
    "dotnet": {"test": _T, "vstest": _T, "build": _B, "publish": _B, "pack": _B, "msbuild": _B, "format": _L},
    "swift": {"test": _T, "build": _B, "format": _L}, "xcodebuild": {"test": _T, "": _B},
    "flutter": {"test": _T, "build": _B, "analyze": _L}, "fvm": {"flutter": Rest.ITSELF, "dart": Rest.ITSELF},
    "dart": {"test": _T, "compile": _B, "analyze": _L, "format": _L, "fix": _L},
    "mix": {"test": _T, "compile": _B, "format": _L, "credo": _L, "dialyzer": _L, "espec": _T},
    "rebar3": {"eunit": _T, "ct": _T, "proper": _T, "compile": _B, "dialyzer": _L, "xref": _L}, "gleam": _ENVIRONMENTS,
    "rake": _TASKS, "rails": {"test": _T, "test:all": _T, "spec": _T}, "bundle": {"exec": Rest.COMMAND},
    "bazel": {"test": _T, "coverage": _T, "build": _B}, "bazelisk": {"test": _T, "coverage": _T, "build": _B},
    "buck2": {"test": _T, "build": _B}, "buck": {"test": _T, "build": _B},
    "pants": {"test": _T, "package": _B, "lint": _L, "fmt": _L, "check": _L},
    "nx": {"test": _T, "build": _B, "lint": _L, "e2e": _T, "": Rest.TASKS}, "turbo": _TASKS, "moon": _TASKS,
    "lage": _TASKS,
    "lerna": {"run": Rest.SCRIPT, "exec": Rest.COMMAND}, "rush": _TASKS, "rushx": {"": Rest.SCRIPT}, "wireit": _TASKS,
    "ng": {"test": _T, "e2e": _T, "build": _B, "lint": _L}, "vue-cli-service": {"build": _B, "lint": _L,
    "test:unit": _T},
    "react-scripts": {"test": _T, "build": _B}, "next": {"build": _B, "lint": _L}, "nuxt": {"build": _B,
    "typecheck": _L},
    "nuxi": {"build": _B, "typecheck": _L}, "astro": {"build": _B, "check": _L}, "vite": {"build": _B},
    "remix": {"build": _B},
    "playwright": {"test": _T}, "cypress": {"run": _T}, "detox": {"test": _T, "build": _B}, "storybook": {"build": _B},
    "expo": {"export": _B}, "tauri": {"build": _B}, "wails": {"build": _B}, "docusaurus": {"build": _B},
    "hardhat": {"test": _T, "compile": _B}, "forge": {"test": _T, "build": _B, "fmt": _L}, "truffle": {"test": _T},
    "anchor": {"test": _T, "build": _B}, "meson": {"test": _T, "compile": _B}, "cmake": _CMAKE,
    "zig": {"test": _T, "build": Rest.TASKS, "fmt": _L, "build-exe": _B}, "odin": {"test": _T, "build": _B,
    "check": _L},
    "dune": {"test": _T, "runtest": _T, "build": _B, "fmt": _L}, "stack": {"test": _T, "build": _B},
    "cabal": {"test": _T, "build": _B}, "sbt": _TASKS, "lein": {"test": _T, "uberjar": _B, "compile": _B},
    "mill": _TASKS,
    "crystal": {"spec": _T, "build": _B, "tool": _L}, "nimble": {"test": _T, "build": _B}, "nim": {"c": _B},
    "gradle": _TASKS, "gradlew": _TASKS, "mvn": _TASKS, "mvnw": _TASKS, "mvnd": _TASKS, "ant": _TASKS,
    "pio": {"test": _T},
    "make": _TASKS, "gmake": _TASKS, "mingw32-make": _TASKS, "just": _TASKS, "task": _TASKS, "go-task": _TASKS,
    "mage": _TASKS,
    "mise": {"run": Rest.TASKS, "r": Rest.TASKS, "exec": Rest.COMMAND, "x": Rest.COMMAND, "": Rest.TASKS},
    "invoke": _TASKS, "inv": _TASKS, "poe": _TASKS, "doit": _TASKS, "gulp": _TASKS, "grunt": _TASKS, "jake": _TASKS,
    "earthly": _TASKS, "xtask": _TASKS, "duty": _TASKS, "pixi": {"run": Rest.ITSELF, "r": Rest.ITSELF, "": Rest.ITSELF},
    "helm": {"test": _T, "lint": _L}, "buf": {"build": _B, "generate": _B, "lint": _L, "format": _L},
    "terraform": {"test": _T, "validate": _L, "fmt": _L}, "tofu": {"test": _T, "validate": _L, "fmt": _L},
    "docker": {"compose": Rest.ITSELF, "exec": Rest.PLACED, "run": Rest.PLACED, "build": _B, "buildx": _B},
    "podman": {"compose": Rest.ITSELF, "exec": Rest.PLACED, "run": Rest.PLACED, "build": _B},
    "compose": _COMPOSE, "docker-compose": _COMPOSE, "podman-compose": _COMPOSE, "ddev": {"exec": Rest.COMMAND},
    "kubectl": {"exec": Rest.PLACED}, "devcontainer": {"exec": Rest.COMMAND}, "vagrant": {"ssh": Rest.PLACED},
    "uv": _ENVIRONMENTS, "poetry": _ENVIRONMENTS, "pipenv": _ENVIRONMENTS, "rye": _ENVIRONMENTS, "pipx": _ENVIRONMENTS,
    "pdm": {**_ENVIRONMENTS, "run": Rest.ITSELF, "": Rest.ITSELF}, "conda": _ENVIRONMENTS, "mamba": _ENVIRONMENTS,
    "hatch": {**_ENVIRONMENTS, "run": Rest.ITSELF}, "micromamba": _ENVIRONMENTS, "direnv": {"exec": Rest.PLACED},
    "asdf": {"exec": Rest.COMMAND}, "corepack": {"": Rest.ITSELF}, "rtk": {"": Rest.ITSELF}, "coverage": {"run": _T},
    "manage.py": {"test": _T}, "django-admin": {"test": _T}, "mkdocs": {"build": _B}, "jekyll": {"build": _B},
    "flit": {"build": _B}, "twine": {"check": _L}, "build": {"": _B}, "tap": {"run": _T}, "zola": {"build": _B,
    "check": _L},
    "trunk": {"build": _B, "check": _L, "fmt": _L}, "biome": {"": _L}, "wasm-pack": {"test": _T, "": _B},
    "elm": {"make": _B},
    "quarto": {"render": _B},
}  # fmt: skip
"""Programs that do what their first plain word says; the word "" stands for every other one, or none."""

WRAPPERS: Final[dict[str, int]] = {
    "sudo": 0, "doas": 0, "env": 0, "command": 0, "builtin": 0, "exec": 0, "time": 0, "nice": 0, "ionice": 0,
    "nohup": 0,
    "setsid": 0, "stdbuf": 0, "unbuffer": 0, "chronic": 0, "winpty": 0, "wsl": 0, "xvfb-run": 0, "dbus-run-session": 0,
    "npx": 0, "pnpx": 0, "bunx": 0, "uvx": 0, "cross-env": 0, "dotenv": 0, "dotenvx": 0, "xargs": 0, "parallel": 0,
    "watch": 0,
    "hyperfine": 0, "caffeinate": 0, "script": 0, "op": 0, "doppler": 0, "timeout": 1, "gtimeout": 1, "flock": 1,
    "taskset": 1,
    "if": 0, "then": 0, "else": 0, "elif": 0, "do": 0, "while": 0, "until": 0, "!": 0, "{": 0, "&": 0, "try": 0,
    "measure-command": 0,
    "start-process": 0, "call": 0, "nvm": 1, "fnm": 1, "strace": 0, "valgrind": 0, "gdb": 0, "perf": 1, "arch": 0,
}  # fmt: skip
"""Programs and words of the shell that only start what follows, after so many plain words of their own."""

VALUED: Final[dict[str, frozenset[str]]] = {
    "git": frozenset({"-C", "-c", "--git-dir", "--work-tree", "--exec-path"}),
    "npm": frozenset({"--prefix", "-C", "-w", "--workspace", "--loglevel"}),
    "pnpm": frozenset({"--filter", "-F", "-C", "--dir", "--prefix"}), "yarn": frozenset({"--cwd"}),
    "bun": frozenset({"--cwd", "--filter", "-F"}), "go": frozenset({"-C"}), "make": frozenset({"-C", "-f", "-I", "-o"}),
    "just": frozenset({"-f", "--justfile", "-d", "--working-directory"}), "task": frozenset({"-t", "-d", "--dir"}),
    "mise": frozenset({"-C", "--cd", "-E", "--env"}), "cargo": frozenset({"--manifest-path", "--config", "-Z"}),
    "gradle": frozenset({"-p", "-x", "--tests", "--project-dir", "--exclude-task", "-b"}),
    "gradlew": frozenset({"-p", "-x", "--tests", "--project-dir", "--exclude-task", "-b"}),
    "mvn": frozenset({"-f", "-pl", "-P", "--projects", "--file"}), "mvnw": frozenset({"-f", "-pl", "-P", "--projects"}),
    "nx": frozenset({"-t", "--projects", "-p", "-c"}), "turbo": frozenset({"--filter", "-F"}),
    "docker": frozenset({"-v", "-e", "-w", "-u", "-p", "-f", "--name", "--network", "--env", "--workdir", "--user",
    "--volume",
                         "--mount", "--entrypoint", "--platform", "--env-file", "-H", "--context", "-m", "--memory",
                         "--cpus"}),
    "compose": frozenset({"-f", "--file", "-p", "--project-name", "--profile", "-e", "--env", "-w", "--workdir", "-u",
    "--user",
                          "--env-file", "--entrypoint", "--name"}),
    "kubectl": frozenset({"-n", "--namespace", "-c", "--container", "--context"}),
    "uv": frozenset({"--with", "--python", "-p", "--project", "--directory", "--extra", "--group", "--package",
    "--env-file",
                     "--from", "--with-requirements", "--with-editable", "--only-group", "--no-group"}),
    "uvx": frozenset({"--with", "--from", "--python", "-p"}), "npx": frozenset({"-p", "--package", "-w",
    "--workspace"}),
    "poetry": frozenset({"-C", "--directory", "-P", "--project"}), "hatch": frozenset({"-e", "--env", "-p",
    "--project"}),
    "pdm": frozenset({"-p", "--project"}), "conda": frozenset({"-n", "--name", "-p", "--prefix", "--cwd"}),
    "mamba": frozenset({"-n", "--name", "-p", "--prefix"}), "pixi": frozenset({"-e", "--environment",
    "--manifest-path"}),
    "sudo": frozenset({"-u", "--user", "-g"}), "env": frozenset({"-u", "-C", "--unset", "--chdir"}),
    "nice": frozenset({"-n"}), "ionice": frozenset({"-c", "-n"}), "timeout": frozenset({"-k", "-s", "--signal"}),
    "gtimeout": frozenset({"-k", "-s"}), "xargs": frozenset({"-n", "-P", "-I", "-L", "-d", "-a", "-s"}),
    "xvfb-run": frozenset({"-s", "-n", "-e"}), "stdbuf": frozenset({"-i", "-o", "-e"}), "watch": frozenset({"-n"}),
    "python": frozenset({"-W", "-X", "--check-hash-based-pycs"}), "node": frozenset({"-r", "--require", "--import",
    "--loader"}),
    "ruby": frozenset({"-r", "-I", "-E", "-W"}), "bundle": frozenset({"--gemfile"}), "dotenv": frozenset({"-e", "-f",
    "-v"}),
    "dotenvx": frozenset({"-f", "-e"}), "meson": frozenset({"-C"}), "rails": frozenset({"-e"}),
    "xcodebuild": frozenset({"-scheme", "-project", "-workspace", "-destination", "-configuration",
    "-derivedDataPath", "-sdk"}),
    "lerna": frozenset({"--scope", "--ignore"}), "nox": frozenset({"-s"}), "composer": frozenset({"-d",
    "--working-dir"}),
}  # fmt: skip
"""Options that take the next word, by program."""

INTERPRETERS: Final = frozenset(
    {"python", "py", "node", "nodejs", "ruby", "perl", "php", "tsx", "ts-node", "pypy", "pythonw", "jruby", "lua",
    "swipl"}
)  # fmt: skip
"""Programs that run a file of a program, which says what it does by its name."""

SHELLS: Final = frozenset(
    {
        "bash",
        "sh",
        "zsh",
        "dash",
        "ksh",
        "fish",
        "pwsh",
        "powershell",
        "cmd",
        "su",
        "nix-shell",
        "nix",
        "rbash",
    }
)
"""Programs that run a script given as an argument."""
