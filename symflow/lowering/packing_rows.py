"""Terms as rows of a table: what they compute, apart from the entries and numbers they take.

Two terms have one shape when they are the same operations on entries of the same arrays.  Orders
of operands and signs come from digests and differ from term to term, so that a node stands for
itself and its negative here, and operands are ordered by what they are and where they lie.
"""

import re
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sympy as sp

from symflow.core import Add, Apply, Einsum, Scalar, Tensor, Variable, dtypes
from symflow.core.add import add_terms
from symflow.core.apply import apply
from symflow.core.einsum import contract
from symflow.ops.arithmetic import SCALAR_POWER
from symflow.ops.structure import SLICE, take_runs

_MOST_TAKEN = 24  # entries and numbers of a term
_DEEPEST = 40  # operations one after the other in a term
_LEAF, _FIXED, _NUMBER, _APPLY, _ADD, _EINSUM = range(6)


@dataclass(frozen=True, slots=True)
class Taken:
    """What one term takes: an entry, a stretch, a variable, or a number.

    Attributes:
        order: sorts alike ones: where it lies.
        source: the array that it is taken from; None for what is no part of one.
        place: the starts of the axes, or the node or number itself.
    """

    order: Any
    source: Tensor | None
    place: Any


@dataclass(frozen=True, slots=True)
class Row:
    """A node as a shape and what it takes.

    Attributes:
        sign: 1 or -1.
        shape: the number of its shape, see :class:`Shapes`.
        taken: entries and numbers, in the order in which the shape takes them.
        depth: operations one after the other.
    """

    sign: int
    shape: int
    taken: tuple[Taken, ...]
    depth: int = 0

    @property
    def order(self) -> tuple[Any, ...]:
        """Sorts rows of one shape by what they take."""
        return tuple([each.order for each in self.taken])


