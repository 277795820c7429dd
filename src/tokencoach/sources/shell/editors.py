"""Which of a command's words are files that it changes in place, and commands that make files nobody sees in them."""

from __future__ import annotations

import posixpath
import re
from itertools import pairwise
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tokencoach.sources.shell.words import Word

FORMATTERS: Final = frozenset(
    {"gofmt", "goimports", "prettier", "black", "isort", "ruff", "rustfmt", "clang-format", "eslint", "biome",
     "autopep8", "yapf", "shfmt", "stylua", "ktlint", "terraform"}
)  # fmt: skip
LINE_EDITORS: Final = frozenset({"ed", "ex"})
_SCRIPTED: Final = frozenset({"sed", "gsed", "perl", "ruby"})
_IN_PLACE: Final = re.compile(r"-[A-Za-z0-9]*i|--in-?place")
_TAKES_SCRIPT: Final = re.compile(r"-[A-Za-z0-9]*[ef]$|--expression$|--file$")
_EVALUATES: Final = frozenset({"e", "ea", "eval", "eval-all"})
# Programs that make files by a verb, and those whose own name says it.
_MAKING: Final = {
    "alembic": ("revision",), "artisan": ("make:",), "buf": ("generate",), "bun": ("create", "init"),
    "cargo": ("new", "init"), "create": (), "django-admin": ("startproject", "startapp"), "dotnet": ("new",),
    "flutter": ("create",), "hugo": ("new",), "manage.py": ("makemigrations", "startapp"), "nest": ("new", "generate"),
    "ng": ("new", "generate"), "npm": ("create", "init"), "prisma": ("migrate",), "rails": ("new", "generate"),
    "shadcn": ("add", "init"), "sqlc": ("generate",),
}  # fmt: skip
_MAKERS: Final = frozenset(
    {"codemod", "cookiecutter", "copier", "degit", "graphql-codegen", "jscodeshift", "openapi-generator",
     "openapi-generator-cli", "protoc"}
)  # fmt: skip


def is_in_place(name: str, words: Sequence[Word]) -> bool:
    """Whether an editor of streams is told to change its files."""
    if name == "sd":
        return True
    if name in ("awk", "gawk"):
        return any(flag.text == "-i" and word.text == "inplace" for flag, word in pairwise(words))
    return (name in _SCRIPTED or name == "yq") and any(_IN_PLACE.match(word.text) for word in words[1:])


def edited_files(name: str, words: Sequence[Word]) -> list[Word]:
    """The files of an in-place editor: what follows its options and its script."""
    rest = list(words[1:])
    if name == "yq" and rest and rest[0].text in _EVALUATES:
        del rest[0]
    files: list[Word] = []
    has_script = skips = False
    for word in rest:
        if skips:
            skips, has_script = False, True
        elif _TAKES_SCRIPT.match(word.text):
            skips = True
        elif word.text.startswith("--expression="):
            has_script = True
        elif (
            word.text
            and not word.text.startswith("-")
            and not (name.endswith("awk") and word.text == "inplace")
        ):
            files.append(word)
    return files if has_script else files[2 if name == "sd" else 1 :]


def makes_unseen(words: Sequence[Word]) -> bool:
    """Whether a command makes or changes files that nothing in it names: a scaffold, a generator, a codemod."""
    named = [posixpath.basename(word.text) for word in words if not word.text.startswith("-")]
    # A script of a framework is given to its language.
    if len(named) > 1 and named[1] in ("manage.py", "artisan"):
        del named[0]
    name = named[0].partition("@")[0] if named else ""
    if name in _MAKERS or name.startswith("create-"):
        return True
    verbs = _MAKING.get(name)
    if verbs is None or len(named) < 2:
        return False
    # A package without a name of its own is one file of settings.
    is_told = name not in ("npm", "bun") or len(named) > 2
    return is_told and (not verbs or named[1].startswith(verbs))
