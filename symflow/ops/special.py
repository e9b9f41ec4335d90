"""Special functions of ``jax.scipy.special``, entry by entry: gamma, erf, Bessel and their kin."""

from collections.abc import Callable
from typing import Any

import numpy as np
import sympy as sp

from symflow.core import dtypes
from symflow.core.convert import as_tensor
from symflow.core.node import Tensor
from symflow.core.operation import Operation
from symflow.errors import DomainError, DTypeError
from symflow.ops.arithmetic import convert, divide, elementwise, negative
from symflow.ops.elementwise import exp
from symflow.ops.records import ELEMENTWISE, binary, float_result, same_as_first, unary

_FAMILY = "special"
_WIDE = frozenset({"float", "float32", "float64"})


def _f(name: str, *facts: str, **options: Any) -> Operation:
    return unary(name, _FAMILY, *facts, **{"flops": 20, **options})


def _f2(name: str, *facts: str, **options: Any) -> Operation:
    return binary(name, _FAMILY, *facts, inputs="float", dtype=float_result, flops=30, **options)


def _several(name: str, arity: int, *facts: str, **options: Any) -> Operation:
    return Operation(
        name=name,
        family=_FAMILY,
        arity=arity,
        shape=same_as_first,
        dtype=float_result,
        facts=ELEMENTWISE | frozenset(facts),
        inputs="float",
        flops=60,
        **options,
    )


def _pair(name: str, latex: str, outputs: tuple[str, str], *facts: str) -> Operation:
    """Two functions that are computed together."""
    call = f"scipy.{name}({{0}})[{{output}}]"
    return _several(
        name,
        1,
        *facts,
        parameters=("output",),
        outputs=outputs,
        latex=latex,
        code={"jax": f"jax.{call}", "numpy": call},
    )


# ------------------------------------------------------------------------- error functions

ERFINV = _f(
    "special.erfinv", "odd", "increasing", latex=r"\operatorname{erf}^{-1}", sympy=sp.erfinv
)
NDTR = _f(
    "special.ndtr",
    "positive",
    "increasing",
    "unit_interval",
    latex=r"\Phi",
    sympy=lambda x: sp.erfc(-x / sp.sqrt(2)) / 2,
)
LOG_NDTR = _f(
    "special.log_ndtr",
    "increasing",
    latex=r"\log\Phi",
    sympy=lambda x: sp.log(sp.erfc(-x / sp.sqrt(2)) / 2),
)
NDTRI = _f(
    "special.ndtri",
    "increasing",
    latex=r"\Phi^{-1}",
    sympy=lambda p: sp.sqrt(2) * sp.erfinv(2 * p - 1),
)
LOGIT = _f(
    "special.logit",
    "increasing",
    latex=r"\operatorname{logit}",
    sympy=lambda x: sp.log(x / (1 - x)),
)
DAWSN = _f(
    "special.dawsn",
    "odd",
    latex=r"\operatorname{D}",
    sympy=lambda x: sp.sqrt(sp.pi) / 2 * sp.exp(-(x**2)) * sp.erfi(x),
)
FRESNEL = _pair("special.fresnel", r"\operatorname{fresnel}", ("S", "C"), "odd")
# JAX computes it in the default precision, whatever that of its operands.
OWENS_T = binary(
    "special.owens_t",
    _FAMILY,
    inputs="float",
    dtype=lambda operands, params: dtypes.promote(float_result(operands, params), "float"),
    latex="T",
    flops=60,
)

# --------------------------------------------------------------------------------- entropy

ENTR = _f(
    "special.entr",
    latex=r"\operatorname{entr}",
    sympy=lambda x: sp.Piecewise((-x * sp.log(x), x > 0), (0, sp.Eq(x, 0)), (-sp.oo, True)),
)
REL_ENTR = _f2(
    "special.rel_entr",
    latex=r"\operatorname{rel\_entr}",
    sympy=lambda p, q: p * sp.log(p / q),
)
KL_DIV = _f2(
    "special.kl_div",
    latex=r"\operatorname{kl}",
    sympy=lambda p, q: p * sp.log(p / q) - p + q,
)
BOXCOX = _f2(
    "special.boxcox",
    latex=r"\operatorname{boxcox}",
    sympy=lambda x, a: sp.Piecewise((sp.log(x), sp.Eq(a, 0)), ((x**a - 1) / a, True)),
)
BOXCOX1P = _f2(
    "special.boxcox1p",
    latex=r"\operatorname{boxcox1p}",
    sympy=lambda x, a: sp.Piecewise((sp.log(1 + x), sp.Eq(a, 0)), (((1 + x) ** a - 1) / a, True)),
)

