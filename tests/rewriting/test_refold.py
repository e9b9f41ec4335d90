"""Refolding: the form of what comes out, its value, and how long it takes."""

import random
import time

import numpy as np
import pytest
import sympy as sp

import symflow.nn as nn
import symflow.numpy as snp
from symflow.core import Add, Einsum, Tensor, add_terms, constant, contract, dims, postorder, tensor
from symflow.core.walk import use_counts
from symflow.ops.arithmetic import power_node
from symflow.rewriting.engine import normalise
from symflow.rewriting.refold import length, refold
from tests.oracle import evaluate

d, h, k, m, n, p, q = dims("d h k m n p q")
A, B, G = (tensor(name, n, n) for name in "ABG")
X, w, y = tensor("X", m, n), tensor("w", n), tensor("y", m)
a, b, u, x, z = (tensor(name, n) for name in "abuxz")
S = tensor("S", n, n, symmetric=True)
inv, norm, outer = snp.linalg.inv, snp.linalg.norm, snp.outer


def normal(node: Tensor) -> Tensor:
    return normalise([node])[0]


def refolded(node: Tensor) -> Tensor:
    return normal(refold(normal(node)))


def kalman() -> tuple[Tensor, Tensor]:
    K, H, R = tensor("K", n, m), tensor("H", m, n), tensor("R", m, m, positive_definite=True)
    cross = S @ H.T
    return 2 * K @ H @ S @ H.T + 2 * K @ R - 2 * S @ H.T, 2 * (K @ (H @ cross + R) - cross)


def parafac() -> tuple[Tensor, Tensor]:
    T, U, V, W = tensor("T", m, n, p), tensor("U", m, k), tensor("V", n, k), tensor("W", p, k)
    expanded = 2 * snp.einsum("is,js,jr,ls,lr->ir", U, V, V, W, W)
    expanded -= 2 * snp.einsum("ijl,jr,lr->ir", T, V, W)
    residual = snp.einsum("ir,jr,lr->ijl", U, V, W) - T
    return expanded, 2 * snp.einsum("ijl,jr,lr->ir", residual, V, W)


def attention() -> tuple[Tensor, Tensor]:
    Q, K, V, C = tensor("Q", m, d), tensor("K", p, d), tensor("V", p, h), tensor("C", m, h)
    weights = nn.softmax(Q @ K.T / snp.sqrt(d), axis=1)
    back = C @ V.T
    mean = snp.sum(weights * back, axis=1, keepdims=True)
    expanded = (weights * back) @ K / snp.sqrt(d) - (weights * mean) @ K / snp.sqrt(d)
    return expanded, weights * (back - mean) @ K / snp.sqrt(d)


def layer_norm() -> tuple[Tensor, Tensor]:
    centred = x - snp.mean(x)
    variance = snp.mean(centred * centred) + tensor("e", positive=True)
    scale = variance ** sp.Rational(-1, 2)
    expanded = scale * b - scale * snp.mean(b)
    expanded -= centred * (snp.sum(b * centred) / n) * variance ** sp.Rational(-3, 2)
    inner = b - (snp.sum(b) + snp.sum(b * centred) / variance * centred) / n
    return expanded, scale * inner


def quadratic() -> tuple[Tensor, Tensor]:
    D, r = tensor("D", m, m), X @ b + y
    return outer(D @ r, b) + outer(D.T @ r, b), outer((D + D.T) @ r, b)


def trace_of_squares() -> tuple[Tensor, Tensor]:
    L, N, C = tensor("L", p, m), tensor("N", n, q), tensor("C", p, q)
    expanded = 2 * L.T @ L @ X @ N @ N.T + 2 * L.T @ C @ N.T
    return expanded, 2 * L.T @ (L @ X @ N + C) @ N.T


def unit_vector() -> tuple[Tensor, Tensor]:
    unit = x / norm(x)
    return snp.eye(n) / norm(x) - outer(x, x) / norm(x) ** 3, (
        snp.eye(n) - outer(unit, unit)
    ) / norm(x)


def heavy_tails() -> tuple[Tensor, Tensor]:
    scaled = 1 + x @ S @ x
    slope = 2 * S @ x / scaled**2
    expanded = (2 * snp.eye(n) / scaled - outer(slope, x)) @ S - outer(slope, S @ x)
    return expanded, 2 * (S - 2 * outer(S @ x, S @ x) / scaled) / scaled


