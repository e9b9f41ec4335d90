"""Programs that run: arguments, sizes, data types, backends, pickling."""

import pickle
import subprocess
import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import sympy as sp

import symflow.nn as nn
import symflow.numpy as snp
from symflow.core import as_tensor, dim, dims, matrix, scalar, tensor, vector
from symflow.errors import DomainError, DTypeError, LoweringError, ShapeError
from symflow.lowering import Program, write
from symflow.ops.closure import function

n, d = dims("n d")
X, w, y = matrix("X", n, d), vector("w", d), vector("y", n)
LOSS = snp.sum((X @ w - y) ** 2) / n
BACKENDS = pytest.mark.parametrize("backend", ["numpy", "jax"])


def program(*nodes, many=False, inputs=None, **options):
    written = write([as_tensor(node) for node in nodes], inputs, **options)
    return Program(written, many=many or len(nodes) > 1)


def arrays(rows=4, columns=3, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(rows, columns)), rng.normal(size=columns), rng.normal(size=rows)


# --------------------------------------------------------------------------- arguments


@BACKENDS
def test_by_position_and_by_name(backend):
    f = program(LOSS, backend=backend, precision="float64")
    a, b, c = arrays()
    assert f.inputs == (X, w, y)
    expected = np.mean((a @ b - c) ** 2)
    for result in (f(a, b, c), f(X=a, w=b, y=c), f(a, y=c, w=b), f(a.tolist(), list(b), tuple(c))):
        np.testing.assert_allclose(result, expected, rtol=1e-14)


@BACKENDS
def test_wrong_arguments_are_named(backend):
    f = program(LOSS, backend=backend)
    a, b, c = arrays()
    with pytest.raises(LoweringError, match=r"missing y; the program takes \(X, w, y\)"):
        f(a, b)
    with pytest.raises(LoweringError, match=r"no input Y: did you mean y\?"):
        f(a, b, Y=c)
    with pytest.raises(LoweringError, match=r"no input other: it takes \(X, w, y\)"):
        f(a, b, c, other=c)
    with pytest.raises(LoweringError, match="w is given twice"):
        f(a, b, w=b, y=c)
    with pytest.raises(LoweringError, match="takes 3 arguments"):
        f(a, b, c, c)


@BACKENDS
def test_wrong_shapes_name_variable_axis_and_origin(backend):
    f = program(LOSS, backend=backend)
    a, b, c = arrays()
    with pytest.raises(
        ShapeError, match=r"w has shape \(4,\).*axis 0 has size 4, but d is 3 by axis 1 of X"
    ):
        f(a, np.ones(4), c)
    with pytest.raises(
        ShapeError, match=r"w has shape \(3, 1\), expected \(d,\): rank 2 instead of 1"
    ):
        f(a, b[:, None], c)
    g = program(vector("v", 3) * 2, backend=backend)
    with pytest.raises(ShapeError, match="axis 0 has size 2, not 3"):
        g(np.ones(2))


@BACKENDS
def test_types_are_cast_upwards_only(backend):
    k, b, z = (
        vector("k", n, dtype="int"),
        vector("b", n, dtype="bool"),
        vector("z", n, dtype="complex"),
    )
    f = program(y + k, snp.where(b, y, 0.0), backend=backend)
    total, chosen = f(b=[True, False], k=np.array([1, 2], np.uint8), y=np.array([1, 2]))
    assert str(total.dtype) == str(chosen.dtype) == "float32"
    np.testing.assert_allclose(total, [2, 4])
    good = {"b": [True, False], "k": [1, 2], "y": [1.0, 2.0]}
    with pytest.raises(DTypeError, match="k takes int32, got float"):
        f(**good | {"k": np.array([1.5, 2.5])})
    with pytest.raises(DTypeError, match="b takes bool, got int"):
        f(**good | {"b": np.array([1, 0])})
    with pytest.raises(DTypeError, match="y takes float32, got complex"):
        f(**good | {"y": np.array([1j, 0])})
    with pytest.raises(DTypeError, match="y takes float32, got an array of"):
        f(**good | {"y": np.array(["a", "b"])})
    assert program(z * 2, backend=backend)(np.array([1.0, 2.0])).dtype == np.complex64


@BACKENDS
def test_calls_with_other_shapes(backend):
    f = program(LOSS, backend=backend, precision="float64")
    for shape in ((4, 3), (1, 1), (5, 2), (4, 3), (3, 0)):
        a, b, c = arrays(*shape)
        np.testing.assert_allclose(f(a, b, c), np.mean((a @ b - c) ** 2), rtol=1e-14)


# ------------------------------------------------------------------------------- sizes


@BACKENDS
def test_sizes_that_no_array_has_are_inputs(backend):
    m = dim("m")
    f = program(snp.eye(m) * n, y, backend=backend)
    assert f.inputs == (y, m)
    np.testing.assert_array_equal(f(np.ones(3), 2)[0], 3 * np.eye(2))
    np.testing.assert_array_equal(f(y=np.ones(3), m=np.int64(1))[0], [[3]])
    with pytest.raises(DTypeError, match="m is a size"):
        f(np.ones(3), 2.0)
    with pytest.raises(ShapeError, match="m is a size and must not be negative"):
        f(np.ones(3), -1)


