"""What is known about the values of a node: positive, symmetric, diagonal ...

Inferred from declared properties through every operation, by tables; cached on the nodes.  A fact
holds wherever the node is defined (NaN excepted); sizes count as positive.  Unknown means no.
"""

from collections.abc import Iterable

import sympy as sp

from symflow.core import Add, Apply, Constant, Einsum, Scalar, Tensor, Variable, contract, dtypes
from symflow.core.walk import postorder
from symflow.ops.facts_contractions import chain as chain
from symflow.ops.facts_contractions import of_contraction
from symflow.ops.facts_operations import of_operation
from symflow.ops.known import (
    CACHE,
    MATRICES,
    NONE,
    Facts,
    closed,
    equal_sizes,
    known,
    of_array,
    of_number,
)

_MOST_TERMS = 8


def has(node: Tensor, name: str) -> bool:
    """Whether a fact is known to hold for a node.

    Args:
        node: any tensor.
        name: a property of :mod:`symflow.core.properties`, or ``negative``, ``nonpositive``.

    >>> from symflow.core import vector
    >>> from symflow.ops.elementwise import exp
    >>> has(exp(vector("x", "n")), "positive")
    True
    """
    return name in facts(node)


def facts(node: Tensor) -> Facts:
    """All facts known about a node."""
    cache = node.cache
    if cache is not None:
        found: Facts | None = cache.get(CACHE)
        if found is not None:
            return found
    if _knows_operands(node):
        return _infer(node)
    for part in postorder([node], stop=_is_known):
        if not _is_known(part):
            _infer(part)
    return known(node)


def _knows_operands(node: Tensor) -> bool:
    """Whether the facts of all operands are known; those of leaves are filled in."""
    for operand in node.operands:
        if not _is_known(operand):
            if operand.operands:
                return False
            _infer(operand)
    return True


# the rest of what is inferred holds for real numbers: squares are not negative ...
_OVER_COMPLEX = frozenset(
    {
        *("symmetric", "antisymmetric", "diagonal", "lower_triangular", "upper_triangular"),
        *("tridiagonal", "toeplitz", "circulant", "fully_symmetric", "major_symmetric"),
    }
)


def _infer(node: Tensor) -> Facts:
    """Fill the facts of a node whose operands' are known."""
    inferred = _inferred(node)
    if node.operands and dtypes.kind(node.dtype) == "complex":
        inferred = _OVER_COMPLEX.intersection(inferred)
    if node.cache is None:
        node.cache = {}
    found: Facts = closed(frozenset(inferred)) if inferred else NONE
    node.cache[CACHE] = found
    return found


def _is_known(node: Tensor) -> bool:
    return node.cache is not None and CACHE in node.cache


def _inferred(node: Tensor) -> Iterable[str]:
    if isinstance(node, Einsum):
        return of_contraction(node)
    if isinstance(node, Add):
        return _of_sum(node)
    if isinstance(node, Apply):
        return of_operation(node) | _of_type(node.dtype)
    if isinstance(node, Variable):
        more = {"orthogonal"} if "permutation" in node.properties and node.rank > 1 else set()
        return node.properties | more | _of_type(node.dtype)
    if isinstance(node, Scalar):
        return of_number(node.symbol)
    if isinstance(node, Constant):
        return of_array(node.array)
    return ()


def _of_type(dtype: str) -> Facts:
    return _BY_KIND.get(dtypes.kind(dtype), NONE)


_BY_KIND = {"bool": frozenset({"zero_one"}), "int": frozenset({"integer"})}


# --------------------------------------------------------------------------------- sums

_KEPT_BY_SUMS = frozenset(
    {
        *("nonnegative", "nonpositive", "integer", "symmetric", "antisymmetric", "diagonal"),
        *("lower_triangular", "upper_triangular", "positive_semidefinite", "tridiagonal"),
    }
)
_STRICT = (
    ("positive", "nonnegative"),
    ("negative", "nonpositive"),
    ("positive_definite", "positive_semidefinite"),
)


def _of_sum(node: Add) -> set[str]:
    found: set[str] = set()
    if all(known(operand) for operand in node.operands):
        each = [_scaled(coefficient, known(operand)) for coefficient, operand in node.terms]
        common = frozenset.intersection(*each)
        found |= common & _KEPT_BY_SUMS
        for strict, weak in _STRICT:
            if weak in common and any(strict in have for have in each):
                found.add(strict)
        if len(each) == 2 and _is_complement(node):
            found.add("in_unit_interval")
            if "zero_one" in known(_other_term(node)):
                found.add("zero_one")
    shape = node.shape
    if len(shape) >= 2 and "symmetric" not in found and equal_sizes(shape[-1], shape[-2]):
        found |= _mirrored_sum(node)
    return found


_KEPT_BY_SCALE = (
    frozenset({"positive", "nonnegative", "negative", "nonpositive", "nonzero"}) | MATRICES
)
_KEPT_BY_MINUS = frozenset(
    {
        *("symmetric", "antisymmetric", "diagonal", "lower_triangular", "upper_triangular"),
        *("tridiagonal", "nonzero"),
    }
)
_OPPOSITE = {
    "positive": "negative",
    "nonnegative": "nonpositive",
    "negative": "positive",
    "nonpositive": "nonnegative",
}


def _scaled(coefficient: sp.Expr, have: Facts) -> Facts:
    """The facts about a multiple of a term."""
    if coefficient is sp.S.One:
        return have
    number = of_number(coefficient)
    whole = frozenset({"integer"}) if "integer" in number and "integer" in have else NONE
    if "positive" in number:
        return (have & _KEPT_BY_SCALE) | whole
    kept = (have & _KEPT_BY_MINUS) | whole
    if "negative" in number:
        kept |= {_OPPOSITE[name] for name in have if name in _OPPOSITE}
    return kept


def _is_complement(node: Add) -> bool:
    """``1 - x`` with ``x`` from 0 to 1."""
    if len(node.operands) != 2:
        return False
    other = _other_term(node)
    return other is not node and "in_unit_interval" in known(other)


def _other_term(node: Add) -> Tensor:
    """The ``x`` of ``1 - x``; the node itself where it has another form."""
    for (a, one), (b, other) in (node.terms, node.terms[::-1]):
        constant = isinstance(one, Einsum) and not one.operands
        if constant and a == 1 and b == -1 and len(set(one.output)) == len(one.output):
            return other
    return node


def _mirrored_sum(node: Add) -> set[str]:
    """``A + A.T`` is its own transpose, ``A - A.T`` minus its own."""
    if len(node.operands) > _MOST_TERMS:
        return set()
    order = (*range(node.rank - 2), node.rank - 1, node.rank - 2)
    labels = tuple(range(node.rank))
    coefficients = {operand: coefficient for coefficient, operand in node.terms}
    found = {"symmetric", "antisymmetric"}
    for coefficient, operand in node.terms:
        flipped = contract(
            sp.S.One, (operand,), (labels,), order, dict(enumerate(operand.shape)), node.dtype
        )
        other = coefficients.get(flipped)
        if other != coefficient:
            found.discard("symmetric")
        if other is None or other != -coefficient:
            found.discard("antisymmetric")
        if not found:
            break
    return found