# ------------------------------------------------------------------------- gamma functions

GAMMA = _f("special.gamma", latex=r"\Gamma", sympy=sp.gamma)
GAMMASGN = _f(
    "special.gammasgn",
    piecewise_constant=True,
    latex=r"\operatorname{sign}\Gamma",
    sympy=lambda x: sp.sign(sp.gamma(x)),
)
BETA = _f2("special.beta", "commutative", latex=r"\mathrm{B}", sympy=sp.beta)
BETALN = _f2(
    "special.betaln",
    "commutative",
    latex=r"\log\mathrm{B}",
    sympy=lambda a, b: sp.loggamma(a) + sp.loggamma(b) - sp.loggamma(a + b),
)
GAMMAINC = _f2(
    "special.gammainc",
    "nonnegative",
    "unit_interval",
    latex="P",
    sympy=lambda a, x: sp.lowergamma(a, x) / sp.gamma(a),
)
GAMMAINCC = _f2(
    "special.gammaincc",
    "nonnegative",
    "unit_interval",
    latex="Q",
    sympy=lambda a, x: sp.uppergamma(a, x) / sp.gamma(a),
)
BETAINC = _several(
    "special.betainc",
    3,
    "nonnegative",
    "unit_interval",
    latex=r"I_{{ {2} }}\left({0}, {1}\right)",
    sympy=lambda a, b, x: sp.betainc_regularized(a, b, 0, x),
)
POCH = _f2("special.poch", latex=r"\left({0}\right)_{{ {1} }}", sympy=sp.rf)
ZETA = _f2("special.zeta", latex=r"\zeta", sympy=sp.zeta)
SPENCE = _f(
    "special.spence",
    latex=r"\mathrm{{Li}}_2\left(1 - {0}\right)",
    sympy=lambda x: sp.polylog(2, 1 - x),
)

# ------------------------------------------------------------------ exponential integrals

EXP1 = _f("special.exp1", latex=r"E_1", sympy=lambda x: sp.expint(1, x))
EXPI = _f("special.expi", latex=r"\operatorname{Ei}", sympy=sp.Ei)
EXPN = _several(
    "special.expn",
    1,
    parameters=("order",),
    code={
        "jax": "jax.scipy.special.expn({order}, {0})",
        "numpy": "scipy.special.expn({order}, {0})",
        "text": "special.expn({order}, {0})",
    },
    latex=r"E_{{ {0} }}\left({1}\right)",
)
SICI = _pair("special.sici", r"\operatorname{sici}", ("Si", "Ci"))

# -------------------------------------------------------- Bessel, hypergeometric functions

I0 = _f("special.i0", "even", "positive", latex="I_0", sympy=lambda x: sp.besseli(0, x))
I1 = _f("special.i1", "odd", "increasing", latex="I_1", sympy=lambda x: sp.besseli(1, x))
I0E = _f(
    "special.i0e",
    "even",
    "positive",
    "unit_interval",
    latex=r"\tilde I_0",
    sympy=lambda x: sp.exp(-sp.Abs(x)) * sp.besseli(0, x),
)
I1E = _f(
    "special.i1e",
    "odd",
    latex=r"\tilde I_1",
    sympy=lambda x: sp.exp(-sp.Abs(x)) * sp.besseli(1, x),
)
# JAX divides by the argument: 0 is kept away from it, J_v(0) = [v = 0] (DLMF 10.7.3).
BESSEL_JN = _several(
    "special.bessel_jn",
    1,
    parameters=("v", "n_iter", "output"),
    defaults={"n_iter": 50},
    outputs=("J",),
    code={
        "jax": "jnp.where({0} == 0, jnp.equal({output}, 0), jax.scipy.special.bessel_jn("
        "jnp.where({0} == 0, 1, {0}), v={v}, n_iter={n_iter})[{output}])",
        "numpy": "scipy.special.jv({output}, {0})",
    },
    latex="J",
)
HYP1F1 = _several(
    "special.hyp1f1",
    3,
    latex=r"{{}}_1F_1\left({0}; {1}; {2}\right)",
    sympy=lambda a, b, x: sp.hyper([a], [b], x),
)
HYP2F1 = _several(
    "special.hyp2f1",
    4,
    latex=r"{{}}_2F_1\left({0}, {1}; {2}; {3}\right)",
    sympy=lambda a, b, c, x: sp.hyper([a, b], [c], x),
)


