"""SymPy's scalar functions over tensors, against SymPy's own numbers."""

from typing import Any

import numpy as np
import pytest
import sympy as sp

import symflow as sf
import symflow.numpy as snp
from rewrites.differentials import standard
from symflow.calculus import jacobians
from symflow.core import Apply
from symflow.ops.scalarmap import MAP, elementwise
from tests.oracle import evaluate

t, u = sp.Symbol("t", real=True), sp.Symbol("u", real=True)
x, y = sf.vector("x", 3), sf.vector("y", 3)
AT, ALSO = np.array([0.3, 0.7, 1.9]), np.array([1.2, 0.4, 2.5])


def _by_sympy(body: Any, symbols: tuple[sp.Symbol, ...], *arrays: Any) -> Any:
    return [
        float(body.subs(dict(zip(symbols, map(float, row), strict=True))).evalf())
        for row in zip(*arrays, strict=True)
    ]


KNOWN = [
    sp.sin(t) ** 2 + sp.exp(-t) / (1 + t), sp.log(t, 3), sp.sqrt(t) * sp.pi, sp.Abs(t - 1),
    sp.Max(t, 1, t**2), sp.Min(t, 1), sp.atan2(t, 2), sp.erf(t) + sp.erfc(2 * t), sp.loggamma(t),
    sp.digamma(t) + sp.polygamma(2, t), sp.Piecewise((t, t > 1), (t**2, True)), sp.cosh(t) ** t,
    sp.asinh(t) + sp.acosh(t + 1) + sp.atanh(t / 4), sp.Mod(5 * t, 2), sp.floor(3 * t),
]  # fmt: skip


@pytest.mark.parametrize("body", KNOWN, ids=str)
def test_functions_that_symflow_has_become_its_own_operations(body: Any) -> None:
    node = elementwise(sp.Lambda(t, body), x)
    assert not [part for part in node.walk() if getattr(part, "operation", None) is MAP]
    np.testing.assert_allclose(evaluate(node, {x: AT}), _by_sympy(body, (t,), AT), rtol=1e-12)


def test_a_function_that_only_sympy_knows_is_one_node_with_its_derivative() -> None:
    node = elementwise(sp.besselj(1, t) * u, x, y)
    maps = [part for part in node.walk() if isinstance(part, Apply) and part.operation is MAP]
    assert len(maps) == 1
    for variable, symbol in ((x, t), (y, u)):
        (jacobian,) = jacobians(node, [variable], standard())
        wanted = _by_sympy(sp.diff(sp.besselj(1, t) * u, symbol), (t, u), AT, ALSO)
        got = np.diag(evaluate(jacobian, {x: AT, y: ALSO}))
        np.testing.assert_allclose(got, wanted, rtol=1e-10)


def test_equal_maps_are_one_node_whatever_their_symbols_are_called() -> None:
    assert elementwise(sp.besselj(1, t), x) is elementwise(sp.besselj(1, u), x)


def test_sympy_scalars_mix_with_tensors() -> None:
    a = sp.Symbol("a", real=True)
    node = sp.sin(a) * x
    assert a in node.free_symbols
    got = evaluate(node, {x: AT, a: 0.5})
    np.testing.assert_allclose(got, np.sin(0.5) * AT)
    assert sf.grad(snp.sum(node), a).shape == ()


def test_misuse_is_refused() -> None:
    with pytest.raises(sf.RankError, match="takes 1 arguments, got 2"):
        elementwise(sp.Lambda(t, t), x, y)
    with pytest.raises(sf.DTypeError, match="SymPy function"):
        elementwise("sin(t)", x)
    with pytest.raises(sf.DTypeError, match="declare matrices"):
        snp.sin(sp.MatrixSymbol("M", 2, 2))
