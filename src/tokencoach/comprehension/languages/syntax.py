"""Functions of languages other than Python, read by tree-sitter where its grammar is installed."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from tokencoach.comprehension.languages.grammars import last_of, line_of, root_of, text_of_node
from tokencoach.comprehension.languages.syntax_ends import callee
from tokencoach.comprehension.languages.syntax_flow import FlowBuilder
from tokencoach.comprehension.languages.syntax_names import bound_by, chain, within
from tokencoach.comprehension.languages.syntax_tables import (
    CALLS,
    COMMENTS,
    FUNCTIONS,
    IFS,
    LAZY,
    LOOPS,
    MEMBERS,
    OWNERS,
    RETURNS,
)
from tokencoach.comprehension.span import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

    from tokencoach.comprehension.flow import Flow

_BRANCHES: Final = IFS | LOOPS | {
    "catch_clause", "rescue", "conditional_expression", "ternary_expression", "conditional", "match_arm", "when",
    "switch_case", "case_statement", "expression_case", "switch_block_statement_group", "switch_rule",
}  # fmt: skip
_JOINTS: Final = frozenset({"&&", "||", "and", "or"})
_ANONYMOUS: Final = frozenset(
    {"variable_declarator", "pair", "assignment_expression", "field_definition", "public_field_definition"}
)
_MOST_DEEP: Final = 400
_WORD: Final = re.compile(r"\w+")
_GO_IMPORT: Final = re.compile(r'^\s*(?:import\s+)?(\w+)?\s*"([\w.\-]+(?:/[\w.\-]+)+)"', re.MULTILINE)
_RUST_USE: Final = re.compile(
    r"^\s*(?:pub )?use (?:crate|super|self)((?:::[a-z_0-9]+)+)::(\{[^}]*\}|\w+);", re.MULTILINE
)
_JS_IMPORT: Final = re.compile(
    r"""^\s*import\s+(?:type\s+)?([\w\s{},*$]+?)\s+from\s+["'](\.[^"']+)["']""", re.MULTILINE
)


def spans(text: str, language: str, *, name: str = "") -> Iterator[Span]:
    """Functions of a text, of a last name only where one is given; none where the grammar is not installed."""
    for qualname, node in _functions(text, language).items():
        if name and qualname.partition("/")[0].replace("::", ".").rpartition(".")[2] != name:
            continue
        inner = {
            number
            for other in _functions(text, language).values()
            if other is not node and node.start_byte < other.start_byte and other.end_byte <= node.end_byte
            for number in range(line_of(other), last_of(other) + 1)
        }
        own = frozenset(range(line_of(node), last_of(node) + 1)) - inner
        tokens, words, complexity = _measured(node)
        yield Span(qualname, line_of(node), last_of(node), own, words, complexity, tokens)


def syntax_flow(text: str, language: str, qualname: str) -> Flow | None:
    """The flow of a function; None where it is not there, or its syntax is not understood."""
    node = function_node(text, language, qualname)
    if node is None:
        return None
    return FlowBuilder(language, is_lazy=node.type in LAZY).flow(node)


def syntax_part(text: str, language: str, qualname: str, line: int) -> Flow | None:
    """The flow from the statement on a line on; None where there is none, or what follows cannot be told."""
    node = function_node(text, language, qualname)
    return None if node is None else FlowBuilder(language).part(node, line)


def function_node(text: str, language: str, qualname: str) -> Node | None:
    """The tree of a function; None where it is not there, or its syntax is not understood."""
    node = _functions(text, language).get(qualname)
    return None if node is None or node.has_error else node


@lru_cache(maxsize=8)
def _functions(text: str, language: str) -> dict[str, Node]:
    root = root_of(text, language)
    found: dict[str, Node] = {}
    waiting: list[tuple[Node, str, int]] = [(root, "", 0)] if root is not None else []
    while waiting:
        node, prefix, depth = waiting.pop()
        below = prefix
        if node.type in FUNCTIONS and node.child_by_field_name("body") is not None:
            name = _name(node)
            if name:
                # Functions of one name that differ by what they take are told apart by their order.
                twins = sum(1 for other in found if other.partition("/")[0] == prefix + name)
                found[f"{prefix}{name}/{twins + 1}" if twins else prefix + name] = node
                below = f"{prefix}{name}."
        elif node.type in OWNERS:
            owner = node.child_by_field_name(OWNERS[node.type])
            below = f"{prefix}{text_of_node(owner)}." if owner is not None else prefix
        if depth < _MOST_DEEP:
            waiting += [(child, below, depth + 1) for child in reversed(node.named_children)]
    return found


def spoken(
    text: str, language: str
) -> Iterator[tuple[str, frozenset[str], frozenset[str], frozenset[str], frozenset[str]]]:
    """Each function with the names that it calls, its words, the fields that it only reads, and those it sets."""
    for qualname, node in _functions(text, language).items():
        parts = list(within(node))
        called = {plain_name(callee(part), part) for part in parts if part.type in CALLS}
        words = Counter(_WORD.findall((node.text or b"").decode("utf-8", "replace")))
        members = Counter(_last_name(part) for part in parts if part.type in MEMBERS)
        stored = {name.rpartition(".")[2] for part in parts for name, _ in bound_by(part) if "." in name}
        reads = {
            name for name, times in members.items() if times == words[name] and name not in called | stored
        }
        yield qualname, frozenset(called - {""}), frozenset(words), frozenset(reads), frozenset(stored)


def fields_of(text: str, language: str, qualname: str) -> Iterator[tuple[int, str, bool, bool]]:
    """Lines and names of the fields that a function speaks of, whether it sets them there, and whether they are its own."""
    node = function_node(text, language, qualname)
    parts = list(within(node)) if node is not None else []
    owners = {"self", "this", *_receivers(node)} if node is not None else set()
    called = {part.child_by_field_name("function") for part in parts if part.type in CALLS}
    stored = {(line_of(part), name) for part in parts for name, _ in bound_by(part)}
    for part in parts:
        name = chain(part) if part.type in MEMBERS and part not in called else None
        owner, _, field = (name or "").rpartition(".")
        if name is not None and owner and field.isidentifier():
            yield line_of(part), field, (line_of(part), name) in stored, owner in owners


def _receivers(function: Node) -> set[str]:
    """What a method of Go calls its own object."""
    given = function.child_by_field_name("receiver")
    return (
        {text_of_node(part) for part in _all(given) if part.type == "identifier"}
        if given is not None
        else set()
    )


def _last_name(member: Node) -> str:
    found: list[str] = _WORD.findall(text_of_node(member))
    return found[-1] if found else ""


def own_calls(text: str, language: str, qualname: str) -> Iterator[tuple[int, str]]:
    """Lines and names of a function's calls that name no other object than itself."""
    node = function_node(text, language, qualname)
    own = _receivers(node) if node is not None else set()
    for part in within(node) if node is not None else ():
        path, _, name = callee(part).replace("->", ".").replace("::", ".").rpartition(".")
        if part.type in CALLS and name.isidentifier() and path in {"", "self", "Self", "this", *own}:
            yield line_of(part), name


