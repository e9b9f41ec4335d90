"""Gradients of models whose closed forms leave room above automatic differentiation."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

import symflow as sf
import symflow.numpy as snp
from symflow import nn
from tests.benchmarks.three_ways import Program

NOISE = 1.0


def _gradient(loss: Callable[..., Any], *variables: str) -> tuple[Any, Any]:
    """The gradients of a loss that is written once for both: `loss(np, nn, **variables)`."""

    def ours(**v: Any) -> Any:
        return tuple(sf.grad(loss(snp, nn, **v), [v[name] for name in variables]))

    def typed(**v: Any) -> Any:
        def of(*values: Any) -> Any:
            return loss(jnp, jax.nn, **{**v, **dict(zip(variables, values, strict=True))})

        return jax.grad(of, tuple(range(len(variables))))(*(v[name] for name in variables))

    return ours, typed


def low_rank_process(np: Any, nn: Any, U: Any, y: Any) -> Any:
    K = U @ U.T + NOISE * np.eye(U.shape[0])
    return y @ np.linalg.inv(K) @ y / 2 + np.linalg.slogdet(K)[1] / 2


def _low_rank_process(U: Any, y: Any) -> Any:
    small = U.T @ U + NOISE * jnp.eye(U.shape[1])
    factor = jax.scipy.linalg.cho_factor(small, lower=True)
    a = (y - U @ jax.scipy.linalg.cho_solve(factor, U.T @ y)) / NOISE
    return (jax.scipy.linalg.cho_solve(factor, U.T).T - jnp.outer(a, a @ U),)


def deep_linear(np: Any, nn: Any, A: Any, B: Any, C: Any, x: Any, y: Any) -> Any:
    return np.sum((A @ B @ C @ x - y) ** 2)


def _deep_linear(A: Any, B: Any, C: Any, x: Any, y: Any) -> Any:
    after_c = C @ x
    after_b = B @ after_c
    r = 2 * (A @ after_b - y)
    back_a = r @ A
    return jnp.outer(r, after_b), jnp.outer(back_a, after_c), jnp.outer(back_a @ B, x)


def embedding(np: Any, nn: Any, labels: Any, E: Any, T: Any) -> Any:
    return np.sum((nn.one_hot(labels, E.shape[0]) @ E - T) ** 2)


def _embedding(labels: Any, E: Any, T: Any) -> Any:
    return (jnp.zeros_like(E).at[labels].add(2 * (E[labels] - T)),)


def linear_attention(np: Any, nn: Any, Q: Any, K: Any, V: Any) -> Any:
    return np.sum(((Q @ K.T) @ V) ** 2)


def _linear_attention(Q: Any, K: Any, V: Any) -> Any:
    S = K.T @ V
    R = 2 * Q @ S
    P = Q.T @ R
    return R @ S.T, V @ P.T, K @ P


def canonical_polyadic(np: Any, nn: Any, T: Any, A: Any, B: Any, C: Any) -> Any:
    return np.sum((T - np.einsum("ir,jr,kr->ijk", A, B, C)) ** 2)


def _canonical_polyadic(T: Any, A: Any, B: Any, C: Any) -> Any:
    pairs = jnp.einsum("ijk,kr->ijr", T, C)
    return (2 * (A @ ((B.T @ B) * (C.T @ C)) - jnp.einsum("ijr,jr->ir", pairs, B)),)


def low_rank_adaptation(np: Any, nn: Any, X: Any, W: Any, A: Any, B: Any, T: Any) -> Any:
    return np.sum((X @ (W + A @ B) - T) ** 2)


def _low_rank_adaptation(X: Any, W: Any, A: Any, B: Any, T: Any) -> Any:
    narrow = X @ A
    R = 2 * (X @ W + narrow @ B - T)
    return X.T @ (R @ B.T), narrow.T @ R


def gaussian(np: Any, nn: Any, X: Any, m: Any, S: Any) -> Any:
    d = X - m
    return (np.sum(d @ np.linalg.inv(S) * d) + X.shape[0] * np.linalg.slogdet(S)[1]) / 2


def _gaussian(X: Any, m: Any, S: Any) -> Any:
    d = X - m
    factor = jax.scipy.linalg.cho_factor(S, lower=True)
    P = jax.scipy.linalg.cho_solve(factor, jnp.eye(len(S)))
    return -P @ d.sum(axis=0), (len(X) * P - P @ (d.T @ d) @ P) / 2


def cross_entropy(np: Any, nn: Any, X: Any, W: Any, Y: Any) -> Any:
    return -np.sum(Y * nn.log_softmax(X @ W, axis=1)) / X.shape[0]


def _cross_entropy(X: Any, W: Any, Y: Any) -> Any:
    return (X.T @ (jax.nn.softmax(X @ W, axis=1) - Y) / len(X),)


def kernel(np: Any, nn: Any, X: Any, a: Any) -> Any:
    squares = np.sum((X[:, None, :] - X[None, :, :]) ** 2, axis=-1)
    return a @ np.exp(-squares / 2) @ a


def _kernel(X: Any, a: Any) -> Any:
    norms = jnp.sum(X * X, axis=1)
    K = jnp.exp(X @ X.T - (norms[:, None] + norms) / 2) * jnp.outer(a, a)
    return (2 * (K @ X - K.sum(axis=1)[:, None] * X),)


def perceptron(np: Any, nn: Any, X: Any, W: Any, V: Any, T: Any) -> Any:
    return np.mean((np.tanh(X @ W) @ V - T) ** 2)


def _perceptron(X: Any, W: Any, V: Any, T: Any) -> Any:
    H = jnp.tanh(X @ W)
    R = 2 / T.size * (H @ V - T)
    return X.T @ (R @ V.T * (1 - H * H)), H.T @ R


PROGRAMS = {
    "low-rank Gaussian process": Program(
        {"U": "nk", "y": "n"},
        *_gradient(low_rank_process, "U"),
        _low_rank_process,
        {"n": 1000, "k": 20},
    ),
    "deep linear network": Program(
        {"A": "nn", "B": "nn", "C": "nn", "x": "n", "y": "n"},
        *_gradient(deep_linear, "A", "B", "C"),
        _deep_linear,
        {"n": 500},
    ),
    "embedding by one-hot rows": Program(
        {"labels": "n", "E": "kd", "T": "nd"},
        *_gradient(embedding, "E"),
        _embedding,
        {"n": 1000, "k": 2000, "d": 32},
    ),
    "linear attention": Program(
        {"Q": "nd", "K": "nd", "V": "nd"},
        *_gradient(linear_attention, "Q", "K", "V"),
        _linear_attention,
        {"n": 1500, "d": 32},
    ),
    "CP decomposition": Program(
        {"T": "ijk", "A": "ir", "B": "jr", "C": "kr"},
        *_gradient(canonical_polyadic, "A"),
        _canonical_polyadic,
        {"i": 100, "j": 100, "k": 100, "r": 10},
    ),
    "low-rank adaptation": Program(
        {"X": "nd", "W": "de", "A": "dr", "B": "re", "T": "ne"},
        *_gradient(low_rank_adaptation, "A", "B"),
        _low_rank_adaptation,
        {"n": 500, "d": 500, "e": 500, "r": 8},
    ),
    "Gaussian likelihood": Program(
        {"X": "nd", "m": "d", "S": "dd"},
        *_gradient(gaussian, "m", "S"),
        _gaussian,
        {"n": 2000, "d": 100},
    ),
    "softmax regression": Program(
        {"X": "nd", "W": "dc", "Y": "nc"},
        *_gradient(cross_entropy, "W"),
        _cross_entropy,
        {"n": 2000, "d": 200, "c": 10},
    ),
    "Gaussian kernel": Program(
        {"X": "nd", "a": "n"}, *_gradient(kernel, "X"), _kernel, {"n": 500, "d": 20}
    ),
    "perceptron": Program(
        {"X": "nd", "W": "dh", "V": "hc", "T": "nc"},
        *_gradient(perceptron, "W", "V"),
        _perceptron,
        {"n": 500, "d": 200, "h": 300, "c": 10},
    ),
}