@BACKENDS
def test_a_size_may_be_given_and_is_then_checked(backend):
    f = program(snp.sum(y) / n, inputs=[n, y], backend=backend)
    assert float(f(3, np.ones(3))) == 1
    with pytest.raises(ShapeError, match="axis 0 has size 3, but n is 4 by the argument n"):
        f(4, np.ones(3))


@BACKENDS
def test_compound_sizes_are_solved_and_checked(backend):
    u, v = vector("u", 2 * n + d), vector("v", d - 1)
    f = program(u * n + d, v, backend=backend, precision="float64")
    np.testing.assert_allclose(f(np.ones(8), np.ones(1))[0], np.full(8, 3.0 + 2))
    with pytest.raises(
        ShapeError, match=r"u has size 7 in axis 0, expected d \+ 2\*n: n would be 5/2"
    ):
        f(np.ones(7), np.ones(1))
    both = program(u + snp.sum(y) + snp.sum(w), backend=backend)
    with pytest.raises(
        ShapeError, match=r"8, but d \+ 2\*n = 7 where d is 3 by axis 0 of w, n is 2"
    ):
        both(np.ones(8), np.ones(3), np.ones(2))


@BACKENDS
def test_slices_and_divisions_check_sizes(backend):
    f = program(y[1:] - y[:-1], backend=backend)
    assert f(np.ones(1)).shape == (0,)
    with pytest.raises(ShapeError, match="needs n - 1 >= 0"):
        f(np.ones(0))
    g = program(snp.sum(y[n - 3]), backend=backend)
    with pytest.raises(ShapeError, match="takes position -1 of an axis of size 2"):
        g(np.ones(2))
    with pytest.raises(DomainError, match="divides by n, which is 0"):
        program(snp.mean(y), backend=backend)(np.ones(0))
    with pytest.raises(DomainError, match="divides by n - 1"):
        program(snp.mean(y[1:]), backend=backend)(np.ones(1))


@BACKENDS
def test_sizes_inside_closed_functions_are_checked(backend):
    u = vector("u", dim("k"))
    tail = function([u], u[2:] / 2, name="tail")
    f = program(tail(y), backend=backend)
    assert f(np.ones(5)).shape == (3,)
    with pytest.raises(ShapeError, match="needs n - 2 >= 0"):
        f(np.ones(1))


# ------------------------------------------------------------------------------- names


@BACKENDS
@pytest.mark.parametrize(
    "name",
    ["self", "lambda", "x.y", "2nd try", "", "α", "jnp", "np", "t1", "program", "sum", "None",
     "a'b\"\"\"\nimport os", "C1", "\\", "ﬁ", "__import__", "n"],
)  # fmt: skip
def test_any_name_is_legal(name, backend):
    v = tensor(name, 3)
    other = vector("t1", n) if name != "t1" else vector("u", n)
    node = snp.sum(snp.exp(v)) * snp.exp(v) + np.arange(3.0) + snp.sum(other) * n
    f = program(node, backend=backend, precision="float64")
    given = {name: np.ones(3), "t1" if name != "t1" else "u": np.ones(3)}
    np.testing.assert_allclose(f(**given), 3 * np.e**2 + np.arange(3) + 9)


def test_names_that_become_the_same_stay_apart():
    a, b, c = vector("a.b", 2), vector("a_b", 2), vector("a", 2, scope="x")
    f = program(a + 2 * b + 3 * c, precision="float64")
    np.testing.assert_allclose(f(**{"a.b": [1, 1], "a_b": [1, 1], "x.a": [1, 1]}), [6, 6])


def test_one_name_for_two_inputs_is_refused():
    with pytest.raises(LoweringError, match="two inputs have the name 'v'"):
        program(snp.sum(vector("v", 2)) + snp.sum(vector("v", 3)))


def test_scalar_symbols_are_inputs():
    a = sp.Symbol("a", real=True)
    f = program(a * y, backend="numpy", precision="float64")
    assert f.inputs == (a, y)
    np.testing.assert_allclose(f(a=2.0, y=[1.0]), [2])
    with pytest.raises(ShapeError, match="a has shape"):
        f([1.0], [1.0])


def test_inputs_must_be_leaves_and_complete():
    with pytest.raises(LoweringError, match="need w, y, not among"):
        program(LOSS, inputs=[X])
    with pytest.raises(LoweringError, match="not Einsum"):
        program(LOSS, inputs=[X, w, y, 2 * w])
    with pytest.raises(LoweringError, match="no input has the size d"):
        program(snp.eye(d), inputs=[y])
    extra = program(snp.sum(y), inputs=[w, y], backend="numpy")
    assert float(extra(np.ones(2), np.ones(3))) == 3


# ------------------------------------------------------------------------- data types


