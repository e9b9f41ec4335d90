"""Figures of steps: both sides on random data."""

import pytest

import symflow as sf
import symflow.numpy as snp
from symflow.api.figures import compared, differentiated
from symflow.rewriting.sides import move_of

A, x, z = sf.matrix("A", "n", "n"), sf.vector("x", "n"), sf.vector("z", "n")
DX = move_of(x)


def test_equal_sides_agree_and_others_do_not():
    assert compared(snp.sin(x) ** 2 + snp.cos(x) ** 2, snp.ones_like(x))
    assert not compared(snp.sin(x), 1.0000001 * snp.sin(x))
    assert compared(z, A @ x, {z: A @ x})
    assert not compared(x, snp.sqrt(x - 1e3) + x)


def test_a_differential_is_compared_with_differences():
    assert differentiated(snp.tanh(x), (1 - snp.tanh(x) ** 2) * DX, {x: DX}, {})
    assert not differentiated(snp.tanh(x), (1 + snp.tanh(x) ** 2) * DX, {x: DX}, {})
    assert differentiated(snp.sin(z), snp.cos(z) * move_of(z), {z: move_of(z)}, {z: A @ x})
    figure = differentiated(x @ A @ x, x @ (A + A.T) @ DX, {x: DX}, {})
    assert figure.relative < 1e-9
    assert "agrees" in str(figure)


def test_what_is_never_defined_is_refused():
    never = snp.sqrt(-1 - x * x)
    with pytest.raises(sf.DomainError, match="no random data"):
        compared(never, never)
    with pytest.raises(sf.DomainError, match="no random data"):
        differentiated(never, DX, {x: DX}, {})
