"""Languages beside Python: their functions, and answers that were worked out by hand."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING, Any

import pytest

from comprehension.code import Files
from tokencoach.comprehension.change import ChangedFile, Skip
from tokencoach.comprehension.flow import How
from tokencoach.comprehension.functions import changed_functions
from tokencoach.comprehension.generators.base import Source
from tokencoach.comprehension.generators.spoken import spoken_in, telling
from tokencoach.comprehension.languages import grammars
from tokencoach.comprehension.languages.syntax import spans, syntax_flow
from tokencoach.comprehension.prepare import Options, prepare
from tokencoach.comprehension.walk import Walker

if TYPE_CHECKING:
    from collections.abc import Mapping

JAVASCRIPT = """class Shop {
  price(item, isMember) {
    if (!item || item.isGone) {
      throw new RangeError("gone");
    } else if (isMember && !item.isFixed) {
      return item.lowPrice;
    }
    return item.fullPrice;
  }
}
const total = (items) => {
  return items.length;
};
"""
GO = """package shop

func (s *Shop) Price(item *Item, isMember bool) (int, error) {
	if item == nil || item.IsGone {
		return 0, ErrGone
	} else if isMember && !item.IsFixed {
		return item.LowPrice, nil
	}
	panic("no price")
}
"""
RUST = """impl Shop {
    fn price(&self, item: &Item, is_member: bool) -> u32 {
        if item.is_gone || self.closed {
            return self.nothing_at_all;
        }
        if is_member && !item.is_fixed {
            item.low_price
        } else {
            item.full_price
        }
    }
}
"""
JAVA = """class Shop {
    int price(Item item, boolean isMember) {
        if (item == null || item.isGone) {
            throw new IllegalStateException("gone");
        } else if (isMember && !item.isFixed) {
            return item.lowPrice;
        }
        return item.fullPrice;
    }
}
"""
C = """static int price(struct item *item, int is_member)
{
    if (!item->is_there || item->is_gone) {
        goto out_of_here;
    } else if (is_member && !item->is_fixed) {
        return item->low_price;
    }
    return item->full_price;
out_of_here:
    return -1;
}
"""
CPP = """int Shop::price(const Item& item, bool is_member) {
    if (!item.is_there || item.is_gone) {
        throw std::out_of_range("gone");
    } else if (is_member && !item.is_fixed) {
        return item.low_price;
    }
    return item.full_price;
}
"""
RUBY = """class Shop
  def price(item, is_member)
    raise KeyError, "gone" if item.gone || item.closed
    if is_member && !item.fixed
      item.low_price
    else
      item.full_price
    end
  end
