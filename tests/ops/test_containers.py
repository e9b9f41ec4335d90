"""Tensors in containers: what is in them, made again, specifications spread over them."""

from collections import namedtuple

import pytest

from symflow.errors import ShapeError
from symflow.ops.containers import entries, leaves, rebuilt, spread

Pair = namedtuple("Pair", ["left", "right"])
TREES = [
    1,
    None,
    (),
    [1, (2, None)],
    {"b": [1], "a": {"c": 2}},
    Pair(1, [2, 3]),
    ((), [[]], {"x": Pair(None, 1)}),
]


@pytest.mark.parametrize("tree", TREES, ids=repr)
def test_made_again_from_its_leaves_it_is_the_same(tree):
    again = rebuilt(tree, iter([value for _, value in leaves(tree)]))
    assert again == tree
    assert type(again) is type(tree)


@pytest.mark.parametrize("tree", TREES, ids=repr)
def test_one_entry_serves_all(tree):
    assert spread(7, tree, "it") == [7] * len(leaves(tree))
    assert spread(tree, tree, "it") == [value for _, value in leaves(tree)]


def test_places_are_named_as_python_would():
    assert leaves({"w": (5, [6])}, "x") == [("x['w'][0]", 5), ("x['w'][1][0]", 6)]


def test_none_in_a_specification_is_an_entry():
    assert spread((None, 1), ([1, 2], 3), "it") == [None, None, 1]
    assert spread({"a": 0, "b": None}, {"b": 1, "a": 2}, "it") == [None, 0]


@pytest.mark.parametrize(
    ("specification", "tree", "message"),
    [
        ((0,), (1, 2), "of a tuple of 2"),
        ([0, 0], (1, 2), "of a tuple of 2"),
        ({"a": 0}, {"b": 1}, "the keys"),
        ((0, (1, 2)), (3, 4), r"at \[1\].*of a single value"),
    ],
)
def test_other_containers_are_refused(specification, tree, message):
    with pytest.raises(ShapeError, match=message):
        spread(specification, tree, "it")


def test_entries_are_looked_at_everywhere():
    assert entries({"a": (0, None)}, lambda value: isinstance(value, int))
    assert not entries({"a": (0, "0")}, lambda value: isinstance(value, int))
