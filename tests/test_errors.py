"""The typed errors: one family, each also the built-in error that one would catch."""

import pytest

import symflow.errors as errors
import symflow.numpy as snp
from symflow.core import dims, matrix, scalar, vector
from symflow.errors import (
    BatchingError,
    BudgetError,
    BudgetWarning,
    ClosedFormError,
    DifferentialError,
    DomainError,
    DTypeError,
    LoweringError,
    ParseError,
    RankError,
    RuleError,
    ShapeError,
    SymflowError,
)

BUILT_IN = {
    ShapeError: ValueError,
    RankError: ValueError,
    DTypeError: TypeError,
    DomainError: ValueError,
    ParseError: ValueError,
    LoweringError: SymflowError,
    DifferentialError: SymflowError,
    BatchingError: SymflowError,
    BudgetError: SymflowError,
    ClosedFormError: SymflowError,
    RuleError: ValueError,
}


def test_all_are_listed():
    found = {v for v in vars(errors).values() if isinstance(v, type) and v is not SymflowError}
    assert found == {*BUILT_IN, BudgetWarning}
    assert set(errors.__all__) == {error.__name__ for error in [*found, SymflowError]}


@pytest.mark.parametrize("error", BUILT_IN)
def test_each_is_a_symflow_error_and_a_built_in_one(error):
    assert issubclass(error, SymflowError)
    assert issubclass(error, BUILT_IN[error])
    assert error.__doc__


n, m = dims("n m")
A, B, x, s = matrix("A", n, m), matrix("B", n, m), vector("x", n), scalar("s")
CASES = [
    (lambda: A @ B, ShapeError, ["(n, m) @ (n, m)", "(m)", "(n)", ".T"]),
    (lambda: A @ s, RankError, ["()", "scale with *"]),
    (lambda: A + x, ShapeError, ["(n, m) and (n,)", "axis -1", "m and n", "x[:, None]"]),
    (lambda: snp.sum(x, axis=2), ShapeError, ["axis 2 does not exist", "rank 1"]),
    (lambda: snp.linalg.inv(A), ShapeError, ["square matrix", "(n, m)", "n and m"]),
    (lambda: snp.linalg.det(x), RankError, ["takes a matrix", "(n,)"]),
    (lambda: snp.trace(x), RankError, ["rank 2", "(n,)"]),
    (lambda: A.reshape(n), ShapeError, ["(n, m)", "m*n entries", "n entries"]),
    (lambda: snp.einsum("ij,jk", A, B), ShapeError, ["'j'", "m", "n", "operand 1", "axis 0"]),
    (lambda: snp.tensordot(A, B, 1), ShapeError, ["axis 1 of (n, m)", "axis 0 of (n, m)"]),
    (lambda: snp.where(x == 0, x, 0), DTypeError, ["snp.equal"]),
    (lambda: snp.where("x", x, 0), DTypeError, ["'x'"]),
    (lambda: vector("k", n, dtype="int") ** -1, DomainError, ["float"]),
    (lambda: x + "y", TypeError, ["unsupported operand"]),
    (lambda: snp.exp("y"), DTypeError, ["'y'", "sf.parse"]),
    (lambda: x[n + 1, 0], ShapeError, ["2 indices", "rank 1"]),
    (lambda: matrix("C", 2, 3)[5], ShapeError, ["index 5", "axis 0 of size 2"]),
    (lambda: snp.expand_dims(x, (0, 0)), ShapeError, ["(0, 0)", "twice"]),
    (lambda: snp.transpose(A, (0,)), ShapeError, ["each of 2 axes once", "(0,)"]),
    (lambda: snp.diag(snp.ones((2, 2, 2))), RankError, ["vector or a matrix", "(2, 2, 2)"]),
]


@pytest.mark.parametrize(("build", "kind", "texts"), CASES)
def test_messages_say_what_was_asked_and_found(build, kind, texts):
    with pytest.raises(kind) as caught:
        build()
    for text in texts:
        assert text in str(caught.value)


def test_a_warning_is_no_error():
    assert issubclass(BudgetWarning, UserWarning)
    assert not issubclass(BudgetWarning, SymflowError)
