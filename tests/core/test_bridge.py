"""SymPy's methods on nodes, and SymPy's objects beside them."""

import copy

import jax.numpy as jnp
import numpy as np
import pytest
import sympy as sp

import symflow.numpy as snp
from symflow.core import (
    Add,
    Apply,
    Einsum,
    Scalar,
    Tensor,
    Variable,
    as_tensor,
    dim,
    dims,
    matrix,
    scalar,
    tensor,
    vector,
)
from symflow.core.bridge import Held, _as_basic, plain, substitute
from symflow.errors import DTypeError, ShapeError
from tests.oracle import evaluate

n, m, k = dims("n m k")
x, y, A, s = vector("x", n), vector("y", n), matrix("A", n, m), scalar("s")
a, b = sp.Symbol("a"), sp.Symbol("b", real=True)
f = snp.sum((A @ vector("w", m) - a * y) ** 2) / n


# --------------------------------------------------------------------------- substitution


def test_a_size_is_replaced_everywhere():
    fixed = f.subs(n, 3)
    assert n not in fixed.free_symbols
    assert {v.shape for v in fixed.atoms(Variable)} == {(3, m), (m,), (3,)}
    assert fixed is f.subs({n: 3}) is f.xreplace({n: 3}) is f.subs([(n, 3)])
    assert f.subs({n: 3, m: 2}) is f.subs(n, 3).subs(m, 2)
    assert f.subs(n, m).subs(m, 4) is f.subs({n: 4, m: 4})
    assert f.subs({n: m, m: n}).subs({n: m, m: n}) is f
    assert f.subs(n, 2 * k + 1).subs(k, 1) is fixed


def test_expressions_of_sizes():
    z = x[1:] * (n - 1)
    assert z.subs(n, 5).shape == (4,)
    assert z.subs(n, k + 1).shape == (k,)
    assert x.reshape(n, 1).subs(n, 1).shape == (1, 1)
    assert snp.eye(n).subs(n, 2) is snp.eye(2)
    assert snp.trace(snp.eye(n)).subs(n, 3) is as_tensor(3, "float")
    assert snp.mean(snp.ones(n)).subs(n, 7) is snp.mean(snp.ones(7))


@pytest.mark.parametrize("size", [-1, 2.5, sp.Rational(1, 2), a, "3", x, True, sp.oo])
def test_what_no_size_can_become(size):
    with pytest.raises((ShapeError, TypeError)):
        x.subs(n, size)


def test_sizes_that_do_not_fit():
    with pytest.raises(ShapeError, match=r"position 3 is out of range for axis 0 of \(2,\)"):
        x[3:].subs(n, 2)
    with pytest.raises(TypeError, match="no strings"):
        x.subs("n", 3)
    with pytest.raises(TypeError, match="no strings"):
        x.xreplace({"n": 3})
    with pytest.raises(TypeError, match="takes"):
        x.subs()


def test_variables_and_nodes_are_replaced():
    g = snp.exp(x) @ y + snp.sum(snp.exp(x))
    assert g.subs(x, y) is snp.exp(y) @ y + snp.sum(snp.exp(y))
    assert g.subs({x: y, y: x}) is snp.exp(y) @ x + snp.sum(snp.exp(y))
    assert g.subs([(x, y), (y, x)]) is snp.exp(x) @ x + snp.sum(snp.exp(x))
    assert g.subs(snp.exp(x), y) is y @ y + snp.sum(y)
    assert g.subs(g, s) is s
    assert g.subs(x, 0) is snp.sum(snp.exp(snp.zeros(n)) * y) + snp.sum(snp.exp(snp.zeros(n)))
    assert g.xreplace({x: y}) is g.subs(x, y)
    assert sp.Tuple(x, y).subs(x, y) == sp.Tuple(y, y)


