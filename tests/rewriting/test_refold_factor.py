"""The search: which terms go together, and how long it takes."""

import random

import pytest
import sympy as sp

import symflow.numpy as snp
from symflow.core import add_terms, dims, tensor
from symflow.ops.arithmetic import power_node
from symflow.rewriting.engine import normalise
from symflow.rewriting.refold import length
from symflow.rewriting.refold_factor import Factoring

(n,) = dims("n")
VECTORS = [tensor(f"v{i}", n) for i in range(8)]
MATRICES = [tensor(f"M{i}", n, n) for i in range(6)]
a, b, c, d = VECTORS[:4]


def factored(node):
    return Factoring().factored(node)


def test_the_larger_saving_is_taken():
    e = VECTORS[4]
    node = snp.add(snp.multiply(a, b, c), snp.multiply(a, b, d), a * e)
    assert factored(node) is a * (b * (c + d) + e)


def test_sums_that_are_there_cost_nothing():
    # both ways save one product; where a + b is known, using it again is shorter
    node = snp.add(a * c, b * c, a * d)
    ways = {factored(node), c * (a + b) + a * d, a * (c + d) + b * c}
    assert len(ways) == 2
    search = Factoring()
    search.there = {a + b}
    assert search.factored(node) is c * (a + b) + a * d
    search = Factoring()
    search.there = {c + d}
    assert search.factored(node) is a * (c + d) + b * c


def test_results_are_remembered():
    search = Factoring()
    node = a * c + b * c
    result = search.factored(node)
    assert search.factored(node) is result
    assert search.found[node] is result


def polynomial(count, degree, seed=5):
    rng = random.Random(seed)
    bases = VECTORS + [power_node(v, sp.Integer(-k)) for v in VECTORS[:3] for k in (1, 2)]
    return [snp.multiply(*rng.choices(bases, k=rng.choice([2, 3, degree]))) for _ in range(count)]


def chains(count, seed=5):
    rng = random.Random(seed)
    return [
        rng.choice(MATRICES) @ (rng.choice(MATRICES) @ rng.choice(VECTORS)) for _ in range(count)
    ]


def pairs(count):
    many = [tensor(f"q{i}", n) for i in range(count)]
    step = max(count // 8, 1)
    return [many[i] * many[j] for i in range(count) for j in range(i) if (i + j) % step == 0]


@pytest.mark.parametrize(
    "terms",
    [
        chains(20),
        polynomial(20, 4),
        polynomial(20, 8),
        chains(200),
        polynomial(200, 8),
        pairs(200),
    ],
    ids=["chains", "polynomial", "products", "many chains", "many products", "dense pairs"],
)
def test_long_sums_take_bounded_work(terms):
    """The terms that were cut, over all that was tried."""
    (node,) = normalise([add_terms([(sp.S.One, term) for term in terms], (n,), "float")])
    search = Factoring()
    given = search.work
    result = search.factored(node if len(node.operands) > 1 else node.operands[0])
    assert given - search.work < 300 + 4 * len(terms)
    assert length([result]) < 0.8 * length([node])
