"""What becomes of a call's result, in the languages that tree-sitter reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tokencoach.comprehension.languages.syntax import function_node, plain_name
from tokencoach.comprehension.languages.syntax_ends import callee
from tokencoach.comprehension.languages.syntax_names import within
from tokencoach.comprehension.languages.syntax_tables import (
    ASSIGNS,
    CALLS,
    DECLARES,
    IFS,
    LOOPS,
    MEMBERS,
    RETURNS,
)

if TYPE_CHECKING:
    from tree_sitter import Node

_WRAPS: Final = frozenset({"parenthesized_expression", "await_expression", "expression_list"})
_LOGIC: Final = _WRAPS | {
    "binary_expression", "unary_expression", "not_operator", "binary", "unary", "condition_clause",
}  # fmt: skip
_ARGUMENTS: Final = frozenset({"arguments", "argument_list"})
_ELEMENTS: Final = MEMBERS | {"subscript_expression", "index_expression", "element_reference", "array_access"}
_OWNERS: Final = ("object", "operand", "value", "argument", "receiver", "array")


def use_of(text: str, language: str, caller: str, name: str) -> str:
    """The name of a ``ResultUse``; empty where a function calls more than once by the name, or it is unclear."""
    node = function_node(text, language, caller)
    found = [
        part
        for part in (within(node) if node is not None else ())
        if part.type in CALLS and plain_name(callee(part), part) == name
    ]
    # What stands last in Ruby, and without a semicolon in Rust, may be what is returned.
    return _of(found[0]) if len(found) == 1 and language != "ruby" else ""


def _of(call: Node) -> str:  # noqa: PLR0911 - one case each
    node = call
    while node.parent is not None and node.parent.type in _WRAPS and node.parent.named_child_count == 1:
        node = node.parent
    above = node.parent
    if above is None:
        return ""
    if above.type == "expression_statement":
        return "DROPPED" if above.children and above.children[-1].type != "macro_invocation" else ""
    if above.type in RETURNS:
        return "RETURNED"
    if above.type in _ARGUMENTS:
        return "PASSED"
    if above.type in {*DECLARES, *ASSIGNS}:
        given = above.child_by_field_name("value") or above.child_by_field_name("right")
        return "KEPT" if given == node else ""
    if above.type in _ELEMENTS or above.type in CALLS:
        return "PART" if any(above.child_by_field_name(field) == node for field in _OWNERS) else ""
    if above.type in LOOPS or above.type == "range_clause":
        over = above.child_by_field_name("right") or above.child_by_field_name("value")
        if over == node:
            return "LOOPED"
    return "TESTED" if _is_tested(node) else ""


def _is_tested(node: Node) -> bool:
    while node.parent is not None and node.parent.type in _LOGIC:
        node = node.parent
    above = node.parent
    return above is not None and above.type in IFS | LOOPS and above.child_by_field_name("condition") == node
