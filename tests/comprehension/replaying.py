"""Proves answer keys in the project's own interpreter, by other means than those they were made with.

Recorded keys: the module is rewritten (each function in question becomes a wrapper that writes down
what it is given and what comes out), the test is run again, and what was written is compared. Keys
that were computed behind walls: the module is imported as the project would, and called.
"""

from __future__ import annotations

import ast
import json
import os
import subprocess
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tokencoach.comprehension.question import Prepared

LOG = r"""
import ast, enum, inspect, json, os
_seen = []
def plain(value):
    kind = type(value)
    if kind in (list, tuple, set):
        return all(plain(item) for item in value)
    if kind is dict:
        return all(plain(item) for pair in value.items() for item in pair)
    return kind in (type(None), bool, int, float, str, bytes)
def text(value):
    if isinstance(value, enum.Enum):
        return ["other", type(value).__name__ + "." + value.name]
    known = plain(value) or type(value).__module__.partition(".")[0] in ("datetime", "decimal", "pathlib")
    if known:
        return ["literal", repr(value)] if len(repr(value)) < 5000 else ["other", type(value).__name__]
    fields = {name: item for name, item in sorted(getattr(value, "__dict__", {}).items()) if plain(item)}
    inside = ", ".join(name + " = " + repr(item) for name, item in fields.items())
    return ["other", "<" + type(value).__name__ + (": " + inside if inside else "") + ">"]
def held(value):
    names = [*getattr(value, "__dict__", ()), *getattr(type(value), "__slots__", ())]
    return {name: text(getattr(value, name, None)) for name in names}
def of_test():
    return os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" (")[0]
_steps = {}
def before(line, here, *names):
    given = {}
    for name in names:
        try:
            given[name] = text(eval(name, {}, dict(here)))
        except Exception:
            given[name] = ["other", "<unknown>"]
    _steps[line] = {"step": line, "test": of_test(), "args": given}
def after(line, value):
    entry = _steps.pop(line, None)
    if entry is not None:
        write({**entry, "value": text(value)})
    return value
def goes(line, value, then, otherwise):
    after(line, then if value else otherwise)
    return value
def left(line):
    if _seen:
        _seen[-1]["left"] = line
def turn(line):
    if _seen:
        _seen[-1]["turns"][str(line)] = _seen[-1]["turns"].get(str(line), 0) + 1
def write(entry):
    with open(os.environ["REPLAY_LOG"], "a") as file:
        file.write(json.dumps(entry) + "\n")
def drained(values, entry):
    items = []
    while True:
        _seen.append(entry)
        try:
            value = next(values)
        except StopIteration:
            break
        finally:
            _seen.pop()
        items.append(value)
        yield value
    entry.update(outcome="yielded", value=text(items), after={})
    write(entry)
def call(name, function, given, named):
    bound = inspect.signature(function).bind(*given, **named)
    bound.apply_defaults()
    entry = {"name": name, "test": of_test(), "turns": {}}
    entry["args"] = {key: text(value) for key, value in bound.arguments.items()}
    for part in json.loads(os.environ["REPLAY_PARTS"]).get(name, ()):
        try:
            entry["args"][part] = text(eval(part, {}, dict(bound.arguments)))
        except Exception:
            entry["args"][part] = ["other", "<unknown>"]
    _seen.append(entry)
    try:
        value = function(*given, **named)
        if inspect.isgenerator(value):
            return drained(value, entry)
        entry["outcome"], entry["value"], entry["object"] = "returned", text(value), held(value)
        return value
    except BaseException as error:
        entry["outcome"], entry["value"] = "raised", ["literal", type(error).__name__]
        raise
    finally:
        _seen.pop()
        entry["after"] = {key: text(value) for key, value in bound.arguments.items()}
        entry["own"] = held(given[0]) if given else {}
        if "value" in entry:
            write(entry)
"""
CALLER = """
import importlib, json, sys
module, name, inputs = json.loads(sys.argv[1])
function = getattr(importlib.import_module(module), name)
for text in inputs:
    arguments = eval(text)
    try:
        said = ["returned", repr(function(*arguments)), repr(arguments)]
    except Exception as error:
        said = ["raised", type(error).__name__, ""]
    print(json.dumps(said))
"""

_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
_SIMPLE = (ast.Return, ast.Expr, ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Delete)


class _Wrapping(ast.NodeTransformer):
    """Turns the functions of some qualified names into wrappers that write down their calls."""

    def __init__(self, names: set[str]) -> None:
        self.names = names
        self.scope: list[str] = []

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        self.scope.append(node.name)
        node.body = [part for item in node.body for part in self._wrapped(item)]
        self.scope.pop()
        return node

    def visit_Module(self, node: ast.Module) -> ast.AST:
        node.body = [part for item in node.body for part in self._wrapped(item)]
        return node

    def _wrapped(self, node: ast.stmt) -> list[ast.stmt]:
        if isinstance(node, ast.ClassDef):
            self.visit_ClassDef(node)
        elif isinstance(node, ast.FunctionDef):
            self.scope += [node.name, "<locals>"]
            node.body = [part for item in node.body for part in self._wrapped(item)]
            del self.scope[-2:]
        name = ".".join([*self.scope, getattr(node, "name", "")])
        if not isinstance(node, ast.FunctionDef) or name not in self.names:
            return [node]
        inner = f"replayed_{node.name}"
        wrapper = ast.parse(
            f"def {node.name}(*given, replayed={inner}, **named):\n"
            f"    import replay_log\n    return replay_log.call({name!r}, replayed, given, named)\n"
        ).body[0]
        assert isinstance(wrapper, ast.FunctionDef)
        wrapper.decorator_list, node.decorator_list = node.decorator_list, []
        node.name = inner
        _mark(node)
        return [ast.fix_missing_locations(ast.copy_location(item, node)) for item in (node, wrapper)]