class Shapes:
    """The shapes of terms, each with a number, and the rows of nodes.

    Attributes:
        recipes: for each shape how it is computed: a kind, what else it needs, and the signs and
            shapes of its operands.

    Args:
        stacks: whether variables of their own may differ from term to term.
    """

    def __init__(self, *, stacks: bool = True) -> None:
        self._stacks = stacks
        self.recipes: list[tuple[int, Any, tuple[tuple[int, int], ...]]] = []
        self._numbers: dict[Hashable, int] = {}
        self._rows: dict[Tensor, Row] = {}

    def enter(self, order: Sequence[Tensor]) -> None:
        """Find the rows of nodes, operands first."""
        for node in order:
            if node not in self._rows:
                self._rows[node] = self._row(node)

    def row(self, node: Tensor) -> Row:
        """The row of a node."""
        return self._rows[node]

    def _shape(self, kind: int, what: Hashable, operands: tuple[tuple[int, int], ...] = ()) -> int:
        key = kind, what, operands
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(self.recipes)
            self.recipes.append(key)
        return number

    def _fixed(self, node: Tensor) -> Row:
        return Row(1, self._shape(_FIXED, node), ())

    def _row(self, node: Tensor) -> Row:
        found = self._inner(node) if node.operands else self._leaf(node)
        if found is None or len(found.taken) > _MOST_TAKEN or found.depth > _DEEPEST:
            return self._fixed(node)
        return found

    def _inner(self, node: Tensor) -> Row | None:
        if dtypes.kind(node.dtype) != "float" or len(node.operands) > _MOST_TAKEN:
            return None
        if any(not isinstance(size, int) for size in node.shape):
            return None
        if isinstance(node, Einsum):
            return self._contraction(node)
        if isinstance(node, Add):
            return self._sum(node)
        return self._operation(node) if isinstance(node, Apply) else None

    # ------------------------------------------------------------------------- leaves

    def _leaf(self, node: Tensor) -> Row | None:
        if dtypes.kind(node.dtype) != "float":
            return None
        if isinstance(node, Einsum):  # a number
            whole = node.coefficient.is_number and not node.shape
            return self._number(node.coefficient, node.dtype) if whole else None
        if any(not isinstance(size, int) for size in node.shape):
            return None
        if self._stacks and isinstance(node, (Variable, Scalar)):
            name = node.full_name if isinstance(node, Variable) else str(node.symbol)
            order = [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", name)]
            taken = Taken(tuple(order), None, node)
            return Row(1, self._shape(_LEAF, (node.shape, node.dtype)), (taken,))
        return None

    def _number(self, value: sp.Expr, dtype: str) -> Row | None:
        if not value.is_real or not value.is_finite:
            return None
        sign = -1 if value.could_extract_minus_sign() else 1
        taken = Taken(float(sign * value), None, sign * value)
        return Row(sign, self._shape(_NUMBER, dtype), (taken,))

    def _slice(self, node: Apply) -> Row | None:
        (source,) = node.operands
        runs = node.params[0]
        if any(not isinstance(n, int) for run in runs for n in run):
            return None
        starts = tuple(start for start, _, _ in runs)
        spans = tuple((size, step) for _, size, step in runs)
        taken = Taken(starts, source, starts)
        return Row(1, self._shape(_LEAF, (source, spans)), (taken,))

    # --------------------------------------------------------------------- operations

    def _operation(self, node: Apply) -> Row | None:
        if node.operation is SLICE:
            return self._slice(node)
        rows = [self._rows[operand] for operand in node.operands]
        if not any(row.taken for row in rows):
            return None
        if "commutative" in node.operation.facts:
            rows.sort(key=lambda row: (row.shape, row.sign, row.order))
        even = node.operation is SCALAR_POWER and bool(node.params[0].is_even)
        operands = tuple((1 if even else row.sign, row.shape) for row in rows)
        what = node.operation, node.params
        return _joined(1, self._shape(_APPLY, what, operands), rows)

    def _factor(self, value: sp.Expr, dtype: str) -> tuple[int, Hashable, list[Row]] | None:
        """A coefficient: its sign, what is the same in all terms, and what may differ."""
        if value is sp.S.One or value is sp.S.NegativeOne:
            return (1 if value is sp.S.One else -1), None, []
        if not value.is_number:
            return 1, value, []
        row = self._number(value, dtype)
        return None if row is None else (row.sign, "number", [row])

    def _sum(self, node: Add) -> Row | None:
        terms = []
        for coefficient, operand in node.terms:
            factor = self._factor(coefficient, node.dtype)
            if factor is None:
                return None
            sign, what, numbers = factor
            row = self._rows[operand]
            terms.append((row.shape, str(what), row.order, sign * row.sign, what, [*numbers, row]))
        terms.sort(key=lambda term: term[:3])
        total = terms[0][3]
        rows = [row for term in terms for row in term[5]]
        if not any(row.taken for row in rows):
            return None
        kinds = tuple(term[4] for term in terms)
        operands = [
            (total * term[3] if row is term[5][-1] else 1, row.shape)
            for term in terms
            for row in term[5]
        ]
        what = kinds, node.shape, node.dtype
        return _joined(total, self._shape(_ADD, what, tuple(operands)), rows)

    def _contraction(self, node: Einsum) -> Row | None:
        factor = self._factor(node.coefficient, node.dtype)
        if factor is None:
            return None
        sign, what, rows = factor
        pairs = [
            (self._rows[operand], labels)
            for operand, labels in zip(node.operands, node.subscripts, strict=True)
        ]
        if not any(row.taken for row, _ in pairs):
            return None
        if what is None and len(pairs) == 1 and pairs[0][1] == node.output:
            (row, labels) = pairs[0]
            if len(set(labels)) == len(labels) == len(node.sizes):  # minus a node
                return replace(row, sign=sign * row.sign)
        pairs.sort(key=lambda pair: (pair[0].shape, pair[0].order))
        names: dict[int, int] = {}
        for label in (*node.output, *(label for _, labels in pairs for label in labels)):
            names.setdefault(label, len(names))
        if len(names) != len(node.sizes):  # labels without axes
            return None
        for row, _ in pairs:
            sign *= row.sign
        subscripts = tuple(tuple(names[label] for label in labels) for _, labels in pairs)
        output = tuple(names[label] for label in node.output)
        sizes = tuple(node.sizes[label] for label in names)
        key = what, subscripts, output, sizes, node.dtype
        rows = [*rows, *(row for row, _ in pairs)]
        operands = tuple((1, row.shape) for row in rows)
        return _joined(sign, self._shape(_EINSUM, key, operands), rows)

    # ---------------------------------------------------------------------- templates

    def leaves(self, shape: int) -> list[tuple[Any, tuple[Any, ...], str]]:
        """What a shape takes, in order: what it is, its sizes and its data type."""
        found: list[tuple[Any, tuple[Any, ...], str]] = []
        for kind, what, _ in self._unfolded(shape):
            if kind == _NUMBER:
                found.append((what, (), what))
            elif kind == _LEAF and isinstance(what[0], Tensor):
                source, spans = what
                found.append((what, tuple(size for size, _ in spans), source.dtype))
            elif kind == _LEAF:
                found.append((what, *what))
        return found

    def single(self, what: Any, taken: Taken) -> Tensor | sp.Expr:
        """What all terms take in one place, as a tensor or a number."""
        if taken.source is None:
            place: Tensor | sp.Expr = taken.place
            return place
        runs = tuple((start, *span) for start, span in zip(taken.place, what[1], strict=True))
        return take_runs(taken.source, runs)

    def template(self, shape: int, leaves: Sequence[Tensor | sp.Expr]) -> Tensor:
        """The node of a shape.

        Args:
            shape: its number.
            leaves: what it takes: tensors, and numbers where they are the same in all terms.
        """
        given = iter(leaves)
        values: list[Tensor | sp.Expr] = []
        for kind, what, operands in self._unfolded(shape):
            if kind in (_LEAF, _NUMBER):
                values.append(next(given))
                continue
            if kind == _FIXED:
                values.append(what)
                continue
            start = len(values) - len(operands)
            parts, values = values[start:], values[:start]
            signs = [sign for sign, _ in operands]
            values.append(_MAKERS[kind](what, signs, parts))
        (result,) = values
        if isinstance(result, Tensor):
            return result
        return contract(result, (), (), (), {}, self.recipes[shape][1])

    def _unfolded(self, shape: int) -> list[tuple[int, Any, tuple[tuple[int, int], ...]]]:
        """The recipes of a shape and of all that it is made of, operands first."""
        found = []
        stack = [shape]
        while stack:
            recipe = self.recipes[stack.pop()]
            found.append(recipe)
            stack.extend(number for _, number in recipe[2])
        return found[::-1]


def _joined(sign: int, shape: int, rows: Sequence[Row]) -> Row:
    taken = tuple([each for row in rows for each in row.taken])
    return Row(sign, shape, taken, 1 + max(row.depth for row in rows))


# A number is a coefficient where it is the same in all terms, else an operand.


def _applied(what: Any, signs: Sequence[int], parts: Sequence[Any]) -> Tensor:
    operation, params = what
    operands = tuple(_signed(sign, part) for sign, part in zip(signs, parts, strict=True))
    return apply(operation, operands, params)


def _signed(sign: int, part: Any, dtype: str = "float") -> Tensor:
    if not isinstance(part, Tensor):
        return contract(sign * part, (), (), (), {}, dtype)
    return part if sign > 0 else _scaled([-1], part)


def _scaled(factors: Sequence[Any], part: Tensor) -> Tensor:
    """Numbers, and tensors of rank 0, times a tensor."""
    coefficient = sp.S.One
    operands: list[Tensor] = [part]
    for factor in factors:
        if isinstance(factor, Tensor):
            operands.append(factor)
        else:
            coefficient = coefficient * factor
    labels = tuple(range(part.rank))
    subscripts = [labels, *[()] * (len(operands) - 1)]
    sizes = dict(enumerate(part.shape))
    return contract(coefficient, operands, subscripts, labels, sizes, part.dtype)


def _added(what: Any, signs: Sequence[int], parts: Sequence[Any]) -> Tensor:
    kinds, shape, dtype = what
    given = iter(zip(signs, parts, strict=True))
    terms = []
    for kind in kinds:
        factors = [next(given)[1]] if kind == "number" else [] if kind is None else [kind]
        sign, part = next(given)
        tensor = _signed(1, part, dtype)
        terms.append((sp.Integer(sign), _scaled(factors, tensor) if factors else tensor))
    return add_terms(terms, shape, dtype)


def _contracted(what: Any, signs: Sequence[int], parts: Sequence[Any]) -> Tensor:
    factor, subscripts, output, sizes, dtype = what
    coefficient = sp.S.One if factor in (None, "number") else factor
    labels, operands = list(subscripts), list(parts)
    if factor == "number":
        if isinstance(parts[0], Tensor):
            labels = [(), *labels]
        else:
            coefficient, operands = sp.sympify(parts[0]), operands[1:]
    tensors = [_signed(1, operand, dtype) for operand in operands]
    return contract(coefficient, tensors, labels, output, dict(enumerate(sizes)), dtype)


_MAKERS: Mapping[int, Any] = {_APPLY: _applied, _ADD: _added, _EINSUM: _contracted}
