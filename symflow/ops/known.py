"""Facts at hand: what inference has found for a node, and facts about numbers and arrays."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import numpy as np
import sympy as sp

from symflow.core import Tensor
from symflow.core.dims import Dim
from symflow.core.properties import closure

Facts = frozenset[str]
NONE: Facts = frozenset()
CACHE = "facts"
_LARGEST_ARRAY = 1 << 16

# facts about entries, and about the matrices in the last two axes
ENTRIES = frozenset(
    {
        *("positive", "nonnegative", "negative", "nonpositive", "nonzero", "in_unit_interval"),
        *("integer", "zero_one", "plus_minus_one"),
    }
)
MATRICES = frozenset(
    {
        *("symmetric", "antisymmetric", "positive_definite", "positive_semidefinite", "diagonal"),
        *("lower_triangular", "upper_triangular", "orthogonal", "invertible"),
        *("positive_determinant", "permutation", "full_rank", "tridiagonal"),
        "positive_diagonal",
    }
)


def known(node: Tensor) -> Facts:
    """The facts found for a node; inference works from the leaves up, so operands have theirs."""
    cache = node.cache
    found: Facts | None = None if cache is None else cache.get(CACHE)
    return NONE if found is None else found


@lru_cache(maxsize=4096)
def closed(found: Facts) -> Facts:
    """Facts together with all that they imply."""
    if "negative" in found:
        found |= {"nonpositive", "nonzero"}
    if "positive_definite" in found:
        found |= {"positive_diagonal"}
    return closure(found)


def equal_sizes(a: Dim, b: Dim) -> bool:
    """Whether two sizes are the same at a glance (no algebra)."""
    return a is b or (type(a) is type(b) and hash(a) == hash(b) and bool(a == b))


@lru_cache(maxsize=4096)
def of_number(value: sp.Expr) -> Facts:
    """Facts about a SymPy number, symbol or expression of dimensions (sizes are positive)."""
    found = set()
    sizes = {s: sp.Dummy(integer=True, positive=True) for s in value.free_symbols if _is_size(s)}
    seen = value.xreplace(sizes) if sizes else value
    for name in ("positive", "nonnegative", "negative", "nonpositive", "nonzero", "integer"):
        if getattr(seen, f"is_{name}"):
            found.add(name)
    if value in (0, 1):
        found.add("zero_one")
    if value in (-1, 1):
        found.add("plus_minus_one")
    if value.is_number and value.is_real and 0 <= value <= 1:
        found.add("in_unit_interval")
    return closed(frozenset(found))


def _is_size(symbol: sp.Basic) -> bool:
    return bool(symbol.is_integer and symbol.is_nonnegative)


def of_array(array: "np.ndarray[Any, Any]") -> Iterable[str]:
    """Facts about an array of numbers; none about large ones."""
    if array.size > _LARGEST_ARRAY or array.dtype.kind not in "biuf":
        return set()
    values = array.astype(float)
    tests = {
        "positive": values > 0,
        "nonnegative": values >= 0,
        "negative": values < 0,
        "nonpositive": values <= 0,
        "nonzero": values != 0,
        "integer": values == np.floor(values),
        "zero_one": (values == 0) | (values == 1),
        "plus_minus_one": np.abs(values) == 1,
        "in_unit_interval": (values >= 0) & (values <= 1),
    }
    found = {name for name, test in tests.items() if bool(np.all(test))}
    if array.ndim == 2 and array.shape[0] == array.shape[1]:
        shapes = {
            "symmetric": values == values.T,
            "diagonal": values == np.diag(np.diag(values)),
            "lower_triangular": values == np.tril(values),
            "upper_triangular": values == np.triu(values),
        }
        found |= {name for name, test in shapes.items() if bool(np.all(test))}
    return found
