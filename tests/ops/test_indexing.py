"""Indices of all kinds against NumPy's: taking entries, and writing to them as JAX does."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import symflow as sf
import symflow.numpy as snp
from symflow.core import Tensor, Variable, matrix, tensor, vector
from symflow.errors import DomainError, DTypeError, ShapeError
from tests.oracle import evaluate


@st.composite
def indexed(draw):
    """A shape and an index of it: slices, integers, new axes, an ellipsis, integer arrays."""
    shape = tuple(draw(st.lists(st.integers(1, 4), min_size=1, max_size=4)))
    joint = draw(st.sampled_from([(), (1,), (3,), (2, 1), (0,)]))
    head = draw(st.integers(0, len(shape)))
    tail = draw(st.integers(0, len(shape) - head))
    entries = []
    for size in (*shape[:head], *shape[len(shape) - tail :]):
        kind = draw(st.sampled_from(["slice", "integer", "array", "array", "scalar"]))
        if kind == "slice":
            bound = st.none() | st.integers(-size - 1, size + 1)
            step = draw(st.sampled_from([None, 1, 2, -1, -2]))
            entries.append(slice(draw(bound), draw(bound), step))
        elif kind == "integer":
            entries.append(draw(st.integers(-size, size - 1)))
        else:
            own = joint if kind == "array" else ()
            number = int(np.prod(own))
            position = st.integers(-size, size - 1)
            values = draw(st.lists(position, min_size=number, max_size=number))
            entries.append(np.array(values, dtype=int).reshape(own))
    if tail or draw(st.booleans()):
        entries.insert(head, Ellipsis)
    if draw(st.booleans()):
        entries.insert(draw(st.integers(0, len(entries))), None)
    return shape, tuple(entries)


def parts(shape, index):
    """A tensor of a shape and its array; the index with arrays as tensors, and their values."""
    x = Variable("x", shape)
    values = {x: np.arange(float(np.prod(shape))).reshape(shape)}
    symbolic = []
    for entry in index:
        if isinstance(entry, np.ndarray):
            variable = Variable(f"i{len(values)}", entry.shape, "int")
            values[variable] = entry
            symbolic.append(variable)
        else:
            symbolic.append(entry)
    return x, tuple(symbolic), values


@given(indexed())
@settings(max_examples=300, deadline=None)
def test_entries_are_those_of_numpy(case):
    shape, index = case
    x, symbolic, values = parts(shape, index)
    expected = values[x][index]
    for given_index in (symbolic, index):
        result = x[given_index]
        found = evaluate(result, values)
        assert found.shape == expected.shape
        np.testing.assert_array_equal(found, expected)


@given(indexed(), st.sampled_from(["add", "set", "multiply", "min"]))
@settings(max_examples=40, deadline=None)
def test_updates_are_those_of_jax(case, method):
    shape, index = case
    x, symbolic, values = parts(shape, index)
    taken = values[x][index]
    if method == "set" and len(np.unique(taken)) < taken.size:
        return  # which of several values stays is not said
    entries = getattr(x.at[symbolic], method)
    with jax.enable_x64(True):
        line = np.arange(1.0, 1 + np.prod(taken.shape[-1:], dtype=int))
        given_ = line.reshape(taken.shape[-1:])
        expected = np.asarray(getattr(jnp.asarray(values[x]).at[index], method)(given_))
    np.testing.assert_allclose(evaluate(entries(given_), values), expected)


def test_a_written_value_that_is_written_over_has_no_derivative():
    v, i = vector("v", 4), tensor("i", 4, dtype="int")
    x = vector("x", 3)
    f = snp.sum(x.at[i].set(v) ** 2)
    at = {x: np.array([1.0, 2.0, 3.0]), v: np.arange(1.0, 5.0), i: np.array([0, 2, 0, -1])}
    with jax.enable_x64(True):
        wanted = jax.grad(lambda v, x: (x.at[at[i]].set(v) ** 2).sum(), (0, 1))(at[v], at[x])
    np.testing.assert_allclose(evaluate(sf.grad(f, v), at), wanted[0])
    np.testing.assert_allclose(evaluate(sf.grad(f, x), at), wanted[1])


def test_sizes_stay_symbols():
    A, i = matrix("A", "n", "d"), tensor("i", "m", dtype="int")
    assert str(A[i].shape) == "(m, d)"
    assert str(A[:, i].shape) == "(n, m)"
    assert str(A[i, None].shape) == "(m, 1, d)"
    assert str(A[i, i].shape) == "(m,)"
    assert A.at[i].add(1.0).shape == A.shape


def test_a_mask_of_known_values_is_read_as_its_positions():
    A = matrix("A", 2, 3)
    mask = np.array([[True, False, True], [False, False, True]])
    values = {A: np.arange(6.0).reshape(2, 3)}
    np.testing.assert_array_equal(evaluate(A[mask], values), values[A][mask])
    np.testing.assert_array_equal(
        evaluate(A.at[mask].set(0.0), values), np.where(mask, 0, values[A])
    )
    with pytest.raises(ShapeError, match=r"mask of shape \(2,\)"):
        A[:, np.array([True, False])]


def test_printed_indices_are_read_back():
    A, i, v = matrix("A", "n", 3), tensor("i", "m", dtype="int"), vector("v", "m")
    names = {"A": A, "i": i, "v": v}
    values = {A: np.arange(12.0).reshape(4, 3), i: np.array([2, 0]), v: np.array([5.0, 7.0])}
    for node in (A[i], A[:, 1][i], A[i, i], A.at[i, 0].add(v), A.at[i, i].set(v), A.at[0].set(2)):
        back = sf.parse(str(node), names)
        np.testing.assert_allclose(
            evaluate(back, values, {"n": 4}), evaluate(node, values, {"n": 4})
        )
        assert sf.latex(node)
        assert sf.pretty(node)


@pytest.mark.parametrize(
    ("index", "kind", "text"),
    [
        (5, ShapeError, "out of range for axis 0 of size 3"),
        ((0, 0, 0), ShapeError, "3 indices for a tensor of rank 2"),
        (np.array([0, 3]), ShapeError, "position 3 is out of range for axis 0"),
        ([0, 2], DTypeError, "make it an array"),
        (True, DTypeError, "where"),
        (1.5, ShapeError, "1.5"),
        (np.array([0.5]), DTypeError, "positions are integers"),
        ((..., ...), ShapeError, "ellipsis"),
    ],
)
def test_what_is_no_index_is_refused(index, kind, text):
    with pytest.raises(kind, match=text):
        matrix("A", 3, 2)[index]


def test_a_symbolic_mask_is_refused_with_the_way_out():
    x = vector("x", 4)
    with pytest.raises(DTypeError, match=r"where\(mask"):
        x[x > 0]


def test_updates_say_what_they_do_not_take():
    x, i = vector("x", 4), tensor("i", 2, dtype="int")
    with pytest.raises(DomainError, match="known to differ"):
        x.at[i].apply(snp.exp)
    with pytest.raises(TypeError, match="unknown"):
        x.at[i].set(1, unknown=True)
    with pytest.raises(DomainError, match="clip the positions"):
        x.at[i].add(1, mode="clip")
    with pytest.raises(ShapeError, match=r"\(3,\)"):
        x.at[i].add(np.ones(3))
    assert isinstance(x.at[i].get(), Tensor)
    assert isinstance(x.at[:2].apply(snp.exp), Tensor)
