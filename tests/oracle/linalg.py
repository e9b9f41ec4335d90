"""Matrix functions."""

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.linalg

from symflow.core import Apply
from tests.oracle.formula import Array, Formula, Sizes, entries, output_of


def _symmetric(a: Array) -> Array:
    return np.asarray((a + np.conj(np.swapaxes(a, -1, -2))) / 2)


def _svd(node: Apply, inputs: list[Array], sizes: Sizes) -> Array:
    full, output = node.params
    return np.linalg.svd(inputs[0], full_matrices=full)[output]


def _each(function: Callable[..., Any], *inputs: Array) -> Array:
    """A function of single matrices for each of the stack."""
    stack = inputs[0].shape[:-2]
    if not stack:
        return np.asarray(function(*inputs))
    results = [function(*(x[place] for x in inputs)) for place in np.ndindex(*stack)]
    return np.reshape(np.stack(results), (*stack, *results[0].shape))


def _each_output(function: Callable[..., Any]) -> Formula:
    return lambda node, inputs, sizes: _each(lambda a: function(a)[node.params[-1]], *inputs)


def _pinv(node: Apply, inputs: list[Array], sizes: Sizes) -> Array:
    (a,) = inputs
    rtol = node.params[0]
    cutoff = 10 * max(a.shape[-2:]) * np.finfo(float).eps if rtol is None else float(rtol)
    return np.linalg.pinv(a, rcond=cutoff)


def _rank(node: Apply, inputs: list[Array], sizes: Sizes) -> Array:
    tolerance = node.params[0]
    return np.asarray(
        np.linalg.matrix_rank(inputs[0], None if tolerance is None else float(tolerance))
    )


def _expm(a: Array) -> Array:
    return np.asarray(scipy.linalg.expm(a)) if a.size else a


def _frechet(a: Array, e: Array) -> Array:
    return _each(lambda x, y: scipy.linalg.expm_frechet(x, y, compute_expm=False), a, e)


def _root(a: Array) -> Array:
    return _each(lambda x: np.real(scipy.linalg.sqrtm(_symmetric(x))) if x.size else x, a)


def _sylvester(a: Array, b: Array, c: Array) -> Array:
    """Through the system of all entries."""
    m, n = c.shape[-2:]
    eye_m, eye_n = np.eye(m), np.eye(n)
    system = np.einsum("...ik,jl->...ijkl", a, eye_n) + np.einsum("ik,...lj->...ijkl", eye_m, b)
    flat = system.reshape(*c.shape[:-2], m * n, m * n)
    return np.linalg.solve(flat, c.reshape(*c.shape[:-2], m * n, 1)).reshape(c.shape)


def _block_diag(*blocks: Array) -> Array:
    rows, columns = (sum(x.shape[k] for x in blocks) for k in (-2, -1))
    result = np.zeros((*blocks[0].shape[:-2], rows, columns))
    i = j = 0
    for block in blocks:
        result[..., i : i + block.shape[-2], j : j + block.shape[-1]] = block
        i, j = i + block.shape[-2], j + block.shape[-1]
    return result


def _toeplitz(column: Array, row: Array) -> Array:
    m, n = column.shape[-1], row.shape[-1]
    result = np.zeros((*column.shape, n), np.result_type(column, row))
    for i in range(m):
        for j in range(n):
            result[..., i, j] = column[..., i - j] if i >= j else row[..., j - i]
    return result


FORMULAS: dict[str, Formula] = {
    **{f"linalg.{name}": entries(getattr(np.linalg, name)) for name in ("inv", "det", "solve")},
    **{f"linalg.{name}": output_of(getattr(np.linalg, name)) for name in ("slogdet", "qr")},
    "linalg.cholesky": entries(lambda a: np.linalg.cholesky(_symmetric(a))),
    "linalg.eigh": output_of(lambda a: np.linalg.eigh(_symmetric(a))),
    "linalg.svd": _svd,
    "linalg.lu": _each_output(scipy.linalg.lu),
    "linalg.lu_factor": _each_output(scipy.linalg.lu_factor),
    "linalg.pinv": _pinv,
    "linalg.matrix_rank": _rank,
    "linalg.expm": entries(_expm),
    "linalg.expm_frechet": entries(_frechet),
    "linalg.sqrtm": entries(_root),
    "linalg.solve_sylvester": entries(_sylvester),
    "linalg.block_diag": entries(_block_diag),
    "linalg.toeplitz": entries(_toeplitz),
    "cross": entries(np.cross),
}
