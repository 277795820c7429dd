"""The cases of a ``switch``, ``match`` or ``case``, in a tree of tree-sitter's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.comprehension.flow import Atom
from tokencoach.comprehension.languages import syntax_tables as table
from tokencoach.comprehension.languages.grammars import line_of, text_of_node
from tokencoach.comprehension.languages.syntax_names import looked_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

CHOICES: Final = frozenset(
    {"switch_statement", "switch_expression", "expression_switch_statement", "type_switch_statement",
     "match_expression", "case"}
)  # fmt: skip
_CASES: Final = frozenset(
    {"expression_case", "type_case", "switch_case", "case_statement", "switch_block_statement_group", "switch_rule",
     "match_arm", "when"}
)  # fmt: skip
_DEFAULTS: Final = frozenset({"default_case", "switch_default", "else"})
_LABELS: Final = frozenset({"switch_label"})
_FALLS: Final = frozenset({"switch_case", "switch_default", "case_statement", "switch_block_statement_group"})
_LEAVES: Final = table.RETURNS | table.THROWS | table.CONTINUES
_JUMPS_OUT: Final = frozenset(
    {"fallthrough_statement", "goto_statement", "yield_statement", "labeled_statement"}
)
_OWN_BREAKS: Final = table.LOOPS | CHOICES


class Case(NamedTuple):
    """One case: where it stands, what it is for as written (nothing for the rest), and its statements."""

    line: int
    patterns: tuple[str, ...]
    body: list[Node]


def subject_of(node: Node) -> Node | None:
    """What the cases are compared with; None where each case is a condition of its own."""
    found = node.child_by_field_name("value") or node.child_by_field_name("condition")
    while found is not None and found.type == "parenthesized_expression" and found.named_child_count == 1:
        found = found.named_children[0]
    return found


def cases_of(node: Node) -> list[Case] | None:
    """The cases from the first on; None where control may go from one into another, or leave in a hidden way."""
    found: list[Case] = []
    waiting: tuple[str, ...] = ()
    falls = False
    for one in _arms(node):
        patterns, body = _taken_apart(one)
        if one.type in _FALLS and not body:
            waiting += patterns or ("",)
            continue
        # An empty pattern among others is a default that shares its statements.
        own = (*waiting, *(patterns or ("",)))
        waiting = ()
        if falls or any(_leaves_oddly(part) for part in body[:-1] if part.type not in _LEAVES):
            return None
        if body and one.type in _FALLS:
            ends = body[-1].type in table.BREAKS
            falls = not ends and body[-1].type not in _LEAVES and not _is_closed(body[-1])
            body = body[:-1] if ends else body
        if any(_leaves_oddly(part) for part in body[-1:]):
            return None
        found.append(Case(line_of(one), () if "" in own else own, body))
    return found or None


def _is_closed(node: Node) -> bool:
    """Whether a block of its own ends by leaving."""
    return node.type in table.BLOCKS and bool(node.named_children) and node.named_children[-1].type in _LEAVES


def _arms(node: Node) -> Iterator[Node]:
    body = node.child_by_field_name("body")
    for child in (body if body is not None else node).named_children:
        if child.type in _CASES | _DEFAULTS:
            yield child


def _taken_apart(node: Node) -> tuple[tuple[str, ...], list[Node]]:
    """What a case is for, as written, and its statements."""
    if node.type == "match_arm":
        pattern, value = node.child_by_field_name("pattern"), node.child_by_field_name("value")
        text = text_of_node(pattern) if pattern is not None else ""
        is_rest = text == "_" or (text.isidentifier() and text.islower())
        return (() if is_rest else (text,)), [value] if value is not None else []
    labels = [child for child in node.named_children if child.type in _LABELS]
    if labels:
        texts = [text_of_node(part) for label in labels for part in label.named_children]
        return tuple(texts), [
            child for child in node.named_children if child.type not in _LABELS | table.COMMENTS
        ]
    marks = [
        child
        for place, child in enumerate(node.named_children)
        if node.field_name_for_named_child(place) in {"value", "type", "pattern"}
    ]
    texts = [text_of_node(part) for mark in marks for part in _parts(mark)]
    body = [child for child in node.named_children if child not in marks and child.type not in table.COMMENTS]
    if len(body) == 1 and body[0].type in {"statement_list", "then"}:
        body = [child for child in body[0].named_children if child.type not in table.COMMENTS]
    return tuple(texts), body


def _parts(mark: Node) -> list[Node]:
    return mark.named_children if mark.type == "expression_list" else [mark]


def _leaves_oddly(node: Node) -> bool:
    """Whether a ``break`` of the choice itself stands inside, or something that jumps where nobody looks."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if one.type in table.BREAKS | _JUMPS_OUT:
            return True
        if one.type not in _OWN_BREAKS | table.CLOSURES:
            waiting += one.named_children
    return False


def case_atom(subject: Node, case: Case, cases: list[Case]) -> Atom:
    """That a case is the one taken, as a condition."""
    text, line = text_of_node(subject), line_of(subject)
    patterns = case.patterns or tuple(pattern for one in cases for pattern in one.patterns)
    listed = " | ".join(patterns)
    said = f"{text} is {listed}" if case.patterns else f"{text} is none of {listed}"
    return Atom(said, case.line, frozenset(looked_at(subject)), case_of=f"{text}@{line}")