FORMS = {
    "matrix and its transpose": (A @ x + A.T @ x, (A + A.T) @ x),
    "least squares": (2 * X.T @ X @ w - 2 * X.T @ y, 2 * X.T @ (X @ w - y)),
    "symbolic content": (2 / m * X.T @ X @ w - 2 / m * (X.T @ y), 2 / m * X.T @ (X @ w - y)),
    "float content": (0.1 * a - 0.1 * b, 0.1 * (a - b)),
    "part of a sum": (A @ x + B @ x - u, (A + B) @ x - u),
    "as far as it is no dearer": (A @ B @ x + A @ G @ B @ x, A @ (B @ x + G @ (B @ x))),
    "both sides": (A @ B @ X.T - A @ G @ X.T, A @ (B - G) @ X.T),
    "two groups": (a * b + a * u + x * b + x * u, (a + x) * (b + u)),
    "nested": (a * b * u + a * b * z + a * x, a * (b * (u + z) + x)),
    "logistic": (
        nn.sigmoid(x) - nn.sigmoid(x) * nn.sigmoid(x),
        nn.sigmoid(x) * (1 - nn.sigmoid(x)),
    ),
    "rayleigh quotient": (
        2 * S @ x / (x @ x) - 2 * (x @ S @ x) * x / (x @ x) ** 2,
        2 * (S @ x - (x @ S @ x) / (x @ x) * x) / (x @ x),
    ),
    "square root of a base": (
        a * (x @ w) ** sp.Rational(-1, 2) - b * (x @ w) ** sp.Rational(-3, 2),
        (x @ w) ** sp.Rational(-1, 2) * (a - b / (x @ w)),
    ),
    "scalar and identity": (
        (x @ w) * snp.eye(n) - (x @ w) * outer(u, u),
        (x @ w) * (snp.eye(n) - outer(u, u)),
    ),
    "shared identity": (
        snp.einsum("ip,jq->ijpq", snp.eye(m), X.T @ X)
        + snp.einsum("ip,jq->ijpq", snp.eye(m), snp.eye(n)),
        snp.einsum("ip,jq->ijpq", snp.eye(m), X.T @ X + snp.eye(n)),
    ),
    "elementwise": ((G * A) @ x + (G * A).T @ x, (G * A + (G * A).T) @ x),
    "symmetric operand": (S @ A + B @ S @ A, None),
    "trace": (snp.trace(A @ B) + snp.trace(A @ G), snp.sum(A * (B + G).T)),
    "kalman gain": kalman(),
    "tensor factorisation": parafac(),
    "softmax attention": attention(),
    "layer norm": layer_norm(),
    "sum inside a product": heavy_tails(),
    "number inside a product": (
        outer(A.T @ (2 * (A @ (A @ x))), x) + outer(2 * (A @ (A @ x)), A @ x),
        2 * (outer(A.T @ (A @ (A @ x)), x) + outer(A @ (A @ x), A @ x)),
    ),
    "quadratic form": quadratic(),
    "trace of squares": trace_of_squares(),
    "unit vector": unit_vector(),
}


SAME_LENGTH = {"logistic", "softmax attention", "number inside a product"}


@pytest.mark.parametrize("name", [name for name, form in FORMS.items() if form[1] is not None])
def test_the_form_of_an_author(name):
    expanded, expected = FORMS[name]
    result = refolded(expanded)
    assert result is refolded(expected)
    assert length([result]) <= length([normal(expected)])
    assert length([result]) < length([normal(expanded)]) or name in SAME_LENGTH


KEPT = {
    "jacobian of softmax": snp.diag(nn.softmax(x)) - outer(nn.softmax(x), nn.softmax(x)),
    "covariance gradient": outer(inv(S) @ x, inv(S) @ x) - inv(S),
    "quadratic and linear form": x @ A @ x + b @ x,
    "nothing shared": A @ x + B @ u - z,
    # (A @ B + G) @ x would form a matrix product where there are products with vectors alone
    "no dearer product": A @ B @ x + G @ x,
    "residual": X @ w - y,
    "derivative of a quadratic form": snp.einsum("lj,ki->klij", snp.eye(n), X.T @ tensor("D", m, m))
    + snp.einsum("kj,il->klij", snp.eye(n), tensor("D", m, m) @ X),
}


@pytest.mark.parametrize("name", KEPT)
def test_what_is_in_order_stays(name):
    node = normal(KEPT[name])
    assert normal(refold(node)) is node


@pytest.mark.parametrize("name", FORMS)
def test_refolding_twice_changes_nothing(name):
    once = refold(normal(FORMS[name][0]))
    assert refold(once) is once


