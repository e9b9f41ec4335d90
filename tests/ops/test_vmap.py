"""``sf.vmap`` against ``jax.vmap``: values, shapes, axes, containers, refusals, derivatives."""

from collections import namedtuple
from types import FunctionType

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import symflow as sf
import symflow.numpy as snp
from symflow.core import Einsum, postorder
from symflow.ops.batching import batched
from tests.oracle import evaluate

n, d, k = sf.dims("n d k")
SIZES = {n: 4, d: 3, k: 2}
Pair = namedtuple("Pair", ["left", "right"])


def variables(*shapes):
    """One variable for each shape."""
    return [sf.tensor(f"x{place}", *shape) for place, shape in enumerate(shapes)]


def arrays(tensors, seed=0):
    """Numbers for variables."""
    rng = np.random.default_rng(seed)
    measured = [tuple(SIZES.get(size, size) for size in x.shape) for x in tensors]
    return [rng.normal(size=shape) for shape in measured]


def agree(ours, theirs, tensors, values):
    """The same containers, shapes and numbers."""
    given = dict(zip(tensors, values, strict=True))
    flat, tree = jax.tree.flatten(ours, is_leaf=lambda leaf: isinstance(leaf, sf.Tensor))
    expected, structure = jax.tree.flatten(theirs)
    assert tree == structure
    for one, other in zip(flat, expected, strict=True):
        value = evaluate(one, given, SIZES)
        assert value.shape == other.shape
        np.testing.assert_allclose(value, other, rtol=1e-9, atol=1e-12)


# A function of an array namespace and its arguments, the arguments' shapes, in_axes, out_axes.
CASES = [
    (lambda xp, x: xp.outer(x, x), [(n, d)], 0, 0),
    (lambda xp, x: xp.outer(x, x), [(n, d)], 1, -1),
    (lambda xp, x: xp.outer(x, x), [(n, d)], -1, 1),
    (lambda xp, x, y: x @ y, [(n, d), (d, k)], (0, None), 0),
    (lambda xp, x, y: x @ y, [(d, n), (d, k)], (1, None), 1),
    (lambda xp, x, y: (x @ y, y), [(n, d), (d,)], (0, None), (0, None)),
    (lambda xp, x, y: {"a": x * y, "b": [y, None]}, [(n, d), (n,)], 0, {"a": -1, "b": 0}),
    (lambda xp, x: Pair(x + 1, xp.sum(x)), [(n, d)], 0, Pair(1, 0)),
    (lambda xp, x: (1.5, x), [(n, d)], 0, 0),
    (lambda xp, x: xp.reshape(x, (-1,))[::-1], [(n, d, 2)], 0, 0),
    (lambda xp, x: xp.concatenate([x, xp.ones(2)]), [(n, d)], 0, 0),
    (lambda xp, x: xp.linalg.solve(x @ x.T + xp.eye(3), x[0]), [(n, 3, 3)], 0, 0),
    (lambda xp, x: tuple(xp.linalg.slogdet(x)), [(n, 3, 3)], 0, 0),
    (lambda xp, x: xp.max(xp.tanh(x), axis=-1), [(n, 2, d)], 0, 0),
    (lambda xp, x, y: xp.where(x > y, x, y), [(n, d), (d,)], (0, None), 0),
    (lambda xp, x: xp.trace(x) * xp.eye(2), [(n, 2, 2)], 0, 0),
    (lambda xp, x: xp.diag(x) @ x, [(n, d)], 0, 0),
    (lambda xp, x: x**2 / (1 + xp.sum(x**2)), [(n, 1)], 0, 0),
    (lambda xp, x: xp.exp(x), [(1, d)], 0, 0),
    (lambda xp, x: xp.exp(x) @ x, [(0, d)], 0, 0),
    (lambda xp, x: x * x, [(n,)], 0, 0),
    (lambda xp, x: xp.kron(x, x), [(n, 2, d)], 0, 2),
]


@pytest.mark.parametrize("case", range(len(CASES)))
def test_it_is_that_of_jax(case):
    function, shapes, in_axes, out_axes = CASES[case]
    tensors = variables(*shapes)
    values = arrays(tensors)
    ours = sf.vmap(lambda *xs: function(snp, *xs), in_axes, out_axes)(*tensors)
    with jax.enable_x64(True):
        theirs = jax.vmap(lambda *xs: function(jnp, *xs), in_axes, out_axes)(
            *map(jnp.asarray, values)
        )
        agree(ours, theirs, tensors, values)


