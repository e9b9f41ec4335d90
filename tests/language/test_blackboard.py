"""Columns and rows: every product that mathematicians write, against NumPy."""

import numpy as np
import pytest

from symflow.errors import RankError, ShapeError
from symflow.language import build, parse_tree
from symflow.language.blackboard import Blackboard, Row, rank_of
from symflow.language.operators import binary_operators

RNG = np.random.default_rng(0)
A, B = RNG.normal(size=(2, 3, 3))
X = RNG.normal(size=(4, 3))
x, y = RNG.normal(size=(2, 3))
z = RNG.normal(size=4)
T = RNG.normal(size=(2, 3, 3))
NAMES = {"A": A, "B": B, "X": X, "x": x, "y": y, "z": z, "T3": T, "s": 2.0, "n": 3, "c": x > 0}
FUNCTIONS = {
    "sum": np.sum,
    "exp": np.exp,
    "diag": np.diag,
    "trace": np.trace,
    "where": np.where,
    "ones": np.ones,
    "linalg.inv": np.linalg.inv,
    "linalg.norm": np.linalg.norm,
}


def value(text):
    return build(parse_tree(text, "blackboard"), NAMES, FUNCTIONS)


INV = np.linalg.inv


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # products
        ("x'*y", x @ y),
        ("x*y'", np.outer(x, y)),
        ("z*x'", np.outer(z, x)),
        ("A*x", A @ x),
        ("x'*A", x @ A),
        ("x'*A*y", x @ A @ y),
        ("z'*X*x", z @ X @ x),
        ("X'*z", X.T @ z),
        ("A*B", A @ B),
        ("X*A'", X @ A.T),
        ("x*y'*x", x * (y @ x)),
        ("x'*y*z'", (x @ y) * z),
        ("2*x", 2 * x),
        ("x*2", x * 2),
        ("s*A*x", 2.0 * (A @ x)),
        ("x'*x*A", (x @ x) * A),
        ("s*T3", 2.0 * T),
        # transposes
        ("x'", x),
        ("x''", x),
        ("A'", A.T),
        ("s'", 2.0),
        ("(x'*A)'", A.T @ x),
        ("(X'*z)'*x", (X.T @ z) @ x),
        ("(x*y')'", np.outer(y, x)),
        ("x.T*y", x @ y),
        ("(x + y).T*y", (x + y) @ y),
        ("A.T*x", A.T @ x),
        ("A.mT*x", A.T @ x),
        # the matrix product of both syntaxes
        ("A @ x", A @ x),
        ("x' @ y", x @ y),
        ("x @ y'", np.outer(x, y)),
        ("x' @ A @ y", x @ A @ y),
        ("x @ y", x @ y),
        ("T3 @ A", T @ A),
        # signs, sums and quotients
        ("-x'*y", -(x @ y)),
        ("(x - y)'*(x - y)", (x - y) @ (x - y)),
        ("(x' + y')*x", (x + y) @ x),
        ("x'/2*y", x @ y / 2),
        ("A*x/s", A @ x / 2),
        ("X + x'", X + x),
        ("X*A - ones(4)*x'", X @ A - x),
        ("x + 1", x + 1),
        ("(1 - x')*y", (1 - x) @ y),
        # elementwise
        ("x.*y", x * y),
        ("x'.*y'*x", (x * y) @ x),
        ("A.*B", A * B),
        ("x./y", x / y),
        ("1./x", 1 / x),
        ("2.*x", 2 * x),
        ("X.*x'", X * x),
        ("T3.*x", T * x),
        ("x.^2", x**2),
        ("X.^2", X**2),
        ("(x > 0).*y", (x > 0) * y),
        ("(x' > 0)*y", (x > 0) @ y),
        ("(x > 0) & (y > 0)", (x > 0) & (y > 0)),
        ("~c", ~(x > 0)),
        # powers
        ("x^2", x**2),
        ("2^x", 2**x),
        ("s^2", 4.0),
        ("A^2", A @ A),
        ("A^5", np.linalg.matrix_power(A, 5)),
        ("A^-1", INV(A)),
        ("A^-1*x", INV(A) @ x),
        ("A^-1'*x", INV(A).T @ x),
        ("A'^-1", INV(A.T)),
        ("A^-3", INV(A) @ INV(A) @ INV(A)),
        ("(x'^2)*y", (x**2) @ y),
        ("norm(x)^2", x @ x),
        ("A^n", A @ A @ A),
        # functions and methods keep orientation
        ("exp(x')*y", np.exp(x) @ y),
        ("exp(x)*y'", np.outer(np.exp(x), y)),
        ("exp(x'*A)*y", np.exp(x @ A) @ y),
        ("sum(x')", x.sum()),
        ("tr(A*B)", np.trace(A @ B)),
        ("diag(x')*y", x * y),
        ("where(x' > 0, y', 0)*x", np.where(x > 0, y, 0) @ x),
        ("A[0]'*x", A[0] @ x),
        ("A[:, 0]'*x", A[:, 0] @ x),
        ("(x')[1:]*y[1:]", x[1:] @ y[1:]),
        ("(x')[0]", x[0]),
        ("(A*x).sum()", (A @ x).sum()),
        ("(x').cumsum()*y", x.cumsum() @ y),
        ("(x').real*y", x @ y),
        ("t = x'; t*y", x @ y),
        ("(x', y)[0]", x),
    ],
)
def test_what_is_written_is_what_is_meant(text, expected):
    result = value(text)
    assert np.shape(result) == np.shape(expected)
    np.testing.assert_allclose(result, expected, rtol=1e-12)