def parameters(text: str, language: str, qualname: str) -> tuple[str, ...] | None:
    """Names of what a function takes, in order; None where one of them cannot be told by its place."""
    node = function_node(text, language, qualname)
    given = node.child_by_field_name("parameters") if node is not None else None
    if given is None and node is not None:
        declared = node.child_by_field_name("declarator")
        given = declared.child_by_field_name("parameters") if declared is not None else None
    found: list[str] = []
    for one in given.named_children if given is not None else ():
        if one.type in COMMENTS or one.type == "self_parameter":
            continue
        names = one.children_by_field_name("name") or one.children_by_field_name("pattern")
        plain = [text_of_node(name) for name in names or ([one] if one.type == "identifier" else [])]
        if not plain or "variadic" in one.type or not all(name.isidentifier() for name in plain):
            return None
        found += plain
    return tuple(found) if given is not None else None


@lru_cache(maxsize=8)
def all_parameters(text: str, language: str) -> frozenset[str]:
    """Names of what any function of a file takes."""
    return frozenset(
        name for one in _functions(text, language) for name in parameters(text, language, one) or ()
    )


def arguments_at(text: str, language: str, qualname: str, line: int, name: str) -> tuple[str, ...] | None:
    """What the only call of a name on a line is given, as written; None where that is not plain."""
    node = function_node(text, language, qualname)
    calls = [
        part
        for part in (within(node) if node is not None else ())
        if part.type in CALLS
        and line_of(part) == line
        and callee(part).replace("::", ".").rpartition(".")[2] == name
    ]
    given = calls[0].child_by_field_name("arguments") if len(calls) == 1 else None
    if given is None or any("spread" in one.type or "splat" in one.type for one in given.named_children):
        return None
    return tuple(text_of_node(one) for one in given.named_children if one.type not in COMMENTS)


