"""G5: a line raises; what reaches the caller? The handlers around it decide."""

from __future__ import annotations

import ast
import builtins
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.comprehension.flow import (
    Block,
    Choice,
    Handler,
    How,
    If,
    Leave,
    Loop,
    Node,
    Plain,
    Scope,
    Try,
    atoms,
    blocks,
    every,
)
from tokencoach.comprehension.generators.base import question_id
from tokencoach.comprehension.generators.flows import flow_of, short
from tokencoach.comprehension.generators.thrown import is_nested, leaves_last, thrown
from tokencoach.comprehension.languages.python_failures import NONE, Failure, failures
from tokencoach.comprehension.question import AnswerKey, CheckedBy, Form, Kind, Part, Prepared, Question

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tokencoach.comprehension.change import ChangedFunction
    from tokencoach.comprehension.generators.base import Context, Source

_MOST: Final = 2
_PARENTS: Final = {
    "json.JSONDecodeError": ValueError,
    "subprocess.CalledProcessError": Exception,
}
_NEAR_TO: Final = {
    "": "KeyboardInterrupt", "BaseException": "KeyboardInterrupt", "Exception": "ValueError",
    "OSError": "PermissionError", "IOError": "PermissionError", "FileNotFoundError": "PermissionError",
    "ValueError": "UnicodeDecodeError", "LookupError": "KeyError", "KeyError": "IndexError", "IndexError": "KeyError",
    "ImportError": "ModuleNotFoundError", "TypeError": "ValueError", "AttributeError": "KeyError",
    "ArithmeticError": "ZeroDivisionError", "RuntimeError": "RecursionError", "ConnectionError": "ConnectionResetError",
    "TimeoutError": "ConnectionError", "PermissionError": "FileNotFoundError", "UnicodeDecodeError": "ValueError",
}  # fmt: skip
"""What is caught by a handler that does not name it, or slips past one that seems to be for it."""
_FILES: Final = re.compile(
    r"open\(|\.(?:read|write)\w*\(|mkdir|makedirs|unlink|remove\(|listdir|scandir|copy\w*\(|stat\("
)
_RAISED_BY: Final = {
    "PermissionError": _FILES,
    "FileNotFoundError": _FILES,
    "UnicodeDecodeError": re.compile(r"decode|open\(|read\w*\("),
    "UnicodeEncodeError": re.compile(r"encode|write|print"),
    "ModuleNotFoundError": re.compile(r"import"),
    "KeyboardInterrupt": re.compile(r"\("),
}
_STOPPED: Final = "Ctrl-C is pressed while it runs"


class Outcome(NamedTuple):
    """What leaves the function (``none`` where nothing does), and how that comes."""

    name: str
    because: str
    line: int
    is_handled: bool


class _Case(NamedTuple):
    line: int
    situation: str
    raised: str
    outcome: Outcome
    is_near: bool = False


def questions(function: ChangedFunction, source: Source, context: Context) -> Iterator[Prepared]:
    """At most two questions; those whose exception meets a handler come first."""
    del context
    flow = flow_of(function, source)
    if flow is None or source.language is None:
        return
    made = (
        _cases(function, source, flow.body)
        if source.language == "python"
        else _thrown(flow.body, source.language)
    )
    cases = [case for case in made if _is_near(case, function)]
    best: dict[tuple[str, str], _Case] = {}
    for case in sorted(cases, key=lambda case: (not case.outcome.is_handled, case.line)):
        best.setdefault((case.raised, case.outcome.name), case)
    asked = list(best.values())
    for number, case in enumerate(asked[:_MOST]):
        spare = asked[_MOST + number] if len(asked) > _MOST + number else None
        yield _asked(
            function, source, case, _asked(function, source, spare, None) if spare is not None else None
        )


def _cases(function: ChangedFunction, source: Source, body: Block) -> Iterator[_Case]:
    node = source.node(function)
    if node is None:
        return
    own = _own_names(source)
    for failure in failures(node):
        around = path_to(body, failure.line)
        if _is_looked_at_before(body, failure):
            continue
        # In a generator the exception that ends it is turned into another one.
        if around is None or failure.name == "StopIteration":
            continue
        if failure.name == NONE:
            outcome: Outcome | None = Outcome(
                NONE, "this call does not raise for that", failure.line, is_handled=False
            )
        else:
            outcome = outcome_of(around, failure.name, own)
        if outcome is not None:
            yield _Case(failure.line, failure.situation, failure.name, outcome)
    yield from _stopped(body, own)
    yield from _supposed(body, source, function.changed)


