"""Sums as polynomials: formulas of entries read into a polynomial ring and written back.

Only entry by entry: products without summed axes, sums, whole powers.  Anything else, a function or
a contraction, is a generator of the ring, told apart by the axes it runs over.
"""

from collections.abc import Iterable, Mapping
from math import prod
from typing import Any

import sympy as sp
from sympy.polys.rings import ring

from symflow.core import Add, Apply, Einsum, Tensor, add_terms, contract
from symflow.core.dims import Dim
from symflow.core.labels import Labels
from symflow.ops.arithmetic import SCALAR_POWER

Key = tuple[Tensor, Labels]
_MOST_PARTS = 48
_HIGHEST = 8


class Unfit(Exception):  # noqa: N818
    """The formula is too large, or its numbers are no fractions."""


class Ring:
    """A polynomial ring over the fractions, and the tensors that its generators stand for.

    Args:
        root: gives the axes, numbered in order.
        wanted: what is to be read.

    Raises:
        Unfit: for formulas that are too large.
    """

    def __init__(self, root: Tensor, wanted: Iterable[Key]) -> None:
        self.sizes: dict[int, Dim] = dict(enumerate(root.shape))
        self.dtype = root.dtype
        self.order = _below(list(wanted))
        leaves = [key for key in self.order if not parts(key) and not _is_literal(key[0])]
        self.leaves: list[Key] = leaves
        names = [f"x{k}" for k in range(len(leaves))] or ["x"]
        self.ring, *generators = ring(names, sp.QQ)
        self.values: dict[Key, Any] = dict(zip(leaves, generators, strict=False))
        for key in self.order:
            if key not in self.values:
                self.values[key] = self._value(key)

    def __getitem__(self, key: Key) -> Any:
        """The polynomial of a formula."""
        return self.values[key]

    def _value(self, key: Key) -> Any:
        node, _ = key
        below = [self.values[part] for part in parts(key)]
        if isinstance(node, Add):
            pairs = zip(node.coefficients, below, strict=True)
            return sum((self.number(c) * value for c, value in pairs), self.ring.zero)
        if isinstance(node, Einsum):
            result = self.number(node.coefficient) * prod(below, start=self.ring.one)
        else:
            assert isinstance(node, Apply)
            result = below[0] ** int(node.params[0])
        if result and max(map(sum, result)) > _HIGHEST:
            raise Unfit
        return result

    def number(self, value: sp.Expr) -> Any:
        """A coefficient as an element."""
        if not value.is_Rational:
            raise Unfit
        return self.ring.one * sp.QQ(value.p, value.q)

    # ------------------------------------------------------------------ back

    def tensor(self, polynomial: Any) -> Key:
        """A polynomial as a sum of products, with the axes that it runs over."""
        used = {k for monomial in polynomial for k, power in enumerate(monomial) if power}
        axes = tuple(sorted({axis for k in used for axis in self.leaves[k][1]}))
        shape = tuple(self.sizes[axis] for axis in axes)
        terms = []
        for monomial, coefficient in sorted(polynomial.items(), reverse=True):
            factors = [self.leaves[k] for k, power in enumerate(monomial) for _ in range(power)]
            value = sp.Rational(int(coefficient.numerator), int(coefficient.denominator))
            terms.append((value, self.product(factors, axes)))
        return add_terms(terms, shape, self.dtype), axes

    def product(
        self, factors: Iterable[Key], axes: Labels, coefficient: sp.Expr = sp.S.One
    ) -> Tensor:
        """Factors multiplied entry by entry, over these axes."""
        given = list(factors)
        return contract(
            coefficient,
            [node for node, _ in given],
            [labels for _, labels in given],
            axes,
            {axis: self.sizes[axis] for axis in axes},
            self.dtype,
        )


def _is_literal(node: Tensor) -> bool:
    return isinstance(node, Einsum) and not node.operands


def parts(key: Key) -> list[Key]:
    """What a sum, a product of entries or a power is made of; nothing for any other node."""
    node, axes = key
    if isinstance(node, Add):
        return [(operand, axes) for operand in node.operands]
    if isinstance(node, Apply) and node.operation is SCALAR_POWER:
        exponent = node.params[0]
        fits = exponent.is_Integer and 0 < exponent <= _HIGHEST
        return [(node.operands[0], axes)] if fits else []
    if isinstance(node, Einsum):
        return _factors(node, axes)
    return []


def _factors(node: Einsum, axes: Labels) -> list[Key]:
    if node.summed or len(set(node.output)) < len(node.output):
        return []
    if any(len(set(labels)) < len(labels) for labels in node.subscripts):
        return []
    names: Mapping[int, int] = dict(zip(node.output, axes, strict=True))
    return [
        (operand, tuple(names[label] for label in labels))
        for operand, labels in zip(node.operands, node.subscripts, strict=True)
    ]


def _below(wanted: list[Key]) -> list[Key]:
    """All parts of some formulas, those below first."""
    order: list[Key] = []
    seen: set[Key] = set()
    pending = [(key, False) for key in wanted]
    while pending:
        key, ready = pending.pop()
        if ready:
            order.append(key)
            continue
        if key in seen:
            continue
        seen.add(key)
        if len(seen) > _MOST_PARTS:
            raise Unfit
        if _is_literal(key[0]) and len(set(key[0].output)) < len(key[0].output):
            raise Unfit
        pending.append((key, True))
        pending.extend((part, False) for part in parts(key))
    return order