def test_arguments_in_containers():
    tensors = variables((n, d), (d, n), (d,))
    values = arrays(tensors)

    def model(parameters, x, *, scale):
        return parameters["W"][0] * x + parameters["b"] * scale

    def call(vmap, x, y, z):
        axes = ({"b": None, "W": [1]}, 0)
        return vmap(model, in_axes=axes)({"W": [y], "b": z}, x, scale=x[:, 0])

    with jax.enable_x64(True):
        agree(call(sf.vmap, *tensors), call(jax.vmap, *map(jnp.asarray, values)), tensors, values)


def test_nested():
    x, y, A = sf.vector("x", n), sf.vector("y", d), sf.tensor("A", k, n, d)
    outer = sf.vmap(sf.vmap(lambda a, b: a * b, in_axes=(None, 0)), in_axes=(0, None))
    assert outer(x, y) is snp.outer(x, y)
    norms = sf.vmap(sf.vmap(snp.linalg.norm))(A)
    assert norms is snp.linalg.norm(A, axis=2)
    twice = sf.vmap(lambda r: sf.vmap(lambda c: c * snp.sum(r))(r))(A)
    assert twice.shape == (k, n, d)


def test_what_is_the_same_for_all_is_computed_once():
    X, w = sf.matrix("X", n, d), sf.vector("w", d)
    result = sf.vmap(lambda x: snp.tanh(snp.exp(w) @ x) * snp.exp(w))(X)
    assert snp.exp(w) in postorder([result])
    product = next(node for node in postorder([result]) if isinstance(node, Einsum))
    assert product is X @ snp.exp(w)


def test_gradients_of_every_example():
    X, t, w = sf.matrix("X", n, d), sf.vector("t", n), sf.vector("w", d)

    def loss(w, x, t):
        return snp.log(1 + snp.exp(-t * (x @ w)))

    each = sf.vmap(lambda x, t: sf.grad(loss(w, x, t), w))(X, t)
    tensors = [X, t, w]
    values = arrays(tensors)
    with jax.enable_x64(True):
        gradient = jax.grad(lambda w, x, t: jnp.log(1 + jnp.exp(-t * (x @ w))))
        x, s, v = map(jnp.asarray, values)
        agree(each, jax.vmap(gradient, (None, 0, 0))(v, x, s), tensors, values)
    total = sf.grad(snp.sum(sf.vmap(lambda x, t: loss(w, x, t))(X, t)), w)
    given = dict(zip(tensors, values, strict=True))
    np.testing.assert_allclose(evaluate(total, given), evaluate(each, given).sum(0), rtol=1e-9)


def test_derivatives_by_the_example_itself():
    X = sf.matrix("X", n, d)
    hessians = sf.vmap(lambda x: sf.hessian(snp.sum(x**3), x))(X)
    value = arrays([X])
    with jax.enable_x64(True):
        theirs = jax.vmap(jax.hessian(lambda x: jnp.sum(x**3)))(jnp.asarray(value[0]))
        agree(hessians, theirs, [X], value)


def test_examples_keep_what_is_known_of_them():
    known = {}

    def look(x):
        known["x"] = x.properties
        return x

    sf.vmap(look)(sf.tensor("A", n, d, d, positive_definite=True))
    assert "positive_definite" in known["x"]
    sf.vmap(look)(sf.matrix("A", d, d, positive_definite=True))
    assert not known["x"]
    sf.vmap(look)(snp.exp(sf.vector("v", n)))
    assert "positive" in known["x"]
    sf.vmap(look)(sf.matrix("P", n, d, simplex=True))
    assert "simplex" in known["x"]
    sf.vmap(look, in_axes=1)(sf.matrix("P", n, d, simplex=True))
    assert known["x"] == {"nonnegative", "in_unit_interval"}


def test_an_example_that_escapes_is_never_taken_for_another():
    kept = []
    X = sf.matrix("X", n, d)
    sf.vmap(lambda x: kept.append(x) or x)(X)
    result = sf.vmap(lambda x: x + kept[0])(X)
    assert kept[0] in postorder([result])


