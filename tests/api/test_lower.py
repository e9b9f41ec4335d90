"""``sf.lower``: from expressions to programs, rewritten first."""

from typing import Any

import jax
import numpy as np
import pytest

import symflow as sf
import symflow.nn as nn
import symflow.numpy as snp
from symflow.lowering import Program
from tests.oracle import evaluate
from tests.random_programs import random_program, symflow_space

n, d = sf.dims("n d")
X, w, y = sf.matrix("X", n, d), sf.vector("w", d), sf.vector("y", n)
LOSS = snp.sum((X @ w - y) ** 2) / n


def test_the_surface():
    f = sf.lower(LOSS, sf.grad(LOSS, w))
    assert isinstance(f, Program)
    assert [str(variable) for variable in f.inputs] == ["X", "w", "y"]
    assert f.outputs == ((), (d,))
    assert "symflow" not in f.source
    a, b, c = np.ones((4, 3)), np.ones(3), np.zeros(4)
    value, gradient = f(X=a, w=b, y=c)
    assert float(value) == 9
    np.testing.assert_allclose(gradient, np.full(3, 6.0))
    assert f(a, b, c)[0] == value


def test_results_follow_the_arguments():
    assert sf.lower(y)(np.ones(2)).shape == (2,)
    assert isinstance(sf.lower((y,))(np.ones(2)), tuple)
    one, two, three = sf.lower(y, (snp.sum(y), 3))(np.ones(2))
    assert (one.shape, float(two), int(three)) == ((2,), 2, 3)
    assert sf.lower([X @ w, y], backend="numpy")(np.ones((1, 1)), [1], [2])[0] == 1
    assert sf.lower(np.arange(3.0))().shape == (3,)
    pair = sf.lower(snp.linalg.slogdet(sf.matrix("A", n, n)))(np.eye(2))
    assert [float(part) for part in pair] == [1, 0]


def test_what_is_no_tensor_is_refused():
    for wrong in ("X @ w", None, {"a": y}, object()):
        with pytest.raises(sf.LoweringError):
            sf.lower(wrong)
    with pytest.raises(sf.LoweringError, match="nothing to lower"):
        sf.lower()
    with pytest.raises(sf.LoweringError, match="nothing to lower"):
        sf.lower(())


def test_stable_forms_run():
    z = sf.vector("z", n)
    f = sf.lower(snp.log(snp.sum(snp.exp(z))), snp.exp(z) / snp.sum(snp.exp(z)))
    value, probabilities = f(np.array([1000.0, 1000.0]))
    np.testing.assert_allclose(value, 1000 + np.log(2), rtol=1e-6)
    np.testing.assert_allclose(probabilities, [0.5, 0.5])
    plain = sf.lower(snp.exp(z) / snp.sum(snp.exp(z)), optimise=False)
    assert np.isnan(plain(np.array([1000.0, 1000.0]))).all()


def test_symbols_of_sympy_mix_in():
    import sympy as sp

    a = sp.Symbol("a")
    f = sf.lower(a * y, precision="float64", backend="numpy")
    assert f.inputs == (a, y)
    np.testing.assert_allclose(f(a=0.5, y=[2.0]), [1])


def test_source_for_given_shapes():
    f = sf.lower(snp.einsum("ij,jk,kl->il", X, sf.matrix("B", d, n), X), y)
    wide = f.source_for(X=(1000, 2))
    tall = f.source_for(X=(2, 1000))
    assert "return X @ (B @ X), y" in wide
    assert "return X @ B @ X, y" in tall
    assert f.source_for(y=(5,)) == f.source_for(y=5)
    with pytest.raises(sf.ShapeError, match="axis 0"):
        f.source_for(X=(4, 3), y=(5,))
    with pytest.raises(sf.LoweringError, match="no input Z"):
        f.source_for(Z=(4, 3))


def test_a_network_with_its_gradients():
    h, c = sf.dims("h c")
    x, labels = sf.matrix("x", n, d), sf.matrix("labels", n, c, one_hot=True)
    W1, b1 = sf.matrix("W1", d, h), sf.vector("b1", h)
    W2, b2 = sf.matrix("W2", h, c), sf.vector("b2", c)
    logits = nn.relu(x @ W1 + b1) @ W2 + b2
    loss = -snp.sum(labels * nn.log_softmax(logits)) / n
    gradients = sf.grad(loss, [W1, b1, W2, b2])
    f = sf.lower(loss, *gradients, precision="float64")
    rng = np.random.default_rng(0)
    sizes = {"n": 5, "d": 3, "h": 4, "c": 2}
    values = {leaf: rng.normal(size=[sizes[size.name] for size in leaf.shape]) for leaf in f.inputs}
    values[labels] = np.eye(2)[[0, 1, 1, 0, 1]]
    results = f(*(values[leaf] for leaf in f.inputs))
    for result, node in zip(results, (loss, *gradients), strict=True):
        np.testing.assert_allclose(result, evaluate(node, values), rtol=1e-10, atol=1e-12)
    assert f.source.count("@") <= 5
    assert len(f.source.splitlines()) < 45


