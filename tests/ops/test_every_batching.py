"""The law of batching, over the whole table: many examples at once are the examples one by one."""

import numpy as np
import pytest

from symflow.core import Variable, dim
from symflow.ops import TABLE
from symflow.ops.batching import batched, rule_of
from tests.ops.samples import SIZES, numbers, samples, spec
from tests.ops.samples.spec import of
from tests.oracle import evaluate

TAKING = [name for name in sorted(TABLE) if TABLE[name].arity != 0]
batch = dim("batch")


def choices(count):
    """Each operand alone, and all together."""
    alone = [frozenset({k}) for k in range(count)]
    return alone if count < 2 else [*alone, frozenset(range(count))]


@pytest.mark.parametrize("name", TAKING)
def test_every_operation_that_takes_tensors_has_a_rule(name):
    assert callable(rule_of(TABLE[name]))


@pytest.mark.parametrize("size", [0, 1, batch], ids=str)
@pytest.mark.parametrize("name", TAKING)
def test_all_at_once_is_one_by_one(name, size):
    rng = np.random.default_rng(11)
    number = 3 if size == batch else size
    for sample in samples(name):
        check(sample, size, number, rng)


def check(sample, size, number, rng):
    node, own = sample.node, spec(sample.node.operation.name)
    for chosen in choices(len(node.operands)):
        many = {
            x: Variable(f"many{k}", (size, *x.shape), x.dtype)
            for k, x in enumerate(node.operands)
            if k in chosen
        }
        stacks = {
            x: [np.asarray(of(own.draw, k)(rng, numbers(x.shape))) for _ in range(number)]
            for k, x in enumerate(node.operands)
            if k in chosen
        }
        (result,) = batched([node], many, size)
        assert result.shape == (size, *node.shape), str(sample)
        if not number:
            continue  # built without an error; NumPy's functions are not all ready for no examples
        given = dict(sample.values) | {every: np.stack(stacks[x]) for x, every in many.items()}
        value = evaluate(result, given, SIZES | {batch: 3})
        for k in range(number):
            one = {x: stacks[x][k] if x in stacks else array for x, array in sample.values.items()}
            wanted = evaluate(node, one, SIZES)
            np.testing.assert_allclose(
                value[k], wanted, rtol=1e-9, atol=1e-11, err_msg=f"{sample}: {sorted(chosen)}"
            )
