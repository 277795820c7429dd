"""What tests in languages other than Python expect: checks against written values, and rows of tables."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from tokencoach.comprehension.expectation import (
    BLANK,
    MOST_VALUE,
    Expectation,
    dedented,
    elements,
    fits,
    is_calm,
    slips,
    sort_of,
    words_of,
)
from tokencoach.comprehension.languages.grammars import last_of, line_of, root_of, text_of_node
from tokencoach.comprehension.languages.parsing import text_of
from tokencoach.comprehension.languages.syntax_ends import callee
from tokencoach.comprehension.languages.syntax_names import within
from tokencoach.comprehension.languages.syntax_tables import CALLS, FUNCTIONS, LOOPS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tree_sitter import Node

_EQUAL: Final = frozenset(
    {"Equal", "EqualValues", "Equalf", "assertEquals", "assert_equal", "EXPECT_EQ", "ASSERT_EQ", "assert_eq", "equal",
     "strictEqual", "deepEqual", "deepStrictEqual", "EXPECT_STREQ"}
)  # fmt: skip
_IS: Final = frozenset(
    {"toBe", "toEqual", "toStrictEqual", "toHaveLength", "isEqualTo", "eq", "eql", "must_equal", "hasSize"}
)
_TEST_CALLS: Final = frozenset({"test", "it", "specify", "Run", "should"})
_TEST_NAME: Final = re.compile(r"^(?:[Tt]est|TEST)|[Tt]est$|_test$")
_MARKED: Final = re.compile(r"#\[(?:\w+::)*test\b|@(?:Parameterized)?Test\b")
_CHECK: Final = re.compile(
    r"^\s*(?:assert\w*[!.(]|require\.|expect\(|EXPECT_|ASSERT_|assert_\w+[ !(])[^\n]*[;)\]\w\"']\s*$"
)
_EXPECTED: Final = re.compile(
    r"(?:want|expected?|exp|output|out|result)(?:ed)?(?:string|value|text|count|len)?$", re.IGNORECASE
)
_CASE: Final = re.compile(r"(?:name|case|desc|description|testname|title)$", re.IGNORECASE)
_TEXT: Final = re.compile(r"""[rbu]?(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`$]*`)""")
_OPEN_WORD: Final = re.compile(
    r"\b(?!(?:Some|vec|string|int|Ok|new|map|String|float64|byte|rune|nil|null|None|true|false|undefined|List|of)\b)[A-Za-z_]\w*\b(?!\s*:)"
)
_PLAIN: Final = frozenset({"", "true", "false", "nil", "null", "None", "undefined", "True", "False", "self"})
_REFUSAL: Final = re.compile(r"(\s*)(?:\} else )?if (?:(\w+(?:, \w+)* :?= .*); )?[^;]*\{$")
_COMPLAINT: Final = re.compile(r"\s*(?:t\.(?:Fatal|Error|Skip|Log)\w*\(.*\)|return|//.*)\s*(?://.*)?$")
_MOST_CHECKS: Final = 80
_MOST_ROWS: Final = 4


class _Check(NamedTuple):
    """A check, the bytes of the written side, and the value in them."""

    node: Node
    start: int
    end: int
    value: str


class _Test(NamedTuple):
    """A test's body, the node that is called by its name, its name, and whether it runs in a loop."""

    body: Node
    whole: Node
    name: str
    is_looped: bool


@lru_cache(maxsize=32)
def syntax_expectations(
    path: str, content: bytes, added: frozenset[int], language: str
) -> tuple[Expectation, ...]:
    """The checks that a change writes into tests, in the order of their lines; only what can be shown."""
    text = text_of(content)
    root = root_of(text, language) if text is not None else None
    if text is None or root is None:
        return ()
    checks = list(_checks(root))
    file_values = [one.value for one in checks]
    found = []
    for one in [one for one in checks if line_of(one.node) in added][:_MOST_CHECKS]:
        test = _around(one.node)
        if test is not None and not test.is_looped:
            made = _of_check(path, text, test, one, file_values)
            found += [made] if made is not None else []
    if language == "go":
        found += _of_tables(path, text, root, added)
    return tuple(sorted(found, key=lambda one: one.line))


def _checks(root: Node) -> Iterator[_Check]:
    """Every comparison with a value that is written down."""
    for node in within(root, closures=True):
        if node.type in CALLS:
            name = callee(node).replace("::", ".").rpartition(".")[2].rstrip("!").partition("<")[0]
            if name in _EQUAL | _IS:
                yield from _of_call(node, is_one=name in _IS)
        elif node.type == "if_statement":
            yield from _of_condition(node)


