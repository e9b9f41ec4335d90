"""Calls of the functions that change shapes, join, split, create and name types."""

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass
class Fixed:
    """An array that is passed as it is: positions and counts that decide a shape."""

    array: Any


def fixed(*values: Any) -> Fixed:
    """Integers (or truth values) as a fixed array."""
    return Fixed(np.array(values, dtype=None if values else int))


x = np.array([[0.3, 0.8, 0.5], [0.9, 0.2, 0.7]])
y = np.array([[0.1, 0.6, 0.4], [0.5, 0.5, 0.2]])
v, w = x[0], y[1, :2]
cube = np.arange(12.0).reshape(2, 3, 2)
empty = np.zeros((0, 3))
whole = np.array([[1, 0], [2, 1]])
square = np.array([[1.5, 0.5], [0.25, 2.0]])
flags = x > 0.4
one = np.float64(1.5) * np.ones(())

_PADS = [
    ((x, 1), {}),
    ((x, ((1, 0), (2, 3))), {}),
    ((x, (0, 2)), {"constant_values": 1.5}),
    ((x, 1), {"constant_values": ((1, 2), (3, 4))}),
    ((empty, ((2, 0), (0, 0))), {"constant_values": 3}),
    ((whole, 2, "edge"), {}),
    ((x, ((1, 0), (0, 2)), "edge"), {}),
    ((v, (5, 4), "reflect"), {}),
    ((v, (5, 4), "reflect"), {"reflect_type": "odd"}),
    ((v[:1], 2, "reflect"), {}),
    ((x, (3, 4), "symmetric"), {}),
    ((v, (1, 7), "symmetric"), {"reflect_type": "odd"}),
    ((x, (4, 7), "wrap"), {}),
    ((v, (2, 3), "linear_ramp"), {"end_values": (1, -1)}),
    ((x, 2, "linear_ramp"), {}),
    ((x, 1, "maximum"), {}),
    ((x, (2, 1), "minimum"), {"stat_length": 2}),
    ((x, 1, "mean"), {"stat_length": ((1, 2), (2, 3))}),
    ((x, 0, "mean"), {}),
    ((x, 1, "empty"), {}),
]
_SPACES = [
    ((0, 1, 5), {}),
    ((0, 1), {"num": 4, "endpoint": False}),
    ((v, 2.0, 3), {}),
    ((x, y, 4), {"axis": 1}),
    ((x, y, 4), {"axis": -1, "endpoint": False}),
    ((2, 3, 1), {}),
    ((2, 3, 0), {}),
    ((v, w[:1], 1), {}),
    ((0, 7, 4), {"dtype": "int32"}),
]

