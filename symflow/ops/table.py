"""All operations by name, gathered from the family modules."""

from collections.abc import Mapping

from symflow.core.operation import Operation
from symflow.ops import (
    arithmetic,
    choice,
    closure,
    composite,
    creation,
    elementwise,
    linalg,
    reduction,
    reshaping,
    scalarmap,
    structure,
)

FAMILIES = (
    arithmetic,
    elementwise,
    choice,
    reshaping,
    structure,
    creation,
    reduction,
    linalg,
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