# ------------------------------------------------------------------------------- functions


def real(name: str, *values: Any, wide: bool = False) -> None:
    """Refuse what JAX's function of that name refuses.

    Args:
        name: the function.
        values: its arguments.
        wide: whether JAX takes nothing but floats of 32 or 64 bits.

    Raises:
        DTypeError: for complex numbers; with ``wide`` for integers and short floats, too.
    """
    for value in values:
        dtype = as_tensor(value).dtype
        fits = dtype in _WIDE if wide else dtypes.kind(dtype) != "complex"
        if not fits:
            what = "float, float32 or float64" if wide else "real numbers"
            raise DTypeError(f"special.{name} takes {what}, got {dtype}")


def called(operation: Operation, *values: Any, wide: bool = False, params: Any = ()) -> Tensor:
    """A special function of real numbers.

    Raises:
        DTypeError: for operands that JAX refuses, too.
    """
    real(operation.short_name, *values, wide=wide)
    return elementwise(operation, *values, params=params)


def _one(operation: Operation, text: str, *, wide: bool = False) -> Callable[[Any], Tensor]:
    def call(x: Any) -> Tensor:
        return called(operation, x, wide=wide)

    call.__name__ = call.__qualname__ = operation.short_name
    call.__doc__ = text
    return call


erfinv = _one(ERFINV, "The inverse of the error function, on (-1, 1).")
ndtr = _one(NDTR, "The distribution function of the standard normal distribution.", wide=True)
dawsn = _one(DAWSN, "Dawson's integral ``exp(-x**2)`` times that of ``exp(t**2)`` up to x.")
logit = _one(LOGIT, "``log(x / (1 - x))``, the inverse of ``expit``, on (0, 1).")
entr = _one(ENTR, "``-x * log(x)``; 0 at 0, minus infinity for negative x.")
gamma = _one(GAMMA, "The gamma function of real numbers (DLMF 5.2.1).")
gammasgn = _one(GAMMASGN, "The sign of the gamma function; NaN at its poles.")
spence = _one(SPENCE, "The dilogarithm of ``1 - x`` (DLMF 25.12.1).", wide=True)
exp1 = _one(EXP1, "The exponential integral E1 (DLMF 6.2.1).")
expi = _one(EXPI, "The exponential integral Ei (DLMF 6.2.5).")
i0 = _one(I0, "The modified Bessel function of order 0 (DLMF 10.25.2).")
i1 = _one(I1, "The modified Bessel function of order 1 (DLMF 10.25.2).")
i0e = _one(I0E, "``exp(-abs(x)) * i0(x)``, without overflow.")
i1e = _one(I1E, "``exp(-abs(x)) * i1(x)``, without overflow.")


def ndtri(p: Any) -> Tensor:
    """The inverse of :func:`ndtr`: quantiles of the standard normal distribution, on (0, 1)."""
    return called(NDTRI, p, wide=True)


def betaln(a: Any, b: Any) -> Tensor:
    """The logarithm of the absolute value of the beta function (DLMF 5.12.1)."""
    return called(BETALN, a, b)


def beta(a: Any, b: Any) -> Tensor:
    """The beta function ``gamma(a) * gamma(b) / gamma(a + b)`` (DLMF 5.12.1)."""
    return called(BETA, a, b)


