"""The steps of a derivation on random data: how far their two sides are apart."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import sympy as sp

from symflow.api.evaluation import leaves_of, prepared
from symflow.core import Scalar, Tensor, dtypes
from symflow.core.dims import is_dim_expression
from symflow.core.samples import sample
from symflow.core.walk import transform
from symflow.errors import DomainError
from symflow.ops.arithmetic import add, multiply
from symflow.rewriting.checking import Array
from symflow.rewriting.derivation import Figure

TOLERANCE = 1e-8
DIFFERENCES = 1e-5  # of a differential against central differences
_SIZES = (3, 2, 4, 5)
_DRAWS = 6
_STEP = 1e-3
# fourth order: f'(0) from the values at -2, -1, 1 and 2 steps
_STENCIL = ((-2, 1 / 12), (-1, -2 / 3), (1, 2 / 3), (2, -1 / 12))

Values = dict[Any, Array]
Where = Mapping[Tensor, Tensor]


def compared(before: Tensor, after: Tensor, where: Where = {}) -> Figure:  # noqa: B006
    """Two expressions on random data, names replaced by what they stand for.

    Raises:
        DomainError: where neither has finite values on any of the data.
    """
    left, right = transform([before, after], _same, dict(where))
    first, second = prepared(left), prepared(right)
    for values, sizes in _data(leaves_of(left, right)):
        a, b = first(values, sizes), second(values, sizes)
        if a is not None and b is not None and np.all(np.isfinite(a)):
            if dtypes.kind(left.dtype) == "complex" or dtypes.kind(right.dtype) == "complex":
                a, b = a.real, b.real  # the differential of a real function is a real part
            return Figure(_relative(a, b), TOLERANCE)
    raise DomainError("no random data was found at which this step is defined")


def differentiated(
    body: Tensor, differential: Tensor, moves: Mapping[Tensor, Tensor], where: Where
) -> Figure:
    """A differential against differences of fourth order of what it is the differential of.

    Args:
        body: in terms of names.
        differential: in terms of names and of the ``d`` of the inputs.
        moves: the ``d`` of each of these inputs.
        where: what the names stand for.

    Raises:
        DomainError: as for :func:`compared`.
    """
    step = sp.Symbol("step of differences", real=True)
    memo = {x: add(x, multiply(d, Scalar(step))) for x, d in moves.items()}
    (shifted,) = transform([body], _same, memo)
    whole, exact = transform([shifted, differential], _same, dict(where))
    near, linear = prepared(whole), prepared(exact)
    figures = []
    for values, sizes in _data([x for x in leaves_of(whole, exact) if x is not step]):
        terms = [near({**values, step: np.asarray(k * _STEP)}, sizes) for k, _ in _STENCIL]
        want = linear(values, sizes)
        if want is None or any(v is None or not np.all(np.isfinite(v)) for v in terms):
            continue
        pairs = zip(_STENCIL, terms, strict=True)
        found = sum(w * np.asarray(v, dtype=want.dtype) for (_, w), v in pairs) / _STEP
        relative = _relative(np.asarray(found), want)
        figures.append(Figure(relative, DIFFERENCES, "differences of fourth order"))
        if figures[-1]:
            break
    if not figures:
        raise DomainError("no random data was found at which this step is defined")
    return min(figures, key=lambda figure: figure.relative)


def _same(node: Tensor) -> None:
    return None


def _relative(a: Array, b: Array) -> float:
    if a.shape != b.shape or not np.all(np.isfinite(b)):
        return float("inf")
    scale = float(np.max(np.abs(a), initial=0.0))
    error = float(np.max(np.abs(a - b), initial=0.0))
    return error / max(scale, 1.0) if scale < 1 else error / scale


def _data(leaves: list[Any]) -> Iterator[tuple[Values, dict[str, int]]]:
    sizes = [item.name for item in leaves if _is_size(item)]
    for draw in range(_DRAWS):
        rng = np.random.default_rng(draw)
        chosen = {name: _SIZES[(k + draw) % len(_SIZES)] for k, name in enumerate(sizes)}
        yield (
            {
                item: sample(Scalar(item) if isinstance(item, sp.Symbol) else item, chosen, rng)
                for item in leaves
                if not _is_size(item)
            },
            chosen,
        )


def _is_size(item: Any) -> bool:
    return isinstance(item, sp.Symbol) and is_dim_expression(item)
