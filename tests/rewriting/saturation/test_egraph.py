"""The e-graph: congruence closure against a naive one, canonical terms, proofs that lead on."""

from itertools import product

import numpy as np
import pytest

import symflow.numpy as snp
from symflow.core import Tensor, Variable, matrix, postorder, vector
from symflow.core.dims import same_shape
from symflow.rewriting.saturation.egraph import EGraph
from symflow.rewriting.saturation.proof import Congruence

A, B = matrix("A", "n", "n"), matrix("B", "n", "n")
x, y, z = vector("x", "n"), vector("y", "n"), vector("z", "n")


def test_congruence_goes_up() -> None:
    graph = EGraph()
    graph.add(snp.sin(snp.exp(A @ x)))
    graph.add(snp.sin(snp.exp(y)))
    assert not graph.equal(snp.sin(snp.exp(A @ x)), snp.sin(snp.exp(y)))
    assert graph.unite(A @ x, y, "given")
    assert graph.equal(snp.sin(snp.exp(A @ x)), snp.sin(snp.exp(y)))
    assert not graph.unite(A @ x, y, "given")


def test_terms_added_later_are_congruent_too() -> None:
    graph = EGraph()
    graph.unite(x, y, "given")
    graph.add(snp.exp(x))
    graph.add(snp.exp(y))
    assert graph.equal(snp.exp(x), snp.exp(y))


def test_order_and_names_of_labels_do_not_matter() -> None:
    graph = EGraph()
    graph.unite(snp.exp(x), snp.sin(y), "given")
    graph.add(z + snp.exp(x))
    graph.add(snp.sin(y) + z)
    assert graph.equal(z + snp.exp(x), snp.sin(y) + z)
    graph.add(A @ snp.exp(x))
    graph.add(snp.sin(y) @ A.T)
    assert graph.equal(A @ snp.exp(x), snp.sin(y) @ A.T)


def test_a_leaf_names_its_class_and_structure_is_seen_through_it() -> None:
    graph = EGraph()
    ones = snp.ones(x.shape)
    graph.add(snp.exp(x) * y)
    graph.unite(snp.exp(x), ones, "given")
    assert graph.name(graph.class_of(snp.exp(x))) is ones
    assert graph.equal(snp.exp(x) * y, y)


def test_like_terms_that_become_equal_are_collected() -> None:
    graph = EGraph()
    graph.add(snp.exp(x) - snp.sin(x))
    graph.add(snp.zeros(x.shape))
    graph.unite(snp.exp(x), snp.sin(x), "given")
    assert graph.equal(snp.exp(x) - snp.sin(x), snp.zeros(x.shape))


def test_only_terms_of_one_type_are_united() -> None:
    graph = EGraph()
    with pytest.raises(ValueError, match="differ in shape"):
        graph.unite(A, x, "given")
    with pytest.raises(ValueError, match="differ in shape or data type"):
        graph.unite(x, Variable("k", x.shape, "int"), "given")


# ----------------------------------------------------------------------------- at random


def random_terms(seed: int) -> list[Tensor]:
    rng = np.random.default_rng(seed)
    terms: list[Tensor] = [x, y, z]
    for _ in range(12):
        a, b = (terms[int(rng.integers(len(terms)))] for _ in range(2))
        make = [lambda a, b: snp.exp(a), lambda a, b: snp.sin(a), lambda a, b: snp.maximum(a, b)]
        terms.append(make[int(rng.integers(3))](a, b))
    return list(dict.fromkeys(postorder(terms)))


def closure(terms: list[Tensor], given: list[tuple[Tensor, Tensor]]) -> dict[Tensor, int]:
    """Classes by comparing all pairs until nothing changes."""
    label = {term: number for number, term in enumerate(terms)}

    def merge(a: Tensor, b: Tensor) -> bool:
        old, new = label[a], label[b]
        for term in terms:
            if label[term] == old:
                label[term] = new
        return old != new

    for a, b in given:
        merge(a, b)
    changed = True
    while changed:
        changed = False
        for a, b in product(terms, terms):
            if label[a] != label[b] and _congruent(a, b, label):
                changed |= merge(a, b)
    return label


def _congruent(a: Tensor, b: Tensor, label: dict[Tensor, int]) -> bool:
    if not a.operands or getattr(a, "operation", None) is not getattr(b, "operation", None):
        return False
    first, second = ([label[o] for o in node.operands] for node in (a, b))
    commutes = "commutative" in a.operation.facts
    return first == second or (commutes and sorted(first) == sorted(second))


@pytest.mark.parametrize("seed", range(30))
def test_classes_are_those_of_a_naive_closure(seed: int) -> None:
    rng = np.random.default_rng(seed + 1000)
    terms = random_terms(seed)
    given = [(terms[int(i)], terms[int(j)]) for i, j in rng.integers(len(terms), size=(4, 2))]
    given = [(a, b) for a, b in given if a is not b and same_shape(a.shape, b.shape)]
    graph = EGraph()
    for term in terms[: len(terms) // 2]:
        graph.add(term)
    for a, b in given:
        graph.unite(a, b, "given")
    for term in terms:
        graph.add(term)
    label = closure(terms, given)
    for a, b in product(terms, terms):
        if label[a] == label[b]:
            assert graph.equal(a, b), (given, a, b)
        elif graph.equal(a, b):  # max(a, a) and the like are more than congruence knows
            pytest.fail(f"{a} and {b} should differ under {given}")


@pytest.mark.parametrize("seed", range(30))
def test_proofs_are_made_of_what_was_given(seed: int) -> None:
    rng = np.random.default_rng(seed + 2000)
    terms = random_terms(seed)
    graph = EGraph()
    given = set()
    for i, j in rng.integers(len(terms), size=(5, 2)):
        if i != j:
            graph.unite(terms[int(i)], terms[int(j)], "given")
            given.add(frozenset((terms[int(i)], terms[int(j)])))
    for a, b in product(terms, terms):
        graph.add(a)
        graph.add(b)
        if graph.equal(a, b):
            assert _is_proved(graph, a, b, given, 0)


def _is_proved(graph: EGraph, a: Tensor, b: Tensor, given: set, depth: int) -> bool:
    assert depth < 100
    current = a
    for link in graph.links(a, b):
        assert link.start is current
        current = link.end
        if isinstance(link.reason, Congruence):
            node, operands = link.reason.term, link.reason.operands
            ends = (node, node.with_operands(operands))
            assert {link.start, link.end} <= {*ends}
            pairs = zip(node.operands, operands, strict=True)
            assert all(_is_proved(graph, p, q, given, depth + 1) for p, q in pairs)
        else:
            assert frozenset((link.start, link.end)) in given
    return current is b
