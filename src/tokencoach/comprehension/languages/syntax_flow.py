"""A function of tree-sitter's as ``Flow``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tokencoach.comprehension.flow import (
    Atom,
    Block,
    Both,
    Choice,
    Condition,
    Either,
    Fixed,
    Flow,
    Handler,
    How,
    If,
    Leave,
    Loop,
    Node,
    Not,
    Opaque,
    Plain,
    Scope,
    Try,
)
from tokencoach.comprehension.languages import syntax_tables as table
from tokencoach.comprehension.languages.grammars import last_of, line_of, text_of_node
from tokencoach.comprehension.languages.syntax_cases import CHOICES, Case, case_atom, cases_of, subject_of
from tokencoach.comprehension.languages.syntax_ends import JUMPS, ends, is_raise, jumps, unwrapped
from tokencoach.comprehension.languages.syntax_names import (
    atom,
    bound_again,
    bound_by,
    changed_inside,
    kept_names,
    looked_at,
    loose_names,
    unstable_names,
    within,
)
from tokencoach.comprehension.languages.syntax_rest import rest_of
from tokencoach.comprehension.languages.syntax_throws import (
    caught_as,
    caught_names,
    thrown_name,
    thrown_value,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tree_sitter import Node as TreeNode

_AND: Final = frozenset({"&&", "and"})
_OR: Final = frozenset({"||", "or"})
_NOT: Final = frozenset({"!", "not"})
_WRAPPED: Final = frozenset({"parenthesized_expression", "parenthesized_statements"})
_TRUE: Final = frozenset({"true", "1", "True", ";"})
_FALSE: Final = frozenset({"false", "0"})
_TAILS: Final = frozenset({"rust", "ruby"})


class FlowBuilder:
    """Makes the flow of one function."""

    def __init__(self, language: str, *, is_lazy: bool = False) -> None:
        self._language = language
        self._is_lazy = is_lazy
        self._again: frozenset[str] = frozenset()

    def flow(self, function: TreeNode) -> Flow | None:
        """The flow; None for a function that is only an expression."""
        body = function.child_by_field_name("body")
        if body is None or (body.type not in table.BLOCKS and self._language != "ruby"):
            return None
        parameters = self._parameters(function)
        self._again = bound_again([body], parameters)
        block = self._block(body)
        if self._language in _TAILS:
            block = self._tailed(block, body)
        loops = [node for node in within(body) if node.type in table.LOOPS]
        return Flow(
            first=line_of(function),
            body_line=block[0].line if block else line_of(body),
            last=last_of(function),
            body=block,
            parameters=parameters,
            unstable=unstable_names([body], parameters),
            loose=loose_names([body], parameters),
            is_lazy=self._is_lazy,
            turns=tuple(turn for loop in loops if (turn := self._turn(loop)) is not None),
        )

    def _turn(self, loop: TreeNode) -> Flow | None:
        body = loop.child_by_field_name("body")
        if body is None:
            return None
        block = self._block(body)
        return Flow(
            first=line_of(loop),
            body_line=block[0].line if block else line_of(body),
            last=last_of(body),
            body=block,
            unstable=unstable_names([body], ()) | kept_names([body]),
            loose=loose_names([body], ()),
            turn_of=line_of(loop),
        )

    def part(self, function: TreeNode, line: int) -> Flow | None:
        """What runs from a line on, to the function's end or to that of a turn of the loop around it."""
        body = function.child_by_field_name("body")
        found = rest_of(body, line, nests=self._language not in _TAILS) if body is not None else None
        if found is None or body is None:
            return None
        rest, loop = found
        self._again = bound_again([body], self._parameters(function))
        block = self._row(rest)
        if self._language in _TAILS and loop is None:
            block = self._tailed(block, body)
        return Flow(
            first=line_of(function),
            body_line=line,
            last=last_of(loop if loop is not None else function),
            body=block,
            unstable=unstable_names(rest, ()) | kept_names(rest),
            loose=loose_names(rest, ()),
            turn_of=line_of(loop) if loop is not None else 0,
            start=line,
        )

    def _parameters(self, function: TreeNode) -> tuple[str, ...]:
        given = function.child_by_field_name("parameters")
        declarator = function.child_by_field_name("declarator")
        while given is None and declarator is not None:
            given = declarator.child_by_field_name("parameters")
            declarator = declarator.child_by_field_name("declarator")
        if given is None:
            return ()
        names = []
        for one in given.named_children:
            inside = [text_of_node(part) for part in within(one) if part.type == "identifier"]
            types = one.child_by_field_name("type")
            own = {text_of_node(part) for part in within(types)} if types is not None else set()
            names += [name for name in inside if name not in own][:1]
        return tuple(names)

    def _block(self, node: TreeNode | None) -> Block:
        """Statements of a block, or the one statement that stands in its place."""
        if node is None:
            return ()
        if node.type not in table.BLOCKS:
            return self._row([node])
        if any(child.type in {"rescue", "ensure"} for child in node.named_children):
            return (self._rescued(node),)
        return self._row(node.named_children)

    def _row(self, nodes: Iterable[TreeNode]) -> Block:
        found: list[Node] = []
        above: TreeNode | None = None
        for node in nodes:
            if node.type in table.COMMENTS or node.type in {"empty_statement", ";"} or _only_declares(node):
                continue
            if node.type in {
                "statement_list",
                "statement_block",
                "block",
                "compound_statement",
                "unsafe_block",
            }:
                # A block of its own has names of its own, and else changes nothing.
                found += self._block(node)
            else:
                found.append(self._node(node, above))
            above = node
        return tuple(found)

    def _node(self, node: TreeNode, above: TreeNode | None) -> Node:  # noqa: C901, PLR0911 - one case each
        inner = unwrapped(node)
        kind = inner.type
        if kind in table.IFS:
            return self._if(inner, above)
        if kind in table.LOOPS:
            return self._loop(inner)
        if kind in table.RETURNS:
            value = " ".join(text_of_node(child) for child in inner.named_children)
            return Leave(How.RETURN, line_of(node), last_of(node), value, uses=_uses(inner))
        if kind in table.THROWS or is_raise(inner, self._language):
            return Leave(
                How.RAISE, line_of(node), last_of(node), thrown_value(inner), thrown_name(inner), _uses(inner)
            )
        if kind in table.BREAKS | table.CONTINUES:
            if inner.named_children and self._language != "ruby":
                return Opaque(line_of(node), last_of(node), leaves=True)
            how = How.BREAK if kind in table.BREAKS else How.CONTINUE
            return Leave(how, line_of(node), last_of(node))
        if kind in table.TRIES:
            return self._try(inner)
        if kind == "begin":
            return self._rescued(inner)
        if kind in table.SCOPES:
            return Scope(
                line_of(node), text_of_node(inner)[:40], self._block(inner.child_by_field_name("body"))
            )
        if kind in CHOICES and (choice := self._choice(inner)) is not None:
            return choice
        if kind in table.OPAQUE:
            return Opaque(line_of(node), last_of(node), leaves=jumps(inner))
        return self._plain(node)

    def _plain(self, node: TreeNode) -> Node:
        """A statement that passes, unless it may leave in a way that is not seen."""
        if ends(node) or self._leaves_by_block(node):
            return Opaque(line_of(node), last_of(node), leaves=True)
        if self._language == "rust" and any(
            part.type in JUMPS or part.type == "match_expression" for part in within(node)
        ):
            return Opaque(line_of(node), last_of(node), leaves=jumps(node))
        bound = {name for part in within(node) for name, _ in bound_by(part) if "." not in name}
        # Of what gets a new element or member the value is still the one from before.
        whole = bound - changed_inside(node)
        return Plain(line_of(node), last_of(node), tuple(sorted(whole)), _uses(node))

    def _leaves_by_block(self, node: TreeNode) -> bool:
        """Whether a block of Ruby's inside the statement returns from the method around it."""
        return self._language == "ruby" and (
            any(part.type in table.RETURNS | table.BREAKS for part in within(node))
            or any(is_raise(part, "ruby") for part in within(node))
        )

    def _if(self, node: TreeNode, above: TreeNode | None) -> Node:
        condition = node.child_by_field_name("condition")
        # A name that gets one value only means the same wherever it is looked at.
        fresh = _assigned_above(above) & self._again if self._language != "ruby" else frozenset()
        start = node.child_by_field_name("initializer")
        if start is not None:
            fresh = frozenset(name for part in within(start) for name, _ in bound_by(part))
        if condition is None:
            return Opaque(line_of(node), last_of(node), leaves=True)
        found = self._condition(condition, fresh)
        if node.type in {"unless", "unless_modifier"}:
            found = Not(found)
        if node.type in {"if_modifier", "unless_modifier"}:
            return If(line_of(node), found, self._block(node.child_by_field_name("body")), ())
        then = self._block(node.child_by_field_name("consequence"))
        return If(line_of(node), found, then, self._block(node.child_by_field_name("alternative")))

    def _choice(self, node: TreeNode, *, is_tail: bool = False) -> Node | None:
        """A choice between cases of which one alone is taken; None where that is not so, or not told."""
        cases, subject = cases_of(node), subject_of(node)
        if cases is None or subject is None or any(not case.patterns for case in cases[:-1]):
            return None
        found = [(case_atom(subject, case, cases), self._case_body(case, is_tail=is_tail)) for case in cases]
        # Rust takes care that one case fits.
        if cases[-1].patterns and self._language != "rust":
            found.append((case_atom(subject, Case(line_of(node), (), []), cases), ()))
        return Choice(line_of(node), tuple(found))

    def _case_body(self, case: Case, *, is_tail: bool) -> Block:
        if len(case.body) == 1 and case.body[0].type in table.BLOCKS:
            block = self._block(case.body[0])
            return self._tailed(block, case.body[0]) if is_tail else block
        block = self._row(case.body)
        end = block[-1] if block and is_tail else None
        if end is None or isinstance(end, Leave):
            return block
        if isinstance(end, Plain):
            value = text_of_node(case.body[-1])
            return (*block[:-1], Leave(How.RETURN, end.line, end.last, value, uses=end.uses))
        return (*block, Opaque(end.line, end.line, leaves=True))

    def _loop(self, node: TreeNode) -> Node:
        body = self._block(node.child_by_field_name("body"))
        over = node.child_by_field_name("right") or node.child_by_field_name("value")
        inner = next(iter(node.named_children), None)
        if over is None and inner is not None and inner.type == "range_clause":
            over = inner.child_by_field_name("right")
        is_each = node.type in {
            "for_in_statement",
            "for_expression",
            "enhanced_for_statement",
            "for_range_loop",
            "for_statement",
        }
        if over is not None and is_each:
            return Loop(line_of(node), atom(over), None, body)
        condition = node.child_by_field_name("condition")
        endless = node.type == "loop_expression" or (condition is None and node.type == "for_statement")
        return Loop(
            line_of(node),
            None,
            Fixed(value=True) if endless or condition is None else self._condition(condition),
            body,
        )

    def _try(self, node: TreeNode) -> Node:
        handlers: list[Handler] = []
        final: Block = ()
        for child in node.named_children:
            if child.type == "catch_clause":
                handlers.append(self._handler(child, caught_names(child)))
            elif child.type == "finally_clause":
                inner = child.child_by_field_name("body") or next(iter(child.named_children), None)
                final = self._block(inner)
        body = self._block(node.child_by_field_name("body"))
        return Try(line_of(node), body, tuple(handlers), (), final)

    def _handler(self, clause: TreeNode, names: tuple[str, ...]) -> Handler:
        return Handler(
            line_of(clause), names, caught_as(clause), self._block(clause.child_by_field_name("body"))
        )

    def _rescued(self, node: TreeNode) -> Node:
        """Ruby's ``begin``, or a method's body with ``rescue`` in it."""
        plain: list[TreeNode] = []
        handlers: list[Handler] = []
        other: Block = ()
        final: Block = ()
        for child in node.named_children:
            if child.type == "rescue":
                kinds = child.child_by_field_name("exceptions")
                named = tuple(map(text_of_node, kinds.named_children)) if kinds is not None else ()
                handlers.append(self._handler(child, named or ("StandardError",)))
            elif child.type == "ensure":
                final = self._row(child.named_children)
            elif child.type == "else":
                other = self._block(child)
            else:
                plain.append(child)
        body = self._row(plain)
        if not handlers and not final:
            return Scope(line_of(node), "begin", body)
        return Try(line_of(node), body, tuple(handlers), other, final)

    def _condition(self, node: TreeNode, fresh: frozenset[str] = frozenset()) -> Condition:  # noqa: PLR0911 - one case each
        if node.type in _WRAPPED and len(node.named_children) == 1:
            return self._condition(node.named_children[0], fresh)
        if node.type == "condition_clause":
            value = node.child_by_field_name("value")
            return self._condition(value, fresh) if value is not None else _unknown(node)
        operator = _operator(node)
        parts = [child for child in node.named_children if child.type not in table.COMMENTS]
        if operator in _AND and len(parts) == 2:
            return Both(tuple(self._condition(part, fresh) for part in parts))
        if operator in _OR and len(parts) == 2:
            return Either(tuple(self._condition(part, fresh) for part in parts))
        if operator in _NOT and len(parts) == 1:
            return Not(self._condition(parts[0], fresh))
        if node.type == "let_chain":
            return Both(tuple(self._condition(part, fresh) for part in parts))
        text = text_of_node(node)
        if text in _TRUE or text in _FALSE:
            return Fixed(text in _TRUE)
        return atom(node, fresh=fresh)

    def _tailed(self, block: Block, body: TreeNode) -> Block:  # noqa: PLR0911 - one case each
        """The block whose last expression is what it returns."""
        if not block:
            return block
        *head, end = block
        last = next(
            (child for child in reversed(body.named_children) if child.type not in table.COMMENTS), None
        )
        if last is None or (self._language == "rust" and _ends_with_semicolon(last)):
            return block
        inner = unwrapped(last)
        if isinstance(end, If):
            return (*head, self._tailed_if(end, inner))
        if isinstance(end, Choice):
            choice = self._choice(inner, is_tail=True)
            return block if choice is None else (*head, choice)
        if isinstance(end, Plain):
            value = text_of_node(last)
            if self._language == "rust" and last.type in {
                "let_declaration",
                "function_item",
                "macro_definition",
            }:
                return block
            return (*head, Leave(How.RETURN, end.line, end.last, value, uses=end.uses))
        if isinstance(end, Leave):
            return block
        opaque = Opaque(end.line, last_of(last), leaves=True)
        # Its handlers can be asked about; what it returns at its end cannot.
        return (*head, end, opaque) if isinstance(end, Try) else (*head, opaque)

    def _tailed_if(self, node: If, tree: TreeNode) -> Node:
        then, other = tree.child_by_field_name("consequence"), tree.child_by_field_name("alternative")
        if tree.type in {"if_modifier", "unless_modifier"}:
            then = tree.child_by_field_name("body")
        new_then = self._tailed(node.then, _holder(then)) if then is not None else node.then
        new_other = node.otherwise
        if other is not None and node.otherwise:
            holder = _holder(other)
            inner = next((one for one in (holder, *holder.named_children) if one.type in table.IFS), None)
            first = node.otherwise[0]
            if inner is not None and len(node.otherwise) == 1 and isinstance(first, If):
                new_other = (self._tailed_if(first, inner),)
            else:
                new_other = self._tailed(node.otherwise, holder)
        return If(node.line, node.condition, new_then, new_other)