@pytest.mark.parametrize(
    ("text", "error", "hint"),
    [
        ("x*y", ShapeError, "x'*y is the inner product, x*y' the outer one, x.*y elementwise"),
        ("x'*y'", ShapeError, "two rows have no product"),
        ("x*A", ShapeError, "write x'*A, or diag(x)*A to scale rows"),
        ("A*x'", ShapeError, "write A*x, or A*diag(x) to scale columns"),
        ("x' + y", ShapeError, "a row and a column meet in `+`"),
        ("x.*y'", ShapeError, "the outer product is x*y'"),
        ("x'.*y", ShapeError, "the outer product is y*x'"),
        ("A.*x", ShapeError, "diag(x)*A scales rows, A*diag(x) columns"),
        ("A + x", ShapeError, "write ones(n)*x' or x*ones(n)'"),
        ("A/x", ShapeError, "elementwise is `./`"),
        ("A/B", ShapeError, "a system A*x = b is solved by inv(A)*b"),
        ("where(x' > 0, y, 0)", ShapeError, "rows and columns meet here"),
        ("X^2", ShapeError, "has shape (4, 3): elementwise is `.^`"),
        ("A^0.5", ShapeError, "elementwise is `.^`"),
        ("A^0", ShapeError, "the identity is eye(n)"),
        ("A^5000", ShapeError, "from 1 to 1000"),
        ("A^True", ShapeError, "elementwise is `.^`"),
        ("2^A", RankError, "a number to the power of a matrix: elementwise is `.^`"),
        ("A^x", RankError, "a matrix to the power of a column"),
        ("T3^2", RankError, "a tensor to the power of a number"),
        ("T3*x", RankError, "for tensors write `.*` or einsum"),
        ("T3'", RankError, ".mT swaps its last two axes"),
    ],
)
def test_what_has_two_readings_is_refused(text, error, hint):
    with pytest.raises(error) as caught:
        value(text)
    assert hint in str(caught.value)
    assert "in the formula, line 1, column " in str(caught.value)


def test_the_outer_product_is_the_callers_where_there_is_one():
    calls = []
    functions = {"outer": lambda a, b: calls.append((a, b))}
    Blackboard(functions.get, binary_operators()).binary("*", x, Row(y))
    ((left, right),) = calls
    assert left is x
    assert right is y


def test_a_row_is_never_a_result():
    board = Blackboard({}.get, binary_operators())
    assert board.bare(board.unary("'", x)) is x
    for text in ("x'", "x', y", "[x', y']", "t = x'\n-t"):
        result = value(text)
        items = result if isinstance(result, tuple | list) else [result]
        assert not any(isinstance(item, Row) for item in items)


@pytest.mark.parametrize(("thing", "rank"), [(1.0, 0), (x, 1), (A, 2), (T, 3), ("ij", 0), ([x], 0)])
def test_rank_of(thing, rank):
    assert rank_of(thing) == rank