class _Following(ast.NodeTransformer):
    """Makes single statements tell what they read and what came out."""

    def __init__(self, names: dict[int, list[str]], tree: ast.Module) -> None:
        self.names = names
        conditions = [node for node in ast.walk(tree) if isinstance(node, ast.If)]
        self.begins: dict[object, int] = {node: node.body[0].lineno for node in conditions}
        self.begins |= {(node, "orelse"): node.orelse[0].lineno for node in conditions if node.orelse}

    def generic_visit(self, node: ast.AST) -> ast.AST:
        super().generic_visit(node)
        for name in ("body", "orelse", "finalbody"):
            body = getattr(node, name, None)
            if isinstance(body, list) and body and isinstance(body[0], ast.stmt):
                behind = [*[getattr(item, "lineno", 0) for item in body[1:]], 0]
                parts = [
                    part
                    for item, line in zip(body, behind, strict=True)
                    for part in self._followed(item, line)
                ]
                setattr(node, name, parts)
        return node

    def _followed(self, item: ast.stmt, behind: int) -> list[ast.stmt]:
        names = self.names.get(getattr(item, "lineno", 0))
        if names is None or not isinstance(item, (*_SIMPLE, ast.If)):
            return [item]
        here = ast.Call(ast.Name("locals", ast.Load()), [], [])
        line = ast.Constant(item.lineno)
        # On the statement's own line: the first of a block tells that the block is entered.
        first = ast.copy_location(ast.Expr(_helper("before", line, here, *map(ast.Constant, names))), item)
        if isinstance(item, ast.If):
            then = ast.Constant(self.begins[item])
            otherwise = ast.Constant(self.begins.get((item, "orelse"), behind))
            item.test = _helper("goes", line, item.test, then, otherwise)
            return [first, item]
        value = getattr(item, "value", None)
        if isinstance(item, ast.Return) and value is not None:
            item.value = _helper("after", line, value)
            return [first, item]
        if isinstance(item, ast.Expr) and isinstance(value, ast.Yield) and value.value is not None:
            value.value = _helper("after", line, value.value)
            return [first, item]
        if isinstance(item, ast.Expr) and isinstance(value, ast.Call):
            value.args = [_helper("after", line, value.args[0])]
            return [first, item]
        target = item.targets[0] if isinstance(item, ast.Assign) else getattr(item, "target", None)
        assert isinstance(target, ast.expr)
        held = ast.parse(ast.unparse(target), mode="eval").body
        return [first, item, ast.Expr(_helper("after", line, held))]


def _mark(function: ast.FunctionDef) -> None:
    """Simple statements tell that they begin, and bodies of loops and branches that they are entered."""
    waiting: list[ast.AST] = [function]
    while waiting:
        item = waiting.pop()
        if isinstance(item, _SCOPES) and item is not function:
            continue
        waiting.extend(ast.iter_child_nodes(item))
        for name in ("body", "orelse", "finalbody"):
            body = getattr(item, name, None)
            if isinstance(body, list) and body and isinstance(body[0], ast.stmt):
                marked: list[ast.stmt] = []
                if isinstance(item, ast.For | ast.While | ast.If):
                    marked.append(ast.Expr(_helper("turn", ast.Constant(body[0].lineno))))
                for part in body:
                    if isinstance(part, _SIMPLE):
                        marked.append(ast.Expr(_helper("left", ast.Constant(part.lineno))))
                    marked.append(part)
                setattr(item, name, marked)


def _helper(name: str, *arguments: ast.expr) -> ast.expr:
    imported = ast.Call(ast.Name("__import__", ast.Load()), [ast.Constant("replay_log")], [])
    return ast.Call(ast.Attribute(imported, name, ast.Load()), list(arguments), [])


