"""The form of the laws of Gaussian expectation; the catalogue holds the equations."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from symflow.core.operation import Operation

Equation = Callable[..., Any]


@dataclass(frozen=True)
class OperationLaw:
    """A law of one function.

    Attributes:
        operation: the function.
        equation: its right side, called with what the kind of law says.
        law: the equation as a mathematician writes it.
        source: where it is taken from.
    """

    operation: Operation
    equation: Equation
    law: str
    source: str = ""


class MeanLaw(OperationLaw):
    """``E[f(z)]`` of an elementwise function of a normal ``z``, by its mean and its variance.

    Both have one shape. The derivative of this by the mean is ``E[f'(z)]``, so the law says all
    that products with other normal variables need.
    """


class SquareLaw(OperationLaw):
    """``E[f(z)^2]``, by the mean and the variance of ``z``."""


class PairLaw(OperationLaw):
    """``E[f(z) f(w)]`` for jointly normal ``z``, ``w`` of mean 0, by variances and covariance."""


class Opening(OperationLaw):
    """A function in terms of others whose products are known, by its operands."""


@dataclass(frozen=True)
class ProductLaw:
    """A product of two functions as a sum of functions: called with both arguments."""

    operations: tuple[Operation, Operation]
    equation: Equation
    law: str


class GaussianLaws:
    """A table of laws, by operation."""

    def __init__(self, laws: Any) -> None:
        self._tables: dict[type, dict[Any, Any]] = {}
        for law in laws:
            key = law.operations if isinstance(law, ProductLaw) else law.operation
            table = self._tables.setdefault(type(law), {})
            if key in table:
                raise ValueError(f"two laws of one kind: {law.law}")
            table[key] = law

    def _table(self, kind: type) -> Mapping[Any, Any]:
        return self._tables.get(kind, {})

    def mean(self, operation: Operation) -> MeanLaw | None:
        """The law of the expectation of a function."""
        return self._table(MeanLaw).get(operation)

    def square(self, operation: Operation) -> SquareLaw | None:
        """The law of the expectation of its square."""
        return self._table(SquareLaw).get(operation)

    def pair(self, operation: Operation) -> PairLaw | None:
        """The law of the expectation of its product with itself, of means 0."""
        return self._table(PairLaw).get(operation)

    def opening(self, operation: Operation) -> Opening | None:
        """The function in terms of others."""
        return self._table(Opening).get(operation)

    def product(self, first: Operation, second: Operation) -> ProductLaw | None:
        """Their product as a sum."""
        return self._table(ProductLaw).get((first, second))

    def __iter__(self) -> Any:
        return (law for table in self._tables.values() for law in table.values())