def test_double_precision_is_switched_on_for_the_call_alone():
    f = program(y / 3, precision="float64")
    result = f(np.ones(2))
    assert str(result.dtype) == "float64"
    assert float(result[0]) == 1 / 3
    assert str(jnp.ones(2).dtype) == "float32"
    assert not jax.config.jax_enable_x64
    wide = program(vector("k", n, dtype="int64") + 1)
    assert str(wide(np.array([2**40])).dtype) == "int64"


@pytest.mark.parametrize("precision", ["float16", "bfloat16", "float32", "float64"])
def test_precisions(precision):
    nodes = [
        LOSS,
        snp.eye(n) * y,
        nn.softmax(X),
        snp.arange(n) * y,
        X[0] * 0.1,
        snp.where(w > 0, 1.0, 0.0),
    ]
    f = program(*nodes, precision=precision)
    results = f(*(np.asarray(a, np.float32) for a in arrays()))
    assert {str(result.dtype) for result in results} == {precision}
    if precision != "bfloat16":
        others = program(*nodes, precision=precision, backend="numpy")(*arrays())
        assert {str(result.dtype) for result in others} == {precision}
        for result, other in zip(results, others, strict=True):
            np.testing.assert_allclose(
                result, other, rtol=1e-2 if precision == "float16" else 1e-5, atol=1e-3
            )


@BACKENDS
def test_programs_keep_their_precision_where_64_bits_are_on(backend):
    f = program(y * 0.5 + snp.eye(n) + snp.arange(n), snp.sum(y > 0), backend=backend)
    with jax.enable_x64(True):
        value, count = f(np.ones(3))
    assert str(value.dtype) == "float32"
    assert str(count.dtype) == "int32"


def test_what_a_backend_cannot_do_is_refused():
    with pytest.raises(LoweringError, match="unknown precision 'float8'"):
        program(y, precision="float8")
    with pytest.raises(LoweringError, match="NumPy has no bfloat16"):
        program(y, precision="bfloat16", backend="numpy")
    with pytest.raises(LoweringError, match="unknown backend 'torch'"):
        program(y, backend="torch")
    with pytest.raises(LoweringError, match="does not fit int32"):
        program(vector("k", n, dtype="int") + 2**40)


# ------------------------------------------------------------------------------ results


@BACKENDS
def test_results(backend):
    f = program(y, many=True, backend=backend)
    assert isinstance(f(np.ones(2)), tuple)
    g = program(2, snp.eye(2), backend=backend)
    assert g.inputs == ()
    two, eye = g()
    assert (two.shape, eye.shape) == ((), (2, 2))
    assert repr(g) == f"<Program () -> (), (2, 2), {backend} float32>"
    assert g.outputs == ((), (2, 2))


@BACKENDS
def test_pickle_keeps_the_text(backend):
    f = program(LOSS, backend=backend)
    a, b, c = arrays()
    g = pickle.loads(pickle.dumps(f))
    assert g.source == f.source
    np.testing.assert_allclose(g(a, b, c), f(a, b, c))


def test_programs_compose_with_jax():
    f = program(LOSS, precision="float32")
    a, b, c = (jnp.asarray(v, jnp.float32) for v in arrays())
    gradient = jax.grad(f, argnums=1)(a, b, c)
    np.testing.assert_allclose(gradient, 2 / 4 * a.T @ (a @ b - c), rtol=1e-4)
    assert jax.jit(f)(a, b, c).shape == ()
    assert jax.vmap(f, (None, 0, None))(a, jnp.stack([b, b]), c).shape == (2,)


def test_the_text_runs_without_symflow(tmp_path):
    written = write([LOSS, snp.linalg.inv(X.T @ X) @ w], precision="float32")
    (tmp_path / "exported.py").write_text(written.source)
    code = (
        "import sys; sys.modules['symflow'] = None; import numpy as np; import exported;"
        "a, b, c = np.ones((4, 1), 'f'), np.ones(1, 'f'), np.ones(4, 'f');"
        "print(*[result.shape for result in exported.program(a, b, c)])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "() (1,)"


# ------------------------------------------------------------------------------- depth


def test_deep_chains():
    x = node = scalar("x")
    for _ in range(6_000):
        node = snp.sin(node) + x
    f = program(node, backend="numpy", precision="float64")
    value = 0.3
    for _ in range(6_000):
        value = np.sin(value) + 0.3
    np.testing.assert_allclose(f(0.3), value)
    with pytest.raises(LoweringError, match=r"serial chain of 12000 .* use backend='numpy'"):
        program(node)


def test_wide_and_shared_graphs():
    x = vector("x", 3)
    node = x
    for _ in range(60):  # as a tree it would have 2**60 nodes
        node = snp.tanh(node) * node
    assert len(program(node).source.splitlines()) < 200
    many = sum((snp.sin(x * k) for k in range(1, 400)), x)
    np.testing.assert_allclose(
        program(many, backend="numpy", precision="float64")(np.ones(3))[0],
        1 + sum(np.sin(k) for k in range(1, 400)),
    )
