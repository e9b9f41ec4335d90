"""Symbolic tensor algebra: derive, simplify and export models, and run them compiled by JAX.

>>> import symflow as sf
>>> import symflow.numpy as snp
>>> n, d = sf.dims("n d")
>>> X, w, y = sf.matrix("X", n, d), sf.vector("w", d), sf.vector("y", n)
>>> residual = X @ w - y
>>> residual.shape, sf.rank_name(residual)
((n,), 'vector')

The names below load on first use (PEP 562), so that ``import symflow`` costs little; the first of
them brings in what every expression needs: its operators and its printed form.  The catalogue of
rules is loaded by the first verb, JAX by the first program that runs.
"""

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from symflow._catalogue import install as _find_catalogue

if TYPE_CHECKING:  # the same names for editors and type checkers; a test compares
    from symflow import errors as errors
    from symflow import kinds as kinds
    from symflow import linalg as linalg
    from symflow import nn as nn
    from symflow import numpy as numpy
    from symflow import special as special
    from symflow import stats as stats
    from symflow import strategies as strategies
    from symflow.api.derivation import derive as derive
    from symflow.api.derivatives import grad as grad
    from symflow.api.derivatives import hessian as hessian
    from symflow.api.derivatives import hvp as hvp
    from symflow.api.derivatives import jacobian as jacobian
    from symflow.api.derivatives import jvp as jvp
    from symflow.api.derivatives import value_and_grad as value_and_grad
    from symflow.api.derivatives import vhp as vhp
    from symflow.api.derivatives import vjp as vjp
    from symflow.api.expectation import Normal as Normal
    from symflow.api.expectation import expectation as expectation
    from symflow.api.graph import graph as graph
    from symflow.api.implicit import implicit as implicit
    from symflow.api.lower import lower as lower
    from symflow.api.operators import curl as curl
    from symflow.api.operators import directional as directional
    from symflow.api.operators import divergence as divergence
    from symflow.api.operators import laplacian as laplacian
    from symflow.api.rules import rule as rule
    from symflow.api.rules import theory as theory
    from symflow.api.simplify import derivation as derivation
    from symflow.api.simplify import rewrite as rewrite
    from symflow.api.simplify import simplify as simplify
    from symflow.api.strategies import collect as collect
    from symflow.api.strategies import expand as expand
    from symflow.api.strategies import factor as factor
    from symflow.api.strategies import normalise as normalise
    from symflow.api.structure import structure as structure
    from symflow.api.sympy import from_sympy as from_sympy
    from symflow.api.sympy import to_sympy as to_sympy
    from symflow.api.text import export as export
    from symflow.api.text import latex as latex
    from symflow.api.text import parse as parse
    from symflow.api.text import pretty as pretty
    from symflow.api.text import text as text
    from symflow.api.verify import verify as verify
    from symflow.core import Tensor as Tensor
    from symflow.core import dim as dim
    from symflow.core import dims as dims
    from symflow.core import matrix as matrix
    from symflow.core import rank_name as rank_name
    from symflow.core import scalar as scalar
    from symflow.core import tensor as tensor
    from symflow.core import vector as vector
    from symflow.errors import BatchingError as BatchingError
    from symflow.errors import BudgetError as BudgetError
    from symflow.errors import BudgetWarning as BudgetWarning
    from symflow.errors import ClosedFormError as ClosedFormError
    from symflow.errors import DifferentialError as DifferentialError
    from symflow.errors import DomainError as DomainError
    from symflow.errors import DTypeError as DTypeError
    from symflow.errors import LoweringError as LoweringError
    from symflow.errors import ParseError as ParseError
    from symflow.errors import RankError as RankError
    from symflow.errors import RuleError as RuleError
    from symflow.errors import ShapeError as ShapeError
    from symflow.errors import SymflowError as SymflowError
    from symflow.ops.closure import function as function
    from symflow.ops.closure import inline as inline
    from symflow.ops.scalarmap import elementwise as elementwise
    from symflow.ops.vmap import vmap as vmap
    from symflow.rewriting.engine import Budget as Budget

