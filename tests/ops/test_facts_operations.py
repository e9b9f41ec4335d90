"""Every fact inferred for every operation, on operands of every kind, against values."""

from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np
import pytest
import sympy as sp

import symflow.numpy as snp
from symflow.core import Operation, Tensor, Variable, dtypes
from symflow.core.apply import apply
from symflow.core.samples import sample
from symflow.ops import TABLE
from symflow.ops.facts import facts, has
from symflow.ops.known import closed
from symflow.rewriting.sampling import drawn
from tests.ops.samples import spec
from tests.ops.samples.spec import of
from tests.ops.test_facts import MATRICES
from tests.oracle import evaluate

_LARGE = 20.0
ENTRY = (
    None, "positive", "nonnegative", "nonzero", "in_unit_interval", "integer", "zero_one",
    "plus_minus_one",
)  # fmt: skip
MATRIX = (
    None, "symmetric", "antisymmetric", "diagonal", "lower_triangular", "upper_triangular",
    "invertible", "positive_determinant", "positive_definite", "orthogonal", "permutation",
    "positive",
)  # fmt: skip
PARAMETERS: dict[str, list[tuple[Any, ...]]] = {
    "astype": [("float64",), ("int64",)],
    "scalar_power": [(e,) for e in map(sp.Rational, (-2, -1, "-1/2", "1/2", 2, 3))],
    "special.polygamma": [(1,)],
}
_ONE_AXIS = ("positions", "sorting", "fft")
BY_AXIS = [operation for operation in TABLE.values() if operation.parameters == ("axis",)]
OF_MATRICES = [
    operation
    for operation in TABLE.values()
    if operation.family == "linalg" and operation.arity == 1
]
ELEMENTWISE = [
    operation
    for operation in TABLE.values()
    if operation.elementwise and (not operation.parameters or operation.name in PARAMETERS)
]


def strictly(name: str, a: Any) -> bool:
    """A fact about entries, without tolerance for signs."""
    tests = {
        "positive": a > 0,
        "nonnegative": a >= 0,
        "negative": a < 0,
        "nonpositive": a <= 0,
        "nonzero": a != 0,
        "in_unit_interval": (a >= 0) & (a <= 1 + 1e-12),
        "integer": a == np.round(a),
        "zero_one": (a == 0) | (a == 1),
        "plus_minus_one": np.abs(a) == 1,
    }
    return name not in tests or bool(np.all(tests[name]))


def of_matrix(name: str, a: Any) -> bool:
    """A fact about the matrices in the last two axes."""
    if name in MATRICES:
        return MATRICES[name](a)
    tests = {
        "invertible": lambda: np.all(np.abs(np.linalg.det(a)) > 1e-9),
        "positive_determinant": lambda: np.all(np.linalg.det(a) > 0),
        "positive_diagonal": lambda: np.all(np.diagonal(a, axis1=-2, axis2=-1) > 0),
        "permutation": lambda: np.allclose(np.abs(a).sum(-1), 1) and np.allclose(a, np.abs(a)),
        "tridiagonal": lambda: np.allclose(a, np.triu(np.tril(a, 1), -1)),
    }
    return name not in tests or bool(tests[name]())


def verify(node: Tensor, values: dict[Tensor, Any]) -> None:
    if dtypes.kind(node.dtype) == "complex":
        return  # the facts speak of real entries
    with np.errstate(all="ignore"):
        try:
            array = evaluate(node, values).astype(float)
        except np.linalg.LinAlgError:
            return
    known = facts(node)
    assert known == closed(known)
    defined = array[np.isfinite(array)]
    for name in known:
        assert strictly(name, defined), f"{name} of {node}: {values}"
    if array.ndim == 2 and np.all(np.isfinite(array)):
        for name in known:
            assert of_matrix(name, array), f"{name} of {node}: {values}"


def operand(name: str, fact: str | None, shape: tuple[int, ...], dtype: str = "float") -> Variable:
    return Variable(name, shape, dtype, frozenset({fact} if fact else set()))


def trials(node: Tensor, variables: list[Variable], seed: int) -> Iterator[dict[Tensor, Any]]:
    rng = np.random.default_rng(seed)
    for _ in range(4):
        values = drawn(variables, {}, rng)
        if any(np.any(np.abs(x) > _LARGE) for x in values.values()):  # functions may underflow
            values = {v: sample(v, {}, rng) for v in variables}
        yield values


