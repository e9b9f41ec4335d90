"""The text of programs: short, complete, importing only what it uses."""

import ast
import io
import tokenize

import numpy as np
import pytest
import sympy as sp

import symflow.nn as nn
import symflow.numpy as snp
from symflow.core import as_tensor, dims, matrix, scalar, tensor, vector
from symflow.lowering import Program, write
from symflow.lowering.naming import Names, identifier
from symflow.lowering.scalars import ScalarWriter
from symflow.lowering.sizes import SIZE, sources
from symflow.lowering.templates import filled
from symflow.notation.tree import Name, python_text

n, d, m = dims("n d m")
X, w, y = matrix("X", n, d), vector("w", d), vector("y", n)
RESIDUAL = X @ w - y

WHOLE = '''"""A program over jax.numpy.

Inputs:
    X: float32 (n, d)
    w: float32 (d,)
    y: float32 (n,)
Outputs:
    float32 ()
    float32 (d,)
"""

import jax.numpy as jnp


def program(X, w, y):
    n = X.shape[0]
    t1 = X @ w + y  # (n,)
    return jnp.sum(t1 ** 2) / n, 2 / n * (t1 @ X)
'''


def text(*nodes, **options):
    return write([as_tensor(node) for node in nodes], **options).source


def test_a_whole_module():
    total = X @ w + y
    assert text(snp.sum(total**2) / n, 2 / n * (X.T @ total)) == WHOLE


@pytest.mark.parametrize(
    ("node", "backend", "imports"),
    [
        (snp.sum(y), "jax", ["import jax.numpy as jnp"]),
        (y + w[0], "jax", []),
        (nn.relu(y), "jax", ["import jax"]),
        (nn.relu(y), "numpy", ["import numpy as np"]),
        (nn.sigmoid(y), "numpy", ["import scipy.special"]),
        (nn.logsumexp(y), "jax", ["import jax.scipy.special"]),
        (snp.exp(y) * nn.sigmoid(y), "jax", ["import jax", "import jax.numpy as jnp"]),
        (y * sp.log(n), "numpy", ["import math"]),
    ],
)
def test_only_what_is_used_is_imported(node, backend, imports):
    source = text(node, backend=backend)
    assert [line for line in source.splitlines() if line.startswith("import")] == imports


def test_nothing_is_written_twice_or_in_vain():
    source = text(snp.exp(RESIDUAL) * snp.exp(RESIDUAL) + snp.exp(RESIDUAL))
    assert source.count("jnp.exp") == 1
    assert source.count("X @ w") == 1
    assert "shape" not in source


def test_lines_stay_readable():
    node = snp.sum(y)
    for k in range(40):
        node = snp.sin(node * k + 0.5) * snp.exp(-node)
    lines = text(node, X, X @ w, X.T @ y).splitlines()
    assert max(map(len, lines)) <= 100
    many = text(sum((vector(f"input{k}", n) for k in range(30)), y))
    assert max(map(len, many.splitlines())) <= 100
    ast.parse(many)


def test_sizes_are_read_where_they_are_needed():
    source = text(snp.eye(d) * n + m, inputs=[y, matrix("A", m, 2 * d)])
    assert "n = y.shape[0]" in source
    assert "m = A.shape[0]" in source
    assert "d = A.shape[1] // 2" in source


def test_shapes_stand_beside_values():
    source = text(snp.sum(RESIDUAL**2) * snp.outer(RESIDUAL, w))
    assert "# (n,)" in source


def test_a_function_of_several_results_is_called_once():
    sign, logarithm = snp.linalg.slogdet(X.T @ X + matrix("B", d, d))
    source = text(sign, logarithm, sign * logarithm)
    assert source.count("slogdet") == 1
    vectors = text(*snp.linalg.eigh(X.T @ X))
    assert vectors.count("eigh(") == 1
    assert "eigvalsh" in text(snp.linalg.eigh(X.T @ X)[0])


# ---------------------------------------------------------------------------- constants


@pytest.mark.parametrize("dtype", ["float32", "float64", "int32", "bool", "complex64"])
@pytest.mark.parametrize("shape", [(2, 3), (40, 30), (0, 3)])
@pytest.mark.parametrize("backend", ["numpy", "jax"])
def test_constants_are_embedded_exactly(shape, dtype, backend):
    rng = np.random.default_rng(0)
    values = (rng.normal(size=shape) * 10).astype(dtype)
    written = write([as_tensor(values)], backend=backend, precision="float64")
    result = np.asarray(Program(written, many=False)())
    expected = "float64" if dtype == "float64" else dtype
    assert str(result.dtype) == expected
    np.testing.assert_array_equal(result, values)
    assert len(written.source) < 600 + 2 * values.nbytes
    assert max(map(len, written.source.splitlines())) <= 100


def test_special_numbers():
    values = np.array([np.nan, np.inf, -np.inf, -0.0])
    written = write(
        [as_tensor(values), snp.full(2, np.inf), -snp.ones(2) * np.inf], precision="float64"
    )
    constant, up, down = Program(written, many=True)()
    np.testing.assert_array_equal(constant, values)
    assert np.signbit(np.asarray(constant))[3]
    assert np.isposinf(up).all()
    assert np.isneginf(down).all()


def test_bfloat16_constants():
    written = write([vector("v", 3) * np.array([1.0, 2.0, 3.0])], precision="bfloat16")
    result = Program(written, many=False)(np.ones(3, np.float32))
    assert str(result.dtype) == "bfloat16"


