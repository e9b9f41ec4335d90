"""Which calls of closed functions a program keeps."""

import symflow as sf
import symflow.numpy as snp
from symflow.api.calls import prepared
from symflow.core import postorder
from symflow.ops.closure import calls

x = sf.vector("x", "n")
square = sf.function([x], x * x, name="square")
y, z = sf.vector("y", 3), sf.vector("z", 3)


def kept(*expressions):
    """The names of the functions that are still called."""
    roots = prepared(expressions, list)
    return sorted(closure.name for closure in calls(postorder(roots)))


def test_called_once_it_is_unfolded():
    assert prepared([square(y) + z], list) == [y * y + z]
    assert kept(square(y) + z) == []
    assert kept(square(y) + square(y)) == []
    assert kept(square(y), square(z)) == ["square"]


def test_what_is_unfolded_may_call_more_than_once():
    model = sf.function([x], square(square(x)), name="model")
    assert kept(model(y)) == ["square"]
    assert kept(model(y), model(z)) == ["model"]


def test_bodies_are_flat_and_improved_once():
    seen = []

    def improve(outputs):
        seen.append(list(outputs))
        return [snp.exp(output) for output in outputs]

    model = sf.function([x], square(square(x)), name="model")
    first, second = prepared([model(y), model(z)], improve)
    assert seen == [[(x * x) * (x * x)]]
    assert sf.inline(first) is snp.exp((y * y) * (y * y))
    assert sf.inline(second) is snp.exp((z * z) * (z * z))


def test_what_calls_nothing_is_left_alone():
    assert prepared([y, z * z], list) == [y, z * z]
