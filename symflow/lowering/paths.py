"""How the backends name the operations."""

from symflow.core import Operation


def function_path(operation: Operation, backend: str) -> str:
    """How a backend calls an operation by default, by its name.

    >>> from symflow.ops.table import TABLE
    >>> function_path(TABLE["special.erf"], "jax"), function_path(TABLE["exp"], "numpy")
    ('jax.scipy.special.erf', 'np.exp')
    """
    head, _, _ = operation.name.partition(".")
    if head == "special":
        return f"{'jax.scipy' if backend == 'jax' else 'scipy'}.{operation.name}"
    if head == "nn" and backend == "jax":
        return f"jax.{operation.name}"
    return f"{'jnp' if backend == 'jax' else 'np'}.{operation.name}"