def test_arrays_and_numbers_are_arguments():
    values = np.arange(6.0).reshape(3, 2)
    assert evaluate(sf.vmap(lambda x, s: snp.sum(x) * s, (0, None))(values, 2.0)).tolist() == [
        2.0,
        10.0,
        18.0,
    ]
    seen = []
    sf.vmap(lambda x, mode: seen.append(mode) or x, in_axes=(0, None))(values, "text")
    assert seen == ["text"]


def test_the_size_may_be_given():
    x = sf.vector("x", d)
    assert sf.vmap(lambda y: y * 2, in_axes=None, axis_size=n)(x).shape == (n, d)
    assert sf.vmap(lambda y: y, axis_size=n)(sf.matrix("X", n, d)).shape == (n, d)


X, y = sf.matrix("X", n, d), sf.vector("y", d)
REFUSED = [
    (lambda v: v(lambda a: a, in_axes=2)(X), sf.RankError, r"axis 2 of a, .* shape \(n, d\)"),
    (lambda v: v(lambda a: a)(1.0), sf.RankError, "a is a scalar"),
    (lambda v: v(lambda a, b: a)(X, y), sf.ShapeError, "that of a is n, that of b is d"),
    (lambda v: v(lambda a, b: a)(X, b=y), sf.ShapeError, "that of a is n, that of b is d"),
    (lambda v: v(lambda a: a, in_axes=(0,))(X, X), sf.ShapeError, "1 entries, .* 2 positional"),
    (lambda v: v(lambda a: a, in_axes=None)(X), sf.ShapeError, "an argument to map over"),
    (lambda v: v(lambda a: a, axis_size=4)(sf.matrix("Y", 3, 2)), sf.ShapeError, "axis_size is 4"),
    (lambda v: v(lambda a: a, in_axes="0")(X), TypeError, "in_axes is an integer"),
    (lambda v: v(lambda a: a, in_axes=("0",))(X), TypeError, "in_axes holds integers"),
    (lambda v: v(lambda a: a, in_axes=True)(X), TypeError, "in_axes is an integer"),
    (lambda v: v(lambda a: a, out_axes=0.5)(X), TypeError, "out_axes holds integers"),
    (lambda v: v(3), TypeError, "vmap takes a function, got 3"),
    (lambda v: v(lambda a: a, out_axes=None)(X), sf.ShapeError, "out_axes says None"),
    (lambda v: v(lambda a: a, out_axes=2)(X), sf.ShapeError, "out_axes"),
    (lambda v: v(lambda a: (a, a), out_axes=(0,))(X), sf.ShapeError, "a tuple of 2"),
    (lambda v: v(lambda a: a["p"], in_axes=({"p": 0},))({"p": X, "q": X}), sf.ShapeError, "keys"),
    (lambda v: v(lambda a: a[0], in_axes=((0, None),))([X, X]), sf.ShapeError, "a list of 2"),
    (lambda v: v(lambda a: (a, "s"))(X), sf.DTypeError, r"the result\[1\] is no tensor"),
    (lambda v: v(lambda *a: 1)(), sf.ShapeError, "an argument to map over"),
]


@pytest.mark.parametrize("case", range(len(REFUSED)))
def test_refusals_are_those_of_jax(case):
    call, kind, message = REFUSED[case]
    with pytest.raises(kind, match=message):
        call(sf.vmap)
    names = {"X": jnp.ones((3, 2)), "y": jnp.ones(2), "sf": _Arrays}
    on_arrays = FunctionType(call.__code__, globals() | names)
    with pytest.raises((TypeError, ValueError)):
        on_arrays(jax.vmap)


class _Arrays:
    """Arrays where a case declares a matrix."""

    @staticmethod
    def matrix(name, *shape):
        return jnp.ones(shape)


def test_the_name_of_an_axis_is_refused():
    with pytest.raises(TypeError, match="axis_name"):
        sf.vmap(lambda a: a, axis_name="i")


def test_deep_and_shared_graphs_are_walked_once():
    x = sf.vector("x", d)
    deep = x
    for _ in range(20_000):
        deep = snp.sin(deep) + deep
    (result,) = batched([deep], {x: X}, n)
    assert len(postorder([result])) == len(postorder([deep]))
