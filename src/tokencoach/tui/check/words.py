"""What the question screen says: the header, the question, and what an answer was worth."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.content import Content

from tokencoach.comprehension.question import CheckedBy, Form, Part
from tokencoach.tui.check.code import notes_by_line
from tokencoach.tui.safe_text import clean, lines_of
from tokencoach.tui.widgets.columns import fit

if TYPE_CHECKING:
    from tokencoach.comprehension.advice import Advice
    from tokencoach.comprehension.question import AnswerKey, Grade, Prepared, Question
    from tokencoach.comprehension.sitting import Sitting
    from tokencoach.tui.theme import Glyphs

_PROMPT_LINES = 40
_TRACE_LINES = 24
_PARTS = {
    Part.EXPLAIN: "explain it",
    Part.EDGES: "edge cases",
    Part.TRACE: "trace it",
    Part.WHY: "why so",
}
KNOWN_BY = {
    CheckedBy.RECORDED: "recorded in your own test run",
    CheckedBy.EXECUTED: "found by running it",
    CheckedBy.SYNTAX: "read from the code",
    CheckedBy.METADATA: "read from the project's files",
    CheckedBy.RUBRIC: "covers the points; nobody judges its truth but you",
}


def plural(count: int, noun: str) -> str:
    """``1 question``, ``3 questions``."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def duration(seconds: int) -> str:
    """``about 60 s``, ``about 2 min``."""
    return f"about {seconds} s" if seconds < 100 else f"about {round(seconds / 60)} min"


def header(sitting: Sitting, place: str, width: int, glyphs: Glyphs) -> Content:
    """Where in which code, how many lines of an assistant, how long it takes; the progress at the right."""
    exhibit = sitting.item.exhibit
    progress = f" {sitting.index + 1}/{len(sitting.items)} "
    left = len(sitting.items) - sitting.index
    where = f"{exhibit.path}::{exhibit.qualname}" if exhibit.qualname else exhibit.path
    wrote = plural(exhibit.ai_count, "AI line") if exhibit.ai_count else ""
    tail = ", ".join(part for part in (wrote, clean(exhibit.origin)) if part)
    begin = f" {plural(left, 'question')}, {duration(sitting.seconds)}: "
    place = f"{clean(place)} " if place and width >= 100 else ""
    room = width - cell_len(progress) - cell_len(begin) - cell_len(place) - 1
    tail = f", {tail}" if tail else ""
    if room - cell_len(tail) < min(cell_len(clean(where)), 24):
        tail = f", {wrote}" if wrote and exhibit.origin else ""
    if room - cell_len(tail) < 12:
        tail = ""
    space = max(room - cell_len(tail), 8)
    if cell_len(clean(where)) > space:
        where = where.rpartition("/")[2] if exhibit.qualname.find("/") < 0 else where
    name = fit(where, space, is_path=True, ellipsis=glyphs.ellipsis).rstrip()
    parts = [
        Content.styled(begin, "$tone-muted"),
        Content.styled(place, "$tone-muted"),
        Content.styled(name, "bold"),
        Content.styled(tail, "$tone-muted"),
    ]
    line = Content("").join(parts)
    gap = max(width - line.cell_length - cell_len(progress), 0)
    return Content("").join([line, Content(" " * gap), Content.styled(progress, "bold reverse")])


def prompt_words(question: Question, glyphs: Glyphs) -> Content:
    """The question itself."""
    text = "\n".join(lines_of(question.prompt, _PROMPT_LINES))
    how = {Form.MULTIPLE: f"\nmark all that are right with space or their number, then {glyphs.enter}"}.get(
        question.form, ""
    )
    part = Content.styled(f"{_PARTS[question.part]}  ", "bold $tone-shipped")
    return Content("").join([part, Content.styled(text, "bold"), Content.styled(how, "$tone-muted")])


def right_words(sitting: Sitting, given: str, glyphs: Glyphs) -> Content:
    """The answer was right; how that is known."""
    grade, key = sitting.grade, sitting.asked.key
    if sitting.asked.question.form is Form.TEXT and grade is not None:
        return _text_words(sitting, glyphs)
    word = "Right" if sitting.tries == 1 else "Right, at the second try"
    parts = [Content.styled(f"{glyphs.on} {word}.", "bold $tone-shipped"), _source(grade, key)]
    if grade is not None and grade.expected.strip() != given.strip() and _is_typed(sitting):
        parts.insert(1, Content(f" It is {clean(grade.expected)}."))
    return Content("").join(parts)


