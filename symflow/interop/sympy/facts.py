"""SymPy's predicates, ``Q.symmetric(A)``, as the properties that variables are declared with."""

from collections.abc import Iterable, Mapping
from typing import Any

import sympy as sp
from sympy.assumptions.assume import AppliedPredicate

from symflow.errors import DomainError

# of matrices; None for what holds anyway
_OF_MATRICES: Mapping[str, str | None] = {
    "symmetric": "symmetric",
    "positive_definite": "positive_definite",
    "diagonal": "diagonal",
    "lower_triangular": "lower_triangular",
    "upper_triangular": "upper_triangular",
    "orthogonal": "orthogonal",
    "unitary": "orthogonal",
    "invertible": "invertible",
    "fullrank": "full_rank",
    "integer_elements": "integer",
    "real_elements": None,
    "square": None,
}
_OF_SCALARS = frozenset(
    {
        *("positive", "negative", "zero", "nonzero", "nonpositive", "nonnegative", "integer"),
        *("rational", "real", "complex", "even", "odd", "prime", "finite"),
    }
)


class Facts:
    """What is assumed of each symbol.

    Args:
        assuming: applied predicates, conjunctions of them, or several of either.

    Raises:
        DomainError: for a predicate that no property says, and for facts about expressions.
    """

    def __init__(self, assuming: Any) -> None:
        self._properties: dict[sp.Basic, set[str]] = {}
        self._assumptions: dict[sp.Basic, dict[str, bool]] = {}
        for fact in _flat(assuming):
            self._take(fact)

    def properties(self, symbol: sp.Basic) -> frozenset[str]:
        """The properties of a matrix."""
        return frozenset(self._properties.get(symbol, ()))

    def narrowed(self, symbol: sp.Symbol) -> sp.Symbol:
        """A scalar symbol that carries its facts itself."""
        known = self._assumptions.get(symbol)
        if known is None:
            return symbol
        return sp.Symbol(symbol.name, **(dict(symbol.assumptions0) | known))

    def _take(self, fact: Any) -> None:
        if not isinstance(fact, AppliedPredicate) or len(fact.arguments) != 1:
            raise DomainError(
                f"assuming takes SymPy's predicates of symbols, as Q.symmetric(A), got {fact}"
            )
        (subject,) = fact.arguments
        name = str(fact.function.name)
        if isinstance(subject, sp.MatrixSymbol) and name in _OF_MATRICES:
            declared = _OF_MATRICES[name]
            if declared is not None:
                self._properties.setdefault(subject, set()).add(declared)
        elif isinstance(subject, sp.Symbol) and name in _OF_SCALARS:
            self._assumptions.setdefault(subject, {})[name] = True
        else:
            known = sorted(_OF_MATRICES if isinstance(subject, sp.MatrixSymbol) else _OF_SCALARS)
            raise DomainError(
                f"{fact} cannot be declared: facts are about symbols, and known ones for a "
                f"{type(subject).__name__} are {', '.join(known)}; other properties are "
                "declared with names={symbol: sf.tensor(..., property=True)}"
            )


def _flat(assuming: Any) -> Iterable[Any]:
    pending = [assuming]
    while pending:
        fact = pending.pop(0)
        if fact is None or fact is True or fact is sp.true:
            continue
        if isinstance(fact, (list, tuple, set, frozenset, sp.Tuple)):
            pending.extend(fact)
        elif isinstance(fact, sp.And):
            pending.extend(fact.args)
        else:
            yield fact
