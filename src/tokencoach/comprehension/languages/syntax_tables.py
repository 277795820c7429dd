"""What the nodes of each grammar are, in the words of ``flow``."""

from __future__ import annotations

from typing import Final

FUNCTIONS: Final = frozenset(
    {"function_declaration", "function_expression", "generator_function_declaration", "generator_function",
     "arrow_function", "method_definition", "method_declaration", "constructor_declaration", "function_item",
     "function_definition", "method", "singleton_method"}
)  # fmt: skip
CLOSURES: Final = FUNCTIONS | {
    "func_literal", "closure_expression", "lambda_expression", "lambda", "class_body", "class", "struct_specifier",
    "class_specifier", "anonymous_class_body",
}  # fmt: skip
"""Nodes whose own ways of leaving are not those of the function around them."""
OWNERS: Final = {
    "class_declaration": "name", "class": "name", "abstract_class_declaration": "name", "interface_declaration": "name",
    "enum_declaration": "name", "record_declaration": "name", "impl_item": "type", "trait_item": "name",
    "mod_item": "name", "module": "name", "class_specifier": "name", "struct_specifier": "name",
    "namespace_definition": "name", "internal_module": "name",
}  # fmt: skip
LAZY: Final = frozenset({"generator_function_declaration", "generator_function"})
BLOCKS: Final = frozenset(
    {"statement_block", "block", "statement_list", "compound_statement", "then", "else", "else_clause",
     "body_statement", "do", "begin", "begin_block", "ensure", "finally_clause", "constructor_body", "unsafe_block"}
)  # fmt: skip
COMMENTS: Final = frozenset({"comment", "line_comment", "block_comment", "doc_comment"})
IFS: Final = frozenset(
    {"if_statement", "if_expression", "if", "elsif", "unless", "if_modifier", "unless_modifier"}
)
LOOPS: Final = frozenset(
    {"for_in_statement", "for_statement", "while_statement", "do_statement", "for_expression", "while_expression",
     "loop_expression", "enhanced_for_statement", "for_range_loop", "while", "until", "for", "while_modifier",
     "until_modifier"}
)  # fmt: skip
RETURNS: Final = frozenset({"return_statement", "return_expression", "return"})
THROWS: Final = frozenset({"throw_statement"})
BREAKS: Final = frozenset({"break_statement", "break_expression", "break"})
CONTINUES: Final = frozenset({"continue_statement", "continue_expression", "next"})
TRIES: Final = frozenset({"try_statement", "try_with_resources_statement"})
SCOPES: Final = frozenset({"synchronized_statement"})
OPAQUE: Final = frozenset(
    {"switch_statement", "switch_expression", "expression_switch_statement", "type_switch_statement",
     "select_statement", "match_expression", "case", "case_match", "labeled_statement", "goto_statement",
     "preproc_if", "preproc_ifdef", "preproc_else", "redo", "retry", "with_statement", "yield_statement",
     "async_block", "asm_statement", "seh_try_statement", "co_return_statement"}
)  # fmt: skip
ALWAYS_LEAVES: Final = frozenset({"goto_statement", "preproc_if", "preproc_ifdef", "redo", "retry"})
MEMBERS: Final = frozenset(
    {"member_expression", "selector_expression", "field_expression", "field_access", "scoped_identifier",
     "qualified_identifier", "instance_variable", "class_variable", "scope_resolution"}
)  # fmt: skip
NAMES: Final = frozenset(
    {"identifier", "this", "self", "global_variable", "shorthand_property_identifier", "constant"}
)
CALLS: Final = frozenset(
    {"call_expression", "method_invocation", "call", "macro_invocation", "new_expression"}
)
LITERALS: Final = frozenset(
    {"number", "string", "true", "false", "null", "nil", "undefined", "array", "object", "template_string",
     "interpreted_string_literal", "raw_string_literal", "int_literal", "float_literal", "composite_literal",
     "integer_literal", "boolean_literal", "string_literal", "char_literal", "decimal_integer_literal",
     "null_literal", "number_literal", "integer", "float", "simple_symbol", "hash", "nullptr", "initializer_list",
     "arrow_function", "function_expression", "func_literal", "closure_expression", "hex_integer_literal"}
)  # fmt: skip
DECLARATIONS: Final = frozenset(
    {"declaration", "local_variable_declaration", "lexical_declaration", "variable_declaration"}
)
DECLARES: Final = {
    "variable_declarator": "name", "var_spec": "name", "short_var_declaration": "left", "let_declaration": "pattern",
    "init_declarator": "declarator", "const_spec": "name",
}  # fmt: skip
ASSIGNS: Final = {
    "assignment_expression": "left", "augmented_assignment_expression": "left", "assignment_statement": "left",
    "compound_assignment_expr": "left", "assignment": "left", "operator_assignment": "left",
    "update_expression": "argument", "inc_statement": "", "dec_statement": "",
}  # fmt: skip
LOOSELY_BINDS: Final = {
    "for_in_statement": "left", "range_clause": "left", "for_expression": "pattern", "let_condition": "pattern",
    "enhanced_for_statement": "name", "for_range_loop": "declarator", "for": "pattern", "catch_clause": "parameter",
    "catch_formal_parameter": "name", "exception_variable": "", "reference_expression": "value",
    "resource": "name", "condition_clause": "initializer",
}  # fmt: skip
NOTHING: Final = frozenset({"null", "nil", "undefined", "NULL", "nullptr", "None", "true", "false", "_"})
ENDS: Final = frozenset(
    {"exit", "_exit", "abort", "fatal", "fatalx", "die", "usage", "err", "errx", "Exit", "Fatal", "Fatalf", "Fatalln",
     "longjmp", "siglongjmp", "__builtin_unreachable", "unreachable", "unreachable_unchecked", "todo", "unimplemented",
     "bail", "ensure", "panic", "Goexit", "exec", "execv", "execvp", "throw", "fail", "halt", "redirect", "error", "pass",
     "FailNow", "SkipNow", "Skip", "Panicf", "Panic", "process.exit", "std::process::exit", "terminate", "assert_never"}
)  # fmt: skip
"""Calls behind which nothing may run; some only in some projects, which costs a question and not a wrong answer."""