def _thrown(body: Block, language: str) -> Iterator[_Case]:
    """Cases of other languages, where a ``try`` stands alone and its handler has no condition."""
    for one in thrown(body, language):
        if is_nested(body, one.around) or leaves_last(one.around):
            continue
        if one.caught_by is None:
            because = f"no handler of the `try` on line {one.around.line} is for it"
            outcome: Outcome | None = Outcome(one.name, because, one.around.line, is_handled=True)
        else:
            outcome = _after(one.caught_by, one.name)
        if outcome is not None:
            yield _Case(one.line, one.situation, one.name, outcome)


def _is_looked_at_before(body: Block, failure: Failure) -> bool:
    """Whether a condition above the line asks about the very thing that is supposed."""
    root = failure.subject.partition(".")[0]
    return bool(root) and any(
        name.partition(".")[0] == root
        for node in every(body)
        if isinstance(node, If | Loop) and node.line <= failure.line and node.condition is not None
        for atom in atoms(node.condition)
        for name in atom.subjects
    )


def _stopped(body: Block, own: frozenset[str]) -> Iterator[_Case]:
    """An interruption while the first statement of a ``try`` runs that catches everything, or seems to."""
    for node in body:
        if isinstance(node, Try) and node.body and isinstance(node.body[0], Plain):
            broad = any(not handler.names or "Exception" in handler.names for handler in node.handlers)
            around = path_to(body, node.body[0].line)
            if broad and around is not None:
                outcome = outcome_of(around, "KeyboardInterrupt", own)
                if outcome is not None:
                    yield _Case(node.body[0].line, _STOPPED, "KeyboardInterrupt", outcome)


def _supposed(body: Block, source: Source, changed: frozenset[int]) -> Iterator[_Case]:
    """A statement in a changed ``try`` raises something near to what its handlers are for."""
    own = _own_names(source)
    for node in every(body):
        if not isinstance(node, Try) or not node.handlers or changed.isdisjoint(_lines_of(node)):
            continue
        calls = [one for one in node.body if isinstance(one, Plain) and _may_fail(source.line(one.line))]
        for name in {name: None for handler in node.handlers for name in handler.names or ("",)}:
            raised = _NEAR_TO.get(name, name)
            at = _at(raised, calls, source)
            if name == "Exception" and (of_file := _at("PermissionError", calls, source)) is not None:
                raised, at = "PermissionError", of_file
            around = path_to(body, at) if at is not None else None
            if at is None or around is None or raised in own:
                continue
            outcome = outcome_of(around, raised, own)
            if outcome is not None:
                yield _Case(at, f"it raises {raised}", raised, outcome, is_near=True)


def _at(raised: str, calls: Sequence[Plain], source: Source) -> int | None:
    """The last of some statements that may well raise an exception."""
    wanted = _RAISED_BY.get(raised)
    lines = [one.line for one in calls if wanted is None or wanted.search(source.line(one.line))]
    return lines[-1] if lines else None


def _may_fail(code: str) -> bool:
    """Whether a statement calls something of which a failure is worth a thought."""
    return "(" in code and not code.lstrip().startswith(("print(", "log"))


def _lines_of(node: Try) -> range:
    """The head of a ``try``, and all down to the last statement of its handlers."""
    return range(
        node.line, max(one.line for handler in node.handlers for one in (handler, *handler.body)) + 1
    )


