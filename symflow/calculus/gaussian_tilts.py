"""Exponentials of quadratics as a change of the normal distribution.

``E[exp(q(x)) f(x)] = E[exp(q(x))] E'[f(x)]``, where under ``E'`` the variables are normal with
other means and covariances: the exponential of a quadratic times a normal density is one again.
With ``q(m + d) = q(m) + h'd + d'A d`` and covariance ``S``, provided that ``I - 2 S A`` has
positive eigenvalues, and ``P`` its inverse,

- ``E[exp(q)] = det(P)^(1/2) exp(q(m) + h'P S h / 2)``,
- the mean of ``u`` moves by ``Cov(u, x) P'h``, the covariance of ``u`` and ``w`` by
  ``Cov(u, x) 2 A P Cov(x, w)``

(The Matrix Cookbook, section 8.1: the product of Gaussian densities).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import sympy as sp

from symflow.calculus.derivatives import jacobians
from symflow.calculus.gaussian import Moments
from symflow.calculus.monomials import Expansion, Factor, Term
from symflow.calculus.systems import tied_axes, viewed
from symflow.core.add import constant
from symflow.core.dims import Dim, is_one, same_shape
from symflow.core.einsum import Einsum, contract
from symflow.core.node import Tensor
from symflow.core.walk import transform
from symflow.errors import ClosedFormError, DomainError
from symflow.ops.arithmetic import broadcast_to, power
from symflow.ops.creation import eye
from symflow.ops.elementwise import exp
from symflow.ops.facts import has
from symflow.ops.linalg import det, inv

Labels = tuple[int, ...]
Tidy = Callable[[Tensor], Tensor]
_SOURCE = (100_000, 100_001)  # labels of the axis of a vector, beside those of a term


@dataclass(frozen=True)
class Part:
    """A tensor with labels: those of what it is a moment of, then those of the exponent."""

    node: Tensor
    labels: Labels


@dataclass(frozen=True)
class Condition:
    """What makes an expectation finite.

    Attributes:
        matrix: a number or a tensor whose entries are positive, or a matrix (over leading axes)
            whose eigenvalues are.
        eigenvalues: which of the two.
    """

    matrix: Tensor
    eigenvalues: bool

    def __str__(self) -> str:
        return f"eigenvalues of {self.matrix} > 0" if self.eigenvalues else f"{self.matrix} > 0"


@dataclass(frozen=True)
class Tilt:
    """How a factor ``exp(q)`` changes means and covariances, and its own expectation.

    Attributes:
        weight: ``E[exp(q)]``.
        source: what the moves go by: an affine expression with the labels of its axes.
        first: the mean of ``u`` moves by ``Cov(u, source)`` times this.
        second: the covariance of ``u`` and ``w`` moves by ``Cov(u, source)`` times this times
            ``Cov(w, source)``, there with the labels ``primed``; None where it does not move.
        conditions: what makes the expectation finite.
    """

    weight: Part
    source: Tensor
    labels: Labels
    first: Part
    second: Part | None
    primed: Labels
    conditions: tuple[Condition, ...]


def exponent_of(factors: Sequence[Factor], sizes: dict[int, Dim]) -> Part:
    """The sum of several exponents, over all of their labels."""
    labels = tuple(dict.fromkeys(label for factor in factors for label in factor.labels))
    total: Tensor | None = None
    for factor in factors:
        held = {label: sizes[label] for label in (*labels, *factor.labels)}
        arguments = (sp.S.One, (factor.node,), (factor.labels,), labels, held, factor.node.dtype)
        spread = contract(*arguments)
        total = spread if total is None else total + spread
    assert total is not None
    return Part(total, labels)


def tilt(exponent: Part, moments: Moments, expansion: Expansion, tidy: Tidy) -> Tilt:
    """The change of distribution that ``exp(q)`` makes.

    Raises:
        ClosedFormError: where the exponent is no quadratic, or one of several variables.
        DomainError: where the expectation is known to be infinite.
    """
    q, labels = exponent.node, exponent.labels
    if expansion.degree(q) < 2:
        return _linear(exponent, moments)
    terms = expansion.terms(q)
    if any(term.functions or term.of("exponent") or len(term.of("affine")) > 2 for term in terms):
        raise ClosedFormError(
            f"the expectation of exp({q}) has no closed form: the exponent is no quadratic"
        )
    common = _entrywise(terms)
    if common is not None:
        a, b, c = (_coefficient(terms, common, degree) for degree in (2, 1, 0))
        return _by_entry(common, (a, b, c), labels, moments, tidy)
    variables = moments.variables(q)
    if len(variables) == 1:
        (x,) = variables
        (slope,) = jacobians(q, [x], moments.calculus)
        if not x.shape or _is_diagonal(slope, q, x):
            return _by_entry(x, _taylor(q, x, moments), labels, moments, tidy)
    return _by_matrix(exponent, moments, tidy)


def _linear(exponent: Part, moments: Moments) -> Tilt:
    q, labels = exponent.node, exponent.labels
    variance = _diagonal(moments.cov(q, q), q)
    weight = exp(moments.mean(q) + variance / 2)
    one = Part(_ones(q), labels)
    return Tilt(Part(weight, labels), q, labels, one, None, (), ())


def _ones(q: Tensor) -> Tensor:
    sizes: dict[int, Dim] = dict(enumerate(q.shape))
    return contract(sp.S.One, (), (), tuple(sizes), sizes, q.dtype)


def _diagonal(covariance: Tensor | None, q: Tensor) -> Tensor:
    """The variances of the entries of ``q``."""
    labels = tuple(range(q.rank))
    sizes: dict[int, Dim] = dict(enumerate(q.shape))
    if covariance is None:
        return contract(sp.S.Zero, (), (), labels, sizes, q.dtype)
    return contract(sp.S.One, (covariance,), (labels + labels,), labels, sizes, q.dtype)


# ------------------------------------------------------------------------ entry by entry


def _entrywise(terms: Sequence[Term]) -> Tensor | None:
    """The one expression in which a quadratic goes entry by entry; None where it does not."""
    found: set[Tensor] = set()
    for term in terms:
        for factor in term.of("affine"):
            if factor.labels != term.output or len(set(factor.labels)) < len(factor.labels):
                return None
            found.add(factor.node)
    return found.pop() if len(found) == 1 else None


def _is_diagonal(slope: Tensor, q: Tensor, x: Tensor) -> bool:
    """Whether every entry of ``q`` depends on the same entry of ``x`` alone."""
    if not same_shape(q.shape, x.shape):
        return False
    wide = [axis for axis, size in enumerate(x.shape) if not is_one(size)]
    tied = tied_axes(slope, x.rank)
    return all(tied.get(x.rank + axis) == axis for axis in wide)


def _taylor(q: Tensor, x: Tensor, moments: Moments) -> tuple[Tensor, Tensor, Tensor]:
    """The coefficients of a quadratic in every entry of ``x``, or in the one number ``x``."""
    at = [q]
    for _ in range(2):
        (slope,) = jacobians(at[-1], [x], moments.calculus)
        own = tuple(range(q.rank))
        at.append(slope if not x.shape else viewed(slope, (*own, *own), own))
    zero = constant(sp.S.Zero, x.shape, x.dtype)
    c, b, twice = transform(at, lambda node: None, {x: zero})
    return twice / 2, b, c


def _by_entry(
    z: Tensor,
    coefficients: tuple[Tensor, Tensor, Tensor],
    labels: Labels,
    moments: Moments,
    tidy: Tidy,
) -> Tilt:
    """``q = a z^2 + b z + c`` in every entry; of a number ``z`` in every entry of ``q``."""
    a, b, c = map(tidy, coefficients)
    m, v = (broadcast_to(x, a.shape) for x in (moments.mean(z), _diagonal(moments.cov(z, z), z)))
    spread = tidy(a * v * -2 + 1)
    conditions = _checked(spread, has_nonpositive(a))
    inverse = power(spread, -1)
    weight = power(spread, sp.Rational(-1, 2)) * exp(
        c + (a * m**2 + b * m + b**2 * v / 2) * inverse
    )
    first = (b + a * m * 2) * inverse
    second, axes = Part(a * inverse * 2, labels), labels[: z.rank]
    return Tilt(Part(weight, labels), z, axes, Part(first, labels), second, axes, conditions)


def has_nonpositive(a: Tensor) -> bool:
    """Whether no entry is known to be positive."""
    return has(a, "nonpositive") or has(a, "negative")


def _coefficient(terms: Sequence[Term], z: Tensor, degree: int) -> Tensor:
    """What multiplies a power of ``z`` in a quadratic that goes entry by entry."""
    labels = tuple(range(z.rank))
    sizes: dict[int, Dim] = dict(enumerate(z.shape))
    total = contract(sp.S.Zero, (), (), labels, sizes, z.dtype)
    for term in terms:
        if len(term.of("affine")) != degree:
            continue
        given = term.of("given")
        total = total + contract(
            term.coefficient,
            tuple(factor.node for factor in given),
            tuple(factor.labels for factor in given),
            term.output,
            dict(term.sizes),
            z.dtype,
        )
    return total


def _checked(spread: Tensor, safe: bool) -> tuple[Condition, ...]:  # noqa: FBT001
    """The condition that entries are positive, unless it is known to hold.

    Raises:
        DomainError: where it is known not to hold.
    """
    if isinstance(spread, Einsum) and not spread.operands:
        if spread.coefficient.is_positive:
            return ()
        if spread.coefficient.is_nonpositive:
            raise DomainError(
                f"the expectation is infinite: {spread} is not positive, so the exponential grows "
                "faster than the normal density falls"
            )
    return () if safe or has(spread, "positive") else (Condition(spread, eigenvalues=False),)


# -------------------------------------------------------------------------- as a matrix


def _by_matrix(exponent: Part, moments: Moments, tidy: Tidy) -> Tilt:
    """A quadratic of one vector."""
    q, labels = exponent.node, exponent.labels
    variables = moments.variables(q)
    if len(variables) > 1 or variables[0].rank != 1:
        names = ", ".join(map(str, variables))
        raise ClosedFormError(
            f"the expectation of exp({q}) is known for a quadratic of one vector, not of {names}: "
            "write them as one vector with one covariance, and take slices of it"
        )
    (x,) = variables
    (slope,) = jacobians(q, [x], moments.calculus)
    (curvature,) = jacobians(slope, [x], moments.calculus)
    A, batch = _without_batch(tidy(curvature / 2), labels)
    at_mean, h = (transform([f], lambda node: None, {x: moments.means[x]})[0] for f in (q, slope))
    h = tidy(h)
    S = moments.blocks[x, x]
    M = tidy(eye(x.shape[0], dtype=q.dtype) - S @ A * 2)
    P = inv(M)
    i, j = _SOURCE
    sizes: dict[int, Dim] = dict(zip((*labels, i, j), (*q.shape, *x.shape, *x.shape), strict=True))
    inner = tidy(P @ S)
    forms = (h, inner, h), ((*labels, i), (*batch, i, j), (*labels, j))
    square = contract(sp.S.Half, *forms, labels, sizes, q.dtype)
    root = power(det(M), sp.Rational(-1, 2))
    held = {label: sizes[label] for label in labels}
    weight = contract(
        sp.S.One, (root, exp(at_mean + square)), (batch, labels), labels, held, q.dtype
    )
    first = contract(sp.S.One, (P, h), ((*batch, j, i), (*labels, j)), (*labels, i), sizes, q.dtype)
    second = A @ P * 2
    return Tilt(
        Part(weight, labels),
        x,
        (i,),
        Part(first, (*labels, i)),
        Part(second, (*batch, i, j)),
        (j,),
        _of_eigenvalues(A, M),
    )


def _without_batch(A: Tensor, labels: Labels) -> tuple[Tensor, Labels]:
    """A matrix over the labels of an exponent, without those along which it does not vary."""
    if not labels or not isinstance(A, Einsum):
        return A, labels
    held = {label for s in A.subscripts for label in s}
    lead = A.output[: len(labels)]
    kept = [k for k, label in enumerate(lead) if label in held or A.output.count(label) > 1]
    output = (*(lead[k] for k in kept), *A.output[len(labels) :])
    gone = set(lead) - set(output)
    sizes = {label: size for label, size in enumerate(A.sizes) if label not in gone}
    bare = contract(A.coefficient, A.operands, A.subscripts, output, sizes, A.dtype)
    return bare, tuple(labels[k] for k in kept)


def _of_eigenvalues(A: Tensor, M: Tensor) -> tuple[Condition, ...]:
    if has(-A, "positive_semidefinite") or has(-A, "positive_definite"):
        return ()
    return (Condition(M, eigenvalues=True),)
