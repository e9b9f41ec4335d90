"""The typed errors of symflow: each says what was asked, what was found, and the likely fix."""

__all__ = [
    "BatchingError",
    "BudgetError",
    "BudgetWarning",
    "ClosedFormError",
    "DTypeError",
    "DifferentialError",
    "DomainError",
    "LoweringError",
    "ParseError",
    "RankError",
    "RuleError",
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


class ClosedFormError(SymflowError):
    """A result that has no closed form, or none that is known; the message names the part."""


class LoweringError(SymflowError):
    """An expression cannot be turned into a program, or a program was called wrongly."""


class DifferentialError(SymflowError):
    """An operation has no differential with respect to the variable asked for."""


class BatchingError(SymflowError):
    """An operation has no rule for a new leading axis of its operands."""


class BudgetError(SymflowError):
    """A bound on size, steps or time was passed."""


class BudgetWarning(UserWarning):
    """A bound on steps, nodes or seconds was passed: the result is the best so far."""


class RuleError(SymflowError, ValueError):
    """A rule that cannot be used, or that is wrong.

    Attributes:
        counterexample: where the two sides differ; None where the rule fails for another reason.
    """

    def __init__(self, message: str, counterexample: object = None) -> None:
        super().__init__(message)
        self.counterexample = counterexample
