"""The laws that every operation keeps, checked over the whole table."""

import importlib
import pickle
from functools import partial

import jax
import numpy as np
import pytest
import sympy as sp

from symflow.core import Apply, Variable, dtypes
from symflow.core.apply import apply
from symflow.core.dims import show_shape
from symflow.errors import DTypeError, RankError, ShapeError
from symflow.ops import TABLE
from symflow.ops.arithmetic import elementwise
from symflow.ops.complex import TAKE_COMPLEX
from tests.ops.samples import SIZES, expected, in_jax, samples, spec
from tests.ops.samples.spec import of
from tests.oracle import dtype_of, evaluate

NAMES = sorted(TABLE)
ELEMENTWISE = [name for name in NAMES if TABLE[name].elementwise and name != "map"]
SHAPED = frozenset({"odd", "even", "increasing"})
BINARY = [name for name in ELEMENTWISE if TABLE[name].arity != 1]


@pytest.mark.parametrize("name", NAMES)
def test_every_operation_has_samples(name):
    assert len(samples(name)) >= 3


@pytest.mark.parametrize("name", NAMES)
def test_value_shape_and_dtype_are_those_of_jax(name):
    for sample, wanted in zip(samples(name), expected(samples(name)), strict=True):
        value = evaluate(sample.node, sample.values, SIZES)
        assert dtype_of(sample.node.dtype) == wanted.dtype, str(sample)
        assert value.shape == wanted.shape, str(sample)
        np.testing.assert_allclose(value, wanted, rtol=1e-9, atol=1e-12, err_msg=str(sample))


@pytest.mark.parametrize("name", NAMES)
def test_rebuilt_from_its_parts_it_is_the_same_object(name):
    for sample in samples(name):
        node = sample.node
        assert node.func(*node.args) is node
        assert node.with_operands(node.operands) is node
        assert node.with_scalars(lambda scalar: scalar) is node
        assert apply(node.operation, node.operands, node.params) is node
        assert Apply(node.operation, node.operands, node.params) is node


@pytest.mark.parametrize("name", NAMES)
def test_pickled_it_comes_back_as_the_same_object(name):
    for sample in samples(name):
        assert pickle.loads(pickle.dumps(sample.node)) is sample.node


@pytest.mark.parametrize("name", NAMES)
def test_the_record_is_a_global_of_its_family(name):
    operation = TABLE[name]
    module = importlib.import_module(f"symflow.ops.{operation.family}")
    assert getattr(module, operation.short_name.upper()) is operation
    assert pickle.loads(pickle.dumps(operation)) is operation


@pytest.mark.parametrize("name", NAMES)
def test_sizes_are_replaced_throughout(name):
    for sample in samples(name):
        node = sample.node
        fixed = node.subs(SIZES)
        assert all(isinstance(size, int) for size in fixed.shape), str(sample)
        values = {leaf.name: array for leaf, array in sample.values.items()}
        np.testing.assert_allclose(
            evaluate(fixed, values), evaluate(node, values, SIZES), 1e-14, err_msg=str(sample)
        )


def operands_of(name, *shapes):
    """Variables that an operation takes, bools where it wants them."""
    return [Variable(f"x{k}", shape, of(spec(name).dtype, k)) for k, shape in enumerate(shapes)]


@pytest.mark.parametrize("name", BINARY)
def test_axes_of_size_one_are_repeated(name):
    operation = TABLE[name]
    shapes = [("n", 1, 3), (2, 1), (1, 2, 3), (1,)][: operation.arity]
    operands = operands_of(name, *shapes)
    node = elementwise(operation, *operands, params=spec(name).params)
    assert show_shape(node.shape) == "(n, 2, 3)"
    rng = np.random.default_rng(3)
    actual = [[4 if size == "n" else size for size in shape] for shape in shapes]
    arrays = [
        rng.integers(0, 4, size=shape).astype(dtype_of(x.dtype))
        for shape, x in zip(actual, operands, strict=True)
    ]
    value = evaluate(node, dict(zip(operands, arrays, strict=True)))
    flat = operands_of(name, *[(4, 2, 3)] * len(shapes))
    wide = [np.broadcast_to(array, (4, 2, 3)) for array in arrays]
    expected = evaluate(
        apply(operation, tuple(flat), spec(name).params), dict(zip(flat, wide, strict=True))
    )
    np.testing.assert_array_equal(value, expected)


@pytest.mark.parametrize("name", BINARY)
def test_unequal_shapes_are_refused_with_both(name):
    operation = TABLE[name]
    shapes = [(2, "n"), (2, "m")] if operation.arity == 2 else [(2, 1), (2, "n"), (2, "m")]
    operands = operands_of(name, *shapes)
    with pytest.raises(ShapeError) as caught:
        elementwise(operation, *operands)
    for text in ("(2, n)", "(2, m)", "axis -1", "n and m"):
        assert text in str(caught.value)
    with pytest.raises(ShapeError, match="one shape here") as caught:
        apply(operation, tuple(operands))
    assert "(2, n)" in str(caught.value)
    assert "(2, m)" in str(caught.value)


