"""The typed errors of symflow: each says what was asked, what was found, and the likely fix."""

__all__ = [
    "BudgetError",
    "DTypeError",
    "DifferentialError",
    "DomainError",
    "LoweringError",
    "ParseError",
    "RankError",
    "ShapeError",
    "SymflowError",
]


class SymflowError(Exception):
    """Base class of every error that symflow raises on purpose."""


class ShapeError(SymflowError, ValueError):
    """Sizes that must agree do not, or an axis does not exist."""


class RankError(ShapeError):
    """A tensor has another number of axes than the operation takes."""


class DTypeError(SymflowError, TypeError):
    """An operation does not take operands of this data type."""


class DomainError(SymflowError, ValueError):
    """A value lies outside the domain of an operation."""


class ParseError(SymflowError, ValueError):
    """A formula cannot be read; the message points at the place."""


class LoweringError(SymflowError):
    """An expression cannot be turned into a program, or a program was called wrongly."""


class DifferentialError(SymflowError):
    """An operation has no differential with respect to the variable asked for."""


class BudgetError(SymflowError):
    """A bound on size, steps or time was passed."""
