"""Charts: round ticks, every point at its place."""

import xml.etree.ElementTree as ET

import pytest

from symflow.frontend.plot import Curve, line_chart, ticks

SPACE = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0.0, 2.3, [0.0, 0.5, 1.0, 1.5, 2.0]),
        (0.0, 60.0, [0.0, 20.0, 40.0, 60.0]),
        (-1.0, 1.0, [-1.0, -0.5, 0.0, 0.5, 1.0]),
        (0.001, 0.004, [0.001, 0.002, 0.003, 0.004]),
        (3.0, 3.0, [3.0]),
    ],
)
def test_ticks_are_round(low, high, expected):
    assert ticks(low, high) == pytest.approx(expected)


def points_of(svg):
    root = ET.fromstring(svg)
    return [
        [tuple(map(float, pair.split(","))) for pair in line.get("points").split()]
        for line in root.iter(SPACE + "polyline")
    ]


def test_points_keep_their_proportions():
    svg = line_chart("T", "x", "y", [Curve("a", [0, 1, 4], [0.0, 1.0, 2.0])])
    ((a, b, c),) = points_of(svg)
    assert (c[0] - a[0]) == pytest.approx(4 * (b[0] - a[0]), abs=0.3)
    assert (a[1] - c[1]) == pytest.approx(2 * (a[1] - b[1]), abs=0.3)
    assert c[1] < a[1]  # upwards


def test_every_curve_is_drawn_and_named():
    svg = line_chart(
        "a < b", "x", "y", [Curve("one", [0, 1], [1, 2]), Curve("two", [0, 1], [3, 1])]
    )
    assert len(points_of(svg)) == 2
    text = "".join(ET.fromstring(svg).itertext())
    assert all(word in text for word in ("a < b", "one", "two"))


def test_what_is_not_finite_is_left_out():
    svg = line_chart("T", "x", "y", [Curve("a", [0, 1, 2], [1.0, float("nan"), float("inf")])])
    assert len(points_of(svg)[0]) == 1
    assert "nan" not in svg


@pytest.mark.parametrize("values", [[], [2.0], [2.0, 2.0]])
def test_few_points(values):
    ET.fromstring(line_chart("T", "x", "y", [Curve("a", range(len(values)), values)]))
