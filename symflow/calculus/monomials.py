"""Expressions in normal variables as sums of products of what expectations are known of.

A :class:`Term` is a contraction whose factors are given tensors, affine expressions, exponentials
and functions of affine expressions.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from math import prod
from typing import Any

import sympy as sp

from symflow.calculus.gaussian_laws import GaussianLaws
from symflow.core.add import Add
from symflow.core.apply import Apply
from symflow.core.dims import Dim
from symflow.core.einsum import Einsum
from symflow.core.node import Tensor
from symflow.core.operation import Operation
from symflow.core.walk import depends_on, postorder
from symflow.errors import BudgetError, ClosedFormError
from symflow.ops.arithmetic import CAST, SCALAR_POWER
from symflow.ops.choice import WHERE
from symflow.ops.elementwise import EXP

Labels = tuple[int, ...]
GIVEN, AFFINE, EXPONENT = "given", "affine", "exponent"
MOST_TERMS = 5000


@dataclass(frozen=True)
class Factor:
    """A factor of a term: its kind (or the function), the tensor (or the argument), its labels."""

    kind: str | Operation
    node: Tensor
    labels: Labels


@dataclass(frozen=True)
class Term:
    """A contraction of factors; sizes are those of all labels, summed ones included."""

    coefficient: sp.Expr
    factors: tuple[Factor, ...]
    output: Labels
    sizes: Mapping[int, Dim]

    def of(self, kind: str) -> list[Factor]:
        """The factors of a kind."""
        return [factor for factor in self.factors if factor.kind == kind]

    @property
    def functions(self) -> list[Factor]:
        """The factors that are functions of affine expressions."""
        return [factor for factor in self.factors if isinstance(factor.kind, Operation)]

    def renamed(self, names: Mapping[int, int]) -> "Term":
        """The term with other labels."""
        factors = tuple(
            replace(factor, labels=tuple(names[label] for label in factor.labels))
            for factor in self.factors
        )
        sizes = {names[label]: size for label, size in self.sizes.items()}
        output = tuple(names[label] for label in self.output)
        return Term(self.coefficient, factors, output, sizes)


class Expansion:
    """Expands expressions in some variables."""

    def __init__(self, variables: Sequence[Tensor], laws: GaussianLaws) -> None:
        self.variables = variables
        self.laws = laws
        self._degrees: dict[Tensor, int] = {}
        self._terms: dict[Tensor, list[Term]] = {}

    def degree(self, node: Tensor) -> int:
        """0 for what is given, 1 for what is affine in the variables, 2 for all else."""
        order = postorder([node], stop=self._degrees.__contains__)
        active = depends_on(
            order, [*self.variables, *(d for d in self._degrees if self._degrees[d])]
        )
        for each in order:
            if each not in self._degrees:
                self._degrees[each] = self._degree(each) if each in active else 0
        return self._degrees[node]

    def _degree(self, node: Tensor) -> int:
        if node in self.variables:
            return 1
        below = [self._degrees[operand] for operand in node.operands]
        if isinstance(node, Add):
            return max(below)
        if isinstance(node, Einsum):
            return min(sum(below), 2)
        assert isinstance(node, Apply)
        operation = node.operation
        linear = "linear" in operation.facts or (operation is WHERE and not below[0])
        linear = linear or (operation is CAST and node.operands[0].dtype == node.dtype)
        return max(below) if linear else 2

    # ------------------------------------------------------------------------- expanding

    def terms(self, node: Tensor, *, opened: bool = False) -> list[Term]:
        """The terms of an expression; with functions opened where a law says how.

        Raises:
            ClosedFormError: naming the part that is no product or sum of what is known.
            BudgetError: for too many terms.
        """
        memo = {} if opened else self._terms
        stack = [node]
        while stack:
            current = stack[-1]
            if current in memo:
                stack.pop()
                continue
            try:
                parts = self._parts(current, opened=opened)
            except ClosedFormError:
                raise _refusal(next(filter(self._is_composite, stack), current)) from None
            waiting = [part for part in parts if part not in memo]
            if waiting:
                stack += waiting
                continue
            stack.pop()
            memo[current] = self._made(current, parts, memo)
        return memo[node]

    def _parts(self, node: Tensor, *, opened: bool) -> tuple[Tensor, ...]:
        """The expressions whose terms make those of a node."""
        if self.degree(node) < 2:
            return ()
        if isinstance(node, (Add, Einsum)):
            return tuple(operand for operand in node.operands if self.degree(operand))
        assert isinstance(node, Apply)
        if _whole_power(node):
            return node.operands
        if node.operation is EXP or self._is_known(node, opened=opened):
            return ()
        return (self._opened(node),)

    def _is_known(self, node: Apply, *, opened: bool) -> bool:
        """Whether the node is a function of one affine expression that a law knows."""
        operation = node.operation
        if opened and self.laws.opening(operation) is not None:
            return False
        first, *rest = node.operands
        affine = self.degree(first) == 1 and not any(self.degree(x) for x in rest)
        return affine and self.laws.mean(operation) is not None

    def _opened(self, node: Apply) -> Tensor:
        """The node in terms of other functions."""
        opening = self.laws.opening(node.operation)
        if opening is not None and node.operation is not CAST:
            result: Tensor = opening.equation(*node.operands)
            return result
        if node.operation is CAST and node.operands[0].dtype == "bool":
            return node.operands[0]
        if node.operation.definition is not None:
            defined: Tensor = node.operation.definition(*node.operands, *node.params)
            return defined
        raise _refusal(node)

    def _is_composite(self, node: Tensor) -> bool:
        """Whether a node was opened by its definition: what the reader wrote."""
        if not isinstance(node, Apply) or self.laws.opening(node.operation) is not None:
            return False
        return node.operation.definition is not None

    def _made(
        self, node: Tensor, parts: tuple[Tensor, ...], memo: Mapping[Tensor, list[Term]]
    ) -> list[Term]:
        degree = self.degree(node)
        if degree < 2:
            return [_single(AFFINE if degree else GIVEN, node, node)]
        if isinstance(node, Add):
            found = {operand: self._of(operand, memo) for operand in node.operands}
            return [
                replace(term, coefficient=coefficient * term.coefficient)
                for coefficient, operand in node.terms
                for term in found[operand]
            ]
        if isinstance(node, Einsum):
            return list(self._products(node, memo))
        assert isinstance(node, Apply)
        if _whole_power(node):
            return _power(memo[node.operands[0]], int(node.params[0]))
        if parts:
            return memo[parts[0]]
        if node.operation is EXP:
            return [_single(EXPONENT, node.operands[0], node)]
        return [_single(node.operation, node.operands[0], node)]

    def _of(self, node: Tensor, memo: Mapping[Tensor, list[Term]]) -> list[Term]:
        return memo[node] if self.degree(node) else [_single(GIVEN, node, node)]

    def _products(self, node: Einsum, memo: Mapping[Tensor, list[Term]]) -> Iterator[Term]:
        choices = [self._of(operand, memo) for operand in node.operands]
        _check_count(prod(map(len, choices)))
        for chosen in product(*choices):
            placed = zip(chosen, node.subscripts, strict=True)
            yield joined(placed, node.coefficient, node.output, dict(enumerate(node.sizes)))


def _refusal(node: Tensor) -> ClosedFormError:
    name = node.operation.name if isinstance(node, Apply) else "it"
    return ClosedFormError(
        f"the expectation of {node} has no closed form that is known: {name} of a normal variable "
        "is in no table; sample it, or approximate it by what has one"
    )


def _whole_power(node: Tensor) -> bool:
    """Whether a node is a power with a positive whole exponent."""
    if not isinstance(node, Apply) or node.operation is not SCALAR_POWER:
        return False
    exponent = node.params[0]
    return bool(exponent.is_Integer and exponent > 0)


def _check_count(count: int) -> None:
    if count > MOST_TERMS:
        raise BudgetError(
            f"the expectation has more than {MOST_TERMS} terms: multiply fewer sums, or lower "
            "their powers"
        )


def _single(kind: str | Operation, node: Tensor, shown: Tensor) -> Term:
    labels = tuple(range(shown.rank))
    return Term(sp.S.One, (Factor(kind, node, labels),), labels, dict(enumerate(shown.shape)))


def _power(terms: list[Term], exponent: int) -> list[Term]:
    """A power entry by entry."""
    results = terms
    for _ in range(exponent - 1):
        _check_count(len(results) * len(terms))
        results = [
            joined([(a, a_labels), (b, a_labels)], sp.S.One, a_labels, sizes)
            for a, b in product(results, terms)
            for a_labels, sizes in [_fresh(a)]
        ]
    return results


def _fresh(term: Term) -> tuple[Labels, dict[int, Dim]]:
    labels = tuple(range(len(term.output)))
    return labels, {k: term.sizes[label] for k, label in enumerate(term.output)}


def joined(
    placed: Any, coefficient: sp.Expr, output: Sequence[int], sizes: Mapping[int, Dim]
) -> Term:
    """The product of terms, each under the labels that its result has in the whole."""
    all_sizes = dict(sizes)
    same: dict[int, int] = {}
    factors: list[Factor] = []

    def find(label: int) -> int:
        while label in same:
            label = same[label]
        return label

    for term, labels in placed:
        names: dict[int, int] = {}
        for inner, outer in zip(term.output, labels, strict=True):
            if inner in names and find(names[inner]) != find(outer):
                same[find(outer)] = find(names[inner])
            names.setdefault(inner, outer)
        for label, size in term.sizes.items():
            if label not in names:
                names[label] = max(all_sizes, default=-1) + 1
                all_sizes[names[label]] = size
        factors += term.renamed(names).factors
        coefficient = coefficient * term.coefficient
    final = tuple(replace(f, labels=tuple(map(find, f.labels))) for f in factors)
    kept = {label: size for label, size in all_sizes.items() if label not in same}
    return Term(coefficient, final, tuple(map(find, output)), kept)
