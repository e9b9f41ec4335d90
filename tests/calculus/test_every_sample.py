"""The derivatives of every operation at its samples, against JAX's automatic differentiation.

For an operation with value ``f(x)`` and a random cotangent ``g``: the gradient of ``<g, f(x)>``
by reverse mode, the same by forward mode along a direction, and the derivative of the gradient
along that direction.
"""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import symflow.numpy as snp
from rewrites.differentials import standard
from symflow.calculus import gradients, pushforward
from symflow.core import Tensor, Variable, dtypes
from symflow.errors import DifferentialError
from symflow.ops.table import TABLE
from tests.ops.samples import SIZES, Sample, joined, numbers, parted, samples, spec, together
from tests.oracle import evaluate_all
from tests.tracing import computed

NO_JAX = {"map"}  # computed by SciPy, which JAX does not differentiate
SMOOTH = [
    name
    for name, record in TABLE.items()
    if not record.piecewise_constant and name not in NO_JAX and record.arity != 0
]


def varying(sample: Sample) -> list[int]:
    """The operands that derivatives are taken of."""
    fixed = spec(sample.node.operation.name).fixed
    operands = enumerate(sample.node.operands)
    return [k for k, x in operands if is_smooth(x) and k not in fixed]


def is_smooth(x: Tensor) -> bool:
    """Whether a tensor holds real or complex numbers."""
    return dtypes.kind(x.dtype) in ("float", "complex")


def drawn(rng: np.random.Generator, x: Tensor) -> Any:
    """Random numbers in the shape of a tensor, complex where it is."""
    result = rng.normal(size=numbers(x.shape))
    return result + 1j * rng.normal(size=result.shape) if x.dtype == "complex" else result


def jax_derivatives(name: str, chosen: list[Sample], draws: list[Any]) -> list[Any]:
    """The gradients and their derivatives along the directions, all in one program."""
    order, drawn_for = spec(name).order, dict(zip(chosen, draws, strict=True))
    groups = together(chosen)
    data = []
    for group in groups:
        arrays, cotangents, moves = zip(*(drawn_for[sample] for sample in group), strict=True)
        (cotangent,) = joined(group, [[g] for g in cotangents])
        data.append((joined(group, arrays), cotangent, joined(group, moves)))

    def everything(data: Any) -> Any:
        found = []
        for (sample, *_), (arrays, cotangent, moves) in zip(groups, data, strict=True):
            places = varying(sample)

            def paired(*xs: Any, s: Sample = sample, a: Any = arrays, g: Any = cotangent) -> Any:
                full = list(a)
                for place, x in zip(varying(s), xs, strict=True):
                    full[place] = x
                return jnp.real(jnp.sum(g * s.jax(*full)))

            gradient = jax.grad(paired, tuple(range(len(places))))
            at = tuple(arrays[k] for k in places)
            found.append(jax.jvp(gradient, at, tuple(moves)) if order > 1 else (gradient(*at), ()))
        return found

    results = computed(everything, data)
    found = {}
    for group, (first, second) in zip(groups, results, strict=True):
        for sample, *own in zip(group, *(parted(group, x) for x in (*first, *second)), strict=True):
            found[sample] = own[: len(first)], own[len(first) :]
    return [found[sample] for sample in chosen]


@pytest.mark.parametrize("name", SMOOTH)
def test_derivatives_at_samples_are_those_of_jax(name: str) -> None:
    rng = np.random.default_rng(5)
    chosen = [s for s in samples(name) if is_smooth(s.node) and varying(s)]
    chosen = small([sample for sample in chosen if known_to_jax(sample)])
    assert chosen, f"no sample of {name} has a derivative"
    draws = []
    for sample in chosen:
        moves = [drawn(rng, sample.node.operands[k]) for k in varying(sample)]
        draws.append((sample.arrays(), drawn(rng, sample.node), moves))
    expected = jax_derivatives(name, chosen, draws)
    for sample, draw, (first, second) in zip(chosen, draws, expected, strict=True):
        compare(sample, draw, first, second)


@pytest.mark.parametrize("name", [name for name in TABLE if spec(name).fixed])
def test_a_derivative_that_is_no_formula_is_refused(name: str) -> None:
    sample = samples(name)[-1]
    for place in spec(name).fixed:
        operand = sample.node.operands[place]
        with pytest.raises(DifferentialError, match=f"{name} has no derivative by"):
            gradients(snp.sum(sample.node), [operand], standard())
        with pytest.raises(DifferentialError, match=f"{name} has no derivative by"):
            pushforward(sample.node, operand, Variable("v", operand.shape), standard())


def known_to_jax(sample: Sample) -> bool:
    """JAX itself cannot differentiate some functions of empty or wide matrices."""
    places = tuple(varying(sample))
    try:
        with jax.enable_x64(True):
            total = jax.grad(lambda *xs: jnp.real(jnp.sum(sample.jax(*xs))), places)
            jax.eval_shape(total, *map(jnp.asarray, sample.arrays()))
    except (IndexError, NotImplementedError):
        return False
    return True


def small(chosen: list[Sample]) -> list[Sample]:
    """At most four samples: the largest, an empty one, and two between."""
    ranked = sorted(chosen, key=lambda s: sum(x.size for x in s.values.values()))
    if len(ranked) <= 4:
        return ranked
    step = (len(ranked) - 1) / 3
    return [ranked[round(k * step)] for k in range(4)]


def compare(sample: Sample, draw: Any, first: Any, second: Any) -> None:
    """Reverse, forward and second derivatives of one sample."""
    _, cotangent, moves = draw
    node, places = sample.node, varying(sample)
    wanted = [node.operands[k] for k in places]
    g = Variable("g", node.shape, node.dtype)
    values: dict[Tensor, Any] = {**sample.values, g: cotangent}
    phi = snp.real(snp.sum(g * node))
    reverse = gradients(phi, wanted, standard())
    along = []
    for place, x, move in zip(places, wanted, moves, strict=True):
        v = Variable(f"v{place}", x.shape, x.dtype)
        values[v] = move
        along.append(v)
    forward = sum_of(
        [pushforward(phi, x, v, standard()) for x, v in zip(wanted, along, strict=True)]
    )
    *got, pushed = evaluate_all([*reverse, forward], values, SIZES)
    for found, right in zip(got, first, strict=True):
        np.testing.assert_allclose(found, right, rtol=1e-8, atol=1e-9, err_msg=str(sample))
    total = sum(np.sum(a * b).real for a, b in zip(first, moves, strict=True))
    np.testing.assert_allclose(pushed, total, rtol=1e-8, atol=1e-9, err_msg=str(sample))
    if not second:
        return
    turned = [
        sum_of(
            [pushforward(gradient, x, v, standard()) for x, v in zip(wanted, along, strict=True)]
        )
        for gradient in reverse
    ]
    for found, right in zip(evaluate_all(turned, values, SIZES), second, strict=True):
        np.testing.assert_allclose(found, right, rtol=1e-6, atol=1e-7, err_msg=str(sample))


def sum_of(terms: list[Tensor]) -> Tensor:
    """The sum of some tensors of one shape."""
    result = terms[0]
    for term in terms[1:]:
        result = result + term
    return result
