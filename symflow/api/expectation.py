"""``expectation``: closed forms of Gaussian integrals."""

from collections.abc import Mapping
from typing import Any

from rewrites.differentials import standard
from rewrites.expectations import gaussian
from symflow.api.simplify import simplify
from symflow.calculus.expectations import expected
from symflow.calculus.gaussian import Moments, moments
from symflow.calculus.gaussian import Normal as Normal
from symflow.calculus.gaussian_tilts import Condition
from symflow.core import Tensor, as_tensor
from symflow.core.dtypes import kind
from symflow.core.walk import postorder
from symflow.errors import ClosedFormError, DTypeError
from symflow.ops.arithmetic import cast
from symflow.ops.closure import inline


def expectation(f: Any, over: Mapping[Any, Any], *, conditions: bool = False) -> Any:
    """The expectation of ``f`` over normal variables, in closed form.

    Known are polynomials of any degree; exponentials of quadratics; ``sin``, ``cos``, ``sinh``,
    ``cosh``, ``relu``, ``abs``, ``sign``, ``heaviside``, comparisons, ``maximum``, ``minimum``,
    ``erf``, ``ndtr`` and ``gelu`` of affine expressions, entry by entry; products of one of these
    with polynomials and exponentials; products of trigonometric functions, of functions of
    independent variables, squares of ``relu``, ``abs``, ``erf`` and ``ndtr``, and pairs of these
    of mean 0. The laws stand in ``rewrites/expectations.py``.

    Args:
        f: an expression of any rank: the expectation of each of its entries.
        over: for each variable its :class:`Normal`; for a tuple of variables one of all jointly.
            Different keys are independent of each other. Covariances are taken to be symmetric
            and positive semidefinite; variances under ``abs``, ``sign`` and the like positive.
        conditions: also return what must hold for the integral to be finite.

    Returns:
        The expectation, in the shape of ``f``; with ``conditions`` also a tuple of them, empty
        where it is finite for every covariance.

    Raises:
        ClosedFormError: naming the part that has no closed form, or none that is known.
        DomainError: where the expectation is known to be infinite, a variance negative, or a
            variable declared with properties that a normal one has not.
        ShapeError: for means and covariances of other shapes.
        BudgetError: for too many terms.

    >>> import symflow as sf
    >>> import symflow.numpy as snp
    >>> n = sf.dim("n")
    >>> x, mu = sf.vector("x", n), sf.vector("mu", n)
    >>> S = sf.matrix("S", n, n, positive_definite=True)
    >>> sf.expectation(snp.outer(x, x), {x: sf.Normal(mu, S)})
    outer(mu, mu) + S
    >>> sf.expectation(snp.exp(mu @ x), {x: sf.Normal(0, S)})
    exp(mu @ S @ mu / 2)
    >>> t, v = sf.scalar("t"), sf.scalar("v", positive=True)
    >>> value, finite = sf.expectation(
    ...     snp.exp(t**2), {t: sf.Normal(0, v)}, conditions=True)
    >>> value, str(finite[0])
    (1 / sqrt(1 - 2 * v), '1 - 2 * v > 0')
    """
    value = inline(as_tensor(f))
    if any(kind(node.dtype) == "complex" for node in postorder([value])):
        raise DTypeError("expectations are of real expressions; this one has complex parts")
    if value.dtype == "bool":
        value = cast(value, "float")  # a probability
    value = simplify(value, goal="recognise")
    given, groups = moments(over, standard())
    result, found = _joint_or_iterated(value, given, groups)
    result = simplify(result)
    return (result, found) if conditions else result


Found = tuple[Tensor, tuple[Condition, ...]]


def _joint_or_iterated(f: Tensor, given: Moments, groups: list[list[Tensor]]) -> Found:
    """All variables at once; where that is not known, one group after the other."""
    try:
        return expected(f, given, gaussian(), simplify)
    except ClosedFormError as error:
        if len(groups) < 2:
            raise
        refusal = error
    for k, group in enumerate(groups):
        rest = [*groups[:k], *groups[k + 1 :]]
        others = [x for each in rest for x in each]
        try:
            inner, first = expected(f, _part(given, group), gaussian(), simplify)
            outer, second = _joint_or_iterated(simplify(inner), _part(given, others), rest)
        except ClosedFormError:
            continue
        return outer, (*first, *second)
    raise refusal


def _part(given: Moments, group: list[Tensor]) -> Moments:
    """The moments of some variables, independent of the others."""
    means = {x: given.means[x] for x in group}
    blocks = {pair: block for pair, block in given.blocks.items() if pair[0] in means}
    return Moments(means, blocks, given.calculus)
