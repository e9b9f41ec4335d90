"""Programs to time against hand-written JAX and against JAX as people type it, on any device."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import symflow as sf
import symflow.nn as nn
import symflow.numpy as snp
from symflow.lowering import Program
from tests.benchmarks import models

Arrays = dict[str, Any]


@dataclass(frozen=True)
class Sizes:
    """How large the programs are.

    Attributes:
        rows: examples of a batch.
        width: of layers.
        tokens: of a sequence.
        order: of matrices in linear algebra.
        points: data of the functions whose Hessians are taken.
        parameters: of those.
    """

    rows: int
    width: int
    tokens: int
    order: int
    points: int
    parameters: int


SMALL = Sizes(rows=32, width=16, tokens=16, order=48, points=40, parameters=6)
CPU = Sizes(rows=256, width=256, tokens=128, order=1000, points=2000, parameters=100)
GPU = Sizes(rows=8192, width=4096, tokens=4096, order=8192, points=20_000, parameters=1000)


@dataclass(frozen=True)
class Case:
    """One program with its rivals.

    Attributes:
        group: the table that it belongs to.
        name: what is computed.
        program: lowered from the formula as typed.
        values: its arguments by name.
        by_hand: the best program that an author would write; takes the same arguments by name.
        typed: the formula as typed in jax.numpy; None where that is ``by_hand``.
        tolerance: relative error of a result that counts as equal.
    """

    group: str
    name: str
    program: Program
    values: Arrays
    by_hand: Callable[..., Any]
    typed: Callable[..., Any] | None = None
    tolerance: float = 2e-3


def cases(sizes: Sizes) -> Iterator[Callable[[], Case]]:
    """All programs, each made when it is asked for."""
    yield lambda: training_step(sizes)
    yield lambda: transformer_block(sizes, "float32")
    yield lambda: transformer_block(sizes, "bfloat16")
    yield lambda: transformer_block(sizes, "mixed")
    for make in HESSIANS:
        yield lambda make=make: make(sizes)
    for make in LINEAR_ALGEBRA:
        yield lambda make=make: make(sizes)


def drawn(seed: int, **shapes: Any) -> Arrays:
    """Arrays of normal numbers."""
    rng = np.random.default_rng(seed)
    return {
        name: jnp.asarray(rng.normal(size=shape), jnp.float32) for name, shape in shapes.items()
    }


# ------------------------------------------------------------------------- training steps


def training_step(sizes: Sizes) -> Case:
    """Softmax regression over two hidden layers: a step of gradient descent."""
    n, d, h, c = sf.dims("n d h c")
    X, Y = sf.matrix("X", n, d), sf.matrix("Y", n, c, one_hot=True)
    W = [sf.matrix("W1", d, h), sf.matrix("W2", h, h), sf.matrix("W3", h, c)]
    z = nn.relu(nn.relu(X @ W[0]) @ W[1]) @ W[2]
    loss = -snp.sum(Y * nn.log_softmax(z)) / n
    program = sf.lower(loss, [w - 0.1 * g for w, g in zip(W, sf.grad(loss, W), strict=True)])

    def step(X: Any, Y: Any, W1: Any, W2: Any, W3: Any) -> Any:
        def loss_of(weights: Any) -> Any:
            W1, W2, W3 = weights
            z = jax.nn.relu(jax.nn.relu(X @ W1) @ W2) @ W3
            return -jnp.mean(jnp.sum(Y * jax.nn.log_softmax(z), axis=1))

        weights = (W1, W2, W3)
        loss, gradients = jax.value_and_grad(loss_of)(weights)
        return loss, *(w - 0.1 * g for w, g in zip(weights, gradients, strict=True))

    rows, width = sizes.rows, sizes.width
    values = drawn(0, X=(rows, width), W1=(width, width), W2=(width, width), W3=(width, 10))
    for name in ("W1", "W2", "W3"):
        values[name] /= width**0.5
    values["Y"] = jnp.eye(10)[np.arange(rows) % 10]
    return Case("training steps", "multilayer perceptron", program, values, step)


def transformer_block(sizes: Sizes, precision: str) -> Case:
    """Loss and gradients of one block over one sequence."""
    loss, parameters = models.transformer(1, f"_{precision}")
    program = sf.lower(loss, sf.grad(loss, parameters), precision=precision)
    names = [p.name for p in parameters]
    (x,) = (leaf.name for leaf in program.inputs if leaf.name not in names)
    d = sizes.width
    heads = max(d // 64, 2)
    known = {"t": sizes.tokens, "d": d, "h": heads, "e": d // heads, "f": 4 * d}
    shapes = {leaf.name: [known[s.name] for s in leaf.shape] for leaf in program.inputs}
    values = drawn(1, **shapes)
    for name in names:
        values[name] = values[name] / d**0.5 if values[name].ndim > 1 else 1 + 0.1 * values[name]
    kind = jnp.bfloat16 if precision == "bfloat16" else jnp.float32
    values = {name: value.astype(kind) for name, value in values.items()}
    narrow = jnp.bfloat16 if precision == "mixed" else None

    def by_hand(**given: Any) -> Any:
        weights = [given[name] for name in names]
        loss, gradients = jax.value_and_grad(_block_loss, argnums=1)(given[x], weights, narrow)
        return loss, *gradients

    loose = {"float32": 5e-3, "mixed": 0.1}.get(precision, 0.4)
    title = f"transformer block, {precision}"
    return Case("training steps", title, program, values, by_hand, tolerance=loose)


def _block_loss(y: Any, weights: Any, narrow: Any) -> Any:
    def contract(text: str, *factors: Any) -> Any:
        if narrow is None:
            return jnp.einsum(text, *factors)
        if jax.default_backend() == "cpu":  # XLA has not all such products there
            factors = tuple(jax.lax.reduce_precision(factor, 8, 7) for factor in factors)
        else:
            factors = tuple(factor.astype(narrow) for factor in factors)
        return jnp.einsum(text, *factors, preferred_element_type=jnp.float32)

    def normed(x: Any, gain: Any) -> Any:
        centred = x - jnp.mean(x, axis=-1, keepdims=True)
        variance = jnp.mean(centred**2, axis=-1, keepdims=True)
        return centred / jnp.sqrt(variance + models.EPSILON) * gain

    Q, K, V, out, up, down, first, second = weights
    z = normed(y, first)
    q, key, value = (contract("td,dhe->hte", z, W) for W in (Q, K, V))
    attention = jax.nn.softmax(contract("hte,hse->hts", q, key), axis=-1)
    y = y + contract("hte,hed->td", contract("hts,hse->hte", attention, value), out)
    hidden = jax.nn.relu(contract("td,df->tf", normed(y, second), up))
    return jnp.mean((y + contract("tf,fd->td", hidden, down)) ** 2)


# ----------------------------------------------------------------------------- Hessians


def least_squares(sizes: Sizes) -> Case:
    """The Hessian of least squares."""
    n, d = sf.dims("n d")
    X, w, y = sf.matrix("X", n, d), sf.vector("w", d), sf.vector("y", n)
    hessian = sf.hessian(snp.sum((X @ w - y) ** 2) / n, w)

    def loss(w: Any, X: Any, y: Any) -> Any:
        return jnp.mean((X @ w - y) ** 2)

    return Case(
        "Hessians",
        "least squares",
        sf.lower(hessian, inputs=[X, w, y]),
        drawn(2, X=(sizes.points, sizes.parameters), w=sizes.parameters, y=sizes.points),
        lambda X, w, y: 2 / X.shape[0] * (X.T @ X),
        lambda X, w, y: jax.hessian(loss)(w, X, y),
    )


def logistic(sizes: Sizes) -> Case:
    """Value, gradient and Hessian of logistic regression."""
    n, d = sf.dims("n d")
    X, w, y = sf.matrix("X", n, d), sf.vector("w", d), sf.vector("y", n)
    loss = snp.sum(nn.softplus(X @ w) - y * (X @ w)) / n

    def typed(w: Any, X: Any, y: Any) -> Any:
        z = X @ w
        return jnp.mean(jax.nn.softplus(z) - y * z)

    def by_hand(X: Any, w: Any, y: Any) -> Any:
        n, z = X.shape[0], X @ w
        s = jax.nn.sigmoid(z)
        hessian = X.T @ (X * (s * (1 - s))[:, None]) / n
        return jnp.mean(jax.nn.softplus(z) - y * z), X.T @ (s - y) / n, hessian

    return Case(
        "Hessians",
        "logistic regression, with value and gradient",
        sf.lower(loss, sf.grad(loss, w), sf.hessian(loss, w)),
        drawn(3, X=(sizes.points, sizes.parameters), w=sizes.parameters, y=sizes.points),
        by_hand,
        lambda X, w, y: (
            typed(w, X, y), jax.grad(typed)(w, X, y), jax.hessian(typed)(w, X, y)
        ),
    )  # fmt: skip


def log_sum_exp(sizes: Sizes) -> Case:
    """The Hessian of log-sum-exp."""
    z = sf.vector("z", "m")
    hessian = sf.hessian(snp.log(snp.sum(snp.exp(z))), z)

    def by_hand(z: Any) -> Any:
        s = jax.nn.softmax(z)
        return jnp.diag(s) - jnp.outer(s, s)

    return Case(
        "Hessians",
        "log-sum-exp",
        sf.lower(hessian),
        drawn(4, z=4 * sizes.parameters),
        by_hand,
        lambda z: jax.hessian(jax.nn.logsumexp)(z),
    )


def quadratic_form(sizes: Sizes) -> Case:
    """The Hessian of ``x'Ax``."""
    m = sf.dim("m")
    x, A = sf.vector("x", m), sf.matrix("A", m, m)
    hessian = sf.hessian(x @ A @ x, x)
    size = 2 * sizes.parameters
    return Case(
        "Hessians",
        "quadratic form",
        sf.lower(hessian, inputs=[A, x]),
        drawn(5, A=(size, size), x=size),
        lambda A, x: A + A.T,
        lambda A, x: jax.hessian(lambda x: x @ A @ x)(x),
    )


