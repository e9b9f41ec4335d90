"""Every public function: JAX's signature, and JAX's value where both take the same call."""

import inspect
from types import ModuleType

import jax
import jax.numpy as jnp
import jax.scipy.linalg
import jax.scipy.special
import numpy as np
import pytest

import symflow.linalg
import symflow.nn as nn
import symflow.numpy as snp
import symflow.special as special
from symflow.core import Tensor, Variable
from tests.numpy import calls_entries, calls_fft, calls_gathering, calls_linalg, calls_shapes
from tests.oracle import dtype_of, evaluate
from tests.tracing import computed

SPACES: list[tuple[ModuleType, ModuleType]] = [
    (snp, jnp),
    (snp.linalg, jnp.linalg),
    (snp.fft, jnp.fft),
    (nn, jax.nn),
    (special, jax.scipy.special),
    (symflow.linalg, jax.scipy.linalg),
]
FUNCTIONS = [
    (ours, theirs, name)
    for ours, theirs in SPACES
    for name in sorted(vars(ours))
    if not name.startswith("_") and inspect.isfunction(getattr(ours, name)) and name != "Any"
    if ours is not symflow.linalg or hasattr(theirs, name)  # it has those of jnp.linalg, too
]
IDS = [f"{ours.__name__}.{name}" for ours, _, name in FUNCTIONS]

# Named otherwise on purpose: any number of terms, or one size after the other.
VARIADIC = {"add", "multiply"}
# What a symbolic tensor has no use for.
PRACTICAL = {
    *("out", "precision", "preferred_element_type", "out_sharding", "device", "copy", "order"),
    *("where", "initial", "promote_integers", "size", "fill_value", "correction", "mean", "ndmin"),
    *("method", "UPLO", "symmetrize_input", "mode", "return_sign", "dtype", "optimize", "args"),
    *("_dot_general", "upper", "kwargs", "keepdims"),
}


@pytest.mark.parametrize(("ours", "theirs", "name"), FUNCTIONS, ids=IDS)
def test_the_arguments_are_those_of_jax(ours, theirs, name):
    if name in VARIADIC:
        return
    mine = inspect.signature(getattr(ours, name)).parameters
    jaxs = parameters_of_jax(getattr(theirs, name))
    positional = [p for p in jaxs if p.kind is p.POSITIONAL_ONLY]
    named = [p for p in jaxs if p.kind is not p.POSITIONAL_ONLY]
    assert len(mine) >= len(positional)
    for p in named:
        if p.name in mine:
            assert is_same_default(mine[p.name].default, p.default), p.name
            assert (mine[p.name].kind is p.KEYWORD_ONLY) <= (p.kind is p.KEYWORD_ONLY), p.name
        else:
            assert p.name in PRACTICAL, f"{name} takes no {p.name}"
    shared = [p.name for p in named if p.name in mine]
    assert shared == sorted(shared, key=list(mine).index)


def parameters_of_jax(function):
    """The parameters; those of a universal function are its operands."""
    found = list(inspect.signature(function).parameters.values())
    return [p for p in found if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]


def is_same_default(mine, jaxs):
    """Whether two defaults mean the same: None for a type is float."""
    return mine == jaxs or (mine == "float" and jaxs is None)


@pytest.mark.parametrize(("ours", "theirs", "name"), FUNCTIONS, ids=IDS)
def test_documented_with_a_sentence(ours, theirs, name):
    text = inspect.getdoc(getattr(ours, name))
    assert text
    assert text.splitlines()[0].endswith((".", ";", ":", ","))


def test_nothing_else_is_exported():
    for ours, theirs in SPACES:
        for name in getattr(ours, "__all__", []):
            assert name in ("fft", "linalg", "newaxis") or hasattr(theirs, name), name
    assert set(dir(symflow.linalg)) >= {"inv", "solve", "norm"}


x = np.array([[0.3, 0.8, 0.5], [0.9, 0.2, 0.7]])
y = np.array([[0.1, 0.6, 0.4], [0.5, 0.5, 0.2]])
square = x @ x.T + np.eye(2)
whole = np.array([[1, 0], [2, 1]])
flags = x > 0.4