def test_bool_sums_stay():
    flags = tensor("f", n, dtype="bool")
    node = add_terms(
        [(sp.S.One, flags * tensor("g", n, dtype="bool")), (sp.S.One, flags)], (n,), "bool"
    )
    assert refold(node) is node


def test_a_rest_of_another_type_is_not_cut_free():
    mask, other = tensor("f", n, dtype="bool"), tensor("g", n, dtype="bool")
    masked = [
        contract(sp.S.One, (x, flag), ((0,), (0,)), (0,), {0: n}, "float") for flag in (mask, other)
    ]
    node = masked[0] + masked[1]  # the sum of two bools is no number
    assert refold(node) is node
    assert refold(x * mask + b * mask) is (x + b) * mask


def test_shared_sum_is_not_opened():
    residual = X @ w + y
    node = snp.exp(residual) @ residual + snp.sum(residual)
    result = refold(normal(node))
    assert use_counts(postorder([result]))[residual] > 1


# ---------------------------------------------------------------------- values

c = tensor("c")
POOL = [
    *(A, B, X, x, w, y, c, tensor("s"), S, tensor("T", n, n, n), tensor("o", 1, n)),
    *(power_node(c, sp.Rational(e)) for e in ("-1", "-2", "-3/2")),
    *(power_node(w, sp.Rational(e)) for e in ("-1", "-3/2", "1/2")),
]
LABELS = {n: (0, 1, 2, 3), m: (4, 5), 1: (6,)}
NUMBERS = [1, 1, 1, -1, 2, sp.Rational(1, 3), n, 2 * n, sp.sqrt(n), sp.Float(0.1)]
SHAPES = [(), (n,), (n,), (n, n), (n, n), (m, n), (n, n, m), (1, n)]
SIZES = [{"n": 3, "m": 2}, {"n": 1, "m": 2}, {"n": 2, "m": 1}, {"n": 0, "m": 2}, {"n": 2, "m": 0}]


def random_product(rng: random.Random, shape: tuple[object, ...]) -> Tensor:
    """Up to four operands on few labels: traces, diagonals, identities and broadcasts occur."""
    few = rng.choice([5, 11, len(POOL)])
    operands = [rng.choice(POOL[:few]) for _ in range(rng.choice([0, 1, 2, 2, 3, 3, 4]))]
    output = [rng.choice(LABELS[size]) for size in shape]
    sizes = dict(zip(output, shape, strict=True))
    subscripts = []
    for operand in operands:
        labels = []
        for size in operand.shape:
            shown = [label for label in output if label in LABELS[size]]
            labels.append(rng.choice(shown if shown and rng.random() < 0.5 else LABELS[size]))
            sizes[labels[-1]] = size
        subscripts.append(tuple(labels))
    return contract(sp.sympify(rng.choice(NUMBERS)), operands, subscripts, output, sizes, "float")


def random_sum(rng: random.Random) -> Tensor:
    """A sum of products; now and then multiplied by a scalar and added again."""
    shape = rng.choice(SHAPES)
    terms = [random_product(rng, shape) for _ in range(rng.choice([2, 2, 3, 4, 6]))]
    node = add_terms([(sp.S.One, term) for term in terms], shape, "float")
    if rng.random() < 0.4:
        node = node + node * c + random_product(rng, shape)
    return node


def random_values(sizes: dict[str, int], seed: int) -> dict[str, np.ndarray]:
    generator = np.random.default_rng(seed)
    values = {}
    for leaf in POOL[:11]:
        shape = tuple(sizes.get(str(size), size) for size in leaf.shape)
        value = generator.uniform(0.5, 2.0, shape)
        if leaf.name not in "cw":  # those two stand under fractional powers
            value = value * generator.choice([-1.0, 1.0], shape)
        values[leaf.name] = value + value.T if leaf.name == "S" else value
    return values


def assert_same_value(before: Tensor, after: Tensor, seed: int) -> None:
    assert (after.shape, after.dtype) == (before.shape, before.dtype)
    for sizes in SIZES:
        values = random_values(sizes, seed)
        expected, found = evaluate(before, values, sizes), evaluate(after, values, sizes)
        scale = 1 + np.max(np.abs(expected), initial=0.0)
        assert np.max(np.abs(found - expected), initial=0.0) <= 1e-9 * scale, (seed, sizes)


def check_random_sums(seeds: range) -> int:
    changed = 0
    for seed in seeds:
        node = random_sum(random.Random(seed))
        node = normal(node) if seed % 2 else node
        result = refold(node)
        changed += result is not node
        assert_same_value(node, result, seed)
    return changed


def test_random_sums_keep_their_value():
    assert check_random_sums(range(80)) > 20


