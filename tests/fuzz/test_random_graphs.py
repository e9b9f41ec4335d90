"""Random graphs of all operations: values, first and second derivatives against JAX's."""

from collections import Counter

import pytest

from symflow.ops.table import TABLE
from tests.fuzz.graphs import check_graphs, random_graph

SLICE = 100
FIRST, SECOND = 10_000, 1_000


def agree(numbers: range, order: int) -> None:
    """Graphs of these numbers, of which most must have been comparable."""
    report = check_graphs(numbers, order)
    print(f"order {order}, graphs {numbers}: {dict(report.outcomes)}")
    assert not report.mismatches, "\n\n".join(report.mismatches)
    assert report.outcomes["right"] >= 0.8 * len(numbers)


def test_a_few_graphs_of_first_order() -> None:
    agree(range(10), 1)


def test_a_few_graphs_of_second_order() -> None:
    agree(range(5), 2)


@pytest.mark.fuzz
@pytest.mark.parametrize("start", range(0, FIRST, SLICE))
def test_ten_thousand_graphs_of_first_order(start: int) -> None:
    agree(range(start, start + SLICE), 1)


@pytest.mark.fuzz
@pytest.mark.parametrize("start", range(0, SECOND, SLICE))
def test_a_thousand_graphs_of_second_order(start: int) -> None:
    agree(range(start, start + SLICE), 2)


@pytest.mark.fuzz
def test_the_graphs_draw_every_operation() -> None:
    drawn = Counter(name for number in range(500) for name in random_graph(number).names)
    print(f"draws: {dict(drawn.most_common())}")
    assert drawn.keys() == TABLE.keys()
