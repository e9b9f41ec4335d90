"""Derivatives by several variables: tuples that print, multiply, solve and lower as blocks."""

import copy
import pickle

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import sympy as sp

import symflow as sf
import symflow.numpy as snp
from symflow.api.blocks import BlockMatrix, BlockRow
from tests.oracle import evaluate

n, d, k = sf.dims("n d k")
X, Y = sf.matrix("X", n, d), sf.matrix("Y", n, k)
W, b = sf.matrix("W", d, k), sf.vector("b", k)
x, y, a = sf.vector("x", n), sf.vector("y", n), sf.scalar("a")
w = sf.vector("w", n, positive=True)
REGRESSION = snp.sum((X @ W + b - Y) ** 2)
SHAPES = [{"n": 5, "d": 3, "k": 2}, {"n": 4, "d": 1, "k": 1}]


def drawn(variables, sizes, seed=0):
    rng = np.random.default_rng(seed)
    found = {}
    for v in variables:
        value = rng.normal(size=tuple(int(sizes.get(str(s), s)) for s in v.shape))
        found[v] = np.abs(value) + 0.5 if "positive" in getattr(v, "properties", ()) else value
    return found


def flat(values):
    return np.concatenate([np.ravel(v) for v in values])


class TestLookup:
    H = sf.hessian(REGRESSION, (W, b))

    def test_it_is_still_a_tuple_of_tuples(self):
        assert isinstance(self.H, tuple)
        (first, second), (_, last) = self.H
        assert first is self.H[0][0]
        assert second is self.H[0][1]
        assert last is self.H[-1][-1]
        assert len(self.H) == 2
        assert tuple(tuple(row) for row in self.H) == self.H

    def test_blocks_by_variable_and_by_name(self):
        assert self.H[W, b] is self.H[0][1]
        assert self.H["b", "W"] is self.H[1][0]
        assert self.H[b] is self.H[1]
        assert self.H.blocks["W", "W"] is self.H[0][0]
        g = sf.grad(REGRESSION, (W, b))
        assert g[b] is g[1]
        assert g.blocks == {"W": g[0], "b": g[1]}
        assert isinstance(g, BlockRow)

    def test_scalars_and_symbols_are_variables_too(self):
        symbol = sp.Symbol("c", real=True)
        g = sf.grad(symbol**2 * snp.sum(x), (symbol, x))
        assert g[symbol] is g[0]

    def test_a_name_that_is_no_variable(self):
        with pytest.raises(KeyError, match="no block for X: the variables are W, b"):
            self.H[X]

    def test_copies(self):
        assert pickle.loads(pickle.dumps(self.H)).variables == (W, b)
        assert copy.copy(self.H)[W, b] is self.H[W, b]
        assert isinstance(sf.simplify(self.H), BlockMatrix)
        assert sf.simplify(self.H)[b, W] is self.H[b, W]


class TestShown:
    H = sf.hessian(REGRESSION, (W, b))

    def test_text_names_the_variables_on_both_borders(self):
        lines = str(self.H).splitlines()
        assert lines[0].split() == ["W", "b"]
        assert [line.split()[0] for line in lines[1:]] == ["W", "b"]
        assert "2 * n * eye(k)" in lines[2]
        assert sf.text(self.H) == str(self.H)

    def test_unicode_and_latex(self):
        assert "2 (XᵀX ⊗ I)" in sf.pretty(self.H)
        written = sf.latex(self.H)
        assert written.startswith(r"\begin{array}{c|cc}  & W & b \\ \hline W &")
        assert self.H._repr_latex_() == rf"$\displaystyle {written}$"

    def test_long_blocks_stand_below(self):
        H = sf.hessian(snp.sum(snp.tanh(X @ W + b) ** 2 * snp.exp(X @ W + b)), (W, b))
        head, rest = str(H).split("where", 1)
        assert "H[W, W]" in head
        assert "H[W, W] = " in rest

    def test_a_row_of_gradients(self):
        g = sf.grad(snp.sum(x * y), (x, y))
        assert str(g).split() == ["x", "y", "y", "x"]
        assert repr(g) == "(y, x)"


