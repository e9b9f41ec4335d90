"""Samples of reductions and of functions along axes."""

import jax.numpy as jnp

from tests.ops.samples.spec import Spec, Specs, bools, several

SPECS: Specs = {
    **several("all any", draw=bools, dtype="bool"),
    "linalg.norm": Spec(jax=lambda x, axis: jnp.sqrt(jnp.sum(x * x, axis=axis))),
}
