"""Samples of entries at integer positions."""

from typing import Any

import jax.numpy as jnp
import numpy as np

from tests.ops.samples.spec import FEW, Draw, Spec, Specs, anything, d, given, n, whole


def up_to(size: int) -> Draw:
    """Positions in an axis of a size, from its start and from its end."""
    return lambda rng, shape: rng.integers(-size, size, size=shape)


def _at(start: int, indices: Any) -> Any:
    return (*[slice(None)] * start, *indices)


def _updated(how: str, **hints: Any) -> Any:
    return lambda x, v, *indices, start: getattr(x.at[_at(start, indices)], how)(v, **hints)


_TYPES = ("float", "int")
_UPDATES = given(
    (((4,), (2,), (2,)), (0,)),
    (((4,), (), ()), (0,)),
    (((n, 3), (n, d), (d,)), (1,)),
    (((3, 4, 2), (2, 2, 2), (2, 2), (2, 2)), (0,)),
)
_SORTED = given(
    *((((*shape, 4),), ((len(shape),),)) for shape in FEW),
    (((n, 3),), ((0,),)),
    (((0, 2),), ((0,),)),
)
_FOUND: tuple[tuple[Any, Any], ...] = ((0, (2,)), (5, (n, 2)), (1, ()), (n, (0,)))
_TWO = ("float", "float", "int")

SPECS: Specs = {
    "gather": Spec(
        given(
            (((4,), ()), (0,)),
            (((3,), (0,)), (0,)),
            (((n, 3), (d, 2)), (1,)),
            (((3, 4, 2), (2, 1), (2, 1)), (0,)),
            (((2, 3, 3), (n,), (n,)), (1,)),
        ),
        draw=(anything, up_to(3)),
        dtype=_TYPES,
        jax=lambda x, *indices, start: x[_at(start, indices)],
    ),
    "scatter": Spec(
        given(
            (((), ()), (0, (4,))),
            (((0,), (0,)), (0, (3,))),
            (((n, 4), (4,)), (1, (3,))),
            (((2, 2), (2, 2), (2, 2)), (0, (3, 3))),
            (((2, 5, 3), (5,)), (1, (n,))),
        ),
        draw=(anything, up_to(3)),
        dtype=_TYPES,
        jax=lambda v, *indices, start, sizes: (
            jnp.zeros((*v.shape[:start], *sizes, *v.shape[start + indices[0].ndim :]))
            .at[_at(start, indices)]
            .add(v)
        ),
    ),
    "slice_set": Spec(
        given(
            (((5,), (2,)), (((1, 2, 2),),)),
            (((3, 2), (0, 2)), (((0, 0, 1), (0, 2, 1)),)),
            (((n, 4), (n, 2)), (((0, n, 1), (3, 2, -2)),)),
        ),
        jax=lambda x, v, runs: (
            x.at[np.ix_(*[[a + k * step for k in range(size)] for a, size, step in runs])].set(v)
            if v.size
            else x
        ),
    ),
    "scatter_set": Spec(
        _UPDATES, draw=(anything, anything, up_to(3)), dtype=_TWO, jax=_updated("set")
    ),
    "scatter_mul": Spec(  # positions that are known to differ, as its derivative needs them
        given(
            (((4,), (), ()), (0,)),
            (((n, 3), (n, 1), (1,)), (1,)),
            (((3, 2), (1, 2), (1,)), (0,)),
        ),
        draw=(anything, anything, up_to(2)),
        dtype=_TWO,
        jax=_updated("mul", unique_indices=True),
    ),
    **{
        f"scatter_{name}": Spec(
            _UPDATES, draw=(whole, whole, up_to(3)), dtype=_TWO, jax=_updated(name), order=1
        )
        for name in ("min", "max")
    },
    "sort": Spec(_SORTED, jax=lambda x, axis: jnp.sort(x, axis[0])),
    "argsort": Spec(_SORTED, draw=whole, jax=lambda x, axis: jnp.argsort(x, axis[0])),
    "searchsorted": Spec(
        given(
            *((((size,), shape), (side,)) for side in ("left", "right") for size, shape in _FOUND)
        ),
        draw=(lambda rng, shape: np.sort(whole(rng, shape)), whole),
    ),
}