def test_a_variable_takes_an_array_once_its_size_is_set():
    array = np.array([1.0, 2.0])
    assert evaluate((x + y).subs({x: array, n: 2}), {"y": array}).tolist() == [2.0, 4.0]
    with pytest.raises(ShapeError, match=r"a tensor of shape \(2,\) for one of shape \(n,\)"):
        x.subs(x, array)
    with pytest.raises(ShapeError, match=r"shape \(n, m\) for one of shape \(n,\)"):
        (x + 1).subs(x, A)


def test_sizes_are_set_in_replacements_too():
    z = vector("z", n)
    assert (x + 1).subs({x: z, n: 3}) is vector("z", 3) + 1


def test_scalar_symbols():
    g = a * x + b
    assert g.subs(a, 2) is 2 * x + b
    assert g.subs(a, s) is s * x + b
    assert g.subs({a: b, b: a}) is b * x + a
    assert g.subs(a, 0.5).subs(b, 0) is x * 0.5
    assert g.subs(a, b + 1) is (b + 1) * x + b
    assert g.subs(a, 2).dtype == g.dtype
    with pytest.raises(ShapeError):
        g.subs(a, x)
    assert (
        as_tensor(sp.Symbol("i", integer=True)).subs(sp.Symbol("i", integer=True), 2).dtype == "int"
    )


def test_several_graphs_at_once():
    first, second = substitute([x + y, x * y], {x: y})
    assert first is y + y
    assert second is y * y


# ------------------------------------------------------------------------------- queries


def test_free_symbols_and_atoms():
    w = vector("w", m)
    assert f.free_symbols == {A, w, y, n, m, a}
    assert f.atoms(Variable) == {A, w, y}
    assert f.atoms(sp.Symbol) == {n, m, a}
    assert f.atoms(Scalar) == {as_tensor(a)}
    assert {A, w, y, n, m, a} <= f.atoms()
    assert f.atoms(Einsum) == f.find(Einsum)
    assert (x / 3 + y * 0.1).atoms(sp.Number) == {sp.Rational(1, 3), sp.Float(0.1)}
    assert x.atoms(sp.Number) == set()
    assert snp.eye(3).free_symbols == set()
    assert snp.arange(k).free_symbols == {k}
    assert (x * n).atoms(sp.Symbol) == {n}
    assert snp.eye(3).is_constant()
    assert not x.is_constant()


def test_has():
    for part in (A, n, m, a, y, A @ vector("w", m), Variable, Add, as_tensor(a)):
        assert f.has(part)
    for part in (x, k, b, Apply, sp.sin, A.T):
        assert not f.has(part)
    assert f.has(x, y)
    assert f.has_free(n)
    assert f.has_xfree({n})
    assert not f.has_xfree({k})
    assert not f.has()


def test_find_replace_count():
    g = snp.exp(x) + snp.exp(y) * 2
    is_exp = lambda node: getattr(node, "operation", None) is snp.exp(x).operation  # noqa: E731
    assert g.find(is_exp) == {snp.exp(x), snp.exp(y)}
    assert g.find(x) == {x}
    assert g.find(Variable, group=True) == {x: 1, y: 1}
    assert g.count(Variable) == 2
    assert g.count_ops() == 3
    assert sp.count_ops(x) == 0
    assert g.replace(is_exp, lambda node: snp.sin(node.operands[0])) is snp.sin(x) + snp.sin(y) * 2
    assert g.replace(x, y) is snp.exp(y) * 3
    assert g.replace(x, 0) is snp.exp(snp.zeros(n)) + snp.exp(y) * 2
    assert g.replace(Variable, lambda *args: y) is snp.exp(y) * 3
    with pytest.raises(ShapeError):
        g.replace(x, A)


