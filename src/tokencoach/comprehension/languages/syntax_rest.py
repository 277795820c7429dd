"""What follows from a line of a function on, in a tree of tree-sitter's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tokencoach.comprehension.languages import syntax_tables as table
from tokencoach.comprehension.languages.grammars import last_of, line_of

if TYPE_CHECKING:
    from tree_sitter import Node

Rest = tuple[list["Node"], "Node | None"]


def rest_of(block: Node, line: int, *, nests: bool = True) -> Rest | None:
    """The statements from a line on, those behind the branches around it included, and the loop they end with.

    None where no statement begins there, or it stands in what is not followed; ``nests`` is off where
    a branch may be what the function returns, so that only rows of their own are looked into.
    """
    rows = block.named_children if block.type in table.BLOCKS else [block]
    for place, node in enumerate(rows):
        if node.type in table.COMMENTS or not line_of(node) <= line <= last_of(node):
            continue
        inner = _unwrapped(node)
        if inner.type == "statement_list":
            return rest_of(inner, line, nests=nests)
        if line_of(node) == line and inner.type not in table.BLOCKS:
            return list(rows[place:]), None
        if inner.type in table.IFS and nests:
            found = _in_branches(inner, line)
            if found is None or found[1] is not None:
                return found
            return [*found[0], *rows[place + 1 :]], None
        body = inner.child_by_field_name("body") if inner.type in table.LOOPS else None
        found = rest_of(body, line, nests=nests) if body is not None else None
        return None if found is None else (found[0], found[1] or inner)
    return None


def _in_branches(node: Node, line: int) -> Rest | None:
    for field in ("consequence", "alternative"):
        branch = node.child_by_field_name(field)
        if branch is not None and line_of(branch) <= line <= last_of(branch):
            return rest_of(branch, line)
    return None


def _unwrapped(node: Node) -> Node:
    while node.type == "expression_statement" and len(node.named_children) == 1:
        node = node.named_children[0]
    return node
