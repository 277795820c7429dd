"""What a project's own programs and tasks do, by their names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from tokencoach.sources.shell.parts import HOLE
from tokencoach.sources.shell.programs import VALUED
from tokencoach.usage.words import ToolKind

if TYPE_CHECKING:
    from collections.abc import Sequence

RANK: Final = {
    ToolKind.EXECUTE: 0,
    ToolKind.SEARCH: 1,
    ToolKind.READ: 2,
    ToolKind.LINT: 3,
    ToolKind.BUILD: 4,
    ToolKind.COMMIT: 5,
    ToolKind.TEST: 6,
}
_TEST_FILE: Final = re.compile(
    r"^(?:run|all|unit|integration|e2e|smoke)?[-_]?tests?(?:[-_.][\w.-]*)?$|[-_.](?:test|tests|spec)(?:\.\w+)?$"
)
_BUILD_FILE: Final = re.compile(r"^(?:build|compile)(?:\.\w+)?$")
_LINT_FILE: Final = re.compile(r"^(?:lint|format|fmt)(?:\.\w+)?$")
_TASK: Final = re.compile(
    r"(?:^|[:/._+@-])(?:"
    r"(?P<test>tests?|spec|specs|e2e|unit|integration|jest|vitest|pytest|playwright|cypress|coverage|cov|smoke|verify|ci)"
    r"|(?P<lint>lint\w*|format\w*|fmt|type-?check\w*|types|tsc|eslint|prettier|style|vet|mypy|ruff|clippy|stylelint|analy[sz]e)"
    r"|(?P<build>build\w*|compile\w*|bundle|dist|package|assemble|all))(?=$|[:/._+-])",
    re.IGNORECASE,
)
_JVM_TEST: Final = re.compile(
    r"(?:^|:)(?:\w*tests?|\w*Tests?\w*|check|build|verify|package|install)$|[a-z]Test[A-Z]?"
)
_NO_TESTS: Final = ("-DskipTests", "-DskipTests=true", "-Dmaven.test.skip=true", "-Dmaven.test.skip")
_JVM: Final = frozenset({"gradle", "gradlew", "mvn", "mvnw", "mvnd"})
_STYLE_CHECKS: Final = frozenset(
    {"npm", "pnpm", "yarn", "yarnpkg", "bun", "deno", "nr", "nx", "turbo", "rushx"}
)
_MAKES: Final = frozenset({"make", "gmake", "mingw32-make", "nmake", "ant", "mage"})


def kind_of_file(name: str, *, has_folder: bool) -> ToolKind:
    """What a program of the project's own does by its name."""
    if not has_folder and "." not in name and "_" not in name and "-" not in name:
        return ToolKind.EXECUTE
    if _TEST_FILE.search(name):
        return ToolKind.TEST
    if _BUILD_FILE.match(name):
        return ToolKind.BUILD
    return ToolKind.LINT if _LINT_FILE.match(name) else ToolKind.EXECUTE


def kind_of_tasks(name: str, words: Sequence[str]) -> ToolKind:
    """What the named tasks of a project do, by their names."""
    if name in _JVM:
        return _of_jvm(words, VALUED.get(name, frozenset()))
    tasks, at = [], 0
    valued = VALUED.get(name, frozenset())
    while at < len(words) and words[at] != "--":
        if words[at][:1] == "-":
            at += 1 + (words[at] in valued)
            continue
        if "=" not in words[at] and words[at] != HOLE:
            tasks.append(words[at])
        at += 1
    if not tasks:
        return ToolKind.BUILD if name in _MAKES else ToolKind.EXECUTE
    kinds = [_of_task(name, task) for task in tasks]
    return max(kinds, key=lambda kind: RANK[kind])


def _of_task(name: str, task: str) -> ToolKind:
    if task in ("check", "checks", "validate"):
        # Of make and its kin "check" is the word for running the tests.
        return ToolKind.LINT if name in _STYLE_CHECKS else ToolKind.TEST
    found = _TASK.search(task)
    if found is None:
        return ToolKind.EXECUTE
    kinds = {"test": ToolKind.TEST, "lint": ToolKind.LINT, "build": ToolKind.BUILD}
    return kinds[found.lastgroup or ""]


def _of_jvm(words: Sequence[str], valued: frozenset[str]) -> ToolKind:
    """Tasks of Gradle and phases of Maven, most of which run the tests on their way."""
    skips = not set(_NO_TESTS).isdisjoint(words) or (
        "-x" in words and "test" in words[words.index("-x") + 1 :][:1]
    )
    best, at = ToolKind.EXECUTE, 0
    while at < len(words):
        word = words[at]
        if word[:1] == "-":
            at += 1 + (word in valued)
            continue
        kind = ToolKind.TEST if _JVM_TEST.search(word) and not skips else _of_task("make", word)
        if skips and kind is ToolKind.TEST:
            kind = ToolKind.BUILD
        if "heckstyle" in word or "ktlint" in word or "spotless" in word or "detekt" in word:
            kind = ToolKind.LINT
        best = max(best, kind, key=lambda one: RANK[one])
        at += 1
    return best