def test_the_rest_of_sympys_methods():
    g = x + sp.sqrt(2) * y
    assert g.doit() is g.rewrite(sp.exp) is g.as_dummy() is g.rcall(1) is g.copy() is g
    assert copy.copy(g) is copy.deepcopy(g) is g
    assert sp.expand(g) is g
    assert g.expand() is g
    assert (x / (n * (n + 1))).expand() is x / (n**2 + n)
    assert evaluate(g.evalf() - g, {x: np.ones(2), y: np.ones(2)}) == pytest.approx([0, 0])
    assert g.n() is g.evalf() is sp.N(g)
    assert not g.has(sp.Float)
    assert g.evalf().has(sp.Float)
    assert (-x).could_extract_minus_sign()
    assert not x.could_extract_minus_sign()
    assert x.equals(x) is True
    assert x.equals(y) is None
    assert x.as_base_exp() == (x, 1)
    assert x.as_coeff_Mul() == (1, x)
    assert x.as_coeff_Add() == (0, x)
    assert sp.conjugate(x) is x
    assert sp.ordered([x, y])
    assert sorted([g, A, x], key=sp.default_sort_key) == sorted([x, g, A], key=sp.default_sort_key)
    assert x.compare(x) == 0
    assert x.compare(y) == -y.compare(x) != 0


# -------------------------------------------------------------------------- construction


def test_sympys_constructors_give_tensors():
    assert sp.Add(x, y) is x + y
    assert sp.Add(x, x) is 2 * x
    assert sp.Add(x, 1) is x + 1
    assert sp.Add(x, y, a, x) is snp.add(2 * x, y, a)
    assert sp.Mul(x, y) is x * y
    assert sp.Mul(x, x) is x**2
    assert sp.Mul(2, a, x) is 2 * a * x
    assert sp.Pow(x, 2) is x**2
    assert sp.Pow(x, -2) is x**-2
    assert sp.sqrt(x) is snp.sqrt(x)
    assert sum([x, y]) is x + y
    assert sp.prod([x, y]) is x * y


FOREIGN = [
    a, b, n, 2 * n, n - m, a + 1, sp.sin(b), a**2 / 3, sp.Integer(3), sp.Rational(1, 2), sp.pi,
    sp.Float(0.3), sp.sqrt(2), sp.I, 3, 0.3, 2j, True, np.float64(2.5), np.float32(2.5),
    np.int64(3), np.int8(2),
    np.bool_(True), np.array(2.0), np.ones(3), np.ones((2, 1, 3)), jnp.float32(2),
    jnp.ones(3), jnp.ones((2, 3)),
]  # fmt: skip
OPERATORS = {
    "+": lambda p, q: p + q,
    "-": lambda p, q: p - q,
    "*": lambda p, q: p * q,
    "/": lambda p, q: p / q,
    "**": lambda p, q: p**q,
    "//": lambda p, q: p // q,
    "%": lambda p, q: p % q,
    "divmod": lambda p, q: divmod(p, q)[1],
}
COMPARISONS = {
    "<": lambda p, q: p < q,
    "<=": lambda p, q: p <= q,
    ">": lambda p, q: p > q,
    ">=": lambda p, q: p >= q,
}


@pytest.mark.parametrize("other", FOREIGN, ids=lambda value: f"{type(value).__name__} {value}")
@pytest.mark.parametrize("sign", [*OPERATORS, *COMPARISONS])
def test_operators_take_scalars_and_arrays_on_either_side(other, sign):
    operate = (OPERATORS | COMPARISONS)[sign]
    z = vector("z", 3)
    shape = np.broadcast_shapes((3,), np.shape(other) if not isinstance(other, sp.Basic) else ())
    if sign in ("//", "%", "divmod") and (other is sp.I or isinstance(other, complex)):
        with pytest.raises(DTypeError, match="not defined for complex"):
            operate(z, other)
        return
    right = operate(z, other)
    assert isinstance(right, Tensor)
    assert right.shape == shape
    if isinstance(other, sp.Basic) and sign in COMPARISONS:
        if other is sp.I:
            return
        left = as_tensor(operate(other, z))  # SymPy's relation, which converts
    else:
        left = operate(other, z)
    assert isinstance(left, Tensor)
    assert left.shape == shape


VALUES = [
    sp.Rational(1, 3),
    sp.pi,
    2 * n,
    sp.sin(b) + 1,
    0.3,
    np.float64(0.7),
    np.array([1.0, 2.0, 4.0]),
]


