"""G10: a new import: where does it come from, and why this one?"""

from __future__ import annotations

import ast
import json
import re
import sys
import tomllib
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.comprehension.generators.base import question_id, shuffled
from tokencoach.comprehension.package_facts import node_package, plain_name, python_package
from tokencoach.comprehension.question import AnswerKey, CheckedBy, Form, Kind, Part, Prepared, Question
from tokencoach.sources.fields import items, record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tokencoach.comprehension.change import ChangedFunction
    from tokencoach.comprehension.generators.base import Context, Repository, Source

_STANDARD: Final = "the language's standard library"
_OWN: Final = "this project's own code"
_DECLARED: Final = "a dependency that the project declares for everybody"
_OPTIONAL: Final = "a dependency declared only as an extra or for development"
_NOWHERE: Final = "none of these: nothing declares it"
_ORIGINS: Final = (_STANDARD, _OWN, _DECLARED, _OPTIONAL, _NOWHERE)
_KNOWN_TO_ALL: Final = frozenset(
    {"abc", "argparse", "ast", "asyncio", "base64", "collections", "contextlib", "copy", "csv", "dataclasses", "datetime",
     "enum", "functools", "hashlib", "importlib", "inspect", "io", "itertools", "json", "logging", "math", "os", "pathlib",
     "pickle", "platform", "random", "re", "shutil", "signal", "socket", "sqlite3", "string", "subprocess", "sys",
     "tempfile", "textwrap", "threading", "time", "traceback", "typing", "unittest", "urllib", "uuid", "warnings",
     "__future__", "types", "operator"}
)  # fmt: skip
_DISTRIBUTIONS: Final = {
    "yaml": "pyyaml", "PIL": "pillow", "bs4": "beautifulsoup4", "cv2": "opencv-python", "sklearn": "scikit-learn",
    "dateutil": "python-dateutil", "dotenv": "python-dotenv", "git": "gitpython", "attr": "attrs", "jwt": "pyjwt",
    "serial": "pyserial", "usb": "pyusb", "magic": "python-magic", "OpenSSL": "pyopenssl", "Crypto": "pycryptodome",
}  # fmt: skip
_OTHERS: Final = {
    "httpx": ("requests", "urllib"), "requests": ("httpx", "urllib"), "aiohttp": ("httpx", "urllib"),
    "orjson": ("json",), "ujson": ("json",), "toml": ("tomllib",), "tomli": ("tomllib",), "attr": ("dataclasses",),
    "attrs": ("dataclasses",), "pydantic": ("dataclasses",), "msgspec": ("dataclasses", "json"),
    "click": ("argparse",), "typer": ("argparse", "click"), "docopt": ("argparse",), "pytz": ("zoneinfo",),
    "dateutil": ("datetime",), "arrow": ("datetime",), "pendulum": ("datetime",), "simplejson": ("json",),
    "mock": ("unittest.mock",), "six": ("nothing at all",), "pkg_resources": ("importlib.metadata",),
    "loguru": ("logging",), "structlog": ("logging",), "pickle": ("json",), "threading": ("asyncio",),
    "multiprocessing": ("threading", "asyncio"), "regex": ("re",), "peewee": ("sqlite3",), "sqlalchemy": ("sqlite3",),
}  # fmt: skip
_LISTS: Final = "the project's own list of dependencies and the names of the standard library"
_REQUIREMENT: Final = re.compile(r"^\s*([A-Za-z0-9][\w.-]*)")
_QUOTED: Final = re.compile(r"""["']([A-Za-z0-9][\w.-]*)""")
_NODE_BUILTINS: Final = frozenset(
    {"fs", "path", "http", "https", "os", "util", "events", "stream", "crypto", "url", "zlib", "net", "tls", "dns",
     "child_process", "assert", "buffer", "querystring", "readline", "cluster", "vm", "worker_threads", "perf_hooks"}
)  # fmt: skip
_NODE_IMPORT: Final = re.compile(
    r"""(?:\bfrom\s+|\brequire\(\s*|^\s*import\s+)["'](?:node:)?((?:@[\w.-]+/)?[\w.-]+)"""
)