@pytest.mark.parametrize("name", [name for name in NAMES if TABLE[name].family == "linalg"])
def test_matrix_functions_refuse_other_shapes(name):
    operation = TABLE[name]
    params = (0,) if operation.outputs else ()
    vector = Variable("v", ("n",))
    with pytest.raises(RankError, match=r"\(n,\)"):
        apply(operation, (vector,) * operation.arity, params)
    if name != "linalg.qr":
        wide = Variable("W", ("n", "m"))
        with pytest.raises(ShapeError, match=r"the last two axes of \(n, m\) have sizes n and m"):
            apply(operation, (wide,) * operation.arity, params)


@pytest.mark.parametrize("name", [name for name in NAMES if TABLE[name].definition])
def test_composites_mean_their_definition(name):
    operation = TABLE[name]
    for sample in samples(name):
        unfolded = operation.definition(*sample.node.operands, *sample.node.params)
        assert unfolded.shape == sample.node.shape
        assert unfolded.dtype == sample.node.dtype
        got = evaluate(unfolded, sample.values, SIZES)
        want = evaluate(sample.node, sample.values, SIZES)
        np.testing.assert_allclose(got, want, rtol=1e-9, atol=1e-12, err_msg=str(sample))


@pytest.mark.parametrize("name", [name for name in ELEMENTWISE if TABLE[name].sympy])
def test_sympy_knows_the_same_function(name):
    (sample,) = (s for s in samples(name) if s.node.shape == (3,))
    value = evaluate(sample.node, sample.values, SIZES)
    for entries, wanted in zip(zip(*sample.arrays(), strict=True), value, strict=True):
        got = TABLE[name].sympy(*map(in_sympy, entries))
        got = complex(got.evalf(20)) if isinstance(got, sp.Expr) else bool(got)
        assert got == pytest.approx(wanted, rel=1e-12), f"{name}{entries}"


def in_sympy(entry):
    """An entry of an array, exactly."""
    if entry.dtype.kind == "c":
        return in_sympy(entry.real) + sp.I * in_sympy(entry.imag)
    return sp.sympify(bool(entry)) if entry.dtype == bool else sp.Float(float(entry), 30)


@pytest.mark.parametrize("name", [name for name in NAMES if "commutative" in TABLE[name].facts])
def test_commutative_operations_have_one_order(name):
    dtype = of(spec(name).dtype, 0)
    x, y = Variable("x", ("n",), dtype), Variable("y", ("n",), dtype)
    assert apply(TABLE[name], (x, y)) is apply(TABLE[name], (y, x))


@pytest.mark.parametrize("name", NAMES)
def test_facts_hold(name):
    facts = TABLE[name].facts
    for sample in samples(name):
        value = evaluate(sample.node, sample.values, SIZES)
        if "positive" in facts:
            assert (value > 0).all(), str(sample)
        if "nonnegative" in facts:
            assert (value >= 0).all(), str(sample)
        if "unit_interval" in facts:
            assert ((value >= 0) & (value <= 1)).all(), str(sample)
        if "integer" in facts:
            assert (value == np.round(value)).all(), str(sample)


@pytest.mark.parametrize(
    "name", [n for n in ELEMENTWISE if SHAPED & TABLE[n].facts and TABLE[n].arity == 1]
)
def test_symmetry_and_growth(name):
    facts = TABLE[name].facts
    x = Variable("x", (41,))
    node = apply(TABLE[name], (x,), spec(name).params)
    line = np.sort(of(spec(name).draw, 0)(np.random.default_rng(8), (41,)))
    if "increasing" in facts:
        assert (np.diff(evaluate(node, {x: line})) >= 0).all()
    if {"odd", "even"} & facts:
        mirrored = evaluate(node, {x: -line})
        sign = -1 if "odd" in facts else 1
        np.testing.assert_allclose(mirrored, sign * evaluate(node, {x: line}), atol=1e-13)


@pytest.mark.parametrize(
    "name", [n for n in ELEMENTWISE if TABLE[n].inputs in ("float", "same", "int")]
)
@pytest.mark.parametrize(
    "dtype", ["bool", "int32", "int", "bfloat16", "float32", "float", "complex64"]
)
def test_promotion_is_that_of_jax(name, dtype):
    operation = TABLE[name]
    operands = [Variable("x", (2,), dtype), Variable("y", (2,), "float32")][: operation.arity]
    params = spec(name).params
    if dtype == "complex64" and name not in TAKE_COMPLEX:
        with pytest.raises(DTypeError, match="not defined for complex numbers"):
            elementwise(operation, *operands, params=params)
        return
    node = elementwise(operation, *operands, params=params)
    expected = _jax_dtype(name, operands, dict(zip(operation.parameters, params, strict=True)))
    if expected is not None and not (dtype == "bool" and dtypes.kind(node.dtype) == "float"):
        assert dtype_of(node.dtype) == expected


def _jax_dtype(name, operands, params):
    """What JAX gives, or None where it refuses."""
    with jax.enable_x64(True):
        arrays = [jax.ShapeDtypeStruct((2,), dtype_of(operand.dtype)) for operand in operands]
        try:  # the type is known without a value, which would be compiled
            return jax.eval_shape(partial(in_jax(name), **params), *arrays).dtype
        except (TypeError, ValueError, NotImplementedError):
            return None
