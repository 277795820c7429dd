"""Imports that a tool sorts, joins or takes apart bring in the same names as before."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokencoach.attribution.imports import may_import, rearranged
from tokencoach.attribution.residue import Left

PLACES = {
    "from quay import anchor\nfrom quay import barge\n": "from quay import anchor, barge\n",
    "from quay import (\n    vessel,  # noqa: F401\n    anchor as first,\n)\n": "from quay import anchor as first, vessel\n",
    "import os, sys\n": "import sys\nimport os\n",
    "import { zephyr, type Barge } from './quay';\n": 'import { type Barge, zephyr } from "./quay"\n',
    "import React from 'react'\nimport { useState } from 'react'\n": 'import React, { useState } from "react";\n',
    "import type { A, B } from 'x';\n": "import { type A } from 'x';\nimport { type B } from 'x';\n",
    "export { b, a } from './c';\n": "export { a } from './c';\nexport { b } from './c';\n",
    "use quay::crane::Lift;\nuse quay::crane::deep::{self, Swing};\n": "use quay::crane::{deep::{self, Swing}, Lift};\n",
    'import "strings"\n': '\t"strings"\n',
    '\tyard "example.org/quay/yard" // the yard\n': '\tyard "example.org/quay/yard"\n',
}


def _lines(text: str) -> list[Left]:
    return [Left(place, line.encode()) for place, line in enumerate(text.splitlines())]


@pytest.mark.parametrize(("before", "after"), PLACES.items())
def test_the_same_names_are_the_same_imports_both_ways(before: str, after: str) -> None:
    for ours, theirs in ((_lines(before), _lines(after)), (_lines(after), _lines(before))):
        assert may_import(line.text for line in ours)
        found = list(rearranged(ours, theirs))
        assert {place for one in found for place in one.edit_places} == {line.place for line in ours}
        assert {place for one in found for place in one.file_places} == {line.place for line in theirs}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("from quay import anchor, barge\n", "from quay import anchor\n"),
        ("from quay import anchor\n", "from quay import anchor, barge\n"),
        ("from quay import anchor\n", "from pier import anchor\n"),
        ("from quay import anchor as a\n", "from quay import anchor as b\n"),
        ("import { a } from 'x'\n", "import a from 'x'\n"),
        ("import { a } from 'x'\n", "export { a } from 'x'\n"),
        ("use quay::Lift;\n", "pub use quay::Lift;\n"),
        ("from quay import (\n    anchor,\n", "from quay import anchor\n"),
        ("first = anchor\n", "anchor = first\n"),
    ],
)
def test_other_names_are_other_imports(before: str, after: str) -> None:
    assert list(rearranged(_lines(before), _lines(after))) == []


def test_a_name_that_left_the_file_beside_may_have_joined() -> None:
    ours, theirs = _lines("from quay import anchor\n"), _lines("from quay import anchor, barge\n")
    assert [one.file_places for one in rearranged(ours, theirs, _lines("from quay import barge\n"))] == [(0,)]


NAMES = st.lists(st.sampled_from(["anchor", "barge", "crane", "dock", "engine"]), min_size=1, unique=True)


@given(st.dictionaries(st.sampled_from(["quay", "pier.deep", "os"]), NAMES, min_size=1), st.randoms())
def test_sorting_and_joining_loses_no_import(modules: dict[str, list[str]], dice: object) -> None:
    single = [f"from {module} import {name}" for module, names in modules.items() for name in names]
    dice.shuffle(single)  # type: ignore[attr-defined]
    joined = [f"from {module} import {', '.join(sorted(names))}" for module, names in sorted(modules.items())]
    ours, theirs = _lines("\n".join(single)), _lines("\n".join(joined))
    assert {one.edit_places for one in rearranged(ours, theirs)} == {(line.place,) for line in ours}


@given(st.lists(st.text("import from{}(),;'\"use:*as ax\n\\", max_size=40), max_size=6))
def test_no_text_breaks_the_reading_of_imports(texts: list[str]) -> None:
    lines = _lines("\n".join(texts))
    assert all(one.credit == 1.0 for one in rearranged(lines, lines))
