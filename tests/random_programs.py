"""Random formulas that run on symflow and on JAX alike.

A program is a list of steps over a growing list of values; the same text of steps is run with
``symflow.numpy`` on symbolic tensors and with ``jax.numpy`` on arrays.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np

Shape = tuple[int, ...]
MOST_ENTRIES = 150
HIGHEST_RANK = 5


@dataclass(frozen=True)
class Step:
    """One operation on earlier values."""

    name: str
    apply: Callable[..., Any]
    inputs: tuple[int, ...]


@dataclass
class Program:
    """Inputs by shape, then steps; the last value is the result."""

    shapes: list[Shape]
    steps: list[Step] = field(default_factory=list)

    def run(self, space: Any, inputs: Sequence[Any]) -> Any:
        """The result in one of the two worlds."""
        values = list(inputs)
        for step in self.steps:
            values.append(step.apply(space, *(values[k] for k in step.inputs)))
        return values[-1]

    def __str__(self) -> str:
        lines = [f"v{k}: input {shape}" for k, shape in enumerate(self.shapes)]
        for k, step in enumerate(self.steps, len(self.shapes)):
            lines.append(f"v{k} = {step.name}({', '.join(f'v{i}' for i in step.inputs)})")
        return "\n".join(lines)


def symflow_space() -> Any:
    """The functions of symflow under JAX's names."""
    import symflow.nn as nn
    import symflow.numpy as np_
    import symflow.special as special

    return SimpleNamespace(np=np_, nn=nn, special=special, symbolic=True)


def jax_space() -> Any:
    """The functions of JAX."""
    import jax

    return SimpleNamespace(np=jax.numpy, nn=jax.nn, special=jax.scipy.special, symbolic=False)


UNARY: dict[str, Callable[[Any, Any], Any]] = {
    "sin": lambda s, x: s.np.sin(x),
    "cos": lambda s, x: s.np.cos(x),
    "tanh": lambda s, x: s.np.tanh(x),
    "exp-tanh": lambda s, x: s.np.exp(s.np.tanh(x)),
    "log1p-square": lambda s, x: s.np.log(1 + x * x),
    "sqrt": lambda s, x: s.np.sqrt(1 + x**2),
    "rational": lambda s, x: x / (1 + x**2),
    "sigmoid": lambda s, x: s.nn.sigmoid(x),
    "softplus": lambda s, x: s.nn.softplus(x),
    "relu": lambda s, x: s.nn.relu(x),
    "abs": lambda s, x: s.np.abs(x),
    "cube": lambda s, x: s.np.tanh(x) ** 3 - 2 * x,
    "arctan": lambda s, x: s.np.arctan(x),
    "erf": lambda s, x: s.special.erf(x),
    "affine": lambda s, x: 0.5 - x / 3,
    "exponentials": lambda s, x: s.np.exp(-x * x) * s.np.exp(s.np.sin(x)),
    "log-sigmoid": lambda s, x: s.np.log(s.nn.sigmoid(x)),
    "flat": lambda s, x: x.reshape(-1),
    "transpose": lambda s, x: x.T,
    "sum": lambda s, x: s.np.sum(x),
    "norm": lambda s, x: s.np.linalg.norm(s.np.concatenate([x.reshape(-1), s.np.ones(1)])),
    "lead": lambda s, x: x[None],
    "trail": lambda s, x: x[..., None],
    "mask": lambda s, x: s.np.where(x > 0.3, x * x, s.np.sin(x)),
    "clip": lambda s, x: s.np.clip(x, -0.4, 0.6),
    "logsumexp": lambda s, x: s.special.logsumexp(s.np.concatenate([x.reshape(-1), s.np.ones(2)])),
}  # fmt: skip
BINARY: dict[str, Callable[[Any, Any, Any], Any]] = {
    "add": lambda s, x, y: x + y,
    "subtract": lambda s, x, y: x - 2 * y,
    "multiply": lambda s, x, y: x * y,
    "divide": lambda s, x, y: x / (1 + y * y),
    "maximum": lambda s, x, y: s.np.maximum(x, y),
    "minimum": lambda s, x, y: s.np.minimum(x, y),
    "where": lambda s, x, y: s.np.where(x < y, x * y, x - y),
    "power": lambda s, x, y: (1 + x * x) ** s.np.tanh(y),
}