def answer_words(sitting: Sitting, given: str, glyphs: Glyphs) -> Content:
    """The answer was wrong, or only the person can judge: what really happens, and what comes next."""
    if sitting.asked.question.form is Form.TEXT:
        return _text_words(sitting, glyphs)
    grade = sitting.grade
    if grade is not None and grade.right is None:
        said = "Nothing can be run here, so nobody checked it. "
        parts = [Content.styled(said, "bold $tone-unknown"), Content("One right answer is ")]
        parts.append(Content.styled(clean(grade.expected, 300), "bold"))
        return Content("").join([*parts, *_really(sitting, sitting.asked)])
    parts = [Content.styled("Not so.", "bold $tone-not-landed")]
    if _is_typed(sitting) and grade is not None:
        parts.append(Content(f" You said {clean(given, 120)}; it is "))
        parts.append(Content.styled(clean(grade.expected, 300), "bold"))
        parts.append(Content("."))
    parts += _really(sitting, sitting.asked)
    if sitting.may_retry:
        parts.append(
            Content.styled(f"\n{glyphs.enter} one more of this kind, on another input", "$tone-shipped")
        )
    return Content("").join(parts)


def shown_words(sitting: Sitting, glyphs: Glyphs) -> Content:
    """The answer that the person asked to see."""
    asked = sitting.asked
    expected = "; ".join(clean(word, 300) for word in asked.key.expected)
    lead = "It should cover: " if asked.question.form is Form.TEXT else "The answer: "
    parts = [
        Content.styled(f"{glyphs.dash} Learned, not failed. ", "bold $tone-pending"),
        Content(lead),
        Content.styled(expected, "bold"),
    ]
    return Content("").join([*parts, *_really(sitting, asked)])


def _really(sitting: Sitting, asked: Prepared) -> list[Content]:
    beside, rest = notes_by_line(asked.key.trace, sitting.item.exhibit)
    lines = [clean(line) for text in rest for line in text.splitlines()][:_TRACE_LINES]
    parts = [_source(sitting.grade, asked.key)]
    if beside:
        parts.append(Content("\nWhat really happened stands beside the code."))
    parts += [Content(f"\n  {line}") for line in lines]
    return parts


def _source(grade: Grade | None, key: AnswerKey) -> Content:
    if key.checked_by is CheckedBy.RUBRIC:
        return Content.styled("\nWhether it is true, only you can say.", "$tone-muted")
    said = clean((grade.evidence if grade is not None else "") or key.evidence, 300)
    known = KNOWN_BY[key.checked_by]
    known = f"{known[:1].upper()}{known[1:]}"
    said = said.removeprefix("recorded in ")
    return Content.styled(f"\n{known}: {said}" if said else f"\n{known}.", "$tone-muted")


def rubric_words(grade: Grade, glyphs: Glyphs) -> Content:
    """The rubric, row by row and in full."""
    del glyphs
    rows = [Content(f"\n  {clean(line, 300)}") for line in grade.lines]
    score = f" {grade.score:g} of 4" if grade.score is not None else ""
    return Content("").join([Content.styled(f"Covers the points:{score}", "bold"), *rows])


def _text_words(sitting: Sitting, glyphs: Glyphs) -> Content:
    grade = sitting.grade
    if grade is None:
        return Content("")
    parts = [rubric_words(grade, glyphs)]
    if sitting.may_retry:
        parts.append(
            Content.styled(
                f"\nAdd what is missing, {glyphs.enter} hands it in again; F2 shows the points.",
                "$tone-shipped",
            )
        )
        return Content("").join(parts)
    points = [Content(f"\n  {clean(point, 300)}") for point in sitting.asked.key.expected]
    parts += [Content.styled("\nThe points, from the code itself:", "bold"), *points]
    parts.append(
        Content.styled("\nIs what you wrote true?  y right   p partly   w wrong", "bold $tone-shipped")
    )
    return Content("").join(parts)


def advice_words(advice: Advice | None) -> Content:
    """What a model on this computer says of a text; without one yet, that it is still reading."""
    if advice is None:
        return Content.styled("\nA model on this computer reads it …", "$tone-muted")
    if not advice.text:
        return Content.styled(
            "\nThe model on this computer gave no advice; nothing depends on it.", "$tone-muted"
        )
    return Content("").join(
        [
            Content.styled("\nA model's advice, which counts for nothing and may be wrong:", "bold"),
            Content(f"\n  {clean(advice.text, 600)}"),
            Content.styled(f"\n  {clean(advice.told, 200)}", "$tone-muted"),
        ]
    )


def _is_typed(sitting: Sitting) -> bool:
    return sitting.asked.question.form is Form.TYPED
