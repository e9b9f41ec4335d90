"""The proof forest: paths by the common ancestor, turned where a tree is rerooted."""

import numpy as np
import pytest

import symflow.numpy as snp
from symflow.core import vector
from symflow.rewriting.saturation.proof import Forest, Link

x, y, z = vector("x", "n"), vector("y", "n"), vector("z", "n")


def test_a_path_goes_by_the_common_ancestor_and_back() -> None:
    forest = Forest()
    forest.link(x, y, "first")
    forest.link(z, y, "second")
    assert list(forest.path(x, z)) == [
        Link(x, y, "first", forward=True),
        Link(y, z, "second", forward=False),
    ]
    assert list(forest.path(x, x)) == []
    forest.link(x, snp.exp(x), "third")
    reasons = [(link.reason, link.forward) for link in forest.path(snp.exp(x), z)]
    assert reasons == [("third", False), ("first", True), ("second", False)]


@pytest.mark.parametrize("seed", range(10))
def test_every_path_leads_along_what_was_linked(seed: int) -> None:
    rng = np.random.default_rng(seed)
    terms = [vector(f"v{j}", "n") for j in range(20)]
    forest = Forest()
    linked = set()
    for j in range(1, 20):  # every term is tied to one of those before it, either way round
        other = terms[int(rng.integers(j))]
        pair = (terms[j], other) if rng.random() < 0.5 else (other, terms[j])
        forest.link(*pair, j)
        linked.add((*pair, j))
    for a in terms:
        for b in terms:
            current = a
            for link in forest.path(a, b):
                assert link.start is current
                stated = (link.start, link.end) if link.forward else (link.end, link.start)
                assert (*stated, link.reason) in linked
                current = link.end
            assert current is b