def module_calls(text: str, language: str, qualname: str) -> Iterator[tuple[int, str, str]]:
    """Lines, modules and names of a function's calls that lead through a module, or through a name of an import."""
    node = function_node(text, language, qualname)
    imported = _imported(text, language)
    for part in within(node) if node is not None else ():
        path, _, name = callee(part).replace("->", ".").replace("::", ".").rpartition(".")
        if part.type not in CALLS or not name.isidentifier():
            continue
        module = path.rpartition(".")[2] if path else imported.get(name, "")
        if language in {"javascript", "typescript", "tsx", "go"} and path:
            module = imported.get(path, "")
        if module and module[:1].islower() and module not in {"self", "super", "this", "crate"}:
            yield line_of(part), module, name


@lru_cache(maxsize=8)
def _imported(text: str, language: str) -> dict[str, str]:
    """Names that imports bring in, each with the last part of the module that it comes from."""
    found: dict[str, str] = {}
    if language == "go":
        for alias, path in _GO_IMPORT.findall(text):
            last = path.rpartition("/")[2]
            found[alias or last] = last
    elif language == "rust":
        for path, names in _RUST_USE.findall(text):
            for name in _WORD.findall(names):
                found[name] = path.rpartition("::")[2]
    else:
        for names, path in _JS_IMPORT.findall(text):
            last = path.rpartition("/")[2].partition(".")[0]
            for name in _WORD.findall(names):
                found[name] = last
    return found


@lru_cache(maxsize=8)
def returned(text: str, language: str) -> tuple[tuple[str, str], ...]:
    """Of every function's ``return`` statements: its name, and what stands behind the word."""
    return tuple(
        (qualname, " ".join(text_of_node(child) for child in part.named_children))
        for qualname, node in _functions(text, language).items()
        for part in within(node)
        if part.type in RETURNS
    )


def plain_name(text: str, call: Node) -> str:
    """The last name of what is called, empty where a path leads to another module's function of that name."""
    if call.type == "macro_invocation":
        return ""
    path, _, name = text.replace("->", ".").replace("::", ".").rpartition(".")
    is_path = "::" in text and path not in {"self", "Self", "crate", "super", "this"}
    return "" if is_path and not path[:1].isupper() else name.strip()


def _name(node: Node) -> str:
    """A function's name; that of what an anonymous one is given to; empty where there is none."""
    name = node.child_by_field_name("name")
    if name is None and node.type in {"arrow_function", "function_expression", "generator_function"}:
        parent = node.parent
        if parent is None or parent.type not in _ANONYMOUS:
            return ""
        fields = ("name", "key", "left", "property")
        name = next(
            (found for field in fields if (found := parent.child_by_field_name(field)) is not None), None
        )
    if name is None:
        name = node.child_by_field_name("declarator")
        while name is not None and (inner := name.child_by_field_name("declarator")) is not None:
            name = inner
    text = text_of_node(name) if name is not None else ""
    receiver = node.child_by_field_name("receiver")
    if receiver is not None:
        kinds = [part for part in _all(receiver) if part.type == "type_identifier"]
        text = f"{text_of_node(kinds[0])}.{text}" if kinds else text
    return text if len(text) <= 120 and "(" not in text else ""


def _all(node: Node) -> Iterator[Node]:
    waiting = [node]
    while waiting:
        one = waiting.pop()
        yield one
        waiting += reversed(one.children)


def _measured(node: Node) -> tuple[str, frozenset[int], int]:
    """The function's tokens without comments, the lines of its comments, and its complexity."""
    tokens: list[str] = []
    words: set[int] = set()
    complexity = 1
    for part in _all(node):
        if part.type in COMMENTS:
            words.update(range(line_of(part), last_of(part) + 1))
        elif part.child_count == 0:
            tokens.append((part.text or b"").decode("utf-8", "replace"))
        complexity += part.type in _BRANCHES or part.type in _JOINTS
    return " ".join(tokens), frozenset(words), complexity
