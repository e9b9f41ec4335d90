"""The tree: positions, traversal, and safety at any depth."""

import pytest

from symflow.language import Binary, Call, Name, Position, children, outline, parse_tree, walk


def test_the_position_of_an_operation_is_its_operator():
    tree = parse_tree("a +\\\n  b * c")
    assert isinstance(tree.result, Binary)
    assert tree.result.position == Position(2, 1, 3)
    assert tree.result.right.position == Position(9, 2, 5)


def test_positions_after_every_kind_of_line_end():
    tree = parse_tree("t = a\r\nu = b\rv = c\nt")
    assert [item.position.line for item in tree.assignments] == [1, 2, 3]
    assert tree.result.position == Position(19, 4, 1)


@pytest.mark.parametrize(
    "text",
    [
        "f(a, k=b)",
        "f(k=b)",
        "(a + b).T",
        "(a + b).sum(axis=0)",
        "a[(1:, None, ..., :2:3)]",
        "(a,)",
        "[a, b]",
        '"ij"',
        "(a < b <= c)",
        "(+ a (- b))",
    ],
)
def test_outline_shows_everything(text):
    source = {
        "a[(1:, None, ..., :2:3)]": "a[1:, None, ..., :2:3]",
        "(+ a (- b))": "a + -b",
    }.get(text, text)
    shown = outline(parse_tree(source).result)
    assert shown.replace("(+ a b)", "(a + b)") == text


def test_walk_gives_operands_before_their_operation_and_in_order():
    tree = parse_tree("f(a + b, k=c)[d]")
    nodes = list(walk(tree.result))
    assert [node.text for node in nodes if isinstance(node, Name)] == ["a", "b", "c", "d"]
    seen = set()
    for node in nodes:
        assert set(children(node)) <= seen
        seen.add(node)


def test_nodes_compare_by_identity_and_print_one_line():
    one, other = (parse_tree("f(x)").result for _ in range(2))
    assert one != other
    assert repr(one) == "<Call at 1:1>"
    assert isinstance(one, Call)


def test_a_deep_tree_is_walked_outlined_shown_and_freed():
    tree = parse_tree("-" * 20_000 + "x")
    assert sum(1 for _ in walk(tree.result)) == 20_001
    assert outline(tree.result).count("(-") == 20_000
    assert repr(tree) == "<Module at 1:1>"
    del tree