@pytest.mark.parametrize("sizes", SHAPES)
def test_products_and_solutions_are_those_of_the_dense_matrix(sizes):
    H = sf.hessian(REGRESSION + snp.sum(W**2), (W, b))
    vw, vb = sf.matrix("vw", d, k), sf.vector("vb", k)
    given = drawn([X, vw, vb], sizes)
    dense = evaluate(H.dense(), given, sizes)
    v = flat([given[vw], given[vb]])
    product = [evaluate(part, given, sizes) for part in H.matvec((vw, vb))]
    np.testing.assert_allclose(flat(product), dense @ v)
    solution = [evaluate(part, given, sizes) for part in H.solve({b: vb, "W": vw})]
    np.testing.assert_allclose(flat(solution), np.linalg.solve(dense, v), rtol=1e-8)


def random_system(seed):
    """A symmetric positive definite map of three variables with blocks of several kinds."""
    rng = np.random.default_rng(seed)
    n_ = 4
    p, q, r = sf.vector("p", n_), sf.matrix("q", 2, 3), sf.scalar("r")
    u, e = sf.vector("u", n_, positive=True), sf.matrix("E", 6, n_)
    f = snp.sum(u * p**2) * 4 + 5 * snp.sum(q**2) + 9 * r**2
    if rng.random() < 0.6:
        f = f + snp.sum(e @ p * q.reshape(6)) / 4
    if rng.random() < 0.6:
        f = f + r * snp.sum(p)
    if rng.random() < 0.4:
        f = f + snp.sum(p) ** 2
    if rng.random() < 0.4:
        f = f + r * snp.sum(q)
    return f, (p, q, r), (u, e)


@pytest.mark.parametrize("seed", range(12))
def test_schur_complements(seed):
    f, variables, others = random_system(seed)
    H = sf.hessian(f, variables)
    sides = tuple(sf.tensor(f"s{i}", *v.shape) for i, v in enumerate(variables))
    given = drawn([*others, *sides], {}, seed)
    given = {v: np.minimum(value, 1.0) for v, value in given.items()}
    dense = evaluate(H.dense(), given)
    np.testing.assert_allclose(dense, dense.T)
    wanted = np.linalg.solve(dense, flat([given[s] for s in sides]))
    found = [evaluate(part, given) for part in H.solve(sides)]
    assert [part.shape for part in found] == [v.shape for v in variables]
    np.testing.assert_allclose(flat(found), wanted, rtol=1e-7, atol=1e-9)


def test_an_arrow_is_solved_without_a_dense_matrix():
    """A diagonal block is eliminated: what is left is one number."""
    H = sf.hessian(snp.sum(w * (x - a) ** 2) / 2 + a**2, (x, a))
    assert "inv" not in str(H.solve((w, a)))


def test_singular_and_misshapen_systems_are_refused():
    H = sf.hessian(snp.sum(x**2) + 0 * snp.sum(y), (x, y))
    with pytest.raises(sf.DomainError, match=r"solving for y: the map is singular.* it is zero"):
        H.solve((x, y))
    with pytest.raises(sf.ShapeError, match="one tensor is needed for each of x, y: got 1"):
        H.solve((x,))
    with pytest.raises(sf.ShapeError, match=r"given for y has shape \(\), expected \(n,\)"):
        H.matvec((x, a))
    with pytest.raises(sf.ShapeError, match="square"):
        sf.jacobian((snp.outer(x, y), y), (x, y)).solve((snp.outer(x, y), y))
    with pytest.raises(KeyError, match="the variables are x, y"):
        H.matvec({"x": x, "z": y})


