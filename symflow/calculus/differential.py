"""What the sweeps need to know of an operation: its differential, as one equation.

A differential (in the sense of J. R. Magnus and H. Neudecker, "Matrix Differential Calculus",
3rd ed., chapter 5) is an expression linear in the ``d`` of the operands.  The equations stand in
``rewrites/differentials``; this module holds their form and knows none of them.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from symflow.core.apply import Apply
from symflow.core.node import Tensor
from symflow.core.operation import Operation
from symflow.errors import DifferentialError


@dataclass(frozen=True)
class Differential:
    """The differential of an operation: ``d(op(x, ...))`` in terms of ``x, ...`` and ``dx, ...``.

    Attributes:
        operation: whose differential this is.
        equation: called with the node, its operands, their ``d`` (zeros for operands that do
            not vary) and the operation's parameters by name; gives an expression linear in the
            ``d``.
        law: the equation as a mathematician writes it.
        source: where it is taken from.
    """

    operation: Operation
    equation: Callable[..., Tensor]
    law: str
    source: str = ""

    @property
    def name(self) -> str:
        """The name under which a derivation cites it."""
        return f"d-{self.operation.short_name.replace('_', '-')}"

    def __call__(self, node: Apply, tangents: tuple[Tensor, ...]) -> Tensor:
        """The differential of a node for given tangents of its operands."""
        parameters = dict(zip(self.operation.parameters, node.params, strict=True))
        return self.equation(node, *node.operands, *tangents, **parameters)


@dataclass(frozen=True)
class Adjoint:
    """An operation that is linear in (some of) its operands, with its transposed map.

    Attributes:
        operation: the linear operation.
        forward: called with the node and the tangents of all operands; the tangent of the node.
        backward: called with the node, the number of an operand and a cotangent whose leading
            ``extra`` axes ride along; the cotangent of that operand, or None where the result
            does not depend on it smoothly.
        law: the pairing ``<g, L(x)> = <adjoint(g), x>`` as a mathematician writes it.
    """

    operation: Operation
    forward: Callable[[Apply, tuple[Tensor, ...]], Tensor]
    backward: Callable[[Apply, int, Tensor, int], Tensor | None]
    law: str

    @property
    def name(self) -> str:
        """The name under which a derivation cites it."""
        return f"adjoint-{self.operation.short_name.replace('_', '-')}"


class Calculus:
    """A table of differentials and adjoints, by operation.

    Raises:
        ValueError: when an operation is given twice.
    """

    def __init__(
        self, differentials: Iterable[Differential], adjoints: Iterable[Adjoint] = ()
    ) -> None:
        self._differentials: dict[Operation, Differential] = {}
        self._adjoints: dict[Operation, Adjoint] = {}
        for rule in differentials:
            if rule.operation in self._differentials:
                raise ValueError(f"{rule.operation.name} has two differentials")
            self._differentials[rule.operation] = rule
        for adjoint in adjoints:
            if adjoint.operation in self._adjoints or adjoint.operation in self._differentials:
                raise ValueError(f"{adjoint.operation.name} has two differentials")
            self._adjoints[adjoint.operation] = adjoint

    @property
    def differentials(self) -> Mapping[Operation, Differential]:
        """The differentials by operation."""
        return self._differentials

    @property
    def adjoints(self) -> Mapping[Operation, Adjoint]:
        """The adjoints of linear operations by operation."""
        return self._adjoints

    def knows(self, operation: Operation) -> bool:
        """Whether an operation can be differentiated (constants count)."""
        return (
            operation.piecewise_constant
            or operation in self._differentials
            or operation in self._adjoints
            or operation.definition is not None
        )

    def adjoint_of(self, operation: Operation) -> Adjoint | None:
        """The adjoint of a linear operation, None for others."""
        return self._adjoints.get(operation)

    def differential_of(self, node: Any) -> Differential | None:
        """The differential of a node's operation; None for one that only has a definition.

        Raises:
            DifferentialError: when there is none; the derivative is never taken as 0.
        """
        rule = self._differentials.get(node.operation)
        if rule is None and node.operation.definition is None:
            raise DifferentialError(
                f"{node.operation.name} has no differential: its derivative is not known to "
                "symflow; replace it by operations that have one, or hold it constant"
            )
        return rule
