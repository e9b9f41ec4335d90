"""Samples of index maps, shapes and creation."""

from typing import Any

import jax.numpy as jnp
import numpy as np

from symflow.core import Variable
from symflow.ops.closure import function
from tests.ops.samples.spec import Spec, Specs, d, given, n


def _positions(runs: Any) -> Any:
    lines = [[start + k * step for k in range(size)] for start, size, step in runs]
    return np.ix_(*(np.array(line, dtype=int) for line in lines)) if lines else ()


def _fused(*sizes: int) -> Any:
    total = int(np.prod(sizes))
    return jnp.eye(total, dtype=bool).reshape(total, *sizes)


def _shifted() -> Any:
    inner = Variable("z", (n,))
    return function([inner], inner * inner + 1, name="shifted").closure


SPECS: Specs = {
    "slice": Spec(
        given(
            (((),), ((),)),
            (((0,),), (((0, 0, 1),),)),
            (((5,),), (((4, 5, -1),),)),
            (((n, 7),), (((0, n, 1), (1, 3, 2)),)),
            (((n + 1, 2, 1),), (((1, n, 1), (1, 1, 1), (0, 1, 1)),)),
        ),
        jax=lambda x, runs: x[_positions(runs)],
    ),
    "place": Spec(
        given(
            (((3,),), (((0, 3, 1),), (5,))),
            (((n, 2),), (((1, n, 1), (3, 2, -2)), (n + 1, 4))),
            (((0, 2),), (((0, 0, 1), (0, 2, 1)), (3, 2))),
        ),
        jax=lambda x, runs, shape: jnp.zeros(shape).at[_positions(runs)].set(x),
    ),
    "concatenate": Spec(
        given(
            (((2,), (0,), (n,)), (0,)),
            (((n, 2), (n, d), (n, 1)), (1,)),
            (((1, 2, 3), (n, 2, 3)), (0,)),
        ),
        jax=lambda *xs, axis: jnp.concatenate(xs, axis),
    ),
    "roll": Spec(
        given(
            (((4,),), (1, 0)),
            (((n,),), (-2, 0)),
            (((n, 2),), (1 - n, 0)),
            (((2, n, 5),), (3, 2)),
            (((0, 3),), (2, 1)),
        ),
    ),
    "arange": Spec(
        given(*(((), (size,)) for size in (0, 1, 4, n))), jax=lambda size: jnp.arange(size)
    ),
    "fuse": Spec(
        given(*(((), sizes) for sizes in ((2, 3), (n, d), (0, 2), (1, n, 2)))),
        jax=lambda *sizes: _fused(*sizes),
    ),
    "call": Spec(
        given(*((((size,),), (_shifted(), 0)) for size in (0, 1, 3, d))),
        jax=lambda x, **_: x * x + 1,
    ),
}
