"""Declared properties: known names, shapes they fit, what they imply."""

import pytest

from symflow.core import dims, matrix, tensor, vector
from symflow.core.properties import IMPLIES, NAMES, checked_properties, closure
from symflow.errors import ShapeError

n, m = dims("n m")


def test_unknown_properties_are_named():
    with pytest.raises(TypeError, match="unknown property 'symetric'; known: antisymmetric"):
        matrix("A", n, n, symetric=True)
    with pytest.raises(TypeError, match="unknown property"):
        matrix("A", n, n, symetric=False)


@pytest.mark.parametrize("name", NAMES)
def test_each_fits_some_shape_and_false_declares_nothing(name):
    shape = (n, n, n, n) if name == "major_symmetric" else (n, n)
    declared = tensor("T", *shape, **{name: True})
    assert declared.properties == {name}
    plain = tensor("T", *shape, **{name: False})
    assert plain.properties == frozenset()
    assert plain is tensor("T", *shape)
    assert declared is not plain
    assert declared.func(*declared.args) is declared


@pytest.mark.parametrize(
    ("name", "shape", "message"),
    [
        ("symmetric", (n,), r"needs rank 2 or more, the shape is \(n,\)"),
        ("symmetric", (n, m), r"equal sizes in the last two axes, the shape is \(n, m\)"),
        ("invertible", (2, 3), "equal sizes"),
        ("positive_definite", (3, n, m), "equal sizes"),
        ("simplex", (), "rank 1"),
        ("major_symmetric", (n, n), "rank 4"),
        ("permutation", (), "rank 1"),
    ],
)
def test_shapes_that_cannot_have_them(name, shape, message):
    with pytest.raises(ShapeError, match=message):
        tensor("T", *shape, **{name: True})


def test_implications():
    assert closure(frozenset({"positive_definite"})) >= {
        *("symmetric", "positive_semidefinite", "invertible", "full_rank", "positive_determinant"),
    }
    assert closure(frozenset({"one_hot"})) >= {"simplex", "zero_one", "nonnegative", "integer"}
    assert closure(frozenset()) == frozenset()
    for name, implied in IMPLIES.items():
        assert name in NAMES
        assert set(implied) <= set(NAMES)
        assert closure(frozenset({name})) >= {name, *implied}
        assert closure(closure(frozenset({name}))) == closure(frozenset({name}))


def test_implied_properties_fit_wherever_the_first_does():
    for name in NAMES:
        shape = (n, n, n, n) if name == "major_symmetric" else (n, n)
        for size in range(len(shape) + 1):
            part = shape[:size]
            try:
                checked_properties(frozenset({name}), part)
            except ShapeError:
                continue
            checked_properties(closure(frozenset({name})), part)


def test_properties_are_part_of_the_identity():
    assert vector("x", n, positive=True) is not vector("x", n)
    assert vector("x", n, positive=True, integer=True) is vector(
        "x", n, integer=True, positive=True
    )
    x = vector("x", n, positive=True)
    assert x.subs(n, 3).properties == {"positive"}
    with pytest.raises(ShapeError):
        matrix("S", n, 2 * m, diagonal=True)
    D = matrix("S", 2 * m, 2 * m, diagonal=True)
    assert D.subs(m, 2).shape == (4, 4)
