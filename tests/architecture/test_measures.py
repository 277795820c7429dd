"""The measures the source holds itself to: lengths, names, docstrings."""

from __future__ import annotations

import ast
import functools
import statistics
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "src" / "tokencoach").rglob("*.py"))
ALL = sorted(
    path for folder in ("src", "tests", "scripts", "benchmarks") for path in (ROOT / folder).rglob("*.py")
)

LONGEST_FILE = 450
MEDIAN_FILE = 120
LONGEST_FUNCTION = 80
P90_FUNCTION = 25
EMPTY_NAMES = {"util", "utils", "helper", "helpers", "manager", "managers", "common", "misc", "base_utils"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


class Measured(NamedTuple):
    """What is measured of one file."""

    name: str
    lines: int
    lengths: dict[str, int]
    """Functions by name and line, with their lengths."""
    is_explained: bool
    undocumented: list[str]


@functools.cache
def _measured(path: Path) -> Measured:
    """A file read and parsed once for all tests."""
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    functions = [node for node in ast.walk(tree) if isinstance(node, Function)]
    lengths = {f"{node.name}:{node.lineno}": _length(node) for node in functions}
    explained = bool(ast.get_docstring(tree))
    return Measured(_name(path), len(text.splitlines()), lengths, explained, list(_undocumented(tree)))


def _length(function: Function) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def test_there_is_source_to_measure() -> None:
    assert len(SOURCES) >= 10


def test_no_file_is_longer_than_450_lines() -> None:
    lines = {file.name: file.lines for file in map(_measured, ALL)}
    assert {name: count for name, count in lines.items() if count > LONGEST_FILE} == {}


def test_the_median_source_file_has_at_most_120_lines() -> None:
    written = [file.lines for file in map(_measured, SOURCES) if file.lines > 1]
    assert statistics.median(written) <= MEDIAN_FILE


def test_no_function_is_longer_than_80_lines() -> None:
    found = [(file.name, *item) for file in map(_measured, ALL) for item in file.lengths.items()]
    assert [item for item in found if item[-1] > LONGEST_FUNCTION] == []


def test_nine_source_functions_of_ten_have_at_most_25_lines() -> None:
    lengths = sorted(length for file in map(_measured, SOURCES) for length in file.lengths.values())
    assert lengths[int(len(lengths) * 0.9)] <= P90_FUNCTION


def _undocumented(tree: ast.Module) -> Iterator[str]:
    """Public names without a docstring; a function inside a function is nobody's interface."""
    if not ast.get_docstring(tree):
        yield "the module"
    open_scopes: list[tuple[ast.Module | ast.ClassDef, str]] = [(tree, "")]
    while open_scopes:
        scope, prefix = open_scopes.pop()
        for node in scope.body:
            if not isinstance(node, Function | ast.ClassDef) or node.name.startswith("_"):
                continue
            if not ast.get_docstring(node) and not _is_overload(node):
                yield prefix + node.name
            if isinstance(node, ast.ClassDef):
                open_scopes.append((node, f"{node.name}."))


def _is_overload(node: Function | ast.ClassDef) -> bool:
    return any("overload" in ast.unparse(decorator) for decorator in node.decorator_list)


def test_every_module_class_and_public_function_says_what_it_is() -> None:
    found = {file.name: file.undocumented for file in map(_measured, SOURCES)}
    assert {name: names for name, names in found.items() if names} == {}


def test_every_module_says_what_it_is() -> None:
    assert [file.name for file in map(_measured, ALL) if not file.is_explained] == []


def test_no_module_has_a_name_that_says_nothing() -> None:
    named = {_name(path): EMPTY_NAMES & {path.stem, *path.relative_to(ROOT).parts} for path in ALL}
    assert {name: words for name, words in named.items() if words} == {}
