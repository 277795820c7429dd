"""What is thrown and caught, in a tree of tree-sitter's."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from tokencoach.comprehension.languages.grammars import text_of_node
from tokencoach.comprehension.languages.syntax_names import within

if TYPE_CHECKING:
    from tree_sitter import Node as TreeNode

_FIRST_NAME: Final = re.compile(r"[A-Za-z_][\w:.]*")


def thrown_value(node: TreeNode) -> str:
    """What is thrown, as it is written."""
    return " ".join(text_of_node(child) for child in node.named_children)


def thrown_name(node: TreeNode) -> str:
    """Type of what is thrown; empty where it is not written."""
    found = _FIRST_NAME.findall(thrown_value(node).removeprefix("raise ").removeprefix("new "))
    names = [name for name in found if name.rpartition(".")[2].rpartition("::")[2][:1].isupper()]
    return names[0] if names else ""


def caught_names(clause: TreeNode) -> tuple[str, ...]:
    """Types that a handler is for; none for every one."""
    given = clause.child_by_field_name("parameters")
    if given is not None:
        # C++ names one type, or with three dots every one.
        types = [
            kind for one in given.named_children if (kind := one.child_by_field_name("type")) is not None
        ]
        return tuple(map(text_of_node, types))
    kinds = [part for part in within(clause) if part.type == "catch_type"]
    return tuple(text_of_node(one) for kind in kinds for one in kind.named_children)


def caught_as(clause: TreeNode) -> str:
    """The name that a handler gives to what it caught; empty where it gives none."""
    for part in within(clause):
        if part.type in {"catch_formal_parameter", "exception_variable"}:
            return text_of_node(part.named_children[-1])
    found = clause.child_by_field_name("parameter")
    return text_of_node(found) if found is not None else ""