end
"""
WAYS: dict[str, tuple[str, str, dict[tuple[bool, ...], int]]] = {
    "javascript": (JAVASCRIPT, "Shop.price", {(True, False, True, False): 6, (True, True): 4, (False,): 4}),
    "go": (GO, "Shop.Price", {(True,): 5, (False, True): 5, (False, False, True, False): 7}),
    "rust": (RUST, "Shop.price", {(True,): 4, (False, True): 4, (False, False, True, False): 7, (False, False, False): 9}),
    "java": (JAVA, "Shop.price", {(True,): 4, (False, True): 4, (False, False, True, False): 6, (False, False, False): 8}),
    "c": (C, "price", {(True, False, True, False): 6, (True, False, False): 8}),
    "cpp": (CPP, "Shop::price", {(False,): 3, (True, True): 3, (True, False, True, False): 5, (True, False, False): 7}),
    "ruby": (RUBY, "Shop.price", {(True,): 3, (False, True): 3, (False, False, True, False): 5, (False, False, False): 7}),
}  # fmt: skip


@pytest.mark.parametrize("language", sorted(WAYS))
def test_a_function_is_followed_as_its_language_says(language: str) -> None:
    text, name, expected = WAYS[language]
    flow = syntax_flow(text, language, name)
    assert flow is not None
    found = {
        tuple(value for _, value in way.facts): way.end.line
        for way in Walker(flow).ways()
        if way.end is not None and way.end.how is not How.UNSURE
    }
    for truth, line in expected.items():
        assert found[truth] == line


def test_a_jump_to_a_label_is_not_followed() -> None:
    flow = syntax_flow(C, "c", "price")
    assert flow is not None
    ends = {
        tuple(value for _, value in way.facts): way.end.how
        for way in Walker(flow).ways()
        if way.end is not None
    }
    assert ends[False,] is How.UNSURE


@pytest.mark.parametrize(("language", "path"), [("javascript", "a.js"), ("go", "a.go"), ("rust", "a.rs"), ("java", "A.java"),
                                                ("c", "a.c"), ("cpp", "a.cc"), ("ruby", "a.rb")])  # fmt: skip
def test_each_language_has_questions(language: str, path: str) -> None:
    text = WAYS[language][0]
    check = prepare([_changed(text, path)], options=Options(ask="all"))
    kinds = {one.question.kind.value for one in (*check.questions, *check.others)}
    assert kinds & {"G4", "G6"}
    assert "G11" in kinds


def test_typescript_and_its_markup_have_questions() -> None:
    text = JAVASCRIPT.replace("price(item, isMember)", "price(item: Item, isMember: boolean): number")
    for path in ("a.ts", "a.tsx"):
        check = prepare([_changed(text, path)], options=Options(ask="all"))
        assert {"G4", "G11"} <= {one.question.kind.value for one in (*check.questions, *check.others)}


def test_functions_are_named_after_what_holds_them() -> None:
    names = {span.qualname for text, language in ((JAVASCRIPT, "javascript"), (GO, "go"), (RUST, "rust"), (CPP, "cpp"))
             for span in spans(text, language)}  # fmt: skip
    assert names == {"Shop.price", "total", "Shop.Price", "Shop::price"}


def test_a_formatted_function_is_not_asked_about_in_any_language() -> None:
    new = "// said anew\n" + JAVASCRIPT.replace("    if (!item", "    // first\n    if (\n      !item")
    (price, _) = changed_functions(Source(_changed(new, "a.js", JAVASCRIPT)), asks_all=True)
    assert price.skip is Skip.FORMATTING


def test_a_header_with_classes_is_read_as_cpp() -> None:
    assert [span.qualname for span in spans("class A {\n  int b() { return 1; }\n};\n", "c")] == ["A.b"]


def test_syntax_errors_ask_nothing_about_the_function() -> None:
    assert (
        syntax_flow(JAVASCRIPT.replace("return item.lowPrice;", "return ((;"), "javascript", "Shop.price")
        is None
    )


def test_a_missing_grammar_is_fewer_questions_and_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def refuse(name: str, *rest: Any, **more: Any) -> Any:
        if name.startswith("tree_sitter"):
            raise ImportError(name)
        return real(name, *rest, **more)

    grammars.root_of.cache_clear()
    grammars._parser.cache_clear()
    with monkeypatch.context() as patch:
        patch.setattr(builtins, "__import__", refuse)
        check = prepare([_changed(GO, "a.go")], options=Options(ask="all"))
    grammars._parser.cache_clear()
    assert not check.questions
    assert check.skipped == {"a.go": Skip.LANGUAGE}
    assert check.nothing_because == "no questions for this language"


def test_the_error_that_was_assigned_right_above_is_another_condition_each_time() -> None:
    text = """package a