# -------------------------------------------------------------------------------- names


def test_text_of_a_user_is_never_code():
    name = 'x"""\nimport os\nos.abort()\n"""#'
    source = text(tensor(name, n) * 2)
    words = [t.string for t in tokenize.generate_tokens(io.StringIO(source).readline)]
    assert "os" not in words
    tree = ast.parse(source)
    assert len(tree.body) == 2


def test_identifiers():
    assert identifier("ﬁ") == "fi"
    assert identifier("") == "x"
    assert identifier("a b") == "a_b"
    assert identifier("None") == "None_"
    assert identifier("match") == "match_"
    names = Names()
    assert [names.of("a.b"), names.of("a_b"), names.of("a b")] == ["a_b", "a_b_2", "a_b_3"]
    series = names.numbered("a_b_")
    assert next(series) == "a_b_1"
    assert next(series) == "a_b_4"


def test_dimensions_with_odd_names():
    odd = sp.Symbol("lambda", integer=True, nonnegative=True)
    worse = sp.Symbol("n; import os", integer=True, nonnegative=True)
    node = snp.sum(tensor("A", odd, worse)) * odd * worse
    written = write([node], precision="float64", backend="numpy")
    assert "import os" not in written.source.replace("n__import_os", "")
    assert float(Program(written, many=False)(np.ones((2, 3)))) == 36


# ------------------------------------------------------------------------------ scalars


@pytest.mark.parametrize(
    "value",
    [
        n, n + 1, n - d + 2, 2 * n * d, n**2 - n, (n**2 + n) / 2, sp.floor(n / 3),
        sp.ceiling(n / 3), sp.ceiling((n + d) / 4) + 1, sp.Max(n, d), sp.Min(n, 2), sp.Mod(n, 3),
        sp.Integer(7), -n + 10, n * (n - 1) * (n - 2) / 6,
    ],
    ids=str,
)  # fmt: skip
def test_sizes_in_integers(value):
    code = python_text(ScalarWriter(str, "np").size(value), exact=True)
    for rows, columns in ((7, 3), (1, 1), (10, 4)):
        result = eval(code, {"n": rows, "d": columns})
        assert type(result) is int
        assert result == value.subs({n: rows, d: columns})


@pytest.mark.parametrize(
    "value",
    [
        1 / n, -2 / n, n / d, sp.sqrt(d), 1 / sp.sqrt(d), sp.Rational(2, 3), sp.Rational(-5, 7) * n,
        sp.pi * 2, sp.E, sp.sqrt(2), sp.Float("0.1"), sp.Integer(10) ** 30, sp.log(n), sp.exp(-n),
        (n - d) / (n + d), n**sp.Rational(3, 2), sp.Rational(1, 10**12), sp.loggamma(n + 1),
        -sp.Float("1e-30"), sp.ceiling(n / 2) / 3, sp.gamma(d), -n + d / 3,
    ],
    ids=str,
)  # fmt: skip
def test_coefficients_in_floats(value):
    import math

    writer = ScalarWriter(str, "np")
    for dtype in ("float64", "float32"):
        code = python_text(writer.scaled(Name("x"), value, dtype), exact=True)
        given = {"n": 7, "d": 3, "x": np.array([3.0]), "np": np, "math": math}
        result = eval(code, given)
        expected = 3.0 * float(value.subs({n: 7, d: 3}))
        np.testing.assert_allclose(result, [expected], rtol=1e-14)


def test_large_products_of_sizes_do_not_overflow():
    written = write([snp.sum(snp.ones((n, n, n))) * y, y / (n * n * n)])
    f = Program(written, many=True)
    large, small = f(np.ones(3000, np.float32))
    np.testing.assert_allclose([large[0], small[0]], [2.7e10, 1 / 2.7e10], rtol=1e-6)


def test_where_sizes_are_read():
    found = sources([(2 * n,), None, (n + d, 3), (m,)])
    assert [(s.symbol, s.position, s.axis, s.formula) for s in found] == [
        (m, 3, 0, SIZE),
        (n, 0, 0, SIZE / 2),
        (d, 2, 0, SIZE - n),
    ]
    assert sources([(n * n,), (n + d,)]) == []
    assert sources([(n + d,)], known=[d])[0].symbol is n


def test_templates_are_expressions():
    holes = {"0": Name("x"), "axis": Name("1")}
    for template, expected in (
        ("np.max({0}, axis={axis})[0]", "np.max(x, axis=1)[0]"),
        ("f({0} ** 2 + 1, 'ij', None, -1)", "f(x ** 2 + 1, 'ij', None, -1)"),
        ("{0} if {axis} else 2", None),
        ("({0} > 0) * np.e", "(x > 0) * np.e"),
        ("f(({0}, True))", "f((x, True))"),
    ):
        if expected is None:
            with pytest.raises(ValueError, match="may not hold"):
                filled(template, holes)
        else:
            assert python_text(filled(template, holes)) == expected
    with pytest.raises(ValueError, match="functions by name"):
        filled("{0}.sum(1)(2)", holes)


def test_scalars_and_literals():
    a = scalar("a")
    assert "return 2 * a + 1" in text(2 * a + 1)
    assert "return jnp.float32(2)" in text(2.0)
    assert "return jnp.int32(2)" in text(2)
    assert "jnp.pi" in text(a * sp.pi)
