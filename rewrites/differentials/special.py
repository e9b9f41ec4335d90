"""Differentials of special functions.

Source: NIST Digital Library of Mathematical Functions (DLMF), by number of the equation, and
D. B. Owen, "Tables for computing bivariate normal probabilities" (1956).  A derivative by a
parameter that is no formula in known functions is refused, never taken as zero.
"""

from collections.abc import Iterator

import sympy as sp

from symflow.calculus.differential import Differential
from symflow.core.einsum import Einsum, is_zero
from symflow.core.node import Tensor
from symflow.errors import DifferentialError
from symflow.ops.arithmetic import sign, square
from symflow.ops.choice import equal, where
from symflow.ops.elementwise import (
    cos,
    digamma,
    erf,
    exp,
    expm1,
    gammaln,
    log,
    log1p,
    sin,
    xlog1py,
    xlogy,
)
from symflow.ops.special import (
    BESSEL_JN,
    BETA,
    BETAINC,
    BETALN,
    BOXCOX,
    BOXCOX1P,
    DAWSN,
    ENTR,
    ERFINV,
    EXP1,
    EXPI,
    EXPN,
    FRESNEL,
    GAMMA,
    GAMMAINC,
    GAMMAINCC,
    HYP1F1,
    HYP2F1,
    I0,
    I0E,
    I1,
    I1E,
    KL_DIV,
    LOG_NDTR,
    LOGIT,
    NDTR,
    NDTRI,
    OWENS_T,
    POCH,
    REL_ENTR,
    SICI,
    SPENCE,
    ZETA,
    bessel_j,
    betaln,
    expn,
    hurwitz,
    hyp1f1,
    hyp2f1,
    i0,
    i0e,
    i1,
    i1e,
)

_D = Differential
_ROOT = sp.sqrt(2 * sp.pi)


def special() -> Iterator[Differential]:
    """Entry by entry, as ``f'(x) * dx``."""
    yield from _normal()
    yield from _entropies()
    yield from _gammas()
    yield from _integrals()
    yield from _bessel()


def _normal() -> Iterator[Differential]:
    """The error function's inverse, the normal distribution, integrals of its density."""
    yield _D(
        ERFINV,
        lambda y, x, dx: sp.sqrt(sp.pi) / 2 * exp(y**2) * dx,
        "d(y) = sqrt(pi) / 2 * exp(y**2) * dx, y = erfinv(x)",
        "DLMF 7.2.1, 7.17.1",
    )
    yield _D(
        NDTR,
        lambda y, x, dx: exp(-(x**2) / 2) / _ROOT * dx,
        "d(ndtr(x)) = exp(-x**2 / 2) / sqrt(2 * pi) * dx",
        "DLMF 7.2.2, 7.1.2",
    )
    yield _D(
        LOG_NDTR,
        lambda y, x, dx: exp(-(x**2) / 2 - y) / _ROOT * dx,
        "d(y) = exp(-x**2 / 2 - y) / sqrt(2 * pi) * dx, y = log_ndtr(x)",
        "DLMF 7.2.2",
    )
    yield _D(
        NDTRI,
        lambda y, p, dp: _ROOT * exp(y**2 / 2) * dp,
        "d(y) = sqrt(2 * pi) * exp(y**2 / 2) * dp, y = ndtri(p)",
        "DLMF 7.2.2",
    )
    yield _D(LOGIT, lambda y, x, dx: dx / (x * (1 - x)), "d(logit(x)) = dx / (x * (1 - x))")
    yield _D(
        DAWSN, lambda y, x, dx: (1 - 2 * x * y) * dx, "d(y) = (1 - 2 * x * y) * dx", "DLMF 7.2.5"
    )
    yield _D(
        FRESNEL,
        lambda y, x, dx, output: (cos if output else sin)(sp.pi / 2 * square(x)) * dx,
        "d(S(x)) = sin(pi / 2 * x**2) * dx, d(C(x)) = cos(pi / 2 * x**2) * dx",
        "DLMF 7.2.7, 7.2.8",
    )
    yield _D(
        OWENS_T,
        lambda y, h, a, dh, da: (
            exp(-(h**2) * (1 + a**2) / 2) / (1 + a**2) / (2 * sp.pi) * da
            - exp(-(h**2) / 2) * erf(a * h / sp.sqrt(2)) / (2 * _ROOT) * dh
        ),
        "d(T(h, a)) = exp(-h**2 * (1 + a**2) / 2) / (2 * pi * (1 + a**2)) * da"
        " - exp(-h**2 / 2) * erf(a * h / sqrt(2)) / sqrt(8 * pi) * dh",
        "Owen 1956, section 2",
    )


