"""Calls of functions of entries, of reductions and of running sums."""

import numpy as np

x = np.array([[0.3, -0.8, 0.5], [-0.9, 0.2, 1.7]])
y = np.array([[0.1, 0.6, -0.4], [0.5, -0.5, 0.2]])
v, w = x[0], y[1]
whole = np.array([[1, 0, 5], [2, -3, 7]])
more = np.array([[3, 6, 10], [4, 9, 14]])
flags, other = x > 0.4, y > 0.1
gaps = np.array([[np.nan, 1.0, -2.0], [np.nan, np.inf, np.nan]])
nans = np.array([[np.nan, 1.0, -2.0], [np.nan, 3.5, np.nan]])
empty = np.zeros((0, 3))
one = np.array([[2.5]])
scalar = np.array(0.75)
knots = np.array([0.0, 0.4, 1.0])

_ONE = [((x,), {}), ((whole,), {}), ((empty,), {}), ((scalar,), {})]
_TWO = [((x, y), {}), ((x, 0.5), {}), ((2, x), {}), ((whole, more), {}), ((x[:, :1], w), {})]
_BITS = [((whole, more), {}), ((whole, 3), {}), ((flags, other), {}), ((flags, whole), {})]
_SHIFTS = [((more, np.abs(whole)), {}), ((more, 2), {}), ((5, np.abs(whole)), {})]
_TESTS = [((gaps,), {}), ((whole,), {}), ((empty,), {})]
_OVER = [((x,), {}), ((x, 0), {}), ((whole, 1), {}), ((x, (0, 1)), {"keepdims": True})]
_NANS = [
    ((nans, 1), {}), ((nans,), {}),
    ((gaps,), {}), ((gaps, 0), {}), ((gaps, 1), {"keepdims": True}), ((whole, 1), {}),
    ((x,), {}), ((gaps, (0, 1)), {}),
]  # fmt: skip
_CHOSEN = [((gaps, 1), {"where": flags}), ((x,), {"where": flags})]
_RUNNING = [
    ((x,), {}), ((x, 0), {}), ((x, -1), {}), ((whole, 1), {}), ((flags, 0), {}), ((empty, 0), {}),
    ((scalar,), {}), ((x, 1), {"dtype": "float32"}), ((one, 0), {}),
]  # fmt: skip
_FROM_START = [
    ((v,), {}), ((x,), {"axis": 1}), ((x,), {"axis": 0, "include_initial": True}),
    ((whole,), {"axis": 1, "include_initial": True}), ((flags,), {"axis": 0}),
]  # fmt: skip
_WHERE_IS = [
    ((x,), {}), ((x, 0), {}), ((whole, -1), {"keepdims": True}), ((x,), {"keepdims": True}),
    ((np.round(x), 1), {}),
]  # fmt: skip
_OVERLAPS = [
    ((v, w), {}), ((v, w[:2]), {}), ((v[:1], w), {}), ((whole[0], v), {}),
    *(((a, b, mode), {}) for a, b in ((v, w[:2]), (v[:2], x.ravel()), (v, w), (x.ravel(), w))
      for mode in ("full", "same", "valid")),
]  # fmt: skip
_COVARIANCES = [
    ((x,), {}), ((v,), {}), ((v, w), {}), ((x.T,), {"rowvar": False}), ((x, y), {}),
    ((one,), {}),
]  # fmt: skip
_POLYNOMIALS = [((v, w), {}), ((v, x.ravel()), {}), ((x.ravel(), w[:2]), {}), ((whole[0], v), {})]
_MEDIANS = [
    ((x,), {}), ((whole, 0), {}), ((x, (1, 0)), {"keepdims": True}), ((nans, 1), {}), ((nans,), {}),
    ((scalar,), {}), ((x, -1), {"keepdims": True}),
]  # fmt: skip
_QUANTILES = [
    ((x, 0.3), {}), ((x, np.array([0.1, 0.75]), 1), {}), ((whole, 0.5, 0), {"keepdims": True}),
    ((x, np.array([0.25, 0.9]), (0, 1)), {"keepdims": True}), ((x, 0.3, 1), {"method": "lower"}),
    ((x, np.array([0.4, 0.6]), 1), {"method": "nearest"}), ((x, 0.4), {"method": "inverted_cdf"}),
]  # fmt: skip
_SOME = [
    ((nans,), {}), ((nans, 0), {}), ((nans, 1), {"keepdims": True}), ((whole, 1), {}),
    ((nans, 1), {"where": flags}), ((nans, 1), {"ddof": 1}), ((nans, 1), {"mean": x[:, :1]}),
]  # fmt: skip


def _all(names, calls):
    """The same calls for several functions."""
    return {f"numpy.{name}": calls for name in names.split()}