CALLS = {
    "append": [((x, y), {}), ((x, y), {"axis": 1}), ((whole, x), {}), ((v, 2.5), {})],
    "apply_along_axis": [
        ((lambda r: r.sum(), 0, x), {}),
        ((lambda r: r[::-1], 1, x), {}),
        ((lambda r: r[:, None] * r[None], 1, cube), {}),
    ],
    "apply_over_axes": [((lambda a, axis: a.sum(axis), cube, (0, 2)), {})],
    "array": [((x,), {}), (([1.5, 2.0],), {}), ((v,), {"ndmin": 3})],
    "array_split": [((v, 2), {}), ((x, 5, 1), {}), ((v, [1, 2]), {}), ((cube, [1, 2], 1), {})],
    "atleast_1d": [((one,), {}), ((v,), {}), ((one, x), {})],
    "atleast_2d": [((one,), {}), ((v,), {}), ((cube, v), {})],
    "atleast_3d": [((one,), {}), ((v,), {}), ((x,), {}), ((cube, v), {})],
    "bartlett": [((k,), {}) for k in (0, 1, 2, 7)],
    "blackman": [((k,), {}) for k in (0, 1, 2, 7)],
    "block": [
        (([[x, y], [y, x]],), {}),
        ((x,), {}),
        (([v, 1.5],), {}),
        (([[[cube, cube]], [[cube, cube]]],), {}),
        (([[square, w[:, None]], [w, 1]],), {}),
    ],
    "broadcast_arrays": [((v, x[:, :1]), {}), ((one, whole), {})],
    "broadcast_shapes": [(((2, 1), (3,), ()), {})],
    "can_cast": [(("int32", "float64"), {}), (("float64", "int32"), {"casting": "unsafe"})],
    "column_stack": [(([v, v],), {}), (([x, w],), {})],
    "concat": [(([x, y],), {}), (([x, whole],), {"axis": None})],
    "copy": [((x,), {})],
    "delete": [
        ((v, 1), {}), ((v, -1), {}), ((x, 0), {}), ((x, 1, 1), {}), ((x, fixed(0, 2), 1), {}),
        ((x, slice(0, 2), 1), {}), ((v, fixed(True, False, True)), {}), ((v, fixed()), {}),
    ],
    "diag_indices": [((3,), {}), ((2, 3), {})],
    "diag_indices_from": [((square,), {})],
    "diagflat": [((x, 1), {}), ((one,), {})],
    "dsplit": [((cube, 2), {})],
    "dstack": [(([v, v],), {}), (([x, y],), {}), (([cube, x[..., None]],), {})],
    "empty": [(((2, 3),), {}), ((4, "int32"), {})],
    "empty_like": [((x,), {}), ((whole,), {"shape": (2,)})],
    "fill_diagonal": [
        ((x, 5), {"inplace": False}),
        ((x, w), {"inplace": False}),
        ((whole, 7), {"inplace": False}),
        ((x.T, w), {"inplace": False}),
        ((cube[:, :2], w), {"inplace": False}),
    ],
    "flipud": [((x,), {}), ((v,), {})],
    "fromfunction": [
        ((lambda i, j: i + 2 * j, (2, 3)), {}),
        ((lambda i: i * i, (4,)), {"dtype": "int32"}),
    ],
    "geomspace": [
        ((1, 8, 4), {}), ((-1, -8, 4), {}), ((v, 2.0, 3), {"axis": -1}), ((1, 8), {"num": 0}),
        ((-x, -y, 3), {"axis": 1, "endpoint": False}),
    ],
    "hamming": [((k,), {}) for k in (0, 1, 2, 7)],
    "hanning": [((k,), {}) for k in (0, 1, 2, 7)],
    "hsplit": [((x, 3), {}), ((v, [1]), {})],
    "indices": [(((2, 3),), {}), (((2, 0),), {"sparse": True}), (((3,),), {"dtype": "float32"})],
    "insert": [
        ((v, 1, 2.5), {}), ((v, -1, w), {}), ((x, 1, v), {"axis": 0}), ((x, 3, w), {"axis": 1}),
        ((x, fixed(0, 2), y[:, :2]), {"axis": 1}), ((v, fixed(2, 0, 2), x[1]), {}),
        ((x, 1, 4), {"axis": 1}),
        ((v, slice(0, 2), w), {}), ((v, fixed(1), w), {}), ((x, fixed(1), v), {"axis": 0}),
    ],
    "iscomplexobj": [((x,), {}), ((1j,), {})],
    "isdtype": [
        (("float32", "real floating"), {}), (("int32", ("bool", "complex floating")), {}),
        (("float64", "float64"), {}), (("int64", "numeric"), {}),
    ],
    "isrealobj": [((x,), {}), ((1j,), {})],
    "isscalar": [((one,), {}), ((x,), {}), ((1.5,), {}), (("text",), {}), (([1],), {})],
    "issubdtype": [
        (("float32", np.floating), {}), (("int32", np.floating), {}), (("int32", "int32"), {}),
        (("bfloat16", np.inexact), {}), ((np.floating, np.number), {}), (("bool", np.number), {}),
    ],
    "finfo": [], "iinfo": [], "vectorize": [],
    "ix_": [((whole[0], whole[:, 1]), {}), ((fixed(0, 2), fixed(1)), {})],
    "kaiser": [((1, 2.0), {}), ((6, 2.5), {}), ((5, 0), {}), ((0, 1.0), {})],
    "linspace": [*_SPACES, ((0, 1, 5), {"retstep": True}), ((0, 1, 1), {"retstep": True})],
    "logspace": [*_SPACES[:6], ((0, 2, 7), {"base": 2}), ((v, w[:1], 2), {"base": 3.5})],
    "meshgrid": [
        ((v, w), {}), ((v, w), {"indexing": "ij"}), ((v, w), {"sparse": True}), ((v,), {}),
        ((v, w, whole[0]), {}),
    ],
    "ndim": [((x,), {}), ((1.5,), {})],
    "pad": _PADS,
    "permute_dims": [((cube, (2, 0, 1)), {})],
    "promote_types": [(("float32", "int32"), {}), (("bfloat16", "float16"), {})],
    "repeat": [
        ((x, 2), {}), ((x, 2), {"axis": 1}), ((x, fixed(1, 2), 0), {}), ((v, fixed(0, 2, 1)), {}),
        ((x, 0, 1), {}), ((v, fixed(2)), {}), ((v, 2), {"total_repeat_length": 4}), ((one, 3), {}),
        ((v, fixed(1, 1, 2)), {"total_repeat_length": 6}), ((empty, 2, 0), {}),
    ],
    "resize": [((x, (4, 2)), {}), ((v, (2,)), {}), ((x, (3, 5)), {}), ((v, (0, 2)), {})],
    "result_type": [((x, "float32"), {}), (("int32", 1.5), {}), ((1, 2.0), {}), ((x, 1j), {})],
    "roll": [
        ((x, 1), {}), ((x, -1, 1), {}), ((x, 7, 0), {}), ((x, (1, 2), (0, 1)), {}),
        ((x, 2, (0, 1)), {}), ((x, (1, 1), 1), {}), ((empty, 1, 0), {}), ((one, 1), {}),
    ],
    "rollaxis": [((cube, 2), {}), ((cube, 0, 3), {}), ((cube, -1, 1), {}), ((cube, 1, -1), {})],
    "rot90": [*(((cube, k), {}) for k in range(-1, 4)), ((cube,), {"axes": (2, 0)})],
    "shape": [((x,), {}), ((1.5,), {})],
    "size": [((x,), {}), ((x, 1), {}), ((cube, (0, 2)), {})],
    "split": [((x, 3, 1), {}), ((v, [1, 2]), {}), ((x, [1], -1), {})],
    "tile": [
        ((x, 2), {}), ((x, (2, 1, 3)), {}), ((v, (2, 2)), {}), ((x, 0), {}), ((one, 3), {}),
        ((x, ()), {}),
    ],
    "tril_indices": [((3,), {}), ((3, 1), {}), ((2, -1), {"m": 4})],
    "tril_indices_from": [((x,), {}), ((square, -1), {})],
    "triu_indices": [((3,), {}), ((3, 1), {}), ((2, -1), {"m": 4})],
    "triu_indices_from": [((x,), {}), ((square, -1), {})],
    "unstack": [((x,), {}), ((x,), {"axis": 1})],
    "vander": [((v,), {}), ((v, 4), {"increasing": True}), ((whole[0], 3), {}), ((v, 0), {})],
    "vsplit": [((x, 2), {})],
}  # fmt: skip
CALLS = {f"numpy.{name}": calls for name, calls in CALLS.items()}