HESSIANS = (least_squares, logistic, log_sum_exp, quadratic_form)


# ------------------------------------------------------------------------ linear algebra


def _algebra(name: str, formula: Any, by_hand: Any, typed: Any, **values: Any) -> Case:
    loose = 2e-2  # solves in float32
    return Case("linear algebra", name, sf.lower(formula), values, by_hand, typed, tolerance=loose)


def low_rank_solve(sizes: Sizes) -> Case:
    """Woodbury: a solve with a diagonal matrix plus one of low rank."""
    n, r = sf.dims("n r")
    D = sf.matrix("D", n, n, diagonal=True, positive_definite=True)
    U, v = sf.matrix("U", n, r), sf.vector("v", n)

    def by_hand(D: Any, U: Any, v: Any) -> Any:
        e = 1 / jnp.diagonal(D)
        inner = jnp.eye(U.shape[1]) + U.T @ (e[:, None] * U)
        factor = jax.scipy.linalg.cho_factor(inner)
        return e * (v - U @ jax.scipy.linalg.cho_solve(factor, U.T @ (e * v)))

    values = drawn(6, U=(sizes.order, 16), v=sizes.order)
    values["D"] = jnp.diag(1 + jnp.arange(sizes.order) % 7 / 7.0)
    return _algebra(
        "inv(D + U U') v",
        snp.linalg.inv(D + U @ U.T) @ v,
        by_hand,
        lambda D, U, v: jnp.linalg.inv(D + U @ U.T) @ v,
        **values,
    )