__version__ = "0.1.0"

_find_catalogue()

# What gives expressions their operators, NumPy's protocols and their printed form.
_FLOORS = ("symflow.ops", "symflow.numpy", "symflow.export")
# Methods that the verbs bring: the first call loads them, and with them the catalogue.
_VERBS = ("diff", "simplify", "_eval_simplify", "matvec", "solve", "dense")
_VALUES = ("structure",)

_NAMES: Mapping[str, tuple[str, ...]] = {
    "symflow.core": (
        *("Tensor", "dim", "dims", "matrix", "rank_name", "scalar", "tensor", "vector"),
    ),
    "symflow.ops.closure": ("function", "inline"),
    "symflow.ops.scalarmap": ("elementwise",),
    "symflow.ops.vmap": ("vmap",),
    "symflow.api.derivatives": (
        *("grad", "hessian", "hvp", "jacobian", "jvp", "value_and_grad", "vhp", "vjp"),
    ),
    "symflow.api.operators": ("curl", "directional", "divergence", "laplacian"),
    "symflow.api.derivation": ("derive",),
    "symflow.api.expectation": ("Normal", "expectation"),
    "symflow.api.implicit": ("implicit",),
    "symflow.api.rules": ("rule", "theory"),
    "symflow.api.simplify": ("derivation", "rewrite", "simplify"),
    "symflow.api.strategies": ("collect", "expand", "factor", "normalise"),
    "symflow.api.structure": ("structure",),
    "symflow.api.sympy": ("from_sympy", "to_sympy"),
    "symflow.api.text": ("export", "latex", "parse", "pretty", "text"),
    "symflow.api.graph": ("graph",),
    "symflow.api.lower": ("lower",),
    "symflow.api.verify": ("verify",),
    "symflow.errors": (
        *("BatchingError", "BudgetError", "BudgetWarning", "DTypeError", "DifferentialError"),
        *(
            "ClosedFormError",
            "DomainError",
            "LoweringError",
            "ParseError",
            "RankError",
            "RuleError",
            "ShapeError",
            "SymflowError",
        ),
    ),
    "symflow.rewriting.engine": ("Budget",),
}
_MODULES = ("errors", "kinds", "linalg", "nn", "numpy", "special", "stats", "strategies")
_HOMES = {name: module for module, names in _NAMES.items() for name in names}

__all__ = sorted([*_HOMES, *_MODULES])


def _load(name: str) -> Any:
    for floor in _FLOORS:
        import_module(floor)
    if "symflow.api" not in sys.modules:
        later: dict[str, Any] = {verb: _later(verb) for verb in _VERBS}
        later.update({name: _later_value(name) for name in _VALUES})
        import_module("symflow.core").attach(later)
    if name in _MODULES:
        return import_module(f"symflow.{name}")
    return getattr(import_module(_HOMES[name]), name)


def _later(verb: str) -> Callable[..., Any]:
    def method(self: Any, *arguments: Any, **options: Any) -> Any:
        import_module("symflow.api")  # attaches the methods themselves
        return getattr(self, verb)(*arguments, **options)

    return method


def _later_value(name: str) -> property:
    def value(self: Any) -> Any:
        import_module("symflow.api")
        return getattr(self, name)

    return property(value)


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'symflow' has no attribute {name!r}")
    value = _load(name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__, "__doc__", "__version__"]


class _Facade(ModuleType):
    """This module; its verb ``export`` stands before the package of the same name."""

    @property
    def export(self) -> Any:
        """The verb ``export``, see :func:`symflow.api.text.export`."""
        return _load("export")

    @export.setter
    def export(self, package: ModuleType) -> None:
        """The import system would put the package here."""


sys.modules[__name__].__class__ = _Facade
