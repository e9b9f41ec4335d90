"""What is printed means what was printed: to symflow and to NumPy, at two sets of sizes."""

import ast
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import scipy.special
import sympy as sp

import symflow as sf
from symflow.core import Tensor
from tests.notation.graphs import SIZES, arrays, k, m, n, random_graph
from tests.oracle import evaluate

NAMES = {"n": n, "m": m, "k": k}
NUMPY = {name: getattr(np, name) for name in dir(np) if not name.startswith("_")} | {
    "nn": SimpleNamespace(
        sigmoid=scipy.special.expit,
        relu=lambda x: np.maximum(x, 0),
        softmax=lambda x, axis=-1: scipy.special.softmax(x, axis=axis),
    ),
    "special": scipy.special,
}


def run(text: str, values: dict[str, Any]) -> Any:
    """The formula run by NumPy."""
    scope = NUMPY | values
    *lines, last = text.split("\n")
    for line in lines:
        name, _, value = line.partition(" = ")
        scope[name] = eval(value, scope)
    return eval(last, scope)


def check(node: Tensor, text: str) -> None:
    """Fail unless the text is Python and has the node's shape and value."""
    ast.parse(text)
    variables = {v.full_name: v for v in node.free_symbols if isinstance(v, Tensor)}
    back = sf.parse(text, NAMES | variables)
    assert len(back.shape) == len(node.shape)
    assert all(sp.expand(a - b) == 0 for a, b in zip(back.shape, node.shape, strict=True)), text
    for number, sizes in enumerate(SIZES):
        values = arrays(node, sizes, number)
        with np.errstate(all="ignore"):
            wanted = evaluate(node, values, sizes)
            got = evaluate(back, values, sizes)
            plain = np.asarray(run(text, sizes | values))
        np.testing.assert_allclose(got, wanted, rtol=1e-9, atol=1e-9, err_msg=text)
        assert plain.shape == wanted.shape, text
        np.testing.assert_allclose(plain, wanted, rtol=1e-9, atol=1e-9, err_msg=text)


@pytest.mark.parametrize("seed", range(150))
def test_random_graphs_read_back(seed: int) -> None:
    node = random_graph(seed)
    check(node, sf.text(node))


@pytest.mark.parametrize("seed", range(150, 220))
def test_named_parts_read_back(seed: int) -> None:
    node = random_graph(seed)
    check(node, sf.text(node, max_chars=0))


def test_the_check_can_fail() -> None:
    node = random_graph(8)
    with pytest.raises(AssertionError):
        check(node, f"2 * ({sf.text(node)})")