@pytest.mark.parametrize("other", VALUES, ids=str)
@pytest.mark.parametrize("sign", [*OPERATORS, *COMPARISONS])
def test_operators_mean_the_same_on_either_side(other, sign):
    operate = (OPERATORS | COMPARISONS)[sign]
    z = vector("z", 3)
    array = np.array([0.5, 1.5, 2.0])
    number = other if not isinstance(other, sp.Basic) else float(other.subs({n: 2, b: 0.4}))
    for node, expected in [
        (operate(z, other), operate(array, number)),
        (as_tensor(operate(other, z)), operate(number, array)),
    ]:
        found = evaluate(node, {z: array, b: 0.4}, {n: 2})
        np.testing.assert_allclose(found, expected, rtol=1e-14)


def test_matmul_with_arrays_on_either_side():
    M, v = np.arange(6.0).reshape(2, 3), np.ones(3)
    z = vector("z", 3)
    assert (M @ z).shape == (jnp.asarray(M) @ z).shape == (2,)
    assert (z @ v).shape == (v @ z).shape == ()
    assert (z @ jnp.asarray(M).T).shape == (2,)
    np.testing.assert_array_equal(evaluate(M @ z, {z: v}), M @ v)


def test_arrays_stay_arrays_of_their_precision():
    z = vector("z", 3, dtype="float32")
    assert (z + np.ones(3, np.float32)).dtype == "float32"
    assert (z + jnp.ones(3)).dtype == "float32"
    assert (z + 1.5).dtype == (z * sp.pi).dtype == (z / 3).dtype == (n * z).dtype == "float32"
    assert (z + np.ones(3)).dtype == "float"
    assert (z * 1j).dtype == "complex64"


def test_ufuncs():
    z = vector("z", 3)
    assert np.sin(z) is snp.sin(z)
    assert np.add(np.ones(3), z) is z + np.ones(3)
    assert np.multiply(z, 2.0) is 2 * z
    assert np.maximum(z, 0) is snp.maximum(z, 0)
    assert np.true_divide(1, z) is 1 / z
    assert np.absolute(z) is abs(z) is np.fabs(z)
    assert np.logical_not(z > 0) is ~(z > 0) is np.invert(z > 0)
    assert np.matmul(np.eye(3), z).shape == (3,)
    for call in (
        lambda: np.sin(z, out=np.ones(3)),
        lambda: np.add(z, 1, where=np.ones(3, bool)),
        lambda: np.add.at(z, 0, 1),
        lambda: np.add.reduceat(z, [0, 1]),
    ):
        with pytest.raises(TypeError):
            call()
    array = np.ones(3)
    with pytest.raises(TypeError):
        array += z


def test_what_is_no_operand():
    for other in ("x", None, [1, 2, 3], {}, object()):
        for operate in (lambda p, q: p + q, lambda p, q: q * p, lambda p, q: p @ q):
            with pytest.raises(TypeError):
                operate(x, other)


def test_functions_of_sympy_around_tensors_convert():
    assert as_tensor(sp.exp(s)) is snp.exp(s)
    assert snp.where(sp.Integer(2) < x, x, y) is snp.where(snp.less(2, x), x, y)


# ------------------------------------------------------------------------------- as data


def test_arguments_survive_as_sympy_objects():
    for value in [None, "None", "", True, 3, (1, ("a", None)), n, 2.5]:
        assert plain(_as_basic(value)) == value
    assert plain(_as_basic(frozenset("ba"))) == ("a", "b")
    assert Held(n.func) == Held(n.func)
    assert hash(Held(1)) == hash(Held(1))
    assert Held(1) != Held(True)
    assert str(Held("x")) == "'x'"


def test_names_that_look_like_something_else():
    for name in ("None", "n", "", "1", "a.b", "lambda", "x y"):
        v = Variable(name, (n,), "float", scope="None")
        assert v.func(*v.args) is v


def test_sizes_of_a_name_are_one_symbol():
    assert tensor("T", "n", dim("n"), n).shape == (n, n, n)