def _axis_steps(axis: int, size: int) -> dict[str, Callable[..., Any]]:
    steps: dict[str, Callable[..., Any]] = {
        f"sum{axis}": lambda s, x: s.np.sum(x, axis=axis),
        f"sum{axis}-keep": lambda s, x: s.np.sum(x, axis=axis, keepdims=True),
        f"prod{axis}": lambda s, x: s.np.prod(s.np.tanh(x), axis=axis),
        f"flip{axis}": lambda s, x: s.np.flip(x, axis),
        f"stack{axis}": lambda s, x: s.np.stack([x, s.np.sin(x)], axis),
        f"double{axis}": lambda s, x: s.np.concatenate([x, x * x], axis),
    }
    if size:
        steps |= {
            f"mean{axis}": lambda s, x: s.np.mean(x, axis=axis),
            f"max{axis}": lambda s, x: s.np.max(x, axis=axis),
            f"min{axis}-keep": lambda s, x: s.np.min(x, axis=axis, keepdims=True),
            f"softmax{axis}": lambda s, x: s.nn.softmax(x, axis=axis),
            f"log_softmax{axis}": lambda s, x: s.nn.log_softmax(x, axis=axis),
            f"lse{axis}": lambda s, x: s.special.logsumexp(x, axis=axis),
            f"first{axis}": lambda s, x: x[(slice(None),) * axis + (0,)],
            f"tail{axis}": lambda s, x: x[(slice(None),) * axis + (slice(1, None),)],
            f"even{axis}": lambda s, x: x[(slice(None),) * axis + (slice(None, None, 2),)],
            f"normal{axis}": lambda s, x: (
                x / s.np.sqrt(1 + s.np.sum(x * x, axis=axis, keepdims=True))
            ),
        }
    return steps


def _spd(s: Any, x: Any) -> Any:
    n = x.shape[-1]
    return x @ s.np.swapaxes(x, -1, -2) + (n + 1) * s.np.eye(n)


_SQUARE: dict[str, Callable[..., Any]] = {
    "trace": lambda s, x: s.np.trace(x, axis1=-2, axis2=-1),
    "diagonal": lambda s, x: s.np.diagonal(x, axis1=-2, axis2=-1),
    "square": lambda s, x: x @ x,
    "symmetric": lambda s, x: x + s.np.swapaxes(x, -1, -2),
    "inv": lambda s, x: s.np.linalg.inv(_spd(s, x)),
    "det": lambda s, x: s.np.linalg.det(_spd(s, s.np.tanh(x))),
    "logdet": lambda s, x: s.np.linalg.slogdet(_spd(s, x))[1],
    "cholesky": lambda s, x: s.np.linalg.cholesky(_spd(s, x)),
    "eye": lambda s, x: x * s.np.eye(x.shape[-1]),
}


def _candidates(k: int, shape: Shape) -> list[Step]:
    found = [Step(name, f, (k,)) for name, f in UNARY.items()]
    for axis, size in enumerate(shape):
        found += [Step(name, f, (k,)) for name, f in _axis_steps(axis, size).items()]
    if len(shape) == 1:
        found.append(Step("diag", lambda s, x: s.np.diag(x), (k,)))
    if len(shape) >= 2:
        found.append(Step("swap", lambda s, x: s.np.swapaxes(x, 0, -1), (k,)))
        found.append(Step("gram", lambda s, x: x @ s.np.swapaxes(x, -1, -2), (k,)))
        if shape[-1] == shape[-2] and shape[-1]:
            found += [Step(name, f, (k,)) for name, f in _SQUARE.items()] * 2
    return found


