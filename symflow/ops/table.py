"""All operations by name, gathered from the family modules."""

from collections.abc import Mapping

from symflow.core.operation import Operation
from symflow.ops import (
    activation,
    arithmetic,
    bitwise,
    choice,
    closure,
    complex,
    composite,
    convolution,
    creation,
    cumulative,
    elementwise,
    factorisations,
    fft,
    finite,
    floating,
    gathering,
    interpolation,
    linalg,
    matrix_functions,
    positions,
    products,
    quantiles,
    reduction,
    reshaping,
    scalarmap,
    solving,
    sorting,
    special,
    special_matrices,
    structure,
    updates,
)

FAMILIES = (
    arithmetic,
    elementwise,
    floating,
    special,
    activation,
    choice,
    complex,
    fft,
    bitwise,
    finite,
    reshaping,
    structure,
    gathering,
    updates,
    sorting,
    creation,
    reduction,
    cumulative,
    positions,
    convolution,
    quantiles,
    interpolation,
    linalg,
    factorisations,
    matrix_functions,
    solving,
    special_matrices,
    products,
    composite,
    scalarmap,
    closure,
)


def _gathered() -> dict[str, Operation]:
    found: dict[str, Operation] = {}
    for module in FAMILIES:
        for value in vars(module).values():
            if isinstance(value, Operation) and value.__module__ == module.__name__:
                found[value.name] = value
    return found


TABLE: Mapping[str, Operation] = _gathered()