class _Import(NamedTuple):
    name: str
    line: int


def questions(function: ChangedFunction, source: Source, context: Context) -> Iterator[Prepared]:
    """At most two questions, about the first new import that the function uses."""
    if context.repository is None:
        return
    for new in _new_imports(function, source):
        origin = _origin(new.name, source, context.repository)
        fact = _fact(new.name, origin, source, context)
        if origin is not None:
            yield _where(function, new, origin, fact)
        others = [name for name in _OTHERS.get(new.name, ()) if name != new.name]
        if others:
            yield _why(function, source, new, others[0], context, fact)
        if origin is not None or others:
            return


def _new_imports(function: ChangedFunction, source: Source) -> Iterator[_Import]:
    """Imports that the change adds to the file and that the function's own text speaks of."""
    text = "\n".join(source.line(number) for number in range(function.first, function.last + 1))
    for new in _imports(source):
        alias = re.compile(rf"\b{re.escape(new.name)}\b")
        if alias.search(text) and (source.old is None or not alias.search(source.old)):
            yield new


@lru_cache(maxsize=32)
def _imports(source: Source) -> tuple[_Import, ...]:
    return tuple(_found_imports(source))


def _found_imports(source: Source) -> Iterator[_Import]:
    if source.language == "python" and source.tree is not None:
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Import):
                for name in node.names:
                    yield from _added(source, name.name.partition(".")[0], node.lineno)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                yield from _added(source, node.module.partition(".")[0], node.lineno)
    elif source.language in {"javascript", "typescript", "tsx"}:
        for number in sorted(source.file.added):
            found = _NODE_IMPORT.search(source.line(number))
            if found is not None and not found[1].startswith("."):
                yield _Import(found[1], number)


def _added(source: Source, name: str, line: int) -> Iterator[_Import]:
    if line in source.file.added:
        yield _Import(name, line)


def _origin(name: str, source: Source, repository: Repository) -> str | None:
    """Where an imported name comes from; None where that is common knowledge or cannot be told for sure."""
    if source.language != "python":
        return _node_origin(name, repository)
    if name in sys.stdlib_module_names:
        return None if name in _KNOWN_TO_ALL else _STANDARD
    own = re.compile(rf"(?:^|/){re.escape(name)}(?:/__init__)?\.pyi?$")
    if any(own.search(path) for path in repository.paths()):
        return None
    wanted = plain_name(_DISTRIBUTIONS.get(name, name))
    everybody, some = _python_declared(repository)
    if wanted in everybody:
        return _DECLARED
    return _OPTIONAL if wanted in some else None


def _python_declared(repository: Repository) -> tuple[frozenset[str], frozenset[str]]:
    everybody: set[str] = set()
    some: set[str] = set()
    for path in sorted(repository.paths()):
        name = path.rpartition("/")[2]
        if path.count("/") > 1:
            continue
        if name == "pyproject.toml":
            first, second = _pyproject((repository.text(path) or b"").decode("utf-8", "replace"))
            everybody |= first
            some |= second
        elif name.startswith("requirements") and name.endswith((".txt", ".in")):
            found = {
                plain_name(one)
                for one in _requirements((repository.text(path) or b"").decode("utf-8", "replace"))
            }
            (everybody if name in {"requirements.txt", "requirements.in"} else some).update(found)
        elif name == "setup.py":
            text = (repository.text(path) or b"").decode("utf-8", "replace")
            listed = re.search(r"install_requires\s*=\s*\[(.*?)\]", text, re.DOTALL)
            everybody.update(plain_name(one) for one in _QUOTED.findall(listed[1] if listed else ""))
    return frozenset(everybody), frozenset(some - everybody)