def test_jacobians_of_several_expressions():
    J = sf.jacobian((X @ W + b, b * 2), (W, b))
    assert isinstance(J, BlockMatrix)
    assert J[0][0].shape == (n, k, d, k)
    assert J[1, "b"] == 2 * snp.eye(k)
    assert J.matvec((W, b)) == (X @ W + b, 2 * b)
    single = sf.jacobian((x**2, snp.sum(x)), x)
    assert type(single) is tuple
    assert [part.shape for part in single] == [(n, n), (n,)]


def test_a_row_as_a_map():
    J = sf.jacobian(X @ W + b, (W, b))
    assert J.matvec({W: W, b: b}) == X @ W + b
    assert J.dense().shape == (n * k, d * k + k)


@pytest.mark.parametrize("backend", ["jax", "numpy"])
def test_programs_give_nested_tuples(backend):
    loss = snp.sum(w * (x - a) ** 2 * x)
    H = sf.hessian(loss, (x, a))
    run = sf.lower(loss, sf.grad(loss, (x, a)), H, backend=backend, precision="float64")
    given = {
        v.full_name if hasattr(v, "full_name") else "a": u
        for v, u in drawn([x, w], {"n": 3}).items()
    }
    value, by_x, by_a, nested = run(**given, a=0.3)

    def f(x_, a_):
        return jnp.sum(given["w"] * (x_ - a_) ** 2 * x_)

    with jax.enable_x64(True):
        wanted = jax.hessian(f, (0, 1))(jnp.asarray(given["x"]), jnp.asarray(0.3))
        np.testing.assert_allclose(value, f(given["x"], 0.3))
    assert len(by_x) == 3
    assert np.shape(by_a) == ()
    for row, line in zip(nested, wanted, strict=True):
        for part, block in zip(row, line, strict=True):
            np.testing.assert_allclose(part, block, atol=1e-12)
    again = pickle.loads(pickle.dumps(sf.lower(H, backend="numpy")))
    assert len(again.inputs) == 3
    assert len(again(x=given["x"], w=given["w"], a=0.3)[0]) == 2


def test_exports():
    H = sf.hessian(snp.sum(x**2 * y), (x, y))
    assert "def program" in sf.export(H, "jax")
    assert sf.export(H, "text") == str(H)
    assert sf.export(H, "json").startswith('{"symflow"')


def test_directions_for_several_variables():
    f = snp.sum((X @ W + b - Y) ** 2)
    vw, vb = sf.matrix("vw", d, k), sf.vector("vb", k)
    H = sf.hessian(f, (W, b))
    sizes = SHAPES[0]
    given = drawn([X, Y, W, b, vw, vb], sizes)

    def close(found, wanted):
        for part, other in zip(found, wanted, strict=True):
            np.testing.assert_allclose(evaluate(part, given, sizes), evaluate(other, given, sizes))

    for product in (sf.hvp, sf.vhp):
        close(product(f, (W, b), (vw, vb)), H.matvec((vw, vb)))
    close([sf.jvp(f, [W, b], [vw, vb])], [sf.grad(f, (W, b)).matvec((vw, vb))])
    close(sf.vjp(f, (W, b), 3), [3 * g for g in sf.grad(f, (W, b))])
    assert sf.hvp(f, (W, b), (vw, vb))[b].shape == (k,)
    with pytest.raises(sf.ShapeError, match="one direction is needed for each of 2 variables"):
        sf.hvp(f, (W, b), (vw,))
    with pytest.raises(sf.ShapeError, match="one direction is needed for each of 2 variables"):
        sf.vhp(f, (W, b), (vw,))


def test_third_derivatives_by_several_variables_are_nested_as_in_jax():
    f = snp.sum(x**3 * y)
    third = sf.jacobian(sf.hessian(f, (x, y)), (x, y))
    assert [[[block.shape for block in row] for row in part] for part in third] == [
        [[(n, n, n)] * 2] * 2
    ] * 2
    assert third[0][1] == sf.jacobian(sf.hessian(f, (x, y))[x, y], (x, y))
    assert third[0][x, y] == third[1][x, x]
