"""Names for parts of formulas, by what they are."""

import pytest

import symflow as sf
import symflow.numpy as snp
from symflow.notation.formula import Formula
from symflow.notation.meaning import named, wished

X, w, y = sf.matrix("X", "n", "d"), sf.vector("w", "d"), sf.vector("y", "n")
B = sf.tensor("B", "k", "n", "d")


@pytest.mark.parametrize(
    ("node", "name"),
    [
        (X @ w - y, "r"),
        (X @ w + y, "z"),
        (X @ w, "z"),
        (2 * X @ w, "z"),
        (X.T @ X, "M"),
        (X.T @ X + snp.eye(sf.dim("d")), "M"),
        (sf.nn.softmax(w), "s"),
        (sf.nn.softmax(X), "S"),
        (sf.nn.sigmoid(w), "p"),
        (snp.tanh(w), "h"),
        (snp.tanh(X), "H"),
        (w / snp.linalg.norm(w), "u"),
        (snp.linalg.norm(w), "rho"),
        (snp.linalg.inv(X.T @ X), "K"),
        (snp.mean(w), "mu"),
        (w @ w, "c"),
        (B * B, "T"),
    ],
)
def test_a_part_is_named_by_what_it_is(node, name):
    (tree,) = Formula([node]).trees
    assert wished(tree, node.rank)[0] == name


def test_names_are_distinct_and_free():
    wishes = [("z", "v"), ("h",), ("z", "v"), ("r", "q")]
    assert named(wishes, set()) == ["z1", "h", "z2", "r"]
    assert named(wishes, {"z", "h"}) == ["v1", "h1", "v2", "r"]
    assert named(wishes, {"z", "v", "z1", "r"}) == ["z2", "h", "z3", "q"]
    assert named([("a", "b"), ("b", "c")], {"a"}) == ["b", "c"]
    assert named([], {"a"}) == []
