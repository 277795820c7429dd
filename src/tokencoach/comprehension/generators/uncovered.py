"""G8: no recorded test reached a line; which call does?"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from tokencoach.comprehension.generators.base import question_id
from tokencoach.comprehension.generators.computed import computable, is_sensible
from tokencoach.comprehension.inputs import as_call
from tokencoach.comprehension.question import AnswerKey, CheckedBy, Form, Kind, Part, Prepared, Question
from tokencoach.comprehension.reach import first_line
from tokencoach.comprehension.recordings import RecordedFunction, Recordings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tokencoach.comprehension.change import ChangedFunction
    from tokencoach.comprehension.generators.base import Context, PythonFunction, Source

_MOST: Final = 1


def questions(function: ChangedFunction, source: Source, context: Context) -> Iterator[Prepared]:
    """At most one question, about a line for which running the function shows that some input reaches it."""
    node = source.node(function)
    row = (
        context.recordings.of(source, function.qualname)
        if isinstance(context.recordings, Recordings)
        else None
    )
    if node is None or row is None or row.is_partial or not row.calls:
        return
    missed = missed_lines(node, function, row)
    one = computable(function, source, context) if missed else None
    if one is None:
        return
    runs = [(text, run) for text, run in zip(one.inputs, one.run(), strict=True) if run is not None]
    for line in missed[:_MOST]:
        reaching = [text for text, run in runs if line in run.lines and is_sensible(run)]
        if reaching and len(reaching) < len(runs):
            name = function.qualname
            calls = tuple(as_call(name, text) for text in reaching)
            yield Prepared(
                Question(
                    id=question_id(function, Kind.UNCOVERED_LINE, str(line)),
                    kind=Kind.UNCOVERED_LINE,
                    part=Part.EDGES,
                    path=function.path,
                    qualname=name,
                    line=line,
                    prompt=f"None of the recorded tests reached line {line}:\n  {source.line(line).strip()}\n"
                    f"Type a call of `{name}` that does; it is the test that is missing.",
                    form=Form.TYPED,
                    lines=(line,),
                    seconds=35,
                ),
                AnswerKey(
                    expected=calls,
                    checked_by=CheckedBy.EXECUTED,
                    evidence="your call is run, shut in by the kernel, and its lines are watched",
                    matcher="arguments",
                    trace=tuple(f"{call} reaches line {line}" for call in calls[:3]),
                    facts=one.facts(line=str(line), offset=str(line - first_line(node)), digest=row.digest),
                ),
            )


def missed_lines(node: PythonFunction, function: ChangedFunction, row: RecordedFunction) -> list[int]:
    """Changed lines at which a branch begins that no recorded test took, though its function ran."""
    first = first_line(node)
    found = set()
    for item in ast.walk(node):
        for name in ("body", "orelse", "finalbody"):
            body = getattr(item, name, None)
            if item is node or not isinstance(body, list) or not body or not isinstance(body[0], ast.stmt):
                continue
            line = body[0].lineno
            if line in function.changed and line - first not in row.covered:
                found.add(line)
    return sorted(found)


def unreached(
    functions: Sequence[ChangedFunction], sources: Mapping[str, Source], recordings: Recordings
) -> frozenset[str]:
    """``path::qualname`` of changed functions that no recorded test reached, where the file was recorded at all."""
    return frozenset(
        f"{function.path}::{function.qualname}"
        for function in functions
        if recordings.has_file(function.path)
        and (source := sources.get(function.path)) is not None
        and source.definition(function) is None
        and recordings.of(source, function.qualname) is None
    )
