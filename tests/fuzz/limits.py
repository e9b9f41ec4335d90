"""Where symflow and JAX may differ, each with the reason: all else is a mismatch."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np


class Limit(NamedTuple):
    """A pattern of functions, one of what the refusal says, and why this is no mismatch."""

    functions: str
    says: str
    reason: str


# symflow refuses where JAX gives a result.
REFUSED = [
    Limit(r".", r"complex (numbers|ones)|for complex|takes real", "complex numbers have no order"),
    Limit(r"finfo", r"known precision", "the precision of `float` is known when a program is made"),
    Limit(r"wofz|sph_harm_y|scaled_", r"not supported", "named in the documentation as absent"),
    Limit(
        r"unravel_index|take|put|getitem|at\.", r"positions are integers", "no rounded positions"
    ),
    Limit(r"take", r"fill_value", "positions outside of an axis have no entries"),
    Limit(r".", r"out of (range|bounds)", "known positions outside are refused, as NumPy does"),
    Limit(r".*split", r"'float' object", "counts are integers"),
    Limit(r".", r"axis must be an integer", "axes are integers, not lists or truth values"),
    Limit(r"\.at\.", r"known to differ", "positions that may repeat have no one value"),
    Limit(r".", r"a size must (not )?be|takes its subscripts as", "sizes and labels are numbers"),
    Limit(r"fftfreq", r"no integers", "a quotient is no integer"),
    Limit(r"bitwise_count", r"takes integers", "truth values have no bits to count"),
    Limit(r"iinfo", r"takes int32", "the precision of `int` is known when a program is made"),
    Limit(r"(var|std)$", r"computed in floats", "a variance is no integer"),
    Limit(r"linalg", r"takes a square matrix", "other matrices have no such form"),
    Limit(r"numpy\.interp", r"two points or more", "a line takes two"),
    Limit(r"numpy\.put$", r"mode .* not known", "modes are checked for empty arrays, too"),
    Limit(r"trapezoid", r"do not broadcast", "also of no entries"),
    Limit(r"sqrtm", r"known to be symmetric", "the root of another matrix may not exist"),
    Limit(r"solve_sylvester", r"same leading axes", "batches by vmap"),
    Limit(r"l(og|in)space|geomspace", r"axis \d does not exist", "an axis of the result"),
    Limit(r"lshift|rshift", r"takes integers", "truth values have no bits to move"),
    Limit(r"can_cast|shape|ndim|size", r"dtype|is no (array|tensor)", "objects have no shape"),
    Limit(r"linalg\.|poly", r"use vmap|takes (one|two|vectors)|leading axes", "batches by vmap"),
    Limit(r"\.at\.", r"do not broadcast|cannot broadcast", "values fit, also where none is set"),
    Limit(r"piecewise", r"cannot broadcast", "conditions have the shape of the values"),
    Limit(r"qr$", r"complete QR", "the columns are not determined"),
    Limit(r"numpy\.pad", r"is empty", "there are no entries to pad with"),
    Limit(r"numpy\.pad", r"cast it first", "means of integers are no integers"),
    Limit(r"tensordot|tile|resize|unravel_index", r"-1", "counts and sizes are not negative"),
    Limit(r"fft\.", r"to 0 entries|no entries|must be positive", "no transform of nothing"),
    Limit(
        r"expn|polygamma|bessel|multigamma", r"must be known|plain integer", "orders are numbers"
    ),
    Limit(r"stats\.", r"real numbers", "distributions are those of real numbers"),
    Limit(r"stats\.multinomial", r"axis -1 does not exist", "counts are a vector"),
    Limit(r"repeat|lexsort", r"rank 0", "a scalar has no axis"),
    Limit(r"insert", r"holds no numbers", "positions are known"),
    Limit(r"isin", r"no method", "methods are checked for empty arrays, too"),
    Limit(r"hadamard", r"are no bools", "1 and -1 are numbers"),
    Limit(r"astype", r"unknown dtype None", "a type is named"),
]

# symflow gives a result where neither JAX nor NumPy does.
WIDER = [
    Limit(
        r".",
        r"requires ndarray or scalar|requires array|concatenate tuple",
        "lists are arrays everywhere",
    ),
    Limit(r"numpy\.(add|multiply)$", r"missing 1 required", "sums take any number of terms"),
    Limit(r".", r"Only implemented for order", "no memory order exists"),
    Limit(r"nan(var|std)", r"same number of dimensions", "means broadcast"),
    Limit(r"piecewise", r"Cannot concatenate", "conditions broadcast"),
    Limit(r"linalg\.polar", r"only supports", "the singular values serve both sides"),
    Limit(r"polyfit", r"non-empty", "a fit to nothing is not a number"),
    Limit(r"piecewise", r"equal output types", "branches are promoted"),
    Limit(r"arange|unravel_index", r"'text'|class 'str'", "a text names a dimension"),
    Limit(r"bincount", r"must match type", "weights are promoted"),
    Limit(r"^Tensor\.", r"unexpected keyword", "methods take what the functions take"),
    Limit(r".", r"accept dtype bool", "truth values count as numbers"),
    Limit(r"linalg\.", r"not inexact|must have same dtype", "integers count as floats"),
    Limit(r"(quantile|percentile)$", r"floor does not", "integers count as floats"),
    Limit(r"expm_frechet", r"float0", "integers count as floats"),
    Limit(r"attention", r"modulo by zero", "no heads give no result"),
    Limit(r"norm$", r"Non-hashable", "axes may be a list"),
    Limit(r".", r"Concretization|Tracer|out of (bounds|range)|must be concrete", "no values"),
]

# Symbolic sizes: bounds of slices are taken to lie inside, so shorter axes give other shapes.
SLICING = ("getitem", ".at.", "diff", "diag", "poly", "trace", "unwrap", "trapezoid", "gradient")

# The type of the result: bool is no sized type, and becomes `float`, not `float32`.
BOOLEAN = "truth values become numbers of the default precision"

# Type of the result that JAX gives, for functions with types that symflow does not have.
TYPES = {
    "numpy.cov": "weights of another type are promoted, also of no entries",
    "numpy.bitwise_count": "there are no unsigned types",
}

# JAX is less accurate than 1e-9 here: the tolerance and why.
LOOSER = [
    (r"stats\.betabinom", 1e-6, "JAX takes differences of logarithms of the gamma function"),
]

# Values of integers are not compared: where they are not determined.
UNDETERMINED = [
    (r"unravel_index", "positions outside of the shape"),
    (r"(floor_divide|remainder|mod|divmod|fmod|floordiv)$", "integers divided by 0"),
]

# Where JAX and NumPy differ, as NumPy: one array of conditions is one; powers of 0 are
# 0; the method sum of bools takes `initial`.
AS_NUMPY = r"piecewise|float_power|^Tensor\.sum"


def _is_not_hermitian(args: Sequence[Any], _: Any) -> bool:
    array = np.asarray(args[0])
    return array.ndim > 1 and not np.allclose(array, np.conj(np.swapaxes(array, -1, -2)))


# Other results on purpose, for arguments that a test of them tells: shapes and values differ.
OTHERWISE: list[tuple[str, Callable[[Sequence[Any], dict[str, Any]], bool], str]] = [
    (
        r"^linalg\.(cholesky|cho_factor|cho_solve|eigh|solve)$",
        _is_not_hermitian,
        "JAX reads one triangle, symflow the Hermitian part",
    ),
    (
        r"^linalg\.expm$",
        lambda args, _: not np.allclose(args[0], np.triu(args[0])),
        "what is said to be triangular is triangular",
    ),
    (
        r"stats\.multivariate_normal",
        lambda args, _: len(args) > 2 and _is_not_hermitian(args[2:], {}),
        "a covariance is symmetric",
    ),
    (
        r"qr_multiply",
        lambda args, _: np.ndim(args[0]) > 2 and np.ndim(args[1]) == 1,
        "JAX makes one vector of the products of a stack",
    ),
    (
        r"stats\.multinomial",
        lambda args, _: np.ndim(args[0]) > 1,
        "JAX sums the counts of all rows",
    ),
    (
        r"special\.hyp2f1",
        lambda args, _: bool(np.any(np.abs(args[3]) >= 1)),
        "JAX diverges outside of the unit disc",
    ),
    (
        r"nan(var|std)$",
        lambda _, given: np.asarray(given.get("mean")).dtype.kind == "c",
        "a variance is made of squared distances, not of complex squares",
    ),
    (
        r"argsort$",
        lambda _, given: given.get("stable") is False,
        "the order of equal entries is not determined",
    ),
    (
        r"histogram$",
        lambda args, _: np.size(args[0]) == 1,
        "a single entry is on the edge of two bins",
    ),
    (
        r"eigh_tridiagonal",
        lambda _, given: bool(given.get("tol")),
        "the tolerance of JAX's bisection",
    ),
    (
        r"special\.expn",
        lambda args, _: np.asarray(args[1]).dtype == bool,
        "JAX computes with truth values, not with 0 and 1",
    ),
    (
        r"linalg\.toeplitz",
        lambda args, _: np.size(args[0]) == 0,
        "JAX refuses a stack of none with its row",
    ),
    (
        r"at\.power",
        lambda args, _: np.asarray(args[0]).dtype == bool,
        "the entries keep the type of the tensor",
    ),
    (
        r"tensorsolve",
        lambda _, given: given.get("axes") is not None,
        "axes move one after the other, as in NumPy",
    ),
]

# Entries where either is infinite or no number are not compared: limits at poles differ.
POLES = (
    r"digamma|polygamma|zeta|gammaln|bessel_jn|hyp1f1|hyp2f1|gammaincc?$|special\.beta|betaln|"
    r"special\.comb|poch|special\.(expi|exp1|expn)|stats\.(gamma|chi2)|nanm(in|ax)$"
)

# Results that are known up to signs of columns.
UP_TO_SIGN = ("qr", "svd", "eigh", "polar")
