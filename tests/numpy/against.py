"""One formula on two worlds: symflow's tensors, evaluated by the oracle, and NumPy's arrays."""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import symflow.numpy as snp
from symflow.core import Tensor, Variable, dim
from symflow.errors import SymflowError
from tests.oracle import dtype_of, evaluate

Array = np.ndarray[Any, Any]
_ABSTRACT = {"float64": "float", "int64": "int", "complex128": "complex", "bool": "bool"}


def variable_for(name: str, array: Array, *, symbolic: bool) -> Variable:
    """A variable that fits an array; where symbolic, each size above 1 is a dimension."""
    shape = [dim(f"n{s}") if symbolic and s > 1 else int(s) for s in array.shape]
    result: Variable = Variable(name, shape, _ABSTRACT[array.dtype.name])
    return result


def symflow_value(function: Callable[..., Any], arrays: list[Array], *, symbolic: bool) -> Any:
    """What a formula gives on variables, as arrays, after checking the declared shape and type."""
    variables = [variable_for(f"x{k}", array, symbolic=symbolic) for k, array in enumerate(arrays)]
    values = dict(zip(variables, arrays, strict=True))
    sizes = {f"n{k}": k for k in range(2, 100)}
    results = function(snp, *variables)
    several = results if isinstance(results, (list, tuple)) else [results]
    found = [evaluate(node, values, sizes) for node in several]
    for node, value in zip(several, found, strict=True):
        assert isinstance(node, Tensor)
        assert value.dtype == dtype_of(node.dtype)
    return found if isinstance(results, (list, tuple)) else found[0]


def agree(
    function: Callable[..., Any],
    *arrays: Any,
    symbolic: bool = False,
    reference: Any = np,
    types: bool = True,
) -> None:
    """Check that a formula means the same to symflow and to NumPy, errors included.

    Args:
        function: takes the namespace, then the tensors.
        arrays: its arguments.
        symbolic: declare sizes above 1 as dimensions.
        reference: the namespace to compare with.
        types: compare data types, too.
    """
    given = [np.asarray(array) for array in arrays]
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # means of nothing
            expected = function(reference, *given)
    except (ValueError, TypeError, IndexError) as refusal:
        _check_refused(function, given, refusal)
        return
    found = symflow_value(function, given, symbolic=symbolic)
    pairs = zip(found, expected, strict=True) if isinstance(found, list) else [(found, expected)]
    for value, wanted in pairs:
        wanted_array = np.asarray(wanted)
        assert value.shape == wanted_array.shape
        if types:
            assert value.dtype == wanted_array.dtype
        np.testing.assert_allclose(value, wanted_array, rtol=1e-10, atol=1e-10)


def _check_refused(function: Callable[..., Any], arrays: list[Array], refusal: Exception) -> None:
    try:
        symflow_value(function, arrays, symbolic=False)
    except (SymflowError, TypeError):
        return
    raise AssertionError(f"NumPy refuses ({refusal}), symflow does not")


# ------------------------------------------------------------------------------ strategies

SIZES = st.integers(0, 3)
SHAPES = st.lists(SIZES, max_size=4).map(tuple)
ENTRIES = st.integers(-6, 6).map(lambda k: k / 2)


def floats(shape: Any = SHAPES) -> st.SearchStrategy[Array]:
    """Arrays of halves between -3 and 3, exact in binary: sums have no rounding."""
    return hnp.arrays(np.float64, shape, elements=ENTRIES)


def bools(shape: Any = SHAPES) -> st.SearchStrategy[Array]:
    """Arrays of truth values."""
    return hnp.arrays(np.bool_, shape)


def integers(shape: Any = SHAPES) -> st.SearchStrategy[Array]:
    """Arrays of small integers."""
    return hnp.arrays(np.int64, shape, elements=st.integers(-3, 3))


def axes_of(rank: int) -> st.SearchStrategy[Any]:
    """None, an axis or several, counted from either end."""
    one = st.integers(-rank, rank - 1) if rank else st.nothing()
    several = st.lists(st.integers(-rank, rank - 1), max_size=rank) if rank else st.just([])
    distinct = several.filter(lambda axes: len({a % rank for a in axes}) == len(axes))
    return st.none() | one | distinct.map(tuple)
