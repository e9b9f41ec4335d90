"""Programs over a new axis, and at fixed sizes."""

import jax
import numpy as np
import pytest
import sympy as sp

import symflow as sf
import symflow.numpy as snp
from symflow.lowering.variants import at_sizes, over_axis

n, d = sf.dims("n d")
X, w, y = sf.matrix("X", n, d), sf.vector("w", d), sf.vector("y", n)
LOSS = snp.sum((X @ w - y) ** 2) / n
GRADIENT = sf.grad(LOSS, w)


def examples(axes, count=3, rows=4, columns=2):
    """Arguments by name, some of them with one more axis."""
    rng = np.random.default_rng(0)
    shapes = {"X": (rows, columns), "w": (columns,), "y": (rows,)}
    for name, axis in axes.items():
        shapes[name] = tuple(np.insert(shapes[name], axis % (len(shapes[name]) + 1), count))
    return {name: rng.normal(size=shape) for name, shape in shapes.items()}


@pytest.mark.parametrize("axes", [{"X": 0}, {"X": 2, "y": 1}, {"w": -1, "X": 1, "y": 0}])
@pytest.mark.parametrize("count", [3, 1, 0])
def test_a_new_axis_is_that_of_vmap(axes, count):
    f = sf.lower(LOSS, GRADIENT, w, batch=axes, backend="numpy", precision="float64")
    given = examples(axes, count)
    results = f(**given)
    assert [result.shape for result in results] == [(count,), (count, 2), (count, 2)]
    if not count:
        return
    with jax.enable_x64(True):
        one = sf.lower(LOSS, GRADIENT, w, precision="float64").function
        moved = {name: np.moveaxis(given[name], axis, 0) for name, axis in axes.items()}
        wanted = [
            one(**given | {name: value[k] for name, value in moved.items()}) for k in range(count)
        ]
    for result, want in zip(results, zip(*wanted, strict=True), strict=True):
        np.testing.assert_allclose(result, np.stack(want), rtol=1e-12)


def test_scalars_and_inputs_in_order():
    a = sp.Symbol("a", real=True)
    f = sf.lower(a * y, inputs=[y, a], batch={a: 0}, backend="numpy", precision="float64")
    assert [str(variable) for variable in f.inputs] == ["y", "a"]
    np.testing.assert_array_equal(f([1.0, 2.0], [1.0, 10.0]), [[1, 2], [10, 20]])


def test_a_dimension_of_that_name_may_exist():
    batch = sf.dim("batch")
    u = sf.vector("u", batch)
    f = sf.lower(snp.sum(u), batch={"u": 0}, backend="numpy")
    np.testing.assert_array_equal(f(np.ones((2, 3))), [3, 3])
    assert over_axis([u], {"u": 1}).expressions[0].shape == (sf.dim("batch_2"), batch)


def test_what_is_known_of_one_example_is_used_for_all():
    S = sf.matrix("S", n, n, positive_definite=True)
    assert over_axis([S], {"S": 0}).exchanged[S].properties == S.properties
    assert not over_axis([S], {"S": 2}).exchanged[S].properties


def test_wrong_axes():
    with pytest.raises(sf.LoweringError, match="there is no input Z; the expressions have X, w, y"):
        sf.lower(LOSS, batch={"Z": 0})
    with pytest.raises(sf.RankError, match=r"w has shape \(d,\): its new axis is one of 0 to 1"):
        sf.lower(LOSS, batch={"w": 2})
    with pytest.raises(sf.LoweringError, match="takes a dictionary"):
        sf.lower(LOSS, batch=["X"])


# -------------------------------------------------------------------------- fixed sizes


def test_fixed_sizes():
    for static, sizes in (({"d": 2}, None), ({d: 2}, None), ("d", {"d": 2}), ([d], {"d": 2})):
        f = sf.lower(LOSS, GRADIENT, static=static, sizes=sizes, backend="numpy")
        assert f.outputs == ((), (2,))
    assert "w: float32 (2,)" in f.source
    given = examples({})
    value, gradient = f(**{name: array.astype("f") for name, array in given.items()})
    want = given["X"] @ given["w"] - given["y"]
    np.testing.assert_allclose(value, np.mean(want**2), rtol=1e-5)
    np.testing.assert_allclose(gradient, 2 / 4 * want @ given["X"], rtol=1e-5)
    with pytest.raises(sf.ShapeError, match="axis 1 has size 3, not 2"):
        f(np.ones((4, 3)), np.ones(3), np.ones(4))


def test_fixed_with_a_new_axis():
    f = sf.lower(LOSS, batch={"X": 0}, static={"batch": 5, "n": 1}, backend="numpy")
    assert f.outputs == ((5,),)
    assert f.inputs[0].shape == (5, 1, d)


def test_wrong_sizes():
    with pytest.raises(
        sf.ShapeError, match="static: there is no dimension 'k'; the expressions have d, n"
    ):
        sf.lower(LOSS, static={"k": 2})
    with pytest.raises(sf.LoweringError, match="static: 'n' has no size"):
        sf.lower(LOSS, static="n")
    for wrong in (-1, 2.0, True):
        with pytest.raises(sf.ShapeError, match="must be a whole number from 0 on"):
            sf.lower(LOSS, static={"n": wrong})
    assert at_sizes([LOSS], {"n": 3}, None).inputs([X])[0].shape == (3, d)
