"""The names under which variables and dimensions are written.

A full name whose parts are identifiers (``w``, ``encoder.W``) is written as it is.  Any other is
made safe: what is no letter, digit or underscore becomes an underscore, and one more underscore
keeps it apart from Python's keywords and the formula language's constants: ``my var`` is written
``my_var``, ``lambda`` is written ``lambda_``.  Reading a formula accepts both.  Two leaves whose
names would be equal are told apart by numbers: ``W`` and ``W_2``.
"""

import keyword
from collections.abc import Iterable

import sympy as sp

from symflow.core import Constant, Scalar, Tensor, Variable, dtypes

MOVE = "δ"  # the scope of differentials: the ``d`` of ``x`` is a variable ``δ.x``
_CONSTANTS = frozenset({"pi", "inf", "nan", "newaxis", *dtypes.NAMES})


def safe_name(name: str) -> str:
    """A name as formulas write it.

    >>> safe_name("encoder.W"), safe_name("my var"), safe_name("lambda"), safe_name("layers.0.W")
    ('encoder.W', 'my_var', 'lambda_', 'layers._0.W')
    """
    parts = [_safe_part(part) for part in name.split(".")]
    return ".".join(parts) if len(parts) > 1 or parts[0] not in _CONSTANTS else f"{parts[0]}_"


def _safe_part(part: str) -> str:
    if not part.isidentifier():
        part = "".join(c if f"x{c}".isidentifier() else "_" for c in part)
        if not part.isidentifier():
            part = f"_{part}"
    if part.startswith("__"):
        part = f"x{part}"
    return f"{part}_" if keyword.iskeyword(part) else part


class Names:
    """The written name of each leaf of a set of graphs: distinct leaves, distinct names.

    Dimensions keep theirs first, then scalar symbols, then variables in an order that does not
    depend on the process.
    """

    def __init__(self, nodes: Iterable[Tensor]) -> None:
        self._taken: set[str] = set()
        self._by_symbol: dict[sp.Basic, str] = {}
        self._by_variable: dict[Variable, str] = {}
        self._by_constant: dict[Constant, str] = {}
        variables: list[Variable] = []
        symbols: set[sp.Symbol] = set()
        for node in nodes:
            if isinstance(node, Variable):
                variables.append(node)
            if isinstance(node, Scalar):
                symbols.add(node.symbol)
            for scalar in node.scalars():
                symbols |= scalar.free_symbols
        for symbol in sorted(
            symbols, key=lambda s: (not s.is_integer, s.name, str(s.assumptions0))
        ):
            self._by_symbol[symbol] = self.fresh(safe_name(symbol.name))
        for variable in sorted(variables, key=lambda v: (v.full_name, v.digest)):
            if variable not in self._by_variable:
                self._by_variable[variable] = self.fresh(safe_name(variable.full_name))

    def fresh(self, name: str) -> str:
        """The name, with a number where it is taken; taken from now on."""
        candidate, number = name, 1
        while candidate in self._taken:
            number += 1
            candidate = f"{name}_{number}"
        self._taken.add(candidate)
        return candidate

    @property
    def taken(self) -> frozenset[str]:
        """All names that mean something."""
        return frozenset(self._taken) | _CONSTANTS

    def of_symbol(self, symbol: sp.Symbol) -> str:
        """The name of a dimension or a scalar symbol."""
        name = self._by_symbol.get(symbol)
        if name is None:
            name = self._by_symbol[symbol] = self.fresh(safe_name(symbol.name))
        return name

    def of_variable(self, variable: Variable) -> str:
        """The name of a variable."""
        return self._by_variable[variable]

    def of_constant(self, constant: Constant) -> str:
        """The name of an array that is too large to be written out."""
        name = self._by_constant.get(constant)
        if name is None:
            name = self._by_constant[constant] = self.fresh("constant")
        return name

    def ranks(self) -> dict[str, int]:
        """The rank of each name."""
        ranks = dict.fromkeys(self._by_symbol.values(), 0)
        leaves = [*self._by_variable.items(), *self._by_constant.items()]
        return ranks | {name: leaf.rank for leaf, name in leaves}
