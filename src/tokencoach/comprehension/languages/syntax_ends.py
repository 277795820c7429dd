"""Statements behind which nothing may run, in a tree of tree-sitter's."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from tokencoach.comprehension.languages import syntax_tables as table
from tokencoach.comprehension.languages.grammars import text_of_node
from tokencoach.comprehension.languages.python_flow import RAISING
from tokencoach.comprehension.languages.syntax_names import within

if TYPE_CHECKING:
    from tree_sitter import Node as TreeNode

JUMPS: Final = table.RETURNS | table.THROWS | table.BREAKS | table.CONTINUES | table.ALWAYS_LEAVES
_LOUD: Final = re.compile(r"[A-Z][A-Z0-9_]{2,}$")


def unwrapped(node: TreeNode) -> TreeNode:
    """The statement inside of what only wraps one."""
    while node.type in {"expression_statement", "parenthesized_statements"} and len(node.named_children) == 1:
        node = node.named_children[0]
    return node


def jumps(node: TreeNode) -> bool:
    """Whether a statement may leave the block around it."""
    return any(part.type in JUMPS or ends(part) for part in within(node))


def callee(node: TreeNode) -> str:
    """What a call calls, as it is written; empty where it is no plain call."""
    found = next(
        (
            inner
            for field in ("function", "name", "method", "macro")
            if (inner := node.child_by_field_name(field)) is not None
        ),
        None,
    )
    return text_of_node(found) if found is not None else ""


def ends(node: TreeNode) -> bool:
    """Whether the statement calls something behind which nothing may run, or a macro that may hide anything."""
    inner = unwrapped(node)
    if inner.type not in table.CALLS:
        return False
    name = callee(inner).replace("::", ".").rpartition(".")[2].rstrip("!")
    return name in table.ENDS or bool(_LOUD.match(name) or RAISING.match(name))


def is_raise(node: TreeNode, language: str) -> bool:
    """Whether Ruby's statement raises, which is no word of the language but a call."""
    if language == "ruby":
        return text_of_node(node) == "raise" or (node.type == "call" and callee(node) == "raise")
    return False