def _only_declares(node: TreeNode) -> bool:
    """Whether a statement names variables and does nothing: no step of a debugger stops there."""
    return node.type in table.DECLARATIONS and not any(
        part.type in table.CALLS or any(True for _ in bound_by(part)) for part in within(node)
    )


def _holder(node: TreeNode) -> TreeNode:
    """The block itself, where an ``else`` only wraps one."""
    blocks = [child for child in node.named_children if child.type == "block"]
    return blocks[0] if node.type == "else_clause" and len(blocks) == 1 else node


def _operator(node: TreeNode) -> str:
    found = node.child_by_field_name("operator")
    if found is not None:
        return text_of_node(found)
    # Rust's ``!`` has no field.
    return "!" if node.type == "unary_expression" and (node.text or b"").startswith(b"!") else ""


def _unknown(node: TreeNode) -> Atom:
    return Atom(text_of_node(node), line_of(node), frozenset())


def _uses(node: TreeNode) -> frozenset[str]:
    return frozenset(name.partition(".")[0] for name in looked_at(node))


def _assigned_above(node: TreeNode | None) -> frozenset[str]:
    """Names that the statement above binds, if it does nothing but that."""
    if node is None or node.type in table.IFS | table.LOOPS | table.TRIES | table.OPAQUE:
        return frozenset()
    return frozenset(name for part in within(node) for name, _ in bound_by(part) if "." not in name)


def _ends_with_semicolon(node: TreeNode) -> bool:
    return bool(node.children) and node.children[-1].type == ";"