CALLS = {
    # JAX takes the softmax of attention in float32: tests/nn/test_nn.py compares.
    "nn.dot_product_attention": [],
    # Refused.
    "nn.get_scaled_dot_general_config": [],
    "nn.scaled_dot_general": [],
    "nn.scaled_matmul": [],
    "special.sph_harm_y": [],
    "special.wofz": [],
    "nn.celu": [((x - 0.5,), {}), ((x - 0.5, 0.3), {}), ((x - 0.5, y), {})],
    "nn.elu": [((x - 0.5,), {}), ((x - 0.5, 0.3), {}), ((x - 0.5, y), {}), ((whole,), {})],
    "nn.gelu": [((x - 0.5,), {}), ((x, False), {}), ((whole,), {})],
    "nn.glu": [((x, 0), {})],
    "nn.hard_tanh": [((4 * x - 2,), {}), ((whole,), {})],
    "nn.leaky_relu": [((x - 0.5,), {}), ((x - 0.5, y), {}), ((whole,), {})],
    "nn.log_softmax": [((x,), {}), ((x, 0, flags), {})],
    "nn.logmeanexp": [((x,), {}), ((x, 1, flags), {"keepdims": True}), ((x, (0,)), {})],
    "nn.logsumexp": [((x, 1), {}), ((x, 0), {"where": flags}), ((x, 1, y - 0.3), {})],
    "nn.relu6": [((9 * x - 2,), {}), ((whole,), {})],
    "nn.softmax": [((x,), {}), ((x, 0, flags), {}), ((x, (0, 1)), {})],
    "nn.sparse_plus": [((3 * x - 2,), {}), ((whole,), {})],
    "nn.sparse_sigmoid": [((3 * x - 2,), {}), ((whole,), {})],
    "nn.squareplus": [((x,), {}), ((x, y), {})],
    "nn.standardize": [((x,), {}), ((x, 0, 0.1, 2), {}), ((x, 0), {"algorithm": "stable"})],
    "special.bernoulli": [((0,), {}), ((3,), {})],  # B_4 is off by 1e-6 in JAX
    "special.bessel_jn": [((x,), {"v": 2}), ((x,), {"v": 0})],
    "special.betainc": [((x, y, y), {})],
    "special.comb": [((whole + 2, whole), {}), ((x + 2, y), {}), ((x, 2), {"repetition": True})],
    "special.expn": [((2, x), {}), ((0, x), {})],
    "special.hyp1f1": [((x, y, x), {})],
    "special.hyp2f1": [((x, y, x + 1, y), {})],
    "special.log_ndtr": [((x - 9,), {})],
    "special.loggamma": [((x - 0.5,), {})],
    "special.logsumexp": [
        *[((x,), {"axis": 1, "b": y - 0.3, "return_sign": True}), ((-x, 0, y), {"keepdims": True})],
        ((x,), {"where": flags, "return_sign": True}),
    ],
    "special.multigammaln": [((x + 2, 3), {}), ((x, 0), {})],
    "special.zeta": [((x + 1, y), {})],
    "numpy.arange": [((5,), {}), ((1, 8, 2), {})],
    "numpy.array": [((x,), {}), (([1.5, 2.0],), {})],
    "numpy.arccosh": [((x + 1,), {})],
    "numpy.asarray": [((x,), {})],
    "numpy.astype": [((x, "float32"), {}), ((x, "int32"), {})],
    "numpy.broadcast_to": [((x, (4, 2, 3)), {})],
    "numpy.clip": [((x, 0.3, 0.6), {}), ((x,), {"max": 0.5})],
    "numpy.concatenate": [(([x, y], 1), {})],
    "numpy.diag": [((x[0], 1), {}), ((square,), {})],
    "numpy.diagonal": [((square, 1), {})],
    "numpy.dot": [((x, y.T), {})],
    "numpy.einsum": [
        (("ij,kj->ik", x, y), {}),
        (("ij->", x), {}),
        (("...j,kj", x, y), {}),
        (
            (
                x,
                calls_shapes.Fixed([0, 1]),
                y,
                calls_shapes.Fixed([2, 1]),
                calls_shapes.Fixed([0, 2]),
            ),
            {},
        ),
        ((x, calls_shapes.Fixed([3, 1])), {"optimize": True}),
    ],
    "numpy.expand_dims": [((x, (0, -1)), {})],
    "numpy.eye": [((3, 4, 1), {}), ((3,), {})],
    "numpy.flip": [((x, 0), {})],
    "numpy.full": [(((2, 3), 0.5), {}), (((2,), 3), {})],
    "numpy.full_like": [((x, 2), {})],
    "numpy.hstack": [(([x, y],), {})],
    "numpy.identity": [((3,), {})],
    "numpy.inner": [((x, y), {})],
    "numpy.kron": [((x, y), {})],
    "numpy.logical_not": [((flags,), {}), ((whole,), {})],
    "numpy.matmul": [((x, y.T), {})],
    "numpy.max": [((x,), {}), ((x, 1), {"keepdims": True}), ((whole, 0), {})],
    "numpy.min": [((x,), {}), ((x, -1), {})],
    "numpy.moveaxis": [((x, 0, 1), {})],
    "numpy.ones": [(((2, 3),), {}), ((4,), {"dtype": "int32"})],
    "numpy.outer": [((x, y), {})],
    "numpy.power": [((x, 2), {}), ((x, y), {}), ((whole, 3), {}), ((2, x), {}), ((whole, 0.5), {})],
    "numpy.ravel": [((x,), {})],
    "numpy.reshape": [((x, (3, 2)), {}), ((x, -1), {})],
    "numpy.squeeze": [((x[:1],), {})],
    "numpy.stack": [(([x, y], 1), {})],
    "numpy.swapaxes": [((x, 0, 1), {})],
    "numpy.tensordot": [((x, y), {}), ((x, y), {"axes": ((0,), (0,))})],
    "numpy.transpose": [((x,), {}), ((x, (1, 0)), {})],
    "numpy.tri": [((3, 4, 1), {"dtype": "int32"})],
    "numpy.trace": [((square,), {}), ((square, 1), {})],
    "numpy.vdot": [((x, y), {})],
    "numpy.vstack": [(([x, y],), {})],
    "numpy.where": [((flags, x, y), {}), ((flags, 1, 0.5), {})],
    "numpy.zeros": [(((2, 0),), {})],
    "numpy.linalg.matrix_power": [((square, 3), {}), ((square, -2), {}), ((whole, 2), {})],
    "numpy.linalg.solve": [((square, x), {}), ((square, x[:, 0]), {})],
    "nn.one_hot": [((whole, 3), {}), ((whole, 2), {"axis": 0, "dtype": "int32"})],
    "special.polygamma": [((1, x), {})],
}
CALLS |= calls_shapes.CALLS | calls_linalg.CALLS | calls_fft.CALLS
CALLS |= calls_entries.CALLS | calls_gathering.CALLS
TWO = """
    add subtract multiply divide true_divide floor_divide remainder mod maximum minimum greater
    greater_equal less less_equal equal not_equal heaviside arctan2 hypot logaddexp logical_and
    logical_or xlogy xlog1py beta betaln boxcox boxcox1p gammainc gammaincc kl_div owens_t poch
    rel_entr
"""
ON_MATRICES = "inv det cholesky slogdet eigvalsh eigh qr tril triu matrix_transpose"


