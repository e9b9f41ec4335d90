"""All operations by name, gathered from the family modules."""

from collections.abc import Mapping

from symflow.core.operation import Operation
from symflow.ops import (
    arithmetic,
    bitwise,
    choice,
    closure,
    composite,
    creation,
    elementwise,
    factorisations,
    finite,
    floating,
    linalg,
    matrix_functions,
    products,
    reduction,
    reshaping,
    scalarmap,
    solving,
    special,
    special_matrices,
    structure,
)

FAMILIES = (
    arithmetic,
    elementwise,
    floating,
    special,
    choice,
    bitwise,
    finite,
    reshaping,
    structure,
    creation,
    reduction,
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
