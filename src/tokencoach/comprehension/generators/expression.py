"""G13: an edge value goes into an expression; what comes out?"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tokencoach.comprehension.generators.base import MOST_ANSWER, question_id, shuffled
from tokencoach.comprehension.generators.flows import short
from tokencoach.comprehension.languages.python_names import dotted, own_nodes
from tokencoach.comprehension.languages.python_values import UnknownValueError, value_of
from tokencoach.comprehension.question import AnswerKey, CheckedBy, Form, Kind, Part, Prepared, Question

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tokencoach.comprehension.change import ChangedFunction
    from tokencoach.comprehension.generators.base import Context, Source

_MOST: Final = 2
_TEXTS: Final = ("", "a", "a.b.c", "a/b/", " A b ", "x=1=2", "a,b,,c", "-", "Ab\n")
_NUMBERS: Final = (0, 1, -1, 7, 10)
_LONGEST_MARK: Final = 8
_TEXT_WORDS: Final = frozenset(
    {"strip", "lstrip", "rstrip", "split", "rsplit", "splitlines", "partition", "rpartition", "lower", "upper", "title",
     "capitalize", "replace", "startswith", "endswith", "removeprefix", "removesuffix", "casefold"}
)  # fmt: skip
_HARMLESS: Final = frozenset({"lower", "upper", "casefold", "title", "capitalize", "startswith", "endswith"})


class _Case(NamedTuple):
    node: ast.expr
    name: str
    given: Any
    result: str
    is_raised: bool


def questions(function: ChangedFunction, source: Source, context: Context) -> Iterator[Prepared]:
    """At most two questions about different expressions, each with another value for the retry."""
    del context
    node = source.node(function)
    if node is None or source.is_old_python:
        return
    found: dict[str, list[_Case]] = {}
    for part in own_nodes(node):
        if isinstance(part, ast.expr) and part.lineno in function.changed and _is_worth(part):
            cases = _cases(part, function)
            text = ast.unparse(part)
            if cases and text not in found and len(text) <= MOST_ANSWER:
                found[text] = cases
    outermost = [text for text in found if not any(text != other and text in other for other in found)]
    for text in sorted(outermost, key=lambda text: (found[text][0].node.lineno, text))[:_MOST]:
        first, *others = found[text]
        yield _asked(function, first, _asked(function, others[0], None) if others else None)


def _is_worth(node: ast.expr) -> bool:
    """Whether there is more to an expression than a name, a comparison or a plain call."""
    operations = [
        part for part in ast.walk(node) if isinstance(part, ast.Call | ast.Subscript | ast.BinOp | ast.BoolOp)
    ]
    if isinstance(node, ast.BoolOp):
        return isinstance(node.op, ast.Or) and isinstance(node.values[-1], ast.Constant)
    if isinstance(node, ast.Compare | ast.Constant | ast.JoinedStr | ast.UnaryOp) or not operations:
        return False
    if isinstance(node, ast.Call):
        method = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        return method in _TEXT_WORDS - _HARMLESS and (len(operations) > 1 or bool(node.args))
    # What an empty list does is asked about as a failure, where it can be said how it comes to be empty.
    if isinstance(node, ast.Subscript) and not isinstance(node.slice, ast.Slice) and len(operations) == 1:
        return False
    if (
        isinstance(node, ast.BinOp)
        and isinstance(node.op, ast.Add | ast.Sub | ast.Mult)
        and len(operations) == 1
    ):
        return False
    return isinstance(node, ast.Subscript | ast.BinOp) and isinstance(
        getattr(node, "ctx", ast.Load()), ast.Load
    )


def _cases(node: ast.expr, function: ChangedFunction) -> list[_Case]:
    """Values to put in whose results differ, the surprising ones first."""
    names = {name for part in ast.walk(node) if (name := dotted(part)) is not None and not _is_function(name)}
    free = sorted(name for name in names if not any(other.startswith(f"{name}.") for other in names))
    if isinstance(node, ast.Call) or any(isinstance(part, ast.Call) for part in ast.walk(node)):
        free = sorted(set(_operands(node)))
    if len(free) != 1:
        return []
    name = free[0]
    found: dict[str, _Case] = {}
    for given in shuffled(_candidates(node, name), function, ast.unparse(node)):
        case = _tried(node, name, given)
        if case is not None and (case.result not in found) and case.result != repr(given):
            found[case.result] = case
    if len(found) < 2:
        return []
    return sorted(found.values(), key=lambda case: not case.is_raised)


def _tried(node: ast.expr, name: str, given: Any) -> _Case | None:
    try:
        result = repr(value_of(node, {name: given}))
    except UnknownValueError:
        return None
    except (IndexError, ValueError, ZeroDivisionError) as error:
        return _Case(node, name, given, type(error).__name__, is_raised=True)
    except Exception:  # noqa: BLE001 - a value of the wrong kind is no question
        return None
    return _Case(node, name, given, result, is_raised=False) if len(result) <= MOST_ANSWER else None


def _is_function(name: str) -> bool:
    return name in {
        "len",
        "sorted",
        "min",
        "max",
        "sum",
        "abs",
        "bool",
        "str",
        "int",
        "list",
        "tuple",
        "round",
        "any",
        "all",
    }


def _operands(node: ast.AST) -> Iterator[str]:
    """Names whose values go into an expression; methods and functions are none."""
    if isinstance(node, ast.Call):
        if isinstance(node.func, ast.Attribute):
            yield from _operands(node.func.value)
        for part in (*node.args, *node.keywords):
            yield from _operands(part)
        return
    name = dotted(node)
    if name is not None:
        yield name
        return
    for child in ast.iter_child_nodes(node):
        yield from _operands(child)


def _candidates(node: ast.expr, name: str) -> list[Any]:
    """Values of the kind that the expression uses the name as; none where that is not plain."""
    kinds: set[str] = set()
    for part in ast.walk(node):
        if (
            isinstance(part, ast.Call)
            and isinstance(part.func, ast.Attribute)
            and dotted(part.func.value) == name
        ):
            kinds.add("text" if part.func.attr in _TEXT_WORDS else "other")
        elif isinstance(part, ast.Subscript) and dotted(part.value) == name:
            kinds.add("list")
        elif isinstance(part, ast.BinOp) and name in {dotted(part.left), dotted(part.right)}:
            other = part.right if dotted(part.left) == name else part.left
            is_number = isinstance(other, ast.Constant) and isinstance(other.value, int | float)
            kinds.add("number" if is_number else "other")
        elif isinstance(part, ast.BoolOp) and dotted(part.values[0]) == name:
            kinds.add(_kind_of_default(part.values[-1]))
    if len(kinds) != 1:
        return []
    separators = [
        part.value
        for part in ast.walk(node)
        if isinstance(part, ast.Constant)
        and isinstance(part.value, str)
        and 0 < len(part.value) <= _LONGEST_MARK
    ]
    marked = [text for one in separators for text in (f"a{one}b{one}c", f"{one}a", f"a{one}")]
    by_kind: dict[str, list[Any]] = {
        "text": ["", "abc", *marked] if marked else list(_TEXTS),
        "number": list(_NUMBERS),
    }
    return by_kind.get(kinds.pop(), [])


def _kind_of_default(node: ast.expr) -> str:
    value = node.value if isinstance(node, ast.Constant) else None
    if isinstance(value, bool) or value is None:
        return "other"
    return (
        "number"
        if isinstance(value, int | float)
        else "text"
        if isinstance(value, str) and value
        else "other"
    )


def _asked(function: ChangedFunction, case: _Case, retry: Prepared | None) -> Prepared:
    text = ast.unparse(case.node)
    ask = (
        "What is its value? If it raises, type the exception's name."
        if not isinstance(case.node, ast.BoolOp)
        else "What is its value?"
    )
    prompt = f"Line {case.node.lineno} of {short(function)} holds\n  {text}\nSuppose `{case.name}` is {case.given!r}. {ask}"
    return Prepared(
        Question(
            id=question_id(function, Kind.EXPRESSION, f"{text}:{case.given!r}"),
            kind=Kind.EXPRESSION,
            part=Part.EDGES,
            path=function.path,
            qualname=function.qualname,
            line=case.node.lineno,
            prompt=prompt,
            form=Form.TYPED,
            lines=(case.node.lineno,),
            seconds=20,
        ),
        AnswerKey(
            expected=(case.result,),
            checked_by=CheckedBy.EXECUTED,
            evidence="worked out with Python's own types",
            matcher="exception" if case.is_raised else "literal",
            trace=(
                f"{text} with {case.name} = {case.given!r} {'raises' if case.is_raised else 'is'} {case.result}",
            ),
        ),
        retry,
    )