@pytest.mark.parametrize("batch", range(6))
def test_random_programs_with_derivatives(batch):
    for seed in range(10 * batch, 10 * batch + 10):
        program = random_program(seed)
        variables = [sf.tensor(f"x{k}", *shape) for k, shape in enumerate(program.shapes)]
        rng = np.random.default_rng(seed)
        values = [rng.normal(size=shape) for shape in program.shapes]
        node = program.run(symflow_space(), variables)
        nodes = [node, sf.jacobian(node, variables[0])]
        backend = "jax" if seed % 10 == 0 else "numpy"
        f = sf.lower(nodes, inputs=variables, precision="float64", backend=backend)
        with np.errstate(all="ignore"):
            wanted = [evaluate(part, dict(zip(variables, values, strict=True))) for part in nodes]
        for result, want in zip(f(*values), wanted, strict=True):
            known = np.isfinite(want)
            scale = 1 + np.max(np.abs(want[known]), initial=0.0)
            error = np.max(np.abs(np.asarray(result) - want)[known], initial=0.0)
            assert error <= 1e-9 * scale, f"seed {seed}: {error}\n{program}\n{f.source}"


def test_known_sizes_choose_the_form():
    """A low-rank update is inverted through its small side, at sizes given either way."""
    k = sf.dim("k")
    for rows, columns, given in ((60, 3, None), (n, k, {"n": 60, "k": 3})):
        U, z = sf.matrix("U", rows, columns), sf.vector("z", rows)
        formula = snp.linalg.inv(snp.eye(rows) + U @ U.T) @ z
        f = sf.lower(formula, precision="float64", sizes=given)
        assert "@ U.T" not in f.source
        rng = np.random.default_rng(0)
        values = {"U": rng.normal(size=(60, 3)), "z": rng.normal(size=60)}
        want = np.linalg.solve(np.eye(60) + values["U"] @ values["U"].T, values["z"])
        np.testing.assert_allclose(f(**values), want, rtol=1e-10)
    assert "solve" in sf.lower(formula).source  # of unknown sizes the formula stays as typed


@pytest.mark.parametrize("backend", ["jax", "numpy"])
def test_each_set_of_sizes_has_its_plan(backend):
    k = sf.dim("k")
    U, z = sf.matrix("U", n, k), sf.vector("z", n)
    formula = snp.linalg.inv(snp.eye(n) + U @ U.T) @ z
    f = sf.lower(formula, precision="float64", backend=backend)
    assert "@ U.T" in f.source
    assert "@ U.T" in f.source_for(U=(3, 60))
    assert "@ U.T" not in f.source_for(U=(60, 3))
    rng = np.random.default_rng(0)
    for shape in ((60, 3), (3, 60), (60, 3), (1, 1), (0, 2), (2, 0)):
        left, right = rng.normal(size=shape), rng.normal(size=shape[0])
        want = np.linalg.solve(np.eye(shape[0]) + left @ left.T, right)
        np.testing.assert_allclose(f(U=left, z=right), want, rtol=1e-10)
    space: dict[str, Any] = {}
    exec(f.source_for(U=(60, 3)), space)  # the text alone does the same
    with jax.enable_x64(True):
        left, right = rng.normal(size=(60, 3)), rng.normal(size=60)
        got = space["program"](left, right)
    np.testing.assert_allclose(got, f(U=left, z=right), rtol=1e-12)


def test_what_rewriting_removes_is_still_an_input():
    f = sf.lower(
        snp.sum(snp.sin(X) ** 2 + snp.cos(X) ** 2) + snp.sum(w),
        backend="numpy",
        precision="float64",
    )
    assert f.inputs == (X, w)
    assert float(f(X=np.ones((2, 3)), w=[1.0, 2.0, 3.0])) == 12.0
    with pytest.raises(sf.ShapeError, match="w has shape"):
        f(X=np.ones((2, 3)), w=[1.0])
