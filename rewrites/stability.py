"""Stability: forms that neither overflow nor cancel, equal to the formulas that they replace.

Three sets, used one after the other: names and differences have to be seen as they are written,
before their parts are made stable.  The rules stand in ``stability_*.py``, by family.
"""

from collections.abc import Iterator

from rewrites.stability_exponentials import (
    differences_of_logs,
    exponentials,
    logs_of_differences,
)
from rewrites.stability_moments import moments
from rewrites.stability_polynomials import collected, fractions, polynomials
from rewrites.stability_quotients import rationalised
from rewrites.stability_roots import differences_of_roots, one_plus, one_plus_less_one, squares
from rewrites.stability_series import remainders, remainders_at_one
from rewrites.stability_statistics import (
    distances,
    log_of_means,
    one_plus_exps,
    sigmoid_factors,
    tails,
    weighted,
)
from rewrites.stability_trigonometry import (
    cancellation_of_angles,
    differences_of_angles,
    inverse_hyperbolic,
)
from symflow.ops.arithmetic import sqrt
from symflow.ops.choice import where
from symflow.ops.elementwise import exp, expm1, log, log1p
from symflow.rewriting.kinds import Real
from symflow.rewriting.rule import Rule, Theory, theory

_NAN = float("nan")


@theory("domains")
def domains(x: Real) -> Iterator[Rule]:
    """A function and its inverse gone, the domain kept."""
    yield Rule("square-of-root", sqrt(x) * sqrt(x), where(x >= 0, x, _NAN))
    yield Rule("exp-of-log", exp(log(x)), where(x >= 0, x, _NAN))
    yield Rule("exp-of-log1p", exp(log1p(x)), where(x >= -1, 1 + x, _NAN))
    yield Rule("expm1-of-log1p", expm1(log1p(x)), where(x >= -1, x, _NAN))


SPELLED: tuple[Theory, ...] = (inverse_hyperbolic, logs_of_differences, one_plus_exps)
DIFFERENCES: tuple[Theory, ...] = (
    rationalised,
    fractions,
    one_plus_less_one,
    differences_of_roots,
    differences_of_angles,
    differences_of_logs,
    moments,
    distances,
    collected,
)
STABILITY: tuple[Theory, ...] = (
    polynomials,
    exponentials,
    cancellation_of_angles,
    squares,
    one_plus,
    tails,
    weighted,
    sigmoid_factors,
    log_of_means,
    remainders,
    remainders_at_one,
    collected,
    domains,
)