CALLS = {
    **_all("rint trunc signbit spacing sinc degrees radians deg2rad rad2deg fabs", _ONE),
    **_all("frexp modf", _ONE),
    **_all("copysign nextafter fmod fmax fmin float_power logaddexp2 divmod logical_xor", _TWO),
    **_all("bitwise_and bitwise_or bitwise_xor", _BITS),
    **_all("gcd lcm", [((whole, more), {}), ((12, more), {})]),
    **_all("bitwise_not bitwise_invert invert", [((whole,), {}), ((flags,), {})]),
    **_all("left_shift right_shift bitwise_left_shift bitwise_right_shift", _SHIFTS),
    **_all("isnan isinf isfinite isposinf isneginf", _TESTS),
    **_all("round around", [
        ((x,), {}), ((17.3 * x, 1), {}), ((170 * x, -1), {}), ((whole,), {}), ((whole, 2), {}),
    ]),
    "numpy.bitwise_count": [],  # an uint8 in JAX; its samples check it
    "numpy.ldexp": [((x, whole), {}), ((whole, whole), {}), ((x, 3), {})],
    "numpy.atan2": _TWO,
    "numpy.pow": [((x, 2), {}), ((np.abs(x), y), {}), ((more, 3), {})],
    "numpy.acosh": [((np.abs(x) + 1,), {})],
    "numpy.nan_to_num": [
        ((gaps,), {}), ((gaps,), {"nan": 1.5, "posinf": 7, "neginf": -7}), ((whole,), {}),
    ],
    "numpy.isclose": [
        ((x, x + 1e-6), {}), ((gaps, gaps), {"equal_nan": True}), ((gaps, gaps), {}),
        ((x, y), {"rtol": 0.5, "atol": 0.25}), ((x, y), {"atol": np.abs(y)}),
        ((whole, more), {"atol": 2}),
    ],
    "numpy.allclose": [((x, x + 1e-6), {}), ((x, y), {}), ((gaps, gaps), {"equal_nan": True})],
    "numpy.array_equal": [
        ((x, x), {}), ((x, y), {}), ((x, v), {}), ((gaps, gaps), {"equal_nan": True}),
    ],
    "numpy.array_equiv": [((x, x), {}), ((x, v), {}), ((v, x[:1]), {}), ((v, y[:, :2]), {})],
    "numpy.select": [
        (([flags, other], [x, y]), {}), (([flags, other], [x, 2.5], 7), {}),
        (([flags], [whole], 0.5), {}),
    ],
    "numpy.piecewise": [
        ((x, [flags, other], [lambda t: t * t, 1.5]), {}),
        ((x, [flags, other], [1, lambda t: -t, lambda t: 3 * t]), {}),
        ((whole, [flags], [lambda t: t + 0.75]), {}),
    ],
    "numpy.clip": [
        ((x, 0.3, 0.6), {}), ((x,), {"max": 0.5}), ((x, y), {}), ((whole, 0.5), {}), ((x,), {}),
        ((flags, 0, 1), {}),
    ],
    "numpy.where": [((flags, x, y), {}), ((flags, 1, 0.5), {}), ((whole, x, whole), {})],
    "numpy.sum": [*_OVER, ((x, 1), {"where": flags, "initial": 2.0}), ((flags, 0), {}),
                  ((whole.astype("int32"),), {"promote_integers": False})],
    "numpy.prod": [*_OVER, ((x, 1), {"where": flags, "initial": 2.0}), ((empty, 0), {}),
                   ((whole.astype("int32"),), {"promote_integers": False})],
    "numpy.amax": [*_OVER, ((x, 1), {"where": flags, "initial": 0.0})],
    "numpy.amin": [*_OVER, ((empty, 0), {"initial": 3.0})],
    "numpy.var": [
        *_OVER, ((x, 1), {"where": flags}), ((x, 1), {"where": flags, "ddof": 1}),
        ((x, 0), {"ddof": 1}), ((x, 0), {"correction": 1}), ((x, 0), {"ddof": 2}),
        ((x, 0), {"mean": x[:1]}),
    ],
    "numpy.std": [*_OVER, ((x, 1), {"where": flags}), ((x, 0), {"correction": 0.5})],
    "numpy.count_nonzero": [*_OVER, ((flags,), {})],
    "numpy.ptp": _OVER,
    "numpy.average": [
        ((x,), {}), ((whole, 0), {}), ((x, 0), {"returned": True}), ((x, 1, np.abs(w)), {}),
        ((x, None, np.abs(y)), {"returned": True}), ((x, (1, 0), np.abs(y).T), {}),
        ((x, 1, np.abs(w)), {"keepdims": True, "returned": True}),
    ],
    "numpy.cov": [
        *_COVARIANCES, ((x,), {"bias": True}), ((x,), {"ddof": 0}), ((x, y), {"rowvar": False}),
        ((x,), {"fweights": np.array([1, 2, 3])}), ((x,), {"aweights": np.abs(w)}),
        ((x,), {"aweights": np.abs(w), "fweights": np.array([1, 2, 3])}),
        ((x,), {"aweights": np.abs(w), "ddof": 0}),
    ],
    "numpy.corrcoef": _COVARIANCES,
    "numpy.nansum": [*_NANS, *_CHOSEN],
    "numpy.nanprod": [*_NANS, *_CHOSEN],
    "numpy.nanmean": [*_NANS, *_CHOSEN],
    "numpy.nanvar": _SOME,
    "numpy.nanstd": _SOME,
    "numpy.nanmax": [*_NANS, ((gaps, 1), {"where": flags, "initial": 0.0})],
    "numpy.nanmin": [*_NANS, ((gaps, 1), {"where": flags, "initial": 0.0})],
    **_all("cumsum cumprod nancumprod", _RUNNING),
    "numpy.nancumsum": [*_RUNNING, ((gaps, 1), {})],
    "numpy.cumulative_sum": _FROM_START,
    "numpy.cumulative_prod": _FROM_START,
    "numpy.argmax": _WHERE_IS,
    "numpy.argmin": _WHERE_IS,
    "numpy.nanargmax": [*_WHERE_IS, ((gaps, 0), {}), ((gaps[0],), {})],
    "numpy.nanargmin": [*_WHERE_IS, ((gaps, 0), {"keepdims": True}), ((gaps[0],), {})],
    "numpy.diff": [
        ((x,), {}), ((x, 2), {}), ((x, 1, 0), {}), ((flags,), {}), ((x,), {"prepend": 0.5}),
        ((x, 0), {}), ((v,), {"prepend": w, "append": 2.0}), ((v, 3), {}), ((v[:1],), {}),
    ],
    "numpy.ediff1d": [
        ((x,), {}), ((whole,), {}), ((v,), {"to_end": 1.5, "to_begin": w}),
    ],
    "numpy.gradient": [
        ((x,), {}), ((v,), {}), ((v, 0.5), {}), ((v, knots), {}), ((x, 2.0, knots), {}),
        ((x, knots), {"axis": 1}), ((whole,), {"axis": 0}), ((x,), {"axis": (1, 0)}),
    ],
    "numpy.trapezoid": [
        ((x,), {}), ((x, knots), {}), ((x, y), {"axis": 0}), ((x,), {"dx": 0.5, "axis": 0}),
        ((whole,), {}), ((x,), {"dx": np.array([0.5, 0.25])}),
    ],
    "numpy.unwrap": [
        ((9 * x,), {}), ((9 * x, 4.0), {"axis": 0}), ((3 * more,), {"period": 4}),
        ((empty,), {"axis": 0}),
    ],
    **_all("median nanmedian", _MEDIANS),
    **_all("quantile nanquantile", [*_QUANTILES, ((nans, 0.3), {}), ((nans, 0.3, 1), {})]),
    **_all("percentile nanpercentile", [((x, 30), {}), ((x, np.array([5.0, 80.0]), 1), {})]),
    "numpy.interp": [
        ((x, knots, w), {}), ((x, knots, w, -1.0, 2), {}), ((whole, knots, w), {}),
        ((x, knots, w, "extrapolate", 3.0), {}), ((7 * x, v, w), {"period": 2.5}),
        ((scalar, knots, whole[0]), {}),
    ],
    "numpy.histogram": [
        ((x,), {}), ((x, 3), {"range": (-0.5, 0.6)}), ((x, knots), {}), ((whole, 4), {}),
        ((x, knots), {"density": True}), ((x, 3), {"weights": y, "density": True}),
        ((np.ones(3), 2), {}),
    ],
    "numpy.histogram_bin_edges": [((x, 4), {}), ((x, knots), {}), ((whole,), {"range": (0, 3)})],
    "numpy.i0": _ONE,
    "numpy.polyval": [((v, x), {}), ((x, w), {}), ((whole[0], whole), {}), ((empty, v), {})],
    "numpy.polyadd": _POLYNOMIALS,
    "numpy.polysub": _POLYNOMIALS,
    "numpy.polymul": [*_POLYNOMIALS, ((np.zeros(0), v), {})],
    "numpy.polydiv": [((np.ravel(x), v), {}), ((w[:2], v), {}), ((v, w), {}), ((v, w[1:2]), {})],
    "numpy.polyder": [((v,), {}), ((whole[0], 2), {}), ((v, 0), {}), ((v, 3), {}), ((v, 4), {})],
    "numpy.polyint": [
        ((v,), {}), ((whole[0], 2), {}), ((v, 0), {}), ((v, 2, 1.5), {}), ((v, 2, w[:2]), {}),
    ],
    "numpy.polyfit": [
        ((np.ravel(x), np.ravel(y), 2), {}), ((v, w, 2), {}), ((v, x.T, 1), {}),
        ((np.ravel(x), np.ravel(y), 1), {"w": np.abs(np.ravel(y))}),
    ],
    "numpy.poly": [((v,), {}), ((np.zeros(0),), {}), ((scalar,), {}), ((whole[0],), {})],
    "numpy.convolve": [*_OVERLAPS, ((whole[0], whole[1]), {"preferred_element_type": "int64"})],
    "numpy.correlate": _OVERLAPS,
}  # fmt: skip
