"""Long scalar code: operations cast in molds give what plans of whole programs give."""

import numpy as np
import pytest

import symflow as sf
import symflow.numpy as snp
from symflow.lowering import plan
from tests.oracle import evaluate

x, y = sf.tensor("x"), sf.tensor("y")
w = sf.vector("w", 3)


def chain():
    z = x
    for _ in range(6):
        z = snp.exp(-z * z / (1 + y * y)) * x - 2.5 * z / snp.sqrt(3 + y) + (z - y) ** 3 / 7
    return z


FORMULAS = {
    "sums and products": chain(),
    "the same operand twice": x * x * y + (x + y) ** 2 * (x + y) + x / x**2 / y,
    "numbers": 3 - 2 * x + 0.25 * (y - 1.5) * 4 / (x - 7),
    "functions": snp.arctan2(x, y) + snp.maximum(x, -y) - snp.log1p(x) * snp.tanh(-x) + abs(y - x),
    "powers": x**2.5 / y**0.5 + snp.sqrt(x * y) ** -3 + snp.cbrt(y),
    "conditions": snp.where(x > y, x - y, y * x) + snp.sign(x - y),
    "entries of arrays": w[0] * x + w[1] ** 2 / w[2] + snp.sum(w) * y,
}
VALUES = {x: 0.7, y: 1.3, w: np.array([0.3, 0.8, 1.9])}


@pytest.mark.parametrize("backend", ["numpy", "jax"])
@pytest.mark.parametrize("name", FORMULAS)
def test_molds(name, backend, monkeypatch):
    monkeypatch.setattr(plan, "LONG", 0)
    f = FORMULAS[name]
    program = sf.lower(f, backend=backend, precision="float64", optimise=False)
    given = {node.full_name: value for node, value in VALUES.items()}
    found = program(**{v.full_name: given[v.full_name] for v in program.inputs})
    np.testing.assert_allclose(found, evaluate(f, VALUES), rtol=1e-13)


def test_long_code_is_planned_once_for_each_kind(monkeypatch):
    """Programs of thousands of operations ask for few plans; their gradients are right."""
    asked = []
    alone = plan.Plan._alone
    monkeypatch.setattr(plan.Plan, "_alone", lambda *args: asked.append(args) or alone(*args))
    z = x
    for _ in range(800):
        z = snp.sin(z) * y + 0.5
    program = sf.lower(z, *sf.grad(z, [x, y]), backend="numpy", precision="float64")
    assert 0 < len(asked) < 25
    value, by_x, by_y = program(x=0.4, y=0.9)
    z, dx, dy = 0.4, 1.0, 0.0
    for _ in range(800):
        z, dx, dy = (
            np.sin(z) * 0.9 + 0.5,
            np.cos(z) * dx * 0.9,
            np.cos(z) * dy * 0.9 + np.sin(z),
        )
    np.testing.assert_allclose([value, by_x, by_y], [z, dx, dy], rtol=1e-10, atol=1e-300)
