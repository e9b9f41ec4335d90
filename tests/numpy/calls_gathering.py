"""Calls of the functions that sort, search, take and count by positions."""

from typing import Any

import numpy as np

from tests.numpy.calls_shapes import Fixed

x = np.array([[0.3, 0.8, 0.5], [0.9, 0.2, 0.7]])
ties = np.array([[2.0, 1.0, 2.0, 0.0], [1.0, 1.0, 3.0, -1.0]])
line = np.array([0.1, 0.4, 0.4, 0.9])
whole = np.array([[1, 0], [2, 1]])
positions = np.array([[2, 0], [1, 1]])
empty = np.zeros((0, 3))
none = np.zeros(0, int)
known = Fixed(np.array([True, False, True]))

CALLS: dict[str, list[tuple[tuple[Any, ...], dict[str, Any]]]] = {
    "numpy.argpartition": [((line, 1), {}), ((ties, 2, 1), {}), ((ties, -1), {"axis": 0})],
    "numpy.argsort": [
        ((ties,), {}),
        ((ties, 0), {"descending": True}),
        ((ties, None), {}),
        ((empty,), {"axis": 0}),
    ],
    "numpy.bincount": [
        ((whole[0],), {"length": 4}),
        ((whole[1], line[:2]), {"length": 3}),
        ((none,), {"length": 2}),
    ],
    "numpy.choose": [((whole, [x[:, :2], x[:, 1:], ties[:, :2]]), {}), ((whole[0], [1, 2]), {})],
    "numpy.compress": [((known, x, 1), {}), ((known, line[:3]), {})],
    "numpy.digitize": [((x, line), {}), ((x, line), {"right": True})],
    "numpy.extract": [((Fixed(np.array([[True, False, True], [False] * 3])), x), {})],
    "numpy.isin": [((ties, line), {}), ((whole, whole[0]), {"invert": True}), ((x, none), {})],
    "numpy.lexsort": [(([ties[0], ties[1]],), {}), (([ties],), {"axis": 0})],
    "numpy.partition": [((line, 1), {}), ((ties, 0), {"axis": 0}), ((ties, 2), {})],
    "numpy.put": [
        ((x, positions, 7), {"inplace": False}),
        ((x, whole[0], line[:2]), {"inplace": False}),
    ],
    "numpy.put_along_axis": [
        ((x, positions[:, :1], 5, 1), {"inplace": False}),
        ((x, np.array([4]), line[:1], None), {"inplace": False}),
    ],
    "numpy.ravel_multi_index": [
        (([whole, whole], (3, 4)), {}),
        (([whole, whole], (2, 2)), {"mode": "clip"}),
        (([whole, whole], (3, 3)), {"order": "F"}),
    ],
    "numpy.searchsorted": [((line, x), {}), ((line, 0.4), {"side": "right"}), ((line, empty), {})],
    "numpy.sort": [
        ((ties,), {}),
        ((ties,), {"axis": 0, "descending": True}),
        ((whole, None), {}),
        ((empty,), {}),
    ],
    "numpy.take": [
        ((x, positions), {}),
        ((x, positions, 1), {}),
        ((x, whole[0]), {"axis": 0}),
        ((x, positions + 2, 1), {"mode": "wrap"}),
        ((x, positions - 3, 1), {"mode": "clip"}),
        ((x, none, 0), {}),
    ],
    "numpy.take_along_axis": [
        ((x, positions, 1), {}),
        ((x, positions[:1], 1), {}),
        ((x, np.array([[1, 0, 1]]), 0), {}),
        ((x, np.array([5, 0]), None), {}),
    ],
    "numpy.unravel_index": [((positions, (2, 3)), {}), ((whole, 4), {})],
}