@lru_cache(maxsize=32)
def _own_names(source: Source) -> frozenset[str]:
    """Names that the file itself gives a meaning, so that they are not the built-in ones."""
    found: set[str] = set()
    for node in ast.walk(source.tree) if source.tree is not None else ():
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            found.update((alias.asname or alias.name).partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
    return frozenset(found)


def path_to(block: Block, line: int) -> list[tuple[Node, int]] | None:
    """The nodes around the statement at a line, outermost first, each with the place of its inner block."""
    for node in block:
        if isinstance(node, Plain | Leave) and node.line == line:
            return [(node, 0)]
        for place, inner in enumerate(blocks(node)):
            found = path_to(inner, line)
            if found is not None:
                return [(node, place), *found]
    return None


def outcome_of(around: list[tuple[Node, int]], raised: str, own: frozenset[str]) -> Outcome | None:
    """What leaves the function; None where that is not sure.

    Nested handlers, handlers with a condition, a ``finally`` that leaves, contexts that may swallow
    and names that are not built-in are not followed.
    """
    tries = [(node, place) for node, place in around if isinstance(node, Try)]
    if any(isinstance(node, Scope) and node.may_swallow for node, _ in around):
        return None
    if any(_leaves(node.final) for node, _ in tries) or sum(bool(node.handlers) for node, _ in tries) > 1:
        return None
    for node, place in tries:
        if not node.handlers:
            continue
        if place != 0:
            return None
        return _caught(node, raised, own)
    return Outcome(raised, "nothing around the line catches it", around[-1][0].line, is_handled=False)


def _caught(node: Try, raised: str, own: frozenset[str]) -> Outcome | None:
    kind = _PARENTS.get(raised) or getattr(builtins, raised, None)
    if not isinstance(kind, type):
        return None
    for handler in node.handlers:
        catches = _catches(handler, raised, kind, own)
        if catches is None:
            return None
        if catches:
            return _after(handler, raised)
    return Outcome(
        raised, f"no handler of the `try` on line {node.line} is for it", node.line, is_handled=True
    )


def _catches(handler: Handler, raised: str, kind: type, own: frozenset[str]) -> bool | None:
    """Whether a handler catches an exception; None where its names are not known."""
    if not handler.names:
        return True
    for name in handler.names:
        if name == raised or name == raised.rpartition(".")[2] != raised:
            return True
        known = None if name in own else getattr(builtins, name, None)
        if not isinstance(known, type):
            return None
        if issubclass(kind, known):
            return True
    return False


def _after(handler: Handler, raised: str) -> Outcome | None:
    """What a handler without conditions makes of the exception."""
    if any(not isinstance(node, Plain | Leave) for node in handler.body):
        return None
    end = next((node for node in handler.body if isinstance(node, Leave)), None)
    caught = f"the handler on line {handler.line} catches it"
    if end is None or end.how in {How.BREAK, How.CONTINUE, How.RETURN}:
        how = "and goes on" if end is None else f"and line {end.line} goes on with `{end.how.value}`"
        return Outcome(NONE, f"{caught} {how}", handler.line, is_handled=True)
    if not end.value or end.value == handler.alias:
        return Outcome(raised, f"{caught} and line {end.line} raises it again", end.line, is_handled=True)
    if not end.name:
        return None
    return Outcome(
        end.name, f"{caught} and line {end.line} raises `{end.name}` in its place", end.line, is_handled=True
    )


def _leaves(block: Block) -> bool:
    return any(isinstance(node, Leave | If | Choice | Loop | Try) for node in block)


def _is_near(case: _Case, function: ChangedFunction) -> bool:
    return (
        case.is_near
        or case.line in function.changed
        or (case.outcome.is_handled and case.outcome.line in function.changed)
    )


def _asked(function: ChangedFunction, source: Source, case: _Case, retry: Prepared | None) -> Prepared:
    code = source.line(case.line).strip()
    prompt = (
        f"Line {case.line} of {short(function)} runs:\n  {code}\nSuppose {case.situation}. "
        "Nothing else goes wrong.\n"
        "Which exception reaches the caller? Type its name, or `none` if none does."
    )
    outcome = case.outcome
    accepted = [outcome.name]
    if outcome.name in _PARENTS:
        accepted.append(outcome.name.rpartition(".")[2])
    return Prepared(
        Question(
            id=question_id(function, Kind.FAILURE_FLOW, f"{case.line - function.first}:{case.raised}:{code}"),
            kind=Kind.FAILURE_FLOW,
            part=Part.EDGES,
            path=function.path,
            qualname=function.qualname,
            line=case.line,
            prompt=prompt,
            form=Form.TYPED,
            lines=(case.line,),
            seconds=25,
        ),
        AnswerKey(
            expected=tuple(accepted),
            checked_by=CheckedBy.SYNTAX,
            evidence="the statement and the handlers around it",
            matcher="exception",
            trace=(f"line {case.line}: {_first_step(case)}", outcome.because),
            facts={"line": str(outcome.line)},
        ),
        retry,
    )


def _first_step(case: _Case) -> str:
    return "nothing is raised" if case.raised == NONE else f"{case.raised} is raised"