def taken(operation: Operation, place: int) -> str:
    """The data type that an operation takes in a place."""
    return "bool" if operation.inputs == "bool" else str(of(spec(operation.name).dtype, place))


@pytest.mark.parametrize("operation", ELEMENTWISE, ids=lambda op: op.name)
def test_elementwise(operation: Operation) -> None:
    for params in PARAMETERS.get(operation.name, [()]):
        for kinds in product(ENTRY, repeat=min(operation.arity or 1, 2)):
            names = [*kinds, *(None for _ in range((operation.arity or 1) - len(kinds)))]
            if operation.name == "where":
                names = [None, *kinds]
            types = [taken(operation, k) for k in range(len(names))]
            given = [
                operand(f"x{k}", fact if types[k] == "float" else None, (5,), types[k])
                for k, fact in enumerate(names)
            ]
            node = apply(operation, tuple(given), params)
            for values in trials(node, given, len(names)):
                verify(node, values)


@pytest.mark.parametrize("operation", ELEMENTWISE, ids=lambda op: op.name)
def test_elementwise_on_matrices(operation: Operation) -> None:
    if operation.arity != 1 or taken(operation, 0) != "float":
        pytest.skip("one number to one number")
    for params, fact in product(PARAMETERS.get(operation.name, [()]), MATRIX):
        given = operand("A", fact, (4, 4))
        node = apply(operation, (given,), params)
        for values in trials(node, [given], 1):
            verify(node, values)


@pytest.mark.parametrize("operation", BY_AXIS, ids=lambda op: op.name)
def test_along_axes(operation: Operation) -> None:
    for fact, axes in product((*ENTRY, "simplex", "one_hot", "unit_norm"), ((0,), (1,), (0, 1))):
        dtype = "bool" if operation.inputs == "bool" else "float"
        given = operand("X", fact if dtype == "float" else None, (3, 4), dtype)
        one_axis = "cumulative" in operation.facts or operation.family in _ONE_AXIS
        params = (axes[:1],) if one_axis else (axes,)
        if operation.name == "concatenate":
            params = (0,)
        node = apply(operation, (given, given) if operation.arity is None else (given,), params)
        for values in trials(node, [given], 2):
            verify(node, values)


@pytest.mark.parametrize("operation", OF_MATRICES, ids=lambda op: op.name)
def test_of_matrices(operation: Operation) -> None:
    outputs: list[tuple[Any, ...]] = [(k,) for k in range(len(operation.outputs))] or [()]
    for params, fact in product(outputs, MATRIX):
        given = operand("A", fact, (4, 4))
        node = apply(operation, (given,), params)
        for values in trials(node, [given], 3):
            verify(node, values)


A = Variable("A", (4, 4), "float", frozenset())
S = Variable("S", (4, 4), "float", frozenset({"positive_definite"}))
L = Variable("L", (4, 4), "float", frozenset({"lower_triangular"}))
MASKS = [
    (snp.tril(A), "lower_triangular"),
    (snp.tril(A, -1), "lower_triangular"),
    (snp.triu(A), "upper_triangular"),
    (snp.triu(A, 2), "upper_triangular"),
    (snp.triu(A).T, "lower_triangular"),
    (snp.where(A > 0, L, 0), "lower_triangular"),
    (snp.diagonal(S), "positive"),
    (snp.diagonal(snp.linalg.cholesky(S)), "positive"),
    (snp.trace(S), "positive"),
    (snp.diagonal(A @ A.T), "nonnegative"),
]


@pytest.mark.parametrize(("node", "name"), MASKS, ids=str)
def test_masks_and_diagonals(node: Tensor, name: str) -> None:
    assert has(node, name)
    for values in trials(node, [A, S, L], 4):
        verify(node, values)


@pytest.mark.parametrize("node", [snp.tril(A, 1), snp.triu(A, -1), snp.where(A > 0, A, 0)], ids=str)
def test_masks_that_leave_more(node: Tensor) -> None:
    assert not has(node, "lower_triangular")
    assert not has(node, "upper_triangular")
