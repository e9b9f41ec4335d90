"""Text: one line or several, deep, shared, with any names."""

import ast
import time

import numpy as np
import pytest

import symflow as sf
import symflow.numpy as snp
from symflow.core import Tensor, dims, matrix, tensor, vector
from symflow.export.text import to_text
from tests.oracle import evaluate

n, m = dims("n m")
A, x, y = matrix("A", n, n), vector("x", n), vector("y", n)


def test_short_formulas_stand_in_one_line():
    assert to_text(x @ A @ y) == "x @ A @ y"
    twice = snp.tanh(A @ x) * (1 - snp.tanh(A @ x))
    assert to_text(twice) == "tanh(A @ x) * (1 - tanh(A @ x))"


def test_long_repeated_parts_get_names():
    t = (x - snp.mean(x)) / snp.sqrt(snp.mean(snp.exp(x - snp.mean(x))) + 1)
    text = to_text(snp.outer(t, t) * (t @ t) - snp.diag(t))
    *lines, last = text.split("\n")
    assert lines
    assert [line.split(" = ")[0] for line in lines] == ["r", "rho"]
    assert "mean" not in last
    assert text.count("mean(x)") == 1


def test_nothing_is_named_below_the_bound():
    t = snp.exp(A @ x + y)
    assert "\n" not in to_text(t * snp.sin(t) * snp.cos(t), max_chars=1000)
    assert "\n" in to_text(t * snp.sin(t) * snp.cos(t), max_chars=10)


def test_several_expressions_are_a_tuple_and_share_names():
    t = snp.exp(A @ x + y) + snp.log(x * x + 1)
    assert to_text([x, y]) == "(x, y)"
    text = to_text([t * 2, snp.sin(t)], max_chars=20)
    assert text.split("\n")[-1] == "(2 * z, sin(z))"


def test_names_of_parts_are_free():
    u, q = vector("u", n), vector("q", n)
    for taken, name in (((x, x), "u"), ((u, x), "q"), ((u, q), "u1")):
        t = snp.exp(A @ taken[0] + taken[1])
        text = to_text(t * snp.sin(t) * snp.cos(t), max_chars=10)
        assert text.startswith(f"{name} = exp(")


def _check(node: Tensor, text: str, sizes: dict[str, int]) -> None:
    ast.parse(text)
    variables = {v.full_name: v for v in node.free_symbols if isinstance(v, Tensor)}
    back = sf.parse(text, variables)
    rng = np.random.default_rng(0)
    values = {
        name: rng.uniform(-1, 1, [sizes[str(size)] for size in variable.shape])
        for name, variable in variables.items()
    }
    np.testing.assert_allclose(evaluate(back, values), evaluate(node, values), rtol=1e-12)


def test_a_diamond_of_44_levels_is_short_and_reads_back():
    node: Tensor = x
    for _ in range(44):
        node = snp.sin(node) * snp.cos(node) + node
    start = time.process_time()
    text = to_text(node)
    assert time.process_time() - start < 2
    assert len(text) < 6000
    _check(node, text, {"n": 3})


@pytest.mark.parametrize(
    "step",
    [
        lambda z: snp.tanh(z),
        lambda z: snp.sin(z) + x,
        lambda z: snp.tanh(A @ z),
        lambda z: snp.sin(z) * x,
    ],
    ids=["tanh", "add", "layer", "multiply"],
)
def test_chains_print_in_linear_time(step):
    def seconds(depth: int) -> float:
        node: Tensor = x
        for _ in range(depth):
            node = step(node)
        start = time.process_time()
        text = to_text(node)
        taken = time.process_time() - start
        assert max(map(len, text.split("\n"))) < 400
        return taken

    seconds(10)
    short, long = seconds(400), seconds(3200)
    assert long < 20 * short + 0.5


def test_a_chain_100_000_deep_prints():
    node: Tensor = x
    for _ in range(100_000):
        node = snp.tanh(node)
    text = to_text(node)
    assert text.count("tanh") == 100_000
    assert text.startswith("h1 = tanh(")


def test_a_deep_chain_reads_back():
    node: Tensor = x
    for _ in range(2000):
        node = snp.sin(node) + y
    _check(node, to_text(node), {"n": 2})


ODD_NAMES = ("lambda", "my var", "2nd", "__x", "pi", "True", "nan", "x-y", "√")


@pytest.mark.parametrize("name", ODD_NAMES)
def test_any_name_is_written_and_read(name):
    odd = tensor(name, n)
    text = to_text(odd * 2 + y)
    ast.parse(text)
    assert sf.parse(text, {name: odd, "y": y}) is odd * 2 + y


def test_scoped_names_are_dotted():
    W = tensor("W", n, n, scope="encoder")
    assert to_text(W.T @ x) == "encoder.W.T @ x"
    assert sf.parse("encoder.W.T @ x", [W, x]) is W.T @ x


def test_two_variables_of_one_name_are_told_apart():
    other = vector("x", m)
    text = to_text(snp.outer(x, other))
    assert text in ("outer(x, x_2)", "outer(x_2, x)")


def test_arrays_of_numbers_are_written_out():
    assert to_text(vector("v", 3) - np.array([1.0, -2.5, np.inf])) == "v - array([1.0, -2.5, inf])"
    whole = vector("k", 2, dtype="int") * np.array([1, 2])
    assert to_text(whole) == "k * array([1, 2])"
    flags = snp.where(np.array([True, False]), vector("v", 2), 0)
    assert to_text(flags) == "where(array([True, False]), v, 0)"
    assert to_text(vector("v", 100) + np.arange(100.0)) == "constant + v"
    assert to_text(snp.concatenate([np.zeros((0, 2)), matrix("M", 3, 2)])) in (
        "concatenate((zeros((0, 2)), M))",
        "M",
    )


@pytest.mark.parametrize("dtype", ["int", "int32", "float32", "bool", "complex64"])
def test_constants_keep_their_data_type(dtype):
    for node in (snp.ones((2, n), dtype=dtype), snp.zeros(n, dtype=dtype)):
        back = sf.parse(to_text(node), {"n": n})
        assert (back.dtype, back.shape) == (node.dtype, node.shape)
