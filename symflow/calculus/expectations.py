"""Expectations over normal variables: expressions taken apart, terms settled, summands added."""

from collections.abc import Callable, Mapping, Sequence

import sympy as sp

from symflow.calculus.gaussian import Moments
from symflow.calculus.gaussian_laws import GaussianLaws
from symflow.calculus.gaussian_terms import (
    Average,
    Distribution,
    TermExpectations,
    is_zero,
)
from symflow.calculus.gaussian_tilts import Condition, Part
from symflow.calculus.monomials import AFFINE, Expansion, Factor, Term, joined
from symflow.core.add import Add, add_terms
from symflow.core.apply import Apply, apply
from symflow.core.dims import Dim
from symflow.core.einsum import Einsum, contract
from symflow.core.node import Tensor
from symflow.core.operation import Operation
from symflow.core.walk import transform
from symflow.errors import ClosedFormError
from symflow.ops.choice import HEAVISIDE

Tidy = Callable[[Tensor], Tensor]


def expected(
    f: Tensor, moments: Moments, laws: GaussianLaws, tidy: Tidy
) -> tuple[Tensor, tuple[Condition, ...]]:
    """The expectation of ``f`` over the variables of the moments, and what makes it finite.

    Raises:
        ClosedFormError: naming the part that has no closed form.
    """
    work = _Work(moments, laws, tidy)
    return work.whole(f), tuple(work.terms.conditions)


class _Work:
    """One expectation."""

    def __init__(self, moments: Moments, laws: GaussianLaws, tidy: Tidy) -> None:
        self.laws = laws
        self.moments = moments
        self.expansion = Expansion(list(moments.means), laws)
        self.terms = TermExpectations(moments, self.expansion, tidy)
        self.tidy = tidy

    def whole(self, f: Tensor) -> Tensor:
        """Linear operations stay outside: the expectation goes through them."""
        done: dict[Tensor, Tensor] = {}
        seen: set[Tensor] = set()
        stack = [f]
        while stack:
            node = stack.pop()
            if node in seen:
                continue
            seen.add(node)
            degree = self.expansion.degree(node)
            if degree == 1:
                done[node] = self.moments.mean(node)
            elif degree and self._is_linear(node):
                stack += [operand for operand in node.operands if self.expansion.degree(operand)]
            elif degree:
                done[node] = self.node(node)
        return transform([f], lambda each: None, done)[0]

    def _is_linear(self, node: Tensor) -> bool:
        """Whether a node is linear in what is random among its operands, jointly."""
        if isinstance(node, Einsum):
            return sum(1 for operand in node.operands if self.expansion.degree(operand)) == 1
        return isinstance(node, Add) or (
            isinstance(node, Apply) and "linear" in node.operation.facts
        )

    def node(self, node: Tensor) -> Tensor:
        """The expectation of what is no linear operation."""
        summands: list[Tensor] = []
        pending = [(term, False) for term in self.expansion.terms(node)]
        while pending:
            term, opened = pending.pop()
            settled = self._settled(term, node, opened=opened)
            if isinstance(settled, list):
                pending += [(each, opened or len(term.functions) > 1) for each in settled]
            else:
                summands += self.terms.of(*settled)
        terms = [(sp.S.One, summand) for summand in summands if not is_zero(summand)]
        return add_terms(terms, node.shape, node.dtype)

    # ---------------------------------------------------------------------- functions

    def _settled(
        self, term: Term, node: Tensor, *, opened: bool
    ) -> tuple[Term, Distribution, list[Average]] | list[Term]:
        """A term with its averages, or terms that together are equal to it."""
        functions = term.functions
        distribution = self.terms.distribution(term)
        if len(functions) < 2:
            return term, distribution, [self._average(factor) for factor in functions]
        combined = self._combined(term)
        if combined is not None:
            return combined
        square = self._square(functions)
        if square is not None:
            return _without(term, functions), distribution, [square]
        if self._independent(functions, distribution):
            return term, distribution, [self._average(factor) for factor in functions]
        pair = self._pair(term, distribution)
        if pair is not None:
            return [pair]
        if not opened:
            return self._opened(term)
        names = ", ".join(str(_applied(factor)) for factor in functions)
        raise ClosedFormError(
            f"the expectation of {node} has no closed form that is known: it holds the product of "
            f"{names}"
        )

    def _average(self, factor: Factor) -> Average:
        assert isinstance(factor.kind, Operation)
        law = self.laws.mean(factor.kind)
        assert law is not None
        return Average(factor.node, factor.labels, law.equation)

    def _combined(self, term: Term) -> list[Term] | None:
        """Two functions whose product is a sum of functions; a step times itself."""
        functions = term.functions
        for k, first in enumerate(functions):
            for second in functions[k + 1 :]:
                assert isinstance(first.kind, Operation)
                assert isinstance(second.kind, Operation)
                if first.kind is HEAVISIDE and first == second:
                    kept = [f for f in functions if f is not second]
                    return [_replaced(term, functions, kept)]
                law = self.laws.product(first.kind, second.kind)
                if law is not None:
                    labels = tuple(dict.fromkeys((*first.labels, *second.labels)))
                    a, b = (_spread(f, labels, term.sizes) for f in (first, second))
                    rest = _without(term, [first, second])
                    return self._placed(rest, law.equation(a, b), labels)
        return None

    def _placed(self, rest: Term, node: Tensor, labels: Sequence[int]) -> list[Term]:
        """The terms of a product of a term and an expression under some labels."""
        sizes = dict(rest.sizes)
        everything = tuple(sizes)
        whole = Term(rest.coefficient, rest.factors, everything, sizes)
        return [
            joined([(whole, everything), (each, labels)], sp.S.One, rest.output, sizes)
            for each in self.expansion.terms(node, opened=True)
        ]

    def _square(self, functions: list[Factor]) -> Average | None:
        if len(functions) != 2 or functions[0] != functions[1]:
            return None
        factor = functions[0]
        assert isinstance(factor.kind, Operation)
        law = self.laws.square(factor.kind)
        return None if law is None else Average(factor.node, factor.labels, law.equation)

    def _independent(self, functions: list[Factor], distribution: Distribution) -> bool:
        """Whether the arguments of functions are pairwise uncorrelated."""
        return all(
            distribution.cov(a.node, b.node, (a.labels, b.labels)) is None
            for k, a in enumerate(functions)
            for b in functions[k + 1 :]
        )

    def _pair(self, term: Term, distribution: Distribution) -> Term | None:
        """Two equal functions of arguments of mean 0, and nothing else that is random."""
        functions = term.functions
        if len(functions) != 2 or term.of(AFFINE) or distribution.changed is not None:
            return None
        first, second = functions
        assert isinstance(first.kind, Operation)
        law = self.laws.pair(first.kind)
        if law is None or first.kind is not second.kind:
            return None
        means = [self.tidy(self.moments.mean(f.node)) for f in functions]
        if not all(map(is_zero, means)):
            return None
        covariance = distribution.cov(first.node, second.node, (first.labels, second.labels))
        assert covariance is not None
        labels = tuple(dict.fromkeys((*first.labels, *second.labels)))
        parts = [distribution.variance(f.node, f.labels) for f in functions]
        spread = [_of_part(part, labels, term.sizes) for part in (*parts, covariance)]
        value = law.equation(*(self.tidy(each) for each in spread))
        rest = _without(term, functions)
        return Term(
            rest.coefficient,
            (*rest.factors, Factor("given", value, labels)),
            rest.output,
            rest.sizes,
        )

    def _opened(self, term: Term) -> list[Term]:
        """The functions in terms of others, one after the other."""
        results = [_without(term, term.functions)]
        for factor in term.functions:
            applied = _applied(factor)
            results = [
                each for rest in results for each in self._placed(rest, applied, factor.labels)
            ]
        return results