def gammainc(a: Any, x: Any) -> Tensor:
    """The regularised lower incomplete gamma function P (DLMF 8.2.4).

    It has a derivative by ``x`` alone: that by ``a`` is no formula in functions of symflow.
    """
    return called(GAMMAINC, a, x)


def gammaincc(a: Any, x: Any) -> Tensor:
    """The regularised upper incomplete gamma function Q (DLMF 8.2.4), ``1 - gammainc(a, x)``."""
    return called(GAMMAINCC, a, x)


def betainc(a: Any, b: Any, x: Any) -> Tensor:
    """The regularised incomplete beta function (DLMF 8.17.2), differentiable by ``x`` as JAX's."""
    return called(BETAINC, a, b, x)


def poch(z: Any, m: Any) -> Tensor:
    """Pochhammer's symbol ``gamma(z + m) / gamma(z)`` (DLMF 5.2.5)."""
    return called(POCH, z, m)


def owens_t(h: Any, a: Any) -> Tensor:
    """Owen's T: the chance that ``x > h`` and ``0 < y < a * x`` for standard normal x and y."""
    return called(OWENS_T, h, a)


def rel_entr(p: Any, q: Any) -> Tensor:
    """``p * log(p / q)``; 0 for ``p = 0 <= q``, else infinite outside positive p and q."""
    return called(REL_ENTR, p, q)


def kl_div(p: Any, q: Any) -> Tensor:
    """``p * log(p / q) - p + q``, with the conventions of :func:`rel_entr`."""
    return called(KL_DIV, p, q)


def boxcox(x: Any, lmbda: Any) -> Tensor:
    """``(x**lmbda - 1) / lmbda``, and ``log(x)`` for ``lmbda = 0`` (Box and Cox 1964)."""
    return called(BOXCOX, x, lmbda)


def boxcox1p(x: Any, lmbda: Any) -> Tensor:
    """:func:`boxcox` of ``1 + x``."""
    return called(BOXCOX1P, x, lmbda)


def hyp1f1(a: Any, b: Any, x: Any) -> Tensor:
    """Kummer's function (DLMF 13.2.2), differentiable by ``x``."""
    return called(HYP1F1, a, b, x)


def hyp2f1(a: Any, b: Any, c: Any, x: Any) -> Tensor:
    """Gauss's hypergeometric function (DLMF 15.2.1), differentiable by ``x``."""
    return called(HYP2F1, a, b, c, x)


def hurwitz(x: Any, q: Any) -> Tensor:
    """The sum of ``(q + k)**-x`` over k from 0 (DLMF 25.11.1), differentiable by ``q``."""
    return called(ZETA, x, q)


def expn(n: int, x: Any) -> Tensor:
    """The exponential integral E_n (DLMF 8.19.1) of a whole order; E_0 in closed form.

    Raises:
        DomainError: for negative orders, of which JAX gives NaN.
        DTypeError: for an order that is no plain integer.
    """
    order = whole("expn", "n", n)
    if order:
        return called(EXPN, x, params=(order,))
    real("expn", x)
    (node,) = convert((x,), "float")
    return divide(exp(negative(node)), node)


def bessel_j(order: int, z: Any, n_iter: int = 50, last: int | None = None) -> Tensor:
    """The Bessel function of the first kind of an order (DLMF 10.2.2).

    One row of ``jax.scipy.special.bessel_jn``, which has rows up to ``last``; ``n_iter`` is the
    length of JAX's recurrence, which must exceed ``abs(z)``.
    """
    return called(BESSEL_JN, z, params=(order if last is None else last, n_iter, order))


def whole(name: str, argument: str, value: Any) -> int:
    """A static argument that is a whole number from 0.

    Raises:
        DTypeError: for a tensor or a float.
        DomainError: for a negative number.
    """
    if isinstance(value, bool) or not isinstance(value, (int, sp.Integer, np.integer)):
        raise DTypeError(
            f"special.{name} takes a plain integer {argument}, got {type(value).__name__}: "
            "its value must be known when the expression is built"
        )
    if value < 0:
        raise DomainError(f"special.{name}: {argument} must not be negative, got {value}")
    return int(value)
