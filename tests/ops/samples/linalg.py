"""Samples of matrix functions."""

from collections.abc import Callable, Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from symflow.core import Operation
from tests.ops.samples.spec import SQUARES, Case, Spec, Specs, anything, b, d, definite, given, n


def _qr(operation: Operation) -> Iterator[Case]:
    for shape in (*SQUARES, (4, 2), (2, 5), (0, 3), (3, 0), (2, 3, 1)):
        for output in (0, 1):
            yield (shape,), (output,)


def _solve(operation: Operation) -> Iterator[Case]:
    for shape in SQUARES:
        yield (shape, (*shape[:-1], 2)), ()


SHAPES = ((3, 3), (n, d), (2, 3), (2, 3, 1), (0, 3))  # square, tall, wide, a stack, empty


def _svd(operation: Operation) -> Iterator[Case]:
    for shape in SHAPES:
        for output in range(3):
            yield (shape,), (False, output)
    yield from ((((3, 2),), (True, output)) for output in (0, 2))


def _outputs(*shapes: Any) -> Callable[[Operation], Iterator[Case]]:
    def cases(operation: Operation) -> Iterator[Case]:
        return (((shape,), (k,)) for shape in shapes for k in range(len(operation.outputs)))

    return cases


def _pairs(operation: Operation) -> Iterator[Case]:
    return (((shape, shape), ()) for shape in ((1, 1), (n, n), (2, 2, 2)))


def _one(function: Any) -> Any:
    """One result of a function with several."""
    return lambda *xs, output, **options: function(*xs, **options)[output]


def _root(a: Any) -> Any:
    values, vectors = jnp.linalg.eigh(a)
    return (vectors * jnp.sqrt(values)[..., None, :]) @ jnp.swapaxes(vectors, -1, -2)


def _block_diag(*blocks: Any) -> Any:
    if blocks[0].ndim == 2:
        return jax.scipy.linalg.block_diag(*blocks)
    return jax.vmap(_block_diag)(*blocks)


def _sylvester(a: Any, b: Any, c: Any) -> Any:
    """JAX's own has no derivative for ``a`` and ``b``."""
    m, n = c.shape
    system = jnp.kron(a, jnp.eye(n)) + jnp.kron(jnp.eye(m), b.T)
    return jnp.linalg.solve(system, c.ravel()).reshape(m, n)


def _shifted(rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
    """Matrices whose eigenvalues are away from the negative of those of others like them."""
    return rng.normal(size=shape) + 4 * np.eye(shape[-1])


def _away(rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
    """Matrices of full rank with separate singular values."""
    lines = 1.5 + np.arange(min(shape[-2:]))
    result = 0.3 * rng.normal(size=shape)
    places = np.arange(min(shape[-2:]))
    result[..., places, places] += lines
    return result


SPECS: Specs = {
    "linalg.qr": Spec(_qr),
    "linalg.solve": Spec(_solve),
    "linalg.cholesky": Spec(draw=definite),
    "linalg.eigh": Spec(draw=definite),
    "linalg.svd": Spec(_svd, draw=_away, jax=_one(jnp.linalg.svd)),
    "linalg.lu": Spec(
        _outputs((n, n), (3, 2), (2, 3), (0, 3)), draw=_away, jax=_one(jax.scipy.linalg.lu)
    ),
    "linalg.lu_factor": Spec(
        _outputs((n, n), (3, 2), (2, 3), (2, 3, 3)),
        draw=_away,
        jax=_one(jax.scipy.linalg.lu_factor),
    ),
    "linalg.pinv": Spec(
        given(*(((shape,), (None,)) for shape in SHAPES), (((2, 3),), (0.125,))), draw=_away
    ),
    "linalg.matrix_rank": Spec(
        given(*(((shape,), (None,)) for shape in SHAPES[:-1]), (((2, 3),), (1,))), draw=_away
    ),
    "linalg.expm": Spec(
        given(*(((shape,), ()) for shape in ((0, 0), (1, 1), (n, n), (b, 2, 2)))),
        jax=jax.scipy.linalg.expm,
    ),
    "linalg.expm_frechet": Spec(
        _pairs,
        jax=lambda a, e: jax.jvp(jax.scipy.linalg.expm, (a,), (e,))[1],
    ),
    "linalg.sqrtm": Spec(
        given(*(((shape,), ()) for shape in ((0, 0), (1, 1), (n, n), (b, 2, 2)))),
        draw=definite,
        jax=_root,
    ),
    "linalg.solve_sylvester": Spec(
        given(
            (((1, 1), (1, 1), (1, 1)), ()),
            (((n, n), (2, 2), (n, 2)), ()),
            (((3, 3), (1, 1), (3, 1)), ()),
        ),
        draw=(_shifted, _shifted, anything),
        jax=_sylvester,
    ),
    "linalg.block_diag": Spec(
        given(
            (((2, 2), (n, 1)), ()),
            (((1, 3), (0, 2), (d, d)), ()),
            (((2, 2, 1), (2, 1, 1)), ()),
        ),
        jax=_block_diag,
    ),
    "linalg.toeplitz": Spec(
        given(
            *(
                ((c, r), ())
                for c, r in (
                    ((n,), (2,)),
                    ((1,), (3,)),
                    ((3,), (1,)),
                    ((2, d), (2, n)),
                    ((0,), (2,)),
                )
            )
        ),
        jax=jax.scipy.linalg.toeplitz,
    ),
    "cross": Spec(given(*(((s, s), ()) for s in ((3,), (n, 3), (0, 3))))),
}
