"""The distributions of ``jax.scipy.stats``: log-densities, distribution functions, quantiles."""

from collections.abc import Mapping
from types import MappingProxyType, ModuleType
from typing import TYPE_CHECKING as _TYPE_CHECKING

from symflow.ops.absent import refusing as _refusing
from symflow.stats import bernoulli as bernoulli
from symflow.stats import beta as beta
from symflow.stats import betabinom as betabinom
from symflow.stats import binom as binom
from symflow.stats import cauchy as cauchy
from symflow.stats import chi2 as chi2
from symflow.stats import dirichlet as dirichlet
from symflow.stats import expon as expon
from symflow.stats import gamma as gamma
from symflow.stats import gennorm as gennorm
from symflow.stats import geom as geom
from symflow.stats import gumbel_l as gumbel_l
from symflow.stats import gumbel_r as gumbel_r
from symflow.stats import laplace as laplace
from symflow.stats import logistic as logistic
from symflow.stats import multinomial as multinomial
from symflow.stats import multivariate_normal as multivariate_normal
from symflow.stats import nbinom as nbinom
from symflow.stats import norm as norm
from symflow.stats import pareto as pareto
from symflow.stats import poisson as poisson
from symflow.stats import t as t
from symflow.stats import truncnorm as truncnorm
from symflow.stats import uniform as uniform
from symflow.stats import vonmises as vonmises
from symflow.stats import wrapcauchy as wrapcauchy
from symflow.stats._core import sem as sem

DISTRIBUTIONS: Mapping[str, ModuleType] = MappingProxyType(
    {
        "bernoulli": bernoulli,
        "beta": beta,
        "betabinom": betabinom,
        "binom": binom,
        "cauchy": cauchy,
        "chi2": chi2,
        "dirichlet": dirichlet,
        "expon": expon,
        "gamma": gamma,
        "gennorm": gennorm,
        "geom": geom,
        "gumbel_l": gumbel_l,
        "gumbel_r": gumbel_r,
        "laplace": laplace,
        "logistic": logistic,
        "multinomial": multinomial,
        "multivariate_normal": multivariate_normal,
        "nbinom": nbinom,
        "norm": norm,
        "pareto": pareto,
        "poisson": poisson,
        "t": t,
        "truncnorm": truncnorm,
        "uniform": uniform,
        "vonmises": vonmises,
        "wrapcauchy": wrapcauchy,
    }
)

__all__ = [
    "DISTRIBUTIONS",
    "bernoulli",
    "beta",
    "betabinom",
    "binom",
    "cauchy",
    "chi2",
    "dirichlet",
    "expon",
    "gamma",
    "gennorm",
    "geom",
    "gumbel_l",
    "gumbel_r",
    "laplace",
    "logistic",
    "multinomial",
    "multivariate_normal",
    "nbinom",
    "norm",
    "pareto",
    "poisson",
    "sem",
    "t",
    "truncnorm",
    "uniform",
    "vonmises",
    "wrapcauchy",
]

if not _TYPE_CHECKING:  # type checkers know the names that there are
    __getattr__ = _refusing("symflow.stats", "stats")
