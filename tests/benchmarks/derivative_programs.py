"""Hessians, Jacobians and their relatives, as programs."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

import symflow as sf
import symflow.numpy as snp
from symflow import nn
from tests.benchmarks.three_ways import Program


def _hessian(loss: Callable[..., Any], variable: str) -> tuple[Any, Any]:
    """The Hessian of a loss that is written once for both: `loss(np, nn, **variables)`."""

    def ours(**v: Any) -> Any:
        return sf.hessian(loss(snp, nn, **v), v[variable])

    def typed(**v: Any) -> Any:
        return jax.hessian(lambda x: loss(jnp, jax.nn, **{**v, variable: x}))(v[variable])

    return ours, typed


def factorisation(np: Any, nn: Any, X: Any, U: Any, V: Any) -> Any:
    return np.sum((X - U @ V.T) ** 2)


def masked_factorisation(np: Any, nn: Any, X: Any, M: Any, U: Any, V: Any) -> Any:
    return np.sum(M * (X - U @ V.T) ** 2)


def gaussian_mean(np: Any, nn: Any, X: Any, S: Any, m: Any) -> Any:
    return np.sum((X - m) @ np.linalg.inv(S) * (X - m)) / 2


def gaussian_precision(np: Any, nn: Any, S: Any, P: Any) -> Any:
    return (np.sum(P * S) - np.linalg.slogdet(P)[1]) / 2


def mixture(np: Any, nn: Any, X: Any, C: Any) -> Any:
    squares = np.sum((X[:, None, :] - C[None, :, :]) ** 2, axis=-1)
    return -np.sum(nn.logsumexp(-squares / 2, axis=1))


def quadratic(np: Any, nn: Any, A: Any, x: Any) -> Any:
    return x @ A @ x


def cross_entropy(np: Any, nn: Any, Z: Any, Y: Any) -> Any:
    return -np.sum(Y * nn.log_softmax(Z, axis=1))


def log_sum_exp(np: Any, nn: Any, x: Any) -> Any:
    return nn.logsumexp(x)


def logistic(np: Any, nn: Any, X: Any, w: Any) -> Any:
    return np.sum(nn.softplus(X @ w))


def least_squares(np: Any, nn: Any, X: Any, w: Any, y: Any) -> Any:
    return np.sum((X @ w - y) ** 2)


def perceptron(np: Any, nn: Any, W: Any, a: Any, x: Any) -> Any:
    return a @ np.tanh(W @ x)


def _slopes(X: Any, w: Any) -> Any:
    s = jax.nn.sigmoid(X @ w)
    return s * (1 - s)


def _mixture_by_hand(X: Any, C: Any) -> Any:
    distance = X[:, None, :] - C
    R = jax.nn.softmax(-jnp.sum(distance**2, axis=-1) / 2, axis=1)
    D = R[:, :, None] * distance
    n, k, d = D.shape
    result = (D.reshape(n, k * d).T @ D.reshape(n, k * d)).reshape(k, d, k, d)
    blocks = R.sum(axis=0)[:, None, None] * jnp.eye(d) - jnp.einsum("nka,nkb->kab", D, distance)
    return result + jnp.eye(k)[:, None, :, None] * blocks[:, :, None, :]


def _cross_entropy_by_hand(Z: Any, Y: Any) -> Any:
    s = jax.nn.softmax(Z, axis=1)
    weight = Y.sum(axis=1)[:, None]
    block = (weight * s)[:, :, None] * jnp.eye(Z.shape[1]) - (weight * s)[:, :, None] * s[:, None]
    return jnp.eye(len(Z))[:, None, :, None] * block[:, :, None, :]


def _diagonal_blocks(blocks: Any) -> Any:
    return jnp.eye(len(blocks))[:, None, :, None] * blocks[:, :, None, :]


def _masked_by_hand(X: Any, M: Any, U: Any, V: Any) -> Any:
    n, k = V.shape
    squares = (V[:, :, None] * V[:, None]).reshape(n, k * k)
    return _diagonal_blocks(2 * (M @ squares).reshape(-1, k, k))


def _ours_value_gradient_hessian(X: Any, w: Any) -> Any:
    loss = logistic(snp, nn, X, w)
    return loss, sf.grad(loss, w), sf.hessian(loss, w)


def _typed_value_gradient_hessian(X: Any, w: Any) -> Any:
    def loss(w: Any) -> Any:
        return logistic(jnp, jax.nn, X, w)

    return loss(w), jax.grad(loss)(w), jax.hessian(loss)(w)


def _value_gradient_hessian_by_hand(X: Any, w: Any) -> Any:
    z = X @ w
    s = jax.nn.sigmoid(z)
    return jnp.sum(jax.nn.softplus(z)), X.T @ s, (X.T * (s * (1 - s))) @ X


def _ridge(np: Any, nn: Any, X: Any, w: Any) -> Any:
    return logistic(np, nn, X, w) + np.sum(w * w)


def _newton(X: Any, w: Any) -> Any:
    loss = _ridge(snp, nn, X, w)
    return snp.linalg.solve(sf.hessian(loss, w), sf.grad(loss, w))


def _typed_newton(X: Any, w: Any) -> Any:
    def loss(w: Any) -> Any:
        return _ridge(jnp, jax.nn, X, w)

    return jnp.linalg.solve(jax.hessian(loss)(w), jax.grad(loss)(w))


def _newton_by_hand(X: Any, w: Any) -> Any:
    s = jax.nn.sigmoid(X @ w)
    H = (X.T * (s * (1 - s))) @ X + 2 * jnp.eye(len(w))
    factor = jax.scipy.linalg.cho_factor(H, lower=True)
    return jax.scipy.linalg.cho_solve(factor, X.T @ s + 2 * w)


def _laplacian_by_hand(W: Any, a: Any, x: Any) -> Any:
    h = jnp.tanh(W @ x)
    return -2 * (a * h * (1 - h * h)) @ jnp.sum(W * W, axis=1)


def _dense_layer(np: Any, W: Any, b: Any, x: Any) -> Any:
    return np.tanh(W @ x + b)


def _dense_layer_by_hand(W: Any, b: Any, x: Any) -> Any:
    slopes = 1 - jnp.tanh(W @ x + b) ** 2
    return jnp.eye(len(b))[:, :, None] * (slopes[:, None] * x)[:, None, :]


def _gradient_norms(X: Any, w: Any) -> Any:
    gradients = sf.vmap(lambda x: sf.grad(logistic(snp, nn, x[None, :], w), w))(X)
    return snp.sum(gradients**2, axis=1)


def _typed_gradient_norms(X: Any, w: Any) -> Any:
    gradients = jax.vmap(lambda x: jax.grad(lambda w: jax.nn.softplus(x @ w))(w))(X)
    return jnp.sum(gradients**2, axis=1)


PROGRAMS = {
    "matrix factorisation": Program(
        {"X": "mn", "U": "mk", "V": "nk"},
        *_hessian(factorisation, "U"),
        lambda X, U, V: jnp.eye(len(U))[:, None, :, None] * (2 * V.T @ V)[None, :, None, :],
        {"m": 80, "n": 300, "k": 8},
    ),
    "masked factorisation": Program(
        {"X": "mn", "M": "mn", "U": "mk", "V": "nk"},
        *_hessian(masked_factorisation, "U"),
        lambda X, M, U, V: _diagonal_blocks(
            2
            * (M @ (V[:, :, None] * V[:, None]).reshape(len(V), -1)).reshape(-1, *[V.shape[1]] * 2)
        ),
        {"m": 80, "n": 300, "k": 8},
    ),
    "Gaussian mean": Program(
        {"X": "nd", "S": "dd", "m": "d"},
        *_hessian(gaussian_mean, "m"),
        lambda X, S, m: len(X) * jnp.linalg.inv(S),
        {"n": 2000, "d": 100},
    ),
    "Gaussian precision": Program(
        {"S": "dd", "P": "dd"},
        *_hessian(gaussian_precision, "P"),
        lambda S, P: (lambda Q: Q[:, None, None, :] * Q[None, :, :, None] / 2)(jnp.linalg.inv(P)),
        {"d": 32},
    ),
    "Gaussian mixture": Program(
        {"X": "nd", "C": "kd"},
        *_hessian(mixture, "C"),
        _mixture_by_hand,
        {"n": 2000, "k": 8, "d": 8},
    ),
    "quadratic form": Program(
        {"A": "dd", "x": "d"}, *_hessian(quadratic, "x"), lambda A, x: A + A.T, {"d": 400}
    ),
    "cross-entropy": Program(
        {"Z": "nk", "Y": "nk"},
        *_hessian(cross_entropy, "Z"),
        _cross_entropy_by_hand,
        {"n": 100, "k": 10},
    ),
    "log-sum-exp": Program(
        {"x": "d"},
        *_hessian(log_sum_exp, "x"),
        lambda x: (lambda s: jnp.diag(s) - jnp.outer(s, s))(jax.nn.softmax(x)),
        {"d": 500},
    ),
    "logistic regression": Program(
        {"X": "nd", "w": "d"},
        *_hessian(logistic, "w"),
        lambda X, w: (X.T * _slopes(X, w)) @ X,
        {"n": 4000, "d": 100},
    ),
    "linear regression": Program(
        {"X": "nd", "w": "d", "y": "n"},
        *_hessian(least_squares, "w"),
        lambda X, w, y: 2 * X.T @ X,
        {"n": 4000, "d": 100},
    ),
    "value, gradient and Hessian": Program(
        {"X": "nd", "w": "d"},
        _ours_value_gradient_hessian,
        _typed_value_gradient_hessian,
        _value_gradient_hessian_by_hand,
        {"n": 4000, "d": 100},
    ),
    "Hessian times vector": Program(
        {"X": "nd", "w": "d", "v": "d"},
        lambda X, w, v: sf.hessian(logistic(snp, nn, X, w), w) @ v,
        lambda X, w, v: jax.hessian(lambda u: logistic(jnp, jax.nn, X, u))(w) @ v,
        lambda X, w, v: X.T @ (_slopes(X, w) * (X @ v)),
        {"n": 4000, "d": 100},
    ),
    "diagonal of a Hessian": Program(
        {"X": "nd", "w": "d"},
        lambda X, w: snp.diagonal(sf.hessian(logistic(snp, nn, X, w), w)),
        lambda X, w: jnp.diagonal(jax.hessian(lambda u: logistic(jnp, jax.nn, X, u))(w)),
        lambda X, w: _slopes(X, w) @ (X * X),
        {"n": 4000, "d": 100},
    ),
    "Newton step": Program(
        {"X": "nd", "w": "d"}, _newton, _typed_newton, _newton_by_hand, {"n": 4000, "d": 100}
    ),
    "Laplacian of a perceptron": Program(
        {"W": "hd", "a": "h", "x": "d"},
        lambda W, a, x: snp.trace(sf.hessian(perceptron(snp, nn, W, a, x), x)),
        lambda W, a, x: jnp.trace(jax.hessian(lambda u: perceptron(jnp, jax.nn, W, a, u))(x)),
        _laplacian_by_hand,
        {"h": 500, "d": 200},
    ),
    "Jacobian of a dense layer": Program(
        {"W": "hd", "b": "h", "x": "d"},
        lambda W, b, x: sf.jacobian(_dense_layer(snp, W, b, x), W),
        lambda W, b, x: jax.jacobian(lambda u: _dense_layer(jnp, u, b, x))(W),
        _dense_layer_by_hand,
        {"h": 100, "d": 100},
    ),
    "norms of the gradients of examples": Program(
        {"X": "nd", "w": "d"},
        _gradient_norms,
        _typed_gradient_norms,
        lambda X, w: jax.nn.sigmoid(X @ w) ** 2 * jnp.sum(X * X, axis=1),
        {"n": 4000, "d": 100},
    ),
}
