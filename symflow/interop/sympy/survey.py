"""A first look over a SymPy expression: which symbols are sizes, over what its indices run.

Sizes of SymPy's matrices are symbols of any kind, as ``Symbol("n")``; ours are non-negative
integers.  So what stands in a shape or bounds a sum is found before anything is read.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import sympy as sp
from sympy.matrices.expressions.matexpr import MatrixElement
from sympy.matrices.expressions.special import GenericIdentity, GenericZeroMatrix, OneMatrix
from sympy.tensor.array.arrayop import Flatten
from sympy.tensor.array.expressions import array_expressions as arrays

from symflow.core.dims import as_dim, dim, simplify_dim
from symflow.errors import ShapeError

Names = Mapping[Any, Any]

_SHAPED = (
    *(sp.MatrixSymbol, sp.Identity, sp.ZeroMatrix, OneMatrix),
    *(sp.FunctionMatrix, sp.IndexedBase, arrays.ArraySymbol, arrays.ZeroArray, arrays.OneArray),
    arrays.Reshape,
)
_SHAPELESS = (GenericIdentity, GenericZeroMatrix)
_SUMS = (sp.Sum, sp.Product)


class Survey:
    """What the reader knows beforehand.

    Attributes:
        sizes: our size for each symbol that is one.
        accesses: for each tensor, the indices with which its entries are taken.
        bounds: the range of each index of a sum or product (of one of them).
        ranges: the range of each :class:`sympy.Idx` that has one.
        indices: the symbols that are indices.
    """

    def __init__(self, root: sp.Basic, names: Names, indices: Iterable[sp.Basic] = ()) -> None:
        self.sizes: dict[sp.Basic, Any] = {}
        self.accesses: dict[sp.Basic, list[tuple[sp.Expr, ...]]] = {}
        self.bounds: dict[sp.Basic, tuple[sp.Expr, sp.Expr]] = {}
        self.ranges: dict[sp.Basic, tuple[sp.Expr, sp.Expr]] = {}
        self.indices: set[sp.Basic] = set(indices)
        found: list[sp.Basic] = []
        for part in parts_of([root, *self.indices]):
            self._look_at(part, found)
        self._name_sizes(found, names)

    def sized(self, value: Any) -> Any:
        """An expression of sizes in our symbols."""
        changed = sp.sympify(value).xreplace(self.sizes)
        return simplify_dim(changed)

    def shape(self, sizes: Iterable[Any]) -> tuple[Any, ...]:
        """A shape in our symbols."""
        return tuple(as_dim(self.sized(size)) for size in sizes)

    def _look_at(self, part: sp.Basic, found: list[sp.Basic]) -> None:
        if isinstance(part, _SHAPED) and not isinstance(part, _SHAPELESS):
            found.extend(getattr(part, "shape", None) or ())
        if isinstance(part, _SUMS):
            for index, *bounds in part.limits:
                found.extend(bounds)
                self.indices.add(index)
                if len(bounds) == 2:
                    self.bounds.setdefault(index, (bounds[0], bounds[1]))
        elif isinstance(part, sp.Idx):
            self.indices |= {part, part.label}
            if part.lower is not None and part.upper is not None:
                found.extend((part.lower, part.upper))
                self.ranges[part] = (part.lower, part.upper)
        elif isinstance(part, (MatrixElement, sp.Indexed, arrays.ArrayElement)):
            base = part.base if isinstance(part, sp.Indexed) else part.args[0]
            self.accesses.setdefault(base, []).append(tuple(part.indices))
        elif isinstance(part, sp.MatrixSlice):
            found.extend(value for line in part.args[1:] for value in line)

    def _name_sizes(self, found: list[sp.Basic], names: Names) -> None:
        by_name: dict[str, sp.Basic] = {}
        symbols = {s for size in found for s in sp.sympify(size).free_symbols} - self.indices
        for symbol in sorted(symbols, key=lambda s: (str(s), sp.srepr(s))):
            given = names.get(symbol, names.get(str(symbol)))
            if given is not None:
                self.sizes[symbol] = sp.sympify(as_dim(given))
                continue
            if by_name.setdefault(str(symbol), symbol) != symbol:
                raise ShapeError(
                    f"two different symbols {symbol} are sizes: give one of them another name, "
                    "or a size of its own in names={symbol: sf.dim(...)}"
                )
            self.sizes[symbol] = dim(str(symbol))


def parts_of(roots: Iterable[sp.Basic]) -> Iterator[sp.Basic]:
    """The distinct parts of SymPy expressions, each once, without recursion."""
    seen: set[sp.Basic] = set()
    stack = list(roots)
    while stack:
        part = stack.pop()
        if part in seen:
            continue
        seen.add(part)
        yield part
        stack.extend(_arguments(part))


def entries(part: Any) -> list[sp.Expr]:
    """The entries of an explicit matrix or array, row by row."""
    flat = part.flat() if isinstance(part, sp.MatrixBase) else Flatten(part)
    return [sp.sympify(entry) for entry in flat]


def _arguments(part: sp.Basic) -> Iterable[sp.Basic]:
    """The arguments of a SymPy expression; the entries of an array."""
    if isinstance(part, (sp.MatrixBase, sp.NDimArray)):
        return entries(part)
    return [argument for argument in part.args if isinstance(argument, sp.Basic)]
