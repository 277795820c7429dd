"""Questions about what stands outside of functions, or shows only there: constants, patterns, classes, callers."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comprehension.code import Files, asked
from tokencoach.comprehension.languages.python_values import UnknownValueError
from tokencoach.comprehension.question import Kind, Prepared
from tokencoach.comprehension.worked.pattern_texts import Pattern

PATTERNS = (
    "[a-z]+-\\d{2,4}",
    "^(\\w+)\\s*=\\s*(.*)$",
    "v?\\d+(\\.\\d+)*",
    "(get|put)_[^_\\s]+",
    "#[0-9A-F]{6}\\b",
)


def _of(kind: Kind, text: str, files: dict[str, str] | None = None) -> list[Prepared]:
    repository = Files({"app/work.py": text, **(files or {})})
    made = asked(text, files=repository)
    return [one for one in (*made.questions, *made.others) if one.question.kind is kind]


LIMITS = """
    LARGEST_UPLOAD = [
        "ten megabytes at most",
        "and never more than that",
    ]

    def refused(size):
        return size > LARGEST_UPLOAD

    def told(name):
        return f"{name} may hold {LARGEST_UPLOAD} bytes"

    def kept(name):
        return name.strip().lower()

    def shown(name):
        return name.title()
"""


def test_who_reads_a_changed_constant_is_asked() -> None:
    (one,) = _of(Kind.FIELD_USES, LIMITS)
    assert one.question.qualname == "LARGEST_UPLOAD"
    assert {text.partition(" ")[0] for text in one.key.expected} == {"refused", "told"}


def test_a_class_whose_methods_alone_change_is_no_definition_to_be_asked_about() -> None:
    old = "class Shelf:\n    height = 3\n\n    def put(self, book):\n        return book\n"
    new = old.replace("return book", "return book.title().strip()")
    made = asked(new, old, Files({"app/work.py": new}))
    assert [one.qualname for one in made.functions] == ["Shelf.put"]


SHAPES = """
    class Shape:
        def area(self, scale):
            width = self.measured_width() * scale
            height = self.measured_height() * scale
            return width * height

        def measured_width(self):
            return 1

        def measured_height(self):
            return 1

    class Square(Shape):
        pass

    class Circle(Shape):
        def area(self, scale):
            return 3

    class Disc(Circle):
        pass

    class Tile(Square):
        def measured_width(self):
            return 2
"""


def test_classes_below_that_take_a_changed_method_over_are_told_from_those_with_their_own() -> None:
    (one,) = [one for one in _of(Kind.INHERITED, SHAPES) if one.question.qualname == "Shape.area"]
    assert {text.partition(" ")[0] for text in one.key.expected} == {"Square", "Tile"}
    assert len(one.question.options) == 4


def test_the_class_whose_method_runs_is_the_first_in_pythons_own_order() -> None:
    text = """
        from app.base import Left, Right

        class Both(Left, Right):
            def start(self):
                prepared = self.opened()
                return prepared and self.is_ready_for_work
    """
    base = """
        class Root:
            def opened(self):
                return 0

        class Left(Root):
            pass

        class Right(Root):
            def opened(self):
                return 1

        class Aside(Root):
            def opened(self):
                return 2
    """
    (one,) = _of(Kind.INHERITED, text, {"app/base.py": base, "app/__init__.py": ""})
    assert one.key.expected == ("Right (app/base.py)",)
    assert one.key.trace == ("Both", "Left", "Right", "Root")


def test_a_stranger_among_the_bases_leaves_it_open_whose_method_runs() -> None:
    text = """
        from elsewhere import Stranger

        class Root:
            def opened(self):
                return 0

        class Left(Root):
            pass

        class Both(Stranger, Left):
            def start(self):
                prepared = self.opened()
                return prepared and self.is_ready_for_work
    """
    assert not _of(Kind.INHERITED, text)


def test_a_condition_is_asked_with_values_on_both_sides_of_its_edge() -> None:
    text = """
        def is_old(major: int, minor: int) -> str:
            if major < 2 or (major == 2 and minor < 6):
                return "too old to be used here"
            return "new enough for everything"
    """
    (one,) = _of(Kind.HOLDS, text)
    for option in one.question.options:
        told = dict(re.findall(r"`(\w+)` is (\d+)", option))
        major, minor = int(told["major"]), int(told.get("minor", 0))
        assert (option in one.key.expected) is (major < 2 or (major == 2 and minor < 6))
    assert 0 < len(one.key.expected) < len(one.question.options)


PATTERN = """
    import re

    VERSION_LINE = re.compile(
        r"(release|build) "
        r"v(\\d{1,3})-[a-f]+"
    )

    def version_of(line):
        found = VERSION_LINE.match(line)
        return found.group(2) if found else None
"""


def test_texts_are_asked_of_a_pattern_in_the_way_in_which_the_file_uses_it() -> None:
    first, second = sorted(_of(Kind.PATTERN, PATTERN), key=lambda one: one.question.form.value)
    compiled = re.compile(r"(release|build) v(\d{1,3})-[a-f]+")
    for option in first.question.options:
        text = option[1:-1]
        assert (option in first.key.expected) is bool(compiled.match(text))
    assert "from the beginning" in first.question.prompt
    tried = re.search(r"tries it on '([^']+)'", second.question.prompt)
    assert tried is not None
    found = compiled.match(tried[1])
    assert found is not None
    assert second.key.expected == (repr(found[2]),)


@given(st.sampled_from(PATTERNS), st.text("ab7-_=#. GF", max_size=12))
def test_a_pattern_finds_what_python_finds(pattern: str, text: str) -> None:
    for way in ("match", "search", "fullmatch"):
        expected = getattr(re.compile(pattern, re.ASCII), way)(text)
        found = Pattern(pattern).fits(text, way)
        assert (found and found.span()) == (expected and expected.span())


@given(st.sampled_from(PATTERNS))
def test_some_text_that_is_made_for_a_pattern_fits_it(pattern: str) -> None:
    made = Pattern(pattern)
    assert any(made.fits(text, "search") for text in made.texts())


@pytest.mark.parametrize("pattern", ["(a+)+b", "((a*)*)*", "(?<=x)a", "(a)\\1", "(unclosed", "a{2}\n"])
def test_a_pattern_whose_end_or_meaning_is_not_sure_is_refused(pattern: str) -> None:
    try:
        made = Pattern(pattern)
    except UnknownValueError:
        return
    with pytest.raises(UnknownValueError):
        made.fits("a" * 40, "search")


CHAIN = """
    def parsed_number(text):
        cleaned = text.strip().replace(",", "")
        return int(cleaned) if cleaned else None

    def summed_rows(rows):
        return sum(parsed_number(row) for row in rows)

    def monthly_report(rows):
        return f"total {summed_rows(rows)}"

    def yearly_report(rows):
        return summed_rows(rows) * 12

    def greeting_of(name):
        return f"good morning {name}"

    def farewell_of(name):
        return f"good night {name}"
"""


def test_callers_behind_the_only_caller_are_asked_for() -> None:
    (one,) = [one for one in _of(Kind.BLAST_RADIUS, CHAIN) if "through one other" in one.question.prompt]
    right = {text.partition(" ")[0] for text in one.key.expected}
    assert right == {"summed_rows", "monthly_report", "yearly_report"}
    assert one.question.qualname == "parsed_number"
