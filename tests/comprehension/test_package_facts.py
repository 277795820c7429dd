"""Version, licence and age of a new dependency: what this disk tells of it, and what it does not."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

import pytest

from comprehension.code import Files, changed
from tokencoach.comprehension.package_facts import node_package, python_package
from tokencoach.comprehension.prepare import Options, prepare
from tokencoach.comprehension.question import Form, Kind

if TYPE_CHECKING:
    from pathlib import Path

UV = """version = 1

[[package]]
name = "other"
version = "9.9"

[[package]]
name = "HttpX"
version = "0.27.0"
source = { registry = "somewhere" }
dependencies = [
    { name = "anyio" },
]
sdist = { url = "x", hash = "sha256:0", size = 1, upload-time = "2024-02-21T13:07:52.4Z" }
wheels = [
    { url = "y", hash = "sha256:1", size = 2, upload-time = "2024-02-20T13:07:52Z" },
]
"""
CODE = (
    "import os\nimport httpx\n\ndef load_rows(path, limit):\n    if not path:\n        raise ValueError(path)\n"
    "    rows = httpx.get(path).json()\n    if len(rows) > limit:\n        return rows[:limit]\n    return rows\n"
)
NOWHERE = (
    "httpx: pinned by no lock file; licence unknown: not installed here; age unknown: no date on this disk"
)


def installed(folder: Path, version: str, metadata: str) -> Path:
    """A worktree with an environment in which httpx is installed."""
    (folder / ".venv").mkdir(parents=True)
    (folder / ".venv" / "pyvenv.cfg").write_text("home = x\n", encoding="utf-8")
    own = folder / ".venv" / "lib" / "python3.12" / "site-packages" / f"httpx-{version}.dist-info"
    own.mkdir(parents=True)
    (own / "METADATA").write_text(metadata, encoding="utf-8")
    return folder


def test_a_lock_file_tells_the_version_and_its_day_and_the_installed_metadata_the_licence(
    tmp_path: Path,
) -> None:
    folder = installed(
        tmp_path / "w", "0.27.0", "Name: httpx\nLicense-Expression: BSD-3-Clause\n\nLicense: MIT\n"
    )
    assert python_package("httpx", Files({"uv.lock": UV}), folder) == (
        "httpx 0.27.0, pinned by uv.lock; licence BSD-3-Clause (installed metadata); published 2024-02-20"
    )


def test_what_nothing_tells_is_said_to_be_unknown(tmp_path: Path) -> None:
    assert python_package("httpx", Files({}), tmp_path) == NOWHERE
    assert python_package("httpx", Files({}), None) == NOWHERE
    assert node_package("httpx", Files({}), tmp_path) == NOWHERE


@pytest.mark.parametrize(
    ("metadata", "licence"),
    [
        (
            "License: MIT\nClassifier: License :: OSI Approved :: Apache Software License\n",
            "Apache Software License",
        ),
        ("License: MIT\n text that goes on\n", "MIT"),
        ("License: UNKNOWN\n", None),
        ("\n\nLicense: MIT\n", None),
        ("License-Expression: " + "x" * 5_000 + "\n", "x" * 60),
    ],
)
def test_older_metadata_name_the_licence_in_other_ways(
    metadata: str, licence: str | None, tmp_path: Path
) -> None:
    said = python_package(
        "httpx",
        Files({"requirements.txt": "httpx[http2]==0.26 ; x\n"}),
        installed(tmp_path / "w", "0.27.0", metadata),
    )
    wanted = f"licence {licence} (installed" if licence else "licence unknown: its metadata names none"
    assert wanted in said
    assert said.startswith("httpx 0.26, pinned by requirements.txt, 0.27.0 installed; ")


def test_packages_of_node_are_told_by_their_lock_file_and_their_own_file(tmp_path: Path) -> None:
    lock = json.dumps({"packages": {"node_modules/@a/b": {"version": "1.2.3", "license": "ISC"}}})
    files = Files({"package-lock.json": lock})
    assert node_package("@a/b", files, tmp_path).startswith(
        "@a/b 1.2.3, pinned by package-lock.json; licence ISC (p"
    )
    own = tmp_path / "node_modules" / "@a" / "b"
    own.mkdir(parents=True)
    (own / "package.json").write_text(
        json.dumps({"version": "1.2.4", "license": {"type": "MIT"}}), encoding="utf-8"
    )
    assert node_package("@a/b", files, tmp_path) == (
        "@a/b 1.2.3, pinned by package-lock.json, 1.2.4 installed; licence MIT (installed metadata); "
        "age unknown: no date on this disk"
    )
    early = Files({"package-lock.json": json.dumps({"dependencies": {"left": {"version": "1.0.0"}}})})
    assert node_package("left", early, None).startswith(
        "left 1.0.0, pinned by package-lock.json; licence unknown"
    )


@pytest.mark.parametrize(
    "text", ["", "[]", "{", "[" * 100_000, '{"packages": 3, "dependencies": []}', "null"]
)
def test_damaged_files_tell_nothing(text: str, tmp_path: Path) -> None:
    own = tmp_path / "node_modules" / "httpx"
    own.mkdir(parents=True)
    (own / "package.json").write_text(text, encoding="utf-8")
    locks = Files(dict.fromkeys(("package-lock.json", "uv.lock", "requirements.txt"), text))
    assert node_package("httpx", locks, tmp_path) == NOWHERE
    assert python_package("httpx", locks, tmp_path) == NOWHERE


def test_nothing_outside_of_the_worktree_is_read(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "package.json").write_text('{"version": "1", "license": "X"}', encoding="utf-8")
    inside = tmp_path / "inside"
    (inside / "node_modules").mkdir(parents=True)
    (inside / "node_modules" / "httpx").symlink_to(outside)
    os.mkfifo(inside / "node_modules" / "package.json")
    assert node_package("httpx", Files({}), inside) == NOWHERE
    assert node_package("@a/..", Files({}), inside).startswith(
        "@a/..: pinned by no lock file; licence unknown"
    )


def test_the_answer_page_of_a_new_dependency_shows_them(tmp_path: Path) -> None:
    files = Files(
        {"pyproject.toml": '[project]\ndependencies = ["httpx"]\n', "uv.lock": UV, "app/work.py": CODE}
    )
    folder = installed(tmp_path / "w", "0.27.0", "License: BSD\n")
    check = prepare(
        [changed(CODE, "import os\n")], repository=files, options=Options(ask="ai"), folder=folder
    )
    found = [one for one in (*check.questions, *check.others) if one.question.kind is Kind.DEPENDENCY]
    fact = "httpx 0.27.0, pinned by uv.lock; licence BSD (installed metadata); published 2024-02-20"
    (where,) = [one for one in found if one.question.form is Form.CHOICE]
    (why,) = [one for one in found if one.question.form is Form.TEXT]
    assert where.key.evidence.startswith(fact)
    assert why.key.trace == (fact,)
    assert fact not in where.question.prompt


@pytest.mark.parametrize(
    "text", ["project = 3\n", "[project]\ndependencies = 1\noptional-dependencies = []\n", "tool = 1\n"]
)
def test_a_list_of_dependencies_of_a_wrong_shape_breaks_nothing(text: str) -> None:
    files = Files({"pyproject.toml": text, "app/work.py": CODE})
    check = prepare([changed(CODE, "import os\n")], repository=files, options=Options(ask="ai"))
    kinds = [
        one.question.form for one in (*check.questions, *check.others) if one.question.kind is Kind.DEPENDENCY
    ]
    assert kinds == [Form.TEXT], "where it comes from cannot be told"
