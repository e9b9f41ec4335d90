"""The names of ``jax.numpy`` on symbolic tensors."""

import sys as _sys
from typing import TYPE_CHECKING as _TYPE_CHECKING

import numpy as _np

from symflow.numpy import fft as fft
from symflow.numpy import linalg as linalg
from symflow.numpy.protocols import install as _install
from symflow.ops.absent import refusing as _refusing
from symflow.ops.arithmetic import (
    absolute,
    add,
    astype,
    broadcast_to,
    divide,
    divmod,
    floor_divide,
    multiply,
    negative,
    positive,
    power,
    reciprocal,
    remainder,
    sign,
    sqrt,
    square,
    subtract,
)
from symflow.ops.arithmetic import absolute as abs
from symflow.ops.arithmetic import divide as true_divide
from symflow.ops.arithmetic import power as pow
from symflow.ops.arithmetic import remainder as mod
from symflow.ops.axes import (
    atleast_1d,
    atleast_2d,
    atleast_3d,
    broadcast_arrays,
    broadcast_shapes,
    copy,
    diagflat,
    fill_diagonal,
    fliplr,
    flipud,
    ix_,
    meshgrid,
    ndim,
    permute_dims,
    rollaxis,
    rot90,
    shape,
    size,
)
from symflow.ops.bitwise import (
    bitwise_and,
    bitwise_count,
    bitwise_not,
    bitwise_or,
    bitwise_xor,
    gcd,
    lcm,
    left_shift,
    right_shift,
)
from symflow.ops.bitwise import bitwise_not as bitwise_invert
from symflow.ops.bitwise import (
    bitwise_not as invert,
)
from symflow.ops.bitwise import left_shift as bitwise_left_shift
from symflow.ops.bitwise import right_shift as bitwise_right_shift
from symflow.ops.choice import (
    clip,
    equal,
    fmax,
    fmin,
    greater,
    greater_equal,
    heaviside,
    less,
    less_equal,
    logical_and,
    logical_not,
    logical_or,
    logical_xor,
    maximum,
    minimum,
    not_equal,
    piecewise,
    select,
    where,
)
from symflow.ops.complex import conj, imag, real
from symflow.ops.complex import conj as conjugate
from symflow.ops.complex_parts import angle, iscomplex, isreal
from symflow.ops.contraction import (
    diag,
    diagonal,
    dot,
    einsum,
    expand_dims,
    inner,
    kron,
    matmul,
    matrix_transpose,
    mean,
    moveaxis,
    outer,
    squeeze,
    sum,
    swapaxes,
    tensordot,
    trace,
    transpose,
    vdot,
)
from symflow.ops.convolution import (
    convolve,
    correlate,
)
from symflow.ops.creation import (
    arange,
    array,
    asarray,
    empty,
    empty_like,
    eye,
    full,
    full_like,
    identity,
    ones,
    ones_like,
    tri,
    tril,
    triu,
    zeros,
    zeros_like,
)
from symflow.ops.cumulative import (
    cumprod,
    cumsum,
    cumulative_prod,
    cumulative_sum,
    nancumprod,
    nancumsum,
)
from symflow.ops.differences import (
    diff,
    ediff1d,
    gradient,
    trapezoid,
    unwrap,
)
from symflow.ops.elementwise import (
    arccos,
    arccosh,
    arcsin,
    arcsinh,
    arctan,
    arctan2,
    arctanh,
    cbrt,
    ceil,
    cos,
    cosh,
    degrees,
    exp,
    exp2,
    expm1,
    fabs,
    float_power,
    floor,
    hypot,
    log,
    log1p,
    log2,
    log10,
    logaddexp,
    logaddexp2,
    radians,
    sin,
    sinc,
    sinh,
    tan,
    tanh,
)
from symflow.ops.elementwise import arccos as acos
from symflow.ops.elementwise import arccosh as acosh
from symflow.ops.elementwise import arcsin as asin
from symflow.ops.elementwise import arcsinh as asinh
from symflow.ops.elementwise import arctan as atan
from symflow.ops.elementwise import arctan2 as atan2
from symflow.ops.elementwise import arctanh as atanh
from symflow.ops.elementwise import degrees as rad2deg
from symflow.ops.elementwise import radians as deg2rad
from symflow.ops.finite import (
    allclose,
    array_equal,
    array_equiv,
    isclose,
    isfinite,
    isinf,
    isnan,
    isneginf,
    isposinf,
    nan_to_num,
)
from symflow.ops.floating import (
    copysign,
    fmod,
    frexp,
    ldexp,
    modf,
    nextafter,
    rint,
    round,
    signbit,
    spacing,
    trunc,
)
from symflow.ops.floating import (
    round as around,
)
from symflow.ops.grids import (
    bartlett,
    blackman,
    diag_indices,
    diag_indices_from,
    fromfunction,
    geomspace,
    hamming,
    hanning,
    indices,
    kaiser,
    linspace,
    logspace,
    tril_indices,
    tril_indices_from,
    triu_indices,
    triu_indices_from,
    vander,
)
from symflow.ops.histograms import (
    histogram,
    histogram_bin_edges,
)
from symflow.ops.interpolation import (
    interp,
)
from symflow.ops.joining import (
    append,
    array_split,
    block,
    column_stack,
    concat,
    delete,
    dsplit,
    dstack,
    hsplit,
    insert,
    split,
    unstack,
    vsplit,
)
from symflow.ops.nan_reductions import (
    nanmax,
    nanmean,
    nanmin,
    nanprod,
    nanstd,
    nansum,
    nanvar,
)
from symflow.ops.padding import pad
from symflow.ops.polynomial import (
    poly,
    polyadd,
    polyder,
    polydiv,
    polyfit,
    polyint,
    polymul,
    polysub,
    polyval,
)
from symflow.ops.positions import (
    argmax,
    argmin,
    nanargmax,
    nanargmin,
)
from symflow.ops.products import cross, matvec, vecdot, vecmat
from symflow.ops.quantiles import (
    median,
    nanmedian,
    nanpercentile,
    nanquantile,
    percentile,
    quantile,
)
from symflow.ops.reduction import all, any, max, min, prod, std, var
from symflow.ops.reduction import max as amax
from symflow.ops.reduction import min as amin
from symflow.ops.repeating import repeat, resize, roll, tile
from symflow.ops.reshaping import ravel, reshape
from symflow.ops.sorting import (
    argpartition,
    argsort,
    digitize,
    lexsort,
    partition,
    searchsorted,
    sort,
)
from symflow.ops.special import (
    i0,
)
from symflow.ops.statistics import (
    average,
    corrcoef,
    count_nonzero,
    cov,
    ptp,
)
from symflow.ops.structure import concatenate, flip, hstack, stack, vstack
from symflow.ops.taking import (
    bincount,
    choose,
    compress,
    extract,
    isin,
    put,
    put_along_axis,
    ravel_multi_index,
    take,
    take_along_axis,
    unravel_index,
)
from symflow.ops.typenames import (
    TypeName,
    can_cast,
    finfo,
    iinfo,
    iscomplexobj,
    isdtype,
    isrealobj,
    isscalar,
    issubdtype,
    promote_types,
    result_type,
)
from symflow.ops.vectorizing import apply_along_axis, apply_over_axes, vectorize

