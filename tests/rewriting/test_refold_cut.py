"""Cutting out what terms have in common."""

from fractions import Fraction

import sympy as sp

import symflow.numpy as snp
from symflow.core import Add, dims, tensor
from symflow.core.add import split
from symflow.ops.arithmetic import power_node
from symflow.rewriting.engine import normalise
from symflow.rewriting.refold_cut import Cut
from symflow.rewriting.refold_terms import read_term, rest_node

m, n = dims("m n")
A, B, X = tensor("A", n, n), tensor("B", n, n), tensor("X", m, n)
x, y, z, c, w = tensor("x", n), tensor("y", n), tensor("z", n), tensor("c"), tensor("w", m)


def cut_of(node, kept=()):
    (node,) = normalise([node])
    core = split(node)[1]
    assert isinstance(core, Add)
    cut = Cut((read_term(k, term) for k, term in core.terms), core.shape)
    cut.run(kept)
    return cut


def bases(cut):
    return {factor.base for factor in cut.factors}


def rests(cut):
    axes = cut.axes()
    shape = tuple(cut.sizes[seat] for seat in axes)
    return {split(rest_node(term, axes, shape, "float"))[1] for term in cut.terms}


def test_a_matrix_stays_joined_by_its_inner_axis():
    cut = cut_of(X.T @ X @ x - X.T @ w)
    assert bases(cut) == {X}
    assert len(cut.joining) == 1
    assert rests(cut) == {X @ x, w}


def test_both_ends_at_once():
    cut = cut_of(A @ B @ X.T + A @ A @ X.T)
    assert bases(cut) == {A, X}
    assert rests(cut) == {A, B}
    # A @ (B + eye(n)) @ X.T is no better than A @ (B @ X.T + X.T)
    assert len(bases(cut_of(A @ B @ X.T + A @ X.T))) == 1


def test_nothing_in_common():
    cut = cut_of(A @ x + B @ y)
    assert not cut.factors
    assert not cut.equal


def test_the_least_power_is_cut_out():
    cut = cut_of(snp.multiply(x, x, x, y) + snp.multiply(x, x, z))
    (factor,) = cut.factors
    assert (factor.base, factor.exponent) == (x, 2)
    cut = cut_of(power_node(c, sp.Rational(-1, 2)) * x - power_node(c, sp.Rational(-3, 2)) * y)
    (factor,) = cut.factors
    assert (factor.base, factor.exponent) == (c, Fraction(-1, 2))


def test_powers_of_different_sign_are_no_common_factor():
    assert not cut_of(x * y + z / x).factors


def test_identities_and_numbers_are_cut_out():
    cut = cut_of(snp.eye(n) * c / n + snp.diag(x) / n)
    assert cut.equal == [(0, 1)]
    assert bases(cut) == {n}


def test_a_rest_of_higher_rank_than_all_is_refused():
    # without x on both sides: a tensor of rank 3 where there are vectors and matrices
    cut = cut_of(snp.einsum("ij,j,k,k->ik", A, x, y, z) + snp.einsum("ij,j,kj->ik", B, x, A))
    assert all(term.used_seats() <= set(range(4)) for term in cut.terms)
    assert len(cut.axes()) <= 2


def test_kept_signatures_stay():
    cut = cut_of(X.T @ X @ x - X.T @ w)
    assert not bases(cut_of(X.T @ X @ x - X.T @ w, kept=cut.joining))


def test_the_rests_are_turned_to_show_few_transposes():
    cut = cut_of(A.T @ X.T @ X @ B - X.T @ tensor("Y", m, n) @ B)
    axes = cut.axes()
    assert len(axes) == 2
    assert cut._turns(axes) <= cut._turns(axes[::-1])
