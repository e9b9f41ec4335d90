"""Terms taken apart into factors on seats, and put together again."""

import random
from fractions import Fraction

import numpy as np
import sympy as sp

import symflow.numpy as snp
from symflow.core import contract, dims, tensor
from symflow.ops.arithmetic import power_node
from symflow.rewriting.refold_terms import Factor, joined, read_term, rest_node, seen_from_outside
from tests.oracle import evaluate

m, n = dims("m n")
A, B, X = tensor("A", n, n), tensor("B", n, n), tensor("X", m, n)
S = tensor("S", n, n, symmetric=True)
T, o = tensor("T", n, n, n), tensor("o", 1, n)
x, y, c = tensor("x", n), tensor("y", n), tensor("c")
ONE = Fraction(1)


def factor_of(term, base):
    (found,) = (factor for factor in term.factors if factor.base is base)
    return found


def test_seats_are_axes_of_the_sum():
    term = read_term(sp.S.One, snp.einsum("kj,ki->ji", A, B))
    assert seen_from_outside(factor_of(term, A), term.seats) == (-1, 0)
    assert seen_from_outside(factor_of(term, B), term.seats) == (-1, 1)


def test_symmetric_factors_look_the_same_from_both_sides():
    seats = {0: 0}
    assert seen_from_outside(Factor(S, ONE, (5, 0)), seats) == (0, -1)
    assert seen_from_outside(Factor(S, ONE, (0, 5)), seats) == (0, -1)


def test_closed_parts_are_scalars():
    term = read_term(sp.S.One, snp.einsum("i,ij,j,k->k", x, A, x, y))
    assert {factor.base for factor in term.factors} == {x @ A @ x, y} or {
        factor.base for factor in term.factors
    } == {snp.einsum("i,ij,j->", x, A, x), y}


def test_a_lone_closed_part_of_a_scalar_stays_open():
    term = read_term(sp.S.One, snp.einsum("ij,ji->", A, B))
    assert {factor.base for factor in term.factors} == {A, B}


def test_powers_of_one_base_are_one_factor():
    node = snp.multiply(y, y, y)
    assert factor_of(read_term(sp.S.One, node), y).exponent == 3
    half = power_node(y, sp.Rational(-3, 2))
    assert factor_of(read_term(sp.S.One, half * x), y).exponent == Fraction(-3, 2)
    # sqrt(y) twice is y only where y is not negative
    root = power_node(y, sp.S.Half)
    twice = contract(sp.S.One, (root, root), ((0,), (0,)), (0,), {0: n})
    bases = [factor.base for factor in read_term(sp.S.One, twice).factors]
    assert sorted(map(id, bases)) == sorted([id(y), id(root)])


def test_numbers_that_are_not_rational_are_factors():
    term = read_term(sp.sqrt(n) * 2 / m, x)
    assert term.number == 2
    assert {(f.base, f.exponent) for f in term.factors} == {
        (n, Fraction(1, 2)),
        (m, Fraction(-1)),
        (x, ONE),
    }
    term = read_term(sp.Float(-0.1), x)
    assert term.number == -1
    assert term.factors[0].base == sp.Float(0.1)


def test_identities_are_pairs_of_seats():
    term = read_term(sp.S.One, snp.eye(n) * c)
    assert term.deltas == ((0, 1),)
    assert term.used_seats() == {0, 1}
    term = read_term(sp.S.One, snp.diag(x))
    assert term.signatures() == {}  # x may stand on either axis: it is not cut off


def test_axes_of_size_one_have_no_seat():
    term = read_term(sp.S.One, o)
    assert seen_from_outside(term.factors[0], term.seats) == (-1, 1)


def values(sizes, generator):
    leaves = (A, B, X, S, T, o, x, y, c)
    found = {
        leaf.name: generator.uniform(0.5, 2.0, [sizes.get(str(s), s) for s in leaf.shape])
        for leaf in leaves
    }
    found["S"] = found["S"] + found["S"].T
    return found


def test_a_term_put_together_again_has_its_value():
    rng = random.Random(3)
    operands = [A, B, S, T, o, x, y, c, power_node(y, sp.Rational(-3, 2))]
    for seed in range(60):
        chosen = rng.choices(operands, k=rng.choice([0, 1, 2, 3]))
        shape = rng.choice([(), (n,), (n, n), (1, n), (n, n, n)])
        wide = {1: [9], n: [0, 1, 2, 3]}
        output = [rng.choice(wide[size]) for size in shape]
        subscripts = [tuple(rng.choice(wide[size]) for size in node.shape) for node in chosen]
        sizes = dict(zip(output, shape, strict=True))
        for node, labels in zip(chosen, subscripts, strict=True):
            sizes.update(zip(labels, node.shape, strict=True))
        number = rng.choice([sp.S.One, sp.Rational(-2, 3), 1 / n, sp.Float(0.3)])
        before = contract(number, chosen, subscripts, output, sizes, "float")
        term = read_term(sp.S.One, before)
        after = rest_node(term, range(len(shape)), shape, "float")
        assert after.shape == before.shape
        for numbers in ({"n": 3, "m": 2}, {"n": 1, "m": 2}):
            arrays = values(numbers, np.random.default_rng(seed))
            np.testing.assert_allclose(
                evaluate(after, arrays, numbers), evaluate(before, arrays, numbers), rtol=1e-10
            )


def test_factors_are_put_around_the_sum_of_the_rests():
    factors = [Factor(A, ONE, (2, 0)), Factor(n, Fraction(-1), ())]
    node = joined(factors, [], x, (2,), (n,), {0: n, 2: n})
    assert node is A.T @ x / n
    assert joined([], [(0, 1)], x, (0,), (n, n), {0: n, 1: n}) is snp.diag(x)
    assert joined([Factor(n, ONE, ())], [], x, (0,), (n,), {0: n}) is n * x


def test_products_inside_are_opened_while_few_operands_come_together():
    inner = snp.einsum("ij,j->i", B, x)
    node = joined([Factor(A, ONE, (0, 1))], [], inner, (1,), (n,), {0: n, 1: n})
    assert set(node.operands) == {A, B, x}
    many = snp.einsum("ij,jk,kl,lm,mn,no,op,p->i", A, B, A, B, A, B, A, x)
    node = joined([Factor(A, ONE, (0, 1))], [], many, (1,), (n,), {0: n, 1: n})
    assert set(node.operands) == {A, many}