def replayed(
    root: Path, python: str, questions: Sequence[Prepared], folder: Path, extra: dict[str, str] | None = None
) -> list[tuple[Prepared, str]]:
    """Recorded questions with ``proved``, or why not, after their tests ran again in ``python``.

    Files of ``root`` are rewritten for the run and put back. ``folder`` takes the log.
    """
    (folder / "replay_log.py").write_text(LOG, encoding="utf-8")
    log = folder / "replay.log"
    log.write_text("", encoding="utf-8")
    before: dict[Path, bytes] = {}
    try:
        for path in {one.question.path for one in questions}:
            file = root / path
            before[file] = file.read_bytes()
            here = [one for one in questions if one.question.path == path]
            names = {one.question.qualname for one in here if "step" not in one.key.facts}
            steps: dict[int, list[str]] = {}
            for one in here:
                if "step" in one.key.facts:
                    steps.setdefault(int(one.key.facts["step"]), []).extend(_given(one.question.prompt))
            parsed = ast.parse(before[file])
            followed = ast.fix_missing_locations(_Following(steps, parsed).visit(parsed))
            tree = _Wrapping(names).visit(followed)
            file.write_text(ast.unparse(ast.fix_missing_locations(tree)), encoding="utf-8")
        tests = sorted({one.key.facts["test"] for one in questions})
        place = os.pathsep.join(filter(None, [str(folder), (extra or {}).get("PYTHONPATH")]))
        parts: dict[str, list[str]] = {}
        for one in questions:
            given = [name for name in _given(one.question.prompt) if not name.isidentifier()]
            parts.setdefault(one.question.qualname, []).extend(given)
        environment = {**os.environ, **(extra or {}), "PYTHONPATH": place, "REPLAY_LOG": str(log)}
        environment["REPLAY_PARTS"] = json.dumps(parts)
        command = [python, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests]
        subprocess.run(command, cwd=root, env=environment, check=False, capture_output=True, timeout=300)
    finally:
        for file, content in before.items():
            file.write_bytes(content)
    calls = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    return [(one, _proof(one, calls)) for one in questions]


def _proof(one: Prepared, calls: list[dict[str, Any]]) -> str:
    given = _given(one.question.prompt)
    alike = [
        call
        for call in calls
        if str(call.get("step", call.get("name"))) == one.key.facts.get("step", one.question.qualname)
        and call["test"] == one.key.facts["test"]
        and all(_is_same(call["args"][name], text) for name, text in given.items() if name in call["args"])
    ]
    if not alike:
        return "not seen again"
    said = {_answer(one, call) for call in alike}
    right = any(
        answer in one.key.expected or _is_same(["literal", answer], one.key.expected[0]) for answer in said
    )
    if not right:
        return f"WRONG: {said}, not {one.key.expected}"
    return "proved" if len(said) == 1 else "proved among calls that look alike"


def _given(prompt: str) -> dict[str, str]:
    """Arguments that a prompt shows as literals."""
    lines = prompt.split("\n")
    begin = next((place for place, line in enumerate(lines) if line.endswith("with:")), 0)
    pairs = (line.strip().partition(" = ") for line in lines[begin + 1 : -1])
    return {name: text for name, _, text in pairs if text and _is_place(name)}


def _is_place(text: str) -> bool:
    """Whether it names a variable, or a part of one."""
    try:
        tree = ast.parse(text, mode="eval").body
    except SyntaxError:
        return False
    while isinstance(tree, ast.Attribute | ast.Subscript | ast.Call):
        tree = tree.func if isinstance(tree, ast.Call) else tree.value
    return isinstance(tree, ast.Name)


def _is_same(shown: list[str], text: str) -> bool:
    if shown[0] != "literal":
        is_whole = not text.startswith("<") or (": " in text and ": " in shown[1])
        return shown[1] == text if is_whole else text.startswith("<")
    if text.startswith("<") and text.endswith(">"):
        # Too long to be shown, or with something in it that is.
        return type(ast.literal_eval(shown[1])).__name__ == text.strip("<>")
    try:
        return bool(ast.literal_eval(shown[1]) == ast.literal_eval(text))
    except (ValueError, SyntaxError):
        return shown[1] == text


def _answer(one: Prepared, call: dict[str, Any]) -> str:
    prompt = one.question.prompt
    if "start at lines " in prompt:
        lines = prompt.rpartition("start at lines ")[2].partition(". ")[0].split(", ")
        return " ".join(line for line in lines if line in call["turns"])
    if "Which line runs next?" in prompt:
        return str(call["value"][1])
    if one.key.matcher == "line":
        return str(call.get("left"))
    if "How many times does line " in prompt:
        line = prompt.rpartition("does line ")[2].partition(" ")[0]
        return str(call["turns"].get(line, 0))
    return str(_held(prompt, call)[1])


def _held(prompt: str, call: dict[str, Any]) -> list[str]:
    """What an argument, an attribute or the result held."""
    named = prompt.rpartition("What does ")[2].partition("`")[2].partition("`")[0]
    if "in place" in prompt:
        return list(call["after"][named])
    if "object of the class" in prompt:
        return list(call["object"][named])
    if "hold after the call?" in prompt:
        return list(call["own"][named.partition(".")[2]])
    return list(call["value"])


def called(
    root: Path, python: str, path: str, name: str, inputs: Sequence[str], extra: dict[str, str]
) -> list[str]:
    """What the project's own interpreter says of calls of a function of its module; empty where it cannot be loaded."""
    module = path.removesuffix(".py").removesuffix("/__init__").removeprefix("src/").replace("/", ".")
    job = json.dumps([module, name, list(inputs)])
    done = subprocess.run(
        [python, "-c", CALLER, job],
        cwd=root,
        env={**os.environ, **extra},
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    return done.stdout.splitlines()