def calls(key):
    """The calls to compare, by default one or two operands, of complex numbers, too."""
    return [*real_calls(key), *calls_fft.MORE.get(key, ())]


def real_calls(key):
    """The calls with real arguments."""
    if key in CALLS:
        return CALLS[key]
    name = key.rpartition(".")[2]
    if name in TWO.split():
        return [((x, y), {}), ((x, 0.5), {}), ((2, x), {}), ((whole + 1, whole + 2), {})]
    return [((square,), {})] if name in ON_MATRICES.split() else [((x,), {})]


@pytest.mark.parametrize(("ours", "theirs", "name"), FUNCTIONS, ids=IDS)
def test_value_and_dtype_are_those_of_jax(ours, theirs, name):
    given = calls(f"{ours.__name__.removeprefix('symflow.')}.{name}")
    for (arguments, options), expected in zip(
        given, in_jax(getattr(theirs, name), given), strict=True
    ):
        values: dict[Tensor, np.ndarray] = {}
        result = getattr(ours, name)(*(symbolic(a, values) for a in arguments), **options)
        if not isinstance(result, (Tensor, tuple, list)) or name in ("shape", "broadcast_shapes"):
            assert (dtype_of(result) if isinstance(result, str) else result) == expected
            continue
        several = isinstance(expected, (tuple, list))
        for node, wanted in zip(result, expected, strict=True) if several else [(result, expected)]:
            value = evaluate(node, values)
            assert value.dtype == dtype_of(node.dtype) == wanted.dtype
            assert value.shape == wanted.shape
            if name in ("eigh", "qr"):  # columns up to their sign
                value, wanted = np.abs(value), np.abs(wanted)
            np.testing.assert_allclose(value, wanted, rtol=1e-9, atol=1e-12)


def in_jax(function, given):
    """JAX's results of calls, traced where it takes all of them so."""

    def everything(arrays):
        line = iter(arrays)
        return [
            function(*(concrete(argument, line) for argument in arguments), **options)
            for arguments, options in given
        ]

    arrays = [x for arguments, _ in given for x in flat(list(arguments))]
    with jax.enable_x64(True):
        try:
            return computed(everything, arrays)
        except (TypeError, IndexError, ValueError, NotImplementedError):  # needs numbers
            results = everything(arrays)
    return jax.tree.map(lambda a: np.asarray(a) if isinstance(a, jax.Array) else a, results)


def flat(value):
    """The arrays in a value, in order."""
    if isinstance(value, list):
        return [x for item in value for x in flat(item)]
    return [value] if isinstance(value, np.ndarray) else []


def symbolic(value, values):
    """Arrays as variables, whose values are noted; all else as it is."""
    if isinstance(value, list):
        return [symbolic(item, values) for item in value]
    if isinstance(value, calls_shapes.Fixed):
        return value.array
    if not isinstance(value, np.ndarray):
        return value
    own = value.dtype.name
    dtype = {"float64": "float", "int64": "int", "complex128": "complex"}.get(own, own)
    variable = Variable(f"v{len(values)}", value.shape, dtype)
    values[variable] = value
    return variable


def concrete(value, line=None):
    """Arrays as JAX's; the next ones of a line, where it is given."""
    if isinstance(value, list):
        return [concrete(item, line) for item in value]
    if isinstance(value, calls_shapes.Fixed):
        return value.array
    if not isinstance(value, np.ndarray):
        return value
    return jnp.asarray(value if line is None else next(line))
