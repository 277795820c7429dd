"""The measures the source holds itself to: lengths, names, docstrings."""

from __future__ import annotations

import ast
import statistics
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

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


def _lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def _functions(path: Path) -> Iterator[Function]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, Function):
            yield node


def _length(function: Function) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def test_there_is_source_to_measure() -> None:
    assert len(SOURCES) >= 10


@pytest.mark.parametrize("path", ALL, ids=_name)
def test_no_file_is_longer_than_450_lines(path: Path) -> None:
    assert _lines(path) <= LONGEST_FILE


def test_the_median_source_file_has_at_most_120_lines() -> None:
    written = [count for path in SOURCES if (count := _lines(path)) > 1]
    assert statistics.median(written) <= MEDIAN_FILE


@pytest.mark.parametrize("path", ALL, ids=_name)
def test_no_function_is_longer_than_80_lines(path: Path) -> None:
    assert {node.name: _length(node) for node in _functions(path) if _length(node) > LONGEST_FUNCTION} == {}


def test_nine_source_functions_of_ten_have_at_most_25_lines() -> None:
    lengths = sorted(_length(node) for path in SOURCES for node in _functions(path))
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


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_every_module_class_and_public_function_says_what_it_is(path: Path) -> None:
    assert list(_undocumented(ast.parse(path.read_text(encoding="utf-8")))) == []


@pytest.mark.parametrize("path", ALL, ids=_name)
def test_every_module_says_what_it_is(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("path", ALL, ids=_name)
def test_no_module_has_a_name_that_says_nothing(path: Path) -> None:
    assert not EMPTY_NAMES & {path.stem, *path.relative_to(ROOT).parts}