func load(name string, strict bool) (int, error) {
	first, err := open(name)
	if err != nil {
		return 0, err
	}
	second, err := read(first)
	if err != nil && strict {
		return 1, err
	}
	return second, nil
}
"""
    flow = syntax_flow(text, "go", "load")
    assert flow is not None
    ends = {
        tuple(value for _, value in way.facts): way.end.line
        for way in Walker(flow).ways()
        if way.end is not None
    }
    assert ends == {(True,): 6, (False, True, True): 10, (False, True, False): 12, (False, False): 12}


def test_a_macro_that_may_hide_a_return_is_not_passed_over() -> None:
    text = C.replace("goto out_of_here;", "CHECK_OR_RETURN(item);")
    flow = syntax_flow(text, "c", "price")
    assert flow is not None
    assert any(way.end is not None and way.end.how is How.UNSURE for way in Walker(flow).ways())


def test_callers_are_found_in_other_languages() -> None:
    texts: Mapping[str, str] = {
        "a.go": "package a\n\nfunc priceOf(a int) int {\n\tfirst := work(a)\n\tsecond := work(first)\n\treturn second\n}\n",
        "b.go": "package a\n\n" + "".join(
            f"func caller{n}() int {{\n\treturn priceOf({n})\n}}\n\nfunc other{n}() int {{\n\treturn {n}\n}}\n\n"
            for n in range(4)
        ),
    }  # fmt: skip
    check = prepare([_changed(texts["a.go"], "a.go")], repository=Files(texts), options=Options(ask="all"))
    of_callers = [one for one in (*check.questions, *check.others) if one.question.kind == "G9"]
    (found,) = [one for one in of_callers if "call it themselves" in one.question.prompt]
    assert all(option.startswith("caller") for option in found.key.expected)
    assert not any(
        option.startswith("caller") for option in set(found.question.options) - set(found.key.expected)
    )


def _changed(text: str, path: str, old: str | None = None) -> ChangedFile:
    lines = frozenset(range(1, text.count("\n") + 1))
    return ChangedFile(path, "b", text.encode(), lines, old=old.encode() if old is not None else None)


THROWING = {
    "a.js": (
        (
            "function load(name) {\n  try {\n    const text = readTheFile(name);\n    return parseAll(text);\n"
            "  } catch (problem) {\n    logTheProblem(problem);\n    throw new ConfigError(name);\n  } finally {\n"
            "    closeEverything();\n  }\n}\n"
        ),
        {"ConfigError"},
    ),
    "A.java": (
        (
            "class A {\n  int load(String name) throws Other {\n    try {\n      String text = readTheFile(name);\n"
            "      return parseAll(text);\n    } catch (IOException problem) {\n      throw new ConfigException(name);\n"
            "    } catch (RuntimeException other) {\n      logTheProblem(other);\n    }\n    return 0;\n  }\n}\n"
        ),
        {"none", "ConfigException"},
    ),
    "a.cc": (
        (
            "int load(const char *name) {\n  try {\n    read_the_file(name);\n"
            "  } catch (const std::out_of_range& problem) {\n"
            "    log_the_problem(problem);\n    throw;\n  } catch (const std::logic_error& problem) {\n    return 1;\n  }\n"
            "  return 0;\n}\n"
        ),
        {"std::out_of_range", "std::bad_alloc"},
    ),
    "a.rb": (
        (
            "def load(name)\n  begin\n    text = read_the_file(name)\n    parse_all_of(text)\n  rescue KeyError => problem\n"
            "    log_the_problem(problem)\n    raise\n  rescue => other\n    log_the_problem(other)\n  end\nend\n"
        ),
        {"KeyError", "Interrupt"},
    ),
}


@pytest.mark.parametrize("path", sorted(THROWING))
def test_what_a_handler_makes_of_an_exception_is_asked_in_any_language_that_has_them(path: str) -> None:
    text, expected = THROWING[path]
    check = prepare([_changed(text, path)], options=Options(ask="all"))
    asked = [one for one in (*check.questions, *check.others) if one.question.kind == "G5"]
    assert {one.key.expected[0] for one in asked} == expected


def test_a_try_within_a_try_is_not_asked_about_in_any_language() -> None:
    text = THROWING["a.js"][0].replace(
        "    return parseAll(text);", "    try { parseAll(text); } catch (other) { log(other); }"
    )
    check = prepare([_changed(text, "a.js")], options=Options(ask="all"))
    assert not [one for one in (*check.questions, *check.others) if one.question.kind == "G5"]


def test_functions_of_one_name_are_told_apart_and_never_asked_about_as_callers() -> None:
    twins = "class A {\n  int price(int a) {\n    return work(a);\n  }\n  int price(long a) {\n    return rest(a);\n  }\n}\n"
    assert [span.qualname for span in spans(twins, "java")] == ["A.price", "A.price/2"]
    others = "".join(f"  int other{n}(int a) {{\n    return {n};\n  }}\n" for n in range(4))
    code = (
        "class B {\n  int work(int a) {\n    first(a, a, a);\n    second(a, a, a);\n    return a;\n  }\n}\n"
    )
    files = Files({"A.java": twins.replace("}\n}\n", "}\n" + others + "}\n"), "B.java": code})
    check = prepare([_changed(code, "B.java")], repository=files, options=Options(ask="all"))
    assert not [one for one in (*check.questions, *check.others) if one.question.kind == "G9"]


@pytest.mark.parametrize(
    ("language", "code"),
    [
        ("go", "package a\nfunc Fold() {\n\tdefer func() { release(1) }()\n\tkeepAll(2)\n}\n"),
        ("javascript", "function fold() { (function () { release(1) })(); keepAll(2) }\n"),
        ("rust", "fn fold() { (|| { release(1) })(); keepAll(2); }\n"),
    ],
)
def test_a_function_without_a_name_that_is_called_where_it_stands_is_no_name(
    language: str, code: str
) -> None:
    called = {name for one in spoken_in(code.encode(), language) for name in telling(one.calls)}
    assert called == {"keepAll"}
