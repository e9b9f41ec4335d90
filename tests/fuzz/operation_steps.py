"""Steps of random graphs: any operation of the table, on earlier values mapped into its domain.

The samples of an operation tell shapes, parameters and domains. An operand is an earlier value,
brought to the operand's shape and, by a smooth function, to where the operation is well
conditioned. Kinks (ties, whole numbers of ``floor``) are not met: there JAX chooses one of
several subgradients, which may depend on rounding. Nor are matrices without full rank, where
formulas with an inverse are undefined (the gradient of ``det`` as ``det(A) inv(A)'``).
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import sympy as sp

from symflow.core import Tensor, Variable, dtypes
from symflow.core.apply import apply
from symflow.core.dims import Shape
from symflow.ops.closure import function
from symflow.ops.table import TABLE
from tests.ops.samples import cases as sample_cases
from tests.ops.samples import in_jax, spec
from tests.ops.samples.floating import extended
from tests.ops.samples.spec import (
    SIZES,
    above_one,
    anything,
    bools,
    complexes,
    definite,
    inside,
    numbers,
    of,
    positive,
    resolved,
    unit,
)
from tests.random_programs import Step

World = Callable[[Any, Any], Any]
NAMES = tuple(sorted(TABLE))
_DENSE = {"linalg", "factorisations", "matrix_functions", "solving"}

_SMOOTH: dict[Any, World] = {
    anything: lambda s, x: 2 * s.np.tanh(x),
    positive: lambda s, x: 0.1 + 2.9 * s.nn.sigmoid(x),
    above_one: lambda s, x: 1.1 + 2.9 * s.nn.sigmoid(x),
    inside: lambda s, x: 0.95 * s.np.tanh(x),
    unit: lambda s, x: 0.05 + 0.9 * s.nn.sigmoid(x),
    bools: lambda s, x: x > 0.1234567,
    complexes: lambda s, x: s.np.tanh(x) + 1j * s.np.cos(x),
}


def _definite(s: Any, x: Any) -> Any:
    root = s.np.tanh(x)
    spread = 1 + 0.7 * np.arange(x.shape[-1])  # separate eigenvalues
    return root @ s.np.swapaxes(root, -1, -2) + np.diag(spread)


def _full_rank(s: Any, x: Any) -> Any:
    m, n = (int(size) for size in x.shape[-2:])
    return 0.4 * s.np.tanh(x) + np.eye(m, n) * (1.5 + np.arange(n))


def _scalar_map() -> sp.Lambda:
    x = sp.Symbol("x0", real=True)
    return sp.Lambda((x,), x**2 / (2 + sp.sin(x)))


def _closure(size: int) -> Any:
    inner = Variable("z", (size,))
    return function([inner], inner * inner + 1, name="shifted").closure


@cache
def _cases(name: str) -> tuple[tuple[tuple[Shape, ...], tuple[Any, ...]], ...]:
    """Shapes in numbers and static parameters, both as symflow takes them."""
    if name == "map":
        return tuple(((shape,), (_scalar_map(),)) for shape in ((), (0,), (3,), (3, 2)))
    if name == "call":
        return tuple((((size,),), (_closure(size), 0)) for size in (0, 1, 3))
    found = []
    for shapes, params in sample_cases(TABLE[name]):
        sizes = tuple(numbers(shape) for shape in shapes)
        if all(np.prod(shape, dtype=int) <= 40 for shape in sizes):
            found.append((sizes, tuple(_number(value) for value in params)))
    return tuple(found)


def _number(value: Any) -> Any:
    """A parameter at the sizes of the samples."""
    if isinstance(value, tuple):
        return tuple(map(_number, value))
    if not isinstance(value, sp.Expr):
        return value
    found = value.subs(SIZES)
    return int(found) if found.is_Integer and not value.is_Integer else found


def _in_jax(name: str, params: tuple[Any, ...]) -> Any:
    if name == "map":
        return lambda x: x**2 / (2 + jnp.sin(x))
    if name == "call":
        return lambda x: x * x + 1
    if name == "spacing":  # constant between powers of two; JAX refuses to differentiate it
        return lambda x: jnp.spacing(jax.lax.stop_gradient(x))
    operation, compute = TABLE[name], in_jax(name)
    given = [resolved(value) for value in params]
    if spec(name).jax is None and operation.outputs:
        return lambda *xs: compute(*xs)[given[-1]]
    if len(operation.parameters) != len(given):
        return lambda *xs: compute(*xs, *given)
    return lambda *xs: compute(*xs, **dict(zip(operation.parameters, given, strict=True)))


@cache
def _differentiable(name: str, case: int) -> bool:
    """JAX itself cannot differentiate some functions of empty or wide matrices."""
    shapes, params = _cases(name)[case]
    if TABLE[name].elementwise or not (_DENSE & {TABLE[name].family} or 0 in sum(shapes, ())):
        return True
    compute, own, rng = _in_jax(name, params), spec(name), np.random.default_rng(0)
    arrays = [np.asarray(of(own.draw, k)(rng, shape)) for k, shape in enumerate(shapes)]
    places = tuple(
        k for k, array in enumerate(arrays) if array.dtype.kind in "fc" and k not in own.fixed
    )

    def total(*xs: Any) -> Any:
        return 1.0 * jnp.real(jnp.sum(compute(*xs)))  # of integers, too

    try:
        with jax.enable_x64(True):
            jax.eval_shape(jax.grad(total, places) if places else total, *map(jnp.asarray, arrays))
    except (IndexError, NotImplementedError, TypeError):
        return False
    return True


def operation_step(rng: Any, name: str, shapes: list[Shape]) -> Step | None:
    """A step of an operation on some of the earlier values; None where JAX has no derivative."""
    number = int(rng.integers(len(_cases(name))))
    if not _differentiable(name, number):
        return None
    sizes, params = _cases(name)[number]
    inputs = [_chosen(rng, shape, shapes) for shape in sizes]
    makers = [_operand(rng, name, k, shape) for k, shape in enumerate(sizes)]
    compute = _in_jax(name, params)

    def result(s: Any, *values: Any) -> Any:
        anchor, *rest = values
        operands = [make(s, x) for make, x in zip(makers, rest, strict=True)]
        if s.symbolic:
            operands = [s.np.asarray(x) for x in operands]
            found = apply(TABLE[name], tuple(operands), params)
        else:
            found = compute(*map(jnp.asarray, operands))
        return _joined(s, found, anchor)

    # the anchor gives integers and truth values something smooth to act on
    return Step(f"{name}{params}", result, (int(rng.integers(len(shapes))), *inputs))


def _chosen(rng: Any, shape: Shape, shapes: list[Shape]) -> int:
    """An earlier value, rather a late one or one of the same shape."""
    alike = [k for k, other in enumerate(shapes) if other == shape]
    if alike and rng.random() < 0.7:
        return int(rng.choice(alike))
    return len(shapes) - 1 if rng.random() < 0.5 else int(rng.integers(len(shapes)))


def _operand(rng: Any, name: str, place: int, shape: Shape) -> World:
    """How an earlier value becomes an operand."""
    own = spec(name)
    draw = of(own.draw, place)
    base = np.asarray(draw(rng, shape))
    constant = base.dtype.kind in "iu" or draw is extended or place in own.fixed
    if constant:
        return lambda s, x: base
    if draw is definite:
        return lambda s, x: _definite(s, _fitted(s, x, shape))
    if draw is anything and TABLE[name].family in _DENSE:
        return lambda s, x: _full_rank(s, _fitted(s, x, shape))
    if draw in _SMOOTH and (draw is not bools or rng.random() < 0.8):
        into = _SMOOTH[draw]
        return lambda s, x: into(s, _fitted(s, x, shape))
    if base.dtype.kind != "f":
        return lambda s, x: base
    off = base + rng.uniform(0.11, 0.19, size=shape) * (draw.__name__ == "whole")
    return lambda s, x: off + 0.04 * s.np.tanh(_fitted(s, x, shape))


def _fitted(s: Any, x: Any, shape: Shape) -> Any:
    """The entries of a value in another shape: cut, or repeated with changes."""
    have = tuple(int(size) for size in x.shape)
    wanted, size = int(np.prod(shape)), int(np.prod(have))
    if have == shape:
        return x
    if not size:
        return s.np.sum(x) + np.linspace(-0.8, 0.9, wanted).reshape(shape)
    flat = x.reshape(-1)
    if size < wanted:
        flat = s.np.concatenate(
            [(1 - 0.3 * k) * flat + 0.17 * k for k in range(-(-wanted // size))]
        )
    return flat[:wanted].reshape(shape)


def _joined(s: Any, found: Any, anchor: Any) -> Any:
    """A real value that depends on the result of the operation."""
    kind = dtypes.kind(found.dtype) if isinstance(found, Tensor) else _kind(found)
    if kind == "float":
        return found
    if kind == "complex":
        return s.np.real(found) - 0.5 * s.np.imag(found)
    smooth = s.np.sum(s.np.sin(anchor))
    return s.np.where(found, smooth, smooth * smooth) if kind == "bool" else found * smooth


def _kind(array: Any) -> str:
    kind: str = {"f": "float", "c": "complex", "b": "bool"}.get(np.dtype(array.dtype).kind, "int")
    return kind