def _without(term: Term, functions: Sequence[Factor]) -> Term:
    return _replaced(term, functions, [])


def _replaced(term: Term, functions: Sequence[Factor], kept: list[Factor]) -> Term:
    """A term with other factors in place of some functions (each taken once)."""
    left = list(term.factors)
    for factor in functions:
        left.remove(factor)
    return Term(term.coefficient, (*left, *kept), term.output, term.sizes)


def _applied(factor: Factor) -> Tensor:
    """The function of its argument."""
    assert isinstance(factor.kind, Operation)
    arguments: list[Tensor] = [factor.node]
    if factor.kind is HEAVISIDE:
        labels = tuple(range(factor.node.rank))
        sizes: dict[int, Dim] = dict(enumerate(factor.node.shape))
        arguments.append(contract(sp.S.Half, (), (), labels, sizes, factor.node.dtype))
    return apply(factor.kind, tuple(arguments))


def _spread(factor: Factor, labels: Sequence[int], sizes: Mapping[int, Dim]) -> Tensor:
    return _of_part(Part(factor.node, factor.labels), labels, sizes)


def _of_part(part: Part, labels: Sequence[int], sizes: Mapping[int, Dim]) -> Tensor:
    """A tensor under its labels, over all of some labels."""
    held = {label: sizes[label] for label in labels}
    return contract(sp.S.One, (part.node,), (part.labels,), tuple(labels), held, part.node.dtype)
