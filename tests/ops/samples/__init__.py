"""Sample nodes of every operation, with the arrays of their leaves and JAX's function for them.

One module a family holds what the record alone does not tell; the laws walk them all.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from symflow.core import Apply, Operation, Tensor, Variable
from symflow.core.apply import apply
from symflow.core.dims import Shape
from symflow.ops import TABLE
from tests.ops.samples.spec import (
    FEW,
    SHAPES,
    SIZES,
    SQUARES,
    Case,
    Spec,
    merged,
    n,
    numbers,
    of,
    resolved,
)
from tests.tracing import computed

_FAMILIES = [
    import_module(f"{__name__}.{found.name}")
    for found in iter_modules(__path__)
    if found.name != "spec"
]
SPECS = merged(*(family.SPECS for family in _FAMILIES))
_SPACES: Mapping[str, Any] = {
    "": jnp,
    "nn": jax.nn,
    "special": jax.scipy.special,
    "linalg": jnp.linalg,
    "fft": jnp.fft,
    "stats": jax.scipy.stats,
}


@dataclass(frozen=True, eq=False)
class Sample:
    """A node, arrays for its variables, and what JAX computes for it."""

    node: Apply
    values: Mapping[Tensor, np.ndarray[Any, Any]]
    jax: Callable[..., Any]

    def arrays(self) -> list[Any]:
        """The arrays of the operands, in order."""
        return [self.values[operand] for operand in self.node.operands]

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the first operand, in numbers."""
        return numbers(self.node.operands[0].shape) if self.node.operands else ()

    @property
    def core(self) -> int | None:
        """How many last axes belong together, where the operation treats all before them alike."""
        operation = self.node.operation
        if operation.name == "map" or len({x.shape for x in self.arrays()}) != 1:
            return None
        if operation.elementwise:
            return 0
        plain = operation.family == "linalg" and spec(operation.name).cases is None
        return 2 if plain and operation.parameters in ((), ("output",)) else None

    @property
    def lead(self) -> tuple[int, ...]:
        """The axes before those."""
        return self.shape[: len(self.shape) - (self.core or 0)]

    def __str__(self) -> str:
        shapes = ", ".join(str(operand.shape) for operand in self.node.operands)
        return f"{self.node.operation.name} of {shapes} with {self.node.params}"


def expected(chosen: Sequence[Sample]) -> list[Any]:
    """What JAX computes for samples of one operation, in 64 bits."""
    groups = together(chosen)

    def everything(arrays: Any) -> Any:
        return [group[0].jax(*given) for group, given in zip(groups, arrays, strict=True)]

    traced = all(sample.node.operation.name != "map" for sample in chosen)
    given = [joined(group, [sample.arrays() for sample in group]) for group in groups]
    with jax.enable_x64(True):
        results = computed(everything, given) if traced else everything(given)
    found: dict[Sample, Any] = {}
    for group, result in zip(groups, results, strict=True):
        found |= zip(group, parted(group, np.asarray(result)), strict=True)
    return [found[sample] for sample in chosen]


def together(chosen: Sequence[Sample]) -> list[list[Sample]]:
    """Groups of samples for one call each of JAX's function, which treats them alike.

    Those are the entries for elementwise operations, and square matrices for linear algebra.
    """
    groups: dict[Any, list[Sample]] = {}
    for place, sample in enumerate(chosen):
        tail, types = sample.shape[len(sample.lead) :], [x.dtype for x in sample.node.operands]
        alone = sample.core is None
        groups.setdefault(place if alone else (sample.node.params, tail, *types), []).append(sample)
    return list(groups.values())


def joined(group: Sequence[Sample], sets: Sequence[Sequence[Any]]) -> list[Any]:
    """Arrays of the samples of a group, place by place: one after the other along a first axis."""
    if len(group) == 1:
        return list(sets[0])
    return [
        np.concatenate(
            [
                np.reshape(x, (math.prod(sample.lead), *np.shape(x)[len(sample.lead) :]))
                for sample, x in zip(group, arrays, strict=True)
            ]
        )
        for arrays in zip(*sets, strict=True)
    ]


def parted(group: Sequence[Sample], rows: Any) -> list[Any]:
    """The results for the samples of a group, each in its shape."""
    if len(group) == 1:
        return [rows]
    counts = [math.prod(sample.lead) for sample in group]
    assert len(rows) == sum(counts)
    parts = np.split(rows, np.cumsum(counts)[:-1])
    return [
        part.reshape((*sample.lead, *rows.shape[1:]))
        for sample, part in zip(group, parts, strict=True)
    ]


def spec(name: str) -> Spec:
    """What is said of an operation."""
    return SPECS.get(name, Spec())


def cases(operation: Operation) -> Iterator[Case]:
    """Shapes of operands and static parameters to build an operation with."""
    own = spec(operation.name)
    if own.cases is not None:
        return own.cases(operation)
    if operation.parameters == ("axis",):
        return _over_axes(operation)
    if operation.family == "linalg":
        return _matrices(operation)
    assert operation.elementwise, f"no samples of {operation.name}: add a Spec for it"
    return (((shape,) * (operation.arity or 2), own.params) for shape in SHAPES)


def _over_axes(operation: Operation) -> Iterator[Case]:
    for shape in (*FEW, (1, 3), (n, 1, 2)):
        rank = len(shape)
        for axes in {(), (0,), (rank - 1,), tuple(range(rank)), tuple(range(1, rank))}:
            if all(0 <= axis < rank and shape[axis] != 0 for axis in axes):
                yield (shape,), (axes,)


def _matrices(operation: Operation) -> Iterator[Case]:
    for shape in SQUARES:
        for output in range(max(len(operation.outputs), 1)):
            yield (shape,), (output,) if operation.outputs else ()


def variable(index: int, shape: Shape, dtype: str = "float") -> Variable:
    """The operand of a sample in a place."""
    result: Variable = Variable(f"x{index}", shape, dtype)
    return result


@cache
def samples(name: str) -> tuple[Sample, ...]:
    """All samples of the operation with a name."""
    operation, own = TABLE[name], spec(name)
    rng = np.random.default_rng(len(name))
    result = []
    for shapes, params in cases(operation):
        operands, values = [], {}
        for index, shape in enumerate(shapes):
            operand = variable(index, shape, of(own.dtype, index))
            operands.append(operand)
            values[operand] = np.asarray(of(own.draw, index)(rng, numbers(shape)))
        node = apply(operation, tuple(operands), params)
        if isinstance(node, Apply) and node.operation is operation:
            result.append(Sample(node, values, reference(node)))
    return tuple(result)


def in_jax(name: str) -> Callable[..., Any]:
    """JAX's function for an operation's name, called with arrays and parameters by name."""
    own = spec(name).jax
    if own is not None:
        return own
    section, _, short = name.rpartition(".")
    result: Callable[..., Any] = getattr(_SPACES[section], short)
    return result


def reference(node: Apply) -> Callable[..., Any]:
    """JAX's function of the operands of a node."""
    operation, compute = node.operation, in_jax(node.operation.name)
    given = [resolved(value) for value in node.params]
    if spec(operation.name).jax is None and operation.outputs:
        return lambda *xs: compute(*xs)[given[-1]]
    if len(operation.parameters) != len(given):  # a parameter that repeats, as sizes
        return lambda *xs: compute(*xs, *given)
    return lambda *xs: compute(*xs, **dict(zip(operation.parameters, given, strict=True)))


__all__ = [
    "SIZES",
    "Sample",
    "cases",
    "expected",
    "in_jax",
    "joined",
    "numbers",
    "parted",
    "reference",
    "samples",
    "together",
    "variable",
]