def definite_solve(sizes: Sizes) -> Case:
    """A solve with a positive definite matrix."""
    n = sf.dim("n")
    S, v = sf.matrix("S", n, n, positive_definite=True), sf.vector("v", n)
    size = sizes.order
    values = drawn(7, S=(size, size), v=size)
    values["S"] = values["S"] @ values["S"].T / size + jnp.eye(size)
    return _algebra(
        "inv(S) v, S positive definite",
        snp.linalg.inv(S) @ v,
        lambda S, v: jax.scipy.linalg.cho_solve(jax.scipy.linalg.cho_factor(S), v),
        lambda S, v: jnp.linalg.inv(S) @ v,
        **values,
    )


def triangular_determinant(sizes: Sizes) -> Case:
    """The logarithm of the determinant of a triangular matrix."""
    L = sf.matrix("L", "n", "n", lower_triangular=True)
    values = drawn(8, L=(sizes.order, sizes.order))
    values["L"] = jnp.tril(values["L"], -1) / sizes.order + 2 * jnp.eye(sizes.order)
    return _algebra(
        "log abs(det(L)), L triangular",
        snp.linalg.slogdet(L)[1],
        lambda L: jnp.sum(jnp.log(jnp.abs(jnp.diagonal(L)))),
        lambda L: jnp.linalg.slogdet(L)[1],
        **values,
    )


def column_of_product(sizes: Sizes) -> Case:
    """One column of a product."""
    n = sf.dim("n")
    A, B = sf.matrix("A", n, n), sf.matrix("B", n, n)
    return _algebra(
        "(A B)[:, 3]",
        (A @ B)[:, 3],
        lambda A, B: A @ B[:, 3],
        lambda A, B: (A @ B)[:, 3],
        **drawn(9, A=(sizes.order, sizes.order), B=(sizes.order, sizes.order)),
    )


def trace_of_product(sizes: Sizes) -> Case:
    """The trace of a product."""
    n = sf.dim("n")
    A, B = sf.matrix("A", n, n), sf.matrix("B", n, n)
    return _algebra(
        "trace(A B)",
        snp.trace(A @ B),
        lambda A, B: jnp.sum(A * B.T),
        lambda A, B: jnp.trace(A @ B),
        **drawn(10, A=(sizes.order, sizes.order), B=(sizes.order, sizes.order)),
    )


def chain(sizes: Sizes) -> Case:
    """A chain of products that ends in a vector."""
    n = sf.dim("n")
    A, B, v = sf.matrix("A", n, n), sf.matrix("B", n, n), sf.vector("v", n)
    return _algebra(
        "A B v",
        A @ B @ v,
        lambda A, B, v: A @ (B @ v),
        lambda A, B, v: A @ B @ v,
        **drawn(11, A=(sizes.order, sizes.order), B=(sizes.order, sizes.order), v=sizes.order),
    )


def product(sizes: Sizes) -> Case:
    """A product of two matrices: nothing to gain, and the roof."""
    n = sf.dim("n")
    A, B = sf.matrix("A", n, n), sf.matrix("B", n, n)
    return _algebra(
        "A B",
        A @ B,
        lambda A, B: A @ B,
        None,
        **drawn(12, A=(sizes.order, sizes.order), B=(sizes.order, sizes.order)),
    )


LINEAR_ALGEBRA = (
    low_rank_solve,
    definite_solve,
    triangular_determinant,
    column_of_product,
    trace_of_product,
    chain,
    product,
)