@pytest.mark.fuzz
def test_many_random_sums_keep_their_value():
    assert check_random_sums(range(1000, 4000)) > 800


MIXED = {
    kind: [
        tensor(f"{kind}_A", n, n, dtype=kind),
        tensor(f"{kind}_x", n, dtype=kind),
        tensor(f"{kind}_c", dtype=kind),
    ]
    for kind in ("float", "int", "bool", "complex")
}


def mixed_value(leaf: Tensor, size: int, generator: np.random.Generator) -> np.ndarray:
    shape = (size,) * leaf.rank
    whole = generator.integers(-3, 4, size=shape)
    return {
        "float": generator.normal(size=shape),
        "int": whole,
        "bool": whole > 0,
        "complex": generator.normal(size=shape) + 1j * whole,
    }[leaf.dtype]


@pytest.mark.parametrize(
    "kinds", [("int", "int"), ("int", "bool"), ("float", "int", "bool"), ("complex", "float")]
)
def test_sums_of_mixed_types_keep_value_and_type(kinds):
    changed = 0
    leaves = [leaf for kind in kinds for leaf in MIXED[kind]]
    for seed in range(25):
        rng = random.Random(seed)
        shape = rng.choice([(), (n,), (n, n)])
        terms = []
        for _ in range(rng.choice([2, 3, 4])):
            operands = [*rng.choices(leaves, k=rng.choice([1, 2])), rng.choice(MIXED[kinds[0]])]
            subscripts = [tuple(rng.choices(range(3), k=operand.rank)) for operand in operands]
            output = rng.choices(range(3), k=len(shape))
            sizes = dict.fromkeys([*output, *(k for labels in subscripts for k in labels)], n)
            terms.append(contract(sp.S.One, operands, subscripts, output, sizes))
        node = add_terms([(sp.S.One, term) for term in terms], shape, terms[0].dtype)
        result = refold(node)
        changed += result is not node
        assert (result.shape, result.dtype) == (node.shape, node.dtype)
        for size in (3, 1, 0):
            generator = np.random.default_rng(seed)
            values = {leaf.name: mixed_value(leaf, size, generator) for leaf in leaves}
            before = evaluate(node, values, {"n": size})
            after = evaluate(result, values, {"n": size})
            assert before.dtype == after.dtype
            np.testing.assert_allclose(after, before, rtol=1e-9, atol=1e-9)
    assert changed > 5


@pytest.mark.parametrize("name", ["rayleigh quotient", "tensor factorisation", "unit vector"])
def test_forms_keep_their_value(name):
    before = normal(FORMS[name][0])
    after = refold(before)
    generator = np.random.default_rng(0)
    for sizes in ({"n": 3, "m": 2, "p": 4, "k": 2}, {"n": 1, "m": 1, "p": 1, "k": 1}):
        leaves = [
            node for node in postorder([before]) if not node.operands and hasattr(node, "name")
        ]
        values = {
            leaf.name: generator.normal(size=[sizes[str(size)] for size in leaf.shape])
            for leaf in leaves
        }
        if "S" in values:
            values["S"] = values["S"] + values["S"].T
        np.testing.assert_allclose(
            evaluate(after, values, sizes), evaluate(before, values, sizes), rtol=1e-9, atol=1e-12
        )


# ----------------------------------------------------------------------- bounds


def seconds(node: Tensor) -> tuple[float, Tensor]:
    start = time.process_time()
    result = refold(node)
    return time.process_time() - start, result


def test_deep_graphs():
    node = x
    for _ in range(10_000):
        node = snp.sin(node) + node * b
    took, result = seconds(node)
    assert took < 5.0
    assert result is node


def test_sums_in_a_deep_graph_are_refolded_in_place():
    node, expected = x, x
    for _ in range(300):
        node = snp.tanh(A @ node + A.T @ node)
        expected = snp.tanh((A + A.T) @ expected)
    took, result = seconds(node)
    assert took < 3.0
    assert normal(result) is normal(expected)


def test_products_taken_in_when_their_sum_folds():
    node = G @ (A @ x + A @ u)
    result = refold(node)
    assert isinstance(result, Einsum)
    assert set(result.operands) == {G, A, x + u}


def test_sum_taken_in_when_it_alone_is_left():
    inner = (A @ x + A @ u) + constant(sp.S.One, (n,))
    result = refold(normal(A @ inner + A @ z))
    assert isinstance(result, Einsum)
    assert any(
        isinstance(operand, Add) and len(operand.operands) == 3 for operand in result.operands
    )
