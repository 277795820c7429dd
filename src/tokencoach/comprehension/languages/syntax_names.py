"""Names in a tree of tree-sitter's: what an expression looks at, what a statement binds."""

from __future__ import annotations

import ast
import re
from collections import Counter
from typing import TYPE_CHECKING, Final

from tokencoach.comprehension.flow import Atom
from tokencoach.comprehension.languages.grammars import line_of, text_of_node
from tokencoach.comprehension.languages.python_values import spelled
from tokencoach.comprehension.languages.syntax_tables import (
    ASSIGNS,
    CLOSURES,
    DECLARES,
    LITERALS,
    LOOPS,
    LOOSELY_BINDS,
    MEMBERS,
    NAMES,
    NOTHING,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tree_sitter import Node

_CHAIN: Final = re.compile(r"[\w@$]+(?:(?:\.|->|::|\?\.|&\.)[\w@$!?]+)*$")
_LINK: Final = re.compile(r"->|::|\?\.|&\.")
_HIDDEN: Final = frozenset({*ASSIGNS, "await_expression", "yield_expression", "yield", "try_expression"})
_ELEMENTS: Final = frozenset(
    {"subscript_expression", "index_expression", "element_reference", "array_access"}
)
_PATTERNS: Final = frozenset({"tuple_struct_pattern", "struct_pattern"})
_WORDS: Final = (
    (re.compile(r"===|=="), "=="),
    (re.compile(r"!==|!="), "!="),
    (re.compile(r"!= *(?:null|nil|NULL|nullptr|undefined)\b"), "is not None"),
    (re.compile(r"== *(?:null|nil|NULL|nullptr|undefined)\b"), "is None"),
    (re.compile(r"([\w.]+)(?:\.is_empty\(\)|\.isEmpty\(\)|\.empty\(\)|\.empty\?)"), r"(len(\1) == 0)"),
    (re.compile(r"([\w.]+)\.nil\?"), r"(\1 is None)"),
    (re.compile(r"([\w.]+)(?:\.len\(\)|\.length\(\)|\.size\(\)|\.length\b|\.size\b)"), r"len(\1)"),
    (re.compile(r"\btrue\b"), "True"),
    (re.compile(r"\bfalse\b"), "False"),
)


def within(node: Node, *, closures: bool = False) -> Iterator[Node]:
    """A node and every node in it, those inside of closures only where asked for."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        yield one
        if closures or one is node or one.type not in CLOSURES:
            waiting += reversed(one.named_children)


def chain(node: Node) -> str | None:
    """``a.b.c`` of a name, or of members of a name, however the language links them."""
    if node.type not in MEMBERS and node.type not in NAMES:
        return None
    text = text_of_node(node).replace(" ", "")
    return _LINK.sub(".", text) if _CHAIN.match(text) else None


def looked_at(node: Node) -> Iterator[str]:
    """Dotted names that an expression looks at, as long as they are written."""
    name = chain(node)
    if name is not None:
        if name not in NOTHING and not name.isupper():
            yield name
        return
    for child in node.named_children:
        yield from looked_at(child)


def atom(node: Node, *, fresh: frozenset[str] = frozenset()) -> Atom:
    """A condition that is not taken apart further; ``fresh`` are names that were assigned right above."""
    text = text_of_node(node)
    hidden = any(part.type in _HIDDEN for part in within(node, closures=True))
    # What a pattern binds is only there behind the condition.
    held = node.child_by_field_name("value") if node.type == "let_condition" else None
    subjects = frozenset() if hidden else frozenset(looked_at(held if held is not None else node))
    line = line_of(node)
    is_fresh = bool(subjects) and any(name.partition(".")[0] in fresh for name in subjects)
    if is_fresh:
        subjects = frozenset(
            f"{name}@{line}" if name.partition(".")[0] in fresh else name for name in subjects
        )
    return Atom(text, line, subjects, "" if is_fresh else python_of(text), is_fresh)


def python_of(text: str) -> str:
    """An expression of Python that means the same; empty where there is none."""
    for pattern, word in _WORDS:
        text = pattern.sub(word, text)
    text = spelled(text)
    try:
        ast.parse(text, mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""
    return text


def bound_by(node: Node) -> Iterator[tuple[str, bool]]:
    """Names that one node binds, and whether it declares them."""
    for table, declares in ((DECLARES, True), (ASSIGNS, False), (LOOSELY_BINDS, False)):
        if node.type not in table:
            continue
        field = table[node.type]
        target = node.child_by_field_name(field) if field else next(iter(node.named_children), None)
        if node.type == "update_expression" and target is None:
            target = next(iter(node.named_children), None)
        if node.type == "reference_expression" and not any(
            one.type == "mutable_specifier" for one in node.children
        ):
            continue
        if (
            node.type in {"init_declarator", "variable_declarator"}
            and node.child_by_field_name("value") is None
        ):
            continue
        if target is not None:
            yield from ((name, declares) for name in _targets(target))
    if node.type == "pointer_expression" and (node.text or b"").startswith(b"&"):
        # Whoever is given an address may write to it.
        yield from ((name, False) for name in looked_at(node))


def _targets(node: Node) -> Iterator[str]:
    name = chain(node)
    if name is not None:
        yield name
        return
    if node.type in _ELEMENTS:
        # An element changes: what is read through the name may be another thing.
        inner = next(iter(node.named_children), None)
        yield from (() if inner is None else (name for name in _targets(inner) for _ in range(2)))
        return
    for child in node.named_children:
        # What a pattern names first is a kind of value, and no variable.
        if node.type not in _PATTERNS or child != node.child_by_field_name("type"):
            yield from _targets(child)


def unstable_names(nodes: Sequence[Node], parameters: Sequence[str]) -> frozenset[str]:
    """Names bound more than once, in a loop, or to something that is written down."""
    count = Counter(parameters)
    told: set[str] = set()
    for root in nodes:
        for node in within(root, closures=True):
            for name, _ in bound_by(node):
                count[name] += 1 + ("." in name)
            if node.type in LOOPS:
                told.update(name for part in within(node, closures=True) for name, _ in bound_by(part))
            value = node.child_by_field_name("value") or node.child_by_field_name("right")
            if node.type in {*DECLARES, *ASSIGNS} and value is not None and value.type in LITERALS:
                told.update(name for name, _ in bound_by(node))
    return frozenset(told | {name for name, times in count.items() if times > 1})


def changed_inside(node: Node) -> frozenset[str]:
    """Names of which a statement changes an element or a member, and that it gives no other value."""
    part: set[str] = set()
    whole: set[str] = set()
    for one in within(node):
        field = ASSIGNS.get(one.type)
        target = one.child_by_field_name(field) if field else next(iter(one.named_children), None)
        for inner in (
            target.named_children if target is not None and target.type == "expression_list" else [target]
        ):
            if one.type in ASSIGNS and inner is not None:
                names = {name.partition(".")[0] for name in looked_at(inner)}
                (part if inner.type in _ELEMENTS or inner.type in MEMBERS else whole).update(names)
        if one.type in DECLARES:
            whole.update(name for name, _ in bound_by(one))
    return frozenset(part - whole)


def bound_again(nodes: Sequence[Node], parameters: Sequence[str]) -> frozenset[str]:
    """Names that get a value more than once, a parameter's first one from the caller."""
    count = Counter(parameters)
    count.update(name for root in nodes for node in within(root, closures=True) for name, _ in bound_by(node))
    return frozenset(name for name, times in count.items() if times > 1)


def kept_names(nodes: Sequence[Node]) -> frozenset[str]:
    """Names that may hold a value from before: bound without being declared, or read above their declaration."""
    declared: dict[str, int] = {}
    found: set[str] = set()
    for root in nodes:
        for node in within(root, closures=True):
            for name, declares in bound_by(node):
                if declares and name not in declared:
                    declared[name] = line_of(node)
                else:
                    found.add(name)
    for root in nodes:
        for node in within(root, closures=True):
            read = (chain(node) or "").partition(".")[0]
            if line_of(node) < declared.get(read, 0):
                found.add(read)
    return frozenset(found)


def loose_names(nodes: Sequence[Node], parameters: Sequence[str]) -> frozenset[str]:
    """Names whose value cannot be followed: declared twice, bound in a closure, or by something else than a statement."""
    declared = Counter(parameters)
    found: set[str] = set()
    for root in nodes:
        for node in within(root, closures=True):
            for name, declares in bound_by(node):
                declared[name] += declares
                if node.type in LOOSELY_BINDS or node.type == "pointer_expression":
                    found.add(name)
            if node.type in CLOSURES:
                found.update(name for part in within(node, closures=True) for name, _ in bound_by(part))
    return frozenset(found | {name for name, times in declared.items() if times > 1})
