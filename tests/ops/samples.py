"""Sample nodes of every operation, with the arrays of their leaves and JAX's function for them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import sympy as sp

from symflow.core import Apply, Operation, Tensor, Variable, dims
from symflow.core.apply import apply
from symflow.core.dims import Shape
from symflow.ops import TABLE
from symflow.ops.closure import function

n, d, b = dims("n d b")
SIZES = {n: 3, d: 2, b: 2}

# Ranks 0 to 4; sizes 0, 1 and more; integer and symbolic.
SHAPES: tuple[Shape, ...] = (
    (), (0,), (1,), (3,), (n,), (1, 3), (n, d), (2, 1), (0, 3), (n, 1, 2), (2, 1, 3, 1),
    (1, n, d, 2),
)  # fmt: skip
SQUARES: tuple[Shape, ...] = ((0, 0), (1, 1), (3, 3), (n, n), (2, 3, 3), (b, 1, n, n))


@dataclass(frozen=True)
class Sample:
    """A node, arrays for its variables, and what JAX computes for it."""

    node: Apply
    values: Mapping[Tensor, np.ndarray[Any, Any]]
    jax: Callable[..., Any]

    def arrays(self) -> list[Any]:
        """The arrays of the operands, in order."""
        return [self.values[operand] for operand in self.node.operands]

    def expected(self) -> Any:
        """What JAX computes, in 64 bits; compiled as a whole, which is faster than in pieces."""
        compute = self.jax if self.node.operation.name == "map" else jax.jit(self.jax)
        with jax.enable_x64(True):
            return np.asarray(compute(*map(jnp.asarray, self.arrays())))

    def __str__(self) -> str:
        shapes = ", ".join(str(operand.shape) for operand in self.node.operands)
        return f"{self.node.operation.name} of {shapes} with {self.node.params}"


def numbers(shape: Shape) -> tuple[int, ...]:
    """A shape with the sizes that the samples use."""
    return tuple(int(sp.sympify(size).subs(SIZES)) for size in shape)


# ------------------------------------------------------------------ entries in the domain

Draw = Callable[[np.random.Generator, tuple[int, ...]], Any]


def _any(rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
    return rng.normal(size=shape) * 2


def _positive(rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
    return rng.uniform(0.1, 3, size=shape)


def _inside(rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
    return rng.uniform(-0.95, 0.95, size=shape)


def _whole(rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
    return rng.integers(-3, 4, size=shape).astype(float)


def _bools(rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
    return rng.integers(0, 2, size=shape).astype(bool)


def _definite(rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
    root = rng.normal(size=shape)
    return root @ np.swapaxes(root, -1, -2) + np.eye(shape[-1])


_DRAWS: dict[str, Draw] = {
    **dict.fromkeys(
        [
            "log",
            "log2",
            "log10",
            "special.digamma",
            "special.gammaln",
            "special.polygamma",
            "power",
            "special.xlogy",
            "special.xlog1py",
        ],
        _positive,
    ),
    "log1p": _positive,
    "arccosh": lambda rng, shape: 1 + _positive(rng, shape),
    **dict.fromkeys(["arcsin", "arccos", "arctanh"], _inside),
    **dict.fromkeys(["equal", "not_equal", "sign", "floor", "ceil", "heaviside"], _whole),
    **dict.fromkeys(["greater", "greater_equal", "less", "less_equal"], _whole),
    **dict.fromkeys(["logical_and", "logical_or", "logical_not", "all", "any"], _bools),
    **dict.fromkeys(["linalg.cholesky", "linalg.eigh"], _definite),
}


def variable(index: int, shape: Shape, dtype: str = "float") -> Variable:
    """The operand of a sample in a place."""
    result: Variable = Variable(f"x{index}", shape, dtype)
    return result


# --------------------------------------------------------------------- which nodes to build

Case = tuple[tuple[Shape, ...], tuple[Any, ...]]


def _elementwise(operation: Operation) -> Iterator[Case]:
    params = {"cast": ("int",), "special.polygamma": (2,)}.get(operation.name, ())
    for shape in SHAPES:
        yield (shape,) * (operation.arity or 2), params


def _powers(operation: Operation) -> Iterator[Case]:
    for exponent in (-1, -2, sp.Rational(1, 2), sp.Rational(-3, 2), 11, sp.Float(0.3), n):
        yield ((3, n),), (sp.sympify(exponent),)
    for shape in SHAPES:
        yield (shape,), (sp.S.NegativeOne,)


def _over_axes(operation: Operation) -> Iterator[Case]:
    for shape in SHAPES:
        rank = len(shape)
        for axes in {(), (0,), (rank - 1,), tuple(range(rank)), tuple(range(1, rank))}:
            if all(0 <= axis < rank and shape[axis] != 0 for axis in axes):
                yield (shape,), (axes,)


def _matrices(operation: Operation) -> Iterator[Case]:
    for shape in SQUARES:
        for output in range(max(len(operation.outputs), 1)):
            yield (shape,), (output,) if operation.outputs else ()


def _qr(operation: Operation) -> Iterator[Case]:
    for shape in (*SQUARES, (4, 2), (2, 5), (0, 3), (3, 0), (2, 3, 1)):
        for output in (0, 1):
            yield (shape,), (output,)


def _solve(operation: Operation) -> Iterator[Case]:
    for shape in SQUARES:
        yield (shape, (*shape[:-1], 2)), ()


def _slices(operation: Operation) -> Iterator[Case]:
    yield ((),), ((),)
    yield ((0,),), (((0, 0, 1),),)
    yield ((5,),), (((4, 5, -1),),)
    yield ((n, 7),), (((0, n, 1), (1, 3, 2)),)
    yield ((n + 1, 2, 1),), (((1, n, 1), (1, 1, 1), (0, 1, 1)),)


def _places(operation: Operation) -> Iterator[Case]:
    yield ((3,),), (((0, 3, 1),), (5,))
    yield ((n, 2),), (((1, n, 1), (3, 2, -2)), (n + 1, 4))
    yield ((0, 2),), (((0, 0, 1), (0, 2, 1)), (3, 2))


def _concatenations(operation: Operation) -> Iterator[Case]:
    yield ((2,), (0,), (n,)), (0,)
    yield ((n, 2), (n, d), (n, 1)), (1,)
    yield ((1, 2, 3), (n, 2, 3)), (0,)


def _sizes(operation: Operation) -> Iterator[Case]:
    for sizes in ((0,), (1,), (4,), (n,)):
        yield (), sizes


def _fuses(operation: Operation) -> Iterator[Case]:
    for sizes in ((2, 3), (n, d), (0, 2), (1, n, 2)):
        yield (), sizes


@cache
def _cases() -> Mapping[str, Callable[[Operation], Iterator[Case]]]:
    x = sp.Symbol("x0", real=True)
    bessel = sp.Lambda((x,), sp.besselj(1, x))
    inner = Variable("z", (n,))
    closed = function([inner], inner * inner + 1, name="shifted").closure
    return {
        "scalar_power": _powers,
        "slice": _slices,
        "place": _places,
        "concatenate": _concatenations,
        "arange": _sizes,
        "fuse": _fuses,
        "linalg.solve": _solve,
        "linalg.qr": _qr,
        "map": lambda operation: (((shape,), (bessel,)) for shape in SHAPES),
        "call": lambda operation: ((((size,),), (closed, 0)) for size in (0, 1, 3, d)),
    }


def cases(operation: Operation) -> Iterator[Case]:
    """Shapes of operands and static parameters to build an operation with."""
    special = _cases().get(operation.name)
    if special is not None:
        return special(operation)
    if operation.parameters == ("axis",):
        return _over_axes(operation)
    if operation.family == "linalg":
        return _matrices(operation)
    assert operation.elementwise, f"no samples of {operation.name}: add them here"
    return _elementwise(operation)


def samples(name: str) -> list[Sample]:
    """All samples of the operation with a name."""
    operation = TABLE[name]
    rng = np.random.default_rng(len(name))
    result = []
    for shapes, params in cases(operation):
        operands, values = [], {}
        for index, shape in enumerate(shapes):
            condition = name.startswith("logical") or (name == "where" and index == 0)
            bool_wanted = condition or name in ("all", "any")
            operand = variable(index, shape, "bool" if bool_wanted else "float")
            draw = _bools if bool_wanted else _DRAWS.get(name, _any)
            operands.append(operand)
            values[operand] = np.asarray(draw(rng, numbers(shape)))
        node = apply(operation, tuple(operands), params)
        if isinstance(node, Apply) and node.operation is operation:
            result.append(Sample(node, values, _reference(node)))
    return result


# ------------------------------------------------------------------------ what JAX computes


# Operations that JAX has no name for, in its terms.
IN_JAX: dict[str, Callable[..., Any]] = {}


def in_jax(name: str) -> Callable[..., Any]:
    """JAX's function for an operation's name."""
    if name in IN_JAX:
        return IN_JAX[name]
    section, _, short = name.rpartition(".")
    spaces = {"": jnp, "nn": jax.nn, "special": jax.scipy.special, "linalg": jnp.linalg}
    result: Callable[..., Any] = getattr(spaces[section], short)
    return result


def _positions(runs: Any) -> Any:
    lines = [
        [int(sp.sympify(start).subs(SIZES)) + k * step for k in range(numbers((size,))[0])]
        for start, size, step in runs
    ]
    return np.ix_(*(np.array(line, dtype=int) for line in lines)) if lines else ()


def _fused(sizes: tuple[int, ...]) -> Any:
    return jnp.eye(int(np.prod(sizes)), dtype=bool).reshape(int(np.prod(sizes)), *sizes)


def _reference(node: Apply) -> Callable[..., Any]:
    name, params = node.operation.name, node.params
    special: dict[str, Callable[..., Any]] = {
        "cast": lambda x: x.astype(int),
        "scalar_power": lambda x: x ** float(sp.sympify(params[0]).subs(SIZES)),
        "special.polygamma": lambda x: jax.scipy.special.polygamma(params[0], x),
        "slice": lambda x: x[_positions(params[0])],
        "place": lambda x: jnp.zeros(numbers(params[1])).at[_positions(params[0])].set(x),
        "concatenate": lambda *xs: jnp.concatenate(xs, params[0]),
        "arange": lambda: jnp.arange(*numbers(params)),
        "fuse": lambda: _fused(numbers(params)),
        "map": lambda x: jnp.asarray(_bessel(np.asarray(x))),
        "call": lambda x: x * x + 1,
        "linalg.norm": lambda x: jnp.sqrt(jnp.sum(x * x, axis=params[0])),
    }
    if name in special:
        return special[name]
    compute = in_jax(name)
    if node.operation.outputs:
        return lambda *xs: compute(*xs)[params[0]]
    if node.operation.parameters == ("axis",):
        return lambda x: compute(x, axis=params[0])
    return compute


def _bessel(x: Any) -> Any:
    import scipy.special

    return scipy.special.jv(1, x)


__all__ = ["SIZES", "Sample", "cases", "in_jax", "numbers", "samples", "variable"]