def _entropies() -> Iterator[Differential]:
    yield _D(ENTR, lambda y, x, dx: -(log(x) + 1) * dx, "d(entr(x)) = -(log(x) + 1) * dx")
    yield _D(
        REL_ENTR,
        lambda y, p, q, dp, dq: (log(p / q) + 1) * dp - p / q * dq,
        "d(rel_entr(p, q)) = (log(p / q) + 1) * dp - p / q * dq",
    )
    yield _D(
        KL_DIV,
        lambda y, p, q, dp, dq: log(p / q) * dp + (1 - p / q) * dq,
        "d(kl_div(p, q)) = log(p / q) * dp + (1 - p / q) * dq",
    )
    yield _D(
        BOXCOX,
        lambda y, x, a, dx, da: x ** (a - 1) * dx + _by_exponent(y, log(x), a) * da,
        "d(y) = x**(a - 1) * dx + (x**a * log(x) - y) / a * da, y = boxcox(x, a)",
        "for a = 0 the limit log(x)**2 / 2",
    )
    yield _D(
        BOXCOX1P,
        lambda y, x, a, dx, da: (1 + x) ** (a - 1) * dx + _by_exponent(y, log1p(x), a) * da,
        "d(y) = (1 + x)**(a - 1) * dx + ((1 + x)**a * log(1 + x) - y) / a * da",
        "for a = 0 the limit log(1 + x)**2 / 2",
    )


def _by_exponent(y: Tensor, logarithm: Tensor, a: Tensor) -> Tensor:
    """The derivative of ``(exp(a * t) - 1) / a`` by a."""
    inside = where(equal(a, 0), 1, a)
    general = (logarithm * (expm1(inside * logarithm) + 1) - y) / inside
    return where(equal(a, 0), square(logarithm) / 2, general)


def _gammas() -> Iterator[Differential]:
    yield _D(
        GAMMA,
        lambda y, x, dx: y * digamma(x) * dx,
        "d(gamma(x)) = gamma(x) * digamma(x) * dx",
        "DLMF 5.2.2",
    )
    yield _D(
        BETALN,
        lambda y, a, b, da, db: (
            (digamma(a) - digamma(a + b)) * da + (digamma(b) - digamma(a + b)) * db
        ),
        "d(betaln(a, b)) = digamma(a) * da + digamma(b) * db - digamma(a + b) * (da + db)",
        "DLMF 5.12.1, 5.2.2",
    )
    yield _D(
        BETA,
        lambda y, a, b, da, db: (
            y * (digamma(a) - digamma(a + b)) * da + y * (digamma(b) - digamma(a + b)) * db
        ),
        "d(y) = y * (digamma(a) * da + digamma(b) * db - digamma(a + b) * (da + db))",
        "DLMF 5.12.1, 5.2.2",
    )
    yield _D(
        GAMMAINC,
        lambda y, a, x, da, dx: _gamma_density(a, x) * _only(dx, GAMMAINC.name, a=da),
        "d(gammainc(a, x)) = x**(a - 1) * exp(-x) / gamma(a) * dx",
        "DLMF 8.8.13",
    )
    yield _D(
        GAMMAINCC,
        lambda y, a, x, da, dx: -_gamma_density(a, x) * _only(dx, GAMMAINCC.name, a=da),
        "d(gammaincc(a, x)) = -x**(a - 1) * exp(-x) / gamma(a) * dx",
        "DLMF 8.8.13",
    )
    yield _D(
        BETAINC,
        lambda y, a, b, x, da, db, dx: (
            exp(xlogy(a - 1, x) + xlog1py(b - 1, -x) - betaln(a, b))
            * _only(dx, BETAINC.name, a=da, b=db)
        ),
        "d(betainc(a, b, x)) = x**(a - 1) * (1 - x)**(b - 1) / beta(a, b) * dx",
        "DLMF 8.17.1, 8.17.2",
    )
    yield _D(
        POCH,
        lambda y, z, m, dz, dm: y * (digamma(z + m) - digamma(z)) * dz + y * digamma(z + m) * dm,
        "d(poch(z, m)) = poch(z, m) * (digamma(z + m) * (dz + dm) - digamma(z) * dz)",
        "DLMF 5.2.5, 5.2.2",
    )
    yield _D(
        ZETA,
        lambda y, x, q, dx, dq: -x * hurwitz(x + 1, q) * _only(dq, ZETA.name, x=dx),
        "d(zeta(x, q)) = -x * zeta(x + 1, q) * dq",
        "DLMF 25.11.17",
    )
    yield _D(
        SPENCE,
        lambda y, x, dx: where(equal(x, 1), -1, log(x) / (1 - _beside_one(x))) * dx,
        "d(spence(x)) = log(x) / (1 - x) * dx",
        "DLMF 25.12.2; -1 at 1",
    )