def _of_call(node: Node, *, is_one: bool) -> Iterator[_Check]:
    arguments = next(
        (part for part in node.children if part.type in {"arguments", "argument_list", "token_tree"}), None
    )
    if arguments is None:
        return
    if arguments.type == "token_tree":
        yield from _of_tokens(node, arguments)
        return
    sides = [part for part in arguments.named_children if "comment" not in part.type]
    sides = sides[:1] if is_one else sides[1:3] if _is_bare(sides[:1]) else sides[:2]
    written = [part for part in sides if is_written(_raw(part))]
    if len(written) == 1 and len(sides) == (1 if is_one else 2):
        yield _Check(node, written[0].start_byte, written[0].end_byte, _raw(written[0]))


def _is_bare(first: Sequence[Node]) -> bool:
    """Whether the first argument is the test's own handle."""
    return bool(first) and _raw(first[0]) in {"t", "b", "s.T()", "suite.T()"}


def _of_tokens(node: Node, tree: Node) -> Iterator[_Check]:
    """The sides of Rust's ``assert_eq!``, whose tokens no grammar groups."""
    inner = _raw(tree)[1:-1]
    parts = elements(inner)[:2]
    written = [part for part in parts if is_written(part)]
    if len(parts) == 2 and len(written) == 1:
        whole = _raw(tree)
        at = whole.rfind(written[0]) if written[0] == parts[1] else whole.find(written[0])
        start = tree.start_byte + len(whole[:at].encode())
        yield _Check(node, start, start + len(written[0].encode()), written[0])


def _of_condition(node: Node) -> Iterator[_Check]:
    """Go's ``if got != want`` before an error of the test."""
    condition = node.child_by_field_name("condition")
    then = node.child_by_field_name("consequence")
    if condition is None or then is None or condition.type != "binary_expression":
        return
    right = condition.child_by_field_name("right")
    is_unequal = any(part.type == "!=" for part in condition.children)
    if (
        right is not None
        and is_unequal
        and re.search(r"\bt\.(?:Error|Fatal)", _raw(then))
        and is_written(_raw(right))
    ):
        yield _Check(node, right.start_byte, right.end_byte, _raw(right))


def is_written(text: str) -> bool:
    """Whether a text is a value that is written down as a whole; a truth value or nothing is none."""
    bare = _TEXT.sub('""', text)
    return (
        "\n" not in text
        and text not in _PLAIN
        and len(text) <= MOST_VALUE
        and bool(re.match(r"[-\d\"'`\[{(&rbu]|Some\(|vec!|map\[|Ok\(|String", text))
        and not _OPEN_WORD.search(bare)
        and "=>" not in bare
        and "${" not in text
    )


def _around(node: Node) -> _Test | None:
    """The innermost test around a node: a function that a runner finds, or what is given to one."""
    looped = False
    one = node.parent
    while one is not None:
        looped = looped or one.type in LOOPS
        body = one.child_by_field_name("body")
        if one.type in FUNCTIONS or one.type in {"func_literal", "do_block", "block"}:
            call = (
                one.parent if one.type in {"do_block", "block"} else one.parent.parent if one.parent else None
            )
            name = callee(call) if call is not None and call.type in CALLS else ""
            if name.partition(".")[0] in _TEST_CALLS or name.rpartition(".")[2] in _TEST_CALLS:
                return _Test(body or one, call or one, _title(call), looped or _has_loop_above(call))
            own = text_of_node(name_of) if (name_of := one.child_by_field_name("name")) is not None else ""
            if body is not None and own and (_TEST_NAME.search(own) or _is_marked(one)):
                return _Test(body, one, own, looped)
        one = one.parent
    return None


def _title(call: Node | None) -> str:
    """The text that names a test."""
    found = _TEXT.search(_raw(call).partition("\n")[0]) if call is not None else None
    return found.group()[1:-1] if found is not None else ""


def _has_loop_above(node: Node | None) -> bool:
    while node is not None:
        if node.type in LOOPS or (node.type in CALLS and callee(node).endswith((".each", ".forEach"))):
            return True
        node = node.parent
    return False


def _is_marked(function: Node) -> bool:
    above = function.prev_named_sibling
    head = _raw(function).partition("{")[0]
    return bool(_MARKED.search(head) or (above is not None and _MARKED.search(_raw(above))))


def _of_check(
    path: str, text: str, test: _Test, one: _Check, file_values: Sequence[str]
) -> Expectation | None:
    lines = text.split("\n")
    raw = text.encode()
    first, last = line_of(one.node), last_of(one.node)
    begin = line_of(test.body) + (0 if test.body.type in {"body_statement", "statement_list"} else 1)
    before = _calm(lines[begin - 1 : first - 1])
    start, end = raw.rfind(b"\n", 0, one.node.start_byte) + 1, one.node.end_byte
    if one.node.type == "if_statement":
        # What the test says when it fails would tell what is right.
        condition = one.node.child_by_field_name("condition")
        start, end = one.node.start_byte, condition.end_byte if condition is not None else one.end
    check = (raw[start : one.start] + BLANK.encode() + raw[one.end : end]).decode("utf-8", "replace")
    shown = (*dedented(before), *dedented(check.split("\n")))
    if not test.name or not fits(shown):
        return None
    whole = _raw(test.whole)
    others = [*slips(one.value), *_TEXT.findall("\n".join(before)), *file_values]
    return _made(path, test.name, first, shown, one.value, others, whole, "\n".join(lines[first - 1 : last]))