pi, e, inf, nan, newaxis = _np.pi, _np.e, _np.inf, _np.nan, None
euler_gamma = _np.euler_gamma
bool_, int32, int64 = TypeName("bool"), TypeName("int32"), TypeName("int64")
bfloat16, float16 = TypeName("bfloat16"), TypeName("float16")
float32, float64 = TypeName("float32"), TypeName("float64")
complex64, complex128 = TypeName("complex64"), TypeName("complex128")
float_, int_, complex_ = TypeName("float"), TypeName("int"), TypeName("complex")
single, double, csingle, cdouble = float32, float64, complex64, complex128
generic, number, inexact = _np.generic, _np.number, _np.inexact
integer, signedinteger = _np.integer, _np.signedinteger
floating, complexfloating = _np.floating, _np.complexfloating

__all__ = [
    "abs", "absolute", "acos", "acosh", "add", "all", "allclose", "amax", "amin", "angle",
    "any", "append", "apply_along_axis", "apply_over_axes", "arange", "arccos", "arccosh",
    "arcsin", "arcsinh", "arctan", "arctan2", "arctanh", "argmax", "argmin", "argpartition",
    "argsort", "around", "array", "array_equal", "array_equiv", "array_split", "asarray",
    "asin", "asinh", "astype", "atan", "atan2", "atanh", "atleast_1d", "atleast_2d",
    "atleast_3d", "average", "bartlett", "bfloat16", "bincount", "bitwise_and", "bitwise_count",
    "bitwise_invert", "bitwise_left_shift", "bitwise_not", "bitwise_or", "bitwise_right_shift",
    "bitwise_xor", "blackman", "block", "bool_", "broadcast_arrays", "broadcast_shapes",
    "broadcast_to", "can_cast", "cbrt", "cdouble", "ceil", "choose", "clip", "column_stack",
    "complex64", "complex128", "complex_", "complexfloating", "compress", "concat",
    "concatenate", "conj", "conjugate", "convolve", "copy", "copysign", "corrcoef", "correlate",
    "cos", "cosh", "count_nonzero", "cov", "cross", "csingle", "cumprod", "cumsum",
    "cumulative_prod", "cumulative_sum", "deg2rad", "degrees", "delete", "diag", "diag_indices",
    "diag_indices_from", "diagflat", "diagonal", "diff", "digitize", "divide", "divmod", "dot",
    "double", "dsplit", "dstack", "e", "ediff1d", "einsum", "empty", "empty_like", "equal",
    "euler_gamma", "exp", "exp2", "expand_dims", "expm1", "extract", "eye", "fabs", "fft",
    "fill_diagonal", "finfo", "flip", "fliplr", "flipud", "float16", "float32", "float64",
    "float_", "float_power", "floating", "floor", "floor_divide", "fmax", "fmin", "fmod",
    "frexp", "fromfunction", "full", "full_like", "gcd", "generic", "geomspace", "gradient",
    "greater", "greater_equal", "hamming", "hanning", "heaviside", "histogram",
    "histogram_bin_edges", "hsplit", "hstack", "hypot", "i0", "identity", "iinfo", "imag",
    "indices", "inexact", "inf", "inner", "insert", "int32", "int64", "int_", "integer",
    "interp", "invert", "isclose", "iscomplex", "iscomplexobj", "isdtype", "isfinite", "isin",
    "isinf", "isnan", "isneginf", "isposinf", "isreal", "isrealobj", "isscalar", "issubdtype",
    "ix_", "kaiser", "kron", "lcm", "ldexp", "left_shift", "less", "less_equal", "lexsort",
    "linalg", "linspace", "log", "log1p", "log2", "log10", "logaddexp", "logaddexp2",
    "logical_and", "logical_not", "logical_or", "logical_xor", "logspace", "matmul",
    "matrix_transpose", "matvec", "max", "maximum", "mean", "median", "meshgrid", "min",
    "minimum", "mod", "modf", "moveaxis", "multiply", "nan", "nan_to_num", "nanargmax",
    "nanargmin", "nancumprod", "nancumsum", "nanmax", "nanmean", "nanmedian", "nanmin",
    "nanpercentile", "nanprod", "nanquantile", "nanstd", "nansum", "nanvar", "ndim", "negative",
    "newaxis", "nextafter", "not_equal", "number", "ones", "ones_like", "outer", "pad",
    "partition", "percentile", "permute_dims", "pi", "piecewise", "poly", "polyadd", "polyder",
    "polydiv", "polyfit", "polyint", "polymul", "polysub", "polyval", "positive", "pow",
    "power", "prod", "promote_types", "ptp", "put", "put_along_axis", "quantile", "rad2deg",
    "radians", "ravel", "ravel_multi_index", "real", "reciprocal", "remainder", "repeat",
    "reshape", "resize", "result_type", "right_shift", "rint", "roll", "rollaxis", "rot90",
    "round", "searchsorted", "select", "shape", "sign", "signbit", "signedinteger", "sin",
    "sinc", "single", "sinh", "size", "sort", "spacing", "split", "sqrt", "square", "squeeze",
    "stack", "std", "subtract", "sum", "swapaxes", "take", "take_along_axis", "tan", "tanh",
    "tensordot", "tile", "trace", "transpose", "trapezoid", "tri", "tril", "tril_indices",
    "tril_indices_from", "triu", "triu_indices", "triu_indices_from", "true_divide", "trunc",
    "unravel_index", "unstack", "unwrap", "vander", "var", "vdot", "vecdot", "vecmat",
    "vectorize", "vsplit", "vstack", "where", "zeros", "zeros_like",
]  # fmt: skip

_install(_sys.modules[__name__])

if not _TYPE_CHECKING:  # type checkers know the names that there are
    __getattr__ = _refusing("symflow.numpy", "")
