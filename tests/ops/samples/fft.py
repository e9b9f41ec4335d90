"""Samples of Fourier transforms."""

from typing import Any

import jax.numpy as jnp

from tests.ops.samples.spec import Spec, Specs, complexes, d, given, n

_ALONG = (((4,), (0,)), ((n,), (0,)), ((1,), (0,)), ((0, 5), (1,)), ((n, d, 2), (1,)))
_SEVERAL = (((2, 3), (0, 1)), ((n, 1, 4), (0, 2)), ((2, d, n), (0, 1, 2)), ((0, 2, 3), (1, 2)))


def _along(name: str) -> Any:
    return lambda x, axis: getattr(jnp.fft, name)(x, axis=axis[0])


SPECS: Specs = {
    **{
        f"fft.{name}": Spec(
            given(*(((shape,), (axes,)) for shape, axes in _ALONG)),
            draw=complexes,
            dtype="complex",
            jax=_along(name),
        )
        for name in ("fft", "ifft")
    },
    **{
        f"fft.{name}": Spec(
            given(*(((shape,), (axes,)) for shape, axes in _SEVERAL)),
            draw=complexes,
            dtype="complex",
        )
        for name in ("fftn", "ifftn")
    },
    "fft.rfft": Spec(given(*(((s,), (axes,)) for s, axes in _ALONG)), jax=_along("rfft")),
    "fft.irfft": Spec(
        given(
            (((3,),), (4, (0,))),
            (((3,),), (5, (0,))),
            (((1,),), (1, (0,))),
            (((0, 2),), (2, (1,))),
            (((2, n, 2),), (2 * n - 2, (1,))),
        ),
        draw=complexes,
        dtype="complex",
        jax=lambda x, n, axis: jnp.fft.irfft(x, n, axis[0]),
    ),
}