def _pairs(i: int, j: int, a: Shape, b: Shape) -> list[Step]:
    found = []
    if all(p == q or 1 in (p, q) for p, q in zip(a[::-1], b[::-1], strict=False)):
        found += [Step(name, f, (i, j)) for name, f in BINARY.items()]
    if a and b and a[-1] == b[-2 if len(b) > 1 else -1]:
        found += [Step("matmul", lambda s, x, y: x @ y, (i, j))] * 3
        contracted = (len(a) - 1, max(len(b) - 2, 0))
        found.append(Step("tensordot", lambda s, x, y: s.np.tensordot(x, y, contracted), (i, j)))
    if len(a) <= 2 and len(b) <= 2:
        found.append(Step("kron", lambda s, x, y: s.np.kron(x, y), (i, j)))
        found.append(Step("outer", lambda s, x, y: s.np.outer(x, y), (i, j)))
    if len(a) == len(b) == 2 and a == b:
        found.append(Step("einsum", lambda s, x, y: s.np.einsum("ij,ij->j", x, y), (i, j)))
        found.append(Step("outer-batch", lambda s, x, y: s.np.einsum("ij,ik->ijk", x, y), (i, j)))
    if len(a) == 2 and a[0] == a[1] and a[0] and b[:1] == a[:1] and len(b) in (1, 2):
        found.append(Step("solve", lambda s, x, y: s.np.linalg.solve(_spd(s, x), y), (i, j)))
    return found


def _result_shape(step: Step, shapes: list[Shape]) -> Shape:
    arrays = [np.zeros(shapes[k]) for k in step.inputs]
    fake = SimpleNamespace(np=_numpy(), nn=_FakeNN(), special=_FakeNN())
    with np.errstate(all="ignore"):
        return tuple(np.shape(step.apply(fake, *arrays)))


def _numpy() -> Any:
    return np


class _FakeNN:
    """Shapes of the functions NumPy lacks."""

    def __getattr__(self, name: str) -> Any:
        if name == "logsumexp":
            return lambda x, axis=None: np.sum(x, axis=axis)
        return lambda x, axis=None: x


def random_program(seed: int, steps: int = 6, sizes: Sequence[int] = (0, 1, 2, 2, 3, 3)) -> Program:
    """A program drawn from a seed: inputs of ranks 0 to 4, results of at most rank 5."""
    rng = np.random.default_rng(seed)
    pool = tuple(int(rng.choice(sizes)) for _ in range(3))
    shapes: list[Shape] = []
    for _ in range(int(rng.integers(1, 4))):
        rank = int(rng.choice([0, 1, 1, 2, 2, 2, 3, 4]))
        shapes.append(tuple(int(rng.choice(pool)) for _ in range(rank)))
    program = Program(list(shapes))
    for _ in range(steps):
        step, shape = drawn(rng, shapes)
        program.steps.append(step)
        shapes.append(shape)
    if int(np.prod(shapes[-1])) > 6:
        last = len(shapes) - 1
        program.steps.append(Step("weigh", lambda s, x: s.np.sum(s.np.sin(x) * x), (last,)))
    return program


def drawn(rng: Any, shapes: list[Shape]) -> tuple[Step, Shape]:
    """A step on some of the earlier values, and the shape of its result."""
    while True:
        last = len(shapes) - 1
        i = last if rng.random() < 0.6 else int(rng.integers(0, last + 1))
        j = int(rng.integers(0, last + 1))
        options = _pairs(i, j, shapes[i], shapes[j]) if rng.random() < 0.5 else []
        options = options or _candidates(i, shapes[i])
        step = options[int(rng.integers(0, len(options)))]
        try:
            shape = _result_shape(step, shapes)
        except ValueError:  # leading axes that do not broadcast
            continue
        if len(shape) <= HIGHEST_RANK and int(np.prod(shape)) <= MOST_ENTRIES:
            return step, shape
