"""Values of expressions on random data, by NumPy in 64 bits and without rewriting."""

import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import sympy as sp

from symflow.core import Scalar, Tensor, Variable
from symflow.core.dims import is_dim_expression
from symflow.core.samples import sample
from symflow.errors import SymflowError
from symflow.lowering import Program, write
from symflow.rewriting.checking import TOLERANCE, Array, close

Evaluation = Callable[[Mapping[Any, Any], Mapping[str, int]], Array | None]
_SIZES = (3, 2, 4, 1)
_DRAWS = 4


def prepared(node: Tensor, precision: str = "float64") -> Evaluation:
    """The values of a graph as a function of arrays (by variable or symbol) and sizes (by name).

    The values are None where NumPy finds none: a singular matrix, a maximum of no entries.
    """
    leaves = leaves_of(node)
    written = write([node], leaves, precision=precision, backend="numpy")
    program = Program(written, many=False)

    def values(given: Mapping[Any, Any], sizes: Mapping[str, int]) -> Array | None:
        arguments = [sizes[x.name] if _is_size(x) else given[x] for x in leaves]
        try:
            with warnings.catch_warnings():  # SciPy's word on singular matrices
                warnings.simplefilter("ignore")
                return np.asarray(program(*arguments))
        except (SymflowError, np.linalg.LinAlgError, ValueError, ZeroDivisionError):
            return None

    return values


def rough(node: Tensor) -> Evaluation:
    """The values in 32 bits, which tell what rounding does."""
    return prepared(node, "float32")


def leaves_of(*nodes: Tensor) -> list[Any]:
    """The variables, symbols and sizes of some graphs, in a fixed order."""
    found: set[Any] = set()
    for node in nodes:
        found |= node.free_symbols
    tensors = [item for item in found if isinstance(item, Variable)]
    tensors.sort(key=lambda leaf: (leaf.full_name, leaf.digest))
    return [*tensors, *sorted(found - set(tensors), key=lambda symbol: symbol.name)]


def agree(before: Tensor, after: Tensor) -> bool:
    """Whether two graphs have the same values on random data wherever both are defined."""
    leaves = leaves_of(before, after)
    sizes = [item.name for item in leaves if _is_size(item)]
    first, second = prepared(before), prepared(after)
    compared = 0
    for draw in range(_DRAWS):
        rng = np.random.default_rng(draw)
        chosen = {name: _SIZES[(k + draw) % len(_SIZES)] for k, name in enumerate(sizes)}
        values = {
            item: sample(Scalar(item) if isinstance(item, sp.Symbol) else item, chosen, rng)
            for item in leaves
            if not _is_size(item)
        }
        a, b = first(values, chosen), second(values, chosen)
        if a is None or b is None:
            continue
        if not close(a, b, _tolerance(a, b)):
            return False
        compared += 1
    return compared > 0


def _tolerance(*values: Array) -> float:
    """Of a comparison; results of explicit low precision are compared as coarsely."""
    eps = [float(np.finfo(v.dtype).eps) for v in values if v.dtype.kind in "fc"]
    return max(TOLERANCE, 1e3 * max(eps, default=0.0))


def _is_size(item: Any) -> bool:
    return isinstance(item, sp.Symbol) and is_dim_expression(item)