@lru_cache(maxsize=8)
def _pyproject(text: str) -> tuple[frozenset[str], frozenset[str]]:
    try:
        read = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return frozenset(), frozenset()
    project, poetry = record(read.get("project")), record(record(read.get("tool")).get("poetry"))
    everybody = {*map(str, items(project.get("dependencies"))), *record(poetry.get("dependencies"))}
    optional, named = record(project.get("optional-dependencies")), record(read.get("dependency-groups"))
    groups = [*optional.values(), *named.values()]
    some = {one for group in groups if isinstance(group, list) for one in group if isinstance(one, str)}
    return frozenset(_names(everybody)), frozenset(_names(some))


def _names(requirements: set[str]) -> Iterator[str]:
    for requirement in requirements:
        found = _REQUIREMENT.match(requirement)
        if found is not None:
            yield plain_name(found[1])


def _requirements(text: str) -> Iterator[str]:
    for line in text.splitlines():
        found = _REQUIREMENT.match(line)
        if found is not None:
            yield found[1]


def _node_origin(name: str, repository: Repository) -> str | None:
    if name in _NODE_BUILTINS:
        return None
    try:
        read = json.loads(repository.text("package.json") or b"{}")
    except (ValueError, RecursionError):
        return None
    if not isinstance(read, dict):
        return None
    if name in record(read.get("dependencies")):
        return _DECLARED
    return _OPTIONAL if name in record(read.get("devDependencies")) else None


def _fact(name: str, origin: str | None, source: Source, context: Context) -> str:
    """Version, licence and age of what is imported; empty where it is no dependency that is declared."""
    if context.repository is None or origin not in {_DECLARED, _OPTIONAL}:
        return ""
    if source.language != "python":
        return node_package(name, context.repository, context.folder)
    return python_package(plain_name(_DISTRIBUTIONS.get(name, name)), context.repository, context.folder)


def _where(function: ChangedFunction, new: _Import, origin: str, fact: str) -> Prepared:
    options = shuffled(_ORIGINS, function, "G10")
    return Prepared(
        Question(
            id=question_id(function, Kind.DEPENDENCY, f"where:{new.name}"),
            kind=Kind.DEPENDENCY,
            part=Part.WHY,
            path=function.path,
            qualname=function.qualname,
            line=new.line,
            prompt=f"Line {new.line} is new and brings in `{new.name}`. Where does it come from?",
            form=Form.CHOICE,
            options=tuple(options),
            lines=(new.line,),
            seconds=15,
        ),
        AnswerKey(
            expected=(origin,),
            checked_by=CheckedBy.METADATA,
            evidence="; ".join(filter(None, (fact, _LISTS))),
            matcher="options",
            reasons=tuple("it does" if option == origin else "it does not" for option in options),
        ),
    )


def _why(
    function: ChangedFunction, source: Source, new: _Import, other: str, context: Context, fact: str
) -> Prepared:
    uses = sorted(
        {
            found
            for number in range(function.first, function.last + 1)
            for found in re.findall(rf"\b{re.escape(new.name)}\.(\w+)", source.line(number))
        }
    )
    said = {f"said {name}": text[:20_000] for name, text in context.known.items()}
    return Prepared(
        Question(
            id=question_id(function, Kind.DEPENDENCY, f"why:{new.name}"),
            kind=Kind.DEPENDENCY,
            part=Part.WHY,
            path=function.path,
            qualname=function.qualname,
            line=new.line,
            prompt=(
                f"Line {new.line} is new and brings in `{new.name}`. In 25 words or more of your own: "
                f"what is it needed for here, and why not {other}?"
            ),
            form=Form.TEXT,
            lines=(new.line,),
            seconds=50,
        ),
        AnswerKey(
            expected=(f"what {new.name} does here", f"why not {other}"),
            checked_by=CheckedBy.RUBRIC,
            evidence="covers the points; whether it is true you say yourself",
            matcher="rubric",
            trace=(fact,) if fact else (),
            facts={
                "inputs": new.name,
                "decisions": other,
                "outcomes": " | ".join(uses[:6]),
                "effects": "",
                **said,
            },
        ),
    )
