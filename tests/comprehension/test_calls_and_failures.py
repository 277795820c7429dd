"""Questions about calls of other languages, failures in a changed ``try``, and lines that only moved."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from comprehension.code import Files, of_kind
from tokencoach.comprehension.change import ChangedFile
from tokencoach.comprehension.grading import grade
from tokencoach.comprehension.prepare import Options, prepare
from tokencoach.comprehension.question import Form, Prepared

if TYPE_CHECKING:
    from tokencoach.comprehension.generators.base import Repository

GO = """package cli

import (
	"example.org/tool/draw"
)

func export(picture Picture, color string) error {
	if color == "" {
		color = "#ffffff"
	}
	ground := draw.Resolve(color, true, nil)
	return picture.save(ground)
}
"""
GO_DRAW = """package draw

func Resolve(source string, isGround bool, options *Options) string {
	return source
}

func Other(width int, height int) int {
	return width * height
}
"""
TS = """import { fitted } from "./boxes.js";

export function shown(words: string[], most: number) {
  const rows = words.map((word) => word.trim());
  const wide = rows.filter((row) => row.length > most);
  return fitted(wide, most + 2, "left");
}
"""
TS_BOXES = """export function fitted(rows: string[], width: number, side: string) {
  return rows;
}
export function other(first: string, second: string) {
  return first;
}
"""


def _asked(path: str, text: str, files: Repository, kind: str) -> list[Prepared]:
    file = ChangedFile(path, "b1", text.encode(), frozenset(range(1, text.count("\n") + 1)))
    check = prepare([file], repository=files, options=Options(ask="all"))
    return [one for one in (*check.questions, *check.others) if one.question.kind == kind]


@pytest.mark.parametrize(
    ("path", "text", "files", "given", "parameter"),
    [
        ("cli/export.go", GO, {"cli/export.go": GO, "draw/colors.go": GO_DRAW}, "`nil`", "options"),
        ("a/shown.ts", TS, {"a/shown.ts": TS, "a/boxes.ts": TS_BOXES}, '`"left"`', "side"),
    ],
)
def test_what_an_argument_means_is_asked_across_files_of_other_languages(
    path: str, text: str, files: dict[str, str], given: str, parameter: str
) -> None:
    (one,) = _asked(path, text, Files(files), "G14")
    assert given in one.question.prompt
    assert one.question.form is Form.CHOICE
    assert len(one.question.options) >= 4
    assert grade(one, parameter).right is True
    wrong = next(option for option in one.question.options if option != parameter)
    assert grade(one, wrong).right is False


def test_a_function_of_another_package_is_not_taken_for_the_one_that_is_called() -> None:
    files = Files({"cli/export.go": GO, "paint/colors.go": GO_DRAW.replace("package draw", "package paint")})
    assert not _asked("cli/export.go", GO, files, "G14")


@pytest.mark.parametrize(
    ("handler", "raised", "expected"),
    [
        ("except FileNotFoundError:\n        return None", "PermissionError", "PermissionError"),
        ("except OSError:\n        return None", "PermissionError", "none"),
        (
            "except OSError as error:\n        raise ValueError(path) from error",
            "PermissionError",
            "ValueError",
        ),
        ("except Exception:\n        note(path)\n        raise", "PermissionError", "PermissionError"),
    ],
)
def test_what_slips_past_a_changed_handler_is_asked_about(handler: str, raised: str, expected: str) -> None:
    text = (
        "def load(path, note):\n    try:\n        content = path.read_text()\n"
        f"        found = note(content)\n    {handler}\n    return found\n"
    )
    found = [one for one in of_kind("G5", text) if f"raises {raised}." in one.question.prompt]
    assert [one.key.expected for one in found] == [(expected,)]


def test_a_line_that_only_moved_under_a_condition_is_asked_about() -> None:
    old = (
        "def drop(files, keep, note):\n    if not files.names:\n        files.remove_everything()\n"
        "        note('all of them')\n    return files\n"
    )
    new = (
        "def drop(files, keep, note):\n    if not files.names:\n        if keep.wanted:\n            note('some are kept')\n"
        "        else:\n            files.remove_everything()\n        note('all of them')\n    return files\n"
    )
    (one,) = of_kind("G16", new, old)
    assert "files.remove_everything()" in one.question.prompt
    assert one.key.expected == ("`files.names` false, `keep.wanted` true",)