def _gamma_density(a: Tensor, x: Tensor) -> Tensor:
    return exp(xlogy(a - 1, x) - x - gammaln(a))


def _beside_one(x: Tensor) -> Tensor:
    return where(equal(x, 1), 2, x)


def _integrals() -> Iterator[Differential]:
    """Exponential and trigonometric integrals."""
    yield _D(
        EXP1, lambda y, x, dx: -exp(-x) / x * dx, "d(exp1(x)) = -exp(-x) / x * dx", "DLMF 6.2.1"
    )
    yield _D(EXPI, lambda y, x, dx: exp(x) / x * dx, "d(expi(x)) = exp(x) / x * dx", "DLMF 6.2.5")
    yield _D(
        EXPN,
        lambda y, x, dx, order: -expn(order - 1, x) * dx,
        "d(expn(n, x)) = -expn(n - 1, x) * dx",
        "DLMF 8.19.13",
    )
    yield _D(
        SICI,
        lambda y, x, dx, output: (cos(x) / x if output else _sinc(x)) * dx,
        "d(Si(x)) = sin(x) / x * dx, d(Ci(x)) = cos(x) / x * dx",
        "DLMF 6.2.9, 6.2.11",
    )


def _sinc(x: Tensor) -> Tensor:
    inside = where(equal(x, 0), 1, x)
    return where(equal(x, 0), 1, sin(inside) / inside)


def _bessel() -> Iterator[Differential]:
    """Bessel and hypergeometric functions."""
    yield _D(I0, lambda y, x, dx: i1(x) * dx, "d(i0(x)) = i1(x) * dx", "DLMF 10.29.3")
    yield _D(
        I1,
        lambda y, x, dx: (i0(x) - _over(y, x)) * dx,
        "d(i1(x)) = (i0(x) - i1(x) / x) * dx",
        "DLMF 10.29.2; 1 / 2 at 0",
    )
    yield _D(
        I0E,
        lambda y, x, dx: (i1e(x) - sign(x) * y) * dx,
        "d(i0e(x)) = (i1e(x) - sign(x) * i0e(x)) * dx",
        "DLMF 10.29.3",
    )
    yield _D(
        I1E,
        lambda y, x, dx: (i0e(x) - sign(x) * y - _over(y, x)) * dx,
        "d(i1e(x)) = (i0e(x) - (sign(x) + 1 / x) * i1e(x)) * dx",
        "DLMF 10.29.2; 1 / 2 at 0",
    )
    yield _D(
        BESSEL_JN,
        lambda y, x, dx, v, n_iter, output: _bessel_slope(x, n_iter, output) * dx,
        "d(J_v(x)) = (J_(v - 1)(x) - J_(v + 1)(x)) / 2 * dx",
        "DLMF 10.6.1",
    )
    yield _D(
        HYP1F1,
        lambda y, a, b, x, da, db, dx: (
            a / b * hyp1f1(a + 1, b + 1, x) * _only(dx, HYP1F1.name, a=da, b=db)
        ),
        "d(hyp1f1(a, b, x)) = a / b * hyp1f1(a + 1, b + 1, x) * dx",
        "DLMF 13.3.15",
    )
    yield _D(
        HYP2F1,
        lambda y, a, b, c, x, da, db, dc, dx: (
            a * b / c * hyp2f1(a + 1, b + 1, c + 1, x) * _only(dx, HYP2F1.name, a=da, b=db, c=dc)
        ),
        "d(hyp2f1(a, b, c, x)) = a * b / c * hyp2f1(a + 1, b + 1, c + 1, x) * dx",
        "DLMF 15.5.1",
    )


def _over(y: Tensor, x: Tensor) -> Tensor:
    """``i1(x) / x``, which is 1 / 2 at 0."""
    return where(equal(x, 0), sp.S.Half, y / where(equal(x, 0), 1, x))


def _bessel_slope(x: Tensor, n_iter: int, order: int) -> Tensor:
    if order == 0:
        return -bessel_j(1, x, n_iter)
    return (bessel_j(order - 1, x, n_iter) - bessel_j(order + 1, x, n_iter)) / 2


def _only(tangent: Tensor, name: str, **others: Tensor) -> Tensor:
    """The one ``d`` of a function whose other operands must not vary.

    Raises:
        DifferentialError: when one does: its derivative is no formula in known functions.
    """
    for argument, other in others.items():
        if not (isinstance(other, Einsum) and is_zero(other.coefficient)):
            raise DifferentialError(
                f"{name} has no derivative by {argument} that is a formula in known functions; "
                f"hold {argument} constant"
            )
    return tangent
