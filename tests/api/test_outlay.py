"""What rolling takes and spares, by which a form of a program is chosen."""

import pytest

from symflow.api.layers import swept
from symflow.api.outlay import Outlay
from symflow.lowering.rolling import Rolled, rolled
from tests.benchmarks.models import gradient, recurrent, transformer


@pytest.fixture(scope="module")
def deep():
    expressions = gradient(transformer(9, "u"))
    return Rolled(tuple(expressions)), rolled(swept(expressions), 4)


def test_layers_of_many_operations_are_called(deep):
    plain, found = deep
    outlay = Outlay({})
    assert outlay.seconds(found.called()) < outlay.seconds(plain)


def test_stacked_arrays_count_with_their_entries(deep):
    _, found = deep
    small, large = Outlay({"d": 8, "f": 8}), Outlay({"d": 1024, "f": 4096})
    assert large.seconds(found) > 2 * small.seconds(found)
    assert large.seconds(found.called()) == small.seconds(found.called())


def test_loops_that_stack_nothing_are_scanned():
    found = rolled(swept(gradient(recurrent(40, "u"))), 4)
    outlay = Outlay({})
    assert outlay.seconds(found) < outlay.seconds(found.called())
