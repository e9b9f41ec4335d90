"""The functions of ``jax.scipy.special``, whose softmax runs over all axes unless told."""

from typing import Any

from symflow.core import Tensor
from symflow.ops import composite
from symflow.ops.composite import sigmoid as expit
from symflow.ops.elementwise import digamma as digamma
from symflow.ops.elementwise import erf as erf
from symflow.ops.elementwise import erfc as erfc
from symflow.ops.elementwise import erfcx as erfcx
from symflow.ops.elementwise import gammaln as gammaln
from symflow.ops.elementwise import polygamma as polygamma
from symflow.ops.elementwise import xlog1py as xlog1py
from symflow.ops.elementwise import xlogy as xlogy
from symflow.ops.softmax import logsumexp as logsumexp
from symflow.ops.special import beta as beta
from symflow.ops.special import betainc as betainc
from symflow.ops.special import betaln as betaln
from symflow.ops.special import boxcox as boxcox
from symflow.ops.special import boxcox1p as boxcox1p
from symflow.ops.special import dawsn as dawsn
from symflow.ops.special import entr as entr
from symflow.ops.special import erfinv as erfinv
from symflow.ops.special import exp1 as exp1
from symflow.ops.special import expi as expi
from symflow.ops.special import expn as expn
from symflow.ops.special import gamma as gamma
from symflow.ops.special import gammainc as gammainc
from symflow.ops.special import gammaincc as gammaincc
from symflow.ops.special import gammasgn as gammasgn
from symflow.ops.special import hyp1f1 as hyp1f1
from symflow.ops.special import hyp2f1 as hyp2f1
from symflow.ops.special import i0 as i0
from symflow.ops.special import i0e as i0e
from symflow.ops.special import i1 as i1
from symflow.ops.special import i1e as i1e
from symflow.ops.special import kl_div as kl_div
from symflow.ops.special import logit as logit
from symflow.ops.special import ndtr as ndtr
from symflow.ops.special import ndtri as ndtri
from symflow.ops.special import owens_t as owens_t
from symflow.ops.special import poch as poch
from symflow.ops.special import rel_entr as rel_entr
from symflow.ops.special import spence as spence
from symflow.ops.special_forms import bernoulli as bernoulli
from symflow.ops.special_forms import bessel_jn as bessel_jn
from symflow.ops.special_forms import comb as comb
from symflow.ops.special_forms import factorial as factorial
from symflow.ops.special_forms import fresnel as fresnel
from symflow.ops.special_forms import log_ndtr as log_ndtr
from symflow.ops.special_forms import loggamma as loggamma
from symflow.ops.special_forms import multigammaln as multigammaln
from symflow.ops.special_forms import sici as sici
from symflow.ops.special_forms import sph_harm_y as sph_harm_y
from symflow.ops.special_forms import wofz as wofz
from symflow.ops.special_forms import zeta as zeta


def softmax(x: Any, axis: Any = None) -> Tensor:
    """``exp(x)`` scaled to sum 1 over all or some axes."""
    return composite.softmax(x, axis)


def log_softmax(x: Any, axis: Any = None) -> Tensor:
    """The logarithm of :func:`softmax`."""
    return composite.log_softmax(x, axis)


__all__ = [
    "bernoulli",
    "bessel_jn",
    "beta",
    "betainc",
    "betaln",
    "boxcox",
    "boxcox1p",
    "comb",
    "dawsn",
    "digamma",
    "entr",
    "erf",
    "erfc",
    "erfcx",
    "erfinv",
    "exp1",
    "expi",
    "expit",
    "expn",
    "factorial",
    "fresnel",
    "gamma",
    "gammainc",
    "gammaincc",
    "gammaln",
    "gammasgn",
    "hyp1f1",
    "hyp2f1",
    "i0",
    "i0e",
    "i1",
    "i1e",
    "kl_div",
    "log_ndtr",
    "log_softmax",
    "loggamma",
    "logit",
    "logsumexp",
    "multigammaln",
    "ndtr",
    "ndtri",
    "owens_t",
    "poch",
    "polygamma",
    "rel_entr",
    "sici",
    "softmax",
    "spence",
    "sph_harm_y",
    "wofz",
    "xlog1py",
    "xlogy",
    "zeta",
]
