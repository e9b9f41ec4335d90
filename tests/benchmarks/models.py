"""Deep models that several benchmarks share."""

from typing import Any

import symflow as sf
import symflow.nn as nn
import symflow.numpy as snp

EPSILON = 1e-5
Model = tuple[Any, list[Any]]


def dense(layers: int, tag: str = "") -> Model:
    """A dense network with tanh, its squared distance from its input, and its parameters."""
    n, d = sf.dims("n d")
    x = h = sf.matrix(f"x{tag}", n, d)
    parameters = []
    for k in range(layers):
        W, b = sf.matrix(f"W{k}{tag}", d, d), sf.vector(f"b{k}{tag}", d)
        parameters += [W, b]
        h = snp.tanh(h @ W + b)
    return snp.mean((h - x) ** 2), parameters


def _normed(x: Any, gain: Any) -> Any:
    centred = x - snp.mean(x, axis=-1, keepdims=True)
    variance = snp.mean(centred**2, axis=-1, keepdims=True)
    return centred / snp.sqrt(variance + EPSILON) * gain


def transformer(layers: int, tag: str = "") -> Model:
    """Pre-norm attention blocks over one sequence, and their parameters."""
    t, d, h, e, f = sf.dims("t d h e f")
    y = sf.matrix(f"x{tag}", t, d)
    parameters = []
    for k in range(layers):
        Q, K, V = (sf.tensor(f"{name}{k}{tag}", d, h, e) for name in "QKV")
        out, up, down = (
            sf.tensor(f"O{k}{tag}", h, e, d),
            sf.matrix(f"U{k}{tag}", d, f),
            sf.matrix(f"D{k}{tag}", f, d),
        )
        gains = [sf.vector(f"{name}{k}{tag}", d) for name in ("g", "s")]
        parameters += [Q, K, V, out, up, down, *gains]
        z = _normed(y, gains[0])
        q, key, value = (snp.einsum("td,dhe->hte", z, W) for W in (Q, K, V))
        weights = nn.softmax(snp.einsum("hte,hse->hts", q, key), axis=-1)
        y = y + snp.einsum("hts,hse,hed->td", weights, value, out)
        y = y + nn.relu(_normed(y, gains[1]) @ up) @ down
    return snp.mean(y**2), parameters


def batched(layers: int, tag: str = "") -> Model:
    """Pre-norm blocks with gains, biases and gelu over a batch of sequences; their parameters."""
    b, t, d, h, e, f = sf.dims("b t d h e f")
    y = sf.tensor(f"x{tag}", b, t, d)
    parameters = []
    for k in range(layers):
        Q, K, V = (sf.tensor(f"{name}{k}{tag}", d, h, e) for name in "QKV")
        out = sf.tensor(f"O{k}{tag}", h, e, d)
        up, down = sf.matrix(f"U{k}{tag}", d, f), sf.matrix(f"D{k}{tag}", f, d)
        vectors = [sf.vector(f"{name}{k}{tag}", d) for name in ("g", "a", "s", "c", "w")]
        inner = sf.vector(f"v{k}{tag}", f)
        parameters += [Q, K, V, out, up, down, *vectors, inner]
        gain, shift, gain2, shift2, last = vectors
        z = _normed(y, gain) + shift
        q, key, value = (snp.einsum("btd,dhe->bhte", z, W) for W in (Q, K, V))
        weights = nn.softmax(snp.einsum("bhte,bhse->bhts", q, key), axis=-1)
        y = y + snp.einsum("bhts,bhse,hed->btd", weights, value, out)
        y = y + nn.gelu((_normed(y, gain2) + shift2) @ up + inner) @ down + last
    return snp.mean(y**2), parameters


def recurrent(steps: int, tag: str = "") -> Model:
    """An unrolled recurrent network, whose weights are the same in all steps."""
    n, d, k = sf.dims("n d k")
    W, U, b = sf.matrix(f"W{tag}", d, d), sf.matrix(f"U{tag}", k, d), sf.vector(f"b{tag}", d)
    h, X = sf.matrix(f"h{tag}", n, d), sf.tensor(f"X{tag}", steps, n, k)
    for t in range(steps):
        h = snp.tanh(h @ W + X[t] @ U + b)
    return snp.mean(h**2), [W, U, b]


def gradient(model: Model) -> list[Any]:
    """The value of a model and its gradients."""
    f, parameters = model
    return [f, *sf.grad(f, parameters)]
