"""The walk that turns a SymPy expression into a tensor: parts first, on an explicit stack."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sympy as sp
from sympy.tensor.array.expressions import array_expressions as arrays

from symflow.core import Scalar, Tensor, Variable, as_tensor
from symflow.core.dims import (
    as_dim,
    is_dim_expression,
    is_one,
    same_shape,
    show_shape,
    simplify_dim,
)
from symflow.errors import DTypeError, ShapeError
from symflow.interop.sympy.facts import Facts
from symflow.interop.sympy.survey import Names, Survey
from symflow.interop.sympy.values import Range, Value, free_index
from symflow.ops.creation import arange
from symflow.ops.reshaping import reshape

Derivative = Callable[[Tensor, Tensor], Tensor]
"""The derivative of a tensor of shape S by one of shape T, of shape S + T."""


# A number of these is to be computed: it is no coefficient.
_UNEVALUATED = (
    *(sp.MatrixExpr, sp.NDimArray, arrays._ArrayExpr, arrays._CodegenArrayAbstract),  # noqa: SLF001
    *(sp.Sum, sp.Product, sp.Integral, sp.Derivative, sp.Limit, sp.Subs),
)


@dataclass(frozen=True)
class Head:
    """How a class of SymPy is read.

    Attributes:
        build: the value of an expression from the values of its parts.
        parts: what is to be read first; by default the arguments.
        stacks: whether the parts may be stacks along indices.
    """

    build: "Callable[[Any, Sequence[Value], Reader], Value]"
    parts: "Callable[[Any, Reader], Sequence[sp.Basic]] | None" = None
    stacks: bool = True


Heads = Mapping[type, Head]


class Reader:
    """Reads SymPy expressions; see :func:`symflow.interop.sympy.reading.from_sympy`.

    Attributes:
        ranges: the range of every index that is known.
        opened: the body of an expression with bound symbols, these renamed.
    """

    def __init__(
        self,
        heads: Heads,
        survey: Survey,
        names: Names,
        facts: Facts,
        dtype: str,
        derivative: Derivative | None,
    ) -> None:
        self.survey = survey
        self.derivative = derivative
        self.ranges: dict[sp.Basic, Range] = {}
        self.opened: dict[sp.Basic, tuple[tuple[sp.Basic, ...], sp.Basic]] = {}
        self.dtype = dtype
        self._heads = heads
        self._names = names
        self._facts = facts
        self._values: dict[sp.Basic, Value] = {}
        self._leaves: dict[sp.Basic, Tensor] = {}

    def read(self, root: sp.Basic) -> Value:
        """The value of an expression."""
        stack = [root]
        while stack:
            part = stack[-1]
            if part in self._values:
                stack.pop()
                continue
            leaf = self._leaf(part)
            if leaf is not None:
                self._values[part] = leaf
                continue
            head = self._head(part)
            parts = head.parts(part, self) if head.parts else part.args
            waiting = [one for one in parts if one not in self._values]
            if waiting:
                stack.extend(reversed(waiting))
                continue
            self._values[part] = self._built(head, part, [self._values[one] for one in parts])
        return self._values[root]

    def assign(self, symbol: sp.Basic, value: Value) -> None:
        """Fix the value of a symbol, as the argument of a function."""
        self._values[symbol] = value

    def leaf(self, symbol: sp.Basic) -> Tensor | None:
        """The variable that a symbol has become."""
        return self._leaves.get(symbol)

    def sized(self, value: Any) -> Any:
        """An expression of sizes in our symbols."""
        return self.survey.sized(value)

    def bind(self, index: sp.Basic, first: Any, last: Any) -> sp.Basic:
        """A fresh index that runs from the first to the last value.

        Raises:
            ShapeError: for bounds that are no sizes.
        """
        fresh = sp.Dummy(str(index), integer=True)
        self.ranges[fresh] = self.span(index, first, last)
        return fresh

    def span(self, index: sp.Basic, first: Any, last: Any) -> Range:
        """The range of an index from its bounds."""
        start, stop = self.sized(first), self.sized(last)
        bounded = sp.sympify(stop).free_symbols | sp.sympify(start).free_symbols
        indices = self.survey.indices
        moving = [symbol for symbol in bounded if symbol in self.ranges or symbol in indices]
        if moving or stop in (sp.oo, -sp.oo) or start in (sp.oo, -sp.oo):
            raise ShapeError(
                f"the index {index} runs from {first} to {last}: bounds must be finite and must "
                "not depend on another index (multiply by a condition, Piecewise((1, j <= i), "
                "(0, True)), instead)"
            )
        count = simplify_dim(sp.sympify(stop) - sp.sympify(start) + 1)
        return as_dim(start), as_dim(count)

    # ------------------------------------------------------------------ leaves

    def _leaf(self, part: sp.Basic) -> Value | None:
        if part in self.ranges:
            start, count = self.ranges[part]
            run = arange(start, simplify_dim(sp.sympify(start) + count))
            return Value(run, (part,))
        if isinstance(part, Tensor):
            return Value(part)
        given = self._given(part)
        if given is not None:
            return Value(given)
        if isinstance(part, (sp.Symbol, sp.Idx)):
            return self._symbol(part)
        if isinstance(part, sp.MatrixSymbol):
            return Value(self._variable(part, part.name, self.survey.shape(part.shape)))
        if isinstance(part, arrays.ArraySymbol):
            return Value(self._variable(part, str(part.name), self.survey.shape(part.shape)))
        if isinstance(part, sp.IndexedBase):
            return Value(self._variable(part, str(part.label), self._indexed_shape(part)))
        if part is sp.true or part is sp.false:
            return Value(as_tensor(bool(part)))
        return Value(part) if _is_number(part) else None

    def _symbol(self, symbol: Any) -> Value:
        if isinstance(symbol, sp.Idx):
            raise free_index(symbol)
        if not symbol.is_commutative:
            raise DTypeError(
                f"{symbol} does not commute: a matrix is a MatrixSymbol of its shape, or "
                f"names={{{str(symbol)!r}: sf.matrix(...)}} puts one in its place"
            )
        size = self.survey.sizes.get(symbol)
        if size is not None or is_dim_expression(symbol):
            return Value(symbol if size is None else size)
        leaf = Scalar(self._facts.narrowed(symbol))
        self._leaves[symbol] = leaf
        return Value(leaf)

    def _variable(self, symbol: sp.Basic, name: str, shape: Any) -> Tensor:
        made: Tensor = Variable(name, shape, self.dtype, self._facts.properties(symbol))
        self._leaves[symbol] = made
        return made

    def _given(self, part: sp.Basic) -> Any:
        """The tensor that ``names`` gives for a symbol, in the shape that SymPy sees."""
        if not isinstance(part, (sp.Symbol, sp.MatrixSymbol, sp.IndexedBase, arrays.ArraySymbol)):
            return None
        given = self._names.get(part, self._names.get(_name(part)))
        if given is None or part in self.survey.sizes:
            return None
        node = as_tensor(given)
        self._leaves[part] = node
        shape = () if isinstance(part, sp.Symbol) else getattr(part, "shape", None)
        if shape is None:
            return node
        wanted = self.survey.shape(shape)
        return node if same_shape(node.shape, wanted) else _column(part, node, wanted)

    def _indexed_shape(self, base: Any) -> Any:
        """The shape of an indexed base, else the ranges of the indices that stand in it."""
        if base.shape is not None:
            return self.survey.shape(base.shape)
        accesses = self.survey.accesses.get(base, [])
        return tuple(
            self._extent(base, axis, [access[axis] for access in accesses])
            for axis in range(len(accesses[0]) if accesses else 0)
        )

    def _extent(self, base: Any, axis: int, indices: Sequence[sp.Expr]) -> Any:
        for index in indices:
            bounds = self.survey.ranges.get(index) or self.survey.bounds.get(index)
            if bounds is not None and bounds[0] == 0:
                return as_dim(simplify_dim(sp.sympify(self.sized(bounds[1])) + 1))
        raise ShapeError(
            f"the size of axis {axis} of {base} is not known: no index that runs from 0 stands "
            f"there; write IndexedBase({str(base)!r}, shape=(...)), whose entries count from 0"
        )

    # ------------------------------------------------------------------ other expressions

    def _head(self, part: sp.Basic) -> Head:
        for kind in type(part).__mro__:
            if kind in self._heads:
                return self._heads[kind]
        raise DTypeError(
            f"{type(part).__name__} of SymPy has no counterpart here ({part!s:.60}); write it "
            "with operations of matrices, arrays or scalars, evaluate it with .doit(), or give a "
            "symbol in its place a tensor of your own with names={symbol: tensor}"
        )

    def _built(self, head: Head, part: Any, values: Sequence[Value]) -> Value:
        if not head.stacks and any(value.axes for value in values):
            index = next(axis for value in values for axis in value.axes)
            raise DTypeError(
                f"{type(part).__name__} of what depends on the index {index} is not read; "
                "take its entries with indices instead"
            )
        return head.build(part, values, self)


def _is_number(part: sp.Basic) -> bool:
    if part is sp.zoo:
        raise DTypeError(f"{part}, infinity without a sign, is no number here")
    if not isinstance(part, sp.Expr) or not part.is_number or not part.is_commutative:
        return False
    return part.is_Atom or not part.has(*_UNEVALUATED)


def _name(symbol: Any) -> str:
    return str(symbol.label if isinstance(symbol, sp.IndexedBase) else symbol.name)


def _column(part: sp.Basic, node: Tensor, wanted: Any) -> Tensor:
    """A vector in place of a matrix of one column or one row."""
    line = wanted[:1] if len(wanted) == 2 and is_one(wanted[-1]) else wanted[1:]
    is_line = len(wanted) == 2 and any(map(is_one, wanted)) and same_shape(node.shape, line)
    if is_line or (not node.shape and all(map(is_one, wanted))):
        return reshape(node, wanted)
    raise ShapeError(
        f"names gives a tensor of shape {show_shape(node.shape)} for {part}, whose shape is "
        f"{show_shape(wanted)}"
    )
