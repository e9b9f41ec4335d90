"""Nodes from reductions: what is kept of the text."""

from symflow.language import (
    Attribute,
    Call,
    Constant,
    Index,
    Keyword,
    ListNode,
    Name,
    Number,
    Slice,
    String,
    TupleNode,
    Unary,
    parse_tree,
)


def result(text, syntax="numpy"):
    return parse_tree(text, syntax).result


def test_a_number_keeps_its_text():
    node = result("1_0.50e-07")
    assert isinstance(node, Number)
    assert node.text == "1_0.50e-07"


def test_names_join_and_other_values_have_attributes():
    name, attribute = result("encoder.W.T"), result("(a + b).T")
    assert isinstance(name, Name)
    assert name.text == "encoder.W.T"
    assert isinstance(attribute, Attribute)
    assert attribute.name == "T"
    assert attribute.position.column == 9


def test_brackets_leave_no_trace():
    assert isinstance(result("((x))"), Name)


def test_calls_keep_order_and_names():
    node = result("linalg.norm(x, axis=0, ord=2)")
    assert isinstance(node, Call)
    assert isinstance(node.function, Name)
    assert node.function.text == "linalg.norm"
    assert [keyword.name for keyword in node.keywords] == ["axis", "ord"]
    assert all(isinstance(keyword, Keyword) for keyword in node.keywords)
    method = result("(a + b).sum()")
    assert isinstance(method, Call)
    assert isinstance(method.function, Attribute)


def test_an_index_has_one_key():
    one, several = result("x[1]"), result("x[1:, ...]")
    assert isinstance(one, Index)
    assert isinstance(one.key, Number)
    assert isinstance(several, Index)
    assert isinstance(several.key, TupleNode)
    part, dots = several.key.items
    assert isinstance(part, Slice)
    assert (part.stop, part.step) == (None, None)
    assert isinstance(dots, Constant)
    assert dots.value is ...


def test_constants_strings_lists_and_transposes():
    node = result("[True, None, 'ij']")
    assert isinstance(node, ListNode)
    yes, none, text = node.items
    assert isinstance(yes, Constant)
    assert yes.value is True
    assert isinstance(none, Constant)
    assert none.value is None
    assert isinstance(text, String)
    assert text.value == "ij"
    turned = result("x'", "blackboard")
    assert isinstance(turned, Unary)
    assert turned.operator == "'"
