"""What is printed means what was printed: text to tree to value, at two sets of sizes."""

import ast

import numpy as np
import pytest
import symflow as sf
import sympy as sp
from symflow.core import Tensor
from tests.notation.graphs import SIZES, arrays, k, m, n, random_graph
from tests.oracle import evaluate

NAMES = {"n": n, "m": m, "k": k}


def check(node: Tensor, text: str) -> None:
    """Fail unless the text is Python and has the node's shape and value."""
    ast.parse(text)
    variables = {v.full_name: v for v in node.free_symbols if isinstance(v, Tensor)}
    back = sf.parse(text, NAMES | variables)
    assert back.shape == node.shape or all(
        sp.expand(a - b) == 0 for a, b in zip(back.shape, node.shape, strict=True)
    ), f"{back.shape} instead of {node.shape}:\n{text}"
    for number, sizes in enumerate(SIZES):
        values = arrays(node, sizes, number)
        with np.errstate(all="ignore"):
            wanted = evaluate(node, values, sizes)
            got = evaluate(back, values, sizes)
        np.testing.assert_allclose(got, wanted, rtol=1e-9, atol=1e-9, err_msg=text)


@pytest.mark.parametrize("seed", range(150))
def test_random_graphs_read_back(seed: int) -> None:
    node = random_graph(seed)
    check(node, sf.text(node))


@pytest.mark.parametrize("seed", range(150, 200))
def test_named_parts_read_back(seed: int) -> None:
    node = random_graph(seed)
    check(node, sf.text(node, max_chars=0))
