"""Variables with structure: independent entries by default, shared entries on request.

A declared structure ties entries of a variable together.  By default a derivative counts every
entry as independent and the declared structure enters only afterwards; with shared entries the
derivative by one parameter collects all entries that it stands for (Matrix Cookbook, section
2.8): for symmetric ``X`` the gradient ``G`` becomes ``G + G.T - G * I``, for diagonal ``G * I``.
"""

from symflow.core.node import Tensor
from symflow.core.properties import closure
from symflow.core.variable import Variable
from symflow.errors import DomainError
from symflow.ops.arithmetic import multiply, subtract
from symflow.ops.contraction import matrix_transpose
from symflow.ops.creation import eye

# what an open set of tensors can have: holds for all entries nearby, ties no entries together
_OPEN = frozenset(
    {
        "positive",
        "nonnegative",
        "nonzero",
        "in_unit_interval",
        "invertible",
        "positive_determinant",
        "full_rank",
    }
)
_HARMLESS = _OPEN | {"integer"}


def unstructured(x: Tensor) -> Tensor:
    """The variable without the properties that tie its entries together."""
    if not isinstance(x, Variable):
        return x
    kept = frozenset(name for name in closure(x.properties) if name in _OPEN)
    if kept == x.properties or not x.properties - _OPEN:
        return x
    return x.retyped(properties=kept)


def shared_entries(derivative: Tensor, x: Tensor) -> Tensor:
    """The derivative by the parameters of a structured variable, from the one by its entries.

    The last two axes of the derivative are those of the variable.

    Raises:
        DomainError: for a structure whose shared form is not known.
    """
    declared = closure(x.properties) if isinstance(x, Variable) else frozenset()
    if "diagonal" in declared:
        return multiply(derivative, eye(x.shape[-1], dtype=derivative.dtype))
    if "symmetric" in declared:
        both = derivative + matrix_transpose(derivative)
        own = multiply(derivative, eye(x.shape[-1], dtype=derivative.dtype))
        return subtract(both, own)
    if "antisymmetric" in declared:
        return subtract(derivative, matrix_transpose(derivative))
    tied = sorted(declared - _HARMLESS)
    if tied:
        raise DomainError(
            f"derivatives with shared entries are known for symmetric, antisymmetric and "
            f"diagonal variables; {x} is {tied[0]}"
        )
    return derivative