def _made(
    path: str,
    name: str,
    line: int,
    shown: tuple[str, ...],
    value: str,
    others: Sequence[str],
    whole: str,
    check: str,
) -> Expectation:
    sort = sort_of(value)
    head = value[:1]
    kept = [
        other for other in others if other != value and len(other) <= MOST_VALUE and sort_of(other) is sort
    ]
    same = tuple(dict.fromkeys(other for other in kept if other[:1] == head))
    return Expectation(name, path, line, shown, value, sort, same, words_of(whole), words_of(check))


def _calm(lines: Sequence[str]) -> list[str]:
    """Lines without other checks, and without what a test of Go does where it cannot go on."""
    kept: list[str] = []
    at = 0
    while at < len(lines):
        line = lines[at]
        refusal = _REFUSAL.match(line)
        end = at + 1
        while refusal is not None and end < len(lines) and _COMPLAINT.match(lines[end]):
            end += 1
        if (
            refusal is not None
            and (refusal[2] or is_calm(line))
            and end > at + 1
            and end < len(lines)
            and lines[end].strip() == "}"
        ):
            kept += [f"{refusal[1]}{refusal[2]}"] if refusal[2] else []
            at = end
        elif not (_CHECK.match(line) and line.count("(") == line.count(")") and is_calm(line)):
            kept.append(line)
        at += 1
    return kept


def _of_tables(path: str, text: str, root: Node, added: frozenset[int]) -> Iterator[Expectation]:
    """Rows of Go's tables of cases that a change writes, each with the loop that runs them."""
    for function in (node for node in within(root) if node.type == "function_declaration"):
        name = text_of_node(found) if (found := function.child_by_field_name("name")) is not None else ""
        parts = list(within(function, closures=True)) if name.startswith("Test") else []
        tables = [
            part for part in parts if part.type == "composite_literal" and _raw(part).startswith("[]struct")
        ]
        loops = [part for part in parts if part.type == "for_statement"]
        if (
            len(tables) == 1
            and len(loops) == 1
            and (body := loops[0].child_by_field_name("body")) is not None
        ):
            yield from _of_table(path, text, (name, function), tables[0], body, added)


def _of_table(
    path: str, text: str, test: tuple[str, Node], table: Node, body: Node, added: frozenset[int]
) -> Iterator[Expectation]:
    value = table.child_by_field_name("body")
    rows = [_fields(row) for row in value.named_children] if value is not None else []
    keys = [key for row in rows for key in row if _EXPECTED.match(key)]
    if not keys or value is None:
        return
    key = max(sorted(set(keys)), key=keys.count)
    column = [_raw(row[key]) for row in rows if key in row]
    lines = text.split("\n")
    inner = _calm(lines[line_of(body) : last_of(body) - 1])
    loop = dedented([line for line in inner if line.strip() != "t.Parallel()"])
    written = [
        row for row in rows if key in row and line_of(row[key]) in added and is_written(_raw(row[key]))
    ]
    written.sort(key=lambda row: (-sum(len(_raw(node)) for node in row.values()), line_of(row[key])))
    check = next((line for line in reversed(lines[line_of(body) : last_of(body)]) if key in line), "")
    for row in written[:_MOST_ROWS]:
        given = [f"{one}: {_raw(node)}" for one, node in row.items() if one != key and not _CASE.match(one)]
        head = [part for one in [*given, f"{key}: {BLANK}"] for part in one.split("\n")]
        shown = (*dedented(head), *loop, check.strip())
        if fits(shown):
            others = [*slips(_raw(row[key])), *column]
            whole = _raw(test[1])
            yield _made(path, test[0], line_of(row[key]), shown, _raw(row[key]), others, whole, check)


def _fields(row: Node) -> dict[str, Node]:
    """The named fields of a row."""
    while row.type == "literal_element" and row.named_children:
        row = row.named_children[0]
    found: dict[str, Node] = {}
    for pair in row.named_children:
        if pair.type == "keyed_element" and len(pair.named_children) == 2:
            key, value = pair.named_children
            found[_raw(key)] = value
    return found


def _raw(node: Node | None) -> str:
    return (node.text or b"").decode("utf-8", "replace") if node is not None else ""
